/* Being told to stop: see interrupt.h. */
#include "system/interrupt.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

static bool is_ignored(int number) {
    struct sigaction present;
    return sigaction(number, NULL, &present) == 0 && present.sa_handler == SIG_IGN;
}

static void on_signal(uv_signal_t *handle, int number) {
    struct interrupt *interrupt = handle->data;
    (void)number;
    interrupt->heard(interrupt->data);
}

void interrupt_watch(struct interrupt *interrupt, uv_loop_t *loop, void (*heard)(void *data),
                     void *data) {
    static const int numbers[INTERRUPT_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};
    interrupt->heard = heard;
    interrupt->data = data;
    for (int i = 0; i < INTERRUPT_SIGNALS; i++) {
        uv_signal_init(loop, &interrupt->signals[i]);
        interrupt->signals[i].data = interrupt;
        if (!is_ignored(numbers[i])) uv_signal_start(&interrupt->signals[i], on_signal, numbers[i]);
    }
}

void interrupt_close(struct interrupt *interrupt) {
    for (int i = 0; i < INTERRUPT_SIGNALS; i++)
        uv_close((uv_handle_t *)&interrupt->signals[i], NULL);
}

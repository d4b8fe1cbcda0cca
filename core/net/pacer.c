/* A wake-up at an absolute time: see pacer.h. */
#include "net/pacer.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct pacer {
    uv_poll_t poll;
    uv_idle_t spinner; /* runs every turn of the loop while spinning */
    int fd;
    bool spin;
    int handles; /* not closed yet */
    int64_t at_ns;
    pacer_callback callback;
    void *data;
};

static void on_expired(uv_poll_t *poll, int status, int events) {
    struct pacer *pacer = poll->data;
    uint64_t expirations;
    (void)status;
    (void)events;
    if (read(pacer->fd, &expirations, sizeof expirations) != sizeof expirations) return;
    pacer->callback(pacer->data);
}

static void on_spin(uv_idle_t *spinner) {
    struct pacer *pacer = spinner->data;
    if (clock_now_ns() < pacer->at_ns) return;
    uv_idle_stop(spinner);
    pacer->callback(pacer->data);
}

struct pacer *pacer_new(uv_loop_t *loop, pacer_callback callback, void *data) {
    struct pacer *pacer = xcalloc(1, sizeof *pacer);
    pacer->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (pacer->fd < 0) {
        log_error("cannot create a timer: %s", strerror(errno));
        free(pacer);
        return NULL;
    }
    pacer->callback = callback;
    pacer->data = data;
    uv_poll_init(loop, &pacer->poll, pacer->fd);
    uv_idle_init(loop, &pacer->spinner);
    pacer->poll.data = pacer->spinner.data = pacer;
    pacer->handles = 2;
    uv_poll_start(&pacer->poll, UV_READABLE, on_expired);
    return pacer;
}

void pacer_spin(struct pacer *pacer) { pacer->spin = true; }

static void set_timer(struct pacer *pacer, int64_t at_ns) {
    struct itimerspec time = {0};
    time.it_value.tv_sec = at_ns / NS_PER_SECOND;
    time.it_value.tv_nsec = at_ns % NS_PER_SECOND;
    timerfd_settime(pacer->fd, TFD_TIMER_ABSTIME, &time, NULL);
}

void pacer_arm(struct pacer *pacer, int64_t at_ns) {
    pacer->at_ns = at_ns;
    if (pacer->spin) {
        uv_idle_start(&pacer->spinner, on_spin);
        return;
    }
    set_timer(pacer, at_ns > 0 ? at_ns : 1); /* 0 would disarm it */
}

void pacer_disarm(struct pacer *pacer) {
    uv_idle_stop(&pacer->spinner);
    set_timer(pacer, 0);
}

static void on_handle_closed(uv_handle_t *handle) {
    struct pacer *pacer = handle->data;
    if (--pacer->handles > 0) return;
    close(pacer->fd);
    free(pacer);
}

void pacer_close(struct pacer *pacer) {
    if (pacer == NULL) return;
    uv_close((uv_handle_t *)&pacer->poll, on_handle_closed);
    uv_close((uv_handle_t *)&pacer->spinner, on_handle_closed);
}

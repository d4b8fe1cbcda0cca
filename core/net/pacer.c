/* A wake-up at an absolute time: see pacer.h. */
#include "net/pacer.h"

#include "base/clock.h"
#include "base/list.h"

#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

static void on_expired(uv_poll_t *poll, int status, int events) {
    struct pacer *pacer = list_entry(poll, struct pacer, poll);
    uint64_t expirations;
    (void)status;
    (void)events;
    if (read(pacer->fd, &expirations, sizeof(expirations)) != sizeof(expirations)) return;
    pacer->callback(pacer);
}

static void on_spin(uv_idle_t *spinner) {
    struct pacer *pacer = list_entry(spinner, struct pacer, spinner);
    if (clock_now_ns() < pacer->at_ns) return;
    uv_idle_stop(spinner);
    pacer->callback(pacer);
}

int pacer_init(struct pacer *pacer, uv_loop_t *loop, pacer_callback callback) {
    memset(pacer, 0, sizeof(*pacer));
    pacer->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (pacer->fd < 0) return uv_translate_sys_error(errno);
    pacer->open = true;
    pacer->callback = callback;
    uv_poll_init(loop, &pacer->poll, pacer->fd);
    uv_idle_init(loop, &pacer->spinner);
    return uv_poll_start(&pacer->poll, UV_READABLE, on_expired);
}

void pacer_spin(struct pacer *pacer) { pacer->spin = true; }

void pacer_arm(struct pacer *pacer, int64_t at_ns) {
    struct itimerspec time = {0};
    pacer->at_ns = at_ns;
    if (pacer->spin) {
        uv_idle_start(&pacer->spinner, on_spin);
        return;
    }
    if (at_ns <= 0) at_ns = 1; /* 0 would disarm it */
    time.it_value.tv_sec = at_ns / NS_PER_SECOND;
    time.it_value.tv_nsec = at_ns % NS_PER_SECOND;
    timerfd_settime(pacer->fd, TFD_TIMER_ABSTIME, &time, NULL);
}

static void on_poll_closed(uv_handle_t *poll) { close(list_entry(poll, struct pacer, poll)->fd); }

void pacer_close(struct pacer *pacer) {
    if (!pacer->open) return;
    pacer->open = false;
    uv_close((uv_handle_t *)&pacer->poll, on_poll_closed);
    uv_close((uv_handle_t *)&pacer->spinner, NULL);
}

/* A wake-up at an absolute time: see pacer.h. */
#include "net/pacer.h"

#include "base/clock.h"
#include "base/list.h"

#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define NEAR_NS (20 * (int64_t)NS_PER_US)

static void set_timer(struct pacer *pacer) {
    int64_t at_ns = pacer->at_ns > 0 ? pacer->at_ns : 1; /* 0 would disarm it */
    struct itimerspec time = {
        .it_value = {.tv_sec = at_ns / NS_PER_SECOND, .tv_nsec = at_ns % NS_PER_SECOND},
    };
    pacer->set = true;
    timerfd_settime(pacer->fd, TFD_TIMER_ABSTIME, &time, NULL);
}

static void call(struct pacer *pacer) {
    uv_idle_stop(&pacer->spinner);
    pacer->armed = false;
    pacer->callback(pacer);
}

/* Of an earlier time than the present one nobody wants to hear any more. Being set anew makes the timerfd
 * unreadable as well as being read does. */
static void on_expired(uv_poll_t *poll, int status, int events) {
    struct pacer *pacer = list_entry(poll, struct pacer, poll);
    uint64_t expirations;
    (void)status;
    (void)events;
    pacer->set = false;
    if (pacer->armed && clock_now_ns() >= pacer->at_ns) call(pacer);
    if (pacer->open && !pacer->set) (void)!read(pacer->fd, &expirations, sizeof(expirations));
}

/* While spinning: every turn. While the time is near: until the loop has looked at its sockets once, without
 * sleeping; then it is left to the timerfd. */
static void on_turn(uv_idle_t *spinner) {
    struct pacer *pacer = list_entry(spinner, struct pacer, spinner);
    if (clock_now_ns() >= pacer->at_ns) {
        call(pacer);
    } else if (!pacer->spin && ++pacer->turns == 2) {
        uv_idle_stop(spinner);
        set_timer(pacer);
    }
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
    pacer->at_ns = at_ns;
    pacer->armed = true;
    pacer->turns = 0;
    if (pacer->spin || at_ns - clock_now_ns() < NEAR_NS)
        uv_idle_start(&pacer->spinner, on_turn);
    else
        set_timer(pacer);
}

static void on_poll_closed(uv_handle_t *poll) { close(list_entry(poll, struct pacer, poll)->fd); }

void pacer_close(struct pacer *pacer) {
    if (!pacer->open) return;
    pacer->open = false;
    uv_close((uv_handle_t *)&pacer->poll, on_poll_closed);
    uv_close((uv_handle_t *)&pacer->spinner, NULL);
}

/* core/net/pacer: a wake-up is never early, and a loop with a closed pacer has nothing left open. How
 * late it comes depends on the machine; that is measured, not tested. */
#include "base/clock.h"
#include "net/pacer.h"

#include "test.h"

#include <stdbool.h>

#define WAKE_UPS 50

struct alarm {
    struct pacer *pacer;
    int64_t due_ns;
    int calls, early;
};

static void ring(void *data) {
    struct alarm *alarm = data;
    alarm->calls++;
    alarm->early += clock_now_ns() < alarm->due_ns;
    if (alarm->calls == WAKE_UPS) {
        pacer_close(alarm->pacer);
        return;
    }
    alarm->due_ns += 300 * NS_PER_US;
    pacer_arm(alarm->pacer, alarm->due_ns);
}

static void run(bool spin) {
    uv_loop_t loop;
    struct alarm alarm = {0};
    uv_loop_init(&loop);
    alarm.pacer = pacer_new(&loop, ring, &alarm);
    assert_non_null(alarm.pacer);
    if (spin) pacer_spin(alarm.pacer);
    alarm.due_ns = clock_now_ns() + NS_PER_MS;
    pacer_arm(alarm.pacer, alarm.due_ns);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(alarm.calls, WAKE_UPS);
    assert_int_equal(alarm.early, 0);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void asleep_it_is_never_early(void **state) {
    (void)state;
    run(false);
}

static void spinning_it_is_never_early(void **state) {
    (void)state;
    run(true);
}

static void count(void *data) { ++*(int *)data; }

static void the_past_rings_at_once_and_disarmed_stays_silent(void **state) {
    uv_loop_t loop;
    int past = 0, disarmed = 0;
    (void)state;
    uv_loop_init(&loop);
    struct pacer *one = pacer_new(&loop, count, &past), *other = pacer_new(&loop, count, &disarmed);
    pacer_arm(one, 0);
    pacer_arm(other, clock_now_ns() + 5 * NS_PER_MS);
    pacer_disarm(other);
    int64_t until = clock_now_ns() + 20 * NS_PER_MS;
    while (clock_now_ns() < until) uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(past, 1);
    assert_int_equal(disarmed, 0);
    pacer_close(one);
    pacer_close(other);
    pacer_close(NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asleep_it_is_never_early),
        cmocka_unit_test(spinning_it_is_never_early),
        cmocka_unit_test(the_past_rings_at_once_and_disarmed_stays_silent),
    };
    return cmocka_run_group_tests_name("pacer", tests, NULL, NULL);
}

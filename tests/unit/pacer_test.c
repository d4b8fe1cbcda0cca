/* core/net/pacer: a wake-up is never early, and a loop with a closed pacer has nothing left open. How
 * late it comes depends on the machine; that is measured, not tested. */
#include "net/pacer.h"

#include "base/clock.h"
#include "base/list.h"

#include "test.h"

#include <stdbool.h>

#define WAKE_UPS 50

struct alarm {
    struct pacer pacer;
    int64_t due_ns;
    int calls, early;
};

static void ring(struct pacer *pacer) {
    struct alarm *alarm = list_entry(pacer, struct alarm, pacer);
    alarm->calls++;
    alarm->early += clock_now_ns() < alarm->due_ns;
    if (alarm->calls == WAKE_UPS) {
        pacer_close(pacer);
        return;
    }
    alarm->due_ns += 300 * NS_PER_US;
    pacer_arm(pacer, alarm->due_ns);
}

static void run(bool spin) {
    uv_loop_t loop;
    struct alarm alarm = {0};
    uv_loop_init(&loop);
    assert_int_equal(pacer_init(&alarm.pacer, &loop, ring), 0);
    if (spin) pacer_spin(&alarm.pacer);
    alarm.due_ns = clock_now_ns() + NS_PER_MS;
    pacer_arm(&alarm.pacer, alarm.due_ns);
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

static void the_past_rings_at_once_and_only_once(void **state) {
    uv_loop_t loop;
    struct alarm alarm = {.calls = WAKE_UPS - 2}; /* the next one but one would end it */
    struct pacer none = {.open = false};
    (void)state;
    uv_loop_init(&loop);
    pacer_init(&alarm.pacer, &loop, ring);
    alarm.due_ns = INT64_MAX / 2;
    pacer_arm(&alarm.pacer, 0);
    int64_t until = clock_now_ns() + 20 * NS_PER_MS;
    while (clock_now_ns() < until) uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(alarm.calls, WAKE_UPS - 1);
    pacer_close(&alarm.pacer);
    pacer_close(&alarm.pacer); /* harmless */
    pacer_close(&none);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asleep_it_is_never_early),
        cmocka_unit_test(spinning_it_is_never_early),
        cmocka_unit_test(the_past_rings_at_once_and_only_once),
    };
    return cmocka_run_group_tests_name("pacer", tests, NULL, NULL);
}

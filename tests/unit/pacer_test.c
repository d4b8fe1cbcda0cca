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

static void ring_after(struct pacer *pacer, int64_t gap_ns) {
    struct alarm *alarm = list_entry(pacer, struct alarm, pacer);
    alarm->calls++;
    alarm->early += clock_now_ns() < alarm->due_ns;
    if (alarm->calls == WAKE_UPS) {
        pacer_close(pacer);
        return;
    }
    alarm->due_ns += gap_ns;
    pacer_arm(pacer, alarm->due_ns);
}

static void ring(struct pacer *pacer) { ring_after(pacer, 300 * NS_PER_US); }
static void ring_soon(struct pacer *pacer) { ring_after(pacer, 5 * NS_PER_US); }

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

/* Arms at these distances from now, one after the other, and runs for 20 ms. */
static void assert_rings_once(int64_t first_ns, int64_t second_ns) {
    uv_loop_t loop;
    struct alarm alarm = {.calls = WAKE_UPS - 1}; /* the next one closes */
    uv_loop_init(&loop);
    pacer_init(&alarm.pacer, &loop, ring);
    pacer_arm(&alarm.pacer, clock_now_ns() + first_ns);
    for (int i = 0; i < 3; i++) uv_run(&loop, UV_RUN_NOWAIT);
    if (alarm.calls < WAKE_UPS) {
        alarm.due_ns = clock_now_ns() + second_ns;
        pacer_arm(&alarm.pacer, alarm.due_ns);
    }
    int64_t until = clock_now_ns() + 20 * NS_PER_MS;
    while (clock_now_ns() < until) uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(alarm.calls, WAKE_UPS);
    assert_int_equal(alarm.early, 0);
    assert_int_equal(uv_loop_close(&loop), 0);
}

/* Whichever of the two times is the nearer one. */
static void the_last_time_that_was_said_counts(void **state) {
    static const int64_t distances[] = {5 * NS_PER_US, 15 * NS_PER_US, 50 * NS_PER_US,
                                        2 * NS_PER_MS, 10 * NS_PER_MS};
    (void)state;
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 5; k++) assert_rings_once(distances[i], distances[k]);
}

/* Every 5 us, nearer than the loop's next turn may come. */
static void near_times_ring_one_by_one(void **state) {
    uv_loop_t loop;
    struct alarm alarm = {0};
    (void)state;
    uv_loop_init(&loop);
    pacer_init(&alarm.pacer, &loop, ring_soon);
    alarm.due_ns = clock_now_ns() + 5 * NS_PER_US;
    pacer_arm(&alarm.pacer, alarm.due_ns);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(alarm.calls, WAKE_UPS);
    assert_int_equal(alarm.early, 0);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_time_that_was_said_counts),
        cmocka_unit_test(near_times_ring_one_by_one),
        cmocka_unit_test(asleep_it_is_never_early),
        cmocka_unit_test(spinning_it_is_never_early),
        cmocka_unit_test(the_past_rings_at_once_and_only_once),
    };
    return cmocka_run_group_tests_name("pacer", tests, NULL, NULL);
}

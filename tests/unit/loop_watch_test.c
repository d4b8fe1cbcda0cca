/* Does the loop know that it comes late, whether its probe has had its turn or not? */
#include "harness/loop_watch.h"

#include "base/clock.h"

#include "test.h"

#include <time.h>

#define MS NS_PER_MS

static uv_loop_t loop;
static struct loop_watch watch;
/* One that is due as early as the watch's first probe, and one that is due before and after it. */
static struct pacer early, late;
static int64_t early_lateness, late_lateness, after_lateness;

static void on_early(struct pacer *pacer) {
    (void)pacer;
    early_lateness = loop_watch_lateness(&watch, clock_now_ns());
}

static void on_late(struct pacer *pacer) {
    static bool again;
    if (again) {
        after_lateness = loop_watch_lateness(&watch, clock_now_ns());
        uv_stop(&loop);
        return;
    }
    again = true;
    late_lateness = loop_watch_lateness(&watch, clock_now_ns());
    pacer_arm(pacer, clock_now_ns() + 5 * MS);
}

/* All three are ready when the loop comes, half a second late (so long no busy machine keeps it from a turn): the kernel reports them in the order of their times. */
static void lateness_is_known_before_the_probe_and_after_it(void **state) {
    (void)state;
    int64_t start_ns = clock_now_ns() + 200 * MS; /* long after all is armed */
    uv_loop_init(&loop);
    loop_watch_init(&watch, &loop);
    pacer_init(&early, &loop, on_early);
    pacer_init(&late, &loop, on_late);
    assert_int_equal(loop_watch_lateness(&watch, clock_now_ns()), 0);
    loop_watch_window(&watch, start_ns, start_ns + 1000 * MS);
    assert_int_equal(loop_watch_lateness(&watch, start_ns - MS), 0);
    pacer_arm(&early, start_ns - MS);
    pacer_arm(&late, start_ns + MS);
    uv_run(&loop, UV_RUN_NOWAIT);
    nanosleep(&(struct timespec){.tv_nsec = 700 * MS}, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_true(early_lateness > 400 * MS);
    assert_true(late_lateness > 400 * MS);
    assert_true(after_lateness < early_lateness); /* another turn: what was late is over */
    pacer_close(&early);
    pacer_close(&late);
    loop_watch_close(&watch);
    uv_run(&loop, UV_RUN_DEFAULT);
    loop_watch_free(&watch);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lateness_is_known_before_the_probe_and_after_it),
    };
    return cmocka_run_group_tests_name("loop_watch", tests, NULL, NULL);
}

/* core/base/clock */
#include "base/clock.h"

#include "test.h"

#include <time.h>

static void time_never_runs_back(void **state) {
    (void)state;
    int64_t previous = clock_now_ns();
    assert_true(previous > 0);
    for (int i = 0; i < 100000; i++) {
        int64_t now = clock_now_ns();
        assert_true(now >= previous);
        previous = now;
    }
}

static void it_is_the_clock_that_other_processes_read(void **state) {
    (void)state;
    struct timespec time;
    int64_t before = clock_now_ns();
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &time), 0);
    int64_t now = (int64_t)time.tv_sec * NS_PER_SECOND + time.tv_nsec;
    assert_true(before <= now && now <= clock_now_ns());
}

static void cpu_time_is_what_the_process_used(void **state) {
    (void)state;
    int64_t cpu = clock_cpu_ns(), wall = clock_now_ns();
    while (clock_cpu_ns() - cpu < 5 * NS_PER_MS) continue;
    assert_true(clock_now_ns() - wall >= 4 * NS_PER_MS);

    cpu = clock_cpu_ns();
    nanosleep(&(struct timespec){.tv_nsec = 50 * NS_PER_MS}, NULL);
    assert_true(clock_cpu_ns() - cpu < 40 * NS_PER_MS);
}

static void unix_seconds_name_the_date(void **state) {
    (void)state;
    int64_t now = (int64_t)time(NULL), seconds = clock_unix_seconds();
    assert_true(seconds >= now - 1 && seconds <= now + 2);
}

static void its_steps_are_known(void **state) {
    (void)state;
    assert_in_range(clock_resolution_ns(), 1, NS_PER_SECOND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_never_runs_back),
        cmocka_unit_test(it_is_the_clock_that_other_processes_read),
        cmocka_unit_test(cpu_time_is_what_the_process_used),
        cmocka_unit_test(its_steps_are_known),
        cmocka_unit_test(unix_seconds_name_the_date),
    };
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}

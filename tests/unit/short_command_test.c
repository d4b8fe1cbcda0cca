/* runner/system/capture: the output of a short command */
#include "../../runner/system/capture.h"

#include "base/clock.h"
#include "test.h"

#include <errno.h>
#include <stdlib.h>

static char *shell(const char *script, int seconds) {
    char *argv[] = {(char *)"sh", (char *)"-c", (char *)script, NULL};
    return capture(argv, true, seconds);
}

static void output_is_kept_of_what_succeeds(void **state) {
    (void)state;
    char *text = shell("echo one; echo two", 20);
    assert_string_equal(text, "one\ntwo\n");
    free(text);
    assert_null(shell("echo one; exit 3", 20));
    assert_int_not_equal(errno, ETIMEDOUT);
}

static void complaints_are_kept_of_what_fails(void **state) {
    static const struct {
        const char *script, *complaint;
        bool good;
    } cases[] = {
        {"echo out; echo amiss >&2; exit 1", "amiss\n", false},
        {"echo out", "", true},
        {"echo but >&2", "but\n", true},
        {"kill -KILL $$", "", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *argv[] = {(char *)"sh", (char *)"-c", (char *)cases[i].script, NULL};
        bool good;
        char *text = capture_complaint(argv, 20, &good);
        assert_string_equal(text, cases[i].complaint);
        assert_int_equal(good, cases[i].good);
        free(text);
    }
    bool good = true;
    char *text = capture_complaint((char *[]){(char[]){"/no/such/program"}, NULL}, 20, &good);
    assert_string_equal(text, "");
    assert_false(good);
    free(text);
}

static void what_hangs_is_stopped(void **state) {
    (void)state;
    int64_t began_ns = clock_now_ns();
    assert_null(shell("exec sleep 600", 1));
    assert_int_equal(errno, ETIMEDOUT);
    assert_null(shell("exec sleep 600 >/dev/null", 1)); /* its output has ended, it has not */
    assert_int_equal(errno, ETIMEDOUT);
    assert_true(clock_now_ns() - began_ns < 300 * NS_PER_SECOND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_is_kept_of_what_succeeds),
        cmocka_unit_test(complaints_are_kept_of_what_fails),
        cmocka_unit_test(what_hangs_is_stopped),
    };
    return cmocka_run_group_tests_name("capture", tests, NULL, NULL);
}

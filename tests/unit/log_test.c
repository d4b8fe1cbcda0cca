/* core/base/log */
#include "base/log.h"

#include "base/clock.h"

#include "capture.h"
#include "test.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void say_three_things(void *data) {
    char name[32]; /* gone before the last line is written */
    snprintf(name, sizeof(name), "%s", (const char *)data);
    log_open(name);
    memset(name, '?', sizeof(name) - 1);
    log_info("%d subscribers", 3);
    log_warn("slow");
    log_error("%s", "gone");
}

static void lines_open_with_the_programs_name(void **state) {
    (void)state;
    struct captured captured;
    capture(&captured, say_three_things, "sse_server");
    assert_int_equal(captured.status, 0);
    assert_string_equal(captured.out, "");
    assert_string_equal(captured.err,
                        "sse_server: 3 subscribers\nsse_server: slow\nsse_server: gone\n");
}

static void fail_after_output(void *data) {
    log_open("sse_server");
    printf("{\"type\":\"ready\"}\n");
    die(*(int *)data, "cannot listen on port %d: %s", 80, "permission denied");
}

static void die_says_why_and_loses_no_output(void **state) {
    (void)state;
    struct captured captured;
    for (int status = 1; status <= 2; status++) {
        capture(&captured, fail_after_output, &status);
        assert_int_equal(captured.status, status);
        assert_string_equal(captured.out, "{\"type\":\"ready\"}\n");
        assert_string_equal(captured.err,
                            "sse_server: cannot listen on port 80: permission denied\n");
    }
}

static void say_much(void *data) {
    (void)data;
    char text[10001];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    errno = ENOENT;
    log_info("%s", text);
    if (errno != ENOENT) exit(9);
}

static void long_lines_are_cut_and_errno_survives(void **state) {
    (void)state;
    struct captured captured;
    capture(&captured, say_much, NULL);
    assert_int_equal(captured.status, 0);
    assert_true(strlen(captured.err) > 4000 && strlen(captured.err) < 5000);
    assert_int_equal(captured.err[strlen(captured.err) - 1], '\n');
}

static void complain(unsigned int number) { log_error("subscriber %u: refused", number); }

static void complain_much(void *data) {
    (void)data;
    for (unsigned int i = 0; i < 1000; i++) complain(i);
    log_error("another matter");
    int64_t until = clock_now_ns() + NS_PER_SECOND;
    while (clock_now_ns() < until) usleep(10000);
    complain(1000);
}

static void many_alike_are_told_as_a_number(void **state) {
    (void)state;
    struct captured captured;
    capture(&captured, complain_much, NULL);
    assert_string_equal(captured.err, "pushpull: subscriber 0: refused\n"
                                      "pushpull: subscriber 1: refused\n"
                                      "pushpull: subscriber 2: refused\n"
                                      "pushpull: another matter\n"
                                      "pushpull: (997 more lines like the next one)\n"
                                      "pushpull: subscriber 1000: refused\n");
}

static void complain_to_the_end(void *data) {
    for (unsigned int i = 0; i < 5; i++) complain(i);
    if (*(bool *)data) die(1, "no more");
}

static void what_was_left_out_is_told_at_the_end(void **state) {
    (void)state;
    struct captured captured;
    bool dying = false;
    capture(&captured, complain_to_the_end, &dying);
    assert_non_null(
        strstr(captured.err, "2: refused\npushpull: (2 more lines like those above)\n"));
    dying = true;
    capture(&captured, complain_to_the_end, &dying);
    assert_non_null(strstr(captured.err, " above)\npushpull: no more\n"));
}

static void complain_five_times(void *data) {
    (void)data;
    log_all();
    for (unsigned int i = 0; i < 5; i++) complain(i);
}

static void the_runner_leaves_out_nothing(void **state) {
    (void)state;
    struct captured captured;
    capture(&captured, complain_five_times, NULL);
    assert_non_null(strstr(captured.err, "subscriber 4: refused\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_open_with_the_programs_name),
        cmocka_unit_test(die_says_why_and_loses_no_output),
        cmocka_unit_test(many_alike_are_told_as_a_number),
        cmocka_unit_test(long_lines_are_cut_and_errno_survives),
        cmocka_unit_test(what_was_left_out_is_told_at_the_end),
        cmocka_unit_test(the_runner_leaves_out_nothing),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}

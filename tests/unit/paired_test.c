/* runner/live/paired: a write has arrived when the other end has read its last byte, whoever tells first. */
#include "live/paired.h"

#include "base/clock.h"
#include "test.h"

#include <string.h>

static struct paired_message told[8];
static int count;

static void tell(void *data, const struct paired_message *message) {
    (void)data;
    assert_true(count < 8);
    told[count++] = *message;
}

static struct paired *begin(void) {
    count = 0;
    return paired_new(tell, NULL);
}

/* Takes one row, as a program tells it. */
static void take(struct paired *paired, bool of_server, const char *line, bool said, int64_t at_ns,
                 int bytes, const char *what, int first, int last) {
    json_t *pieces = json_pack("[[s, b, I, i, b, s, i, i]]", line, said, (json_int_t)at_ns, bytes,
                               0, what, first, last);
    assert_non_null(pieces);
    paired_take(paired, pieces, of_server);
    json_decref(pieces);
}

static void a_request_and_its_answer(void **state) {
    (void)state;
    struct paired *paired = begin();
    take(paired, false, "7-80", true, 100, 50, "GET", 0, 0);
    assert_int_equal(count, 0);
    take(paired, true, "7-80", false, 140, 50, "", 0, 0);
    assert_int_equal(count, 1);
    assert_false(told[0].down);
    assert_int_equal(told[0].sent_ns, 100);
    assert_int_equal(told[0].came_ns, 140);
    take(paired, true, "7-80", true, 150, 200, "200", 3, 5);
    take(paired, false, "7-80", false, 190, 200, "", 0, 0);
    assert_int_equal(count, 2);
    assert_true(told[1].down);
    assert_int_equal(told[1].first, 3);
    assert_int_equal(told[1].last, 5);
    assert_int_equal(told[1].bytes, 200);
    paired_free(paired);
}

static void the_reader_may_tell_first(void **state) {
    (void)state;
    struct paired *paired = begin();
    take(paired, false, "7-80", false, 190, 200, "", 0, 0);
    assert_int_equal(count, 0);
    take(paired, true, "7-80", true, 150, 200, "event", 1, 1);
    assert_int_equal(count, 1);
    assert_int_equal(told[0].came_ns, 190);
    paired_free(paired);
}

static void reads_cut_writes_anywhere(void **state) {
    (void)state;
    struct paired *paired = begin();
    take(paired, true, "7-80", true, 10, 100, "event", 1, 1);
    take(paired, true, "7-80", true, 20, 100, "event", 2, 2);
    take(paired, false, "7-80", false, 30, 150, "", 0, 0);
    assert_int_equal(count, 1);
    assert_int_equal(told[0].came_ns, 30);
    take(paired, false, "7-80", false, 40, 30, "", 0, 0);
    assert_int_equal(count, 1);
    take(paired, false, "7-80", false, 50, 20, "", 0, 0);
    assert_int_equal(count, 2);
    assert_int_equal(told[1].sent_ns, 20);
    assert_int_equal(told[1].came_ns, 50);
    paired_free(paired);
}

static void connections_are_apart(void **state) {
    (void)state;
    struct paired *paired = begin();
    take(paired, true, "7-80", true, 10, 100, "event", 1, 1);
    take(paired, false, "8-80", false, 30, 100, "", 0, 0);
    assert_int_equal(count, 0);
    take(paired, false, "7-80", false, 40, 100, "", 0, 0);
    assert_int_equal(count, 1);
    paired_free(paired);
}

/* Two clocks of one host differ by less than a stamp's error: nothing arrives before it was sent. */
static void nothing_comes_before_it_was_sent(void **state) {
    (void)state;
    struct paired *paired = begin();
    take(paired, true, "7-80", true, 100, 10, "event", 1, 1);
    take(paired, false, "7-80", false, 90, 10, "", 0, 0);
    assert_int_equal(told[0].came_ns, 100);
    paired_free(paired);
}

/* An end that is dead: what the other says is not kept for ever. And what is no row is none. */
static void what_waits_is_bounded(void **state) {
    (void)state;
    struct paired *paired = begin();
    for (int i = 0; i < 50000; i++) take(paired, true, "7-80", true, i, 10, "event", i + 1, i + 1);
    for (int i = 0; i < 200; i++)
        take(paired, true, "9-80", true, i * NS_PER_SECOND, 10, "event", 1, 1);
    json_t *nonsense =
        json_loads("[[], [1], [\"7-80\", true, 1, -5, false, \"\", 0, 0], 7]", 0, NULL);
    paired_take(paired, nonsense, true);
    paired_take(paired, NULL, true);
    json_decref(nonsense);
    assert_int_equal(count, 0);
    paired_free(paired);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_and_its_answer),
        cmocka_unit_test(the_reader_may_tell_first),
        cmocka_unit_test(reads_cut_writes_anywhere),
        cmocka_unit_test(connections_are_apart),
        cmocka_unit_test(nothing_comes_before_it_was_sent),
        cmocka_unit_test(what_waits_is_bounded),
    };
    return cmocka_run_group_tests_name("paired", tests, NULL, NULL);
}

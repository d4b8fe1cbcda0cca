/* core/model/cursor, and what the feed makes of one */
#include "model/cursor.h"

#include "model/feed.h"

#include "test.h"

#include <string.h>
#include <uv.h>

static void its_text_comes_back(void **state) {
    (void)state;
    static const struct cursor cases[] = {
        {0, 0},
        {0x5c1f09aa, 42},
        {UINT32_MAX, UINT64_C(999999999999999999)},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char text[CURSOR_SIZE];
        struct cursor read;
        cursor_print(text, cases[i]);
        assert_int_equal(cursor_parse(text, strlen(text), &read), 0);
        assert_int_equal(read.epoch, cases[i].epoch);
        assert_int_equal(read.number, cases[i].number);
    }
    char text[CURSOR_SIZE];
    assert_string_equal(cursor_print(text, cases[1]), "5c1f09aa-42");
}

static void anything_else_is_refused(void **state) {
    (void)state;
    static const char *const cases[] = {
        "",
        "-",
        "5c1f09aa",
        "5c1f09aa-",
        "5c1f09a-42",
        "5c1f09aab-42",
        "5C1F09AA-4",
        "5c1f09aa-4x",
        "5c1f09aa--4",
        "5c1f09aa- 4",
        " 5c1f09aa-4",
        "5c1f09aa+4",
        "5c1f09ag-4",
        "5c1f09aa-9999999999999999999",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct cursor cursor;
        assert_int_equal(cursor_parse(cases[i], strlen(cases[i]), &cursor), UV_EINVAL);
    }
}

/* Holds events 7 to 10. */
static void make_feed(struct feed *feed) {
    feed_init(feed, 4, 0x5c1f09aa);
    for (int i = 1; i <= 10; i++) feed_append(feed, (uint64_t)i, i, i, "x", 1);
}

static int seek(const struct feed *feed, const char *text, uint64_t *after) {
    *after = 4711;
    return feed_seek(feed, text, strlen(text), after);
}

static void one_of_this_life_goes_on_where_it_was(void **state) {
    (void)state;
    struct feed feed;
    uint64_t after;
    make_feed(&feed);
    assert_int_equal(seek(&feed, "5c1f09aa-8", &after), FEED_FOUND);
    assert_int_equal(after, 8);
    assert_int_equal(seek(&feed, "5c1f09aa-10", &after), FEED_FOUND);
    assert_int_equal(seek(&feed, "5c1f09aa-2", &after), FEED_FOUND); /* the gap is told later */
    assert_int_equal(after, 2);
    assert_int_equal(seek(&feed, "8", &after), FEED_FOUND); /* by hand */
    assert_int_equal(after, 8);
    feed_free(&feed);
}

static void one_of_another_life_is_not_guessed_at(void **state) {
    (void)state;
    static const char *const cases[] = {"5c1f09ab-8", "00000000-0", "5c1f09aa-11", "11"};
    struct feed feed;
    make_feed(&feed);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint64_t after;
        assert_int_equal(seek(&feed, cases[i], &after), FEED_RESET);
        assert_int_equal(after, 0);
    }
    uint64_t after;
    assert_int_equal(seek(&feed, "abc", &after), UV_EINVAL);
    assert_int_equal(seek(&feed, "-1", &after), UV_EINVAL);
    feed_free(&feed);
}

static void assert_span(struct feed_span span, uint64_t last, uint64_t missed, size_t bytes) {
    assert_int_equal(span.last, last);
    assert_int_equal(span.missed, missed);
    assert_int_equal(span.bytes, bytes);
}

static void spans_stop_when_the_answer_is_full(void **state) {
    (void)state;
    struct feed feed;
    struct buffer lines = {0};
    make_feed(&feed);
    feed_lines(&feed, 6, 7, &lines);
    size_t one = lines.length;
    assert_span(feed_span(&feed, 0, 1), 7, 6, one); /* 1 to 6 fell out; one event, however long */
    assert_span(feed_span(&feed, 7, 2 * one + 2), 9, 0, 2 * one);
    assert_span(feed_span(&feed, 9, 1000000), 10, 0, one + 2); /* two digits more */
    assert_span(feed_span(&feed, 10, 1000000), 10, 0, 0);
    buffer_clear(&lines);
    feed_lines(&feed, 0, 10, &lines);
    assert_int_equal(lines.length, feed_span(&feed, 0, 1000000).bytes);
    buffer_free(&lines);
    feed_free(&feed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_text_comes_back),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(one_of_this_life_goes_on_where_it_was),
        cmocka_unit_test(one_of_another_life_is_not_guessed_at),
        cmocka_unit_test(spans_stop_when_the_answer_is_full),
    };
    return cmocka_run_group_tests_name("cursor", tests, NULL, NULL);
}

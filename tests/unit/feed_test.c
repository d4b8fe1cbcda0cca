/* core/model/feed */
#include "model/feed.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

static struct event *append_numbered(struct feed *feed, int number) {
    char payload[32];
    int length = snprintf(payload, sizeof(payload), "event %d", number);
    return feed_append(feed, (uint64_t)number, number * 1000, number * 1000 + 7, payload,
                       (size_t)length);
}

static void an_empty_feed_has_nothing(void **state) {
    (void)state;
    struct feed feed;
    uint64_t missed = 99;
    feed_init(&feed, 8, 0x5c1f09aa);
    assert_int_equal(feed_oldest(&feed), 1);
    assert_null(feed_get(&feed, 0));
    assert_null(feed_get(&feed, 1));
    assert_null(feed_next(&feed, 0, &missed));
    assert_int_equal(missed, 0);
    feed_free(&feed);
}

static void events_are_numbered_from_one(void **state) {
    (void)state;
    struct feed feed;
    feed_init(&feed, 8, 0x5c1f09aa);
    for (int i = 1; i <= 5; i++) {
        struct event *event = append_numbered(&feed, i);
        assert_int_equal(event->seq, i);
        assert_int_equal(event->due_ns, i * 1000);
        assert_int_equal(event->published_ns, i * 1000 + 7);
        assert_ptr_equal(feed_get(&feed, (uint64_t)i), event);
        assert_int_equal(feed.newest, i);
        assert_int_equal(feed.newest_published_ns, i * 1000 + 7);
    }
    const struct event *third = feed_get(&feed, 3);
    assert_string_equal(third->text,
                        "{\"seq\":3,\"due_ns\":3000,\"lag_ns\":7,\"payload\":\"event 3\"}");
    assert_int_equal(third->text_length, strlen(third->text));
    feed_free(&feed);
}

static void the_capacity_is_a_power_of_two(void **state) {
    (void)state;
    static const struct {
        uint64_t asked, given;
    } cases[] = {
        {0, 1}, {1, 1}, {2, 2}, {3, 4}, {1000, 1024}, {1024, 1024}, {1025, 2048},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct feed feed;
        feed_init(&feed, cases[i].asked, 0x5c1f09aa);
        assert_int_equal(feed.capacity, cases[i].given);
        append_numbered(&feed, 1);
        append_numbered(&feed, 2);
        assert_int_equal(feed_get(&feed, 2)->seq, 2);
        feed_free(&feed);
    }
}

static void the_oldest_falls_out(void **state) {
    (void)state;
    struct feed feed;
    feed_init(&feed, 4, 0x5c1f09aa);
    for (int i = 1; i <= 103; i++) {
        append_numbered(&feed, i);
        uint64_t oldest = i <= 4 ? 1 : (uint64_t)i - 3;
        assert_int_equal(feed_oldest(&feed), oldest);
        assert_null(feed_get(&feed, oldest - 1));
        assert_null(feed_get(&feed, (uint64_t)i + 1));
        for (uint64_t seq = oldest; seq <= (uint64_t)i; seq++) {
            assert_int_equal(feed_get(&feed, seq)->seq, seq);
        }
    }
    feed_free(&feed);
}

/* A cursor walks the feed; one that was overtaken learns how much it missed. */
static void a_cursor_finds_what_comes_next(void **state) {
    (void)state;
    struct feed feed;
    uint64_t missed;
    feed_init(&feed, 4, 0x5c1f09aa);
    for (int i = 1; i <= 10; i++) append_numbered(&feed, i); /* 7 to 10 are held */
    assert_int_equal(feed_next(&feed, 8, &missed)->seq, 9);
    assert_int_equal(missed, 0);
    assert_int_equal(feed_next(&feed, 6, &missed)->seq, 7);
    assert_int_equal(missed, 0);
    assert_int_equal(feed_next(&feed, 5, &missed)->seq, 7);
    assert_int_equal(missed, 1);
    assert_int_equal(feed_next(&feed, 0, &missed)->seq, 7);
    assert_int_equal(missed, 6);
    assert_null(feed_next(&feed, 10, &missed));
    assert_int_equal(missed, 0);
    assert_null(feed_next(&feed, 11, &missed));
    assert_null(feed_next(&feed, UINT64_MAX, &missed));
    assert_int_equal(feed_next(&feed, 0, NULL)->seq, 7);
    feed_free(&feed);
}

static void memory_is_used_again(void **state) {
    (void)state;
    struct feed feed;
    feed_init(&feed, 2, 0x5c1f09aa);
    struct event *event = append_numbered(&feed, 1);
    buffer_append(&event->frame, "a frame", 7);
    const char *text = event->text, *frame = event->frame.data;
    append_numbered(&feed, 2);
    struct event *again = append_numbered(&feed, 3);
    assert_ptr_equal(again, event);
    assert_ptr_equal(again->text, text);
    assert_ptr_equal(again->frame.data, frame);
    assert_int_equal(again->frame.length, 0);
    feed_free(&feed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_feed_has_nothing),
        cmocka_unit_test(events_are_numbered_from_one),
        cmocka_unit_test(the_capacity_is_a_power_of_two),
        cmocka_unit_test(the_oldest_falls_out),
        cmocka_unit_test(a_cursor_finds_what_comes_next),
        cmocka_unit_test(memory_is_used_again),
    };
    return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}

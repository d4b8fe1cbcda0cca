/* core/model/event */
#include "model/event.h"

#include "base/random.h"
#include "base/utf8.h"
#include "test.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

static struct buffer encoded(const char *payload, size_t length) {
    struct buffer text = {0};
    event_encode(&text, 12, 81234567890123, 52417, payload, length);
    return text;
}

/* Parses an exact copy, so that a sanitizer sees a read beyond its end. */
static int parse_copy(const char *text, size_t length, struct event_view *view) {
    char *copy = malloc(length > 0 ? length : 1);
    memcpy(copy, text, length);
    int error = event_parse(copy, length, view);
    free(copy);
    return error;
}

/* --- encode ----------------------------------------------------------------------------------- */

static void an_event_is_one_line(void **state) {
    (void)state;
    struct buffer text = encoded("hello", 5);
    assert_string_equal(
        text.data, "{\"seq\":12,\"due_ns\":81234567890123,\"lag_ns\":52417,\"payload\":\"hello\"}");
    assert_int_equal(text.length, strlen(text.data));
    buffer_free(&text);
}

static void encoding_appends(void **state) {
    (void)state;
    struct buffer text = {0};
    buffer_append(&text, "data: ", 6);
    event_encode(&text, 1, 2, 3, "", 0);
    assert_string_equal(text.data, "data: {\"seq\":1,\"due_ns\":2,\"lag_ns\":3,\"payload\":\"\"}");
    buffer_free(&text);
}

static void special_characters_are_escaped(void **state) {
    (void)state;
    static const char payload[] = "a\"b\\c\nd\re\tf\bg\fh\x01\x1f\x7f/é\0z";
    struct buffer text = encoded(payload, sizeof(payload) - 1);
    assert_non_null(strstr(text.data, "\"payload\":\"a\\\"b\\\\c\\nd\\re\\tf\\bg\\fh"
                                      "\\u0001\\u001f\x7f/é\\u0000z\"}"));
    buffer_free(&text);
}

/* Every byte that must be escaped, at every place in and around the words that are looked at. */
static void escapes_are_found_everywhere(void **state) {
    (void)state;
    for (int c = 0; c < 0x80; c++) {
        for (size_t place = 0; place < 26; place++) {
            char payload[27] = "abcdefghijklmnopqrstuvwxyz";
            payload[place] = (char)c;
            struct buffer text = encoded(payload, 26);
            bool special = c < 0x20 || c == '"' || c == '\\';
            assert_int_equal(special, strstr(text.data + 60, "\\") != NULL);
            json_t *json = json_loads(text.data, JSON_ALLOW_NUL, NULL);
            json_t *back = json_object_get(json, "payload");
            assert_int_equal(json_string_length(back), 26);
            assert_memory_equal(json_string_value(back), payload, 26);
            json_decref(json);
            buffer_free(&text);
        }
    }
}

/* --- parse ------------------------------------------------------------------------------------ */

static void what_was_encoded_is_parsed(void **state) {
    (void)state;
    static const struct {
        uint64_t seq;
        int64_t due_ns, lag_ns;
    } cases[] = {
        {1, 0, 0},
        {UINT64_MAX, INT64_MAX, INT64_MAX},
        {10, -5, -1},
        {99, 1000, 10},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct buffer text = {0};
        struct event_view view;
        event_encode(&text, cases[i].seq, cases[i].due_ns, cases[i].lag_ns, "a\"b", 3);
        assert_int_equal(event_parse(text.data, text.length, &view), 0);
        assert_true(view.seq == cases[i].seq);
        assert_true(view.due_ns == cases[i].due_ns && view.lag_ns == cases[i].lag_ns);
        assert_int_equal(view.payload_length, 4);
        assert_memory_equal(view.payload, "a\\\"b", 4);
        assert_true(view.payload > text.data && view.payload < text.data + text.length);
        buffer_free(&text);
    }
}

static void any_payload_comes_through(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 1);
    for (int round = 0; round < 3000; round++) {
        char payload[200];
        size_t length = random_below(&random, sizeof(payload));
        for (size_t i = 0; i < length; i++) payload[i] = (char)random_below(&random, 0x80);
        struct buffer text = encoded(payload, length);
        struct event_view view;
        assert_null(memchr(text.data, '\n', text.length));
        assert_int_equal(parse_copy(text.data, text.length, &view), 0);
        assert_true(view.payload_length >= length);
        buffer_free(&text);
    }
}

static void a_part_is_no_event(void **state) {
    (void)state;
    struct buffer text = encoded("some payload\nwith \x01 escapes", 27);
    struct event_view view;
    for (size_t length = 0; length < text.length; length++) {
        assert_int_equal(parse_copy(text.data, length, &view), UV_EINVAL);
        assert_int_equal(parse_copy(text.data + length + 1, text.length - length - 1, &view),
                         UV_EINVAL);
    }
    assert_int_equal(parse_copy(text.data, text.length, &view), 0);
    assert_int_equal(parse_copy(text.data, text.length + 1, &view), UV_EINVAL); /* its NUL */
    buffer_free(&text);
}

static void other_texts_are_refused(void **state) {
    (void)state;
#define WITH(seq, due, lag, payload)                                                               \
    "{\"seq\":" seq ",\"due_ns\":" due ",\"lag_ns\":" lag ",\"payload\":\"" payload "\"}"
    static const char *const bad[] = {
        "null",
        "{}",
        "hello",
        WITH("0", "1", "1", ""),
        WITH("-1", "1", "1", ""),
        WITH("", "1", "1", ""),
        WITH("01", "1", "1", ""),
        WITH("1.0", "1", "1", ""),
        WITH("1e3", "1", "1", ""),
        WITH("+1", "1", "1", ""),
        WITH(" 1", "1", "1", ""),
        WITH("18446744073709551616", "1", "1", ""),
        WITH("99999999999999999999", "1", "1", ""),
        WITH("1", "9223372036854775808", "1", ""),
        WITH("1", "-", "1", ""),
        WITH("1", "--1", "1", ""),
        WITH("1", "1", "9223372036854775808", ""),
        WITH("1", "1", "1", "\""),
        WITH("1", "1", "1", "\\"),
        WITH("1", "1", "1", "\\x"),
        WITH("1", "1", "1", "\\u12"),
        WITH("1", "1", "1", "\\u12g4"),
        WITH("1", "1", "1", "\n"),
        WITH("1", "1", "1", "\x1f"),
        WITH("1", "1", "1", "") " ",
        " " WITH("1", "1", "1", ""),
        WITH("1", "1", "1", "") "\n",
        "{\"seq\":1,\"due_ns\":1,\"lag_ns\":1,\"payload\":1}",
        "{\"due_ns\":1,\"seq\":1,\"lag_ns\":1,\"payload\":\"\"}",
        "{\"seq\": 1,\"due_ns\":1,\"lag_ns\":1,\"payload\":\"\"}",
    };
    struct event_view view;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        if (parse_copy(bad[i], strlen(bad[i]), &view) != UV_EINVAL) fail_msg("%s", bad[i]);
    }
    const char *good = WITH("1", "1", "1", "\\u12aF\\/");
    assert_int_equal(parse_copy(good, strlen(good), &view), 0);
    static const char nul[] = WITH("1", "1", "1", "\\\0");
    assert_int_equal(parse_copy(nul, sizeof(nul) - 1, &view), UV_EINVAL);
}

/* What the parser takes is JSON: bytes are changed at random, and jansson is asked. */
static void nothing_but_json_is_parsed(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 2);
    int taken = 0;
    for (int round = 0; round < 200000; round++) {
        struct buffer text = encoded("ab\"\\\n\x01ok", 8);
        size_t place = random_below(&random, text.length);
        text.data[place] = (char)random_below(&random, 0x80);
        struct event_view view;
        if (parse_copy(text.data, text.length, &view) == 0) {
            taken++;
            json_t *json = json_loadb(text.data, text.length, JSON_ALLOW_NUL, NULL);
            if (json == NULL) fail_msg("%s", text.data);
            assert_int_equal(json_integer_value(json_object_get(json, "seq")), view.seq);
            assert_int_equal(json_integer_value(json_object_get(json, "due_ns")), view.due_ns);
            json_decref(json);
        }
        buffer_free(&text);
    }
    assert_true(taken > 1000);
}

/* --- UTF-8 ------------------------------------------------------------------------------------ */

static bool valid(const char *text) { return utf8_valid(text, strlen(text)); }

static void utf8_is_told_apart(void **state) {
    (void)state;
    static const char *const good[] = {
        "",
        "plain",
        "\x7f",
        "\xc2\x80",
        "\xdf\xbf",
        "\xe0\xa0\x80",
        "\xed\x9f\xbf",
        "\xee\x80\x80",
        "\xef\xbf\xbf",
        "\xf0\x90\x80\x80",
        "\xf4\x8f\xbf\xbf",
        "12345678é12345678\xf0\x9f\x98\x80",
    };
    static const char *const bad[] = {
        "\x80",
        "\xbf",
        "\xc0\xaf",
        "\xc1\xbf",
        "\xc2",
        "\xe0\x9f\xbf",
        "\xe0\xa0",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf0\x8f\xbf\xbf",
        "\xf0\x90\x80",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xfe",
        "\xff",
        "\xc2\x41",
        "\xe1\x80\x41",
        "\xf1\x80\x80\x41",
        "1234567\xe2",
        "12345678\x80",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) assert_true(valid(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) assert_false(valid(bad[i]));
    assert_true(utf8_valid("a\0b", 3));
}

/* Every code point, encoded by the book. */
static void every_character_is_valid(void **state) {
    (void)state;
    for (uint32_t c = 0x80; c < 0x120000; c++) {
        unsigned char text[4];
        size_t length = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        for (size_t i = length - 1, rest = c; i > 0; i--, rest >>= 6)
            text[i] = 0x80 | (rest & 0x3F);
        static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
        text[0] = (unsigned char)(leads[length] | (c >> (6 * (length - 1))));
        bool exists = c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
        if (utf8_valid((char *)text, length) != exists) fail_msg("U+%04X", c);
        assert_false(utf8_valid((char *)text, length - 1));
    }
}

static void notices_come_back(void **state) {
    (void)state;
    struct buffer text = {0};
    struct notice notice;
    notice_encode_after(&text, (struct cursor){0x5c1f09aa, 41}, false);
    assert_string_equal(text.data, "{\"after\":\"5c1f09aa-41\"}");
    assert_int_equal(notice_parse(text.data, text.length, &notice), 0);
    assert_true(notice.placed);
    assert_int_equal(notice.after.epoch, 0x5c1f09aa);
    assert_int_equal(notice.after.number, 41);
    assert_int_equal(notice.missed, 0);
    buffer_clear(&text);
    notice_encode_after(&text, (struct cursor){1, 0}, true);
    assert_string_equal(text.data, "{\"after\":\"00000001-0\",\"reset\":true}");
    assert_int_equal(notice_parse(text.data, text.length, &notice), 0);
    assert_true(notice.placed);
    buffer_clear(&text);
    notice_encode_missed(&text, 7);
    assert_string_equal(text.data, "{\"missed\":7}");
    assert_int_equal(notice_parse(text.data, text.length, &notice), 0);
    assert_false(notice.placed);
    assert_int_equal(notice.missed, 7);
    buffer_free(&text);
}

static void what_is_no_notice_is_refused(void **state) {
    (void)state;
    static const char *const cases[] = {
        "",
        "{}",
        "{\"missed\":}",
        "{\"missed\":7",
        "{\"missed\":7} ",
        "{\"missed\":-7}",
        "{\"after\":\"41\"}",
        "{\"after\":\"5c1f09aa-41\"",
        "{\"after\":\"5c1f09aa-41}",
        "{\"after\":\"5c1f09aa-41\",\"reset\":false}",
        "{\"seq\":1}",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct notice notice;
        assert_int_equal(notice_parse(cases[i], strlen(cases[i]), &notice), UV_EINVAL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_one_line),
        cmocka_unit_test(encoding_appends),
        cmocka_unit_test(special_characters_are_escaped),
        cmocka_unit_test(escapes_are_found_everywhere),
        cmocka_unit_test(what_was_encoded_is_parsed),
        cmocka_unit_test(any_payload_comes_through),
        cmocka_unit_test(a_part_is_no_event),
        cmocka_unit_test(other_texts_are_refused),
        cmocka_unit_test(nothing_but_json_is_parsed),
        cmocka_unit_test(utf8_is_told_apart),
        cmocka_unit_test(every_character_is_valid),
        cmocka_unit_test(notices_come_back),
        cmocka_unit_test(what_is_no_notice_is_refused),
    };
    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}

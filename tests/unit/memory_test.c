/* core/base/memory */
#include "base/memory.h"

#include "base/random.h"
#include "capture.h"
#include "test.h"

#include <string.h>

static void nothing_is_still_something(void **state) {
    (void)state;
    char *a = xmalloc(0), *b = xcalloc(0, 8), *c = xrealloc(NULL, 0);
    assert_non_null(a);
    assert_non_null(b);
    assert_non_null(c);
    free(a);
    free(b);
    free(c);
}

static void copies_end_with_nul(void **state) {
    (void)state;
    char *part = xmemdup("hello, world", 5), *whole = xstrdup("hello"), *none = xmemdup(NULL, 0);
    assert_string_equal(part, "hello");
    assert_string_equal(whole, "hello");
    assert_string_equal(none, "");
    char *made = xasprintf("%s-%d", part, 42);
    assert_string_equal(made, "hello-42");
    free(part);
    free(whole);
    free(none);
    free(made);
}

/* A buffer and a plain array are given the same bytes, in pieces of all sizes. */
static void a_buffer_keeps_every_byte(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 1);
    struct buffer buffer = {0};
    char *expected = xmalloc(200000);
    size_t length = 0;
    while (length < 100000) {
        char piece[700];
        size_t size = random_below(&random, sizeof(piece));
        for (size_t i = 0; i < size; i++) piece[i] = (char)random_next(&random);
        memcpy(expected + length, piece, size);
        length += size;
        buffer_append(&buffer, piece, size);
        assert_int_equal(buffer.length, length);
        assert_int_equal(buffer.data[length], '\0');
    }
    assert_memory_equal(buffer.data, expected, length);
    buffer_free(&buffer);
    free(expected);
}

static void printf_appends(void **state) {
    (void)state;
    struct buffer buffer = {0};
    buffer_printf(&buffer, "%s", "");
    assert_string_equal(buffer.data, "");
    buffer_printf(&buffer, "%d,", 1);
    buffer_printf(&buffer, "%0500d", 2);
    assert_int_equal(buffer.length, 502);
    assert_memory_equal(buffer.data, "1,000", 5);
    assert_string_equal(buffer.data + 500, "02");
    buffer_free(&buffer);
}

static void reserved_room_is_the_callers(void **state) {
    (void)state;
    struct buffer buffer = {0};
    buffer_append(&buffer, "ab", 2);
    char *room = buffer_reserve(&buffer, 1000);
    assert_int_equal(buffer.length, 2);
    memset(room, 'x', 1000);
    buffer.length += 1000;
    assert_int_equal(strlen(buffer.data), 1002);
    buffer_free(&buffer);
}

static void clear_keeps_the_memory_and_free_returns_it(void **state) {
    (void)state;
    struct buffer buffer = {0};
    buffer_clear(&buffer);
    assert_null(buffer.data);
    buffer_append(&buffer, "abc", 3);
    char *memory = buffer.data;
    buffer_clear(&buffer);
    assert_string_equal(buffer.data, "");
    buffer_append(&buffer, "de", 2);
    assert_ptr_equal(buffer.data, memory);
    assert_string_equal(buffer.data, "de");
    buffer_free(&buffer);
    assert_null(buffer.data);
    assert_int_equal(buffer.capacity, 0);
    buffer_free(&buffer);
}

static void ask_for_too_much(void *data) {
    struct buffer buffer = {0};
    buffer_append(&buffer, "x", 1);
    buffer_reserve(&buffer, *(size_t *)data);
}

static void too_much_ends_the_program(void **state) {
    (void)state;
    struct captured captured;
    capture(&captured, ask_for_too_much, &(size_t){SIZE_MAX});
    assert_true(captured.status != 0);
    assert_string_equal(captured.err, "out of memory\n");
    capture(&captured, ask_for_too_much, &(size_t){SIZE_MAX / 2});
    assert_true(captured.status != 0);
}

static void an_array_grows_one_by_one(void **state) {
    int *numbers = NULL;
    (void)state;
    for (int i = 0; i < 1000; i++) {
        numbers = xgrow(numbers, (size_t)i, sizeof(*numbers));
        numbers[i] = i;
    }
    for (int i = 0; i < 1000; i++) assert_int_equal(numbers[i], i);
    free(numbers);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_array_grows_one_by_one),
        cmocka_unit_test(nothing_is_still_something),
        cmocka_unit_test(copies_end_with_nul),
        cmocka_unit_test(a_buffer_keeps_every_byte),
        cmocka_unit_test(printf_appends),
        cmocka_unit_test(reserved_room_is_the_callers),
        cmocka_unit_test(clear_keeps_the_memory_and_free_returns_it),
        cmocka_unit_test(too_much_ends_the_program),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}

/* core/base/lines */
#include "base/lines.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

/* What was taken, each line in brackets. */
static void collect(void *data, const char *line, size_t length) {
    buffer_printf(data, "[%.*s]", (int)length, line);
}

static void whole_lines_are_taken(void **state) {
    struct buffer taken = {0};
    (void)state;
    assert_int_equal(lines_in("one\n\ntwo\nthr", 12, collect, &taken), 9);
    assert_string_equal(taken.data, "[one][][two]");
    buffer_clear(&taken);
    assert_int_equal(lines_in("", 0, collect, &taken), 0);
    assert_int_equal(lines_in("one", 3, collect, &taken), 0);
    assert_int_equal(taken.length, 0);
    buffer_free(&taken);
}

/* Wherever a read cuts, once or at every byte, the lines are the same. */
static void cuts_make_no_difference(void **state) {
    static const char text[] = "first\n\nsecond and long\nx\nrest";
    const size_t length = sizeof(text) - 1;
    (void)state;
    for (size_t step = 1; step <= length; step++)
        for (size_t offset = 0; offset < step; offset++) {
            struct buffer taken = {0}, rest = {0};
            for (size_t at = 0; at < length;) {
                size_t part = at == 0 && offset > 0 ? offset : step;
                if (part > length - at) part = length - at;
                /* a copy of its own: the sanitizers see who reads beyond it */
                char *piece = xmemdup(text + at, part);
                assert_int_equal(lines_take(&rest, 100, piece, part, collect, &taken), 0);
                free(piece);
                at += part;
            }
            assert_string_equal(taken.data, "[first][][second and long][x]");
            assert_int_equal(rest.length, 4);
            assert_memory_equal(rest.data, "rest", 4);
            buffer_free(&taken);
            buffer_free(&rest);
        }
}

static void a_line_without_end_is_told(void **state) {
    struct buffer taken = {0}, rest = {0};
    (void)state;
    assert_int_equal(lines_take(&rest, 5, "12345", 5, collect, &taken), 0);
    assert_int_equal(lines_take(&rest, 5, "\n1", 2, collect, &taken), 0);
    assert_string_equal(taken.data, "[12345]");
    assert_int_equal(lines_take(&rest, 5, "23456", 5, collect, &taken), -1);
    assert_int_equal(rest.length, 0);
    assert_null(rest.data);
    assert_int_equal(lines_take(&rest, 5, "1", 1, collect, &taken), 0);
    assert_int_equal(lines_take(&rest, 5, "23456\n", 6, collect, &taken), -1);
    assert_string_equal(taken.data, "[12345]");
    buffer_free(&taken);
    buffer_free(&rest);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_lines_are_taken),
        cmocka_unit_test(cuts_make_no_difference),
        cmocka_unit_test(a_line_without_end_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

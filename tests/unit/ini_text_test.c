/* runner/system/ini_text */
#include "system/ini_text.h"

#include "base/memory.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static const char text[] = "; a comment\n"
                           "[one]\n"
                           "a = 1   ; said aside\n"
                           "b = first\n"
                           "    second\n"
                           "    third\n"
                           "c =\n"
                           "[two]\n"
                           "a = 2\n"
                           "a = 3\n";

static void entries_come_in_order(void **state) {
    struct ini_text ini;
    const char *why;
    (void)state;
    assert_int_equal(ini_text_read(&ini, text, false, &why), 0);
    assert_int_equal(ini.count, 5);
    assert_string_equal(ini_text_find(&ini, "one", "a"), "1");
    assert_string_equal(ini_text_find(&ini, "one", "b"), "first second third");
    assert_string_equal(ini_text_find(&ini, "one", "c"), "");
    assert_string_equal(ini_text_find(&ini, "two", "a"), "2");
    assert_string_equal(ini.entries[4].value, "3");
    assert_int_equal(ini.entries[1].line, 4);
    assert_int_equal(ini.entries[4].line, 10);
    assert_null(ini_text_find(&ini, "two", "b"));
    ini_text_free(&ini);
}

static void mistakes_have_a_line(void **state) {
    struct ini_text ini;
    const char *why;
    (void)state;
    assert_int_equal(ini_text_read(&ini, "[one]\na = 1\nnothing\n", false, &why), 3);
    assert_non_null(strstr(why, "not a line of the form"));
    ini_text_free(&ini);
    char line[300] = "[one]\na = ";
    memset(line + strlen(line), 'x', 220);
    assert_int_equal(ini_text_read(&ini, line, false, &why), 2);
    assert_non_null(strstr(why, "too long"));
    ini_text_free(&ini);
}

/* What students write: lines of any length, semicolons in them, comments of any length. Words come back as they were. */
static void long_lines_are_folded(void **state) {
    struct ini_text ini;
    struct buffer words = {0}, all = {0};
    const char *why;
    (void)state;
    for (int i = 0; i < 200; i++)
        buffer_printf(&words, "%sword%d%s", i == 0 ? "" : " ", i, i % 3 == 0 ? " ; and" : "");
    buffer_printf(&all, "[x]\na = %s\n; %s\nb = 2 ; aside\n  more\n", words.data, words.data);
    assert_int_equal(ini_text_read(&ini, all.data, true, &why), 0);
    assert_int_equal(ini.count, 2);
    struct buffer plain = {0};
    for (const char *c = ini.entries[0].value; *c != '\0'; c++) {
        bool hidden = strncmp(c, INI_BLANK, strlen(INI_BLANK)) == 0;
        buffer_printf(&plain, "%c", hidden ? ' ' : *c);
        if (hidden) c += strlen(INI_BLANK) - 1;
    }
    assert_string_equal(plain.data, words.data);
    assert_string_equal(ini.entries[1].value, "2" INI_BLANK "; aside more");
    assert_int_equal(ini.entries[1].line, 4);
    ini_text_free(&ini);
    buffer_free(&words);
    buffer_free(&all);
    buffer_free(&plain);
}

/* A word without a blank is cut, and a text without an end ends. */
static void a_long_word_is_cut(void **state) {
    struct ini_text ini;
    const char *why;
    char line[1000] = "[x]\na = ";
    (void)state;
    memset(line + strlen(line), 'x', 700);
    assert_int_equal(ini_text_read(&ini, line, true, &why), 0);
    assert_int_equal(ini.count, 1);
    int letters = 0;
    for (const char *c = ini.entries[0].value; *c != '\0'; c++) letters += *c == 'x';
    assert_int_equal(letters, 700);
    ini_text_free(&ini);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_come_in_order),
        cmocka_unit_test(mistakes_have_a_line),
        cmocka_unit_test(long_lines_are_folded),
        cmocka_unit_test(a_long_word_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

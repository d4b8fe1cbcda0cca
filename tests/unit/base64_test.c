/* core/base/base64 */
#include "base/base64.h"

#include "base/random.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

/* RFC 4648, section 10. */
static void known_texts(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xff\xef\xbe", "/+++"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct buffer bytes = {0};
        char *text = base64_encode(cases[i][0], strlen(cases[i][0]));
        assert_string_equal(text, cases[i][1]);
        assert_int_equal(base64_decode(&bytes, text), 0);
        assert_string_equal(bytes.data, cases[i][0]);
        buffer_free(&bytes);
        free(text);
    }
}

static void every_length_comes_back(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 1);
    for (size_t length = 0; length < 300; length++) {
        unsigned char bytes[300];
        for (size_t i = 0; i < length; i++) bytes[i] = (unsigned char)random_next(&random);
        struct buffer back = {0};
        buffer_append(&back, "before", 6);
        char *text = base64_encode(bytes, length);
        assert_int_equal(base64_decode(&back, text), 0);
        assert_int_equal(back.length, 6 + length);
        assert_memory_equal(back.data, "before", 6);
        assert_memory_equal(back.data + 6, bytes, length);
        assert_int_equal(back.data[back.length], '\0');
        buffer_free(&back);
        free(text);
    }
}

static void other_texts_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "Z",     "Zg",     "Zg=",   "Zm9",     "Zm9vY",    "====", "Z===",    "Zg==Zg==", "=Zg=",
        "Zm9v=", "Zm9v\n", " Zm9v", "Zm 9v==", "Zm9v====", "Zm-_", "Zm9\x80", "Zg==\n",
    };
    struct buffer out = {0};
    buffer_append(&out, "kept", 4);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_int_equal(base64_decode(&out, bad[i]), UV_EINVAL);
        assert_string_equal(out.data, "kept");
        assert_int_equal(out.length, 4);
    }
    buffer_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_texts),
        cmocka_unit_test(every_length_comes_back),
        cmocka_unit_test(other_texts_are_refused),
    };
    return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}

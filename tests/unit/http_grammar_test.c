/* The grammar of hosts, origins, paths and lists. Whole requests: tests/conformance/http.mjs. */
#include "test.h"

#include "base/grammar.h"

#include <stdbool.h>
#include <string.h>

#define EACH(table, i) (size_t i = 0; i < sizeof(table) / sizeof((table)[0]); i++)

static void hosts(void **state) {
    (void)state;
    static const char *const good[] = {
        "localhost",      "LOCALHOST:80",  "a-b.c_d~e",   "127.0.0.1:65535",
        "[::1]",          "[::1]:8080",    "a:",          "x%41y",
        "sub!$&'()*+,;=", "[2001:db8::7]", "[::1.2.3.4]",
    };
    static const char *const bad[] = {
        "",        ":80",  "a b",  "a/b",    "u@a",    "a:b",  "a:65536",     "a:123456",
        "a:80:80", "a:-1", "[::1", "[]",     "[::1]x", "[a]",  "[127.0.0.1]", "[::1%lo]",
        "a%",      "a%4",  "a%zz", "a\"",    "a<b",    "a\\b", "\xe4",        "[fe80::1%25lo]",
        "a#b",     "a?b",  "]",    "[v1.x]",
    };
    for
        EACH(good, i) assert_true(http_host_valid(good[i]));
    for
        EACH(bad, i) assert_false(http_host_valid(bad[i]));
}

static void an_overlong_host_is_none(void **state) {
    (void)state;
    char host[1000];
    memset(host, 'a', sizeof(host));
    host[999] = '\0';
    assert_false(http_host_valid(host));
    assert_false(http_host_loopback(host));
    host[0] = '[';
    assert_false(http_host_valid(host));
    host[998] = ']';
    assert_false(http_host_valid(host));
}

static void loopback_hosts(void **state) {
    (void)state;
    static const char *const here[] = {
        "localhost", "LocalHost:1",    "localhost.", "a.localhost",          "a.b.localhost.",
        "127.0.0.1", "127.255.0.9:80", "[::1]",      "[0:0:0:0:0:0:0:1]:80",
    };
    static const char *const elsewhere[] = {
        "",
        "example.org",
        "localhost.example.org",
        "xlocalhost",
        ".localhost",
        "128.0.0.1",
        "[::2]",
        "[::]",
        "127.0.0.1.example.org",
        "local",
        "0.0.0.0",
        "127.1",
        "127.0.0.1x",
        "[127.0.0.1]",
        ".",
        "localhost..",
    };
    for
        EACH(here, i) assert_true(http_host_loopback(here[i]));
    for
        EACH(elsewhere, i) assert_false(http_host_loopback(elsewhere[i]));
}

static void origins(void **state) {
    (void)state;
    static const char *const good[] = {
        "http://a",
        "https://a.b:8443",
        "moz-extension://x-y",
        "http://[::1]:80",
    };
    static const char *const bad[] = {
        "",           "null",       "a",
        "http:",      "http://",    "://a",
        "http://a/",  "http://a b", "http://a\r\nX: y",
        "http://a?b", "http://u@a", "*",
        "a b://c",
    };
    for
        EACH(good, i) assert_true(http_origin_valid(good[i]));
    for
        EACH(bad, i) assert_false(http_origin_valid(bad[i]));
}

static void paths(void **state) {
    (void)state;
    static const char *const good[] = {"/", "/a/b?c=d&e=/?", "/%20", "/a:b@c", "*", "/~a;b=c,d"};
    static const char *const bad[] = {"/ ", "/%", "/%4", "/%g0", "/#", "/\"",   "/<",   "/\\",
                                      "/^", "/`", "/{",  "/|",   "/[", "/\x7f", "/\xff"};
    for
        EACH(good, i) assert_true(http_path_valid(good[i]));
    for
        EACH(bad, i) assert_false(http_path_valid(bad[i]));
}

static void what_means_the_same_is_spelt_the_same(void **state) {
    (void)state;
    static const char *const table[][2] = {
        {"/events", "/events"}, {"/%65vents", "/events"}, {"/%7e%2D%5f%2e", "/~-_."},
        {"/%2F", "/%2F"},       {"/%00%0a", "/%00%0a"},   {"/%25%36%35", "/%2565"},
        {"/%c3%a4", "/%c3%a4"}, {"%41%42", "AB"},
    };
    for
        EACH(table, i) {
            char path[32];
            strcpy(path, table[i][0]);
            http_path_normalise(path);
            assert_string_equal(path, table[i][1]);
        }
}

static void lists(void **state) {
    (void)state;
    static const char *const with[] = {
        "close", "CLOSE", " close ", "a,close", "a ,\tclose\t, b", ",,close,",
    };
    static const char *const without[] = {
        "", ",", "closed", "xclose", "clo se", "\"close\"", "close;a", "clos",
    };
    for
        EACH(with, i) assert_true(http_list_has(with[i], "close"));
    for
        EACH(without, i) assert_false(http_list_has(without[i], "close"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts),          cmocka_unit_test(an_overlong_host_is_none),
        cmocka_unit_test(loopback_hosts), cmocka_unit_test(origins),
        cmocka_unit_test(paths),          cmocka_unit_test(what_means_the_same_is_spelt_the_same),
        cmocka_unit_test(lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

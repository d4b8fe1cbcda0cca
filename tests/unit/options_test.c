/* core/base/options */
#include "base/options.h"

#include "base/memory.h"
#include "capture.h"
#include "test.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

static struct values {
    int64_t payload_bytes, seed, checked;
    double events_per_second, offset;
    bool supervised, no_delay;
    const char *address, *arrivals, *untouched, *listen;
} values;

#define AT(field) offsetof(struct values, field)

static const struct option common[] = {
    {"payload_bytes", OPTION_INTEGER, AT(payload_bytes), "100", 1, 1048576, NULL, "bytes",
     "how long the payload of an event is"},
    {"events_per_second", OPTION_NUMBER, AT(events_per_second), "10", 0, 1000000, NULL, NULL,
     "how many events are published, on average, whatever becomes of the ones before them"},
    {"arrivals", OPTION_CHOICE, AT(arrivals), "constant", 0, 0, "constant|poisson|bursty", NULL,
     "the gaps between events"},
    {"seed", OPTION_INTEGER, AT(seed), "1", 0, INFINITY, NULL, NULL, "of all that is random"},
    {.name = NULL},
};
static const struct option own[] = {
    {"supervised", OPTION_FLAG, AT(supervised), "off", 0, 0, NULL, NULL, "obey a runner"},
    {"no_delay", OPTION_SWITCH, AT(no_delay), "on", 0, 0, NULL, NULL, "TCP_NODELAY"},
    {"address", OPTION_TEXT, AT(address), "127.0.0.1", 0, 0, NULL, NULL, "to listen on"},
    {"offset", OPTION_NUMBER, AT(offset), "-0.5", 0, 0, NULL, "s", "any number"},
    {"untouched", OPTION_TEXT, AT(untouched), NULL, 0, 0, NULL, NULL, "has no default"},
    {"checked", OPTION_INTEGER, AT(checked), "5", 1, 9, NULL, NULL, "is only checked"},
    {"listen", OPTION_TEXT, AT(listen), "::1", .help = "has a form", .form = "address"},
    {.name = NULL},
};
static const struct option_set set = {
    "sse_server",
    "Server-Sent Events",
    {{common, &values}, {own, &values}},
};

/* Parses up to five words. */
static void parse_words(void *data) {
    char *argv[8] = {(char[]){"sse_server"}};
    int argc = 1;
    for (char **word = data; *word != NULL; word++) argv[argc++] = *word;
    options_parse(&set, argc, argv);
}
#define PARSE(...) parse_words((char *[]){__VA_ARGS__, NULL})
#define CAPTURE(captured, ...) capture(captured, parse_words, (char *[]){__VA_ARGS__, NULL})

/* --- values ----------------------------------------------------------------------------------- */

static void defaults_come_first(void **state) {
    (void)state;
    values.untouched = "as it was";
    PARSE(NULL);
    assert_int_equal(values.payload_bytes, 100);
    assert_int_equal(values.seed, 1);
    assert_true(values.events_per_second == 10 && values.offset == -0.5);
    assert_false(values.supervised);
    assert_true(values.no_delay);
    assert_string_equal(values.address, "127.0.0.1");
    assert_string_equal(values.arrivals, "constant");
    assert_string_equal(values.untouched, "as it was");
}

static void values_follow_or_are_joined(void **state) {
    (void)state;
    PARSE("--payload-bytes", "7", "--events-per-second=2.5e2", "--arrivals", "poisson");
    assert_int_equal(values.payload_bytes, 7);
    assert_true(values.events_per_second == 250);
    assert_string_equal(values.arrivals, "poisson");
    PARSE("--address=", "--offset", "-1.5", "--untouched=--seed=3");
    assert_string_equal(values.address, "");
    assert_true(values.offset == -1.5);
    assert_string_equal(values.untouched, "--seed=3");
    assert_int_equal(values.seed, 1);
}

static void kebab_and_snake_are_the_same(void **state) {
    (void)state;
    PARSE("--payload_bytes=8", "--events-per_second", "3");
    assert_int_equal(values.payload_bytes, 8);
    assert_true(values.events_per_second == 3);
    assert_ptr_equal(options_find(&set, "payload-bytes"), &common[0]);
    assert_ptr_equal(options_find(&set, "no_delay"), &own[1]);
    assert_null(options_find(&set, "no_dela"));
    assert_null(options_find(&set, "no_delays"));
    assert_null(options_find(&set, ""));
}

static void a_flag_needs_no_value(void **state) {
    (void)state;
    PARSE("--supervised", "--seed", "4");
    assert_true(values.supervised);
    assert_int_equal(values.seed, 4);
    PARSE("--supervised=on");
    assert_true(values.supervised);
    PARSE("--supervised=off", "--no-delay", "off");
    assert_false(values.supervised);
    assert_false(values.no_delay);
}

static void assert_fits(const char *name, const char *text, bool fits) {
    char *expectation = option_expectation(options_find(&set, name), text);
    if (fits != (expectation == NULL)) fail_msg("%s=\"%s\"", name, text);
    free(expectation);
}

static void only_values_are_values(void **state) {
    (void)state;
    static const char *const never[] = {
        "",   " ",   "abc", "1 ",   " 1",  "1x",    "0x10", "nan", "inf", "-inf", "infinity",
        "1e", "--1", "1,5", "1..2", "+-1", "1e999", "-",    ".",   "on",  "1-1",
    };
    for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++) {
        assert_fits("offset", never[i], false);
        assert_fits("payload_bytes", never[i], false);
        assert_fits("no_delay", never[i], strcmp(never[i], "on") == 0);
        assert_fits("arrivals", never[i], false);
        assert_fits("address", never[i], true);
    }
    assert_fits("payload_bytes", "1.0", false);
    assert_fits("payload_bytes", "1e3", false);
    assert_fits("seed", "9223372036854775807", true);
    assert_fits("seed", "9223372036854775808", false);
    assert_fits("offset", "1e308", true);
    assert_fits("offset", ".5", true);
    assert_fits("offset", "1e-400", true);
    assert_fits("supervised", "off", true);
    assert_fits("supervised", "yes", false);
    assert_fits("arrivals", "bursty", true);
    assert_fits("arrivals", "poisson|bursty", false);
    assert_fits("arrivals", "burst", false);
}

static void hosts_have_names(void **state) {
    (void)state;
    static const char *const good[] = {
        "::1", "127.0.0.1", "localhost", "my_host", "_db.example.org", "example.org.", "",
    };
    static const char *const bad[] = {
        ".", "a..b", "a..", ".a", "127.0.0.300", "127.1", "127.0.0.1.", "a b", "-a", "fe80::1%lo",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) assert_fits("listen", good[i], true);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) assert_fits("listen", bad[i], false);
}

static void limits_are_allowed_themselves(void **state) {
    (void)state;
    assert_fits("payload_bytes", "0", false);
    assert_fits("payload_bytes", "1", true);
    assert_fits("payload_bytes", "1048576", true);
    assert_fits("payload_bytes", "1048577", false);
    assert_fits("events_per_second", "-0.001", false);
    assert_fits("events_per_second", "0", true);
    assert_fits("events_per_second", "1000000", true);
    assert_fits("events_per_second", "1000000.001", false);
    assert_fits("seed", "-1", false);
}

static void expectations_are_told(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"payload_bytes", "a whole number from 1 to 1048576 (bytes)"},
        {"events_per_second", "a number from 0 to 1000000"},
        {"arrivals", "constant, poisson or bursty"},
        {"seed", "a whole number of at least 0"},
        {"no_delay", "on or off"},
        {"offset", "a number (s)"},
        {"listen", "an IPv4 or IPv6 address or a host's name, e.g. 127.0.0.1"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char *told = option_expectation(options_find(&set, cases[i][0]), "?");
        assert_string_equal(told, cases[i][1]);
        free(told);
    }
}

/* --- mistakes --------------------------------------------------------------------------------- */

static void mistakes_are_told_in_one_sentence(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"--payload-bytes=abc",
         "--payload-bytes wants a whole number from 1 to 1048576 (bytes), not \"abc\""},
        {"--payload_bytes=0",
         "--payload-bytes wants a whole number from 1 to 1048576 (bytes), not \"0\""},
        {"--payload-bytes",
         "--payload-bytes wants a whole number from 1 to 1048576 (bytes), but nothing follows it"},
        {"--arrivals=", "--arrivals wants constant, poisson or bursty, not \"\""},
        {"--supervised=maybe", "--supervised wants on or off, not \"maybe\""},
        {"--checked=10", "--checked wants a whole number from 1 to 9, not \"10\""},
        {"--paylod-bytes=7", "there is no option --paylod-bytes; did you mean --payload-bytes? "
                             "(--help lists them all)"},
        {"--quite-different", "there is no option --quite-different (--help lists them all)"},
        {"7", "\"7\" is no option: options begin with -- (--help lists them all)"},
        {"-x", "\"-x\" is no option: options begin with -- (--help lists them all)"},
        {"--", "\"--\" is no option: options begin with -- (--help lists them all)"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct captured captured;
        CAPTURE(&captured, (char *)cases[i][0]);
        char *line = xasprintf("sse_server: %s\n", cases[i][1]);
        assert_string_equal(captured.err, line);
        assert_string_equal(captured.out, "");
        assert_int_equal(captured.status, 2);
        free(line);
    }
}

static void an_option_is_given_once(void **state) {
    (void)state;
    struct captured captured;
    CAPTURE(&captured, "--payload-bytes", "1", "--supervised", "--payload_bytes=1");
    assert_string_equal(captured.err, "sse_server: --payload-bytes is given twice: give it once\n");
    assert_int_equal(captured.status, 2);
}

static void a_forgotten_value_swallows_no_option(void **state) {
    (void)state;
    struct captured captured;
    CAPTURE(&captured, "--address", "--seed", "3");
    assert_int_equal(captured.status, 2);
    assert_string_equal(captured.err,
                        "sse_server: --address wants a text, but nothing follows it\n");
}

static void the_nearest_name_is_near(void **state) {
    (void)state;
    static const char *const names[] = {"subscribers", "seed", "poll_interval_ms"};
    assert_string_equal(options_nearest("subscriber", names, 3), "subscribers");
    assert_string_equal(options_nearest("sead", names, 3), "seed");
    assert_string_equal(options_nearest("poll-interval-ms", names, 3), "poll_interval_ms");
    assert_string_equal(options_nearest("pol_intervl_sec", names, 3), "poll_interval_ms");
    assert_null(options_nearest("payload", names, 3));
    assert_null(options_nearest("s", names, 3));
    assert_null(options_nearest("seed", names, 0));
    assert_string_equal(options_nearest("", (const char *const[]){"ab"}, 1), "ab");
}

/* --- --help and --options --------------------------------------------------------------------- */

static void help_shows_every_option(void **state) {
    (void)state;
    static const char *const lines[] = {
        "sse_server: Server-Sent Events\n",
        "Usage: sse_server [--option value | --option=value]...\n",
        "  --payload-bytes N           how long the payload of an event is [a whole number from 1\n"
        "                              to 1048576 (bytes); default 100]\n",
        "  --arrivals WORD             the gaps between events [constant, poisson or bursty;\n"
        "                              default constant]\n",
        "  --supervised                obey a runner\n",
        "  --no-delay on|off           TCP_NODELAY [on or off; default on]\n",
        "  --address TEXT              to listen on [default 127.0.0.1]\n",
        "  --offset NUMBER             any number [a number (s); default -0.5]\n",
        "  --untouched TEXT            has no default\n",
        "  --help                      print this text and exit\n",
    };
    struct captured captured;
    CAPTURE(&captured, "--seed=2", "--help");
    assert_int_equal(captured.status, 0);
    assert_string_equal(captured.err, "");
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        if (strstr(captured.out, lines[i]) == NULL) fail_msg("%s\n%s", lines[i], captured.out);
    }
    for (char *line = strtok(captured.out, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        assert_true(strlen(line) <= 90);
    }
}

static void assert_row(const json_t *array, size_t index, const char *expected) {
    json_t *row = json_loads(expected, 0, NULL);
    assert_non_null(row);
    if (!json_equal(json_array_get(array, index), row)) fail_msg("row %zu: %s", index, expected);
    json_decref(row);
}

static void options_are_printed_as_json(void **state) {
    (void)state;
    struct captured captured;
    CAPTURE(&captured, "--options");
    assert_int_equal(captured.status, 0);
    assert_string_equal(captured.err, "");
    json_t *array = json_loads(captured.out, 0, NULL);
    assert_int_equal(json_array_size(array), 11);
    assert_row(array, 0,
               "{\"name\":\"payload_bytes\",\"kind\":\"integer\",\"default\":\"100\",\"minimum\":1,"
               "\"maximum\":1048576,\"unit\":\"bytes\","
               "\"help\":\"how long the payload of an event is\"}");
    assert_row(array, 2,
               "{\"name\":\"arrivals\",\"kind\":\"choice\",\"default\":\"constant\",\"choices\":"
               "[\"constant\",\"poisson\",\"bursty\"],\"help\":\"the gaps between events\"}");
    assert_row(array, 3,
               "{\"name\":\"seed\",\"kind\":\"integer\",\"default\":\"1\",\"minimum\":0,"
               "\"help\":\"of all that is random\"}");
    assert_row(array, 4,
               "{\"name\":\"supervised\",\"kind\":\"flag\",\"default\":\"off\","
               "\"help\":\"obey a runner\"}");
    assert_row(array, 8, "{\"name\":\"untouched\",\"kind\":\"text\",\"help\":\"has no default\"}");
    assert_row(array, 10,
               "{\"name\":\"listen\",\"kind\":\"text\",\"default\":\"::1\",\"form\":\"address\","
               "\"help\":\"has a form\"}");
    json_decref(array);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_come_first),
        cmocka_unit_test(values_follow_or_are_joined),
        cmocka_unit_test(kebab_and_snake_are_the_same),
        cmocka_unit_test(a_flag_needs_no_value),
        cmocka_unit_test(only_values_are_values),
        cmocka_unit_test(hosts_have_names),
        cmocka_unit_test(limits_are_allowed_themselves),
        cmocka_unit_test(expectations_are_told),
        cmocka_unit_test(mistakes_are_told_in_one_sentence),
        cmocka_unit_test(an_option_is_given_once),
        cmocka_unit_test(a_forgotten_value_swallows_no_option),
        cmocka_unit_test(the_nearest_name_is_near),
        cmocka_unit_test(help_shows_every_option),
        cmocka_unit_test(options_are_printed_as_json),
    };
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}

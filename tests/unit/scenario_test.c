/* runner/scenario*: reading and checking */
#include "scenario/read.h"
#include "scenario/scenario.h"

#include "capture.h"
#include "fake_programs.h"

#define HEAD "[vary]\nstrategy = polling, sse\n[hold]\n"

static void everything_is_read(void **state) {
    struct scenario scenario;
    (void)state;
    int status =
        fake_scenario(&scenario,
                      "; a comment\n[scenario]\ntitle = A title, with a comma ; comment\n"
                      "repeats = 5\norder = shuffled\nseed = 42\nwarmup_seconds = 0.25\n"
                      "measure_seconds = 3\ndrain_seconds = 7\n\n[hold]\npayload_bytes=12\n"
                      "polling.interval_ms = 300\n[vary]\nstrategy = sse,polling\n"
                      "subscribers = 1, 10,100\n",
                      NULL, NULL);
    assert_int_equal(status, 0);
    assert_string_equal(scenario.name, "where");
    assert_string_equal(scenario.settings.title, "A title, with a comma");
    assert_int_equal(scenario.settings.repeats, 5);
    assert_int_equal(scenario.settings.order, ORDER_SHUFFLED);
    assert_int_equal(scenario.settings.seed, 42);
    assert_float_equal(scenario.settings.warmup_seconds, 0.25, 0);
    assert_float_equal(scenario.settings.measure_seconds, 3, 0);
    assert_float_equal(scenario.settings.drain_seconds, 7, 0);
    assert_int_equal(scenario.strategy_count, 2);
    assert_string_equal(scenario.strategies[0]->key, "sse");
    const struct parameter *subscribers = scenario_parameter(&scenario, "subscribers", NULL);
    assert_int_equal(subscribers->count, 3);
    assert_string_equal(subscribers->values[1], "10");
    assert_string_equal(subscribers->where, "some/where.ini:16");
    assert_non_null(scenario_parameter(&scenario, "interval_ms", strategy_find("polling")));
    assert_null(scenario_parameter(&scenario, "interval_ms", NULL));
    scenario_free(&scenario);
}

static void overrides_replace_and_add(void **state) {
    struct scenario scenario;
    const char *sets[] = {"payload-bytes = 1,2", " repeats=9 ", "events_per_second=0.5"};
    struct scenario_overrides overrides = {sets, 3, "sse, polling"};
    (void)state;
    assert_int_equal(scenario_read(&scenario, "x.ini", HEAD "payload_bytes = 7\n", &overrides), 0);
    assert_int_equal(scenario_parameter(&scenario, "payload_bytes", NULL)->count, 2);
    assert_int_equal(scenario.settings.repeats, 9);
    assert_non_null(scenario_parameter(&scenario, "events_per_second", NULL));
    assert_string_equal(scenario.text, HEAD "payload_bytes = 7\n"); /* nothing of them in here */
    assert_string_equal(scenario.overrides,
                        "{\"set\":{\"payload_bytes\":\"1,2\",\"repeats\":\"9\","
                        "\"events_per_second\":\"0.5\"},\"only\":\"sse,polling\"}");
    scenario_free(&scenario);
}

/* An editor or a document may have moved the whole to the right. */
static void indentation_means_nothing(void **state) {
    struct scenario scenario;
    (void)state;
    int status = fake_scenario(&scenario,
                               "  ; a comment\n  [scenario]\n\ttitle = Right\n  repeats = 2\n"
                               "  [vary]\n  strategy = sse\n",
                               NULL, NULL);
    assert_int_equal(status, 0);
    assert_string_equal(scenario.settings.title, "Right");
    assert_int_equal(scenario.settings.repeats, 2);
    assert_string_equal(scenario.text, "; a comment\n[scenario]\ntitle = Right\nrepeats = 2\n"
                                       "[vary]\nstrategy = sse\n");
    assert_string_equal(scenario.overrides, "{}");
    scenario_free(&scenario);
}

static void only_chooses_strategies(void **state) {
    struct scenario scenario;
    (void)state;
    assert_int_equal(fake_scenario(&scenario, HEAD, NULL, " sse "), 0);
    assert_int_equal(scenario.strategy_count, 1);
    assert_string_equal(scenario.strategies[0]->key, "sse");
    scenario_free(&scenario);
}

/* With one strategy its own options need no prefix. */
static void options_have_their_defaults(void **state) {
    struct catalog *catalog = catalog_new(fake_directory);
    const struct strategy *sse = strategy_find("sse");
    (void)state;
    assert_int_equal(catalog_load(catalog, sse), 0);
    assert_string_equal(catalog_find(catalog, sse, ROLE_SERVER, "events_per_second")->fallback,
                        "1");
    assert_null(catalog_find(catalog, sse, ROLE_SERVER, "arrivals")->fallback);
    catalog_free(catalog);
}

static void a_key_must_be_known_to_those_that_run(void **state) {
    struct scenario scenario;
    (void)state;
    assert_int_equal(fake_scenario(&scenario, HEAD "interval_ms = 5\n", NULL, "polling"), 0);
    scenario_free(&scenario);
}

struct mistake {
    const char *text, *set, *only, *sentence;
};

static void load_mistake(void *data) {
    const struct mistake *mistake = data;
    struct scenario scenario;
    int status = fake_scenario(&scenario, mistake->text, mistake->set, mistake->only);
    scenario_free(&scenario);
    _exit(status);
}

static void mistakes_are_told_in_one_sentence(void **state) {
    static const struct mistake mistakes[] = {
        {"[vary]\nsubscribers = 1\n", NULL, NULL, "some/where.ini: no strategy: "},
        {"[scenario]\nrepeat = 3\n", NULL, NULL,
         "some/where.ini:2: [scenario] has no key repeat: did you mean repeats?"},
        {"[scenario]\nrepeats = many\n", NULL, NULL,
         "some/where.ini:2: repeats must be a whole number from 1 to 1000, not \"many\""},
        {"[scenario]\norder = random\n", NULL, NULL,
         "some/where.ini:2: order must be interleaved, shuffled or fixed, not \"random\""},
        {"[hold]\npayload_bytes = 1, 2\n", NULL, NULL,
         "where.ini:2: [hold] takes one value per key"},
        {"[holds]\na = 1\n", NULL, NULL, "where.ini:2: there is no section [holds]"},
        {"[hold]\n\nnonsense\n", NULL, NULL, "where.ini:3: not a line of the form"},
        {HEAD "subscribers = 1\nsubscribers = 2\n", NULL, NULL,
         "where.ini:5: subscribers was given before, at some/where.ini:4"},
        {HEAD "payload_byte = 1\n", NULL, NULL,
         "where.ini:4: payload_byte is no key that a scenario can set: did you mean "
         "payload_bytes?"},
        {HEAD "subscriber = 1\n", NULL, NULL, "did you mean subscribers?"},
        {HEAD "payload_bytes = 1001\n", NULL, NULL,
         "where.ini:4: payload_bytes must be a whole number from 0 to 1000, not \"1001\""},
        {HEAD "arrivals = never\n", NULL, NULL, "arrivals must be constant or poisson, not"},
        {HEAD "subscribers = 0\n", NULL, NULL, "subscribers must be a whole number from 1 to"},
        {HEAD "interval_ms = 5\n", NULL, NULL,
         "sse has no interval_ms: write polling.interval_ms to set it for polling alone"},
        {HEAD "sse.interval_ms = 5\n", NULL, NULL, "sse.interval_ms is no key"},
        {HEAD "port = 5\n", NULL, NULL, "port is set by the runner"},
        {HEAD "ssse.payload_bytes = 5\n", NULL, NULL, "ssse is no strategy: did you mean sse?"},
        {"[vary]\nstrategy = websockets\n", NULL, NULL,
         "where.ini:2: websockets is no strategy: did you mean websocket?"},
        {"[vary]\nstrategy = sse, sse\n", NULL, NULL, "where.ini:2: strategy names sse twice"},
        {HEAD, "nothing", NULL, "--set nothing: expected key=value"},
        {HEAD, "subscribers=x", NULL, "--set subscribers=x: subscribers must be a whole number"},
        {"[scenario]\nseed = 1\ntitle = a\nseed = 2\n", NULL, NULL,
         "where.ini:4: seed was given before, at some/where.ini:2"},
        {HEAD, "seed=1;seed=1", NULL, "--set seed=1: seed was set before, by --set seed=1"},
        {HEAD, "payload-bytes=1;payload_bytes=2", NULL, "payload_bytes was set before, by --set"},
        {"[vary]\nstrategy = sse\nsubscribers = 10, 010\n", NULL, NULL,
         "where.ini:3: subscribers names 10 twice, once as 010"},
        {"[vary]\nstrategy = sse\nevents_per_second = 0.5, 1, 5e-1\n", NULL, NULL,
         "where.ini:3: events_per_second names 0.5 twice, once as 5e-1"},
        {HEAD "stall = 1:2:3\n", NULL, NULL,
         "where.ini:4: stall must be AT_MS:FOR_MS, e.g. 1000:500, for at most 60000 ms, not "
         "\"1:2:3\""},
        {HEAD "stall = nan:5\n", NULL, NULL, "where.ini:4: stall must be AT_MS:FOR_MS"},
        {HEAD "address_of = 127.0.0.300\n", NULL, NULL,
         "where.ini:4: address_of must be an IPv4 or IPv6 address or a host's name, e.g. "
         "127.0.0.1, not \"127.0.0.300\""},
        {HEAD "link.rttms = 5\n", NULL, NULL,
         "where.ini:4: the link has no rttms: did you mean link.rtt_ms?"},
        {HEAD "link.seed = 5\n", NULL, NULL,
         "where.ini:4: the link has no seed: `link --help` says"},
        {HEAD "link.rtt_ms = -1\n", NULL, NULL,
         "where.ini:4: link.rtt_ms must be a number from 0 to 60000, not \"-1\""},
        {HEAD "link.rtt_ms = 5\nsse.link.rtt_ms = 6\n", NULL, NULL,
         "where.ini:5: link.rtt_ms is set for all strategies and for sse: keep one of the two"},
        {HEAD "path = starlnk\n", NULL, NULL,
         "where.ini:4: there is no path starlnk: did you mean starlink?"},
        {HEAD "path = the moon\n", NULL, NULL, "where.ini:4: there is no path the moon: "},
        {HEAD "path = lte, the moon\n", NULL, NULL, "[hold] takes one value per key"},
        {"[scenario]\ntitle = Caf\xe9\n", NULL, NULL, "where.ini:2: the line is not UTF-8"},
        {"\n[scenario]\ntitle = \x1b[31mred\n", NULL, NULL,
         "where.ini:3: the line has a control character"},
        {"[scenario]\ntitle = a\rb\n", NULL, NULL, "where.ini:2: the line has a control"},
        {"[scenario]\ntitle = \xc2\x9b"
         "31mred\n",
         NULL, NULL, "where.ini:2: the line has a control"},
        {"; Caf\xe9\n", NULL, NULL, "where.ini:1: the line is not UTF-8"},
        {HEAD, "title=\x1b[31m", NULL, "the text of --set number 1 has a control character"},
        {HEAD, "title=a\n[hold]", NULL, "the text of --set number 1 has a"},
        {HEAD, "title=\xff", NULL, "the text of --set number 1 is not UTF-8"},
        {HEAD, NULL, "sse\x07", "the text of --only has a control character"},
        {HEAD, NULL, "tcp", "--only tcp: the scenario has no tcp"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        struct captured captured;
        struct mistake mistake = mistakes[i];
        capture(&captured, load_mistake, &mistake);
        if (strstr(captured.err, mistake.sentence) == NULL)
            fail_msg("wanted \"%s\", got \"%s\"", mistake.sentence, captured.err);
        assert_int_equal(captured.status, EXIT_USAGE);
        assert_ptr_equal(strchr(captured.err, '\n'), captured.err + strlen(captured.err) - 1);
    }
}

static void good_text_is_taken(void **state) {
    struct scenario scenario;
    (void)state;
    int status =
        fake_scenario(&scenario,
                      "\xef\xbb\xbf[scenario]\r\ntitle\t= Caf\xc3\xa9 \xc2\xa0 \xf0\x9f\x90\x99\r\n"
                      "[vary]\r\nstrategy = sse\r\nsubscribers = 1, 10\r\n",
                      "stall=0:5", NULL);
    assert_int_equal(status, 0);
    assert_string_equal(scenario.settings.title, "Caf\xc3\xa9 \xc2\xa0 \xf0\x9f\x90\x99");
    scenario_free(&scenario);
}

static void a_long_line_is_a_mistake(void **state) {
    char text[1000] = "[scenario]\ntitle = ";
    struct captured captured;
    struct mistake mistake = {text, NULL, NULL, NULL};
    (void)state;
    memset(text + strlen(text), 'x', 900);
    capture(&captured, load_mistake, &mistake);
    assert_int_equal(captured.status, EXIT_USAGE);
    assert_non_null(strstr(captured.err, "where.ini:2: the line is longer than"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_read),
        cmocka_unit_test(overrides_replace_and_add),
        cmocka_unit_test(indentation_means_nothing),
        cmocka_unit_test(only_chooses_strategies),
        cmocka_unit_test(options_have_their_defaults),
        cmocka_unit_test(a_key_must_be_known_to_those_that_run),
        cmocka_unit_test(mistakes_are_told_in_one_sentence),
        cmocka_unit_test(good_text_is_taken),
        cmocka_unit_test(a_long_line_is_a_mistake),
    };
    return cmocka_run_group_tests_name("scenario", tests, fake_programs_make, fake_programs_remove);
}

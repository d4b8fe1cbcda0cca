/* runner/expect: what a scenario predicts, and whether it came true */
#include "made_up.h"

#include "expect/expect.h"
#include "expect/expectation.h"
#include "expect/figure.h"

#include <string.h>

/* --- reading a line --------------------------------------------------------------------------- */

static char *mistake_of(const char *text) {
    struct expectation e;
    sqlite3 *db;
    char *mistake;
    json_t *parameters = json_pack("{s:i, s:i}", "subscribers", 10, "interval_ms", 500);
    const json_t *const all[] = {parameters};
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    int status = expectation_read(&e, db, "a line", text, &(struct expect_keys){all, 1}, &mistake);
    assert_int_equal(status, mistake == NULL ? 0 : -1);
    expectation_free(&e);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    json_decref(parameters);
    return mistake;
}

static void what_is_no_expectation_is_told(void **state) {
    static const struct {
        const char *text, *mistake;
    } cases[] = {
        {"lost", "there is no comparison: write LEFT < RIGHT"},
        {"(lost = 0)", "there is no comparison"},
        {"0 < lost < 5", "there are two comparisons: make it two lines"},
        {"lost = ", "it is no expression: near \")\""},
        {"= 0", "it is no expression"},
        {"lost + = 0", "it is no expression"},
        {"lost = 0, 1", "it is no expression"},
        {"lots = 0",
         "lots is neither a metric nor a key that this scenario sets: did you mean lost?"},
        {"subscriber > 2", "did you mean subscribers?"},
        {"events_per_second > 2", "events_per_second is neither a metric"},
        {"charm > 2", "charm is neither a metric (`pushpull metrics` lists them) nor a key"},
        {"charm(lost) = 2", "it is no expression: no such function: charm"},
        {"pigeon.lost = 0", "there is no strategy pigeon"},
        {"sse.charm = 0", "charm is neither a metric"},
        {"sse.lost = lost", "lost is of which strategy? Others have a prefix: write sse.lost"},
        {"lost = (0", "a parenthesis or a quote is not closed"},
        {"lost = 0)", "a parenthesis or a quote is not closed"},
        {"lost = 0) + (1", "a parenthesis or a quote is not closed"},
        {"lost = 'a", "a parenthesis or a quote is not closed"},
        {"lost = 0; DROP TABLE trial", "; is no part of an expression"},
        {"lost = (SELECT 1)", "select is no part of an expression"},
        {"lost = 0 -- never", "-- is no part of an expression"},
        {"lost = ?1", "? is no part of an expression"},
        {"lost = 0 within 5", "within takes a share, and stands before where: within 5 %"},
        {"lost = 0 within x %", "within takes a share"},
        {"lost = 0 where subscribers > 1 within 5 %",
         "within takes a share, and stands before where"},
        {"lost < 0 within 5 %", "within belongs to =: how near is equal"},
        {"lost = 0 where", "it is no expression"},
        {"lost = 0 where charm > 1", "charm is neither a metric"},
        {"lost = 0", NULL},
        {"sse.lost + 2 * abs(tcp.lost) <= max(1, interval_ms) where subscribers in (1, 10)", NULL},
        {"sse.delivery_latency_mean_us = 500 * polling.interval_ms + 1.5e3 within 0.5 %", NULL},
        {"(case when subscribers > 5 and not lost is null then 1 else 0 end) = 1", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *mistake = mistake_of(cases[i].text);
        if (cases[i].mistake == NULL ? mistake != NULL
                                     : mistake == NULL || strstr(mistake, cases[i].mistake) == NULL)
            fail_msg("\"%s\": %s", cases[i].text, mistake == NULL ? "no mistake" : mistake);
        free(mistake);
    }
}

/* --- against figures -------------------------------------------------------------------------- */

/* Polling at two intervals and SSE, with 10 and 100 subscribers: polling's mean latency is half the interval
 * (and 1 ms), SSE's is 1 ms; SSE loses 3 of 100 subscribers. Bytes have two repeats, 90 and 110. */
static sqlite3 *measured(const char *expectations) {
    sqlite3 *db = empty_database();
    add_experiment(db, 1);
    char *sql = sqlite3_mprintf("UPDATE experiment SET scenario_text = "
                                "'[scenario]' || char(10) || 'title = T' || char(10) || "
                                "'[expect]' || char(10) || %Q",
                                expectations);
    run_sql(db, sql);
    sqlite3_free(sql);
    for (int subscribers = 10; subscribers <= 100; subscribers *= 10)
        for (int repeat = 1; repeat <= 2; repeat++) {
            for (int interval = 100; interval <= 200; interval += 100) {
                char *cell =
                    xasprintf("{\"interval_ms\":%d,\"subscribers\":%d}", interval, subscribers);
                int64_t trial = add_trial(db, 1, "polling", cell, repeat, "valid");
                add_metric(db, trial, "delivery_latency_mean_us", "us", 500 * interval + 1000);
                add_metric(db, trial, "lost", "count", 0);
                free(cell);
            }
            char *cell = xasprintf("{\"subscribers\":%d}", subscribers);
            int64_t trial = add_trial(db, 1, "sse", cell, repeat,
                                      subscribers == 100 ? "generator_bound" : "valid");
            add_metric(db, trial, "delivery_latency_mean_us", "us", 1000);
            add_metric(db, trial, "lost", "count", subscribers == 100 ? 3 : 0);
            add_metric(db, trial, "wire_bytes_per_delivery", "bytes", repeat == 1 ? 90 : 110);
            free(cell);
        }
    return db;
}

static void assert_outcome(const char *text, enum expect_outcome outcome, int cases,
                           const char *label, const char *says) {
    struct expect_result result;
    char *line = xasprintf("a line = %s\n", text);
    sqlite3 *db = measured(line);
    assert_int_equal(expectations_evaluate(&result, db, 1, NULL), 0);
    assert_int_equal(result.count, 1);
    const struct expect_case *witness = expect_witness(&result.lines[0]);
    const char *found = witness == NULL ? "no cell" : witness->says;
    if (result.lines[0].outcome != outcome || result.lines[0].case_count != cases ||
        strstr(found, says) == NULL || (witness != NULL && strcmp(witness->label, label) != 0))
        fail_msg("\"%s\": %s in %d cases, %s: %s", text, expect_words[result.lines[0].outcome],
                 result.lines[0].case_count, witness == NULL ? "" : witness->label, found);
    expectations_free(&result);
    sqlite3_close(db);
    free(line);
}

static void a_line_is_for_every_cell(void **state) {
    (void)state;
    assert_outcome("lost >= 0", HELD, 6, "polling interval_ms=100 subscribers=10", "0 >= 0");
    assert_outcome("lost = 0", REFUTED, 6, "sse subscribers=100", "3 = 0");
    assert_outcome("lost = 0 where subscribers < 50", HELD, 3,
                   "polling interval_ms=100 subscribers=10", "0 = 0");
    assert_outcome("sse.lost = 0", REFUTED, 2, "subscribers=100", "3 = 0");
    assert_outcome("lost = 0 where subscribers > 500", UNDECIDED, 0, "", "no cell");
    assert_outcome("tcp.lost = 0", UNDECIDED, 0, "", "no cell");
}

static void cells_are_joined_by_what_they_share(void **state) {
    (void)state;
    /* Latency of SSE with 100 subscribers may not be believed: two of four sets are undecided. */
    assert_outcome(
        "polling.delivery_latency_mean_us = 500 * interval_ms + sse.delivery_latency_mean_us", HELD,
        4, "interval_ms=100 subscribers=10", "51.0 ms = 51.0 ms");
    assert_outcome("polling.lost < sse.lost", REFUTED, 4, "interval_ms=100 subscribers=10",
                   "0 < 0");
    assert_outcome("polling.lost < sse.lost where subscribers = 100", HELD, 2,
                   "interval_ms=100 subscribers=100", "0 < 3");
}

static void what_is_not_believed_decides_nothing(void **state) {
    (void)state;
    assert_outcome("sse.delivery_latency_mean_us < 5 where subscribers = 100", UNDECIDED, 1,
                   "subscribers=100", "delivery_latency_mean_us of sse may not be believed");
    assert_outcome("sse.requests = 0", UNDECIDED, 2, "subscribers=10", "sse has no requests");
    assert_outcome("sse.lost / 0 = 1", UNDECIDED, 2, "subscribers=10", "a side has no value");
}

/* The median of 90 and 110 is 100, and lies between them. */
static void an_interval_that_covers_both_decides_nothing(void **state) {
    const char *bytes = "100 B (90.0 B to 110 B)";
    (void)state;
    assert_outcome("sse.wire_bytes_per_delivery < 111", HELD, 2, "subscribers=10", bytes);
    assert_outcome("sse.wire_bytes_per_delivery < 100", UNDECIDED, 2, "subscribers=10", bytes);
    assert_outcome("sse.wire_bytes_per_delivery < 89", REFUTED, 2, "subscribers=10", bytes);
    assert_outcome("sse.wire_bytes_per_delivery = 100 within 11 %", HELD, 2, "subscribers=10",
                   bytes);
    assert_outcome("sse.wire_bytes_per_delivery = 105 within 1 %", UNDECIDED, 2, "subscribers=10",
                   bytes);
    assert_outcome("sse.wire_bytes_per_delivery = 120 within 1 %", REFUTED, 2, "subscribers=10",
                   bytes);
    assert_outcome("sse.wire_bytes_per_delivery != 105", UNDECIDED, 2, "subscribers=10", bytes);
    /* the same figure on both sides moves with itself */
    assert_outcome("2 * sse.wire_bytes_per_delivery > sse.wire_bytes_per_delivery", HELD, 2,
                   "subscribers=10", "200 B (180 B to 220 B) > 100 B");
}

static void a_scenario_without_any_has_none(void **state) {
    struct expect_result result;
    sqlite3 *db = measured("");
    (void)state;
    assert_int_equal(expectations_evaluate(&result, db, 1, NULL), 0);
    assert_int_equal(result.count, 0);
    expectations_free(&result);
    sqlite3_close(db);
}

/* --- a figure --------------------------------------------------------------------------------- */

static void an_expression_has_a_value(void **state) {
    static const struct {
        const char *expression, *where;
        double value, low, high;
    } cases[] = {
        {"polling.delivery_latency_mean_us / 1000", "interval_ms = 100 and subscribers = 10", 51,
         51, 51},
        {"polling.delivery_latency_mean_us - sse.delivery_latency_mean_us",
         "interval_ms = 200 and subscribers = 10", 100000, 100000, 100000},
        {"2 * sse.wire_bytes_per_delivery", "subscribers = 10", 200, 180, 220},
        {"1500", NULL, 1500, 1500, 1500},
        {"interval_ms / 2", "interval_ms = 200 and subscribers = 10", 100, 100, 100},
    };
    sqlite3 *db = measured("");
    struct subject subject;
    (void)state;
    assert_int_equal(subject_open(&subject, db, 1), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct expect_figure figure;
        char *mistake;
        if (expect_figure(&figure, &subject, cases[i].expression, cases[i].where, &mistake) != 0)
            fail_msg("%s: %s", cases[i].expression, mistake);
        assert_null(figure.why);
        assert_true(figure.value == cases[i].value);
        assert_true(figure.low == cases[i].low && figure.high == cases[i].high);
        expect_figure_free(&figure);
    }
    subject_close(&subject);
    sqlite3_close(db);
}

static void a_single_figure_has_an_owner(void **state) {
    struct expect_figure figure;
    struct subject subject;
    char *mistake;
    sqlite3 *db = measured("");
    (void)state;
    assert_int_equal(subject_open(&subject, db, 1), 0);
    assert_int_equal(expect_figure(&figure, &subject, "sse.wire_bytes_per_delivery / 1000",
                                   "subscribers = 100", &mistake),
                     0);
    assert_string_equal(figure.strategy, "sse");
    assert_string_equal(figure.parameters, "{\"subscribers\":100}");
    assert_string_equal(figure.metric, "wire_bytes_per_delivery");
    assert_true(figure.metric_value == 100 && figure.value == 0.1);
    expect_figure_free(&figure);
    assert_int_equal(expect_figure(&figure, &subject, "sse.lost + sse.wire_bytes_per_delivery",
                                   "subscribers = 100", &mistake),
                     0);
    assert_null(figure.strategy);
    expect_figure_free(&figure);
    subject_close(&subject);
    sqlite3_close(db);
}

static void no_value_has_a_reason(void **state) {
    static const struct {
        const char *expression, *where, *mistake, *why;
    } cases[] = {
        {"sse.lots", NULL, "did you mean lost?", NULL},
        {"sse.lost", NULL, "2 cells are left over, not one", NULL},
        {"sse.lost", "subscribers = 7", "no cell is left over", NULL},
        {"lost", "subscribers = 10", "3 cells are left over", NULL},
        {"sse.lost <", NULL, "two comparisons", NULL},
        {"sse.delivery_latency_mean_us", "subscribers = 100", NULL, "may not be believed"},
        {"polling.wire_bytes_per_delivery", "subscribers = 10 and interval_ms = 100", NULL,
         "polling has no wire_bytes_per_delivery"},
        {"1 / (sse.lost * 0)", "subscribers = 10", NULL, "it has no value"},
    };
    sqlite3 *db = measured("");
    struct subject subject;
    (void)state;
    assert_int_equal(subject_open(&subject, db, 1), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct expect_figure figure;
        char *mistake;
        int status =
            expect_figure(&figure, &subject, cases[i].expression, cases[i].where, &mistake);
        const char *said = status != 0 ? mistake : figure.why;
        const char *wanted = cases[i].mistake != NULL ? cases[i].mistake : cases[i].why;
        assert_int_equal(status, cases[i].mistake != NULL ? -1 : 0);
        if (said == NULL || strstr(said, wanted) == NULL)
            fail_msg("%s: %s", cases[i].expression, said == NULL ? "nothing" : said);
        expect_figure_free(&figure);
        free(mistake);
    }
    subject_close(&subject);
    sqlite3_close(db);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_expectation_is_told),
        cmocka_unit_test(a_line_is_for_every_cell),
        cmocka_unit_test(cells_are_joined_by_what_they_share),
        cmocka_unit_test(what_is_not_believed_decides_nothing),
        cmocka_unit_test(an_interval_that_covers_both_decides_nothing),
        cmocka_unit_test(a_scenario_without_any_has_none),
        cmocka_unit_test(an_expression_has_a_value),
        cmocka_unit_test(a_single_figure_has_an_owner),
        cmocka_unit_test(no_value_has_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

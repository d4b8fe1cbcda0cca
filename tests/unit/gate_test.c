/* runner/compare/gate: from pairs in the database to a verdict: the control, tolerances, what is advisory */
#include "compare/formats.h"

#include "capture.h"
#include "made_up.h"

#include <jansson.h>
#include <math.h>

#define PAIRS 30

/* What the two of a pair measure. A figure that is 0 is not there. */
struct figures {
    double p50, p99, bytes, per_second, lost;
};

static sqlite3 *paired(const char *gate_lines) {
    sqlite3 *db = empty_database();
    char *sql =
        xasprintf("INSERT INTO experiment VALUES (1, 'made_up', '[gate]\n%s', "
                  "'{\"base\":\"elsewhere\",\"pairs\":%d}', 'live', 7, '2026-01-01T00:00:00Z',"
                  " NULL, 'new', '{\"base_revision\":\"old\"}', '')",
                  gate_lines, PAIRS);
    run_sql(db, sql);
    free(sql);
    return db;
}

static void add_one(sqlite3 *db, const char *strategy, const char *variant, int batch, int pair,
                    const struct figures *f, double factor) {
    int64_t id = add_trial(db, 1, strategy, "{\"subscribers\":1}", pair, "valid");
    char *sql = xasprintf("UPDATE trial SET variant = '%s', batch = %d WHERE id = %lld", variant,
                          batch, (long long)id);
    run_sql(db, sql);
    free(sql);
    if (f->p50 > 0) add_quantile(db, id, "delivery_latency_p50_us", f->p50 * factor);
    if (f->p99 > 0) add_metric(db, id, "delivery_latency_p99_us", "us", f->p99 * factor);
    if (f->bytes > 0) add_metric(db, id, "wire_bytes_per_delivery", "bytes", f->bytes);
    if (f->per_second > 0)
        add_metric(db, id, "deliveries_per_second", "1/s", f->per_second * factor);
    add_metric(db, id, "lost", "count", f->lost);
}

/* Both batches, each pair with a level of its own, and a little more or less in the candidate. */
static void add_pairs(sqlite3 *db, const char *strategy, const struct figures *base,
                      const struct figures *candidate) {
    const char *other = strategy_find(strategy)->floor ? "control" : "candidate";
    for (int batch = 1; batch <= 2; batch++)
        for (int pair = 1; pair <= PAIRS; pair++) {
            double level = 1 + 0.3 * (pair % 7);
            add_one(db, strategy, "base", batch, pair, base, level);
            add_one(db, strategy, other, batch, pair, candidate,
                    level * (1 + 0.004 * (pair * 7 % 11 - 5)));
        }
}

static const struct gate_item *item_of(const struct gate *gate, const char *strategy,
                                       const char *metric) {
    char name[METRIC_NAME_SIZE];
    for (int i = 0; i < gate->count; i++) {
        const struct gate_item *item = &gate->items[i];
        if (strcmp(item->strategy->key, strategy) == 0 && item->metric.kind != NULL &&
            strcmp(metric_name(name, item->metric), metric) == 0)
            return item;
    }
    fail_msg("there is no %s of %s", metric, strategy);
    return NULL;
}

static void check_word(const struct gate *gate, const char *strategy, const char *metric,
                       const char *word) {
    assert_string_equal(gate_word(gate, item_of(gate, strategy, metric)), word);
}

static const char latency_and_bytes[] = "delivery_latency_p50_us = 5 % and 10 us\n"
                                        "wire_bytes_per_delivery = 1 %\nlost = default\n";
static const struct figures usual = {.p50 = 400, .bytes = 300};
static const struct figures slower = {.p50 = 440, .bytes = 300};
static const struct figures dearer = {.p50 = 400, .bytes = 315};

static void what_is_slower_is_red(void **state) {
    struct gate gate;
    (void)state;
    sqlite3 *db = paired(latency_and_bytes);
    add_pairs(db, "sse", &usual, &slower);
    add_pairs(db, "websocket", &usual, &usual);
    add_pairs(db, "tcp", &usual, &usual);
    assert_int_equal(gate_read(&gate, db, 1), 0);
    assert_int_equal(gate.verdict, REGRESSION);
    assert_int_equal(gate_status(&gate), EXIT_REGRESSION);
    check_word(&gate, "sse", "delivery_latency_p50_us", "slower");
    check_word(&gate, "sse", "wire_bytes_per_delivery", "no measurable difference");
    check_word(&gate, "websocket", "delivery_latency_p50_us", "no measurable difference");
    const struct gate_item *item = item_of(&gate, "sse", "delivery_latency_p50_us");
    struct shift changes = gate_changes(item, gate_batch(item));
    assert_true(fabs(changes.value - 0.1) < 0.01 && changes.low < changes.value);
    char *sentence = gate_sentence(&gate);
    assert_non_null(
        strstr(sentence, "Regression: 1 of 8 figures is worse. median delivery latency of SSE: "));
    free(sentence);
    gate_free(&gate);
    sqlite3_close(db);
}

/* The base against itself differs: nothing that is timed is believed; what is counted is. */
static void a_control_that_moves(void **state) {
    static const struct {
        const struct figures *candidate;
        enum gate_verdict verdict;
    } cases[] = {{&usual, INCONCLUSIVE}, {&slower, INCONCLUSIVE}, {&dearer, REGRESSION}};
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct gate gate;
        sqlite3 *db = paired(latency_and_bytes);
        add_pairs(db, "sse", &usual, cases[i].candidate);
        add_pairs(db, "tcp", &usual, &slower);
        assert_int_equal(gate_read(&gate, db, 1), 0);
        assert_int_equal(gate.verdict, cases[i].verdict);
        if (i == 1) check_word(&gate, "sse", "delivery_latency_p50_us", "cannot say");
        if (i == 2) check_word(&gate, "sse", "wire_bytes_per_delivery", "worse");
        char *sentence = gate_sentence(&gate);
        if (i < 2) assert_non_null(strstr(sentence, "median delivery latency of TCP (floor) by +"));
        free(sentence);
        gate_free(&gate);
        sqlite3_close(db);
    }
}

static void a_control_without_figures(void **state) {
    struct gate gate;
    (void)state;
    sqlite3 *db = paired(latency_and_bytes);
    add_pairs(db, "sse", &usual, &usual);
    add_pairs(db, "tcp", &usual, &usual);
    run_sql(db,
            "UPDATE trial SET status = 'failed', verdict = 'failed' WHERE strategy = 'tcp';"
            "DELETE FROM metric WHERE trial_id IN (SELECT id FROM trial WHERE strategy = 'tcp')");
    assert_int_equal(gate_read(&gate, db, 1), 0);
    assert_int_equal(gate.verdict, INCONCLUSIVE);
    char *sentence = gate_sentence(&gate);
    assert_non_null(strstr(sentence, "it has no figures"));
    assert_non_null(strstr(sentence, "60 trials of the base failed"));
    free(sentence);
    gate_free(&gate);
    sqlite3_close(db);
}

/* 40 us are 10 %, and both bounds of a tolerance must be exceeded. */
static void both_bounds(void **state) {
    static const struct {
        const char *gate;
        enum gate_verdict verdict;
    } cases[] = {
        {"delivery_latency_p50_us = 5 % and 10 us\n", REGRESSION},
        {"delivery_latency_p50_us = 5 % and 500 us\n", NO_REGRESSION},
        {"delivery_latency_p50_us = 20 %\n", NO_REGRESSION},
    };
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct gate gate;
        sqlite3 *db = paired(cases[i].gate);
        add_pairs(db, "sse", &usual, &slower);
        assert_int_equal(gate_read(&gate, db, 1), 0);
        assert_int_equal(gate.verdict, cases[i].verdict);
        gate_free(&gate);
        sqlite3_close(db);
    }
}

/* Less of what is better more is worse, and its interval the right way round. */
static void more_is_better(void **state) {
    const struct figures many = {.per_second = 1000}, fewer = {.per_second = 900};
    struct gate gate;
    (void)state;
    sqlite3 *db = paired("deliveries_per_second = 5 %\n");
    add_pairs(db, "sse", &many, &fewer);
    add_pairs(db, "polling", &fewer, &many);
    assert_int_equal(gate_read(&gate, db, 1), 0);
    check_word(&gate, "sse", "deliveries_per_second", "worse");
    check_word(&gate, "polling", "deliveries_per_second", "better");
    const struct gate_item *item = item_of(&gate, "sse", "deliveries_per_second");
    struct shift changes = gate_changes(item, gate_batch(item));
    assert_true(fabs(changes.value + 0.1) < 0.01);
    assert_true(changes.low <= changes.value && changes.value <= changes.high);
    gate_free(&gate);
    sqlite3_close(db);
}

/* A p99 without an interval had too few events: it is shown, and decides nothing. */
static void too_few_events(void **state) {
    const struct figures some = {.p99 = 1000}, worse = {.p99 = 2000};
    struct gate gate;
    (void)state;
    sqlite3 *db = paired("delivery_latency_p99_us = 5 %\nlost = default\n");
    add_pairs(db, "sse", &some, &worse);
    assert_int_equal(gate_read(&gate, db, 1), 0);
    assert_int_equal(gate.verdict, NO_REGRESSION);
    assert_true(item_of(&gate, "sse", "delivery_latency_p99_us")->advisory);
    run_sql(db,
            "UPDATE metric SET low = value, high = value WHERE name = 'delivery_latency_p99_us'");
    gate_free(&gate);
    assert_int_equal(gate_read(&gate, db, 1), 0);
    assert_int_equal(gate.verdict, REGRESSION);
    gate_free(&gate);
    sqlite3_close(db);
}

/* What only the base has can not be compared; what neither has is not asked for. */
static void figures_of_one_side(void **state) {
    const struct figures none = {.lost = 0}, bytes = {.bytes = 300};
    struct gate gate;
    (void)state;
    sqlite3 *db = paired("wire_bytes_per_delivery = 1 %\n");
    add_pairs(db, "sse", &bytes, &none);
    assert_int_equal(gate_read(&gate, db, 1), 0);
    assert_int_equal(gate.verdict, INCONCLUSIVE);
    check_word(&gate, "sse", "wire_bytes_per_delivery", "cannot say");
    gate_free(&gate);
    sqlite3_close(db);
    db = paired("wire_bytes_per_delivery = 1 %\n");
    add_pairs(db, "sse", &none, &none);
    assert_int_equal(gate_read(&gate, db, 1), 0);
    assert_int_equal(gate.verdict, NO_REGRESSION);
    gate_free(&gate);
    sqlite3_close(db);
}

/* Losses of the candidate in each third pair; of both alike. */
static void losses(void **state) {
    struct gate gate;
    (void)state;
    for (int both = 0; both < 2; both++) {
        sqlite3 *db = paired("lost = default\n");
        add_pairs(db, "sse", &usual, &usual);
        char *sql = xasprintf("UPDATE metric SET value = 2 WHERE name = 'lost' AND trial_id IN"
                              " (SELECT id FROM trial WHERE repeat %% 3 = 0 AND variant IN"
                              " ('candidate', '%s'))",
                              both ? "base" : "");
        run_sql(db, sql);
        free(sql);
        assert_int_equal(gate_read(&gate, db, 1), 0);
        assert_int_equal(gate.verdict, both ? NO_REGRESSION : REGRESSION);
        gate_free(&gate);
        sqlite3_close(db);
    }
}

/* --- forms ------------------------------------------------------------------------------------ */

static char *written(void (*write)(FILE *, const struct gate *, sqlite3 *), const struct gate *gate,
                     sqlite3 *db) {
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    write(out, gate, db);
    fclose(out);
    return text;
}

/* Also where every trial failed, nothing is in common, or a name has what XML does not take. */
static void every_form_of_every_verdict(void **state) {
    const struct figures none = {.lost = 0};
    const struct figures *candidates[] = {&usual, &slower, &none};
    static const enum gate_verdict verdicts[] = {NO_REGRESSION, REGRESSION, INCONCLUSIVE};
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct gate gate;
        sqlite3 *db = paired(latency_and_bytes);
        add_pairs(db, "sse", &usual, candidates[i]);
        run_sql(db, "UPDATE experiment SET scenario = 'R&D <\"1\">'");
        if (i == 2)
            run_sql(db, "UPDATE trial SET status = 'failed' WHERE variant = 'base';"
                        "DELETE FROM metric WHERE trial_id IN"
                        " (SELECT id FROM trial WHERE variant = 'base')");
        assert_int_equal(gate_read(&gate, db, 1), 0);
        assert_int_equal(gate.verdict, verdicts[i]);
        char *json = written(format_json, &gate, db), *bmf = written(format_bmf, &gate, db);
        char *action = written(format_benchmark_action, &gate, db);
        char *xml = written(format_junit, &gate, db), *text = written(format_text, &gate, db);
        char *markdown = written(format_markdown, &gate, db);
        json_t *all = json_loads(json, 0, NULL), *other;
        assert_non_null(all);
        assert_string_equal(json_string_value(json_object_get(all, "verdict")), gate_verdicts[i]);
        assert_null(strstr(json, "inf"));
        assert_non_null(other = json_loads(bmf, 0, NULL));
        json_decref(other);
        assert_non_null(other = json_loads(action, 0, NULL));
        json_decref(other);
        assert_non_null(strstr(xml, "classname=\"R&amp;D &lt;&quot;1&quot;&gt;.sse\""));
        assert_int_equal(strstr(xml, "<failure") != NULL, i == 1);
        assert_int_equal(strstr(xml, "<skipped") != NULL, i == 2);
        assert_non_null(strstr(text, "There was no control"));
        assert_non_null(strstr(markdown, "There was no control"));
        assert_null(strstr(text, "nan"));
        json_decref(all);
        free(json);
        free(bmf);
        free(action);
        free(xml);
        free(text);
        free(markdown);
        gate_free(&gate);
        sqlite3_close(db);
    }
}

static void read_unpaired(void *data) {
    struct gate gate;
    int64_t *id = data;
    sqlite3 *db = empty_database();
    add_experiment(db, 1);
    exit(gate_read(&gate, db, *id) == 0 ? 0 : 1);
}

static void what_is_no_paired_run(void **state) {
    static const char *const says[] = {
        "experiment 1 was not run in pairs: only `run --base` makes such",
        "there is no experiment 2"};
    (void)state;
    for (int64_t id = 1; id <= 2; id++) {
        struct captured captured;
        capture(&captured, read_unpaired, &id);
        assert_int_equal(captured.status, 1);
        assert_non_null(strstr(captured.err, says[id - 1]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_slower_is_red),
        cmocka_unit_test(a_control_that_moves),
        cmocka_unit_test(a_control_without_figures),
        cmocka_unit_test(both_bounds),
        cmocka_unit_test(more_is_better),
        cmocka_unit_test(too_few_events),
        cmocka_unit_test(figures_of_one_side),
        cmocka_unit_test(losses),
        cmocka_unit_test(every_form_of_every_verdict),
        cmocka_unit_test(what_is_no_paired_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

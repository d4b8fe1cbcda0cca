/* runner/store/views.sql */
#include "made_up.h"

#include "figures/statistics.h"
#include "store/sql.h"

#include <string.h>

/* What a query answers, as text; "" for NULL and for no row. */
static void assert_answer(sqlite3 *db, const char *sql, const char *expected) {
    char *answer = sql_one_text(db, sql, 1);
    assert_string_equal(answer == NULL ? "" : answer, expected);
    free(answer);
}

/* --- the summary ------------------------------------------------------------------------------ */

/* n repeats with the values n, n - 1, ..., 1. */
static sqlite3 *with_repeats(int n) {
    sqlite3 *db = empty_database();
    add_experiment(db, 1);
    for (int i = n; i >= 1; i--)
        add_metric(db, add_trial(db, 1, "sse", "{}", i, "valid"), "age_mean_us", "us", i);
    return db;
}

static void the_value_is_the_median(void **state) {
    (void)state;
    for (int n = 1; n <= 20; n++) {
        sqlite3 *db = with_repeats(n);
        char *expected = xasprintf("%.1f|%d|%d", (n + 1) / 2.0, n, n);
        assert_answer(db, "SELECT value || '|' || repeats || '|' || believed FROM summary",
                      expected);
        free(expected);
        sqlite3_close(db);
    }
}

/* Ranks from the tables of the sign test (two-sided, 5 %). */
static void the_interval_is_by_rank(void **state) {
    static const struct {
        int n;
        const char *interval;
    } cases[] = {
        {2, "1.0|2.0"},   {5, "1.0|5.0"},   {6, "1.0|6.0"},   {8, "1.0|8.0"},   {9, "2.0|8.0"},
        {12, "3.0|10.0"}, {15, "4.0|12.0"}, {20, "6.0|15.0"}, {25, "8.0|18.0"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        sqlite3 *db = with_repeats(cases[i].n);
        assert_answer(db, "SELECT low || '|' || high FROM summary", cases[i].interval);
        sqlite3_close(db);
    }
}

/* As the views ask for it, for as many repeats as the table knows. */
static void the_ranks_are_those_of_the_statistics(void **state) {
    sqlite3 *db = empty_database();
    (void)state;
    for (int n = 1; n <= 1000; n++) {
        char *sql = xasprintf("SELECT k FROM interval_rank WHERE from_n <= %d"
                              " ORDER BY from_n DESC LIMIT 1",
                              n);
        assert_int_equal(sql_one_integer(db, sql, 0, 0), median_interval_rank(n));
        free(sql);
    }
    sqlite3_close(db);
}

static void one_trial_has_its_own_interval(void **state) {
    sqlite3 *db = empty_database();
    (void)state;
    add_experiment(db, 1);
    int64_t trial = add_trial(db, 1, "sse", "{}", 1, "valid");
    add_quantile(db, trial, "delivery_latency_p50_us", 100);
    add_metric(db, trial, "age_mean_us", "us", 5);
    assert_answer(db,
                  "SELECT round(low) || '|' || round(high) FROM summary WHERE unit = 'us'"
                  " AND metric = 'delivery_latency_p50_us'",
                  "90.0|110.0");
    assert_answer(db, "SELECT low FROM summary WHERE metric = 'age_mean_us'", "");
    sqlite3_close(db);
}

static void doubtful_trials_are_left_out(void **state) {
    sqlite3 *db = with_repeats(3);
    (void)state;
    int64_t trial = add_trial(db, 1, "sse", "{}", 4, "generator_bound");
    add_metric(db, trial, "age_mean_us", "us", 1e6);
    add_doubt(db, trial, "freshness", "generator_bound");
    add_metric(db, add_trial(db, 1, "sse", "{}", 5, "saturated"), "age_mean_us", "us", 4);
    assert_answer(db, "SELECT value || '|' || repeats || '|' || believed FROM summary", "2.5|5|4");
    sqlite3_close(db);
}

static void without_a_believed_trial_the_others_speak(void **state) {
    sqlite3 *db = empty_database();
    (void)state;
    add_experiment(db, 1);
    int64_t trial = add_trial(db, 1, "sse", "{}", 1, "generator_bound");
    add_metric(db, trial, "delivery_latency_mean_us", "us", 7);
    assert_answer(db, "SELECT value || '|' || believed || '|' || verdict FROM summary",
                  "7.0|0|generator_bound");
    sqlite3_close(db);
}

/* The generator was late: what it is told by its own clock is gone, what was counted is not. A strategy's
 * own counter is work. */
static void a_verdict_takes_no_more_than_it_names(void **state) {
    sqlite3 *db = empty_database();
    (void)state;
    add_experiment(db, 1);
    int64_t trial = add_trial(db, 1, "sse", "{}", 1, "generator_bound");
    add_metric(db, trial, "delivery_latency_mean_us", "us", 7);
    add_metric(db, trial, "wire_bytes_per_delivery", "bytes", 8);
    add_metric(db, trial, "kept_alive", "count", 9);
    assert_answer(db,
                  "SELECT group_concat(metric || ' ' || believed) FROM"
                  " (SELECT * FROM summary ORDER BY metric)",
                  "delivery_latency_mean_us 0,kept_alive 1,wire_bytes_per_delivery 1");
    assert_answer(db, "SELECT believed FROM outcome", "0");
    add_doubt(db, trial, "work", "faulty");
    assert_answer(db, "SELECT believed FROM summary WHERE metric = 'kept_alive'", "0");
    sqlite3_close(db);
}

static void a_quantile_without_an_interval_is_not_believed(void **state) {
    sqlite3 *db = empty_database();
    (void)state;
    add_experiment(db, 1);
    int64_t trial = add_trial(db, 1, "sse", "{}", 1, "valid");
    add_metric(db, trial, "delivery_latency_p99_us", "us", 7);
    add_metric(db, trial, "delivery_latency_mean_us", "us", 7);
    assert_answer(db,
                  "SELECT group_concat(believed) FROM (SELECT believed FROM summary"
                  " ORDER BY metric)",
                  "1,0");
    sqlite3_close(db);
}

/* What is rare can be in doubt where means and medians are not. */
static void tails_can_be_in_doubt_alone(void **state) {
    sqlite3 *db = empty_database();
    (void)state;
    add_experiment(db, 1);
    int64_t trial = add_trial(db, 1, "sse", "{}", 1, "link_bound");
    run_sql(db, "DELETE FROM doubt");
    add_doubt(db, trial, "tails", "link_bound");
    run_sql(db, "INSERT INTO metric VALUES (1, 'delivery_latency_p50_us', 'us', 7, 6, 8),"
                " (1, 'delivery_latency_p99_us', 'us', 7, 6, 8),"
                " (1, 'delivery_latency_max_us', 'us', 7, NULL, NULL),"
                " (1, 'delivery_latency_mean_us', 'us', 7, NULL, NULL), (1, 'lost', 'count', 0, "
                "NULL, NULL)");
    assert_answer(db,
                  "SELECT group_concat(believed) FROM (SELECT believed FROM summary"
                  " ORDER BY metric)",
                  "0,1,1,0,1");
    sqlite3_close(db);
}

/* Of a few connections memory per connection is the size of pages. */
static void memory_of_few_connections_is_not_believed(void **state) {
    sqlite3 *db = empty_database();
    (void)state;
    add_experiment(db, 1);
    int64_t trial = add_trial(db, 1, "sse", "{}", 1, "valid");
    add_metric(db, trial, "server_memory_bytes_per_connection", "bytes", 4096);
    add_metric(db, trial, "subscribers", "count", 999);
    const char *believed = "SELECT believed FROM summary WHERE unit = 'bytes'";
    assert_answer(db, believed, "0");
    run_sql(db, "UPDATE metric SET value = 1000 WHERE name = 'subscribers'");
    assert_answer(db, believed, "1");
    sqlite3_close(db);
}

static void quantiles_have_their_share(void **state) {
    sqlite3 *db = empty_database();
    (void)state;
    add_experiment(db, 1);
    int64_t trial = add_trial(db, 1, "sse", "{}", 1, "valid");
    add_quantile(db, trial, "delivery_latency_p50_us", 5);
    add_quantile(db, trial, "delivery_latency_p999_us", 9);
    add_metric(db, trial, "delivery_latency_mean_us", "us", 6);
    assert_answer(db,
                  "SELECT group_concat(name || ' ' || q || ' ' || us) FROM"
                  " (SELECT * FROM quantile ORDER BY q)",
                  "delivery_latency 0.5 5.0,delivery_latency 0.999 9.0");
    sqlite3_close(db);
}

static void the_load_is_told(void **state) {
    sqlite3 *db = empty_database();
    (void)state;
    add_experiment(db, 1);
    add_trial(db, 1, "sse", "{\"payload_bytes\":100,\"subscribers\":10,\"x\":1}", 1, "valid");
    add_trial(db, 1, "sse", "{\"payload_bytes\":100,\"subscribers\":200,\"x\":1}", 1, "valid");
    assert_answer(db, "SELECT text FROM workload", "10 to 200 subscribers × 100 B, loopback");
    add_experiment(db, 2);
    add_trial(db, 2, "sse", "{\"link.rtt_ms\":0,\"subscribers\":10}", 1, "valid");
    add_trial(db, 2, "sse", "{\"link.rtt_ms\":50,\"link.loss_percent\":1,\"subscribers\":10}", 1,
              "valid");
    assert_answer(db, "SELECT text FROM workload WHERE experiment_id = 2",
                  "10 subscribers, round trip 0 to 50 ms, loss 1 %");
    add_experiment(db, 3);
    add_trial(db, 3, "sse", "{\"path\":\"lte\",\"subscribers\":10}", 1, "valid");
    assert_answer(db, "SELECT text FROM workload WHERE experiment_id = 3", "10 subscribers, lte");
    sqlite3_close(db);
}

static void a_cell_counts_what_ended(void **state) {
    sqlite3 *db = with_repeats(2);
    (void)state;
    run_sql(db, "INSERT INTO trial (experiment_id, strategy, parameters, repeat, position, seed)"
                " VALUES (1, 'sse', '{}', 3, 1001, 1), (1, 'tcp', '{}', 1, 1002, 1)");
    assert_answer(db,
                  "SELECT group_concat(strategy || ' ' || planned || ' ' || repeats || ' ' ||"
                  " believed || ' ' || verdict) FROM (SELECT * FROM cell ORDER BY strategy)",
                  "sse 3 2 2 valid,tcp 1 0 0 not run");
    sqlite3_close(db);
}

/* --- simulated -------------------------------------------------------------------------------- */

/* Adds a simulated trial with one figure; returns its id. */
static int64_t add_simulated(sqlite3 *db, int repeat, const char *metric, double value) {
    int64_t trial = add_trial(db, 1, "sse", "{}", repeat, "valid");
    run_sql(db, "UPDATE trial SET variant = 'simulated' WHERE id = last_insert_rowid()");
    add_metric(db, trial, metric, "us", value);
    return trial;
}

/* Tables, charts and expectations are about what was measured. */
static void what_is_simulated_is_no_outcome(void **state) {
    sqlite3 *db = with_repeats(2);
    (void)state;
    add_simulated(db, 1, "age_mean_us", 100);
    add_simulated(db, 2, "age_mean_us", 100);
    assert_answer(db, "SELECT count(*) FROM outcome", "2");
    assert_answer(db, "SELECT planned || ' ' || repeats FROM cell", "2 2");
    assert_answer(db, "SELECT value FROM summary", "1.5");
    sqlite3_close(db);
}

static void twins_have_both_ended(void **state) {
    sqlite3 *db = with_repeats(3); /* trials 1, 2, 3 are the repeats 3, 2, 1 */
    (void)state;
    add_simulated(db, 1, "age_mean_us", 100);
    add_simulated(db, 3, "age_mean_us", 100);
    run_sql(db, "UPDATE trial SET status = 'running' WHERE id = 5");
    assert_answer(db,
                  "SELECT group_concat(experiment_id || strategy || parameters || repeat || ' ' ||"
                  " live_trial || ' ' || simulated_trial) FROM twin",
                  "1sse{}1 3 4");
    sqlite3_close(db);
}

static void assert_prediction(sqlite3 *db, const char *metric, const char *expected) {
    char *sql = xasprintf("SELECT predicted || ' ' || measured || ' ' || coalesce(low, '-') || ' '"
                          " || coalesce(high, '-') || ' ' || believed || ' ' ||"
                          " coalesce(round(off, 3), '-') FROM prediction WHERE metric = '%s'",
                          metric);
    assert_answer(db, sql, expected);
    free(sql);
}

static void a_prediction_is_a_median_beside_another(void **state) {
    sqlite3 *db = with_repeats(3);
    (void)state;
    assert_prediction(db, "age_mean_us", "");
    add_simulated(db, 1, "age_mean_us", 9);
    assert_prediction(db, "age_mean_us", "9.0 2.0 1.0 3.0 3 3.5");
    add_simulated(db, 2, "age_mean_us", 1);
    assert_prediction(db, "age_mean_us", "5.0 2.0 1.0 3.0 3 1.5");
    add_simulated(db, 3, "age_mean_us", 1);
    assert_prediction(db, "age_mean_us", "1.0 2.0 1.0 3.0 3 -0.5");
    assert_answer(db, "SELECT count(*) FROM prediction", "1");
    sqlite3_close(db);
}

static void nothing_is_off_by_no_share(void **state) {
    sqlite3 *db = empty_database();
    (void)state;
    add_experiment(db, 1);
    int64_t live = add_trial(db, 1, "sse", "{}", 1, "generator_bound");
    add_metric(db, live, "lost", "count", 0);
    add_metric(db, live, "delivery_latency_mean_us", "us", 10);
    int64_t simulated = add_simulated(db, 1, "lost", 2);
    add_metric(db, simulated, "delivery_latency_mean_us", "us", 10);
    add_metric(db, simulated, "age_mean_us", "us", 10); /* not measured */
    assert_prediction(db, "lost", "2.0 0.0 - - 1 -");
    assert_prediction(db, "delivery_latency_mean_us", "10.0 10.0 - - 0 0.0");
    assert_answer(db, "SELECT count(*) FROM prediction", "2");
    sqlite3_close(db);
}

/* --- where cells stand ------------------------------------------------------------------------ */

/* A grid of subscribers and intervals; the value is 100 x subscribers + interval. */
static sqlite3 *grid(void) {
    sqlite3 *db = empty_database();
    add_experiment(db, 1);
    for (int subscribers = 1; subscribers <= 4; subscribers++)
        for (int interval = 10; interval <= 30; interval += 10) {
            char *parameters =
                xasprintf("{\"subscribers\":%d,\"interval_ms\":%d,\"payload_bytes\":1}",
                          subscribers, interval);
            add_metric(db, add_trial(db, 1, "polling", parameters, 1, "valid"), "age_mean_us", "us",
                       100 * subscribers + interval);
            free(parameters);
        }
    add_metric(db, add_trial(db, 1, "sse", "{\"subscribers\":1}", 1, "valid"), "age_mean_us", "us",
               5);
    return db;
}

static void the_middle_value_is_held(void **state) {
    sqlite3 *db = grid();
    (void)state;
    assert_answer(db,
                  "SELECT group_concat(strategy || ' ' || name || ' ' || value_count || ' ' ||"
                  " held) FROM (SELECT * FROM varying ORDER BY name)",
                  "polling interval_ms 3 20,polling subscribers 4 3");
    sqlite3_close(db);
}

static void the_baseline_is_one_cell_a_strategy(void **state) {
    sqlite3 *db = grid();
    (void)state;
    assert_answer(db,
                  "SELECT group_concat(strategy || ' ' || value) FROM"
                  " (SELECT * FROM baseline ORDER BY strategy)",
                  "polling 320.0,sse 5.0");
    sqlite3_close(db);
}

static void a_sweep_moves_one_parameter(void **state) {
    sqlite3 *db = grid();
    (void)state;
    assert_answer(db,
                  "SELECT group_concat(x || ' ' || value) FROM"
                  " (SELECT * FROM sweep WHERE over = 'subscribers' ORDER BY x)",
                  "1 120.0,2 220.0,3 320.0,4 420.0");
    assert_answer(db,
                  "SELECT group_concat(x || ' ' || value) FROM"
                  " (SELECT * FROM sweep WHERE over = 'interval_ms' ORDER BY x)",
                  "10 310.0,20 320.0,30 330.0");
    sqlite3_close(db);
}

static void a_snapshot_shows_one_experiment(void **state) {
    sqlite3 *db = with_repeats(3);
    (void)state;
    add_experiment(db, 2);
    add_metric(db, add_trial(db, 2, "tcp", "{}", 1, "valid"), "age_mean_us", "us", 9);
    assert_int_equal(sql_snapshot(db, 2), 0);
    assert_answer(db, "SELECT group_concat(value) FROM summary", "9.0");
    sql_snapshot_end(db);
    assert_answer(db, "SELECT count(*) FROM summary", "2");
    sqlite3_close(db);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_value_is_the_median),
        cmocka_unit_test(the_interval_is_by_rank),
        cmocka_unit_test(the_ranks_are_those_of_the_statistics),
        cmocka_unit_test(one_trial_has_its_own_interval),
        cmocka_unit_test(doubtful_trials_are_left_out),
        cmocka_unit_test(without_a_believed_trial_the_others_speak),
        cmocka_unit_test(a_verdict_takes_no_more_than_it_names),
        cmocka_unit_test(a_quantile_without_an_interval_is_not_believed),
        cmocka_unit_test(tails_can_be_in_doubt_alone),
        cmocka_unit_test(memory_of_few_connections_is_not_believed),
        cmocka_unit_test(the_load_is_told),
        cmocka_unit_test(quantiles_have_their_share),
        cmocka_unit_test(a_cell_counts_what_ended),
        cmocka_unit_test(what_is_simulated_is_no_outcome),
        cmocka_unit_test(twins_have_both_ended),
        cmocka_unit_test(a_prediction_is_a_median_beside_another),
        cmocka_unit_test(nothing_is_off_by_no_share),
        cmocka_unit_test(the_middle_value_is_held),
        cmocka_unit_test(the_baseline_is_one_cell_a_strategy),
        cmocka_unit_test(a_sweep_moves_one_parameter),
        cmocka_unit_test(a_snapshot_shows_one_experiment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A small experiment with made-up figures, in memory: for the tests of views, table and report. */
#ifndef PUSHPULL_MADE_UP_H
#define PUSHPULL_MADE_UP_H

#include "base/memory.h"
#include "model/histogram.h"
#include "store/migrations.h"
#include "test.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

static inline void run_sql(sqlite3 *db, const char *sql) {
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) fail_msg("%s in: %s", error, sql);
}

static inline sqlite3 *empty_database(void) {
    sqlite3 *db;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    assert_int_equal(store_migrate(db, "in memory"), 0);
    return db;
}

/* Adds experiment `id`. Its text holds what HTML must escape. */
static inline void add_experiment(sqlite3 *db, int id) {
    char *sql = xasprintf("INSERT INTO experiment VALUES (%d, 'made_up',"
                          " '; Question   Is 1 < 2 & 3 > 2?\n[scenario]\ntitle = A <b>title</b>\n"
                          "; sse.payload_bytes is only spoken of\n; --set subscribers=7\n',"
                          " '{\"set\":{\"subscribers\":\"10\","
                          "\"polling.interval_ms\":\"100,200\"}}', 'live', 7, "
                          "'2026-01-01T00:00:00Z', NULL, 'unknown',"
                          " '{\"kernel\":\"Linux <6>\",\"cores\":2}', 'a <word>')",
                          id);
    run_sql(db, sql);
    free(sql);
}

/* The verdict takes these figures of the trial; '' none. */
static inline void add_doubt(sqlite3 *db, int64_t trial, const char *group, const char *verdict) {
    char *sql = xasprintf("INSERT INTO doubt VALUES (%lld, '%s', '%s', 'a reason')",
                          (long long)trial, group, verdict);
    run_sql(db, sql);
    free(sql);
}

/* Adds a trial that ended, with this verdict, which takes the latency when it is generator_bound and
 * else nothing; returns its id. */
static inline int64_t add_trial(sqlite3 *db, int experiment, const char *strategy,
                                const char *parameters, int repeat, const char *verdict) {
    static int position;
    char *sql =
        xasprintf("INSERT INTO trial (experiment_id, strategy, parameters, repeat, position,"
                  " seed, status, verdict, reason) VALUES (%d, '%s', '%s', %d, %d, 1,"
                  " 'done', '%s', nullif('%s', 'valid'))",
                  experiment, strategy, parameters, repeat, ++position, verdict, verdict);
    run_sql(db, sql);
    free(sql);
    int64_t id = sqlite3_last_insert_rowid(db);
    if (strcmp(verdict, "valid") == 0) return id;
    add_doubt(db, id, strcmp(verdict, "generator_bound") == 0 ? "latency" : "", verdict);
    return id;
}

/* Adds a metric without an interval. */
static inline void add_metric(sqlite3 *db, int64_t trial, const char *name, const char *unit,
                              double value) {
    char *sql = xasprintf("INSERT INTO metric VALUES (%lld, '%s', '%s', %.17g, NULL, NULL)",
                          (long long)trial, name, unit, value);
    run_sql(db, sql);
    free(sql);
}

/* Adds a quantile, with an interval of 10 % either way. */
static inline void add_quantile(sqlite3 *db, int64_t trial, const char *name, double us) {
    char *sql = xasprintf("INSERT INTO metric VALUES (%lld, '%s', 'us', %.17g, %.17g, %.17g)",
                          (long long)trial, name, us, us * 0.9, us * 1.1);
    run_sql(db, sql);
    free(sql);
}

static inline void add_histogram(sqlite3 *db, int64_t trial, const char *name, int64_t ns) {
    struct histogram *histogram = histogram_new();
    struct buffer bytes = {0};
    sqlite3_stmt *insert;
    for (int i = 1; i <= 100; i++) histogram_record(histogram, ns * i / 50);
    histogram_serialise(histogram, &bytes);
    sqlite3_prepare_v2(db, "INSERT INTO histogram VALUES (?, ?, 'ns', 100, 0, 0, ?)", -1, &insert,
                       NULL);
    sqlite3_bind_int64(insert, 1, trial);
    sqlite3_bind_text(insert, 2, name, -1, SQLITE_STATIC);
    sqlite3_bind_blob64(insert, 3, bytes.data, bytes.length, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(insert), SQLITE_DONE);
    sqlite3_finalize(insert);
    buffer_free(&bytes);
    histogram_free(histogram);
}

/* What tables and charts look at, all scaled by `us`. */
static inline void add_figures(sqlite3 *db, int64_t trial, double us) {
    add_quantile(db, trial, "delivery_latency_p50_us", us);
    add_quantile(db, trial, "delivery_latency_p90_us", 2 * us);
    add_metric(db, trial, "delivery_latency_p99_us", "us", 4 * us); /* too few events */
    add_metric(db, trial, "delivery_latency_mean_us", "us", us);
    add_metric(db, trial, "age_mean_us", "us", 1000 + us);
    add_metric(db, trial, "wire_bytes_per_delivery", "bytes", us);
    add_metric(db, trial, "server_cpu_us_per_delivery", "us", us / 10);
    add_metric(db, trial, "server_memory_bytes_per_connection", "bytes", 1500);
    add_metric(db, trial, "requests_per_delivery", "ratio", 0.5);
    add_metric(db, trial, "events", "count", 100);
    add_metric(db, trial, "expected", "count", 1000);
    add_metric(db, trial, "lost", "count", 0);
    add_histogram(db, trial, "delivery_latency", (int64_t)(us * 1000));
}

/* Two strategies and the floor, polling at two intervals, two repeats. */
static inline sqlite3 *made_up_database(void) {
    sqlite3 *db = empty_database();
    add_experiment(db, 1);
    for (int repeat = 1; repeat <= 2; repeat++) {
        const char *slow = "{\"subscribers\":10,\"interval_ms\":200}";
        const char *fast = "{\"subscribers\":10,\"interval_ms\":100}";
        const char *plain = "{\"subscribers\":10}";
        add_figures(db, add_trial(db, 1, "polling", slow, repeat, "valid"), 1e5 + repeat);
        add_figures(db, add_trial(db, 1, "polling", fast, repeat, "generator_bound"), 5e4);
        add_figures(db, add_trial(db, 1, "sse", plain, repeat, "valid"), 300 + repeat);
        add_figures(db, add_trial(db, 1, "tcp", plain, repeat, "valid"), 200 + repeat);
    }
    return db;
}

#endif

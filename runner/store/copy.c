/* An experiment's rows in another database. See copy.h. */
#include "store/copy.h"

#include "base/log.h"
#include "base/memory.h"
#include "figures/metrics.h"
#include "store/sql.h"
#include "store/store.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define INSERT_METRIC "INSERT INTO metric VALUES (?, ?, ?, ?, ?, ?)"

/* Binds the columns of a row, from `column` on, to the parameters of an INSERT, from `parameter` on, and runs it. */
static bool insert_row(sqlite3_stmt *insert, sqlite3_stmt *row, int column, int parameter) {
    for (; insert != NULL && column < sqlite3_column_count(row); column++, parameter++)
        sqlite3_bind_value(insert, parameter, sqlite3_column_value(row, column));
    return sql_run(insert) == 0;
}

/* Copies the rows that a query gives behind the id of their new owner. */
static bool copy_rows(sqlite3 *from, const char *select, int64_t old_id, sqlite3 *to,
                      const char *insert, int64_t owner) {
    sqlite3_stmt *rows = sql_query(from, select, "i", old_id);
    int row;
    bool good = true;
    while (good && (row = sql_next(rows)) == 1)
        good = insert_row(sql_bind(to, insert, "i", owner), rows, 0, 2);
    sqlite3_finalize(rows);
    return good && row == 0;
}

/* What follows from the reports of a trial. */
static bool derive(sqlite3 *db, int64_t trial_id, struct result *result) {
    char *subscribers = sql_one_text(
        db, "SELECT json_extract(parameters, '$.subscribers') FROM trial WHERE id = :trial",
        trial_id);
    struct trial_facts facts = {.subscribers = subscribers == NULL ? 0 : atoi(subscribers),
                                .kernel_bytes = NAN};
    free(subscribers);
    bool good = store_reports(db, trial_id, result) == 0;
    if (good && result->report_count > 0) metrics_derive(result, &facts);
    return good;
}

/* The metrics that do not follow from the reports. */
static bool copy_others(sqlite3 *from, int64_t old_id, sqlite3 *to, int64_t new_id) {
    struct result derived = {0};
    bool good = derive(from, old_id, &derived);
    sqlite3_stmt *rows = sql_query(
        from, "SELECT name, unit, value, low, high FROM metric WHERE trial_id = ?", "i", old_id);
    int row = 0;
    while (good && (row = sql_next(rows)) == 1)
        if (isnan(result_value(&derived, sql_column(rows, 0))))
            good = insert_row(sql_bind(to, INSERT_METRIC, "i", new_id), rows, 0, 2);
    sqlite3_finalize(rows);
    result_free(&derived);
    return good && row == 0;
}

static bool add_derived(sqlite3 *db, int64_t trial_id) {
    struct result derived = {0};
    bool good = derive(db, trial_id, &derived) && store_figures(db, trial_id, &derived) == 0;
    result_free(&derived);
    return good;
}

static bool copy_metrics(sqlite3 *from, int64_t old_id, sqlite3 *to, int64_t new_id,
                         enum copy_figures figures) {
    if (figures == COPY_REPORTS) return copy_others(from, old_id, to, new_id);
    return copy_rows(from, "SELECT name, unit, value, low, high FROM metric WHERE trial_id = ?",
                     old_id, to, INSERT_METRIC, new_id) &&
           (figures != COPY_DERIVING || add_derived(to, new_id));
}

static bool copy_trial(sqlite3 *from, int64_t old_id, sqlite3 *to, int64_t new_id,
                       enum copy_figures figures) {
    return copy_rows(from, "SELECT metric_group, verdict, reason FROM doubt WHERE trial_id = ?",
                     old_id, to, "INSERT INTO doubt VALUES (?, ?, ?, ?)", new_id) &&
           copy_rows(from, "SELECT role, process, json FROM report WHERE trial_id = ?", old_id, to,
                     "INSERT INTO report VALUES (?, ?, ?, ?)", new_id) &&
           copy_metrics(from, old_id, to, new_id, figures);
}

#define OF_TRIAL                                                                                   \
    "strategy, parameters, repeat, position, seed, status, verdict, reason, started_at, seconds,"  \
    " variant, batch"

static bool copy_trials(sqlite3 *from, int64_t old_id, sqlite3 *to, int64_t new_id,
                        enum copy_figures figures) {
    sqlite3_stmt *rows = sql_query(
        from, "SELECT id, " OF_TRIAL " FROM trial WHERE experiment_id = ? ORDER BY position", "i",
        old_id);
    int row;
    bool good = true;
    while (good && (row = sql_next(rows)) == 1)
        good = insert_row(sql_bind(to,
                                   "INSERT INTO trial (experiment_id, " OF_TRIAL
                                   ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                   "i", new_id),
                          rows, 1, 2) &&
               copy_trial(from, sqlite3_column_int64(rows, 0), to, sqlite3_last_insert_rowid(to),
                          figures);
    sqlite3_finalize(rows);
    return good && row == 0;
}

#define OF_EXPERIMENT                                                                              \
    "scenario, scenario_text, overrides, mode, seed, started_at, finished_at, git_revision,"       \
    " environment, label"

static bool copy_experiment(sqlite3 *from, int64_t old_id, sqlite3 *to, enum copy_figures figures,
                            int64_t *new_id) {
    sqlite3_stmt *row =
        sql_query(from, "SELECT " OF_EXPERIMENT " FROM experiment WHERE id = ?", "i", old_id);
    bool good = sql_next(row) == 1 && insert_row(sql_bind(to,
                                                          "INSERT INTO experiment (" OF_EXPERIMENT
                                                          ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                                          ""),
                                                 row, 0, 1);
    sqlite3_finalize(row);
    *new_id = sqlite3_last_insert_rowid(to);
    return good && copy_trials(from, old_id, to, *new_id, figures);
}

int store_copy(sqlite3 *from, int64_t experiment_id, sqlite3 *to, enum copy_figures figures,
               int64_t *new_id) {
    bool good = sql_execute(to, "BEGIN IMMEDIATE") == 0 &&
                copy_experiment(from, experiment_id, to, figures, new_id) &&
                sql_execute(to, "COMMIT") == 0;
    if (good) return 0;
    log_error("cannot copy an experiment into the database %s: %s", sqlite3_db_filename(to, "main"),
              sqlite3_errmsg(to));
    if (!sqlite3_get_autocommit(to)) sql_execute(to, "ROLLBACK");
    return -1;
}

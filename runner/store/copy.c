/* An experiment's rows in another database. See copy.h. */
#include "store/copy.h"

#include "base/log.h"
#include "base/memory.h"
#include "figures/metrics.h"
#include "store/sql.h"
#include "store/store.h"

#include <math.h>
#include <stdlib.h>

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
static bool derive_histograms(sqlite3 *db, int64_t trial_id) {
    struct result result = {0};
    struct trial_facts facts = {.subscribers = 1, .kernel_bytes = NAN};
    bool good = store_reports(db, trial_id, &result) == 0;
    if (good) metrics_derive(&result, &facts);
    good = good && store_histograms(db, trial_id, &result) == 0;
    result_free(&result);
    return good;
}

static bool copy_trial(sqlite3 *from, int64_t old_id, sqlite3 *to, int64_t new_id, bool derive) {
    return copy_rows(from, "SELECT metric_group, verdict, reason FROM doubt WHERE trial_id = ?",
                     old_id, to, "INSERT INTO doubt VALUES (?, ?, ?, ?)", new_id) &&
           copy_rows(from, "SELECT name, unit, value, low, high FROM metric WHERE trial_id = ?",
                     old_id, to, "INSERT INTO metric VALUES (?, ?, ?, ?, ?, ?)", new_id) &&
           copy_rows(from, "SELECT role, process, json FROM report WHERE trial_id = ?", old_id, to,
                     "INSERT INTO report VALUES (?, ?, ?, ?)", new_id) &&
           (!derive || derive_histograms(to, new_id));
}

#define OF_TRIAL                                                                                   \
    "strategy, parameters, repeat, position, seed, status, verdict, reason, started_at, seconds,"  \
    " variant, batch"

static bool copy_trials(sqlite3 *from, int64_t old_id, sqlite3 *to, int64_t new_id, bool derive) {
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
                          derive);
    sqlite3_finalize(rows);
    return good && row == 0;
}

#define OF_EXPERIMENT                                                                              \
    "scenario, scenario_text, overrides, mode, seed, started_at, finished_at, git_revision,"       \
    " environment, label"

static bool copy_experiment(sqlite3 *from, int64_t old_id, sqlite3 *to, bool derive,
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
    return good && copy_trials(from, old_id, to, *new_id, derive);
}

int store_copy(sqlite3 *from, int64_t experiment_id, sqlite3 *to, bool derive, int64_t *new_id) {
    bool good = sql_execute(to, "BEGIN IMMEDIATE") == 0 &&
                copy_experiment(from, experiment_id, to, derive, new_id) &&
                sql_execute(to, "COMMIT") == 0;
    if (good) return 0;
    log_error("cannot copy an experiment into the database %s: %s", sqlite3_db_filename(to, "main"),
              sqlite3_errmsg(to));
    if (!sqlite3_get_autocommit(to)) sql_execute(to, "ROLLBACK");
    return -1;
}

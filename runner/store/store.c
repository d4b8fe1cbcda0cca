/* The store on SQLite: what is written and asked while an experiment runs. */
#include "store/store.h"

#include "base/log.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int complain(sqlite3 *db, const char *what) {
    log_error("cannot %s in the database %s: %s", what, sqlite3_db_filename(db, "main"),
              sqlite3_errmsg(db));
    return -1;
}

/* ============================== small tools ============================== */

static bool execute(sqlite3 *db, const char *sql) {
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* Prepares, and binds by `types`: i an int64_t, t a text or NULL, d a double (NAN: NULL). */
static sqlite3_stmt *bound(sqlite3 *db, const char *sql, const char *types, ...) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) return NULL;
    va_list values;
    va_start(values, types);
    for (int i = 0; types[i] != '\0'; i++) {
        if (types[i] == 'i') sqlite3_bind_int64(statement, i + 1, va_arg(values, int64_t));
        if (types[i] == 'd') sqlite3_bind_double(statement, i + 1, va_arg(values, double));
        if (types[i] == 't')
            sqlite3_bind_text(statement, i + 1, va_arg(values, const char *), -1, SQLITE_STATIC);
    }
    va_end(values);
    return statement;
}

/* Runs a statement that returns no rows. NULL (it could not be prepared) is an error too. */
static bool run(sqlite3_stmt *statement) {
    if (statement == NULL) return false;
    bool good = sqlite3_step(statement) == SQLITE_DONE;
    sqlite3_finalize(statement);
    return good;
}

/* The next row: true; false after the last one, or with *code an error's. NULL is an error too. */
static bool next(sqlite3_stmt *statement, int *code) {
    *code = statement == NULL ? SQLITE_ERROR : sqlite3_step(statement);
    return *code == SQLITE_ROW;
}

/* Ends a query. Returns `answer`, or -1 after a line on stderr when it broke off: the rows that came
 * until then are no answer. */
static int answered(sqlite3 *db, sqlite3_stmt *statement, int code, int answer, const char *what) {
    bool good = code == SQLITE_DONE || code == SQLITE_ROW;
    if (!good) complain(db, what);
    sqlite3_finalize(statement);
    return good ? answer : -1;
}

/* "2026-01-31T12:00:00Z" */
static const char *now_text(char out[32]) {
    time_t now = time(NULL);
    struct tm utc;
    strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    return out;
}

/* Ends a transaction: for good, or undone with a line on stderr. */
static int settle(sqlite3 *db, bool good, const char *what) {
    if (good && execute(db, "COMMIT")) return 0;
    complain(db, what);
    execute(db, "ROLLBACK");
    return -1;
}

/* ============================== planning ============================== */

static bool insert_experiment(sqlite3 *db, const struct store_experiment *experiment) {
    char now[32];
    return run(bound(db,
                     "INSERT INTO experiment (scenario, scenario_text, overrides, mode, seed,"
                     " started_at, git_revision, environment) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                     "ttttittt", experiment->scenario, experiment->scenario_text,
                     experiment->overrides, experiment->mode, experiment->seed, now_text(now),
                     experiment->git_revision, experiment->environment));
}

static bool insert_trial(sqlite3 *db, int64_t experiment_id, struct store_trial *trial) {
    bool good = run(bound(db,
                          "INSERT INTO trial (experiment_id, strategy, parameters, repeat,"
                          " position, seed) VALUES (?, ?, ?, ?, ?, ?)",
                          "ittiii", experiment_id, trial->strategy, trial->parameters,
                          (int64_t)trial->repeat, (int64_t)trial->position, trial->seed));
    trial->id = sqlite3_last_insert_rowid(db);
    return good;
}

int store_plan(sqlite3 *db, const struct store_experiment *experiment, struct store_trial *trials,
               int count, int64_t *id) {
    if (!execute(db, "BEGIN IMMEDIATE")) return complain(db, "start a transaction");
    bool good = insert_experiment(db, experiment);
    *id = sqlite3_last_insert_rowid(db);
    for (int i = 0; good && i < count; i++) good = insert_trial(db, *id, &trials[i]);
    return settle(db, good, "plan an experiment");
}

/* ============================== a trial's life ============================== */

int store_trial_started(sqlite3 *db, int64_t trial_id) {
    char now[32];
    bool good = run(bound(db, "UPDATE trial SET status = 'running', started_at = ? WHERE id = ?",
                          "ti", now_text(now), trial_id));
    return good ? 0 : complain(db, "start a trial");
}

int store_trial_interrupted(sqlite3 *db, int64_t trial_id) {
    bool good = run(bound(db, "UPDATE trial SET status = 'planned', started_at = NULL WHERE id = ?",
                          "i", trial_id));
    return good ? 0 : complain(db, "put back a trial");
}

int store_experiment_finished(sqlite3 *db, int64_t experiment_id) {
    char now[32];
    bool good = run(bound(db, "UPDATE experiment SET finished_at = ? WHERE id = ?", "ti",
                          now_text(now), experiment_id));
    return good ? 0 : complain(db, "finish an experiment");
}

static bool insert_metrics(sqlite3 *db, int64_t trial_id, const struct result *result) {
    for (int i = 0; i < result->metric_count; i++) {
        const struct metric *m = &result->metrics[i];
        if (!run(bound(db, "INSERT INTO metric VALUES (?, ?, ?, ?, ?, ?)", "ittddd", trial_id,
                       m->name, m->unit, m->value, m->low, m->high)))
            return false;
    }
    return true;
}

static bool insert_histogram(sqlite3 *db, int64_t trial_id, const struct named_histogram *named) {
    const struct histogram *h = named->histogram;
    struct buffer bytes = {0};
    histogram_serialise(h, &bytes);
    sqlite3_stmt *statement =
        bound(db, "INSERT INTO histogram VALUES (?, ?, ?, ?, ?, ?, ?)", "ittiii", trial_id,
              named->name, "ns", (int64_t)histogram_count(h), histogram_min(h), histogram_max(h));
    if (statement != NULL)
        sqlite3_bind_blob64(statement, 7, bytes.data, bytes.length, SQLITE_STATIC);
    bool good = run(statement);
    buffer_free(&bytes);
    return good;
}

static bool insert_histograms(sqlite3 *db, int64_t trial_id, const struct result *result) {
    for (int i = 0; i < result->histogram_count; i++)
        if (!insert_histogram(db, trial_id, &result->histograms[i])) return false;
    return true;
}

/* A process that says two ticks in one millisecond keeps the later one. */
static bool insert_series(sqlite3 *db, int64_t trial_id, const struct result *result) {
    for (int i = 0; i < result->point_count; i++) {
        const struct point *p = &result->points[i];
        if (!run(bound(db, "INSERT OR REPLACE INTO series VALUES (?, ?, ?, ?)", "iitd", trial_id,
                       p->t_ms, p->name, p->value)))
            return false;
    }
    return true;
}

static bool insert_reports(sqlite3 *db, int64_t trial_id, const struct result *result) {
    bool good = true;
    for (int i = 0; good && i < result->report_count; i++) {
        const struct process_report *r = &result->reports[i];
        char *text = json_dumps(r->json, JSON_COMPACT);
        good = run(bound(db, "INSERT INTO report VALUES (?, ?, ?, ?)", "itit", trial_id, r->role,
                         (int64_t)r->process, text));
        free(text);
    }
    return good;
}

int store_trial_finished(sqlite3 *db, int64_t trial_id, const struct result *result) {
    if (!execute(db, "BEGIN IMMEDIATE")) return complain(db, "start a transaction");
    bool good = run(bound(db,
                          "UPDATE trial SET status = ?, verdict = ?, reason = ?, seconds = ?"
                          " WHERE id = ?",
                          "tttdi", result->status, result->verdict, result->reason, result->seconds,
                          trial_id)) &&
                insert_metrics(db, trial_id, result) && insert_histograms(db, trial_id, result) &&
                insert_series(db, trial_id, result) && insert_reports(db, trial_id, result);
    return settle(db, good, "store a trial");
}

/* ============================== resuming ============================== */

int store_find_unfinished(sqlite3 *db, const char *scenario_text, const char *overrides,
                          int64_t *id) {
    sqlite3_stmt *statement = bound(db,
                                    "SELECT id FROM experiment WHERE finished_at IS NULL"
                                    " AND scenario_text = ? AND overrides = ? AND mode = 'live'"
                                    " ORDER BY id DESC LIMIT 1",
                                    "tt", scenario_text, overrides);
    int code;
    *id = next(statement, &code) ? sqlite3_column_int64(statement, 0) : 0;
    return answered(db, statement, code, 0, "look for an unfinished experiment");
}

static char *text_of(sqlite3_stmt *statement, int column) {
    const unsigned char *text = sqlite3_column_text(statement, column);
    return text == NULL ? NULL : xstrdup((const char *)text);
}

int store_build(sqlite3 *db, int64_t experiment_id, char **revision, char **programs) {
    sqlite3_stmt *statement = bound(db,
                                    "SELECT git_revision,"
                                    " json_extract(environment, '$.programs_sha256')"
                                    " FROM experiment WHERE id = ?",
                                    "i", experiment_id);
    int code;
    bool found = next(statement, &code);
    *revision = found ? text_of(statement, 0) : NULL;
    *programs = found ? text_of(statement, 1) : NULL;
    return answered(db, statement, code, found ? 0 : -1, "read what an experiment was run with");
}

/* Whether the row, of the columns that store_pending asks for, is this trial. */
static bool is_trial(sqlite3_stmt *statement, const struct store_trial *trial) {
    const char *strategy = (const char *)sqlite3_column_text(statement, 3);
    const char *parameters = (const char *)sqlite3_column_text(statement, 4);
    return sqlite3_column_int(statement, 0) == trial->position &&
           strcmp(strategy, trial->strategy) == 0 && strcmp(parameters, trial->parameters) == 0 &&
           sqlite3_column_int(statement, 5) == trial->repeat &&
           sqlite3_column_int64(statement, 6) == trial->seed;
}

int store_pending(sqlite3 *db, int64_t experiment_id, const struct store_trial *trials, int count,
                  int *positions, int64_t *ids) {
    sqlite3_stmt *statement = bound(db,
                                    "SELECT position, id, status IN ('planned', 'running'),"
                                    " strategy, parameters, repeat, seed FROM trial"
                                    " WHERE experiment_id = ? ORDER BY position",
                                    "i", experiment_id);
    int row = 0, pending = 0, code;
    bool same = true;
    for (; next(statement, &code); row++) {
        same = same && row < count && is_trial(statement, &trials[row]);
        if (!same || !sqlite3_column_int(statement, 2)) continue;
        positions[pending] = trials[row].position;
        ids[pending++] = sqlite3_column_int64(statement, 1);
    }
    pending = answered(db, statement, code, pending, "read the planned trials");
    if (pending < 0 || (same && row == count)) return pending;
    log_error("the trials of experiment %" PRId64
              " are not those that would be run now: run it anew without --resume",
              experiment_id);
    return -1;
}

int store_unbelieved(sqlite3 *db, int64_t experiment_id, char **name) {
    sqlite3_stmt *statement = bound(db,
                                    "SELECT strategy || ' ' || parameters FROM cell"
                                    " WHERE experiment_id = ? AND believed = 0 ORDER BY position",
                                    "i", experiment_id);
    int count = 0, code;
    *name = NULL;
    for (; next(statement, &code); count++)
        if (count == 0) *name = text_of(statement, 0);
    return answered(db, statement, code, count, "look for cells without a result");
}

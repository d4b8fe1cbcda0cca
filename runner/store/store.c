/* The store on SQLite: what is written and asked while an experiment runs. */
#include "store/store.h"

#include "base/log.h"
#include "base/memory.h"
#include "figures/role.h"
#include "store/sql.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int complain(sqlite3 *db, const char *what) {
    log_error("cannot %s in the database %s: %s", what, sqlite3_db_filename(db, "main"),
              sqlite3_errmsg(db));
    return -1;
}

/* --- small tools ------------------------------------------------------------------------------ */

const char *store_now(char out[STORE_TIME_SIZE]) {
    time_t now = time(NULL);
    struct tm utc;
    strftime(out, STORE_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    return out;
}

static bool written(sqlite3_stmt *statement) { return sql_run(statement) == 0; }

/* Ends a transaction: for good, or undone with a line on stderr. */
static int settle(sqlite3 *db, bool good, const char *what) {
    if (good && sql_execute(db, "COMMIT") == 0) return 0;
    complain(db, what);
    sql_execute(db, "ROLLBACK");
    return -1;
}

/* --- planning --------------------------------------------------------------------------------- */

static bool insert_experiment(sqlite3 *db, const struct store_experiment *experiment) {
    char now[STORE_TIME_SIZE];
    return written(
        sql_bind(db,
                 "INSERT INTO experiment (scenario, scenario_text, overrides, mode, seed,"
                 " started_at, git_revision, environment, label)"
                 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                 "ttttitttt", experiment->scenario, experiment->scenario_text,
                 experiment->overrides, experiment->mode, experiment->seed, store_now(now),
                 experiment->git_revision, experiment->environment, experiment->label));
}

static bool insert_trial(sqlite3 *db, int64_t experiment_id, struct store_trial *trial) {
    bool good = written(sql_bind(db,
                                 "INSERT INTO trial (experiment_id, strategy, parameters, repeat,"
                                 " position, seed, variant, batch)"
                                 " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                                 "ittiiiti", experiment_id, trial->strategy, trial->parameters,
                                 (int64_t)trial->repeat, (int64_t)trial->position, trial->seed,
                                 trial->variant, (int64_t)trial->batch));
    trial->id = sqlite3_last_insert_rowid(db);
    return good;
}

int store_plan(sqlite3 *db, const struct store_experiment *experiment, struct store_trial *trials,
               int count, int64_t *id) {
    if (sql_execute(db, "BEGIN IMMEDIATE") != 0) return complain(db, "start a transaction");
    bool good = insert_experiment(db, experiment);
    *id = sqlite3_last_insert_rowid(db);
    for (int i = 0; good && i < count; i++) good = insert_trial(db, *id, &trials[i]);
    return settle(db, good, "plan an experiment");
}

int store_extend(sqlite3 *db, int64_t experiment_id, struct store_trial *trials, int count) {
    if (sql_execute(db, "BEGIN IMMEDIATE") != 0) return complain(db, "start a transaction");
    bool good = true;
    for (int i = 0; good && i < count; i++) good = insert_trial(db, experiment_id, &trials[i]);
    return settle(db, good, "plan more trials");
}

/* --- a trial's life --------------------------------------------------------------------------- */

int store_trial_started(sqlite3 *db, int64_t trial_id) {
    char now[STORE_TIME_SIZE];
    bool good =
        written(sql_bind(db, "UPDATE trial SET status = 'running', started_at = ? WHERE id = ?",
                         "ti", store_now(now), trial_id));
    return good ? 0 : complain(db, "start a trial");
}

int store_trial_interrupted(sqlite3 *db, int64_t trial_id) {
    bool good = written(sql_bind(
        db, "UPDATE trial SET status = 'planned', started_at = NULL WHERE id = ?", "i", trial_id));
    return good ? 0 : complain(db, "put back a trial");
}

int store_experiment_finished(sqlite3 *db, int64_t experiment_id) {
    char now[STORE_TIME_SIZE];
    bool good = written(sql_bind(db, "UPDATE experiment SET finished_at = ? WHERE id = ?", "ti",
                                 store_now(now), experiment_id));
    return good ? 0 : complain(db, "finish an experiment");
}

static bool insert_metrics(sqlite3 *db, int64_t trial_id, const struct result *result) {
    for (int i = 0; i < result->metric_count; i++) {
        const struct metric *m = &result->metrics[i];
        if (!written(sql_bind(db, "INSERT INTO metric VALUES (?, ?, ?, ?, ?, ?)", "ittddd",
                              trial_id, m->name, m->unit, m->value, m->low, m->high)))
            return false;
    }
    return true;
}

/* A row per group that the doubt takes; one that takes none has a row with an empty group. */
static bool insert_doubt(sqlite3 *db, int64_t trial_id, const struct doubt *doubt) {
    char *groups = xstrdup(doubt->takes), *rest = groups, *group;
    bool good = true;
    while (good && (group = strsep(&rest, "|")) != NULL)
        good = written(sql_bind(db, "INSERT INTO doubt VALUES (?, ?, ?, ?)", "ittt", trial_id,
                                group, doubt->verdict, doubt->reason));
    free(groups);
    return good;
}

static bool insert_doubts(sqlite3 *db, int64_t trial_id, const struct result *result) {
    for (int i = 0; i < result->doubt_count; i++)
        if (!insert_doubt(db, trial_id, &result->doubts[i])) return false;
    return true;
}

static bool insert_histogram(sqlite3 *db, int64_t trial_id, const struct named_histogram *named) {
    const struct histogram *h = named->histogram;
    struct buffer bytes = {0};
    histogram_serialise(h, &bytes);
    bool good =
        written(sql_bind(db, "INSERT INTO histogram VALUES (?, ?, ?, ?, ?, ?, ?)", "ittiiib",
                         trial_id, named->name, "ns", (int64_t)histogram_count(h), histogram_min(h),
                         histogram_max(h), bytes.data, bytes.length));
    buffer_free(&bytes);
    return good;
}

int store_figures(sqlite3 *db, int64_t trial_id, const struct result *result) {
    bool good = insert_metrics(db, trial_id, result);
    for (int i = 0; good && i < result->histogram_count; i++)
        good = insert_histogram(db, trial_id, &result->histograms[i]);
    return good ? 0 : -1;
}

/* A process that says two ticks in one millisecond keeps the later one. */
static bool insert_series(sqlite3 *db, int64_t trial_id, const struct result *result) {
    for (int i = 0; i < result->point_count; i++) {
        const struct point *p = &result->points[i];
        if (!written(sql_bind(db, "INSERT OR REPLACE INTO series VALUES (?, ?, ?, ?, ?, ?)",
                              "iititd", trial_id, p->t_ms, p->role, (int64_t)p->process, p->name,
                              p->value)))
            return false;
    }
    return true;
}

static bool insert_reports(sqlite3 *db, int64_t trial_id, const struct result *result) {
    bool good = true;
    for (int i = 0; good && i < result->report_count; i++) {
        const struct process_report *r = &result->reports[i];
        char *text = json_dumps(r->json, JSON_COMPACT);
        good = written(sql_bind(db, "INSERT INTO report VALUES (?, ?, ?, ?)", "itit", trial_id,
                                r->role, (int64_t)r->process, text));
        free(text);
    }
    return good;
}

int store_trial_finished(sqlite3 *db, int64_t trial_id, const struct result *result) {
    if (sql_execute(db, "BEGIN IMMEDIATE") != 0) return complain(db, "start a transaction");
    bool good = written(sql_bind(db,
                                 "UPDATE trial SET status = ?, verdict = ?, reason = ?, seconds = ?"
                                 " WHERE id = ?",
                                 "tttdi", result->status, result->verdict, result->reason,
                                 result->seconds, trial_id)) &&
                insert_doubts(db, trial_id, result) && store_figures(db, trial_id, result) == 0 &&
                insert_series(db, trial_id, result) && insert_reports(db, trial_id, result);
    return settle(db, good, "store a trial");
}

/* --- resuming --------------------------------------------------------------------------------- */

int store_find_unfinished(sqlite3 *db, const char *scenario_text, const char *overrides,
                          int64_t *id) {
    sqlite3_stmt *statement = sql_query(db,
                                        "SELECT id FROM experiment WHERE finished_at IS NULL"
                                        " AND scenario_text = ? AND overrides = ?"
                                        " ORDER BY id DESC LIMIT 1",
                                        "tt", scenario_text, overrides);
    int row = sql_next(statement);
    *id = row == 1 ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return row < 0 ? -1 : 0;
}

int store_build(sqlite3 *db, int64_t experiment_id, char **revision, char **programs) {
    sqlite3_stmt *statement = sql_query(db,
                                        "SELECT git_revision,"
                                        " json_extract(environment, '$.programs_sha256')"
                                        " FROM experiment WHERE id = ?",
                                        "i", experiment_id);
    bool found = sql_next(statement) == 1;
    *revision = found ? sql_copy(statement, 0) : NULL;
    *programs = found ? sql_copy(statement, 1) : NULL;
    sqlite3_finalize(statement);
    return found ? 0 : -1;
}

/* Whether the row, of the columns that store_pending asks for, is this trial. */
static bool is_trial(sqlite3_stmt *statement, const struct store_trial *trial) {
    return sqlite3_column_int(statement, 0) == trial->position &&
           strcmp(sql_column(statement, 3), trial->strategy) == 0 &&
           strcmp(sql_column(statement, 4), trial->parameters) == 0 &&
           sqlite3_column_int(statement, 5) == trial->repeat &&
           sqlite3_column_int64(statement, 6) == trial->seed &&
           strcmp(sql_column(statement, 7), trial->variant) == 0 &&
           sqlite3_column_int(statement, 8) == trial->batch;
}

int store_pending(sqlite3 *db, int64_t experiment_id, const struct store_trial *trials, int count,
                  int *positions, int64_t *ids) {
    sqlite3_stmt *statement = sql_query(db,
                                        "SELECT position, id, status IN ('planned', 'running'),"
                                        " strategy, parameters, repeat, seed, variant, batch"
                                        " FROM trial"
                                        " WHERE experiment_id = ? ORDER BY position",
                                        "i", experiment_id);
    int rows = 0, pending = 0, row;
    bool same = true;
    for (; (row = sql_next(statement)) == 1; rows++) {
        same = same && rows < count && is_trial(statement, &trials[rows]);
        if (!same || !sqlite3_column_int(statement, 2)) continue;
        positions[pending] = trials[rows].position;
        ids[pending++] = sqlite3_column_int64(statement, 1);
    }
    sqlite3_finalize(statement);
    if (row < 0) return -1;
    if (same && rows == count) return pending;
    log_error("the trials of experiment %" PRId64
              " are not those that would be run now: run it anew without --resume",
              experiment_id);
    return -1;
}

int store_planned(sqlite3 *db, int64_t experiment_id, int position,
                  bool (*take)(void *data, const struct store_trial *), void *data) {
    sqlite3_stmt *statement = sql_query(db,
                                        "SELECT id, strategy, parameters, variant, batch, repeat,"
                                        " position, seed FROM trial WHERE experiment_id = ?"
                                        " AND position >= ? ORDER BY position",
                                        "ii", experiment_id, (int64_t)position);
    int row;
    while ((row = sql_next(statement)) == 1) {
        struct store_trial trial = {
            .id = sqlite3_column_int64(statement, 0),
            .strategy = sql_column(statement, 1),
            .parameters = sql_column(statement, 2),
            .variant = sql_column(statement, 3),
            .batch = sqlite3_column_int(statement, 4),
            .repeat = sqlite3_column_int(statement, 5),
            .position = sqlite3_column_int(statement, 6),
            .seed = sqlite3_column_int64(statement, 7),
        };
        if (!take(data, &trial)) break;
    }
    sqlite3_finalize(statement);
    return row < 0 ? -1 : 0;
}

/* --- simulated trials ------------------------------------------------------------------------- */

/* The role's own name: results have no texts that they must free. */
static const char *role_of(const char *text) {
    for (int role = 0; role < ROLE_COUNT; role++)
        if (strcmp(role_names[role], text) == 0) return role_names[role];
    return "";
}

/* The reports of the trials that a query's rows name, into `result`. */
static int read_reports(sqlite3_stmt *statement, struct result *result) {
    int row;
    while ((row = sql_next(statement)) == 1)
        result_report(result, role_of(sql_column(statement, 0)), sqlite3_column_int(statement, 1),
                      json_loads(sql_column(statement, 2), 0, NULL));
    sqlite3_finalize(statement);
    return row < 0 ? -1 : 0;
}

int store_reports(sqlite3 *db, int64_t trial_id, struct result *result) {
    return read_reports(sql_query(db,
                                  "SELECT role, process, json FROM report WHERE trial_id = ?"
                                  " ORDER BY role, process",
                                  "i", trial_id),
                        result);
}

int store_twin_reports(sqlite3 *db, int64_t simulated_trial_id, struct result *result) {
    return read_reports(sql_query(db,
                                  "SELECT r.role, r.process, r.json FROM trial s JOIN trial l"
                                  " USING (experiment_id, strategy, parameters, repeat)"
                                  " JOIN report r ON r.trial_id = l.id"
                                  " WHERE s.id = ? AND l.variant = '' AND l.status = 'done'"
                                  " ORDER BY r.role, r.process",
                                  "i", simulated_trial_id),
                        result);
}

int store_calibration_save(sqlite3 *db, const char *figures, const char *environment) {
    char now[STORE_TIME_SIZE];
    bool good = written(sql_bind(db,
                                 "INSERT INTO calibration (made_at, figures, environment)"
                                 " VALUES (?, ?, ?)",
                                 "ttt", store_now(now), figures, environment));
    return good ? 0 : complain(db, "store a calibration");
}

#define NEWEST " FROM calibration ORDER BY id DESC LIMIT 1"

char *store_calibration_newest(sqlite3 *db) { return sql_one_text(db, "SELECT figures" NEWEST, 0); }

char *store_calibration_dated(sqlite3 *db) {
    return sql_one_text(
        db, "SELECT json_patch(json_object('calibrated_at', made_at), figures)" NEWEST, 0);
}

char *store_calibration_of(sqlite3 *db, int64_t experiment_id) {
    return sql_one_text(db,
                        "SELECT json_remove(json_extract(environment, '$.simulator'),"
                        " '$.calibrated_at') FROM experiment WHERE id = :experiment"
                        " AND json_type(environment, '$.simulator') = 'object'",
                        experiment_id);
}

/* --- cells that failed ------------------------------------------------------------------------ */

int store_failed_cells(sqlite3 *db, int64_t experiment_id, char **name) {
    sqlite3_stmt *statement =
        sql_query(db,
                  "SELECT DISTINCT strategy || ' ' || parameters FROM trial WHERE experiment_id = ?"
                  " GROUP BY strategy, parameters, variant = 'simulated'"
                  " HAVING min(status = 'failed') ORDER BY position",
                  "i", experiment_id);
    int count = 0, row;
    *name = NULL;
    for (; (row = sql_next(statement)) == 1; count++)
        if (count == 0) *name = sql_copy(statement, 0);
    sqlite3_finalize(statement);
    return row < 0 ? -1 : count;
}

/* The versions that the store's tables have had, and the way from each to the present one. */
#include "store/migrations.h"

#include "base/log.h"
#include "base/memory.h"
#include "figures/metric_kinds.h"
#include "store/reference.h"
#include "store/sql.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int store_version(sqlite3 *db, const char *path) {
    int version = sql_ask(db, "PRAGMA user_version");
    if (version < 0)
        log_error("cannot read the version in the database %s: %s", path, sqlite3_errmsg(db));
    if (version > STORE_VERSION) {
        log_error("the database %s has version %d, and this program knows up to %d: "
                  "use a newer pushpull, or another --database",
                  path, version, STORE_VERSION);
        return -1;
    }
    if (version == 0 && sql_ask(db, "SELECT count(*) FROM sqlite_schema") != 0) {
        log_error("%s is not a database of pushpull: name another --database", path);
        return -1;
    }
    return version;
}

static bool executed(sqlite3 *db, const char *sql) { return sql_execute(db, sql) == 0; }

/* Whether another step has filled the table already. */
static bool is_filled(sqlite3 *db, const char *table) {
    char *sql = sqlite3_mprintf("SELECT (SELECT count(*) FROM %s) = (SELECT count(*) FROM old_%s)",
                                table, table);
    bool filled = sql_ask(db, sql) == 1;
    sqlite3_free(sql);
    return filled;
}

/* --- from version 1 --------------------------------------------------------------------------- */

/* Version 1 kept the overrides as lines below the scenario: "; --set key=value", "; --only words".
 * Returns what follows the mark, or NULL when the line is none. */
static const char *marked(const char *line, const char *mark) {
    size_t length = strlen(mark);
    return strncmp(line, mark, length) == 0 ? line + length : NULL;
}

/* Notes the override that the line is in `overrides`; returns false when it is none, or not UTF-8,
 * which was stored unseen. */
static bool take_override(json_t *overrides, const char *line) {
    const char *set = marked(line, "; --set "), *only = marked(line, "; --only ");
    const char *equals = set == NULL ? NULL : strchr(set, '=');
    if (only != NULL) return json_object_set_new(overrides, "only", json_string(only)) == 0;
    if (equals == NULL) return false;
    if (json_object_get(overrides, "set") == NULL)
        json_object_set_new(overrides, "set", json_object());
    char *key = xmemdup(set, (size_t)(equals - set));
    for (char *c = key; *c != '\0'; c++)
        if (*c == '-') *c = '_';
    json_t *value = json_string(equals + 1);
    bool good = json_object_set_new(json_object_get(overrides, "set"), key, value) == 0;
    free(key);
    return good;
}

/* Cuts the last lines off the text as far as they are overrides, and returns these. A scenario whose own
 * last comment looks like one loses it to them: version 1 could not tell them apart either. */
static json_t *cut_overrides(char *text) {
    json_t *overrides = json_object();
    char *copy = xstrdup(text), *rest = copy, *line;
    size_t keep = 0;
    while ((line = strsep(&rest, "\n")) != NULL) {
        if (take_override(overrides, line) || (*line == '\0' && rest == NULL)) continue;
        json_object_clear(overrides); /* the lines before this one were the scenario's own */
        keep = (size_t)(line - copy) + strlen(line) + (rest != NULL);
    }
    if (json_object_size(overrides) > 0) text[keep] = '\0';
    free(copy);
    return overrides;
}

/* The text of one experiment, taken apart. */
static bool move_overrides_of(sqlite3 *db, int64_t id, const char *scenario_text) {
    char *text = xstrdup(scenario_text);
    json_t *overrides = cut_overrides(text);
    char *json = json_dumps(overrides, JSON_COMPACT);
    bool good = sql_run(sql_bind(db,
                                 "UPDATE experiment SET scenario_text = ?, overrides = ?"
                                 " WHERE id = ?",
                                 "tti", text, json, id)) == 0;
    json_decref(overrides);
    free(json);
    free(text);
    return good;
}

static bool move_overrides(sqlite3 *db) {
    sqlite3_stmt *all = sql_query(db, "SELECT id, scenario_text FROM old_experiment", "");
    int row;
    while ((row = sql_next(all)) == 1)
        if (!move_overrides_of(db, sqlite3_column_int64(all, 0), sql_column(all, 1))) break;
    sqlite3_finalize(all);
    return row == 0;
}

/* Version 2 knows the verdict `faulty`, and keeps the overrides apart from the scenario. */
static bool fill_from_version_1(sqlite3 *db) {
    return executed(db,
                    "INSERT INTO experiment SELECT id, scenario, scenario_text, '{}', mode, seed,"
                    " started_at, finished_at, git_revision, environment, ''"
                    " FROM old_experiment;"
                    "INSERT INTO trial SELECT *, '', 1 FROM old_trial") &&
           move_overrides(db);
}

/* --- from version 2 --------------------------------------------------------------------------- */

/* Version 3 takes a report of any role, and has the role, the process and the name of a series in columns
 * of their own; they were ROLE.PROCESS.NAME. */
static bool fill_from_version_2(sqlite3 *db) {
    return executed(db,
                    "INSERT INTO report SELECT * FROM old_report;"
                    "WITH rest AS (SELECT *, instr(name, '.') AS dot,"
                    " substr(name, instr(name, '.') + 1) AS tail FROM old_series)"
                    " INSERT INTO series SELECT trial_id, t_ms, substr(name, 1, dot - 1),"
                    " CAST(tail AS INTEGER), substr(tail, instr(tail, '.') + 1), value FROM rest");
}

/* --- from version 3 --------------------------------------------------------------------------- */

/* Version 4 knows which figures a verdict takes, and the verdict `disturbed`. Before, a trial was believed
 * as a whole or not at all. Trials of version 1 are there already. */
static bool fill_from_version_3(sqlite3 *db) {
    return executed(
        db, "INSERT INTO trial SELECT *, '', 1 FROM old_trial"
            " WHERE id NOT IN (SELECT id FROM trial);"
            "INSERT INTO doubt SELECT trial.id, '', verdict, coalesce(reason, '')"
            " FROM trial WHERE verdict IN ('saturated', 'too_few_samples');"
            "WITH metric_group AS (SELECT value FROM json_each('[\"' || replace('" METRIC_GROUPS
            "', '|', '\",\"') || '\"]'))"
            " INSERT INTO doubt SELECT trial.id, value, verdict, coalesce(reason, '')"
            " FROM trial, metric_group WHERE verdict IN"
            " ('failed', 'faulty', 'generator_bound', 'not_stationary')");
}

/* --- from version 4 --------------------------------------------------------------------------- */

/* Version 5 knows labels. Experiments of version 1 are there already. */
static bool fill_from_version_4(sqlite3 *db) {
    return is_filled(db, "experiment") ||
           executed(db,
                    "INSERT INTO experiment SELECT id, scenario, scenario_text, overrides, mode,"
                    " seed, started_at, finished_at, git_revision, environment, ''"
                    " FROM old_experiment");
}

/* --- from version 5 --------------------------------------------------------------------------- */

/* Version 6 knows pairs. Trials of versions 1 to 3 are there already. */
static bool fill_from_version_5(sqlite3 *db) {
    return executed(db, "INSERT INTO trial SELECT *, '', 1 FROM old_trial"
                        " WHERE id NOT IN (SELECT id FROM trial)");
}

/* --- from version 6 --------------------------------------------------------------------------- */

/* Version 7 knows links, and their verdicts. Trials of versions 1 to 5 are there already. */
static bool fill_from_version_6(sqlite3 *db) {
    return is_filled(db, "trial") || executed(db, "INSERT INTO trial SELECT * FROM old_trial");
}

/* --- from version 7 --------------------------------------------------------------------------- */

/* Version 8 knows simulated trials. What older steps have filled is there already. */
static bool fill_from_version_7(sqlite3 *db) {
    return (is_filled(db, "trial") || executed(db, "INSERT INTO trial SELECT * FROM old_trial")) &&
           (is_filled(db, "experiment") ||
            executed(db, "INSERT INTO experiment SELECT * FROM old_experiment"));
}

/* Version 9 knows labs and guesses: new tables. */

/* --- to the present --------------------------------------------------------------------------- */

/* The views of an older version: all that are there. */
static bool drop_views(sqlite3 *db) {
    char *sql =
        sql_one_text(db,
                     "SELECT coalesce(group_concat('DROP VIEW \"' || name || '\";', ' '), '')"
                     " FROM sqlite_schema WHERE type = 'view'",
                     0);
    bool good = sql != NULL && executed(db, sql);
    free(sql);
    return good;
}

/* What the version after `from` changed: the tables that have another shape since (a CHECK cannot be
 * altered either), and how they are filled from what they were, old_TABLE. A table that changes once more
 * is filled by each of its steps, with what is not there yet. What changes views alone, or adds a table, needs no row. */
static const struct step {
    int from;
    const char *tables[3]; /* who refers to others first; ends with NULL */
    bool (*fill)(sqlite3 *);
} steps[] = {
    {1, {"trial", "experiment", NULL}, fill_from_version_1},
    {2, {"series", "report", NULL}, fill_from_version_2},
    {3, {"trial", NULL}, fill_from_version_3},
    {4, {"experiment", NULL}, fill_from_version_4},
    {5, {"trial", NULL}, fill_from_version_5},
    {6, {"trial", NULL}, fill_from_version_6},
    {7, {"trial", "experiment", NULL}, fill_from_version_7},
};
#define STEP_COUNT (sizeof(steps) / sizeof(steps[0]))

/* Whether a step before this one, but not before the version, is about the table as well. */
static bool was_done(int version, size_t step, const char *table) {
    for (size_t i = 0; i < step; i++)
        for (int k = 0; steps[i].from >= version && steps[i].tables[k] != NULL; k++)
            if (strcmp(steps[i].tables[k], table) == 0) return true;
    return false;
}

/* Runs a statement about each table that has changed since the version; `format` takes its name, twice. */
static bool each_changed(sqlite3 *db, int version, const char *format) {
    bool good = true;
    for (size_t i = 0; i < STEP_COUNT; i++)
        for (int k = 0; steps[i].from >= version && steps[i].tables[k] != NULL; k++) {
            if (was_done(version, i, steps[i].tables[k])) continue;
            char *sql = sqlite3_mprintf(format, steps[i].tables[k], steps[i].tables[k]);
            good = good && executed(db, sql);
            sqlite3_free(sql);
        }
    return good;
}

static bool from_version(sqlite3 *db, int version) {
    bool good = drop_views(db) && executed(db, "DROP INDEX IF EXISTS trial_by_experiment") &&
                each_changed(db, version, "ALTER TABLE %s RENAME TO old_%s") &&
                executed(db, schema_sql);
    for (size_t i = 0; i < STEP_COUNT; i++)
        if (steps[i].from >= version) good = good && steps[i].fill(db);
    return good && each_changed(db, version, "DROP TABLE old_%s");
}

/* How many rows belong to one that is not there: somebody has deleted by hand, and SQLite's own shell
 * does not watch. They stay, and may not become more. */
static int orphans(sqlite3 *db) {
    return sql_ask(db, "SELECT count(*) FROM pragma_foreign_key_check");
}

/* Inside the transaction. Another process may have been here first: the version is read again. */
static bool make_tables(sqlite3 *db) {
    int version = sql_ask(db, "PRAGMA user_version"), before = orphans(db);
    if (version == STORE_VERSION) return true;
    bool good = version > 0 ? from_version(db, version) : version == 0 && executed(db, schema_sql);
    return good && executed(db, views_sql) && store_keep_reference(db) == 0 &&
           orphans(db) == before;
}

/* Renaming a table must not rename it in the others' references, hence the pragmas, which count
 * outside of a transaction only. */
int store_migrate(sqlite3 *db, const char *path) {
    bool good = executed(db, "PRAGMA foreign_keys=OFF; PRAGMA legacy_alter_table=ON;"
                             "BEGIN IMMEDIATE") &&
                make_tables(db) && executed(db, "COMMIT");
    if (!good)
        log_error("cannot bring the tables of the database %s into the present shape (%s): name"
                  " another --database",
                  path,
                  sqlite3_errcode(db) == SQLITE_OK ? "rows would be lost" : sqlite3_errmsg(db));
    if (!good && !sqlite3_get_autocommit(db)) executed(db, "ROLLBACK");
    return good && executed(db, "PRAGMA legacy_alter_table=OFF") ? 0 : -1;
}

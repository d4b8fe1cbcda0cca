/* The versions that the store's tables have had, and the way from each to the present one. */
#include "store/store.h"

#include "base/log.h"
#include "base/memory.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int store_ask(sqlite3 *db, const char *sql) {
    sqlite3_stmt *statement;
    int answer = -1;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) return -1;
    if (sqlite3_step(statement) == SQLITE_ROW) answer = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return answer;
}

int store_version(sqlite3 *db, const char *path) {
    int version = store_ask(db, "PRAGMA user_version");
    if (version < 0)
        log_error("cannot read the version in the database %s: %s", path, sqlite3_errmsg(db));
    if (version > STORE_VERSION) {
        log_error("the database %s has version %d, and this program knows up to %d: "
                  "use a newer pushpull, or another --database",
                  path, version, STORE_VERSION);
        return -1;
    }
    if (version == 0 && store_ask(db, "SELECT count(*) FROM sqlite_schema") != 0) {
        log_error("%s is not a database of pushpull: name another --database", path);
        return -1;
    }
    return version;
}

static bool execute(sqlite3 *db, const char *sql) {
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* ============================== from version 1 ============================== */

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

static bool separate_overrides(sqlite3_stmt *all, sqlite3_stmt *update) {
    int code;
    while ((code = sqlite3_step(all)) == SQLITE_ROW) {
        char *text = xstrdup((const char *)sqlite3_column_text(all, 1));
        json_t *overrides = cut_overrides(text);
        char *json = json_dumps(overrides, JSON_COMPACT);
        sqlite3_bind_text(update, 1, text, -1, SQLITE_STATIC);
        sqlite3_bind_text(update, 2, json, -1, SQLITE_STATIC);
        sqlite3_bind_int64(update, 3, sqlite3_column_int64(all, 0));
        bool good = sqlite3_step(update) == SQLITE_DONE && sqlite3_reset(update) == SQLITE_OK;
        json_decref(overrides);
        free(json);
        free(text);
        if (!good) return false;
    }
    return code == SQLITE_DONE;
}

static bool move_overrides(sqlite3 *db) {
    sqlite3_stmt *all = NULL, *update = NULL;
    bool good = sqlite3_prepare_v2(db, "SELECT id, scenario_text FROM experiment_of_version_1", -1,
                                   &all, NULL) == SQLITE_OK &&
                sqlite3_prepare_v2(db,
                                   "UPDATE experiment SET scenario_text = ?, overrides = ?"
                                   " WHERE id = ?",
                                   -1, &update, NULL) == SQLITE_OK &&
                separate_overrides(all, update);
    sqlite3_finalize(all);
    sqlite3_finalize(update);
    return good;
}

/* Version 2 knows the verdict `faulty`, and keeps the overrides apart from the scenario. A CHECK
 * cannot be altered, so the tables are made anew. */
static bool from_version_1(sqlite3 *db) {
    return execute(db, "DROP INDEX IF EXISTS trial_by_experiment;"
                       "ALTER TABLE experiment RENAME TO experiment_of_version_1;"
                       "ALTER TABLE trial RENAME TO trial_of_version_1") &&
           execute(db, schema_sql) &&
           execute(db,
                   "INSERT INTO experiment SELECT id, scenario, scenario_text, '{}', mode, seed,"
                   " started_at, finished_at, git_revision, environment"
                   " FROM experiment_of_version_1;"
                   "INSERT INTO trial SELECT * FROM trial_of_version_1") &&
           move_overrides(db) &&
           execute(db, "DROP TABLE trial_of_version_1; DROP TABLE experiment_of_version_1");
}

/* ============================== to the present ============================== */

/* How many rows belong to one that is not there: somebody has deleted by hand, and SQLite's own shell
 * does not watch. They stay, and may not become more. */
static int orphans(sqlite3 *db) {
    return store_ask(db, "SELECT count(*) FROM pragma_foreign_key_check");
}

/* Inside the transaction. Another process may have been here first: the version is read again. */
static bool make_tables(sqlite3 *db) {
    int version = store_ask(db, "PRAGMA user_version"), before = orphans(db);
    if (version == STORE_VERSION) return true;
    bool good = version == 1 ? from_version_1(db) : version == 0 && execute(db, schema_sql);
    return good && execute(db, views_sql) && orphans(db) == before;
}

/* Renaming a table must not rename it in the others' references, hence the pragmas, which count
 * outside of a transaction only. */
int store_migrate(sqlite3 *db, const char *path) {
    bool good = execute(db, "PRAGMA foreign_keys=OFF; PRAGMA legacy_alter_table=ON;"
                            "BEGIN IMMEDIATE") &&
                make_tables(db) && execute(db, "COMMIT");
    if (!good)
        log_error("cannot bring the tables of the database %s into the present shape (%s): name"
                  " another --database",
                  path,
                  sqlite3_errcode(db) == SQLITE_OK ? "rows would be lost" : sqlite3_errmsg(db));
    if (!good && !sqlite3_get_autocommit(db)) execute(db, "ROLLBACK");
    return good && execute(db, "PRAGMA legacy_alter_table=OFF") ? 0 : -1;
}

/* pushpull export: everything about an experiment, for other programs. */
#include "report/export.h"

#include "base/memory.h"
#include "store/sql.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* --- csv -------------------------------------------------------------------------------------- */

/* A field as RFC 4180 has it: in quotes where it must be, a quote written twice. */
static void print_field(FILE *out, const char *text, bool first) {
    if (!first) fputc(',', out);
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"') fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

/* The query: trial, then a column for every parameter that occurs, then the metric. */
static char *csv_query(sqlite3 *db, int64_t id) {
    struct buffer sql = {0};
    sqlite3_stmt *names = sql_prepare(db,
                                      "SELECT DISTINCT name FROM parameter"
                                      " WHERE experiment_id = :experiment ORDER BY name",
                                      id);
    buffer_printf(&sql, "SELECT e.id AS experiment, e.scenario, t.id AS trial, t.strategy");
    while (sql_next(names) == 1)
        buffer_printf(&sql, ", json_extract(t.parameters, '$.\"%s\"') AS \"%s\"",
                      sql_column(names, 0), sql_column(names, 0));
    buffer_printf(&sql, ", t.repeat, t.position, t.seed, t.verdict, m.name AS metric, m.unit,"
                        " m.value, m.low, m.high, m.believed FROM trial t"
                        " JOIN experiment e ON e.id = t.experiment_id"
                        " JOIN figure m ON m.trial_id = t.id"
                        " WHERE t.experiment_id = :experiment ORDER BY t.position, m.name");
    sqlite3_finalize(names);
    return sql.data;
}

static int export_csv(sqlite3 *db, int64_t id, FILE *out) {
    char *sql = csv_query(db, id);
    sqlite3_stmt *statement = sql_prepare(db, sql, id);
    int columns = statement == NULL ? 0 : sqlite3_column_count(statement), row;
    for (int i = 0; i < columns; i++) print_field(out, sqlite3_column_name(statement, i), i == 0);
    if (columns > 0) fputs("\r\n", out);
    while ((row = sql_next(statement)) == 1) {
        for (int i = 0; i < columns; i++) print_field(out, sql_column(statement, i), i == 0);
        fputs("\r\n", out);
    }
    sqlite3_finalize(statement);
    free(sql);
    return row;
}

/* --- json ------------------------------------------------------------------------------------- */

/* The whole as SQLite puts it together. */
static const char as_json[] =
    "SELECT json_object('id', id, 'scenario', scenario, 'scenario_text', scenario_text,"
    " 'overrides', json(overrides), 'mode', mode, 'seed', seed, 'started_at', started_at,"
    " 'finished_at', finished_at, 'git_revision', git_revision, 'environment', json(environment),"
    " 'trials', (SELECT json_group_array(json_object('id', t.id, 'strategy', strategy,"
    "   'parameters', json(parameters), 'repeat', repeat, 'position', position, 'seed', t.seed,"
    "   'status', status, 'verdict', verdict, 'reason', reason, 'started_at', t.started_at,"
    "   'seconds', seconds, 'doubts', (SELECT json_group_array(json_object("
    "     'verdict', verdict, 'takes', metric_group, 'reason', reason))"
    "     FROM doubt WHERE trial_id = t.id), 'metrics', (SELECT json_group_object(name, "
    "json_object("
    "     'unit', unit, 'value', value, 'low', low, 'high', high,"
    "     'believed', json(iif(believed, 'true', 'false'))))"
    "     FROM figure WHERE trial_id = t.id)))"
    "   FROM (SELECT * FROM trial WHERE experiment_id = :experiment ORDER BY position) t))"
    " FROM experiment WHERE id = :experiment";

static int export_json(sqlite3 *db, int64_t id, FILE *out) {
    char *text = sql_one_text(db, as_json, id);
    json_t *experiment = text == NULL ? NULL : json_loads(text, 0, NULL);
    int status = experiment == NULL ? -1 : json_dumpf(experiment, out, JSON_INDENT(2));
    if (status == 0) fputc('\n', out);
    json_decref(experiment);
    free(text);
    return status;
}

/* --- either ----------------------------------------------------------------------------------- */

int export_experiment(sqlite3 *db, int64_t experiment_id, const char *format, FILE *out) {
    int64_t id = sql_experiment(db, experiment_id);
    if (id == 0) return -1;
    return strcmp(format, "json") == 0 ? export_json(db, id, out) : export_csv(db, id, out);
}

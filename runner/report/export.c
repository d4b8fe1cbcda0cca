/* pushpull export: everything about an experiment, for other programs. */
#include "report/browse.h"

#include "base/memory.h"
#include "store/sql.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ============================== csv ============================== */

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
                        " m.value, m.low, m.high FROM trial t"
                        " JOIN experiment e ON e.id = t.experiment_id"
                        " JOIN metric m ON m.trial_id = t.id"
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

/* ============================== json ============================== */

/* A column as JSON, by its type in the database. */
static json_t *json_column(sqlite3_stmt *statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER: return json_integer(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT: return json_real(sqlite3_column_double(statement, column));
    case SQLITE_TEXT: return json_string(sql_column(statement, column));
    default: return json_null();
    }
}

static bool holds_json(const char *column) {
    return strcmp(column, "parameters") == 0 || strcmp(column, "environment") == 0 ||
           strcmp(column, "overrides") == 0;
}

/* A row as an object; some columns hold JSON themselves. */
static json_t *json_row(sqlite3_stmt *statement) {
    json_t *object = json_object();
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
        const char *name = sqlite3_column_name(statement, i);
        json_object_set_new(object, name,
                            holds_json(name) ? json_loads(sql_column(statement, i), 0, NULL)
                                             : json_column(statement, i));
    }
    return object;
}

/* name -> {unit, value, low, high} */
static json_t *json_metrics(sqlite3 *db, int64_t trial_id) {
    json_t *metrics = json_object();
    sqlite3_stmt *statement = sql_prepare(
        db, "SELECT name, unit, value, low, high FROM metric WHERE trial_id = :experiment",
        trial_id);
    while (sql_next(statement) == 1) {
        json_t *metric = json_row(statement);
        json_object_del(metric, "name");
        json_object_set_new(metrics, sql_column(statement, 0), metric);
    }
    sqlite3_finalize(statement);
    return metrics;
}

static json_t *json_trials(sqlite3 *db, int64_t id) {
    json_t *trials = json_array();
    sqlite3_stmt *statement = sql_prepare(db,
                                          "SELECT id, strategy, parameters, repeat, position, seed,"
                                          " status, verdict, reason, started_at, seconds FROM trial"
                                          " WHERE experiment_id = :experiment ORDER BY position",
                                          id);
    while (sql_next(statement) == 1) {
        json_t *trial = json_row(statement);
        json_object_set_new(trial, "metrics", json_metrics(db, sqlite3_column_int64(statement, 0)));
        json_array_append_new(trials, trial);
    }
    sqlite3_finalize(statement);
    return trials;
}

static int export_json(sqlite3 *db, int64_t id, FILE *out) {
    sqlite3_stmt *statement =
        sql_prepare(db, "SELECT * FROM experiment WHERE id = :experiment", id);
    int status = -1;
    if (sql_next(statement) == 1) {
        json_t *experiment = json_row(statement);
        json_object_set_new(experiment, "trials", json_trials(db, id));
        status = json_dumpf(experiment, out, JSON_INDENT(2));
        fputc('\n', out);
        json_decref(experiment);
    }
    sqlite3_finalize(statement);
    return status;
}

/* ============================== either ============================== */

int browse_export(sqlite3 *db, int64_t experiment_id, const char *format, FILE *out) {
    int64_t id = sql_experiment(db, experiment_id);
    if (id == 0) return -1;
    return strcmp(format, "json") == 0 ? export_json(db, id, out) : export_csv(db, id, out);
}

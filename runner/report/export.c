/* pushpull export: everything about an experiment, for other programs. */
#include "report/export.h"

#include "base/log.h"
#include "base/memory.h"
#include "model/histogram.h"
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

/* A column for every parameter that occurs, of the JSON object `object`. */
static void add_parameters(struct buffer *sql, sqlite3 *db, int64_t id, const char *object) {
    sqlite3_stmt *names = sql_prepare(db,
                                      "SELECT DISTINCT name FROM parameter"
                                      " WHERE experiment_id = :experiment ORDER BY name",
                                      id);
    while (sql_next(names) == 1)
        buffer_printf(sql, ", json_extract(%s, '$.\"%s\"') AS \"%s\"", object, sql_column(names, 0),
                      sql_column(names, 0));
    sqlite3_finalize(names);
}

/* One row per trial and metric. */
static char *long_query(sqlite3 *db, int64_t id) {
    struct buffer sql = {0};
    buffer_printf(&sql, "SELECT e.id AS experiment, e.scenario, t.id AS trial, t.strategy");
    add_parameters(&sql, db, id, "t.parameters");
    buffer_printf(
        &sql,
        ", t.variant, t.batch, t.repeat, t.position, t.seed, t.verdict, m.name AS metric, m.unit,"
        " m.value, m.low, m.high, m.believed FROM trial t"
        " JOIN experiment e ON e.id = t.experiment_id"
        " JOIN figure m ON m.trial_id = t.id"
        " WHERE t.experiment_id = :experiment ORDER BY t.position, m.name");
    return sql.data;
}

/* One row per cell, with four columns per metric, in the order in which people see them. What is a parameter
 * has its column. */
static char *wide_query(sqlite3 *db, int64_t id) {
    struct buffer sql = {0};
    sqlite3_stmt *metrics =
        sql_prepare(db,
                    "SELECT DISTINCT m.name FROM metric m JOIN trial t ON t.id = m.trial_id"
                    " LEFT JOIN metric_kind k ON k.name = m.name"
                    " WHERE experiment_id = :experiment AND m.name NOT IN (SELECT name FROM"
                    " parameter WHERE experiment_id = :experiment)"
                    " ORDER BY k.rank IS NULL, k.rank, m.name",
                    id);
    buffer_printf(&sql, "SELECT e.id AS experiment, e.scenario, e.label, c.strategy");
    add_parameters(&sql, db, id, "c.parameters");
    buffer_printf(&sql, ", c.repeats, c.verdict");
    while (sql_next(metrics) == 1) {
        static const struct {
            const char *column, *suffix;
        } figures[] = {
            {"value", ""}, {"low", "_low"}, {"high", "_high"}, {"believed", "_believed"}};
        const char *name = sql_column(metrics, 0);
        for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
            buffer_printf(&sql, ", max(iif(s.metric = '%s', s.%s, NULL)) AS \"%s%s\"", name,
                          figures[i].column, name, figures[i].suffix);
    }
    buffer_printf(&sql, " FROM cell c JOIN experiment e ON e.id = c.experiment_id"
                        " LEFT JOIN summary s USING (experiment_id, strategy, parameters)"
                        " WHERE c.experiment_id = :experiment"
                        " GROUP BY c.strategy, c.parameters ORDER BY c.position");
    sqlite3_finalize(metrics);
    return sql.data;
}

/* Takes the query. */
static int export_csv(sqlite3 *db, int64_t id, char *sql, FILE *out) {
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

/* The whole but for histograms, as SQLite puts it together. */
static const char as_json[] =
    "SELECT json_object('id', id, 'scenario', scenario, 'scenario_text', scenario_text,"
    " 'overrides', json(overrides), 'label', label, 'mode', mode, 'seed', seed, 'started_at', "
    "started_at,"
    " 'finished_at', finished_at, 'git_revision', git_revision, 'environment', json(environment),"
    " 'trials', (SELECT json_group_array(json_object('id', t.id, 'strategy', strategy,"
    "   'parameters', json(parameters), 'variant', variant, 'batch', batch, 'repeat', repeat, "
    "'position', position, 'seed', t.seed,"
    "   'status', status, 'verdict', verdict, 'reason', reason, 'started_at', t.started_at,"
    "   'seconds', seconds, 'doubts', (SELECT json_group_array(json_object("
    "     'verdict', verdict, 'takes', metric_group, 'reason', reason))"
    "     FROM doubt WHERE trial_id = t.id), 'metrics', (SELECT json_group_object(name, "
    "json_object("
    "     'unit', unit, 'value', value, 'low', low, 'high', high,"
    "     'believed', json(iif(believed, 'true', 'false'))))"
    "     FROM figure WHERE trial_id = t.id), 'series', (SELECT json_group_array(json(line)) FROM ("
    "     SELECT json_object('role', role, 'process', process, 'name', name, 'points',"
    "     json_group_array(json_array(t_ms, value))) AS line FROM"
    "     (SELECT * FROM series WHERE trial_id = t.id ORDER BY role, process, name, t_ms)"
    "     GROUP BY role, process, name)), 'reports', (SELECT json_group_array(json_object("
    "     'role', role, 'process', process, 'report', json(r.json)))"
    "     FROM report r WHERE trial_id = t.id)))"
    "   FROM (SELECT * FROM trial WHERE experiment_id = :experiment ORDER BY position) t))"
    " FROM experiment WHERE id = :experiment";

/* [[value, count], ...]: the occupied buckets, each by its middle. */
static json_t *bucket_array(const struct histogram *histogram) {
    json_t *array = json_array();
    uint32_t cursor = 0;
    int64_t midpoint;
    uint64_t count;
    while (histogram_next(histogram, &cursor, &midpoint, &count))
        json_array_append_new(array, json_pack("[I, I]", (json_int_t)midpoint, (json_int_t)count));
    return array;
}

/* Adds "histograms" to a trial. Returns 0, or -1 after a line on stderr. */
static int add_histograms(sqlite3 *db, json_t *trial) {
    json_t *all = json_object();
    int row;
    sqlite3_stmt *statement =
        sql_query(db, "SELECT name, unit, buckets FROM histogram WHERE trial_id = ?", "i",
                  (int64_t)json_integer_value(json_object_get(trial, "id")));
    while ((row = sql_next(statement)) == 1) {
        struct histogram *histogram = histogram_new();
        if (histogram_deserialise(histogram, sqlite3_column_blob(statement, 2),
                                  (size_t)sqlite3_column_bytes(statement, 2)) != 0) {
            log_error("the histogram %s of a trial is damaged", sql_column(statement, 0));
            row = -1;
        }
        json_object_set_new(all, sql_column(statement, 0),
                            json_pack("{s:s, s:I, s:I, s:I, s:o}", "unit", sql_column(statement, 1),
                                      "count", (json_int_t)histogram_count(histogram), "minimum",
                                      (json_int_t)histogram_min(histogram), "maximum",
                                      (json_int_t)histogram_max(histogram), "buckets",
                                      bucket_array(histogram)));
        histogram_free(histogram);
        if (row < 0) break;
    }
    sqlite3_finalize(statement);
    json_object_set_new(trial, "histograms", all);
    return row;
}

static int export_json(sqlite3 *db, int64_t id, FILE *out) {
    char *text = sql_one_text(db, as_json, id);
    json_error_t error = {.text = ""};
    json_t *experiment = text == NULL ? NULL : json_loads(text, 0, &error), *trial;
    int status = experiment == NULL ? -1 : 0;
    if (text != NULL && experiment == NULL)
        log_error("experiment %lld cannot be written as JSON: %s", (long long)id, error.text);
    size_t index;
    json_array_foreach(json_object_get(experiment, "trials"), index, trial) {
        if (status == 0) status = add_histograms(db, trial);
    }
    if (status == 0) status = json_dumpf(experiment, out, 0);
    if (status == 0) fputc('\n', out);
    json_decref(experiment);
    free(text);
    return status;
}

/* --- either ----------------------------------------------------------------------------------- */

int export_experiment(sqlite3 *db, int64_t experiment_id, const char *format, FILE *out) {
    int64_t id = sql_experiment(db, experiment_id);
    if (id == 0) return -1;
    if (strcmp(format, "json") == 0) return export_json(db, id, out);
    return export_csv(db, id, strcmp(format, "long") == 0 ? long_query(db, id) : wide_query(db, id),
                      out);
}

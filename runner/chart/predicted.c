/* Asking the queries of charts of what was predicted: see predicted.h. No query knows of it: for a while the tables of
 * the snapshot, which stand in front of the views, speak of the simulated twins, or of somebody's guesses. */
#include "chart/predicted.h"

#include "base/log.h"
#include "base/memory.h"
#include "store/sql.h"

#include <stdlib.h>

/* --- the tables ------------------------------------------------------------------------------- */

/* The value that was predicted instead of the measured one. It has no interval: of twins it is their median, and each
 * is the same world once more. What was not predicted is no row. */
#define SPEAK_OF_PREDICTED(table)                                                                  \
    "UPDATE temp." table " SET low = NULL, high = NULL, value ="                                   \
    " (SELECT predicted FROM temp.predicted p WHERE p.strategy = " table ".strategy"               \
    "  AND p.parameters = " table ".parameters AND p.metric = " table ".metric);"                  \
    "DELETE FROM temp." table " WHERE value IS NULL;"

static const char speak_of_predicted[] =
    "CREATE INDEX temp.predicted_of ON predicted (strategy, parameters, "
    "metric);" SPEAK_OF_PREDICTED("summary") SPEAK_OF_PREDICTED("baseline")
        SPEAK_OF_PREDICTED("sweep");

/* Histograms are those of the twins' trials. */
static const char speak_of_twins[] =
    "UPDATE temp.outcome SET trial_id ="
    " (SELECT simulated_trial FROM twin WHERE live_trial = outcome.trial_id);"
    "DELETE FROM temp.outcome WHERE trial_id IS NULL";

/* `rows` is the query for what was predicted: strategy, parameters, metric, predicted. */
static int begin(sqlite3 *db, int64_t experiment_id, const char *rows, const char *more) {
    if (sql_execute(db, "SAVEPOINT predicted") != 0) return -1;
    char *sql = xasprintf("CREATE TEMP TABLE predicted AS %s", rows);
    sqlite3_stmt *statement = sql_prepare(db, sql, experiment_id);
    int status = sql_next(statement);
    sqlite3_finalize(statement);
    free(sql);
    if (status == 0 && sql_execute(db, speak_of_predicted) == 0 && sql_execute(db, more) == 0)
        return 0;
    log_error("cannot draw what was predicted: %s", sqlite3_errmsg(db));
    return -1;
}

/* Whatever was done to the tables is undone. */
static void end(sqlite3 *db) { sql_execute(db, "ROLLBACK TO predicted; RELEASE predicted"); }

/* --- the charts ------------------------------------------------------------------------------- */

/* *drawn gets the strategies that something is predicted of; it stays as it is where nothing is. */
static int predict(const struct chart *chart, const struct chart_context *context,
                   const char *ending, bool partial, char **drawn) {
    char *series = NULL, *floors = NULL;
    int rows = chart_applies(chart, context);
    if (rows > 0) rows = chart_write_data(chart, context, ending, partial, &series, &floors);
    if (rows > 0) *drawn = xasprintf("%s %s", series, floors);
    free(series);
    free(floors);
    return rows < 0 ? -1 : 0;
}

static bool has_any(const struct chart_context *context, const char *question) {
    return sql_one_integer(context->db, question, context->experiment_id, 0) > 0;
}

static int add_twins(struct chart_set *set, const struct chart_context *context) {
    if (!has_any(context, "SELECT count(*) FROM twin WHERE experiment_id = :experiment")) return 0;
    int status = begin(context->db, context->experiment_id,
                       "SELECT strategy, parameters, metric, predicted FROM prediction"
                       " WHERE experiment_id = :experiment",
                       speak_of_twins);
    for (int i = 0; i < set->count && status == 0; i++) {
        struct chart *chart = &set->charts[i];
        if (chart->prediction != NULL)
            status = predict(chart, context, "predicted.tsv", false, &chart->predicted);
    }
    end(context->db);
    return status;
}

/* Whoever guesses one figure has not guessed the others of its row. */
static int add_guesses(struct chart_set *set, const struct chart_context *context) {
    if (!has_any(context, "SELECT count(*) FROM guess WHERE experiment_id = :experiment")) return 0;
    int status = begin(context->db, context->experiment_id,
                       "SELECT strategy, parameters, metric, value AS predicted FROM guess"
                       " WHERE experiment_id = :experiment",
                       "");
    for (int i = 0; i < set->count && status == 0; i++) {
        struct chart *chart = &set->charts[i];
        if (chart->prediction != NULL && chart->histogram == NULL)
            status = predict(chart, context, "guessed.tsv", true, &chart->guessed);
    }
    end(context->db);
    return status;
}

int charts_predict(struct chart_set *set, const struct chart_context *context) {
    int status = add_twins(set, context);
    return add_guesses(set, context) == 0 ? status : -1;
}

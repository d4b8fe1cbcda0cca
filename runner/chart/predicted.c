/* Asking the queries of charts of the simulated twins: see predicted.h. No query knows of it: for a while the
 * tables of the snapshot, which stand in front of the views, speak of the twins. */
#include "chart/predicted.h"

#include "base/log.h"
#include "base/memory.h"
#include "store/sql.h"

#include <stdlib.h>

/* --- the tables ------------------------------------------------------------------------------- */

/* The median over the twins instead of the one over the measured trials. It has no interval: each twin is the
 * same world once more. What the models do not predict is no row. */
#define SPEAK_OF_TWINS(table)                                                                      \
    "UPDATE temp." table " SET low = NULL, high = NULL, value ="                                   \
    " (SELECT predicted FROM temp.predicted p WHERE p.strategy = " table ".strategy"               \
    "  AND p.parameters = " table ".parameters AND p.metric = " table ".metric);"                  \
    "DELETE FROM temp." table " WHERE value IS NULL;"

static const char speak_of_twins[] =
    "UPDATE temp.outcome SET trial_id ="
    " (SELECT simulated_trial FROM twin WHERE live_trial = outcome.trial_id);"
    "DELETE FROM temp.outcome WHERE trial_id IS NULL;"
    "CREATE INDEX temp.predicted_of ON predicted (strategy, parameters, metric);" SPEAK_OF_TWINS(
        "summary") SPEAK_OF_TWINS("baseline") SPEAK_OF_TWINS("sweep");

static int begin(sqlite3 *db, int64_t experiment_id) {
    if (sql_execute(db, "SAVEPOINT twins") != 0) return -1;
    sqlite3_stmt *statement = sql_prepare(db,
                                          "CREATE TEMP TABLE predicted AS SELECT strategy,"
                                          " parameters, metric, predicted FROM prediction"
                                          " WHERE experiment_id = :experiment",
                                          experiment_id);
    int status = sql_next(statement);
    sqlite3_finalize(statement);
    if (status == 0 && sql_execute(db, speak_of_twins) == 0) return 0;
    log_error("cannot draw what was simulated: %s", sqlite3_errmsg(db));
    return -1;
}

/* Whatever was done to the tables is undone. */
static void end(sqlite3 *db) { sql_execute(db, "ROLLBACK TO twins; RELEASE twins"); }

/* --- the charts ------------------------------------------------------------------------------- */

static int predict(struct chart *chart, const struct chart_context *context) {
    char *series = NULL, *floors = NULL;
    int rows = chart_applies(chart, context);
    if (rows > 0) rows = chart_write_data(chart, context, "predicted.tsv", &series, &floors);
    if (rows > 0) chart->predicted = xasprintf("%s %s", series, floors);
    free(series);
    free(floors);
    return rows < 0 ? -1 : 0;
}

int charts_predict(struct chart_set *set, const struct chart_context *context) {
    const char *twins = "SELECT count(*) FROM twin WHERE experiment_id = :experiment";
    if (sql_one_integer(context->db, twins, context->experiment_id, 0) == 0) return 0;
    int status = begin(context->db, context->experiment_id);
    for (int i = 0; i < set->count && status == 0; i++)
        if (set->charts[i].prediction != NULL) status = predict(&set->charts[i], context);
    end(context->db);
    return status;
}

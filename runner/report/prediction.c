/* Predictions beside measurements: see prediction.h. */
#include "report/prediction.h"

#include "base/memory.h"
#include "figures/metric_kinds.h"
#include "report/table_print.h"
#include "store/sql.h"
#include "system/human.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *metric, *heading;
} figures[] = {
    {"delivery_latency_mean_us", "mean latency"},  {"delivery_latency_p50_us", "p50 latency"},
    {"delivery_latency_p99_us", "p99 latency"},    {"age_mean_us", "age"},
    {"wire_bytes_per_delivery", "bytes/delivery"}, {"requests_per_delivery", "requests/delivery"},
};
#define FIGURE_COUNT ((int)(sizeof(figures) / sizeof(figures[0])))

/* Columns of the query before what varies and the figures; and of each figure. */
enum { TITLE, FLOOR, FIXED_COUNT };
enum { PREDICTED, MEASURED, OFF, BELIEVED, FIGURE_COLUMNS };

/* One row per cell that has both. */
static char *query(const struct table *table, int varying) {
    struct buffer sql = {0};
    buffer_printf(&sql, "SELECT coalesce(t.title, w.strategy), coalesce(t.floor, 0)");
    for (int i = 1; i <= varying; i++)
        buffer_printf(&sql, ", json_extract(w.parameters, '$.\"%s\"')", table->columns[i].heading);
    for (int i = 0; i < FIGURE_COUNT; i++) {
        static const char *const columns[] = {"predicted", "measured", "off", "believed"};
        for (int k = 0; k < FIGURE_COLUMNS; k++)
            buffer_printf(&sql, ", max(iif(w.metric = '%s', w.%s, NULL))", figures[i].metric,
                          columns[k]);
    }
    buffer_printf(&sql, " FROM prediction w LEFT JOIN temp.strategy t ON t.key = w.strategy"
                        " WHERE w.experiment_id = :experiment GROUP BY w.strategy, w.parameters"
                        " ORDER BY coalesce(t.rank, 99), w.strategy");
    for (int i = 1; i <= varying; i++) buffer_printf(&sql, ", %d", FIXED_COUNT + i);
    return sql.data;
}

/* "+12 %"; nothing where there is nothing to compare with. Returns `out`. */
static const char *off_text(char out[HUMAN_SIZE], double off) {
    double percent = rint(100 * off);
    if (isnan(off))
        *out = '\0';
    else
        snprintf(out, HUMAN_SIZE, percent == 0 ? " 0 %%" : " %+.0f %%", percent);
    return out;
}

/* "1.20 ms / 1.07 ms +12 %" */
static char *figure_text(sqlite3_stmt *row, int first, const char *metric) {
    struct metric_id id;
    char predicted[HUMAN_SIZE], measured[HUMAN_SIZE], off[HUMAN_SIZE];
    if (!metric_find(metric, &id) || sqlite3_column_type(row, first) == SQLITE_NULL)
        return xstrdup("–");
    human_metric(predicted, sql_number(row, first + PREDICTED), id.kind->unit);
    human_metric(measured, sql_number(row, first + MEASURED), id.kind->unit);
    off_text(off, sql_number(row, first + OFF));
    bool believed = sqlite3_column_int(row, first + BELIEVED) > 0;
    return xasprintf(believed ? "%s / %s%s" : "(%s / %s%s)", predicted, measured, off);
}

static void add_row(struct table *table, sqlite3_stmt *statement, int varying) {
    struct table_row *row = table_add_row(table);
    int column = 0, first = FIXED_COUNT + varying;
    row->floor = sqlite3_column_int(statement, FLOOR) != 0;
    row->cells[column++] = xstrdup(sql_column(statement, TITLE));
    for (int i = 0; i < varying; i++)
        row->cells[column++] = xstrdup(sql_column(statement, FIXED_COUNT + i));
    for (int i = 0; i < FIGURE_COUNT; i++)
        row->cells[column++] =
            figure_text(statement, first + i * FIGURE_COLUMNS, figures[i].metric);
}

int prediction_read(struct table *table, sqlite3 *db, int64_t experiment_id) {
    *table = (struct table){0};
    if (sql_extend(db) != 0) return -1;
    int varying = table_add_key(table, db, experiment_id, TABLE_COLUMNS_MAX - FIGURE_COUNT - 1);
    if (varying < 0) return -1;
    for (int i = 0; i < FIGURE_COUNT; i++) table_add_column(table, figures[i].heading, false);
    char *sql = query(table, varying);
    sqlite3_stmt *statement = sql_prepare(db, sql, experiment_id);
    int row;
    while ((row = sql_next(statement)) == 1) add_row(table, statement, varying);
    sqlite3_finalize(statement);
    free(sql);
    return row;
}

int prediction_print(sqlite3 *db, int64_t experiment_id, FILE *out) {
    struct table table;
    int status = prediction_read(&table, db, experiment_id);
    if (status == 0 && table.row_count > 0) {
        fprintf(out, "\n" PREDICTION_TITLE "\n\n");
        table_lay_out(out, &table);
        human_wrap(out, 0, PREDICTION_LEGEND);
        table_print_machine(out, db, experiment_id);
    }
    table_free(&table);
    return status;
}

/* A chart's data: the rows of its query, or the percentile curve of merged histograms, as blocks
 * of tab-separated values that gnuplot picks by the strategy's name. */
#include "chart/data.h"

#include "base/log.h"
#include "base/memory.h"
#include "figures/statistics.h"
#include "model/histogram.h"
#include "scenario/strategies.h"
#include "store/sql.h"
#include "system/file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define POINTS_PER_DECADE 25
#define POINTS_BELOW_MEDIAN 7 /* of the decade from 1 to 10; then 10, 100, ... are points */

/* What has been collected for one strategy. */
struct block {
    struct buffer rows;
    int row_count;
    struct histogram *histogram; /* percentile curves only; NULL when empty */
    double events;
    int believed;
};

static int strategy_index(const char *key) {
    for (int i = 0; i < strategy_count; i++)
        if (strcmp(strategies[i].key, key) == 0) return i;
    return -1;
}

int chart_applies(const struct chart *chart, const struct chart_context *context) {
    if (chart->over != NULL) {
        char *sql = xasprintf("SELECT count(*) FROM varying"
                              " WHERE experiment_id = :experiment AND name = '%s'",
                              chart->over);
        int64_t count = sql_one_integer(context->db, sql, context->experiment_id, -1);
        free(sql);
        if (count <= 0) return (int)count;
    }
    if (chart->needs == NULL) return 1;
    int64_t answer = sql_one_integer(context->db, chart->needs, context->experiment_id, 0);
    return answer != 0;
}

/* --- rows of a query -------------------------------------------------------------------------- */

static void add_value(struct buffer *row, sqlite3_stmt *statement, int column) {
    if (sqlite3_column_type(statement, column) == SQLITE_NULL)
        buffer_printf(row, "\tNaN");
    else
        buffer_printf(row, "\t%s", sql_column(statement, column));
}

/* A row whose first figure is missing says nothing: a strategy without deliveries has no latency. A
 * strategy without rows is left out of the chart. */
static void add_row(struct block *block, sqlite3_stmt *statement) {
    if (sqlite3_column_type(statement, 1) == SQLITE_NULL) return;
    buffer_printf(&block->rows, "%s", sql_column(statement, 0));
    for (int i = 1; i < sqlite3_column_count(statement); i++) add_value(&block->rows, statement, i);
    buffer_printf(&block->rows, "\n");
    block->row_count++;
}

/* --- percentile curves ------------------------------------------------------------------------ */

/* Merges a trial's histogram into its strategy's. The row: strategy, trial_id, events, believed. */
static int merge_trial(struct block *block, sqlite3_stmt *row, const char *name) {
    sqlite3_stmt *statement = sql_query(
        sqlite3_db_handle(row), "SELECT buckets FROM histogram WHERE trial_id = ? AND name = ?",
        "it", sqlite3_column_int64(row, 1), name);
    int status = sql_next(statement);
    if (status == 1) {
        if (block->histogram == NULL) block->histogram = histogram_new();
        status = histogram_deserialise(block->histogram, sqlite3_column_blob(statement, 0),
                                       (size_t)sqlite3_column_bytes(statement, 0));
        if (status != 0) log_error("the histogram %s of a trial is damaged", name);
        block->events += sql_number(row, 2);
        block->believed += sqlite3_column_int(row, 3);
    }
    sqlite3_finalize(statement);
    return status;
}

/* The curve from the median outwards, as far as the number of events supports an interval: beyond,
 * it would be noise. x is 1 / (1 - quantile), which a logarithmic axis spreads into 90 %, 99 %, ... */
static void add_curve(struct block *block, const char *strategy) {
    if (block->histogram == NULL || histogram_count(block->histogram) == 0) return;
    for (int i = 0;; i++) {
        double low, high;
        double x = i == 0 ? 2 : pow(10, (double)(i + POINTS_BELOW_MEDIAN) / POINTS_PER_DECADE);
        if (quantile_interval(block->events, 1 - 1 / x, &low, &high) != 0) return;
        double seconds = (double)histogram_quantile(block->histogram, 1 - 1 / x) / 1e9;
        buffer_printf(&block->rows, "%s\t%.6g\t%.9g\t%d\n", strategy, x, seconds,
                      block->believed > 0);
        block->row_count++;
    }
}

/* --- collecting and writing ------------------------------------------------------------------- */

static int collect(const struct chart *chart, const struct chart_context *context,
                   struct block *blocks) {
    sqlite3_stmt *statement = sql_prepare(context->db, chart->query, context->experiment_id);
    int status;
    while ((status = sql_next(statement)) == 1) {
        int index = strategy_index(sql_column(statement, 0));
        if (index < 0) continue; /* of a strategy that this program no longer has */
        if (chart->histogram == NULL)
            add_row(&blocks[index], statement);
        else if (merge_trial(&blocks[index], statement, chart->histogram) != 0)
            break;
    }
    sqlite3_finalize(statement);
    for (int i = 0; i < strategy_count && chart->histogram != NULL; i++)
        add_curve(&blocks[i], strategies[i].key);
    return status;
}

static void add_word(struct buffer *words, const char *word) {
    buffer_printf(words, "%s%s", words->length > 0 ? " " : "", word);
}

/* Joins the blocks; returns how many rows they have. */
static int join(struct block *blocks, struct buffer *tsv, struct buffer *series,
                struct buffer *floors) {
    int rows = 0;
    for (int i = 0; i < strategy_count; i++) {
        if (blocks[i].row_count == 0) continue;
        buffer_printf(tsv, "%s# %s\n%s", rows > 0 ? "\n\n" : "", strategies[i].key,
                      blocks[i].rows.data);
        add_word(strategies[i].floor ? floors : series, strategies[i].key);
        rows += blocks[i].row_count;
    }
    return rows;
}

static void free_blocks(struct block *blocks) {
    for (int i = 0; i < strategy_count; i++) {
        buffer_free(&blocks[i].rows);
        if (blocks[i].histogram != NULL) histogram_free(blocks[i].histogram);
    }
    free(blocks);
}

int chart_write_data(const struct chart *chart, const struct chart_context *context, char **series,
                     char **floors) {
    struct block *blocks = xcalloc((size_t)strategy_count, sizeof(*blocks));
    struct buffer tsv = {0}, names = {0}, floor_names = {0};
    char *path = xasprintf("%s/%s.tsv", context->directory, chart->name);
    int status = collect(chart, context, blocks);
    if (status == 0) status = join(blocks, &tsv, &names, &floor_names);
    if (status > 0 && file_write(path, tsv.data, tsv.length) != 0) status = -1;
    buffer_append(&names, "", 0);
    buffer_append(&floor_names, "", 0);
    *series = names.data;
    *floors = floor_names.data;
    buffer_free(&tsv);
    free_blocks(blocks);
    free(path);
    return status;
}

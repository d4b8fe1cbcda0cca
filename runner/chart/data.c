/* A chart's data: the rows of its query, or percentile curves, as blocks of tab-separated values that
 * gnuplot picks by the strategy's name. */
#include "chart/data.h"

#include "base/log.h"
#include "base/memory.h"
#include "chart/curve.h"
#include "scenario/strategies.h"
#include "store/sql.h"
#include "system/file.h"

#include <stdlib.h>
#include <string.h>

/* What has been collected for one strategy. */
struct block {
    struct buffer rows;
    int row_count;
    struct curve curve; /* of a chart of percentiles */
    bool believed;
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

/* Whether there is anything to draw in it. */
static bool says_something(sqlite3_stmt *row, bool partial) {
    int last = partial ? sqlite3_column_count(row) - 1 : 1;
    for (int i = 1; i <= last; i++)
        if (sqlite3_column_type(row, i) == SQLITE_FLOAT) return true;
    return sqlite3_column_type(row, 1) != SQLITE_NULL && !partial;
}

/* A row whose first figure is missing says nothing: a strategy without deliveries has no latency. A
 * strategy without rows is left out of the chart. */
static void add_row(struct block *block, sqlite3_stmt *statement, bool partial) {
    if (!says_something(statement, partial)) return;
    buffer_printf(&block->rows, "%s", sql_column(statement, 0));
    for (int i = 1; i < sqlite3_column_count(statement); i++) add_value(&block->rows, statement, i);
    buffer_printf(&block->rows, "\n");
    block->row_count++;
}

/* --- percentile curves ------------------------------------------------------------------------ */

/* Adds a trial to its strategy's curve. The row: strategy, trial_id, events, believed. */
static int add_trial(struct block *block, sqlite3_stmt *row, const char *name) {
    sqlite3_stmt *statement = sql_query(
        sqlite3_db_handle(row), "SELECT buckets FROM histogram WHERE trial_id = ? AND name = ?",
        "it", sqlite3_column_int64(row, 1), name);
    int status = sql_next(statement);
    if (status == 1) {
        struct histogram *histogram = histogram_new();
        status = histogram_deserialise(histogram, sqlite3_column_blob(statement, 0),
                                       (size_t)sqlite3_column_bytes(statement, 0));
        if (status != 0) log_error("the histogram %s of a trial is damaged", name);
        if (status == 0) curve_add(&block->curve, histogram, sql_number(row, 2));
        block->believed |= sqlite3_column_int(row, 3) != 0;
        histogram_free(histogram);
    }
    sqlite3_finalize(statement);
    return status;
}

/* --- collecting and writing ------------------------------------------------------------------- */

static int collect(const struct chart *chart, const struct chart_context *context, bool partial,
                   struct block *blocks) {
    sqlite3_stmt *statement = sql_prepare(context->db, chart->query, context->experiment_id);
    int status;
    while ((status = sql_next(statement)) == 1) {
        int index = strategy_index(sql_column(statement, 0));
        if (index < 0) continue; /* of a strategy that this program no longer has */
        if (chart->histogram == NULL)
            add_row(&blocks[index], statement, partial);
        else if (add_trial(&blocks[index], statement, chart->histogram) != 0)
            break;
    }
    sqlite3_finalize(statement);
    for (int i = 0; i < strategy_count && chart->histogram != NULL; i++)
        blocks[i].row_count =
            curve_write(&blocks[i].curve, strategies[i].key, blocks[i].believed, &blocks[i].rows);
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
        curve_free(&blocks[i].curve);
    }
    free(blocks);
}

int chart_write_data(const struct chart *chart, const struct chart_context *context,
                     const char *ending, bool partial, char **series, char **floors) {
    struct block *blocks = xcalloc((size_t)strategy_count, sizeof(*blocks));
    struct buffer tsv = {0}, names = {0}, floor_names = {0};
    char *path = xasprintf("%s/%s.%s", context->directory, chart->name, ending);
    int status = collect(chart, context, partial, blocks);
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

/* --- where it stands ---------------------------------------------------------------------------- */

char *chart_held(sqlite3 *db, int64_t experiment_id, const char *except) {
    struct buffer text = {0};
    sqlite3_stmt *statement = sql_query(db,
                                        "SELECT DISTINCT name, held FROM varying"
                                        " WHERE experiment_id = ? AND name IS NOT ?"
                                        " ORDER BY name",
                                        "it", experiment_id, except);
    while (sql_next(statement) == 1)
        buffer_printf(&text, "%s%s = %s", text.length > 0 ? ", " : "", sql_column(statement, 0),
                      sql_column(statement, 1));
    sqlite3_finalize(statement);
    buffer_append(&text, "", 0);
    return text.data;
}

char *chart_place(const struct chart *chart, const struct chart_context *context) {
    if (chart->cells != NULL) return xstrdup("");
    return chart_held(context->db, context->experiment_id, chart->over);
}

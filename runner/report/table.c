/* The final table. The metrics that it shows are those with a heading in the table of metrics; the
 * parameters that vary get columns of their own. */
#include "report/table.h"

#include "base/memory.h"
#include "figures/metric_kinds.h"
#include "store/sql.h"
#include "system/human.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Columns of the query before the varying parameters and the figures. */
enum { TITLE, FLOOR, REPEATS, BELIEVED, VERDICT, FIXED_COUNT };

bool table_next_metric(struct metric_id *id) {
    while (metric_next(id))
        if (metric_shown(*id)->heading != NULL) return true;
    return false;
}

/* --- reading ---------------------------------------------------------------------------------- */

static int figure_count(void) {
    struct metric_id id = {0};
    int count = 0;
    while (table_next_metric(&id)) count++;
    return count;
}

static void add_column(struct table *table, const char *group, const char *heading, bool text) {
    table->columns[table->column_count++] =
        (struct table_column){.group = group, .heading = xstrdup(heading), .text = text};
}

void table_add_column(struct table *table, const char *heading, bool text) {
    add_column(table, "", heading, text);
}

struct table_row *table_add_row(struct table *table) {
    table->rows = xgrow(table->rows, (size_t)table->row_count, sizeof(*table->rows));
    struct table_row *row = &table->rows[table->row_count++];
    *row = (struct table_row){0};
    return row;
}

int table_add_key(struct table *table, sqlite3 *db, int64_t experiment_id, int room) {
    sqlite3_stmt *statement = sql_prepare(db,
                                          "SELECT DISTINCT name FROM varying"
                                          " WHERE experiment_id = :experiment ORDER BY name",
                                          experiment_id);
    int count = 0, row;
    add_column(table, "", "strategy", true);
    while ((row = sql_next(statement)) == 1) {
        if (count == room) continue;
        add_column(table, "", sql_column(statement, 0), false);
        count++;
    }
    sqlite3_finalize(statement);
    table->key_count = 1 + count;
    return row < 0 ? -1 : count;
}

/* The columns. Returns how many parameters vary, or -1. */
static int read_columns(struct table *table, sqlite3 *db, int64_t experiment_id) {
    int room = TABLE_COLUMNS_MAX - figure_count() - 2;
    int count = table_add_key(table, db, experiment_id, room);
    struct metric_id id = {0};
    while (table_next_metric(&id)) {
        const struct metric_shown *shown = metric_shown(id);
        add_column(table, shown->over == NULL ? "" : shown->over, shown->heading, false);
    }
    add_column(table, "", "verdict", true);
    return count;
}

/* One row per cell: the fixed columns, the varying parameters, each figure and its believed trials. */
static char *query(const struct table *table, int varying) {
    struct buffer sql = {0};
    struct metric_id id = {0};
    char name[METRIC_NAME_SIZE];
    buffer_printf(&sql, "SELECT coalesce(t.title, c.strategy), coalesce(t.floor, 0),"
                        " c.repeats, c.believed, c.verdict");
    for (int i = 1; i <= varying; i++)
        buffer_printf(&sql, ", json_extract(c.parameters, '$.\"%s\"')", table->columns[i].heading);
    while (table_next_metric(&id)) {
        metric_name(name, id);
        buffer_printf(&sql,
                      ", max(CASE s.metric WHEN '%s' THEN s.value END)"
                      ", max(CASE s.metric WHEN '%s' THEN s.believed END)",
                      name, name);
    }
    buffer_printf(&sql,
                  " FROM cell c LEFT JOIN summary s USING (experiment_id, strategy, parameters)"
                  " LEFT JOIN temp.strategy t ON t.key = c.strategy"
                  " WHERE c.experiment_id = :experiment GROUP BY c.strategy, c.parameters"
                  " ORDER BY coalesce(t.rank, 99), c.strategy");
    for (int i = 1; i <= varying; i++) buffer_printf(&sql, ", %d", FIXED_COUNT + i);
    return sql.data;
}

/* A column with a figure, followed by one that says how many trials it rests on. */
static char *figure_text(sqlite3_stmt *statement, int column, const char *unit) {
    char text[HUMAN_SIZE];
    double value = sql_number(statement, column);
    human_metric(text, value, unit);
    bool believed = sqlite3_column_int(statement, column + 1) > 0;
    return believed || isnan(value) ? xstrdup(text) : xasprintf("(%s)", text);
}

static char *verdict_text(sqlite3_stmt *statement) {
    int repeats = sqlite3_column_int(statement, REPEATS);
    const char *verdict = sql_column(statement, VERDICT);
    if (strchr(verdict, ',') == NULL) return xstrdup(verdict);
    return xasprintf("%d of %d believed", sqlite3_column_int(statement, BELIEVED), repeats);
}

static void read_row(struct table *table, sqlite3_stmt *statement, int varying) {
    struct table_row *row = table_add_row(table);
    struct metric_id id = {0};
    int repeats = sqlite3_column_int(statement, REPEATS), column = 0;
    if (repeats > table->repeats) table->repeats = repeats;
    row->floor = sqlite3_column_int(statement, FLOOR) != 0;
    row->cells[column++] = xstrdup(sql_column(statement, TITLE));
    for (int i = 0; i < varying; i++)
        row->cells[column++] = xstrdup(sql_column(statement, FIXED_COUNT + i));
    for (int from = FIXED_COUNT + varying; table_next_metric(&id); from += 2)
        row->cells[column++] = figure_text(statement, from, id.kind->unit);
    row->cells[column] = verdict_text(statement);
}

static void drop_column(struct table *table, int column) {
    free(table->columns[column].heading);
    for (int i = column; i + 1 < table->column_count; i++)
        table->columns[i] = table->columns[i + 1];
    for (int k = 0; k < table->row_count; k++) {
        char **cells = table->rows[k].cells;
        free(cells[column]);
        for (int i = column; i + 1 < table->column_count; i++) cells[i] = cells[i + 1];
    }
    table->column_count--;
}

/* Whether no row has believed figures in this column. */
static bool is_empty(const struct table *table, int column) {
    for (int i = 0; i < table->row_count; i++)
        if (isdigit((unsigned char)*table->rows[i].cells[column])) return false;
    return table->row_count > 0;
}

/* Whether no row has a figure in it, not even one in brackets. */
static bool is_missing(const struct table *table, int column) {
    for (int i = 0; i < table->row_count; i++)
        if (*table->rows[i].cells[column] == '(') return false;
    return true;
}

/* A figure that no row has samples enough for (see the view `figure`) is none. */
static void leave_out(struct table *table, int column) {
    struct metric_id id = {0};
    bool no_memory = false;
    for (; table_next_metric(&id); column++) {
        bool memory = strcmp(id.kind->group, "memory") == 0;
        if (!(memory || metric_fraction(id) > 0.5) || !is_empty(table, column)) continue;
        bool missing = is_missing(table, column);
        drop_column(table, column--);
        if (memory && no_memory) continue; /* of two kinds: said once */
        no_memory = memory;
        buffer_printf(&table->left_out, "%s%s is left out: %s",
                      table->left_out.length > 0 ? "; " : "", metric_shown(id)->heading,
                      missing  ? table->simulated ? "it is not simulated" : "it was not measured"
                      : memory ? "too few connections to measure it"
                               : "too few events for it");
    }
}

int table_read(struct table *table, sqlite3 *db, int64_t experiment_id) {
    memset(table, 0, sizeof(*table));
    if (sql_extend(db) != 0) return -1;
    table->simulated =
        sql_one_integer(db, "SELECT mode = 'simulated' FROM experiment WHERE id = :experiment",
                        experiment_id, 0) != 0;
    int varying = read_columns(table, db, experiment_id);
    if (varying < 0) return -1;
    char *sql = query(table, varying);
    sqlite3_stmt *statement = sql_prepare(db, sql, experiment_id);
    int row;
    while ((row = sql_next(statement)) == 1) read_row(table, statement, varying);
    sqlite3_finalize(statement);
    free(sql);
    leave_out(table, 1 + varying);
    return row;
}

void table_free(struct table *table) {
    for (int i = 0; i < table->row_count; i++)
        for (int j = 0; j < table->column_count; j++) free(table->rows[i].cells[j]);
    for (int i = 0; i < table->column_count; i++) free(table->columns[i].heading);
    free(table->rows);
    buffer_free(&table->left_out);
    memset(table, 0, sizeof(*table));
}

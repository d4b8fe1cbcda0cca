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

/* --- reading ---------------------------------------------------------------------------------- */

/* The next metric that has a column. */
static bool next_figure(struct metric_id *id) {
    while (metric_next(id))
        if (metric_shown(*id)->heading != NULL) return true;
    return false;
}

static int figure_count(void) {
    struct metric_id id = {0};
    int count = 0;
    while (next_figure(&id)) count++;
    return count;
}

static void add_column(struct table *table, const char *group, const char *heading, bool text) {
    table->columns[table->column_count++] =
        (struct table_column){.group = group, .heading = xstrdup(heading), .text = text};
}

/* The columns. Returns how many parameters vary, or -1. */
static int read_columns(struct table *table, sqlite3 *db, int64_t experiment_id) {
    sqlite3_stmt *statement = sql_prepare(db,
                                          "SELECT DISTINCT name FROM varying"
                                          " WHERE experiment_id = :experiment ORDER BY name",
                                          experiment_id);
    struct metric_id id = {0};
    int count = 0, row, room = TABLE_COLUMNS_MAX - figure_count() - 2;
    add_column(table, "", "strategy", true);
    while ((row = sql_next(statement)) == 1) {
        if (count == room) continue;
        add_column(table, "", sql_column(statement, 0), false);
        count++;
    }
    sqlite3_finalize(statement);
    while (next_figure(&id)) {
        const struct metric_shown *shown = metric_shown(id);
        add_column(table, shown->over == NULL ? "" : shown->over, shown->heading, false);
    }
    add_column(table, "", "verdict", true);
    return row < 0 ? -1 : count;
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
    while (next_figure(&id)) {
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
    table->rows = xgrow(table->rows, (size_t)table->row_count, sizeof(*table->rows));
    struct table_row *row = &table->rows[table->row_count++];
    struct metric_id id = {0};
    int repeats = sqlite3_column_int(statement, REPEATS), column = 0;
    if (repeats > table->repeats) table->repeats = repeats;
    memset(row, 0, sizeof(*row));
    row->floor = sqlite3_column_int(statement, FLOOR) != 0;
    row->cells[column++] = xstrdup(sql_column(statement, TITLE));
    for (int i = 0; i < varying; i++)
        row->cells[column++] = xstrdup(sql_column(statement, FIXED_COUNT + i));
    for (int from = FIXED_COUNT + varying; next_figure(&id); from += 2)
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

/* A figure that no row has samples enough for (see the view `figure`) is none. */
static void leave_out(struct table *table, int column) {
    struct metric_id id = {0};
    for (; next_figure(&id); column++) {
        bool memory = strcmp(id.kind->group, "memory") == 0;
        if (!(memory || metric_fraction(id) > 0.5) || !is_empty(table, column)) continue;
        buffer_printf(&table->left_out, "%s%s is left out: %s",
                      table->left_out.length > 0 ? "; " : "", metric_shown(id)->heading,
                      memory ? "too few connections to measure it" : "too few events for it");
        drop_column(table, column--);
    }
}

int table_read(struct table *table, sqlite3 *db, int64_t experiment_id) {
    memset(table, 0, sizeof(*table));
    if (sql_extend(db) != 0) return -1;
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

/* --- printing --------------------------------------------------------------------------------- */

static void pad(FILE *out, int columns) {
    while (columns-- > 0) fputc(' ', out);
}

static void print_cell(FILE *out, const char *text, int width, bool left) {
    int space = width - human_width(text);
    if (!left) pad(out, space);
    fputs(text, out);
    if (left) pad(out, space);
    fputs("  ", out);
}

static int column_width(const struct table *table, int column) {
    int width = human_width(table->columns[column].heading);
    for (int i = 0; i < table->row_count; i++) {
        int cell = human_width(table->rows[i].cells[column]);
        if (cell > width) width = cell;
    }
    return width;
}

/* "── per delivery ──" */
static void print_group(FILE *out, const char *group, int width) {
    int dashes = width - human_width(group) - 2;
    for (int i = 0; i < dashes; i++) {
        if (i == dashes / 2) fprintf(out, " %s ", group);
        fputs("─", out);
    }
    fputs("  ", out);
}

/* The line above the headings: each group over its columns. */
static void print_groups(FILE *out, const struct table *table, const int *widths) {
    for (int i = 0; i < table->column_count;) {
        const char *group = table->columns[i].group;
        int width = widths[i++];
        while (i < table->column_count && *group != '\0' &&
               strcmp(table->columns[i].group, group) == 0)
            width += 2 + widths[i++];
        if (*group == '\0')
            pad(out, width + 2);
        else
            print_group(out, group, width);
    }
    fputc('\n', out);
}

static void print_headings(FILE *out, const struct table *table, const int *widths) {
    int last = table->column_count - 1; /* needs no padding */
    for (int i = 0; i < last; i++)
        print_cell(out, table->columns[i].heading, widths[i], table->columns[i].text);
    fprintf(out, "%s\n", table->columns[last].heading);
}

static void print_rule(FILE *out, const struct table *table, const int *widths) {
    int length = 2 * table->column_count - 2;
    for (int i = 0; i < table->column_count; i++) length += widths[i];
    while (length-- > 0) fputs("─", out);
    fputc('\n', out);
}

static void print_rows(FILE *out, const struct table *table, const int *widths) {
    for (int i = 0; i < table->row_count; i++) {
        const struct table_row *row = &table->rows[i];
        if (i > 0 && row->floor && !row[-1].floor) print_rule(out, table, widths);
        for (int j = 0; j + 1 < table->column_count; j++)
            print_cell(out, row->cells[j], widths[j], table->columns[j].text);
        fprintf(out, "%s\n", row->cells[table->column_count - 1]);
    }
}

#define LEGEND_INDENT 9
#define LEGEND_WIDTH 71 /* behind it */

/* "age      how old the newest event ...", broken between words. */
static void add_legend(struct buffer *out, const char *label, const char *text) {
    while (*text != '\0') {
        size_t length = strlen(text);
        if (length > LEGEND_WIDTH)
            for (length = LEGEND_WIDTH; text[length] != ' ';) length--;
        buffer_printf(out, "%-*s%.*s\n", LEGEND_INDENT, label, (int)length, text);
        label = "";
        text += length;
        text += strspn(text, " ");
    }
}

static bool has_column(const struct table *table, const char *heading) {
    for (int i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].heading, heading) == 0) return true;
    return false;
}

void table_legend(struct buffer *out, const struct table *table) {
    struct metric_id id = {0};
    while (next_figure(&id)) {
        const struct metric_shown *shown = metric_shown(id);
        bool one_of_several = id.kind->samples != SINGLE;
        if (shown->legend != NULL && has_column(table, shown->heading))
            add_legend(out, one_of_several ? shown->over : shown->heading, shown->legend);
    }
    if (table->left_out.length > 0) add_legend(out, "", table->left_out.data);
    add_legend(out, "floor",
               "a bare TCP connection: the limit that the strategies are compared with");
    add_legend(out, "(...)",
               "measured, but not to be believed: too few events for this figure, or the verdict "
               "takes it");
}

int table_print(sqlite3 *db, int64_t experiment_id, FILE *out) {
    struct table table;
    int widths[TABLE_COLUMNS_MAX];
    int status = table_read(&table, db, experiment_id);
    if (status == 0) {
        for (int i = 0; i < table.column_count; i++) widths[i] = column_width(&table, i);
        print_groups(out, &table, widths);
        print_headings(out, &table, widths);
        print_rule(out, &table, widths);
        print_rows(out, &table, widths);
        fputc('\n', out);
        if (table.repeats > 1) fprintf(out, "Medians over %d repeats.\n", table.repeats);
        struct buffer legend = {0};
        table_legend(&legend, &table);
        fputs(legend.data, out);
        buffer_free(&legend);
    }
    table_free(&table);
    return status;
}

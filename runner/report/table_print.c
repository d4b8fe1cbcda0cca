/* Printing the final table: see table_print.h. */
#include "report/table_print.h"

#include "base/memory.h"
#include "store/sql.h"
#include "system/hint.h"
#include "system/human.h"

#include <stdlib.h>
#include <string.h>

static void pad(FILE *out, int columns) {
    while (columns-- > 0) fputc(' ', out);
}

static int column_width(const struct table *table, int column) {
    int width = human_width(table->columns[column].heading);
    for (int i = 0; i < table->row_count; i++) {
        int cell = human_width(table->rows[i].cells[column]);
        if (cell > width) width = cell;
    }
    return width;
}

/* --- one part --------------------------------------------------------------------------------- */

/* Columns that stand side by side. */
struct part {
    const struct table *table;
    int columns[TABLE_COLUMNS_MAX], widths[TABLE_COLUMNS_MAX];
    int count, width;
};

static const struct table_column *column_of(const struct part *part, int i) {
    return &part->table->columns[part->columns[i]];
}

static void add_to_part(struct part *part, int column) {
    int width = column_width(part->table, column);
    part->columns[part->count] = column;
    part->widths[part->count++] = width;
    part->width += (part->count > 1 ? 2 : 0) + width;
}

/* How many columns of the part, from the i-th, stand below one group; *width is theirs. */
static int group_span(const struct part *part, int i, int *width) {
    const char *group = column_of(part, i)->group;
    int span = 1;
    *width = part->widths[i];
    for (; *group != '\0' && i + span < part->count; span++) {
        if (strcmp(column_of(part, i + span)->group, group) != 0) break;
        *width += 2 + part->widths[i + span];
    }
    return span;
}

/* A group whose name is wider than its columns widens the last of them. */
static void make_room_for_groups(struct part *part) {
    for (int i = 0, width; i < part->count;) {
        int span = group_span(part, i, &width);
        int missing = human_width(column_of(part, i)->group) - width;
        i += span;
        if (missing <= 0) continue;
        part->widths[i - 1] += missing;
        part->width += missing;
    }
}

/* "── per delivery ──" */
static void print_group(FILE *out, const char *group, int width) {
    int dashes = width - human_width(group) - 2;
    for (int i = 0; i < dashes; i++) {
        if (i == dashes / 2) fprintf(out, " %s ", group);
        fputs("─", out);
    }
    if (dashes <= 0) fprintf(out, "%-*s", width, group);
}

/* The line above the headings: each group over its columns. */
static void print_groups(FILE *out, const struct part *part) {
    int blanks = 0, width;
    for (int i = 0; i < part->count; blanks += 2) {
        const char *group = column_of(part, i)->group;
        i += group_span(part, i, &width);
        if (*group == '\0') {
            blanks += width;
            continue;
        }
        pad(out, blanks);
        print_group(out, group, width);
        blanks = 0;
    }
    fputc('\n', out);
}

/* The cells of a row, or without one the headings. Nothing stands behind the last. */
static void print_line(FILE *out, const struct part *part, const struct table_row *row) {
    for (int i = 0; i < part->count; i++) {
        const struct table_column *column = column_of(part, i);
        const char *text = row == NULL ? column->heading : row->cells[part->columns[i]];
        int space = part->widths[i] - human_width(text);
        if (!column->text) pad(out, space);
        fputs(text, out);
        if (i + 1 < part->count) pad(out, (column->text ? space : 0) + 2);
    }
    fputc('\n', out);
}

static void print_rule(FILE *out, const struct part *part) {
    for (int i = 0; i < part->width; i++) fputs("─", out);
    fputc('\n', out);
}

static void print_rows(FILE *out, const struct part *part) {
    for (int i = 0; i < part->table->row_count; i++) {
        const struct table_row *row = &part->table->rows[i];
        if (i > 0 && row->floor && !row[-1].floor) print_rule(out, part);
        print_line(out, part, row);
    }
}

static void print_part(FILE *out, const struct part *part) {
    bool grouped = false;
    for (int i = 0; i < part->count; i++) grouped |= *column_of(part, i)->group != '\0';
    if (grouped) print_groups(out, part);
    print_line(out, part, NULL);
    print_rule(out, part);
    print_rows(out, part);
    fputc('\n', out);
}

/* Whether one more column fits, with room for the names of groups. */
static bool has_room(FILE *out, const struct part *part, int column) {
    struct part wider = *part;
    add_to_part(&wider, column);
    make_room_for_groups(&wider);
    return wider.width <= human_columns(out);
}

/* As many columns as fit, behind the key; then the others. */
void table_lay_out(FILE *out, const struct table *table) {
    int next = table->key_count;
    while (next < table->column_count) {
        struct part part = {.table = table};
        for (int i = 0; i < table->key_count; i++) add_to_part(&part, i);
        do add_to_part(&part, next++);
        while (next < table->column_count && has_room(out, &part, next));
        make_room_for_groups(&part);
        print_part(out, &part);
    }
}

/* --- the legend ------------------------------------------------------------------------------- */

#define LEGEND_INDENT 9

static bool has_column(const struct table *table, const char *heading) {
    for (int i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].heading, heading) == 0) return true;
    return false;
}

void table_legend(FILE *out, const struct table *table) {
    struct metric_id id = {0};
    while (table_next_metric(&id)) {
        const struct metric_shown *shown = metric_shown(id);
        bool one_of_several = id.kind->samples != SINGLE;
        if (shown->legend != NULL && has_column(table, shown->heading))
            human_wrap_labelled(out, one_of_several ? shown->over : shown->heading, LEGEND_INDENT,
                                shown->legend);
    }
    if (table->left_out.length > 0) human_wrap(out, LEGEND_INDENT, table->left_out.data);
    human_wrap_labelled(out, "floor", LEGEND_INDENT,
                        "a bare TCP connection: the limit that the strategies are compared with");
    human_wrap_labelled(out, "(...)", LEGEND_INDENT,
                        table->simulated
                            ? "simulated, but not to be believed: too few events for this figure"
                            : "measured, but not to be believed: too few events for this figure, "
                              "or the verdict takes it");
}

char *table_machine(sqlite3 *db, int64_t experiment_id) {
    char *made =
        sql_one_text(db,
                     "SELECT json_extract(environment, '$.simulator.calibrated_at') FROM experiment"
                     " WHERE id = :experiment",
                     experiment_id);
    char *command = hint("calibrate", NULL);
    char *text = made != NULL
                     ? xasprintf("The times of this machine are of the calibration of %s.", made)
                     : xasprintf("This machine was not calibrated: its times are defaults, which"
                                 " may be far from it. `%s` measures them.",
                                 command);
    free(command);
    free(made);
    return text;
}

void table_print_machine(FILE *out, sqlite3 *db, int64_t experiment_id) {
    char *text = table_machine(db, experiment_id);
    human_wrap(out, 0, text);
    free(text);
}

int table_print(sqlite3 *db, int64_t experiment_id, FILE *out) {
    struct table table;
    int status = table_read(&table, db, experiment_id);
    if (status == 0) {
        if (table.simulated) fprintf(out, TABLE_SIMULATED "\n\n");
        table_lay_out(out, &table);
        if (table.repeats > 1) fprintf(out, "Medians over %d repeats.\n", table.repeats);
        table_legend(out, &table);
        if (table.simulated) table_print_machine(out, db, experiment_id);
    }
    table_free(&table);
    return status;
}

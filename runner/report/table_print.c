/* Printing the final table: see table_print.h. */
#include "report/table_print.h"

#include "system/human.h"

#include <string.h>

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

static void print_headings(FILE *out, const struct part *part) {
    int last = part->count - 1; /* needs no padding behind it */
    for (int i = 0; i < last; i++)
        print_cell(out, column_of(part, i)->heading, part->widths[i], column_of(part, i)->text);
    if (!column_of(part, last)->text)
        pad(out, part->widths[last] - human_width(column_of(part, last)->heading));
    fprintf(out, "%s\n", column_of(part, last)->heading);
}

static void print_rule(FILE *out, const struct part *part) {
    for (int i = 0; i < part->width; i++) fputs("─", out);
    fputc('\n', out);
}

static void print_rows(FILE *out, const struct part *part) {
    int last = part->count - 1;
    for (int i = 0; i < part->table->row_count; i++) {
        const struct table_row *row = &part->table->rows[i];
        if (i > 0 && row->floor && !row[-1].floor) print_rule(out, part);
        for (int j = 0; j < last; j++)
            print_cell(out, row->cells[part->columns[j]], part->widths[j],
                       column_of(part, j)->text);
        const char *text = row->cells[part->columns[last]];
        if (!column_of(part, last)->text) pad(out, part->widths[last] - human_width(text));
        fprintf(out, "%s\n", text);
    }
}

static void print_part(FILE *out, const struct part *part) {
    bool grouped = false;
    for (int i = 0; i < part->count; i++) grouped |= *column_of(part, i)->group != '\0';
    if (grouped) print_groups(out, part);
    print_headings(out, part);
    print_rule(out, part);
    print_rows(out, part);
    fputc('\n', out);
}

/* Whether one more column fits, with room for the names of groups. */
static bool has_room(const struct part *part, int column) {
    struct part wider = *part;
    add_to_part(&wider, column);
    make_room_for_groups(&wider);
    return wider.width <= human_columns(stdout);
}

/* As many columns as fit, behind the key; then the others. */
static void print_parts(FILE *out, const struct table *table) {
    int next = table->key_count;
    while (next < table->column_count) {
        struct part part = {.table = table};
        for (int i = 0; i < table->key_count; i++) add_to_part(&part, i);
        do add_to_part(&part, next++);
        while (next < table->column_count && has_room(&part, next));
        make_room_for_groups(&part);
        print_part(out, &part);
    }
}

/* --- the legend ------------------------------------------------------------------------------- */

#define LEGEND_INDENT 9

/* "age      how old the newest event ...", broken between words. */
static void add_legend(struct buffer *out, int columns, const char *label, const char *text) {
    size_t room = (size_t)(columns - LEGEND_INDENT);
    while (*text != '\0') {
        size_t length = strlen(text);
        if (length > room)
            for (length = room; text[length] != ' ' && length > 1;) length--;
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

void table_legend(struct buffer *out, const struct table *table, int columns) {
    struct metric_id id = {0};
    while (table_next_metric(&id)) {
        const struct metric_shown *shown = metric_shown(id);
        bool one_of_several = id.kind->samples != SINGLE;
        if (shown->legend != NULL && has_column(table, shown->heading))
            add_legend(out, columns, one_of_several ? shown->over : shown->heading, shown->legend);
    }
    if (table->left_out.length > 0) add_legend(out, columns, "", table->left_out.data);
    add_legend(out, columns, "floor",
               "a bare TCP connection: the limit that the strategies are compared with");
    add_legend(out, columns, "(...)",
               "measured, but not to be believed: too few events for this figure, or the verdict "
               "takes it");
}

int table_print(sqlite3 *db, int64_t experiment_id, FILE *out) {
    struct table table;
    int status = table_read(&table, db, experiment_id);
    if (status == 0) {
        print_parts(out, &table);
        if (table.repeats > 1) fprintf(out, "Medians over %d repeats.\n", table.repeats);
        struct buffer legend = {0};
        table_legend(&legend, &table, human_columns(stdout) < 80 ? human_columns(stdout) : 80);
        fputs(legend.data, out);
        buffer_free(&legend);
    }
    table_free(&table);
    return status;
}

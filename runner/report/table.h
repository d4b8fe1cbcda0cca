/* The final table: one row per cell of an experiment. table_print.h has it for the terminal, page/sections.c
 * for the report. */
#ifndef PUSHPULL_TABLE_H
#define PUSHPULL_TABLE_H

#include "base/memory.h"
#include "figures/metric_kinds.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#define TABLE_COLUMNS_MAX 24

/* A column: `group` stands above the headings of neighbours that share it. */
struct table_column {
    const char *group;
    char *heading;
    bool text; /* left-aligned words, not a figure */
};

struct table_row {
    char *cells[TABLE_COLUMNS_MAX]; /* for people, with units; in brackets when not believed */
    bool floor;
};

struct table {
    struct table_column columns[TABLE_COLUMNS_MAX];
    int column_count;
    int key_count; /* the first columns say which row it is: the strategy, and what varies */
    struct table_row *rows; /* by strategy, in the strategy table's order, then by parameters */
    int row_count;
    int repeats;            /* the most that a cell has */
    bool simulated;         /* nothing of it was measured */
    struct buffer left_out; /* which columns there are not, and why, in words */
};

/* Reads the table of an experiment; a zeroed one has no rows. Returns 0, or -1 after a line on
 * stderr. The caller frees it in either case. */
int table_read(struct table *, sqlite3 *, int64_t experiment_id);
void table_free(struct table *);

/* Making another table of this kind. The key: the strategy, and a column per parameter that varies, of which at
 * most `room`; returns how many these are, or -1 after a line on stderr. A column, with nothing above its
 * heading; `text` says how it is aligned. A row, whose cells are then to be filled with strings of its own. */
int table_add_key(struct table *, sqlite3 *, int64_t experiment_id, int room);
void table_add_column(struct table *, const char *heading, bool text);
struct table_row *table_add_row(struct table *);

/* Walks the metrics that have a column, as metric_next does all. */
bool table_next_metric(struct metric_id *);

#endif

/* The cells of a stored experiment, each with its figures: what expressions are evaluated over. */
#ifndef PUSHPULL_CELLS_H
#define PUSHPULL_CELLS_H

#include "scenario/strategies.h"

#include <jansson.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

struct figure {
    char *name;
    double value, low, high;
    bool believed;
};

/* What `summary` has of it. */
struct measured_cell {
    const struct strategy *strategy;
    json_t *parameters;
    char *parameters_text; /* the same, as it is stored */
    char *label;           /* "subscribers=100 interval_ms=500": what varies */
    struct figure *figures;
    int figure_count;
};

struct cells {
    struct measured_cell *cells;
    int count;
};

/* Reads them, without those of strategies that this program no longer has. Returns 0, or -1 after a line on stderr.
 * Free them in either case. */
int cells_read(struct cells *, sqlite3 *, int64_t experiment_id);
void cells_free(struct cells *);

/* The figure of this metric, or NULL. */
const struct figure *cell_figure(const struct measured_cell *, const char *name);

#endif

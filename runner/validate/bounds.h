/* How far a prediction may be from what was measured, by metric and by what lies between servers and clients; and the
 * deviations that are known, each with its cause: a table of the handbook (docs/simulator.md). */
#ifndef PUSHPULL_BOUNDS_H
#define PUSHPULL_BOUNDS_H

#include <stdbool.h>

/* What lies between them: nothing; a distance; one that loses packets. */
enum place { NEAR, FAR, LOSSY, PLACE_COUNT };
extern const char *const place_names[]; /* "near", "far", "lossy" */

struct bounded {
    const char *metric, *heading;
    double most[PLACE_COUNT]; /* share; 0: there is no bound */
    const char *needs;        /* a metric that must be believed as well; NULL: none */
};
extern const struct bounded bounded[]; /* ends with a NULL metric */

/* The shape of a distribution of latency: the Kolmogorov distance, where each latency may be off by what the 99th
 * percentile may be. Without that tolerance a tenth of a millisecond is a distance of 1 where all take the same time. */
#define SHAPE_HEADING "shape"
#define SHAPE_TOLERANCE 0.15
#define SHAPE_MOST 0.05

/* A row of the handbook's table: | scenario | strategy | where | metric | up to | cause |. A cell "any" fits all;
 * `where` is a place, or a part of what varies ("keep_alive=off"). */
struct deviation {
    char *scenario, *strategy, *where, *metric;
    double most; /* share */
    int used;    /* so many cells needed it */
};
struct deviations {
    struct deviation *rows;
    int count;
};

/* Reads the tables with these six columns in a file of Markdown. Returns 0, or -1 after a line on stderr. */
int deviations_read(struct deviations *, const char *path);
void deviations_free(struct deviations *);
/* The row that lets this pass, or NULL. */
struct deviation *deviation_of(struct deviations *, const char *scenario, const char *strategy,
                               enum place, const char *setting, const char *metric, double off);

#endif

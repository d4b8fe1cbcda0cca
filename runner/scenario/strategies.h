/* THE strategy table. A new strategy is one line in strategies.c; runner, report and charts walk
 * this table and name no strategy themselves. */
#ifndef PUSHPULL_STRATEGIES_H
#define PUSHPULL_STRATEGIES_H

#include <stdbool.h>

#define STRATEGIES_MAX 32 /* more than anybody will write */

struct strategy {
    const char *key;   /* "long_polling": the programs' prefix, the key in scenarios and database */
    const char *title; /* "Long polling": for people */
    const char *colour; /* "#E69F00": Okabe & Ito's palette, told apart by the colour-blind too */
    int marker;         /* gnuplot's point type, so that a chart reads without colour */
    bool floor;         /* not a strategy but the limit that they are compared with */
};

extern const struct strategy strategies[]; /* the last one's key is NULL */
extern const int strategy_count;

/* The strategy of this key, or NULL. */
const struct strategy *strategy_find(const char *key);

/* The same for a word that somebody wrote at `where`: NULL after a line on stderr with the nearest name. */
const struct strategy *strategy_named(const char *word, const char *where);

#endif

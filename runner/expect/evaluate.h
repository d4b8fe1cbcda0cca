/* A line evaluated over the cells of an experiment: for each set of them that it is about. What is made of the values
 * is the business of who asks: expect.c decides whether it came true, figure.c takes the value itself. */
#ifndef PUSHPULL_EVALUATE_H
#define PUSHPULL_EVALUATE_H

#include "expect/cells.h"
#include "expect/expectation.h"

#define FIGURES_MAX 10 /* of a line: its corners are 2 to this power */

/* A line and the cells that it is evaluated for: one for each strategy that it names. */
struct evaluation {
    const struct expectation *expectation;
    const struct cells *all;
    const struct strategy *strategies[STRATEGIES_MAX];
    const struct measured_cell *chosen[STRATEGIES_MAX];
    int strategy_count;
    void (*visit)(const struct evaluation *); /* is called for each set of cells */
    void *data;                               /* of whoever visits */
};

/* Visits every set of cells that share the values of the keys which they have in common. */
void evaluation_walk(struct evaluation *);

/* The sides with every figure at one end of its interval: bit i of `ends` is the i-th figure's, 1 high, 0 low;
 * -1: at the values themselves. Returns 1; 0 when the line is not meant for these cells; -1 when a side has
 * no value. */
int evaluation_at(const struct evaluation *, int ends, double sides[2]);
/* Why nothing can be said: a figure is missing, or may not be believed; NULL when all are good. The caller frees it. */
char *evaluation_unusable(const struct evaluation *);
/* The cell that a reference of the line is about. */
const struct measured_cell *evaluation_cell(const struct evaluation *, const struct reference *);
/* "sse subscribers=10 interval_ms=500": what varies among the cells, each key once. The caller frees it. */
char *evaluation_label(const struct evaluation *);

/* How many figures the line names. */
int expectation_figures(const struct expectation *);

/* --- the experiment --------------------------------------------------------------------------- */

/* What lines are read and evaluated with. */
struct subject {
    struct cells all;
    struct expect_keys keys; /* of its cells, and those that the scenario's text sets */
    sqlite3 *nothing;        /* an empty database: an expression has nothing to read */
    json_t *own;             /* the keys of the text */
};

/* Reads an experiment. Returns 0, or -1 after a line on stderr. Close it in either case. */
int subject_open(struct subject *, sqlite3 *, int64_t experiment_id);
void subject_close(struct subject *);

/* The keys that a scenario's text sets, for whichever strategy: --only may have left its cells out, and what
 * is predicted of them is no mistake. The caller releases it. */
json_t *subject_keys_of(const char *scenario_text);
/* An empty database. */
sqlite3 *subject_nothing(void);

#endif

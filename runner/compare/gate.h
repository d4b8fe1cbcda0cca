/* The gate: what a paired run has measured, read from the database, and what that comes to. */
#ifndef PUSHPULL_GATE_H
#define PUSHPULL_GATE_H

#include "compare/decide.h"
#include "compare/gated.h"
#include "scenario/strategies.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#define EXIT_REGRESSION 1
#define EXIT_INCONCLUSIVE 3

/* A cell and metric of a paired run. */
struct gate_item {
    const struct strategy *strategy;
    char *parameters; /* JSON, as stored */
    char *label;      /* "subscribers=100": what varies within the strategy; "" when nothing does */
    struct metric_id metric; /* its kind is NULL: trials that failed */
    struct tolerance tolerance;
    bool advisory;          /* there are too few events for it: shown, and decides nothing */
    bool silent;            /* 0 in every trial */
    double base, candidate; /* medians over all pairs; of mishaps the sums */
    struct decide_item *decided;
};

enum gate_verdict { NO_REGRESSION, REGRESSION, INCONCLUSIVE };

/* Zeroed is empty. */
struct gate {
    int64_t experiment;
    char *scenario, *base_revision, *candidate_revision;
    struct decide_rules rules;
    struct gate_item
        *items; /* those that decide, then those of the control, then the advisory ones */
    int gated, controls, count;
    struct decide_item *decided; /* of each item */
    int pairs;                   /* that were run, of all cells */
    int visited;        /* of these, those beside which another run measured on the machine */
    bool crowded;       /* they are too many for what is timed */
    char *control;      /* what the control says when it has moved; NULL: it has not */
    bool counts_moved;  /* not only what is timed has */
    bool decided_early; /* what is counted was worse, so that what is timed was not looked at */
    enum gate_verdict verdict;
};

extern const char *const gate_verdicts[]; /* "no regression", "regression", "inconclusive" */

/* Reads and decides. Returns 0, or -1 after a line on stderr, also for an experiment that is not paired. Free it in
 * either case. */
int gate_read(struct gate *, sqlite3 *, int64_t experiment_id);
/* Decides anew, when the differences of its items are not those that were read. */
void gate_decide(struct gate *);
void gate_free(struct gate *);

/* How many more pairs a cell is to have in a batch, 1 or 2, before the verdict is final. The floor gets as many as
 * any other. */
int gate_asks(const struct gate *, const struct strategy *, const char *parameters, int batch);

/* The exit status that a verdict is told by: 0, EXIT_REGRESSION, EXIT_INCONCLUSIVE. */
int gate_status(const struct gate *);

/* "p50 of SSE", "lost deliveries of SSE subscribers=100". The caller frees it. */
char *gate_item_name(const struct gate_item *);
/* The batch that decided: the second where there is one. */
const struct decide_batch *gate_batch(const struct gate_item *);
/* A difference as a change of the metric itself: 0.05 is 5 % more, -0.05 5 % less. */
double gate_change(const struct gate_item *, double difference);
/* A batch's estimate and its interval as such changes; NAN where there is none. */
struct shift gate_changes(const struct gate_item *, const struct decide_batch *);
/* Whether nothing can be said about it, for whichever reason. */
bool gate_is_open(const struct gate *, const struct gate_item *);
/* What the decision is called: "slower", "no measurable difference", ... */
const char *gate_word(const struct gate *, const struct gate_item *);
/* Whether a regression was found in it that counts. */
bool gate_is_regression(const struct gate *, const struct gate_item *);
/* One sentence or several: the verdict, and what it rests on. The caller frees it. */
char *gate_sentence(const struct gate *);

#endif

/* What an expression comes to in an experiment: a figure that somebody has to have read, or can be told. */
#ifndef PUSHPULL_FIGURE_H
#define PUSHPULL_FIGURE_H

#include "expect/evaluate.h"

/* Zeroed is empty. */
struct expect_figure {
    double value, low, high; /* the ends: with every figure in it at an end of its interval */
    char *
        why; /* why there is no value (it is 0 then), or it may not be believed; NULL: there is, and it may */
    /* Where it names exactly one figure: whose, and which. Else NULL. */
    char *strategy, *parameters, *metric;
    double metric_value;
};

/* Evaluates the expression for the one cell, or the one set of cells, that `where` (NULL: no condition) leaves over.
 * Returns 0, also when there is a `why`; or -1 with a sentence in *mistake, which the caller frees: it cannot be
 * read, or is about no set of cells or several. Free the figure in either case. */
int expect_figure(struct expect_figure *, const struct subject *, const char *expression,
                  const char *where, char **mistake);
void expect_figure_free(struct expect_figure *);

#endif

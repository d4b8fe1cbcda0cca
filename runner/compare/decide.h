/* The decision of a gate: is the candidate worse than the base? From pairs of trials, one value each.
 *
 * A first batch looks at everything. A cell and metric is suspect when the signed ranks of its log ratios are
 * significant by Holm's procedure over all of them at GATE_ALPHA, and the estimate of Hodges and Lehmann is
 * beyond the tolerance. A suspect is confirmed by a second batch of its own, by the same rules among the suspects,
 * before it is called a regression: what chance made suspect, chance hardly repeats. What looks worse but is not
 * significant asks for more pairs, up to a limit, and then stays undecided.
 *
 * What is counted needs few pairs and is looked at first.
 *
 * What must not happen at all, a mishap (a lost delivery, a trial that fails), has no ratios. There the pairs
 * vote, by a sign test: those in which the candidate has more of it against those in which the base has. One where
 * the base has none makes suspect; it is confirmed when it comes again in the second batch, and both batches
 * together are significant at GATE_MISHAP_ALPHA: ten pairs against none, say.
 *
 * Sources: S. Holm, A simple sequentially rejective multiple test procedure (1979); asking for more as
 * Chromium's Pinpoint does. */
#ifndef PUSHPULL_DECIDE_H
#define PUSHPULL_DECIDE_H

#include "figures/signed_rank.h"

#include <stdbool.h>

#define GATE_ALPHA 0.01 /* of each batch, over all that it tests */
#define GATE_MISHAP_ALPHA 0.001
#define GATE_MAYBE 0.05 /* the chance below which what is not significant may still be something */
#define GATE_COUNT_PAIRS                                                                           \
    14 /* for what is counted, and the fewest there are: 14 of one sign are significant among 80 */
#define GATE_BATCHES 2
#define GATE_POWER 0.9 /* with which what is looked for is to be found */

enum decision {
    SAME, /* no measurable difference, or one within the tolerance */
    BETTER,
    WORSE,        /* confirmed: a regression */
    SUSPECT,      /* for the second batch to confirm */
    UNSURE,       /* it asks for more pairs, or has got all that there may be */
    CANNOT_SAY,   /* too few pairs have figures for anything to be significant */
    NOT_CONFIRMED /* the second batch did not show what the first did */
};

/* One batch of a cell and metric. Differences are candidate against base, a change for the worse above 0: of the
 * logarithms, or of the numbers themselves where it counts mishaps. */
struct decide_batch {
    double *differences;
    int count;
    int run; /* pairs that were run: count or more, for a trial that failed has no figures */
    bool base_has_none; /* mishaps: not one in any of its trials */
    /* decided: */
    double p; /* of mishaps that of the sign test, in the second batch of both batches together */
    struct shift shift; /* with 95 % */
    bool significant, beyond;
};

/* A cell and metric. */
struct decide_item {
    bool mishap;      /* it counts what must not happen */
    bool count;       /* it is counted, not timed */
    double tolerance; /* of the difference */
    struct decide_batch batches[GATE_BATCHES];
    /* decided: */
    enum decision decision;
    int more_batch,
        more_pairs; /* more_pairs above 0: it asks for that many more in that batch, 1 or 2 */
};

struct decide_rules {
    int pairs; /* of a batch */
    int limit; /* of a batch, for what is unsure */
};

/* Decides all items together. While items ask for more, run them and decide again with what came. */
void decide(struct decide_item *, int count, const struct decide_rules *);

/* How many of the items are tested together: all but mishaps. */
int decide_tests(const struct decide_item *, int count);
/* The least change for the worse, of the difference, that `pairs` pairs in either batch find with GATE_POWER, for an
 * item that scatters like this one, tested among `tests`. */
double decide_finds(const struct decide_item *, int tests, int pairs);
/* The probability with which such a change is found. */
double decide_power(const struct decide_item *, int tests, int pairs, double change);

#endif

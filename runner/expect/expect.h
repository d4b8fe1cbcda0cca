/* Did it come true? The lines of a scenario's [expect], held against what its trials measured: each for every
 * cell that it is about, or, where it names several strategies, for every set of their cells that share the
 * keys which they have in common. A line can be refuted by figures only as far as their intervals go: where
 * some of the values between low and high agree with it and others do not, it is undecided. */
#ifndef PUSHPULL_EXPECT_H
#define PUSHPULL_EXPECT_H

#include "scenario/plan.h"

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>

enum expect_outcome { HELD, UNDECIDED, REFUTED };

extern const char *const expect_words[]; /* "held", "undecided", "refuted" */

/* One cell, or one set of them. */
struct expect_case {
    char *label; /* "sse subscribers=100"; "" when there is but one */
    char *says;  /* what the sides came to, or why that is undecided */
    enum expect_outcome outcome;
};

/* One line. */
struct expect_line {
    char *name, *text;
    enum expect_outcome
        outcome; /* refuted as soon as one case is; held when one is and none refuted */
    struct expect_case *cases;
    int case_count;
};

/* Zeroed is empty. */
struct expect_result {
    struct expect_line *lines;
    int count;
};

/* Lines of the command line, beside those of the scenario. */
struct expect_more {
    const char *const *lines;
    int count;
};

/* Checks the lines of a scenario, and `more` (NULL: none), before anything runs. Returns 0, or EXIT_USAGE after a
 * line on stderr that says where and what. */
int expectations_check(const struct plan *, const struct expect_more *more);

/* Holds the lines of an experiment's scenario, and `more` (NULL: none), against its figures; a scenario without any
 * has none. Returns 0, -1 after a line on stderr, or EXIT_USAGE when that is about a line of `more`. Free it in
 * either case. */
int expectations_evaluate(struct expect_result *, sqlite3 *, int64_t experiment_id,
                          const struct expect_more *more);
void expectations_free(struct expect_result *);

/* How many lines came to this. */
int expectations_count(const struct expect_result *, enum expect_outcome);

/* What a gate on them says: 0 all of them held in each case, 1 one was refuted, EXIT_UNDECIDED neither, or there are
 * none. A line without a cell that it is meant for (--only has left it out) does not count. */
#define EXIT_UNDECIDED 3
int expectations_status(const struct expect_result *);

/* The case that a line is to be shown by: one that decided it. NULL when it has none. */
const struct expect_case *expect_witness(const struct expect_line *);
/* What a line came to, by that case, in words: "2 of 3; subscribers=10: 3 = 0". The caller frees it. */
char *expect_says(const struct expect_line *);

/* Prints them for a terminal; nothing when there are none. */
void expectations_print(const struct expect_result *, FILE *);

#endif

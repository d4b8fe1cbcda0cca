/* The command line of `pushpull COMMAND`: operands and repeated --set and --expect come out, the rest is read
 * by core's table of options. */
#ifndef PUSHPULL_ARGUMENTS_H
#define PUSHPULL_ARGUMENTS_H

#include "base/options.h"

struct arguments {
    const char **operands; /* words that belong to no option */
    int operand_count;
    const char **sets, **expects; /* the values of --set and of --expect, in order */
    int set_count, expect_count;
};

/* Reads argv (argv[0] is not looked at). Does what options_parse does about mistakes and --help.
 * The strings belong to argv. */
void arguments_parse(struct arguments *, const struct option_set *, int argc, char **argv);
void arguments_free(struct arguments *);

#endif

/* What `pushpull COMMAND` can be: a table of commands, each with its own options. */
#ifndef PUSHPULL_COMMANDS_H
#define PUSHPULL_COMMANDS_H

#include "base/options.h"
#include "system/arguments.h"

#include <stdbool.h>
#include <stdint.h>

#define RESULTS "results" /* where results go by default */

/* What the command line says. */
struct config {
    const char *database, *results, *programs, *only, *set, *format, *group, *charts, *label, *base,
        *expect, *scenario, *mode, *output, *deviations, *student, *answers, *lab_mode, *hand_ins,
        *csv;
    double from, to;
    int64_t trial, pairs, experiment, port;
    bool dry_run, resume, strict, trace, no_floor, all, live, modelled, recorded;
};

struct command {
    const char *name, *operands, *summary;
    int operands_min, operands_max;
    const struct option *options;
    int (*run)(const struct config *, const struct arguments *); /* returns the exit status */
    bool without_database;
};

extern const struct command commands[];
extern const int command_count;

/* Of every command with a database: where it is. */
extern const struct option database_options[];

#endif

/* Command-line options: one table, from which parsing, --help and the runner's checks are made.
 *
 * An option and a scenario key are the same word: `payload_bytes` in a scenario is
 * `--payload-bytes` on the command line. `PROGRAM --options` prints the table as JSON; that is how
 * the runner learns which keys exist, without a second list anywhere. */
#ifndef PUSHPULL_OPTIONS_H
#define PUSHPULL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
    OPTION_FLAG,    /* bool:        --name, no value; or on | off from a scenario */
    OPTION_SWITCH,  /* bool:        --name on|off */
    OPTION_INTEGER, /* int64_t */
    OPTION_NUMBER,  /* double */
    OPTION_TEXT,    /* const char * (into argv, not copied) */
    OPTION_CHOICE,  /* const char * (into argv): one of `choices` */
};

struct option {
    const char *name; /* snake_case */
    enum option_kind kind;
    size_t offset; /* where the value goes, in the structure of its table: a bool, int64_t, double
                      or const char * */
    const char *fallback;    /* the default, as one would type it; NULL leaves *target alone */
    double minimum, maximum; /* for numbers; both 0 means unlimited */
    const char *choices;     /* for OPTION_CHOICE: "constant|poisson" */
    const char *unit;        /* "ms", "bytes", ... or NULL */
    const char *help;        /* one line */
    const char *form;        /* for OPTION_TEXT: a form of option_form.h, or NULL for any text */
};

#define OPTION_TABLES_MAX 6
struct option_set {
    const char *program; /* "sse_server" */
    const char *summary; /* one line for --help */
    struct option_table {
        const struct option *rows; /* the last one's name is NULL; NULL: no table */
        void *into;                /* the structure that holds their values */
    } tables[OPTION_TABLES_MAX];
};

/* Sets every value to its default, then reads argv. Prints --help or --options and exits 0 when
 * asked; on a mistake, such as an option that is given twice, prints one sentence (what was wrong, what was expected, the nearest known
 * name) and exits 2. */
void options_parse(const struct option_set *, int argc, char **argv);

/* The option called `name` (snake_case or kebab-case), or NULL. */
const struct option *options_find(const struct option_set *, const char *name);

/* Checks `text` as a value of `option` without storing it. Returns NULL when it is good, else a
 * new sentence fragment ("a whole number from 1 to 3600000 (ms)") that the caller frees. */
char *option_expectation(const struct option *, const char *text);

/* Levenshtein distance; and the nearest of `names`, or NULL when none is near (distance at most a
 * third of the word, at least 2). */
const char *options_nearest(const char *word, const char *const *names, int count);

#endif

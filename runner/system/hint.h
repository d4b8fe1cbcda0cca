/* Hints: commands that are printed to be pasted. They must run as they stand: arguments are quoted for
 * a shell, and the place of the results is named when it is not the default. */
#ifndef PUSHPULL_HINT_H
#define PUSHPULL_HINT_H

#include "base/memory.h"

/* What hints begin with ("build/pushpull"), and what they name: `results` and `database` as given on
 * the command line, NULL where they were left out. The strings are kept. */
void hint_place(const char *program, const char *results, const char *database);

/* From now on results lie there; NULL: at the default place. The string is kept. Returns where they did before. */
const char *hint_results(const char *results);

/* Adds "build/pushpull show". */
void hint_begin(struct buffer *, const char *command);
/* Adds a space and the text, in quotes when a shell would take it apart. */
void hint_argument(struct buffer *, const char *text);
/* Adds an option and its value. */
void hint_option(struct buffer *, const char *option, const char *value);
/* Adds --results and --database. */
void hint_end(struct buffer *);

/* A whole hint: the command, an operand or NULL, the place. The caller frees it. */
char *hint(const char *command, const char *operand);

/* A text as a shell wants it, alone. */
void hint_quote(struct buffer *, const char *text);

#endif

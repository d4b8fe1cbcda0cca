/* Reading a scenario: from INI text and overrides to parameters. */
#ifndef PUSHPULL_READ_H
#define PUSHPULL_READ_H

#include "scenario/scenario.h"

/* Reads file text and overrides into `scenario`, without knowing the programs. `path` is for
 * messages. Returns 0 or EXIT_USAGE. */
int scenario_read(struct scenario *, const char *path, const char *text,
                  const struct scenario_overrides *);

/* A scenario's text as it is stored with its experiments: without indentation. The caller frees it. */
char *scenario_stored_text(const char *text);

#endif

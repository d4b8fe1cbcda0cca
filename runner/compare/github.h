/* What GitHub's CI shows of a step: its summary, and lines that become annotations. */
#ifndef PUSHPULL_GITHUB_H
#define PUSHPULL_GITHUB_H

#include "compare/gate.h"

#include <stddef.h>

/* Whether this process runs there. */
bool github_is_here(void);
/* Adds Markdown to the step's summary, if it still fits: one that is too long is dropped as a whole by GitHub. */
void github_summary(const char *markdown, size_t length);
/* Prints a line for each regression, as many as GitHub takes, and one for what cannot be said. */
void github_annotate(const struct gate *);

#endif

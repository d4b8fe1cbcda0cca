/* Telling the verdict of a paired run: to people on a terminal, and to what reads files. */
#ifndef PUSHPULL_COMPARE_VERDICT_H
#define PUSHPULL_COMPARE_VERDICT_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#define VERDICT_FORMATS "text, markdown, json, junit, bmf or benchmark-action"

/* Whether `formats` is a list of formats, separated by commas, each of which may name a file: "text,junit=a.xml".
 * Returns true, or false after a line on stderr. */
bool verdict_formats_good(const char *formats);

/* Tells the verdict of a paired experiment: the text on stdout where it has no file; each other format, and that, in
 * the file it names, else in RESULTS/regression-EXPERIMENT.md and so on. In GitHub's CI also where that shows it: the step's
 * summary and annotations. Returns the exit status: 0, EXIT_REGRESSION or EXIT_INCONCLUSIVE. */
int verdict_tell(sqlite3 *, int64_t experiment_id, const char *results, const char *formats);

#endif

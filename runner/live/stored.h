/* What the live page can show of a stored experiment: seconds and summaries. Single events are not stored. */
#ifndef PUSHPULL_STORED_H
#define PUSHPULL_STORED_H

#include <stdint.h>

/* {"experiments":[{"id":7,"title":"...","started":"..."}, ...]}, newest first; an empty list where there is no
 * database. The caller frees it. */
char *stored_list(const char *database);
/* Of each strategy the first trial: its figures, and what clients told each second. NULL: there is no such experiment.
 * The caller frees it. */
char *stored_experiment(const char *database, int64_t id);

#endif

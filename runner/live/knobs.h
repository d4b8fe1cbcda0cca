/* What can be turned on the live page, with its limits: a table. Some take effect at once, the others with a restart of
 * the programs. */
#ifndef PUSHPULL_KNOBS_H
#define PUSHPULL_KNOBS_H

#include "base/memory.h"
#include "scenario/plan.h"

#include <jansson.h>
#include <stdbool.h>

enum knob { KNOB_RATE, KNOB_INTERVAL, KNOB_SUBSCRIBERS, KNOB_PAYLOAD, KNOB_RTT, KNOB_LOSS };
#define KNOB_COUNT 6

struct knob_kind {
    const char *name; /* of the page: "rate" */
    const char *key;  /* of a scenario: "events_per_second" */
    double usual;     /* where the scenario says nothing */
    double least, most;
    bool whole;
    bool at_once; /* programs are told it while they run */
    bool far;     /* it takes a link, unless it is 0 */
};
extern const struct knob_kind knob_kinds[KNOB_COUNT];

struct knobs {
    double values[KNOB_COUNT];
};

/* As the scenario has them. */
void knobs_read(struct knobs *, const struct plan *);
/* Takes {"rate":5}: every number whose name is that of a knob. Returns NULL, or what is wrong in a sentence that the
 * caller frees. Sets *at_once and *restart: whether knobs of either kind are other than before. */
char *knobs_take(struct knobs *, const json_t *, bool *at_once, bool *restart);
/* As --set would have them ("events_per_second=5"), and those of the command line that no knob turns: a new array of
 * *count texts. */
char **knobs_sets(const struct knobs *, const struct plan *, const char *const *given,
                  int given_count, int *count);
void knobs_free_sets(char **, int count);
/* Appends them as an object, with their limits. */
void knobs_tell(const struct knobs *, struct buffer *out);

#endif

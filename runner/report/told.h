/* Sentences that were told: a reason that many trials share is said with the first of them. */
#ifndef PUSHPULL_TOLD_H
#define PUSHPULL_TOLD_H

#include <stdbool.h>

struct told {
    char **sentences;
    int count;
};

/* Whether this one was not told yet: it is now. */
bool told_now(struct told *, const char *sentence);
void told_free(struct told *);

#endif

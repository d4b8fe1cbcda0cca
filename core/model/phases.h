/* When each user polls: every user once an interval, the phases spread evenly over it, each shifted a
 * little by the seed: as many users as these would ask at any moment of the day. */
#ifndef PUSHPULL_PHASES_H
#define PUSHPULL_PHASES_H

#include <stdint.h>

struct phases {
    uint32_t users;
    int64_t interval_ns;
    uint32_t *order;  /* positions of the users, by phase */
    int64_t *offsets; /* ns from the beginning of an interval, rising */
};

/* The k-th of n phases lies somewhere in the k-th of n equal parts of the interval; which user gets
 * which is shuffled. The same seed gives the same phases. */
void phases_make(struct phases *, uint32_t users, int64_t interval_ns, uint64_t seed);
void phases_free(struct phases *);

/* Of the n-th poll of all, from 0: how long after the start it is due, and whose it is. */
int64_t phases_due_ns(const struct phases *, uint64_t n);
uint32_t phases_user(const struct phases *, uint64_t n);

#endif

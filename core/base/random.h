/* Seeded pseudo-random numbers: the same seed gives the same numbers on every machine, so that a
 * trial can be repeated. splitmix64 (Steele, Lea & Flood 2014); not for secrets. */
#ifndef PUSHPULL_RANDOM_H
#define PUSHPULL_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state;
};

void random_seed(struct random *, uint64_t seed);
uint64_t random_next(struct random *);
double random_unit(struct random *);                     /* uniform in [0, 1) */
uint64_t random_below(struct random *, uint64_t bound);  /* uniform in [0, bound), bound > 0 */
double random_exponential(struct random *, double mean); /* > 0 */
/* A seed for part `index` of something seeded with `seed`: independent streams from one number. */
uint64_t random_derive(uint64_t seed, uint64_t index);

#endif

/* splitmix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number generators", 2014): a
 * counter that walks by the golden ratio, and a mixer that scatters it. */
#include "base/random.h"

#include <math.h>

#define GOLDEN_RATIO UINT64_C(0x9e3779b97f4a7c15)

static uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void random_seed(struct random *random, uint64_t seed) { random->state = seed; }

uint64_t random_next(struct random *random) { return mix(random->state += GOLDEN_RATIO); }

double random_unit(struct random *random) { return (double)(random_next(random) >> 11) * 0x1p-53; }

/* Lemire, "Fast random integer generation in an interval", 2019: the high half of a product; the
 * few low halves that would make some results likelier than others are drawn again. */
uint64_t random_below(struct random *random, uint64_t bound) {
    uint64_t unfair = (0 - bound) % bound;
    unsigned __int128 product;
    do product = (unsigned __int128)random_next(random) * bound;
    while ((uint64_t)product < unfair);
    return (uint64_t)(product >> 64);
}

/* By inversion. 52 bits and a half: strictly between 0 and 1, so the logarithm is finite and not 0. */
double random_exponential(struct random *random, double mean) {
    double unit = ((double)(random_next(random) >> 12) + 0.5) * 0x1p-52;
    return -mean * log(unit);
}

/* Mixed twice: neighbouring seeds and indices give streams that do not overlap by design. */
uint64_t random_derive(uint64_t seed, uint64_t index) {
    return mix(mix(seed + GOLDEN_RATIO) + (index + 1) * GOLDEN_RATIO);
}

/* When each user polls: see phases.h. */
#include "model/phases.h"

#include "base/memory.h"
#include "base/random.h"

#include <stdlib.h>

void phases_make(struct phases *phases, uint32_t users, int64_t interval_ns, uint64_t seed) {
    struct random random;
    random_seed(&random, seed);
    *phases = (struct phases){
        .users = users,
        .interval_ns = interval_ns,
        .order = xcalloc(users, sizeof(*phases->order)),
        .offsets = xcalloc(users, sizeof(*phases->offsets)),
    };
    for (uint32_t k = 0; k < users; k++) {
        uint32_t other = (uint32_t)random_below(&random, k + 1);
        phases->order[k] = phases->order[other];
        phases->order[other] = k;
        double place = (k + random_unit(&random)) / users;
        phases->offsets[k] = (int64_t)(place * (double)interval_ns);
    }
}

void phases_free(struct phases *phases) {
    free(phases->order);
    free(phases->offsets);
}

int64_t phases_due_ns(const struct phases *phases, uint64_t n) {
    return phases->offsets[n % phases->users] + (int64_t)(n / phases->users) * phases->interval_ns;
}

uint32_t phases_user(const struct phases *phases, uint64_t n) {
    return phases->order[n % phases->users];
}

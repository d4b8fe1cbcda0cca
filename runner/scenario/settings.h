/* The [scenario] section: how often, how long, in which order. */
#ifndef PUSHPULL_SETTINGS_H
#define PUSHPULL_SETTINGS_H

#include "figures/role.h"

#include <stdbool.h>
#include <stdint.h>

#define EXIT_USAGE 2 /* the exit status of a mistake in what was asked for */

enum scenario_order { ORDER_INTERLEAVED, ORDER_SHUFFLED, ORDER_FIXED };

/* The [scenario] section. */
struct settings {
    char *title;
    int64_t repeats;
    enum scenario_order order;
    int64_t seed;
    double warmup_seconds, measure_seconds, drain_seconds;
    bool apart;                     /* servers and clients each have half of the processors */
    bool may_end_early[ROLE_COUNT]; /* a program of this role, without the trial failing */
};

/* One of [scenario]'s keys: checks and stores. Returns 0, -1 when there is no such key, or
 * EXIT_USAGE after a line on stderr. */
int settings_set(struct settings *, const char *key, const char *value, const char *where);
void settings_defaults(struct settings *);
/* The key of [scenario] that is spelt almost like this one, or NULL. */
const char *settings_nearest(const char *key);

#endif

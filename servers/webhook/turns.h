/* Whose turn it is: the hooks that have an event to get, and the places they share. See turns.c. */
#ifndef PUSHPULL_WEBHOOK_TURNS_H
#define PUSHPULL_WEBHOOK_TURNS_H

#include "registry.h"

struct turns {
    struct list trusted, suspected; /* those that wait, first come first served */
    int places, suspects_out;
    int64_t prompt_ns;
};

/* Most deliveries outstanding at once, and how long each may take. */
void turns_init(struct turns *, int places, int64_t attempt_seconds);

/* It has an event to get. */
void turn_wait(struct turns *, struct hook *);
/* The next that may be sent to, which begins its turn; NULL when nobody may. */
struct hook *turn_next(struct turns *);
/* Its turn is over, with an answer or without one. */
void turn_end(struct turns *, struct hook *, bool answered);

#endif

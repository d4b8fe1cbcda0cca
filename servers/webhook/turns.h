/* Whose turn it is: the lanes that have an event to carry, and the places they share. See turns.c. */
#ifndef PUSHPULL_WEBHOOK_TURNS_H
#define PUSHPULL_WEBHOOK_TURNS_H

#include "hook.h"

struct turns {
    struct list trusted, suspected; /* those that wait, first come first served */
    struct list pausing;            /* those whose last attempt failed */
    int places, suspects_out;
    int64_t prompt_ns;
};

/* Most deliveries outstanding at once, and how long each may take. */
void turns_init(struct turns *, int places, int64_t attempt_seconds);

/* It has an event to carry. */
void turn_wait(struct turns *, struct lane *);
/* The next that may send; NULL when none may. */
struct lane *turn_next(struct turns *);
/* It failed, and waits again when that time has come: turns_wake, now and then, sees to it. */
void turn_pause(struct turns *, struct lane *, int64_t until_ns);
void turns_wake(struct turns *, int64_t now_ns);
/* It sends. */
void turn_begin(struct turns *, struct lane *);
/* Its turn is over, with an answer or without one. */
void turn_end(struct turns *, struct lane *, bool answered);

#endif

/* Whose turn it is: the hooks that have an event to get, and the places they share. See turns.c. */
#ifndef PUSHPULL_WEBHOOK_TURNS_H
#define PUSHPULL_WEBHOOK_TURNS_H

#include "registry.h"

/* Most deliveries outstanding at once, and how long each may take. */
void turns_start(int places, int64_t attempt_seconds);

/* It has an event to get. */
void turn_wait(struct hook *);
/* The next that may be sent to, which begins its turn; NULL when nobody may. */
struct hook *turn_next(void);
/* Its turn is over, with an answer or without one. */
void turn_end(struct hook *, bool answered);

#endif

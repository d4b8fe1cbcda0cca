/* What the two halves of a client share: client.c (the program, the window, the report) and
 * subscriber.c (the simulated users). Nobody else includes it. */
#ifndef PUSHPULL_CLIENT_INTERNAL_H
#define PUSHPULL_CLIENT_INTERNAL_H

#include "harness/client.h"

/* --- subscriber.c ------------------------------------------------------------------------------ */
/* Makes client->subscriber_count of them, the first with this index; at most `concurrency` will
 * connect at the same time. */
void subscribers_make(struct client *, uint32_t first_index, uint32_t concurrency);
/* Lets those connect whose turn it is. */
void subscribers_connect(void);
/* A few times a second: lets those come back whose pause is over. */
void subscribers_retry(int64_t now_ns);
/* Once a second: gives up on those whose deadline has passed. */
void subscribers_check_deadlines(int64_t now_ns);
/* Lets go of all. */
void subscribers_stop(void);
void subscribers_free(void);
/* How long it took each to be up for the first time, ns. */
const struct histogram *subscribers_connect_time(void);

/* --- client.c ---------------------------------------------------------------------------------- */
/* No subscriber can be served any more, and this is why: the program is over. */
void client_give_up(const char *reason);
/* Every subscriber is up for the first time. */
void client_everyone_is_up(void);
/* An event was booked. */
void client_delivered(void);

#endif

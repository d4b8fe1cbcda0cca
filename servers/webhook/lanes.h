/* The lanes of a hook: each carries one event to its receiver, however many attempts that takes, and then the
 * next. One lane keeps events in order, and brings one per round trip at most. Several bring as many at a
 * time, and one that has to wait does not hold up the others: so events may overtake each other. */
#ifndef PUSHPULL_WEBHOOK_LANES_H
#define PUSHPULL_WEBHOOK_LANES_H

#include "hook.h"
#include "model/feed.h"

#define LANES_MAX 16

/* A free lane of the hook that has taken the next event which none has; NULL when there is no such event
 * or no such lane. */
struct lane *lane_load(struct hook *, const struct feed *);
/* What a lane carries. If that fell out of the feed while it waited, the next event that is there and not
 * taken replaces it; NULL: there is none, and the lane is free. Adds to *missed how many are gone. */
struct event *lane_event(struct lane *, const struct feed *, uint64_t *missed);
/* Done with its event, which was delivered or is not to be: the lane is free. */
void lane_clear(struct lane *);

/* Whether one is free. */
bool lanes_have_room(const struct hook *);
/* The sequence number up to which the hook is done with every event. */
uint64_t lanes_cursor(const struct hook *);
/* When the first of those that pause goes on; 0: none does. */
int64_t lanes_retry_ns(const struct hook *);
/* Nothing more shall be sent: takes away what waits or pauses. Returns whether an attempt is still under
 * way. */
bool lanes_stop(struct hook *);

#endif

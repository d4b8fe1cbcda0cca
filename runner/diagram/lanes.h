/* A server and a user, and what goes between them: each a lane along the axis of time, each message an arrow from its
 * sending to its arrival. */
#ifndef PUSHPULL_LANES_H
#define PUSHPULL_LANES_H

#include "base/memory.h"
#include "diagram/axis.h"
#include "trial/watch.h"

#include <stdbool.h>

/* What was drawn, so that it is explained: and only that. */
struct lanes_drawn {
    bool published, waits, parked, lost, again, behind, skipped;
};

struct lanes {
    const struct watch *watch;
    const struct axis *axis;
    const char *colour;
    double server_y, user_y;
    double waiting_height; /* of the most events that wait at the server */
    struct lanes_drawn *drawn;
};

/* How many messages are shown. */
int lanes_messages(const struct watch *, const struct axis *);
/* How many bytes those have, without TCP's own. */
uint64_t lanes_bytes(const struct watch *, const struct axis *);

/* Draws all that goes on. Messages have labels where there are at most LABELS_MOST. Returns how many have none. */
int lanes_draw(struct buffer *, const struct lanes *);

#endif

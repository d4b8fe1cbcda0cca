/* Who looks on: the pages that are open, each with an event stream (core/net/event_stream.h). What a page is too slow to
 * take it does not get: it is drawn from what is true now, not from a backlog. */
#ifndef PUSHPULL_AUDIENCE_H
#define PUSHPULL_AUDIENCE_H

#include "base/list.h"
#include "net/http/exchange.h"

#include <stdbool.h>
#include <stddef.h>

#define AUDIENCE_MOST 16 /* pages: a room has one projector, and somebody forgets to close a tab */

struct audience {
    struct list streams; /* exchanges */
    int count;
};

void audience_init(struct audience *);
/* Opens a stream for the one who asks. Returns false when that is answered with why not. */
bool audience_join(struct audience *, struct http_exchange *);
/* Sends an event of this type to all, or to one. */
void audience_tell(struct audience *, const char *type, const char *data, size_t length);
void audience_tell_one(struct http_exchange *, const char *type, const char *data, size_t length);

#endif

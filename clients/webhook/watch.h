/* Is the registration still there? A server that begins anew has forgotten its hooks, and no receiver
 * hears of it: silence looks like a quiet day. So of each server one hook is asked for, once a
 * second, on a connection that is not counted. When it is gone, or the server is, or does not answer
 * for ten seconds, all receivers at that server register again. */
#ifndef PUSHPULL_WEBHOOK_WATCH_H
#define PUSHPULL_WEBHOOK_WATCH_H

#include "harness/subscriber.h"

struct watches;

struct watches *watches_new(struct subscribers *);
/* This subscriber has registered, and this is its hook's id. */
void watches_over(struct watches *, const struct subscriber *, const char *id);
/* Frees it when the loop has closed its handles. */
void watches_close(struct watches *);

#endif

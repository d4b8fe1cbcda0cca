/* What an event looks like to a receiver: the headers of Standard Webhooks. */
#ifndef PUSHPULL_WEBHOOK_MESSAGE_H
#define PUSHPULL_WEBHOOK_MESSAGE_H

#include "registry.h"

/* Puts the headers of one attempt, a run of lines, into `text` in place of what was there. */
void message_headers(struct buffer *text, const struct hook *, const struct event *,
                     const struct feed *);

#endif

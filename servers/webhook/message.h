/* What an event looks like to a receiver: the headers of Standard Webhooks. */
#ifndef PUSHPULL_WEBHOOK_MESSAGE_H
#define PUSHPULL_WEBHOOK_MESSAGE_H

#include "registry.h"

/* The headers of one attempt, a run of lines. Valid until the next call. */
const char *message_headers(const struct hook *, const struct event *, const struct feed *);

#endif

/* How long to leave a receiver alone after an attempt that failed: Standard Webhooks, "Retries". */
#ifndef PUSHPULL_WEBHOOK_PAUSES_H
#define PUSHPULL_WEBHOOK_PAUSES_H

#include "base/random.h"
#include "net/url_post.h"

#define ATTEMPTS_MAX 10 /* at one event, over three days; then it is given up */

/* Seconds until the next attempt, after so many: with some jitter, times `scale`; longer for a receiver
 * that is overloaded, and at least as long as it asked for. */
double pause_seconds(int attempts, const struct url_post_result *, double scale, struct random *);

#endif

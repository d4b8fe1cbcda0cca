/* A receiver that goes takes its hook away, or the server would try to reach it for days. All hooks of
 * a server are deleted on one connection, which is not counted; whatever has not been deleted within a
 * second stays. */
#ifndef PUSHPULL_WEBHOOK_FAREWELL_H
#define PUSHPULL_WEBHOOK_FAREWELL_H

#include "harness/subscriber.h"

/* The subscribers, which are registrations, must stay until the loop has ended. */
void farewell(struct subscribers *);

#endif

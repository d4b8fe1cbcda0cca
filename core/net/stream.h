/* A stream: a subscriber to whom every event is sent, as a place in a list of such, and a cursor. */
#ifndef PUSHPULL_STREAM_H
#define PUSHPULL_STREAM_H

#include "base/list.h"

#include <stdint.h>

struct stream {
    struct list link;
    uint64_t cursor; /* the place of the last event that it was given */
};

#endif

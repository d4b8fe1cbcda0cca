/* The frames of one address, as they come to the relay and leave it: the link's part of a trace (net/trace.h). Only
 * it knows which were lost. */
#ifndef PUSHPULL_FRAMES_H
#define PUSHPULL_FRAMES_H

#include "segment.h"

#include <netinet/in.h>

struct traced_frame {
    enum link_direction direction;
    struct segment segment;
    int64_t at_ns, pass_ns; /* pass: -1 where it does not */
};

struct frames {
    struct in_addr address;
    struct traced_frame *list;
    size_t count;
    uint64_t left_out; /* beyond TRACE_MOST */
};

void frames_free(struct frames *);
/* An IP packet that came at this time, and will be passed on at that. */
void frames_see(struct frames *, const unsigned char *packet, size_t length, enum link_direction,
                int64_t at_ns, int64_t pass_ns);

#endif

/* What goes over a link, by connection: segments that were sent again, and how long the radio of a phone
 * would have been awake for it. Pure: it is shown packets, and when they came.
 *
 * The radio is one of a simple kind: it wakes up for a packet, and stays awake for RADIO_TAIL_NS after the last
 * one. Each connection counts as one user's, who has nothing else on the line. */
#ifndef PUSHPULL_FLOWS_H
#define PUSHPULL_FLOWS_H

#include "model/link.h"
#include "model/window.h"

#include <stddef.h>
#include <stdint.h>

#define RADIO_TAIL_NS INT64_C(5000000000)

struct flow;

struct flows {
    struct flow *table; /* open addressing; `size` is a power of two */
    size_t size, count;
    struct window window;
    /* Of the packets in the window. */
    uint64_t retransmissions;
    uint64_t wakeups;
    uint64_t users;
    uint64_t untold;  /* packets of connections beyond LINK_FLOWS_MAX */
    int64_t awake_ns; /* inside the window, over all users */
};

/* Zeroed it is empty. */
void flows_free(struct flows *);
/* What comes in this window is counted, and how long before it somebody was last heard. */
void flows_measure(struct flows *, struct window);
/* The window ends at this time, if that is earlier than was said: nobody is awake behind it. */
void flows_end(struct flows *, int64_t at_ns);
/* An IP packet, at this time, on its way down or up. What is not TCP over IPv4 does not count. */
void flows_see(struct flows *, const unsigned char *packet, size_t length, int64_t at_ns,
               enum link_direction);

#endif

/* The TCP segment in an IP packet. Pure. */
#ifndef PUSHPULL_SEGMENT_H
#define PUSHPULL_SEGMENT_H

#include "model/link.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The two ends of a connection, the client's first. Addresses and ports as they are on the wire. */
struct ends {
    uint32_t addresses[2];
    uint16_t ports[2];
};

struct segment {
    struct ends ends;
    uint32_t sequence;
    uint32_t data_bytes;
    bool syn, fin, ack;
};

/* Returns false for anything but a whole TCP segment over IPv4 (fragments do not occur: TCP keeps to the
 * MTU). Padding is left as it was: whoever compares ends byte by byte zeroes them before. */
bool segment_read(const unsigned char *packet, size_t length, enum link_direction,
                  struct segment *);

#endif

/* One end of the relay: a packet socket, with a ring of received frames that the kernel fills and we
 * empty (packet(7), PACKET_RX_RING, TPACKET_V2), and frames that are sent without a queue. */
#ifndef PUSHPULL_RING_H
#define PUSHPULL_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring {
    int fd;
    unsigned char *memory; /* of `count` slots of `slot_bytes` */
    size_t count, slot_bytes;
    size_t next; /* the slot where the next frame will be */
};

struct ring_frame {
    const unsigned char *bytes; /* with its Ethernet header; until ring_release */
    size_t length;
    bool cut;         /* longer than a slot: not all of it is here */
    int64_t stamp_ns; /* when it came, on the wall clock; 0: nobody knows */
};

/* Opens it on the interface `index`, for IP packets of at most `mtu` bytes. Zeroed with fd -1 it is none.
 * Returns 0 or a libuv error. */
int ring_open(struct ring *, int index, int64_t mtu);
void ring_close(struct ring *);
/* The next frame that has come; false: there is none now. */
bool ring_peek(const struct ring *, struct ring_frame *);
/* Whether a frame can have come at `came_ns`, by its stamp. Not in the future, nor before the time when nothing
 * had come that was not taken: then the wall clock has been set since. */
bool ring_stamp_fits(int64_t came_ns, int64_t empty_ns, int64_t now_ns);
/* Gives the slot of that frame back to the kernel. */
void ring_release(struct ring *);
/* Frames that found the ring full since the last call. */
uint64_t ring_overrun(const struct ring *);

#define RING_BATCH 16 /* frames that are sent by one call */
struct ring_batch {
    const void *bytes[RING_BATCH];
    size_t lengths[RING_BATCH];
    int count;
};
/* Sends them in their order, at once, without a queue. Returns how many could not be sent, without those
 * that the interface counts as dropped. */
int ring_send(const struct ring *, const struct ring_batch *);

#endif

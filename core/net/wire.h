/* What a process's TCP connections carried, from the kernel's own books (TCP_INFO): bytes and
 * segments in both directions, pure acknowledgements and retransmissions included. */
#ifndef PUSHPULL_WIRE_H
#define PUSHPULL_WIRE_H

#include "base/list.h"

#include <stdbool.h>
#include <stdint.h>

/* Payload of TCP and the segments, as one side saw them. */
struct wire_count {
    uint64_t bytes_out, bytes_in;
    uint64_t segments_out, segments_in;
    uint64_t data_segments; /* of both directions: those that carried payload */
};

/* Where a socket stands in relation to the measured window. */
enum wire_stage { WIRE_BEFORE, WIRE_INSIDE, WIRE_AFTER };

/* A counted socket; embed it in whatever owns the socket. */
struct wire_socket {
    struct list link;
    struct wire_count base; /* what it had carried when the window opened */
    int fd;
    uint8_t stage;
};

#define WIRE_IPV4_BYTES 20
#define WIRE_IPV6_BYTES 40

/* All counted sockets of a process. */
struct wire_meter {
    struct list sockets;
    struct list *next; /* where the walk over the sockets goes on */
    uint64_t socket_count;
    uint8_t stage;
    struct wire_count total;  /* carried inside the window */
    uint64_t opened, closed;  /* connections, inside the window */
    uint64_t ip_header_bytes; /* of each segment; whoever speaks IPv6 says so */
    uint64_t missed;          /* sockets that ended before the walk came to them: counted in part */
};

void wire_meter_init(struct wire_meter *);
/* Starts to count a connected socket. A new connection counts from its SYN. */
void wire_attach(struct wire_meter *, struct wire_socket *, int fd);
/* The same for one that the other side opened: its SYN-ACK, which the kernel does not count for the
 * socket that it makes afterwards, is added. */
void wire_attach_accepted(struct wire_meter *, struct wire_socket *, int fd);
/* Call before the descriptor is closed: takes its last figures. Harmless when not attached. */
void wire_detach(struct wire_meter *, struct wire_socket *);

/* Moves all sockets into or out of the window: `stage` is WIRE_INSIDE or WIRE_AFTER. Asking the
 * kernel about 10,000 sockets takes 10 ms, in which a loop would deliver nothing: so it is done in
 * steps of at most `limit` sockets. Returns true while some are left. */
bool wire_step(struct wire_meter *, enum wire_stage stage, int limit);

/* A copy whose totals are those of this moment, inside the window. It asks the kernel about each socket, and holds
 * none of them. */
struct wire_meter wire_so_far(const struct wire_meter *);

/* Bytes on the wire, IP and TCP headers included, of `connections_opened` new connections and all
 * else that was counted. */
uint64_t wire_bytes_out(const struct wire_meter *);
uint64_t wire_bytes_in(const struct wire_meter *);
/* Of these, the IP and TCP headers of segments that carried data. What is left besides them and the
 * payload of TCP are segments that carried none: acknowledgements, and how connections begin and end. */
uint64_t wire_data_header_bytes(const struct wire_meter *);

/* Whether the other side's host has taken some of what waited for it at the last call; `mark` is kept
 * from call to call. */
bool wire_takes(int fd, uint64_t *mark);

/* Bytes that were ever written to a connected socket; 0 when there is no telling. */
uint64_t wire_written(int fd);

#endif

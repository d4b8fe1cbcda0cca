/* What a process's TCP connections carried, from the kernel's own books (TCP_INFO): bytes and
 * segments in both directions, pure acknowledgements and retransmissions included. */
#ifndef PUSHPULL_WIRE_H
#define PUSHPULL_WIRE_H

#include "list.h"

#include <stdbool.h>
#include <stdint.h>

/* Payload of TCP and the segments that carried it, as one side saw them. */
struct wire_count {
    uint64_t bytes_out, bytes_in;
    uint64_t segments_out, segments_in;
};

/* A counted socket; embed it in whatever owns the socket. */
struct wire_socket {
    struct list link;
    int fd;
    struct wire_count base; /* what it had carried when the window opened */
};

/* All counted sockets of a process. */
struct wire_meter {
    struct list sockets;
    uint64_t socket_count;
    bool open;               /* inside the window */
    struct wire_count total; /* carried inside the window */
    uint64_t opened, closed; /* connections, inside the window */
};

void wire_meter_init(struct wire_meter *);
/* Starts to count a connected socket. A new connection counts from its SYN. */
void wire_attach(struct wire_meter *, struct wire_socket *, int fd);
/* Call before the descriptor is closed: takes its last figures. Harmless when not attached. */
void wire_detach(struct wire_meter *, struct wire_socket *);
void wire_window_open(struct wire_meter *);
void wire_window_close(struct wire_meter *);

/* Bytes on the wire, with IP and TCP headers. */
uint64_t wire_bytes_out(const struct wire_count *);
uint64_t wire_bytes_in(const struct wire_count *);

#endif

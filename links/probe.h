/* Probes of a link: datagrams and TCP handshakes from one of its places to the other, with the
 * times at which they left and arrived. Arrivals are the kernel's stamps, so that it does not
 * matter how late this process comes round to reading them. For a process of its own, which it
 * moves into another namespace. */
#ifndef PUSHPULL_PROBE_H
#define PUSHPULL_PROBE_H

#include "model/link_bounds.h"
#include "namespaces.h"

#include <netinet/in.h>

/* IP bytes of the smallest datagram that says which it is. */
#define PROBE_BYTES_LEAST 32

struct prober {
    int udp[2]; /* by enum place: each is in the namespace of its own */
    int listener;
    struct sockaddr_in udp_address[2], listener_address;
    int64_t offset_ns; /* from this host's clock to the wall clock, on which the kernel stamps */
    uint32_t trains;   /* so far: the number of one tells its datagrams from those before */
};

/* Opens sockets in both places, and moves this process into the client's. Returns 0 or a libuv
 * error; the sockets stay until the process ends. */
int prober_open(struct prober *, const struct namespaces *);

/* Datagrams of one length that follow one another one way. */
struct probe_train {
    enum link_direction direction;
    size_t ip_bytes;
    size_t at_once;            /* so many to begin with, back to back */
    int64_t gap_ns;            /* then one in so much time */
    int64_t catch_up_ns;       /* one that is late sends so much at once, and leaves out the rest */
    struct link_probe *probes; /* of the caller, `count` of them */
    size_t count;
    /* What prober_run does: */
    size_t sent, arrived; /* fewer than `count` are sent when the time is up */
    uint64_t overflowed;  /* arrived, but found no room in the socket: no fault of the link */
    int error;            /* 0, or the libuv error that ended the sending */
    uint32_t number;
    int64_t next_ns, last_ns;
};

/* Sends them all at the same time, and returns when all have arrived or, for `linger_ns` after
 * the last was sent, some have not. It sends no more after `until_ns`. */
void prober_run(struct prober *, struct probe_train *, int trains, int64_t linger_ns,
                int64_t until_ns);

/* TCP connections from the client's place to the server's, `gap_ns` apart. For each the kernel's
 * own measurement of its handshake counts as the time to its arrival; one that has not come
 * `linger_ns` after the last has begun, or of which something was lost, has not arrived. Returns
 * 0 or a libuv error. */
int prober_shake_hands(struct prober *, struct link_probe *, size_t count, int64_t gap_ns,
                       int64_t linger_ns);

#endif

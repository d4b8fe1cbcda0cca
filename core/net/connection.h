/* One TCP connection on libuv. A write tries the socket at once (uv_try_write); only what does not
 * fit is copied into a queue, and while something is queued the connection is `blocked`: whoever
 * has more to say keeps a cursor and continues when `drained` is called. One read buffer serves
 * all connections of the loop; there is no timer per connection. */
#ifndef PUSHPULL_CONNECTION_H
#define PUSHPULL_CONNECTION_H

#include "base/list.h"
#include "base/options.h"
#include "net/hold_up.h"
#include "net/trace.h"
#include "net/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct connection;

/* What a connection tells its owner. One static table per owner; NULL where it does not care. */
struct connection_handler {
    void (*connected)(struct connection *);
    void (*data)(struct connection *, const char *bytes, size_t length);
    void (*drained)(struct connection *); /* the queue is empty again */
    /* The other side will say nothing more, but may still listen: a half-closed connection looks
     * like one that was closed, until a write fails. NULL: it is closed at once (UV_EOF). */
    void (*ended)(struct connection *);
    /* It is going away, for whatever reason, this side's connection_close included (error 0). Called
     * exactly once. The memory must stay until `closed`. */
    void (*closing)(struct connection *, int error);
    void (*closed)(struct connection *); /* the last call: free it here */
};

struct connection {
    uv_tcp_t tcp;
    const struct connection_handler *handler;
    struct network *network;
    size_t queued; /* bytes that wait for the socket */
    int error;     /* why it ended, from `closing` on */
    bool closing_called;
    bool paused, resumed;   /* it is not read for a while; the next read is the first after that */
    uint32_t line;          /* of the network's trace; 0: of none */
    struct hold_up hold_up; /* watched when the network asks for stamps */
    struct wire_socket *wire; /* counted when the network has a meter */
};

/* What all connections of a loop share. */
struct network {
    uv_loop_t *loop;
    char *read_buffer;
    struct wire_meter *meter;       /* NULL: nothing is counted */
    const char *congestion_control; /* of all its sockets: see congestion.h; NULL: the host's */
    bool stamps;                    /* ask the kernel when data arrived: set it before the first */
    int stamping_fd;                /* see keep_stamping; -1: not open */
    const char *trace_address;      /* as the option says, or "" */
    int64_t trace_ms;               /* so often it is told; 0: at the end */
    struct trace *trace;            /* NULL: nothing is traced */
    int64_t paused_until_ns;        /* what is traced is not read until then: network_pause */
    struct list paused;             /* what waits for that */
    struct list waiting;  /* listeners that wait for a descriptor: see connection_accept */
    struct list refusing; /* listeners that are closed for a while: see network_refuse */
    /* For the stamps: see clock.h; whoever sets `stamps` keeps it fresh. */
    int64_t realtime_offset_ns;
    /* While `data` is called: when the last of these bytes came to this host's socket, whatever this
     * process did at the time (SO_TIMESTAMPNS); 0 where that is not known. Of what came in several
     * segments and waited, the kernel keeps the last one's stamp. */
    int64_t arrived_ns;
    /* The same: some may have waited for a lost segment after they came (hold_up.h). */
    bool held_up;
};

/* The options that every program has for its connections: into a struct network, after network_init. */
extern const struct option network_options[];

void network_init(struct network *, uv_loop_t *, struct wire_meter *meter);
/* When the options are read: dies of one that cannot be had. */
void network_start(struct network *);
void network_free(struct network *);

/* Takes the next connection of a listener. Returns 0 or a libuv error. With the last descriptor gone
 * that is UV_EMFILE: the connection stays where it is, those behind it in the kernel's queue, and the
 * listener calls again in ACCEPT_PAUSE_MS. */
int connection_accept(struct connection *, struct network *, uv_stream_t *listener,
                      const struct connection_handler *);
/* Starts to connect; ends in `connected` or `closing`. `source` may be NULL; else its address is
 * bound, the port left to the kernel. An error returned here is final: neither is called, but
 * `closed` still comes. */
int connection_connect(struct connection *, struct network *, const struct sockaddr *to,
                       const struct sockaddr *source, const struct connection_handler *);

/* Returns 0 when all went into the socket, 1 when some is queued (blocked), or a libuv error (then
 * the connection is closing). */
int connection_write(struct connection *, const char *bytes, size_t length);
static inline bool connection_blocked(const struct connection *c) { return c->queued > 0; }
/* Whether it is read. What the other side says meanwhile, its end included, waits in the socket. */
void connection_listen(struct connection *, bool on);
/* The connections that are traced are not read for so long, as by a user that is slow: what comes waits in
 * their sockets. It begins with the next bytes of each. Takes `stamps`. */
void network_pause(struct network *, int64_t for_ns);
/* Says that nothing more will be written (FIN); the other side may still speak. Only when nothing
 * is queued. */
void connection_finish(struct connection *);
/* Ends it at once; what is queued is dropped. Harmless when it is closing already. */
void connection_close(struct connection *);

#define ACCEPT_PAUSE_MS 100

/* Binds and listens; the listener is initialised in any case and must be closed. Returns the port
 * (asked-for or chosen by the kernel) or a libuv error. */
int network_listen(struct network *, uv_tcp_t *listener, const char *address, int port,
                   uv_connection_cb on_connection);
/* From now on the kernel refuses who connects to it, as where no program listens; its port is kept. */
void network_refuse(struct network *, uv_tcp_t *listener);
/* It listens again, on the same port. Returns 0 or a libuv error: UV_EBUSY in the turn of the loop that it was
 * closed in. */
int network_listen_again(struct network *, uv_tcp_t *listener);
/* Closes it, refusing or not. */
void network_unlisten(struct network *, uv_tcp_t *listener, uv_close_cb closed);

#endif

/* What the files of the HTTP server share: the server, its connections, the state of each, and its one
 * exchange. For these files alone. Each calls those before it: states.c (the states), request.c (what was
 * asked), reply.c (answers and streams), routes.c (who answers), server.c (connections, reading,
 * time-outs). */
#ifndef PUSHPULL_HTTP_STATES_H
#define PUSHPULL_HTTP_STATES_H

#include "base/memory.h"
#include "net/connection.h"
#include "net/http/exchange.h"
#include "net/http/message.h"

/* The life of a connection is a walk through these states. In the first five it stands in a list in order
 * of time, so that one sweep per second finds what has waited too long by looking at the heads of the lists
 * alone. A handler decides where HANDLING leads.
 *
 *     IDLE -> READING -> HANDLING -> (PARKED) -> WRITING -> IDLE, READY or LINGERING
 *                                 -> STREAMING <-> BLOCKED
 *
 * BLOCKED: it is streaming, and its socket is full. READY is for pipelining: what came behind the request
 * that is answered now is not read in the midst of that answer, which may be one of many that a single
 * event sets off, but when the turn of the loop is over. So no handler runs inside a call of another one. */
enum state { IDLE, READING, WRITING, BLOCKED, LINGERING, HANDLING, PARKED, STREAMING, READY };
#define TIMED_STATES 5

#define ROUTES_MAX 16

struct route {
    const char *method, *path;
    http_handler handler;
    void *data;
};

struct http_server {
    struct network *network;
    uv_tcp_t listener;
    uv_timer_t sweeper;
    uv_prepare_t turn_over; /* active while somebody is ready */
    uv_prepare_cb resume;   /* what it calls then */
    bool listening, closing;
    int handles; /* of the three above, not closed yet */
    struct route routes[ROUTES_MAX];
    int route_count;
    struct list waiting[TIMED_STATES]; /* connections by state, longest waiting first */
    int seconds_allowed[TIMED_STATES];
    struct list active; /* connections handled, parked or streaming */
    struct list ready;
    uint64_t connections, requests;
    struct buffer answer; /* scratch: an answer is put together here */
    char date[48];        /* the Date field, made once per second */
    int64_t date_seconds;
    size_t unsent; /* bytes that wait for all clients to take them */
    bool loopback; /* it listens on this host alone */
    char *origin;  /* whose pages may use this server: "*" or one, or NULL */
    size_t body_max;
};

/* A client's connection: what belongs to it, whatever is asked over it. HTTP/1.1 has one exchange at a
 * time, which lives in it. */
struct http_connection {
    struct connection socket;
    struct http_server *server;
    struct http_exchange exchange;
    struct list waiting;
    int64_t waiting_ns; /* since when it waits in its present state */
    char *pending;      /* pipelined bytes, until the present answer is complete: one read beyond
                           HTTP_PENDING_MAX at most */
    size_t unsent;      /* bytes that wait for the client to take them */
    size_t left;        /* the same and what the kernel holds of it, when that was last looked at */
    uint32_t pending_length;
    uint8_t state;
    bool ended; /* the client will say nothing more */
};

void http_connection_enter(struct http_connection *, enum state);
/* What the client has still to take: our queue, and the kernel's. */
size_t http_connection_left(const struct http_connection *);
/* The answer is in the socket, or in its queue: on to the next request, or to the end. */
void http_exchange_answered(struct http_exchange *);
/* Keeps account of what waits for the client: after a write, and when it was taken or is given up. */
static inline void http_connection_unsent(struct http_connection *c, size_t bytes) {
    c->server->unsent += bytes - c->unsent;
    c->unsent = bytes;
}
/* It is going away: every call on its exchange does nothing. */
static inline bool http_exchange_closing(const struct http_exchange *exchange) {
    return exchange->connection->socket.closing_called;
}

#endif

/* What the two halves of the HTTP server share: server.c, request.c (connections, requests, routes,
 * time-outs) and reply.c (answers and streams). Nobody else includes it. */
#ifndef PUSHPULL_HTTP_SERVER_INTERNAL_H
#define PUSHPULL_HTTP_SERVER_INTERNAL_H

#include "base/memory.h"
#include "net/http/message.h"
#include "net/http/server.h"

/* In the first five an exchange stands in a list in order of time. BLOCKED: it is streaming, and its
 * socket is full. READY: the last answer is out, and
 * what came behind its request waits for the turn to be over. */
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
    bool listening, closing;
    int handles; /* of the three above, not closed yet */
    struct route routes[ROUTES_MAX];
    int route_count;
    struct list waiting[TIMED_STATES]; /* exchanges by state, longest waiting first */
    int seconds_allowed[TIMED_STATES];
    struct list active; /* exchanges handled, parked or streaming */
    struct list ready;
    uint64_t connections, requests;
    struct buffer answer; /* scratch: an answer is put together here */
    char date[48];        /* the Date field, made once a second */
    int64_t date_seconds;
    size_t unsent; /* bytes that wait for all clients to take them */
    bool loopback; /* it listens on this host alone */
    char *origin;  /* whose pages may use this server: "*" or one, or NULL */
    size_t body_max;
};

/* Whether the request comes from a page of the origin that --allow-origin names. */
bool http_exchange_cross_origin(const struct http_exchange *);
/* The head is complete: fills in host, path and query, or refuses it. For llhttp. */
int http_request_judge(struct http_message *);

void http_exchange_enter(struct http_exchange *, enum state);
/* The answer is in the socket, or in its queue: on to the next request, or to the end. */
void http_exchange_answered(struct http_exchange *);
/* Keeps account of what waits for the client: after a write, and when it was taken or is given up. */
static inline void http_exchange_unsent(struct http_exchange *exchange, size_t bytes) {
    exchange->server->unsent += bytes - exchange->unsent;
    exchange->unsent = bytes;
}
const char *http_reason(int status);

#endif

/* One request and its answer, as a handler of the HTTP server has it. What it asks is in request.h, how it
 * answers in reply.h. */
#ifndef PUSHPULL_HTTP_EXCHANGE_H
#define PUSHPULL_HTTP_EXCHANGE_H

#include "net/stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_connection;
struct http_message;
struct http_exchange;

typedef void (*http_handler)(struct http_exchange *, void *data);
/* Gets a connection that has left HTTP: its socket (non-blocking, the taker's from here on) and the
 * bytes that came behind the request, valid until it returns. */
typedef void (*http_taker)(void *data, int socket, const char *early, size_t length);

/* One request and its answer; the same object serves the next request on its connection. The fields below
 * belong to the handler from the request until its answer is complete.
 *
 * A connection can end under any write. From then on an exchange is in no list, and no callback of its
 * handler runs; every call on it does nothing. */
struct http_exchange {
    struct http_connection *connection; /* that the request came over: the server's own */
    struct http_message *request;       /* while it is read and handled; NULL outside */
    int64_t since_ns;                   /* the handler's: when it was parked, or last written to */
    void *data;                         /* the handler's: whatever it needs to find again */
    struct stream stream; /* the handler's: among the parked, or those that get all events */
    void (*gone)(struct http_exchange *);    /* parked or streaming: the client is gone */
    void (*drained)(struct http_exchange *); /* streaming: the socket takes more again */
    http_taker taker; /* the socket leaves HTTP when the request has been read: http_give_away */
    bool keep_alive, chunked, head_only, http_1_0;
    bool cross_origin; /* its page may read the answer */
};

#endif

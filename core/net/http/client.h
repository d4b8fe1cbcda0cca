/* One HTTP/1.1 connection to one server, seen from the client: kept alive, one request at a time.
 * Embed it in a subscriber. The parser exists only while a response is being read. */
#ifndef PUSHPULL_HTTP_CLIENT_H
#define PUSHPULL_HTTP_CLIENT_H

#include "base/memory.h"
#include "net/connection.h"

struct http_client;

struct http_response {
    int status;
    bool keep_alive;  /* the connection can carry another request */
    const char *body; /* whole body; NULL where the handler took it piece by piece */
    size_t body_length;
    const struct http_message *message; /* for http_response_header */
};
/* The value of a header field (name in lower case), or NULL. Valid inside the callback. */
const char *http_response_header(const struct http_response *, const char *name);

struct http_client_handler {
    void (*connected)(struct http_client *);
    /* The status and headers are there; may be NULL. */
    void (*head)(struct http_client *, const struct http_response *);
    /* A piece of the body; when NULL the body is collected for `response`. */
    void (*body)(struct http_client *, const char *bytes, size_t length);
    /* The response is complete. Another request may be sent if response->keep_alive; else the server
     * is about to hang up, and `closed` follows. */
    void (*response)(struct http_client *, const struct http_response *);
    /* The connection has left HTTP: `response` was given a 101, and these bytes came behind it. NULL: it
     * never does. */
    void (*raw)(struct http_client *, const char *bytes, size_t length);
    /* It went away: the server (UV_EOF), the network, malformed HTTP (UV_EPROTO), an answer
     * above HTTP_CLIENT_BODY_MAX or with too long a head (UV_EMSGSIZE), or this side (0). Once for
     * each http_client_connect; the next connect may be made from `closed`. */
    void (*closed)(struct http_client *, int error);
};

struct http_client {
    struct connection connection;
    const struct http_client_handler *handler;
    struct http_message *message; /* the response being read; NULL while idle */
    int error;
    bool open;    /* connected, not closing */
    bool busy;    /* a request is outstanding */
    bool heard;   /* bytes have come since the request was sent */
    bool no_body; /* set by the user: the request is a HEAD */
    bool in_use;  /* from connect until closed */
    bool raw;     /* HTTP is over: write to `connection` */
};

/* Starts to connect. Ends in `connected` or `closed`. `client` is zeroed or was closed. */
void http_client_connect(struct http_client *, struct network *, const struct sockaddr *to,
                         const struct sockaddr *source, const struct http_client_handler *);
/* Sends a request as it stands (request line, headers, body). One write. 0 or a libuv error. */
int http_client_send(struct http_client *, const char *request, size_t length);
void http_client_close(struct http_client *);

#endif

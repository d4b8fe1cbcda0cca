/* An HTTP/1.1 server (RFC 9110, RFC 9112) for one loop, built for many connections.
 *
 * One write per response, headers and body together. The state of the parser and the text of the
 * request exist only while a request is being read and handled; an idle connection is little more
 * than its socket. Time-outs by one sweep a second over a list in order of activity.
 *
 * A handler answers in one of three ways: at once (http_reply), later (http_park, then
 * http_reply), or in a stream (http_stream_begin, http_stream_write ...). */
#ifndef PUSHPULL_HTTP_SERVER_H
#define PUSHPULL_HTTP_SERVER_H

#include "base/list.h"
#include "base/memory.h"
#include "net/connection.h"
#include "net/stream.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_server;
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

struct http_server *http_server_new(struct network *);
/* Closes the listener and all connections; frees it when the loop has closed them. */
void http_server_close(struct http_server *);
/* Returns the port or a libuv error. */
int http_server_listen(struct http_server *, const char *address, int port);
/* `path` is matched exactly; a path ending in a slash and a star matches everything below it. Methods other than
 * the routed ones get 405 with Allow; HEAD is answered by the GET route without a body. */
void http_server_route(struct http_server *, const char *method, const char *path, http_handler,
                       void *data);
/* Pages of this origin may use the server ("*": of any; NULL or "": of none but its own). Returns
 * UV_EINVAL when it is no origin (scheme://host[:port]). */
int http_server_allow_origin(struct http_server *, const char *origin);
/* How many bytes a request's body may have, instead of HTTP_BODY_MAX. */
void http_server_body_max(struct http_server *, size_t bytes);
uint64_t http_server_connections(const struct http_server *); /* open now */
uint64_t http_server_requests(const struct http_server *);    /* since the start */

/* --- the request, inside the handler ---------------------------------------------------------- */
const char *http_request_path(const struct http_exchange *);
/* A HEAD: answered as a GET is, without a body, and at once. Whoever parks requests asks this. */
bool http_request_is_head(const struct http_exchange *);
/* The value of a header field (name in lower case), or NULL. Several lines of one name are one list
 * (RFC 9110, 5.3): their text is valid until the next call. */
const char *http_request_header(const struct http_exchange *, const char *name);
/* Whether a field that is a list has this element: "connection", "upgrade". In any case of letters. */
bool http_request_lists(const struct http_exchange *, const char *name, const char *element);
/* Whether the body says that it is JSON. A page of another origin cannot say so unasked. */
bool http_request_is_json(const struct http_exchange *);
/* False when a web page asks that is neither this server's own nor of the origin that is allowed.
 * Whatever does more than read is refused to such a page before it comes to a handler. */
bool http_origin_allowed(const struct http_exchange *);
/* The value of a parameter in the query, as it was written, up to `*length`; NULL: not there. */
const char *http_request_parameter(const struct http_exchange *, const char *name, size_t *length);
const char *http_request_body(const struct http_exchange *, size_t *length);

/* --- the answer ------------------------------------------------------------------------------- */
/* `headers` is a run of "Name: value\r\n" lines or "". Adds Date and Content-Length. When too many
 * answers are on their way already (HTTP_UNSENT_MAX), a long one becomes a 503. */
void http_reply(struct http_exchange *, int status, const char *headers, const char *body,
                size_t length);
/* Whether it gives the client a body of this length: not to a HEAD, and not when it becomes a 503. */
bool http_reply_gives(const struct http_exchange *, size_t length);
/* A plain-text answer of one line, e.g. for errors. */
void http_reply_text(struct http_exchange *, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Keeps the exchange for later. `gone` is called if the client leaves first: unlink it there. A client
 * that closes in order looks like one that has said all and waits: it is kept until the answer. (Of a
 * connection that is closing already there is nothing to keep, and the server unlinks `link`.) Answer in
 * the end: a client that has sent much behind its request is not read, nor seen to leave, before. */
void http_park(struct http_exchange *, void (*gone)(struct http_exchange *));
/* Opens a body of unknown length (chunked; until close for HTTP/1.0). Returns 0 when the stream
 * stands. Else there will be none, and `gone` is not called: 1 after a HEAD, which is answered
 * hereby, or a libuv error. */
int http_stream_begin(struct http_exchange *, const char *headers,
                      void (*drained)(struct http_exchange *),
                      void (*gone)(struct http_exchange *));
/* Writes a frame made by http_frame_end. Returns 0, 1 when the socket is full (wait for
 * `drained`), or a libuv error (`gone` is called). A stream that waits is bound like any answer: it is
 * cut when its client takes too little (HTTP_WRITE_SECONDS), and when a long frame waits for it while
 * too much waits for others already (HTTP_UNSENT_MAX). Its client comes back with its cursor. */
int http_stream_write(struct http_exchange *, const struct buffer *frame);
/* Whether its socket is full. */
bool http_stream_blocked(const struct http_exchange *);

/* Instead of an answer: another protocol goes on here (101, which the taker says). The exchange ends;
 * the taker is called when the handler has returned. When the client is gone by then, or cannot be taken
 * over, which it is told by a 503, the taker gets a negative libuv error for a socket. */
void http_give_away(struct http_exchange *, http_taker, void *data);

/* A frame of a stream, made once and sent to any number of exchanges: begin, append the bytes to
 * the buffer, end. */
void http_frame_begin(struct buffer *frame);
void http_frame_end(struct buffer *frame);

#endif

/* How a handler of the HTTP server answers: at once (http_reply), later (http_park, then http_reply), or
 * in a stream (http_stream_begin, http_stream_write ...). */
#ifndef PUSHPULL_HTTP_REPLY_H
#define PUSHPULL_HTTP_REPLY_H

#include "base/memory.h"
#include "net/http/exchange.h"

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

/* A frame of a stream, made once and sent to any number of exchanges: begin, append the bytes to
 * the buffer, end. */
void http_frame_begin(struct buffer *frame);
void http_frame_end(struct buffer *frame);

/* "OK", "Not Found": what stands behind the status. */
const char *http_reason(int status);

#endif

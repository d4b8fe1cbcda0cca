/* The wire format of Server-Sent Events: text/event-stream, as the WHATWG HTML standard
 * ("Server-sent events", parsing and interpreting an event stream) defines it. Pure: no I/O. */
#ifndef PUSHPULL_EVENT_STREAM_H
#define PUSHPULL_EVENT_STREAM_H

#include "base/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Appends one event. `event` (type) and `id` may be NULL and must hold no CR or LF. `data` may hold
 * anything: each CR, LF or CRLF in it starts a new "data:" line, and arrives as LF. */
void event_stream_encode(struct buffer *out, const char *event, const char *id, const char *data,
                         size_t data_length);
/* Appends a comment (": text"), which receivers ignore: a heartbeat. */
void event_stream_comment(struct buffer *out, const char *text);
/* Appends an id without data: no event, but the place to come back to. No CR, LF or NUL in it. */
void event_stream_id(struct buffer *out, const char *id);
/* Appends a "retry:" field: how long a receiver should wait before it reconnects. */
void event_stream_retry(struct buffer *out, uint64_t milliseconds);

/* What the parser found. Strings live until the handler returns: they may point into the bytes that
 * the parser was given. The handler must not call the parser. */
struct event_stream_handler {
    /* `type` is "message" when the stream named none; `last_event_id` is never NULL. */
    void (*event)(void *context, const char *type, const char *last_event_id, const char *data,
                  size_t data_length);
    void (*retry)(void *context, uint64_t milliseconds); /* may be NULL */
    void *context;
};

/* Two buffers for ids are all the memory it holds between events. */
struct event_stream_parser;

struct event_stream_parser *event_stream_parser_new(const struct event_stream_handler *);
void event_stream_parser_free(struct event_stream_parser *);
/* The last event ID: what a client that comes back sends; "" when the stream gave none. Valid until
 * the parser is called again. */
const char *event_stream_last_id(const struct event_stream_parser *);
/* Takes the next bytes of the stream, however it was cut into reads. Returns 0, or UV_E2BIG when a
 * single line, or the data of a single event, is larger than 16 MiB: then, and until it is reset,
 * it takes no more. The handler may free the parser's owner only after return. */
int event_stream_parse(struct event_stream_parser *, const char *bytes, size_t length);
/* A new connection: an event that was under way is discarded, its id too; the id of the last event
 * that ended is kept. */
void event_stream_parser_reset(struct event_stream_parser *);

#endif

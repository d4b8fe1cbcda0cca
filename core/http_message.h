/* One HTTP/1.1 message while it is being read: llhttp's parser and the text it found. Shared by
 * the server (requests) and the client (responses), and pooled: as many exist as messages are
 * under way at once, which is few, however many connections are open. */
#ifndef PUSHPULL_HTTP_MESSAGE_H
#define PUSHPULL_HTTP_MESSAGE_H

#include "memory.h"

#include <llhttp.h>
#include <stdbool.h>
#include <stdint.h>

#define HTTP_FIELDS_MAX 100

struct http_message {
    llhttp_t parser; /* first: llhttp's callbacks get it */
    struct http_message *next_spare;
    void *owner;
    const struct http_message_handler *handler;
    struct buffer text; /* NUL [target NUL] (name NUL value NUL)* */
    struct buffer body;
    size_t body_max;
    struct {
        uint32_t name, value; /* offsets into text */
    } fields[HTTP_FIELDS_MAX];
    int field_count;
    uint32_t query; /* a request's query, as an offset into text; 0: none */
    int refusal;    /* the status that an over-long message deserves: 413, 414, 431; 0: none */
    bool complete;
    bool awaits_100; /* the client sends its body when it has seen "100 Continue" */
    int64_t started_ns;
};

/* What happens while a message is read; each may be NULL. */
struct http_message_handler {
    /* The head is complete. Returns what llhttp's on_headers_complete may: 0, or 1 for no body. */
    int (*head)(struct http_message *);
    /* A piece of the body. When NULL it is collected in `body`. */
    int (*body)(struct http_message *, const char *bytes, size_t length);
};

struct http_message *http_message_new(llhttp_type_t type, const struct http_message_handler *,
                                      void *owner, size_t body_max);
void http_message_free(struct http_message *);
/* Returns the pooled memory to the system. */
void http_message_free_spares(void);

enum http_progress {
    HTTP_MORE,     /* the message goes on in the next read */
    HTTP_COMPLETE, /* it ended; bytes after it were not consumed */
    HTTP_REFUSED,  /* too long: `refusal` says which way */
    HTTP_MALFORMED,
};

/* Reads on; *consumed is how many of the bytes belonged to this message. */
enum http_progress http_message_parse(struct http_message *, const char *bytes, size_t length,
                                      size_t *consumed);

/* A request's target. */
static inline const char *http_message_target(const struct http_message *message) {
    return message->text.data + 1;
}

/* The value of a field (name in lower case), or NULL. */
const char *http_message_field(const struct http_message *, const char *name);
/* How often a field occurs. */
int http_message_field_count(const struct http_message *, const char *name);

#endif

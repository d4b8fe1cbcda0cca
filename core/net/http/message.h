/* One HTTP/1.1 message while it is being read: llhttp's parser and the text it found. Shared by
 * the server (requests) and the client (responses), and pooled: as many exist as messages are
 * under way at once, which is few, however many connections are open. */
#ifndef PUSHPULL_HTTP_MESSAGE_H
#define PUSHPULL_HTTP_MESSAGE_H

#include "base/limits.h"
#include "base/memory.h"

#include <llhttp.h>
#include <stdbool.h>
#include <stdint.h>

struct http_message {
    llhttp_t parser; /* llhttp's callbacks get it */
    struct http_message *next_spare;
    void *owner;
    const struct http_message_handler *handler;
    struct buffer text; /* NUL [target NUL] (name NUL value NUL)* */
    struct buffer body;
    struct buffer joined; /* what http_message_list gave last */
    size_t body_max;
    struct {
        uint32_t name, value; /* offsets into text */
    } fields[HTTP_FIELDS_MAX];
    int field_count;
    uint32_t host, path, query; /* a request's, as offsets into text; 0: none */
    int refusal; /* the status that a message deserves which is not read to its end; 0: none */
    const char *complaint; /* in words, or NULL */
    size_t beside;         /* bytes of trailers and chunk extensions, which nobody reads */
    enum { LINE_BEGINS, LINE_ENDS, IN_LINE, HEAD_SCANNED } scan;
    bool request_line_scanned;
    char last_word; /* its first letter, in the request line */
    bool unknown_method;
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
    HTTP_REFUSED,  /* too long, or not wanted: `refusal` says which way */
    HTTP_MALFORMED,
};

/* Reads on; *consumed is how many of the bytes belonged to this message. */
enum http_progress http_message_parse(struct http_message *, const char *bytes, size_t length,
                                      size_t *consumed);
/* The other side has closed: HTTP_COMPLETE when that ends the message (a response without a length),
 * else HTTP_MALFORMED. */
enum http_progress http_message_finish(struct http_message *);

/* Whether the connection carries another message after this one, by its version and its Connection
 * fields. Whether a body that ends with the connection prevents that, too, llhttp knows. */
bool http_message_keep_alive(const struct http_message *);

/* The value of a field (name in lower case), or NULL. Of several lines of that name, the first. */
const char *http_message_field(const struct http_message *, const char *name);
/* The same with all lines of that name joined to one list (RFC 9110, 5.3). */
const char *http_message_list(struct http_message *, const char *name);
/* How often a field occurs. */
int http_message_field_count(const struct http_message *, const char *name);
/* One line, from 0 to field_count. */
static inline const char *http_message_field_name(const struct http_message *message, int i) {
    return message->text.data + message->fields[i].name;
}
static inline const char *http_message_field_value(const struct http_message *message, int i) {
    return message->text.data + message->fields[i].value;
}
/* Whether one of the lines of this name lists this element, in any case of letters. */
bool http_message_lists(const struct http_message *, const char *name, const char *element);

#endif

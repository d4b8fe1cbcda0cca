/* One HTTP message while it is being read: see message.h. */
#include "net/http/message.h"

#include "base/clock.h"
#include "base/grammar.h"
#include "base/limits.h"
#include "base/list.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SPARES_MAX 64
#define SPARE_BYTES_MAX 65536 /* a pooled message does not hold on to more than this */

static struct http_message *spares;
static int spare_count;

/* --- llhttp's callbacks: collect the text ----------------------------------------------------- */

static struct http_message *message_of(llhttp_t *parser) {
    return list_entry(parser, struct http_message, parser);
}

static int refuse(struct http_message *message, int status) {
    message->refusal = status;
    return HPE_USER;
}

static int on_text(llhttp_t *parser, const char *bytes, size_t length) {
    struct http_message *message = message_of(parser);
    if (message->text.length + length > HTTP_HEAD_MAX) return refuse(message, 431);
    buffer_append(&message->text, bytes, length);
    return 0;
}

static int on_url(llhttp_t *parser, const char *bytes, size_t length) {
    struct http_message *message = message_of(parser);
    if (message->text.length + length > HTTP_TARGET_MAX) return refuse(message, 414);
    return on_text(parser, bytes, length);
}

/* Chunk extensions and trailers mean nothing to us; but they cost, and must come to an end. */
static int on_beside(llhttp_t *parser, const char *bytes, size_t length) {
    struct http_message *message = message_of(parser);
    (void)bytes;
    message->beside += length + 1; /* an empty one counts, too */
    return message->beside > HTTP_BESIDE_MAX ? refuse(message, 431) : 0;
}

static bool trailing(const llhttp_t *parser) { return (parser->flags & F_TRAILING) != 0; }

static int on_text_complete(llhttp_t *parser) {
    buffer_append(&message_of(parser)->text, "", 1);
    return 0;
}

static int on_name(llhttp_t *parser, const char *bytes, size_t length) {
    struct http_message *message = message_of(parser);
    if (trailing(parser)) return on_beside(parser, bytes, length);
    if (message->field_count == HTTP_FIELDS_MAX) return refuse(message, 431);
    if (message->fields[message->field_count].name == 0)
        message->fields[message->field_count].name = (uint32_t)message->text.length;
    return on_text(parser, bytes, length);
}

/* llhttp lets a field without a name pass, and one with a blank at its end. */
static bool is_token(const char *name) {
    size_t length = 0;
    while (http_token_character(name[length])) length++;
    return length > 0 && name[length] == '\0';
}

static int on_name_complete(llhttp_t *parser) {
    struct http_message *message = message_of(parser);
    if (trailing(parser)) return 0;
    on_text_complete(parser);
    if (!is_token(message->text.data + message->fields[message->field_count].name)) return HPE_USER;
    message->fields[message->field_count].value = (uint32_t)message->text.length;
    return 0;
}

static int on_value(llhttp_t *parser, const char *bytes, size_t length) {
    return trailing(parser) ? on_beside(parser, bytes, length) : on_text(parser, bytes, length);
}

/* The blanks around a value are not part of it (RFC 9112, 5.1). llhttp leaves those at its end. */
static int on_value_complete(llhttp_t *parser) {
    struct http_message *message = message_of(parser);
    struct buffer *text = &message->text;
    if (trailing(parser)) return 0;
    while (text->length > message->fields[message->field_count].value &&
           strchr(" \t", text->data[text->length - 1]) != NULL)
        text->length--;
    on_text_complete(parser);
    message->field_count++;
    if (message->field_count < HTTP_FIELDS_MAX) message->fields[message->field_count].name = 0;
    return 0;
}

static int on_head_complete(llhttp_t *parser) {
    struct http_message *message = message_of(parser);
    int verdict = message->handler->head != NULL ? message->handler->head(message) : 0;
    if (message->refusal != 0) return HPE_USER;
    bool collected = verdict == 0 && message->handler->body == NULL;
    if (collected && (parser->flags & F_CONTENT_LENGTH) &&
        parser->content_length > message->body_max)
        return refuse(message, 413);
    return verdict;
}

static int on_body(llhttp_t *parser, const char *bytes, size_t length) {
    struct http_message *message = message_of(parser);
    if (message->handler->body != NULL) return message->handler->body(message, bytes, length);
    if (message->body.length + length > message->body_max) return refuse(message, 413);
    buffer_append(&message->body, bytes, length);
    return 0;
}

/* Pausing here keeps the next, pipelined message apart from this one. */
static int on_complete(llhttp_t *parser) {
    message_of(parser)->complete = true;
    return HPE_PAUSED;
}

static llhttp_settings_t settings = {
    .on_url = on_url,
    .on_url_complete = on_text_complete,
    .on_header_field = on_name,
    .on_header_field_complete = on_name_complete,
    .on_header_value = on_value,
    .on_header_value_complete = on_value_complete,
    .on_headers_complete = on_head_complete,
    .on_chunk_extension_name = on_beside,
    .on_chunk_extension_value = on_beside,
    .on_body = on_body,
    .on_message_complete = on_complete,
};

/* --- life ------------------------------------------------------------------------------------- */

static struct http_message *take_spare(void) {
    struct http_message *message = spares;
    if (message == NULL) return xcalloc(1, sizeof(*message));
    spares = message->next_spare;
    spare_count--;
    return message;
}

struct http_message *http_message_new(llhttp_type_t type,
                                      const struct http_message_handler *handler, void *owner,
                                      size_t body_max) {
    struct http_message *message = take_spare();
    llhttp_init(&message->parser, type, &settings);
    message->parser.lenient_flags |= LENIENT_VERSION; /* 1.2 is 1.1 to us (RFC 9110, 2.5) */
    message->handler = handler;
    message->owner = owner;
    message->body_max = body_max;
    message->field_count = 0;
    message->host = message->path = message->query = 0;
    message->fields[0].name = 0;
    message->refusal = 0;
    message->complaint = NULL;
    message->beside = 0;
    message->scan = type == HTTP_REQUEST ? LINE_BEGINS : HEAD_SCANNED;
    message->request_line_scanned = false;
    message->last_word = '\0';
    message->unknown_method = false;
    message->complete = false;
    message->awaits_100 = false;
    message->started_ns = clock_now_ns();
    buffer_clear(&message->text);
    buffer_append(&message->text, "", 1); /* offset 0 is the empty text: "no field yet" */
    buffer_clear(&message->body);
    return message;
}

static void discard(struct http_message *message) {
    buffer_free(&message->text);
    buffer_free(&message->body);
    buffer_free(&message->joined);
    free(message);
}

void http_message_free(struct http_message *message) {
    if (message == NULL) return;
    if (spare_count == SPARES_MAX || message->body.capacity > SPARE_BYTES_MAX) {
        discard(message);
        return;
    }
    message->next_spare = spares;
    spares = message;
    spare_count++;
}

void http_message_free_spares(void) {
    while (spares != NULL) discard(take_spare());
}

/* --- reading ---------------------------------------------------------------------------------- */

/* llhttp lets RTSP/ and ICE/ pass for HTTP/, and does not tell: the word's first letter does. */
static void note_last_word(struct http_message *message, const char *bytes, const char *end) {
    const char *blank = memrchr(bytes, ' ', (size_t)(end - bytes));
    if (blank != NULL) {
        message->last_word = '\0';
        bytes = blank + 1;
    }
    if (message->last_word == '\0' && bytes < end) message->last_word = *bytes;
}

/* Looks through a request's head for a line that begins with a blank. Behind the request line that
 * hides what is in it, later it continues the line before (RFC 9112, 2.2 and 5.2): llhttp reads both.
 * Returns whether there is none so far. */
static bool scan_head(struct http_message *message, const char *bytes, const char *end) {
    while (bytes < end && message->scan != HEAD_SCANNED) {
        if (message->scan == IN_LINE) {
            const char *line_end = memchr(bytes, '\n', (size_t)(end - bytes));
            if (!message->request_line_scanned)
                note_last_word(message, bytes, line_end != NULL ? line_end : end);
            if (line_end == NULL) return true;
            message->request_line_scanned = true;
            message->scan = LINE_BEGINS;
            bytes = line_end;
        } else if (*bytes == '\n') {
            message->scan = HEAD_SCANNED;
        } else if (message->scan == LINE_BEGINS && (*bytes == ' ' || *bytes == '\t')) {
            return false;
        } else {
            message->scan = *bytes == '\r' ? LINE_ENDS : IN_LINE;
        }
        bytes++;
    }
    return true;
}

/* llhttp knows its methods by heart. A word that is none of them may still be a method: that is told
 * apart from rubbish by what comes up to the blank behind it. */
static enum http_progress read_unknown_method(struct http_message *message, const char *bytes,
                                              const char *end) {
    message->unknown_method = true;
    while (bytes < end && http_token_character(*bytes)) bytes++;
    if (bytes == end) return HTTP_MORE;
    if (*bytes != ' ') return HTTP_MALFORMED;
    message->refusal = 501;
    return HTTP_REFUSED;
}

enum http_progress http_message_parse(struct http_message *message, const char *bytes,
                                      size_t length, size_t *consumed) {
    *consumed = length;
    if (message->unknown_method) return read_unknown_method(message, bytes, bytes + length);
    if (!scan_head(message, bytes, bytes + length)) return HTTP_MALFORMED;
    llhttp_errno_t error = llhttp_execute(&message->parser, bytes, length);
    if (error == HPE_OK) return HTTP_MORE;
    const char *stopped = llhttp_get_error_pos(&message->parser);
    if (stopped != NULL) *consumed = (size_t)(stopped - bytes);
    if (message->complete) return HTTP_COMPLETE;
    if (message->refusal != 0) return HTTP_REFUSED;
    if (error == HPE_INVALID_METHOD && stopped != NULL)
        return read_unknown_method(message, stopped, bytes + length);
    if (error != HPE_PAUSED_H2_UPGRADE) return HTTP_MALFORMED;
    message->refusal = 505;
    return HTTP_REFUSED;
}

enum http_progress http_message_finish(struct http_message *message) {
    llhttp_finish(&message->parser);
    return message->complete ? HTTP_COMPLETE : HTTP_MALFORMED;
}

bool http_message_keep_alive(const struct http_message *message) {
    if (http_message_lists(message, "connection", "close")) return false;
    return message->parser.http_minor > 0 ||
           http_message_lists(message, "connection", "keep-alive");
}

bool http_message_lists(const struct http_message *message, const char *name, const char *element) {
    for (int i = 0; i < message->field_count; i++)
        if (strcasecmp(http_message_field_name(message, i), name) == 0 &&
            http_list_has(http_message_field_value(message, i), element))
            return true;
    return false;
}

const char *http_message_list(struct http_message *message, const char *name) {
    if (http_message_field_count(message, name) < 2) return http_message_field(message, name);
    buffer_clear(&message->joined);
    for (int i = 0; i < message->field_count; i++) {
        if (strcasecmp(http_message_field_name(message, i), name) != 0) continue;
        if (message->joined.length > 0) buffer_append(&message->joined, ", ", 2);
        buffer_printf(&message->joined, "%s", http_message_field_value(message, i));
    }
    return message->joined.data;
}

const char *http_message_field(const struct http_message *message, const char *name) {
    for (int i = 0; i < message->field_count; i++)
        if (strcasecmp(message->text.data + message->fields[i].name, name) == 0)
            return message->text.data + message->fields[i].value;
    return NULL;
}

int http_message_field_count(const struct http_message *message, const char *name) {
    int count = 0;
    for (int i = 0; i < message->field_count; i++)
        count += strcasecmp(message->text.data + message->fields[i].name, name) == 0;
    return count;
}

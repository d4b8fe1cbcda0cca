/* One HTTP message while it is being read: see http_message.h. */
#include "http_message.h"

#include "clock.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TARGET_MAX 8192
#define HEAD_MAX 16384
#define SPARES_MAX 64
#define SPARE_BYTES_MAX 65536 /* a pooled message does not hold on to more than this */

static struct http_message *spares;
static int spare_count;

/* --- llhttp's callbacks: collect the text ----------------------------------------------------- */

static struct http_message *message_of(llhttp_t *parser) { return (struct http_message *)parser; }

static int refuse(struct http_message *message, int status) {
    message->refusal = status;
    return HPE_USER;
}

static int on_text(llhttp_t *parser, const char *bytes, size_t length) {
    struct http_message *message = message_of(parser);
    if (message->text.length + length > HEAD_MAX) return refuse(message, 431);
    buffer_append(&message->text, bytes, length);
    return 0;
}

static int on_url(llhttp_t *parser, const char *bytes, size_t length) {
    struct http_message *message = message_of(parser);
    if (message->text.length + length > TARGET_MAX) return refuse(message, 414);
    return on_text(parser, bytes, length);
}

static int on_text_complete(llhttp_t *parser) {
    buffer_append(&message_of(parser)->text, "", 1);
    return 0;
}

static int on_name(llhttp_t *parser, const char *bytes, size_t length) {
    struct http_message *message = message_of(parser);
    if (message->field_count == HTTP_FIELDS_MAX) return refuse(message, 431);
    if (message->fields[message->field_count].name == 0)
        message->fields[message->field_count].name = (uint32_t)message->text.length;
    return on_text(parser, bytes, length);
}

static int on_name_complete(llhttp_t *parser) {
    struct http_message *message = message_of(parser);
    on_text_complete(parser);
    /* llhttp lets a field without a name pass. */
    if (message->text.data[message->fields[message->field_count].name] == '\0') return HPE_USER;
    message->fields[message->field_count].value = (uint32_t)message->text.length;
    return 0;
}

static int on_value_complete(llhttp_t *parser) {
    struct http_message *message = message_of(parser);
    on_text_complete(parser);
    message->field_count++;
    if (message->field_count < HTTP_FIELDS_MAX) message->fields[message->field_count].name = 0;
    return 0;
}

static int on_head_complete(llhttp_t *parser) {
    struct http_message *message = message_of(parser);
    if ((parser->flags & F_CONTENT_LENGTH) && parser->content_length > message->body_max)
        return refuse(message, 413);
    return message->handler->head != NULL ? message->handler->head(message) : 0;
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
    .on_header_value = on_text,
    .on_header_value_complete = on_value_complete,
    .on_headers_complete = on_head_complete,
    .on_body = on_body,
    .on_message_complete = on_complete,
};

/* --- life -------------------------------------------------------------------------------------- */

static struct http_message *take_spare(void) {
    struct http_message *message = spares;
    if (message == NULL) return xcalloc(1, sizeof *message);
    spares = message->next_spare;
    spare_count--;
    return message;
}

struct http_message *http_message_new(llhttp_type_t type,
                                      const struct http_message_handler *handler, void *owner,
                                      size_t body_max) {
    struct http_message *message = take_spare();
    llhttp_init(&message->parser, type, &settings);
    message->handler = handler;
    message->owner = owner;
    message->body_max = body_max;
    message->field_count = 0;
    message->query = 0;
    message->fields[0].name = 0;
    message->refusal = 0;
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

/* --- reading ----------------------------------------------------------------------------------- */

enum http_progress http_message_parse(struct http_message *message, const char *bytes,
                                      size_t length, size_t *consumed) {
    llhttp_errno_t error = llhttp_execute(&message->parser, bytes, length);
    *consumed = length;
    if (error == HPE_OK) return HTTP_MORE;
    const char *stopped = llhttp_get_error_pos(&message->parser);
    if (stopped != NULL) *consumed = (size_t)(stopped - bytes);
    if (message->complete) return HTTP_COMPLETE;
    return message->refusal != 0 ? HTTP_REFUSED : HTTP_MALFORMED;
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

/* Who looks on: see audience.h. */
#include "live/audience.h"

#include "base/memory.h"
#include "net/event_stream.h"
#include "net/http/reply.h"

void audience_init(struct audience *audience) {
    list_init(&audience->streams);
    audience->count = 0;
}

static struct http_exchange *exchange_of(struct list *link) {
    return list_entry(link, struct http_exchange, stream.link);
}

static void gone(struct http_exchange *exchange) {
    struct audience *audience = exchange->data;
    list_remove(&exchange->stream.link);
    audience->count--;
}

/* It goes on with what comes next. */
static void drained(struct http_exchange *exchange) { (void)exchange; }

bool audience_join(struct audience *audience, struct http_exchange *exchange) {
    static const char head[] = "Content-Type: text/event-stream\r\nCache-Control: no-store\r\n";
    if (audience->count == AUDIENCE_MOST) {
        http_reply_text(exchange, 503, "%d pages are open already: close one.", AUDIENCE_MOST);
        return false;
    }
    exchange->data = audience;
    if (http_stream_begin(exchange, head, drained, gone) != 0) return false;
    list_append(&audience->streams, &exchange->stream.link);
    audience->count++;
    return true;
}

static void make_frame(struct buffer *frame, const char *type, const char *data, size_t length) {
    http_frame_begin(frame);
    event_stream_encode(frame, type, NULL, data, length);
    http_frame_end(frame);
}

void audience_tell_one(struct http_exchange *exchange, const char *type, const char *data,
                       size_t length) {
    struct buffer frame = {0};
    make_frame(&frame, type, data, length);
    http_stream_write(exchange, &frame);
    buffer_free(&frame);
}

void audience_tell(struct audience *audience, const char *type, const char *data, size_t length) {
    struct list *position, *following;
    struct buffer frame = {0};
    make_frame(&frame, type, data, length);
    list_each (position, following, &audience->streams) {
        struct http_exchange *exchange = exchange_of(position);
        if (!http_stream_blocked(exchange)) http_stream_write(exchange, &frame);
    }
    buffer_free(&frame);
}

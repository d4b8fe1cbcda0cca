/* Server-Sent Events: one request, and an answer that never ends.
 *
 *     client                                   server
 *       | GET /events  Last-Event-ID: 5c1f09aa-12
 *       |-------------------------------------->|
 *       |<-- 200 text/event-stream -------------|
 *       |<-- id: 5c1f09aa-12 -------------------|   where it begins: an id without an event
 *       |<-- id: 5c1f09aa-13 / data: {...} -----|   what it missed
 *       |                                       |   event 14 is published
 *       |<-- id: 5c1f09aa-14 / data: {...} -----|   written to every open stream
 *       |<-- : still here ----------------------|   a comment, when all is quiet
 *
 * An id is a cursor (core/model/cursor.h): a life of the server and the event's place. One of another life
 * is answered by an event "reset", and everything held; what fell out of the feed by "missed".
 *
 * The event is encoded once, and the same bytes are written to all streams. A stream whose socket
 * is full is left alone; it catches up from the feed, by its cursor, when the socket drains.
 * The format: WHATWG HTML, "Server-sent events".
 *
 * Read next: core/net/event_stream.h (the format), core/model/feed.h, clients/sse.c, servers/websocket.c. */
#include "harness/stream_set.h"

#include "base/clock.h"
#include "net/event_stream.h"
#include "net/http/reply.h"
#include "net/http/routes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RETRY_MS 2000

struct sse_server {
    struct server server; /* first */
    struct stream_set streams;
    double heartbeat_seconds;
};

static struct sse_server *sse_of(struct server *server) {
    return list_entry(server, struct sse_server, server);
}

static struct http_exchange *exchange_of(struct stream *stream) {
    return list_entry(stream, struct http_exchange, stream);
}

static const struct option options[] = {
    {"heartbeat_seconds", OPTION_NUMBER, offsetof(struct sse_server, heartbeat_seconds), "15", 0.1,
     3600, .unit = "s",
     .help = "silence until a stream gets a comment, so that proxies do not cut it (after 30 s)"},
    {NULL},
};

static const char help[] =
    "This server publishes events as Server-Sent Events: GET /events is an answer that never "
    "ends;\n"
    "each event has an id. Send the last one you have as Last-Event-ID and you get what came "
    "after\n"
    "it first. POST /publish adds an event: the body is its payload.\n\n"
    "    curl -N http://127.0.0.1:PORT/events\n"
    "    curl -N -H 'Last-Event-ID: 5c1f09aa-12' http://127.0.0.1:PORT/events\n";

/* A new event: encode it once, then write it to every stream. */
static void publish(struct server *server, struct event *event) {
    char id[CURSOR_SIZE];
    cursor_print(id, feed_cursor(&server->feed, event->seq));
    http_frame_begin(&event->frame);
    event_stream_encode(&event->frame, NULL, id, event->text, event->text_length);
    http_frame_end(&event->frame);
    stream_set_publish(&sse_of(server)->streams);
}

static bool full(struct stream *stream) { return http_stream_blocked(exchange_of(stream)); }

static bool give(struct stream *stream, struct event *event) {
    struct http_exchange *exchange = exchange_of(stream);
    exchange->since_ns = event->published_ns;
    return http_stream_write(exchange, &event->frame) >= 0;
}

static void tell_missed(struct stream *stream, uint64_t missed) {
    struct buffer frame = {0};
    char count[32];
    int length = snprintf(count, sizeof(count), "%" PRIu64, missed);
    http_frame_begin(&frame);
    event_stream_encode(&frame, "missed", NULL, count, (size_t)length);
    http_frame_end(&frame);
    http_stream_write(exchange_of(stream), &frame);
    buffer_free(&frame);
}

static const struct stream_handler handler = {
    .full = full,
    .give = give,
    .tell_missed = tell_missed,
};

/* Its socket takes more again. */
static void drained(struct http_exchange *exchange) {
    stream_catch_up(&sse_of(exchange->data)->streams, &exchange->stream);
}

static void gone(struct http_exchange *exchange) { stream_leave(&exchange->stream); }

/* The first things in the stream: how soon to come back after a break, and where it begins. An id
 * without data is no event, but a client that is cut off before the first one comes back with it. */
static void greet(struct http_exchange *exchange, const struct server_seat *seat) {
    const struct server *server = exchange->data;
    struct buffer frame = {0};
    char id[CURSOR_SIZE];
    cursor_print(id, feed_cursor(&server->feed, seat->after));
    http_frame_begin(&frame);
    event_stream_retry(&frame, RETRY_MS);
    event_stream_id(&frame, id);
    if (seat->reset) event_stream_encode(&frame, "reset", NULL, id, strlen(id));
    http_frame_end(&frame);
    http_stream_write(exchange, &frame);
    buffer_free(&frame);
}

/* GET /events: open the stream and begin with what the client has missed. Where the stream goes on:
 * Last-Event-ID from a client that reconnects, after= by hand, else now. */
static void get_events(struct http_exchange *exchange, void *data) {
    struct server *server = data;
    struct server_seat seat;
    if (server_seat(server, exchange, server->feed.newest, &seat) != 0) return;
    exchange->data = server;
    if (http_stream_begin(exchange,
                          "Content-Type: text/event-stream\r\nCache-Control: no-store\r\n"
                          "X-Accel-Buffering: no\r\n",
                          drained, gone) != 0)
        return;
    exchange->since_ns = clock_now_ns();
    stream_join(&sse_of(server)->streams, &exchange->stream, seat.after);
    greet(exchange, &seat);
    drained(exchange);
}

/* A comment to streams that were silent for long: proxies cut connections on which nothing moves,
 * and a write is how the server finds out that a client is gone. */
static void tick(struct server *server, int64_t now_ns) {
    struct list *position, *following;
    struct buffer frame = {0};
    int64_t heartbeat_ns = (int64_t)(sse_of(server)->heartbeat_seconds * NS_PER_SECOND);
    http_frame_begin(&frame);
    event_stream_comment(&frame, "still here");
    http_frame_end(&frame);
    list_each (position, following, &sse_of(server)->streams.streams) {
        struct http_exchange *exchange = list_entry(position, struct http_exchange, stream.link);
        if (now_ns - exchange->since_ns < heartbeat_ns || http_stream_blocked(exchange)) continue;
        exchange->since_ns = now_ns;
        http_stream_write(exchange, &frame);
    }
    buffer_free(&frame);
}

static int start(struct server *server) {
    stream_set_init(&sse_of(server)->streams, server, &handler);
    http_server_route(server->http, "GET", "/events", get_events, server);
    return server_listen_http(server);
}

const struct server_strategy sse_server = {
    .name = "sse",
    .size = sizeof(struct sse_server),
    .help = help,
    .options = options,
    .start = start,
    .publish = publish,
    .tick = tick,
};

int main(int argc, char **argv) { return server_main(argc, argv, &sse_server); }

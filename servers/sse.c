/* Server-Sent Events: one request, and an answer that never ends.
 *
 *     client                                   server
 *       | GET /events  Last-Event-ID: 12        |
 *       |-------------------------------------->|
 *       |<-- 200 text/event-stream -------------|
 *       |<-- id: 13 / data: {...} --------------|   what it missed
 *       |                                       |   event 14 is published
 *       |<-- id: 14 / data: {...} --------------|   written to every open stream
 *       |<-- : still here ----------------------|   a comment, when all is quiet
 *
 * The event is encoded once, and the same bytes are written to all streams. A stream whose socket
 * is full is left alone; it catches up from the feed, by its cursor, when the socket drains.
 * The format: WHATWG HTML, "Server-sent events".
 *
 * Read next: core/event_stream.h (the format), core/feed.h, clients/sse.c, servers/websocket.c. */
#include "server.h"

#include "clock.h"
#include "event_stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define HEARTBEAT_NS (15 * (int64_t)NS_PER_SECOND)
#define RETRY_MS 2000

static struct list streams = {&streams, &streams};
static uint64_t gaps; /* events that fell out of the feed before a slow stream got them */

static const char help[] =
    "This server publishes events as Server-Sent Events: GET /events is an answer that never "
    "ends;\n"
    "each event has its number as id. Send the last one you have as Last-Event-ID and you get "
    "what\n"
    "came after it first. POST /publish adds an event: the body is its payload.\n\n"
    "    curl -N http://127.0.0.1:PORT/events\n"
    "    curl -N -H 'Last-Event-ID: 12' http://127.0.0.1:PORT/events\n";

/* Tells a stream that events are gone for good. */
static void tell_gap(struct http_exchange *stream, uint64_t missed) {
    struct buffer frame = {0};
    char count[32];
    int length = snprintf(count, sizeof count, "%" PRIu64, missed);
    http_frame_begin(&frame);
    event_stream_encode(&frame, "missed", NULL, count, (size_t)length);
    http_frame_end(&frame);
    http_stream_write(stream, &frame);
    buffer_free(&frame);
    gaps += missed;
}

/* Writes what the stream has not had yet, until it is up to date or its socket is full. Called for
 * each new event, and again when a full socket has drained. */
static void catch_up(struct http_exchange *stream) {
    struct server *server = stream->data;
    const struct feed *feed = &server->feed;
    const struct event *event;
    uint64_t missed;
    while (!http_stream_blocked(stream) &&
           (event = feed_next(feed, stream->cursor, &missed)) != NULL) {
        if (missed > 0) tell_gap(stream, missed);
        stream->cursor = event->seq;
        server_sends(server, event, event->published_ns);
        if (http_stream_write(stream, &event->frame) < 0) return;
    }
    stream->since_ns = feed->newest_published_ns;
}

/* A new event: encode it once, then write it to every stream. */
static void publish(struct server *server, struct event *event) {
    struct list *position, *following;
    char id[32];
    (void)server;
    snprintf(id, sizeof id, "%" PRIu64, event->seq);
    http_frame_begin(&event->frame);
    event_stream_encode(&event->frame, NULL, id, event->text, event->text_length);
    http_frame_end(&event->frame);
    list_each (position, following, &streams)
        catch_up(list_entry(position, struct http_exchange, link));
}

static void forget(struct http_exchange *stream) { list_remove(&stream->link); }

/* Tells the client how soon to come back after a break, as the first thing in the stream. */
static void greet(struct http_exchange *stream) {
    struct buffer frame = {0};
    http_frame_begin(&frame);
    event_stream_retry(&frame, RETRY_MS);
    http_frame_end(&frame);
    http_stream_write(stream, &frame);
    buffer_free(&frame);
}

/* Where the stream goes on: Last-Event-ID from a client that reconnects, after= by hand, else now. */
static int find_cursor(struct http_exchange *exchange, const struct feed *feed) {
    const char *last_id = http_request_header(exchange, "last-event-id");
    char *end;
    exchange->cursor = feed->newest;
    if (last_id == NULL) return http_request_number(exchange, "after", &exchange->cursor);
    uint64_t id = strtoull(last_id, &end, 10);
    if (end != last_id && *end == '\0') exchange->cursor = id;
    return 0;
}

/* GET /events: open the stream and begin with what the client has missed. */
static void get_events(struct http_exchange *exchange, void *data) {
    struct server *server = data;
    if (find_cursor(exchange, &server->feed) == UV_EINVAL) {
        http_reply_text(exchange, 400, "after= wants the number of an event, e.g. after=12.");
        return;
    }
    exchange->data = server;
    exchange->cursor = feed_cursor(&server->feed, exchange->cursor);
    if (http_stream_begin(exchange,
                          "Content-Type: text/event-stream\r\nCache-Control: no-store\r\n"
                          "X-Accel-Buffering: no\r\n",
                          catch_up, forget) != 0)
        return;
    list_append(&streams, &exchange->link);
    greet(exchange);
    catch_up(exchange);
    exchange->since_ns = clock_now_ns();
}

/* A comment to streams that were silent for long: proxies cut connections on which nothing moves,
 * and a write is how the server finds out that a client is gone. */
static void tick(struct server *server, int64_t now_ns) {
    struct list *position, *following;
    struct buffer frame = {0};
    (void)server;
    http_frame_begin(&frame);
    event_stream_comment(&frame, "still here");
    http_frame_end(&frame);
    list_each (position, following, &streams) {
        struct http_exchange *stream = list_entry(position, struct http_exchange, link);
        if (now_ns - stream->since_ns < HEARTBEAT_NS || http_stream_blocked(stream)) continue;
        stream->since_ns = now_ns;
        http_stream_write(stream, &frame);
    }
    buffer_free(&frame);
}

static int start(struct server *server) {
    http_server_route(server->http, "GET", "/events", get_events, server);
    return server_listen_http(server);
}

static void report(struct server *server, json_t *counters) {
    (void)server;
    json_object_set_new(counters, "gaps", json_integer((json_int_t)gaps));
}

static const struct server_strategy sse = {.name = "sse",
                                           .help = help,
                                           .start = start,
                                           .publish = publish,
                                           .tick = tick,
                                           .report = report};

int main(int argc, char **argv) { return server_main(argc, argv, &sse); }

/* Long polling: the client asks, and the server answers when it has something to say.
 *
 *     client                                   server
 *       | GET /events?after=12                  |
 *       |-------------------------------------->|   nothing new: the request is parked
 *       |                                       |
 *       |                                       |   event 13 is published
 *       |<--------------- 200, one line --------|   the parked request is answered
 *       | GET /events?after=13                  |
 *       |-------------------------------------->|   parked ...
 *       |<--------------- 204 ------------------|   ... until hold_seconds have passed
 *
 * As fast as a push while the client's request is parked; an event that comes while the client is
 * on its way to ask again waits for it. Best practices: RFC 6202.
 *
 * Read next: core/http_server.h (http_park), clients/long_polling.c, servers/sse.c (the answer that
 * never ends). */
#include "server.h"

#include "clock.h"

#include <inttypes.h>
#include <stdio.h>

static int64_t hold_seconds;
static struct list parked = {&parked, &parked}; /* exchanges, longest waiting first */

static const struct option options[] = {
    {"hold_seconds", OPTION_INTEGER, &hold_seconds, "30", 1, 3600, .unit = "s",
     .help = "how long a request is held before it is answered with nothing"},
    {NULL},
};

static const char help[] =
    "This server publishes events by long polling: GET /events?after=N is answered as soon as "
    "there\n"
    "is an event after N, one a line, or with 204 when none came in time: then ask again. Without\n"
    "after= it waits for the next event. POST /publish adds an event: the body is its payload.\n\n"
    "    curl -i http://127.0.0.1:PORT/events\n"
    "    curl -d hello http://127.0.0.1:PORT/publish\n";

static const char headers[] = "Content-Type: application/x-ndjson\r\nCache-Control: no-store\r\n";

static void forget(struct http_exchange *exchange) { list_remove(&exchange->link); }

static void answer(struct http_exchange *exchange, int status, const struct buffer *lines) {
    forget(exchange);
    http_reply(exchange, status, headers, lines->data, lines->length);
}

static void park(struct http_exchange *exchange) {
    exchange->since_ns = clock_now_ns();
    list_append(&parked, &exchange->link);
    http_park(exchange, forget);
}

/* A parked request is up to date, or it would not be parked: the new event is its answer. Whoever
 * is answered while we walk may ask again at once, so the walk is over those parked by now. */
static void publish(struct server *server, struct event *event) {
    struct list waiting;
    buffer_clear(&event->frame);
    buffer_append(&event->frame, event->text, event->text_length);
    buffer_append(&event->frame, "\n", 1);
    list_init(&waiting);
    list_take(&waiting, &parked);
    while (!list_empty(&waiting)) {
        server_sends(server, event, event->published_ns);
        answer(list_entry(waiting.next, struct http_exchange, link), 200, &event->frame);
    }
}

/* GET /events: everything after the client's cursor, or wait for it. */
static void get_events(struct http_exchange *exchange, void *data) {
    struct server *server = data;
    uint64_t after = server->feed.newest;
    struct buffer lines = {0};
    int64_t since_ns = clock_now_ns();

    if (http_request_number(exchange, "after", &after) == UV_EINVAL) {
        http_reply_text(exchange, 400, "after= wants the number of an event, e.g. after=12.");
        return;
    }
    feed_lines(&server->feed, feed_cursor(&server->feed, after), &lines);
    if (lines.length > 0) {
        server_sends_all(server, after, since_ns);
        answer(exchange, 200, &lines);
    } else {
        park(exchange);
    }
    buffer_free(&lines);
}

/* Answers those that were held long enough: with nothing, so that neither they nor a proxy between
 * take the silence for a failure. */
static void tick(struct server *server, int64_t now_ns) {
    static const struct buffer nothing = {0};
    (void)server;
    while (!list_empty(&parked)) {
        struct http_exchange *longest = list_entry(parked.next, struct http_exchange, link);
        if (now_ns - longest->since_ns < hold_seconds * NS_PER_SECOND) break;
        answer(longest, 204, &nothing);
    }
}

static int start(struct server *server) {
    http_server_route(server->http, "GET", "/events", get_events, server);
    return server_listen_http(server);
}

static const struct server_strategy long_polling = {.name = "long_polling",
                                                    .help = help,
                                                    .options = options,
                                                    .start = start,
                                                    .publish = publish,
                                                    .tick = tick};

int main(int argc, char **argv) { return server_main(argc, argv, &long_polling); }

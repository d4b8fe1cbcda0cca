/* Long polling: the client asks, and the server answers when it has something to say.
 *
 *     client                                   server
 *       | GET /events?after=5c1f09aa-12         |
 *       |-------------------------------------->|   nothing new: the request is parked
 *       |                                       |
 *       |                                       |   event 13 is published
 *       |<------- 200, "5c1f09aa-13", one line -|   the parked request is answered
 *       | GET /events?after=5c1f09aa-13         |
 *       |-------------------------------------->|   parked ...
 *       |<--------------- 204 ------------------|   ... until hold_seconds have passed
 *
 * As fast as a push while the client's request is parked; an event that comes while the client is
 * on its way to ask again waits for it. Best practices: RFC 6202.
 *
 * Read next: core/net/http/server.h (http_park), clients/long_polling.c, servers/sse.c (the answer that
 * never ends). */
#include "harness/server.h"

#include "base/clock.h"
#include "base/limits.h"
#include "net/http/reply.h"
#include "net/http/request.h"
#include "net/http/routes.h"

#include <stdio.h>

struct long_polling_server {
    struct server server; /* first */
    struct list parked;   /* exchanges, longest waiting first */
    int64_t hold_seconds;
};

static struct long_polling_server *long_polling_of(struct server *server) {
    return list_entry(server, struct long_polling_server, server);
}

static const struct option options[] = {
    {"hold_seconds", OPTION_INTEGER, offsetof(struct long_polling_server, hold_seconds), "30", 1,
     3600, .unit = "s", .help = "how long a request is held before it is answered with nothing"},
    {NULL},
};

static const char help[] =
    "This server publishes events by long polling: GET /events?after=CURSOR is answered as soon "
    "as\n"
    "there is an event after it, one per line, or with 204 when none came in time: then ask again. "
    "The\n"
    "ETag of an answer is the cursor for the next request. Without after= it waits for the next\n"
    "event; HEAD waits for nothing. POST /publish adds an event: the body is its payload.\n\n"
    "    curl -i http://127.0.0.1:PORT/events\n"
    "    curl -d hello http://127.0.0.1:PORT/publish\n";

static void forget(struct http_exchange *exchange) { list_remove(&exchange->stream.link); }

/* An answer says where the next request goes on; 204 when there is nothing in it. */
static void answer(struct server *server, struct http_exchange *exchange,
                   const struct server_seat *seat, const struct feed_span *span,
                   const char *lines) {
    struct buffer head = {0};
    char fields[SERVER_FIELDS_SIZE];
    bool news = span->bytes > 0 || seat->reset || http_request_is_head(exchange);
    forget(exchange);
    buffer_printf(&head, "%sCache-Control: no-store\r\n%s",
                  news ? "Content-Type: application/x-ndjson\r\n" : "",
                  server_fields(server, fields, span->last, seat, span->missed));
    http_reply(exchange, news ? 200 : 204, head.data, lines, span->bytes);
    buffer_free(&head);
}

static void park(struct long_polling_server *own, struct http_exchange *exchange) {
    exchange->since_ns = clock_now_ns();
    list_append(&own->parked, &exchange->stream.link);
    http_park(exchange, forget);
}

/* A parked request is up to date, or it would not be parked: the new event is its answer. */
static void publish(struct server *server, struct event *event) {
    static const struct server_seat up_to_date = {.reset = false};
    struct list *parked = &long_polling_of(server)->parked;
    buffer_append(&event->frame, event->text, event->text_length);
    buffer_append(&event->frame, "\n", 1);
    struct feed_span span = {.last = event->seq, .bytes = event->frame.length};
    while (!list_empty(parked)) {
        struct http_exchange *exchange =
            list_entry(parked->next, struct http_exchange, stream.link);
        if (http_reply_gives(exchange, span.bytes))
            server_sends(server, event, event->published_ns);
        answer(server, exchange, &up_to_date, &span, event->frame.data);
    }
}

/* GET /events: everything after the client's cursor, or wait for it. HEAD waits for nothing: it asks
 * where one would begin. */
static void get_events(struct http_exchange *exchange, void *data) {
    struct server *server = data;
    struct server_seat seat;
    struct buffer lines = {0};
    int64_t since_ns = clock_now_ns();
    if (server_seat(server, exchange, server->feed.newest, &seat) != 0) return;

    bool head = http_request_is_head(exchange);
    struct feed_span span = {.last = seat.after};
    if (!head) span = feed_span(&server->feed, seat.after, SERVER_ANSWER_BYTES);
    if (span.bytes == 0 && !seat.reset && !head) {
        park(long_polling_of(server), exchange);
        return;
    }
    if (http_reply_gives(exchange, span.bytes)) {
        buffer_reserve(&lines, span.bytes);
        feed_lines(&server->feed, seat.after, span.last, &lines);
        server_missed(server, span.missed);
        server_sends_all(server, seat.after, span.last, since_ns);
    }
    answer(server, exchange, &seat, &span, lines.data);
    buffer_free(&lines);
}

/* Answers those that were held long enough: with nothing, so that neither they nor a proxy between
 * take the silence for a failure. */
static void tick(struct server *server, int64_t now_ns) {
    static const struct server_seat up_to_date = {.reset = false};
    struct feed_span nothing = {.last = server->feed.newest};
    struct long_polling_server *own = long_polling_of(server);
    while (!list_empty(&own->parked)) {
        struct http_exchange *longest =
            list_entry(own->parked.next, struct http_exchange, stream.link);
        if (now_ns - longest->since_ns < own->hold_seconds * NS_PER_SECOND) break;
        answer(server, longest, &up_to_date, &nothing, "");
    }
}

static int start(struct server *server) {
    list_init(&long_polling_of(server)->parked);
    http_server_route(server->http, "GET", "/events", get_events, server);
    return server_listen_http(server);
}

const struct server_strategy long_polling_server = {
    .name = "long_polling",
    .size = sizeof(struct long_polling_server),
    .help = help,
    .options = options,
    .start = start,
    .publish = publish,
    .tick = tick,
};

int main(int argc, char **argv) { return server_main(argc, argv, &long_polling_server); }

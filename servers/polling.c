/* Polling: the client asks again and again; most of the time there is nothing new.
 *
 *     client                                   server
 *       | GET /events?after=5c1f09aa-12  If-None-Match: "5c1f09aa-12"
 *       |---------------------------------------->|
 *       |<---- 304 Not Modified, "5c1f09aa-12" ---|   nothing new
 *       |              (interval)                 | ... event 13 is published
 *       | GET /events?after=5c1f09aa-12  If-None-Match: "5c1f09aa-12"
 *       |---------------------------------------->|
 *       |<---- 200, "5c1f09aa-13", one line ------|
 *
 * The tag is a cursor (core/model/cursor.h): this life of the server, and the newest event in the answer.
 *
 * The server does nothing when an event is published: there is no `publish` hook. It cannot reach
 * the client; an event waits in the feed until somebody asks, half an interval on average.
 *
 * Read next: core/model/feed.h (what the server remembers), clients/polling.c (who asks, and when),
 * servers/long_polling.c (the same question, answered later). */
#include "harness/server.h"

#include "base/clock.h"
#include "base/limits.h"
#include "net/http/reply.h"
#include "net/http/request.h"
#include "net/http/routes.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "This server publishes events by polling: ask GET /events for all it holds. The answer's ETag "
    "is\n"
    "the cursor of the newest event in it: ask GET /events?after=CURSOR for what came later. Send "
    "the\n"
    "ETag back in If-None-Match and the answer is 304 while nothing is new. POST /publish adds an\n"
    "event: the body is its payload.\n\n"
    "    curl -i http://127.0.0.1:PORT/events\n"
    "    curl -i -H 'If-None-Match: \"5c1f09aa-12\"' "
    "'http://127.0.0.1:PORT/events?after=5c1f09aa-12'\n";

/* Whether the list of tags in If-None-Match, weak or strong, holds this one (RFC 9110, 13.1.2). Ours
 * is in it when its text is, for a tag holds no quotes but its own. */
static bool holds_tag(const char *list, const char *etag) {
    return list != NULL && (strstr(list, etag) != NULL || strcmp(list, "*") == 0);
}

/* GET /events: everything after the client's cursor, one event per line, or 304. */
static void get_events(struct http_exchange *exchange, void *data) {
    struct server *server = data;
    const struct feed *feed = &server->feed;
    char cursor[CURSOR_SIZE], etag[CURSOR_SIZE + 2], fields[SERVER_FIELDS_SIZE];
    struct server_seat seat;
    struct buffer head = {0}, body = {0};
    int64_t since_ns = clock_now_ns();

    if (server_seat(server, exchange, feed_oldest(feed) - 1, &seat) != 0) return;
    snprintf(etag, sizeof(etag), "\"%s\"", cursor_print(cursor, feed_cursor(feed, feed->newest)));
    bool unchanged = holds_tag(http_request_header(exchange, "if-none-match"), etag);

    uint64_t after = unchanged ? feed->newest : seat.after;
    struct feed_span span = feed_span(feed, after, SERVER_ANSWER_BYTES);
    if (!unchanged && http_reply_gives(exchange, span.bytes)) {
        buffer_reserve(&body, span.bytes);
        feed_lines(feed, after, span.last, &body);
        server_missed(server, span.missed);
        server_sends_all(server, after, span.last, since_ns);
    }
    buffer_printf(&head, "Content-Type: application/x-ndjson\r\nCache-Control: no-cache\r\n%s",
                  server_fields(server, fields, span.last, &seat, span.missed));
    http_reply(exchange, unchanged ? 304 : 200, head.data, body.data, span.bytes);
    buffer_free(&head);
    buffer_free(&body);
}

static int start(struct server *server) {
    http_server_route(server->http, "GET", "/events", get_events, server);
    return server_listen_http(server);
}

const struct server_strategy polling_server = {
    .name = "polling",
    .size = sizeof(struct server), /* it keeps nothing of its own */
    .help = help,
    .start = start,
};

int main(int argc, char **argv) { return server_main(argc, argv, &polling_server); }

/* Polling: the client asks again and again; most of the time there is nothing new.
 *
 *     client                                   server
 *       | GET /events?after=12  If-None-Match: "12"
 *       |---------------------------------------->|
 *       |<------------- 304 Not Modified, "12" ---|   nothing new
 *       |              (interval)                 | ... event 13 is published
 *       | GET /events?after=12  If-None-Match: "12"
 *       |---------------------------------------->|
 *       |<------------- 200, "13", one line ------|
 *
 * The server does nothing when an event is published: there is no `publish` hook. It cannot reach
 * the client; an event waits in the feed until somebody asks, half an interval on average.
 *
 * Read next: core/feed.h (what the server remembers), clients/polling.c (who asks, and when),
 * servers/long_polling.c (the same question, answered later). */
#include "server.h"

#include "clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "This server publishes events by polling: ask GET /events for all it holds, GET "
    "/events?after=N\n"
    "for what came after event N. The ETag is the number of the newest event; send it back in\n"
    "If-None-Match and the answer is 304 while nothing is new. POST /publish adds an event: the\n"
    "body is its payload.\n\n"
    "    curl -i http://127.0.0.1:PORT/events?after=0\n"
    "    curl -i -H 'If-None-Match: \"12\"' http://127.0.0.1:PORT/events?after=12\n";

/* GET /events: everything after the client's cursor, one event a line, or 304. */
static void get_events(struct http_exchange *exchange, void *data) {
    struct server *server = data;
    const struct feed *feed = &server->feed;
    char headers[192], etag[32];
    uint64_t after = 0, missed;
    struct buffer body = {0};
    int64_t since_ns = clock_now_ns();

    if (http_request_number(exchange, "after", &after) == UV_EINVAL) {
        http_reply_text(exchange, 400, "after= wants the number of an event, e.g. after=12.");
        return;
    }
    snprintf(etag, sizeof etag, "\"%" PRIu64 "\"", feed->newest);
    const char *known = http_request_header(exchange, "if-none-match");
    /* A list of tags, weak or strong (RFC 9110, 13.1.2): ours is in it when its text is, for a tag
     * holds no quotes but its own. */
    bool unchanged = known != NULL && (strstr(known, etag) != NULL || strcmp(known, "*") == 0);

    missed = unchanged ? 0 : feed_lines(feed, feed_cursor(feed, after), &body);
    int length = snprintf(
        headers, sizeof headers,
        "Content-Type: application/x-ndjson\r\nETag: %s\r\nCache-Control: no-cache\r\n", etag);
    if (missed > 0)
        snprintf(headers + length, sizeof headers - (size_t)length,
                 "Events-Missed: %" PRIu64 "\r\n", missed);
    if (!unchanged) server_sends_all(server, after, since_ns);
    http_reply(exchange, unchanged ? 304 : 200, headers, body.length > 0 ? body.data : "",
               body.length);
    buffer_free(&body);
}

static int start(struct server *server) {
    http_server_route(server->http, "GET", "/events", get_events, server);
    return server_listen_http(server);
}

static const struct server_strategy polling = {.name = "polling", .help = help, .start = start};

int main(int argc, char **argv) { return server_main(argc, argv, &polling); }

/* Many users with an event stream open: one request each, and an answer that is read as it comes.
 * Behaves as a browser's EventSource does (WHATWG HTML, "Server-sent events"): it comes back with
 * Last-Event-ID when the stream breaks, but not when the server answers with anything else than an
 * event stream. See servers/sse.c.
 *
 * Read next: core/net/event_stream.h, core/net/http/client.h, clients/websocket.c. */
#include "harness/client.h"

#include "base/clock.h"
#include "net/event_stream.h"
#include "net/http/client.h"

#include <string.h>
#include <strings.h>

#define CONNECT_NS (15 * (int64_t)NS_PER_SECOND)
#define RETRY_MOST_MS 3600000 /* an hour: a mistake over there is no reason to sleep for ever */

struct sse_subscriber {
    struct subscriber base; /* first */
    struct http_client http;
    struct event_stream_parser *parser; /* keeps the last event ID over breaks */
};

static struct sse_subscriber *own_of(struct subscriber *base) {
    return list_entry(base, struct sse_subscriber, base);
}

static struct sse_subscriber *subscriber_of(struct http_client *http) {
    return list_entry(http, struct sse_subscriber, http);
}

/* An event, or word from the server about what is gone. Its id says where the stream is. */
static void on_event(void *context, const char *type, const char *last_event_id, const char *data,
                     size_t length) {
    struct sse_subscriber *s = context;
    uint64_t missed;
    subscriber_at(&s->base, last_event_id, strlen(last_event_id));
    if (strcmp(type, "message") == 0)
        subscriber_receive(&s->base, data, length);
    else if (strcmp(type, "missed") == 0 && cursor_number(data, length, &missed))
        subscriber_missed(&s->base, missed);
}

/* The server says how long to wait before coming back. */
static void on_retry(void *context, uint64_t milliseconds) {
    struct sse_subscriber *s = context;
    if (milliseconds > RETRY_MOST_MS) milliseconds = RETRY_MOST_MS;
    s->base.pause_ns = (int64_t)milliseconds * NS_PER_MS;
}

/* An id may hold control characters, a field of a request may not: such a one cannot be sent back. */
static bool is_sendable(const char *id) {
    for (; *id != '\0'; id++)
        if (((unsigned char)*id < ' ' && *id != '\t') || *id == 0x7f) return false;
    return true;
}

/* An id that came without an event was told to nobody: it is where this user is all the same. */
static void on_connected(struct http_client *http) {
    struct sse_subscriber *s = subscriber_of(http);
    struct buffer request = {0};
    const char *last_id = event_stream_last_id(s->parser);
    subscriber_at(&s->base, last_id, strlen(last_id));
    buffer_printf(&request,
                  "GET /events HTTP/1.1\r\nHost: %s\r\nAccept: text/event-stream\r\n"
                  "Cache-Control: no-store\r\n",
                  subscriber_host(&s->base));
    if (*last_id != '\0' && is_sendable(last_id))
        buffer_printf(&request, "Last-Event-ID: %s\r\n", last_id);
    buffer_append(&request, "\r\n", 2);
    subscriber_count(&s->base, &s->base.all->counters.requests);
    http_client_send(http, request.data, request.length);
    buffer_free(&request);
}

static bool is_event_stream(const struct http_response *response) {
    const char *type = http_response_header(response, "content-type");
    static const char wanted[] = "text/event-stream";
    size_t length = sizeof(wanted) - 1;
    return response->status == 200 && type != NULL && strncasecmp(type, wanted, length) == 0 &&
           (type[length] == '\0' || type[length] == ';' || type[length] == ' ');
}

static void on_head(struct http_client *http, const struct http_response *response) {
    struct sse_subscriber *s = subscriber_of(http);
    if (is_event_stream(response)) {
        subscriber_up(&s->base);
        return;
    }
    subscriber_refused(&s->base, response->status, NULL, true);
    http_client_close(http);
}

static void on_body(struct http_client *http, const char *bytes, size_t length) {
    struct sse_subscriber *s = subscriber_of(http);
    if (event_stream_parse(s->parser, bytes, length) != 0)
        subscriber_fail(&s->base, "it sent an event above 16 MiB");
}

static void on_closed(struct http_client *http, int error) {
    struct sse_subscriber *s = subscriber_of(http);
    event_stream_parser_reset(s->parser);
    if (subscriber_stopping(&s->base)) event_stream_parser_free(s->parser);
    subscriber_down(&s->base, error);
}

/* A stream that ends in order is a stream that broke: come back. */
static void on_response(struct http_client *http, const struct http_response *response) {
    (void)response;
    http_client_close(http);
}

static const struct http_client_handler handler = {
    .connected = on_connected,
    .head = on_head,
    .body = on_body,
    .response = on_response,
    .closed = on_closed,
};

static int subscribe(struct subscriber *base) {
    struct sse_subscriber *s = own_of(base);
    struct event_stream_handler events = {on_event, on_retry, s};
    if (s->parser == NULL) s->parser = event_stream_parser_new(&events);
    subscriber_expect(base, CONNECT_NS);
    http_client_connect(&s->http, base->all->network, subscriber_server(base),
                        subscriber_source(base), &handler);
    return 0;
}

static void unsubscribe(struct subscriber *base) { http_client_close(&own_of(base)->http); }

/* Those without a connection will not come to on_closed any more. */
static void stop(struct client *client) {
    for (uint32_t i = 0; i < client->subscribers.count; i++) {
        struct sse_subscriber *s = own_of(subscriber_find(&client->subscribers, i));
        if (!s->http.in_use) event_stream_parser_free(s->parser);
    }
}

const struct client_strategy sse_client = {
    .name = "sse",
    .subscriber_size = sizeof(struct sse_subscriber),
    .subscribe = subscribe,
    .unsubscribe = unsubscribe,
    .stop = stop,
};

int main(int argc, char **argv) { return client_main(argc, argv, &sse_client); }

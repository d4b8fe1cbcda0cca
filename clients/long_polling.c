/* Many users that poll long: each asks what is new, waits for the answer however long it takes, and
 * asks again at once. Before the first question it asks where to begin (HEAD /events): the answer to
 * that comes at once, so it shows that somebody is there. See servers/long_polling.c.
 *
 * Read next: core/harness/client.h, core/net/http/client.h, clients/sse.c. */
#include "harness/client.h"

#include "base/clock.h"
#include "net/http/client.h"

#include <string.h>

#define HELD_NS (800 * NS_PER_MS) /* an empty answer that comes sooner was not held */
#define PATIENCE_NS (10 * (int64_t)NS_PER_SECOND) /* more than the server holds a request */

struct long_polling_subscriber {
    struct subscriber base; /* first */
    struct http_client http;
    bool knocked; /* it has been told where to begin */
    bool goes_on; /* the answer was good, and the last on its connection: ask on another, at once */
};

struct long_polling_client {
    struct client client; /* first */
    int64_t hold_seconds;
};

static const struct option options[] = {
    {"hold_seconds", OPTION_INTEGER, offsetof(struct long_polling_client, hold_seconds), "30", 1,
     3600, .unit = "s",
     .help = "how long the server holds a request; this client waits 10 s longer"},
    {NULL},
};

static struct long_polling_subscriber *own_of(struct subscriber *base) {
    return list_entry(base, struct long_polling_subscriber, base);
}

static int64_t hold_ns(const struct subscriber *s) {
    const struct client *client = subscriber_client(s);
    return list_entry(client, struct long_polling_client, client)->hold_seconds * NS_PER_SECOND;
}

static struct long_polling_subscriber *subscriber_of(struct http_client *http) {
    return list_entry(http, struct long_polling_subscriber, http);
}

static void send_request(struct long_polling_subscriber *s, const char *method) {
    struct buffer request = {0};
    char cursor[CURSOR_SIZE];
    buffer_printf(&request, "%s /events", method);
    if (s->base.placed) buffer_printf(&request, "?after=%s", cursor_print(cursor, s->base.cursor));
    buffer_printf(&request, " HTTP/1.1\r\nHost: %s\r\n\r\n", subscriber_host(&s->base));
    subscriber_count(&s->base, &s->base.all->counters.requests);
    s->base.asked_ns = clock_now_ns();
    http_client_send(&s->http, request.data, request.length);
    buffer_free(&request);
}

/* Which place to begin at, and whether this server serves: a HEAD is answered at once. */
static void knock(struct long_polling_subscriber *s) {
    s->knocked = false;
    s->http.no_body = true;
    send_request(s, "HEAD");
}

/* GET /events?after=CURSOR: answered when there is an event after it. */
static void ask(struct long_polling_subscriber *s) {
    s->http.no_body = false;
    send_request(s, "GET");
    subscriber_expect(&s->base, hold_ns(&s->base) + PATIENCE_NS);
}

static void on_connected(struct http_client *http) {
    struct long_polling_subscriber *s = subscriber_of(http);
    if (s->base.up)
        ask(s);
    else
        knock(s);
}

/* The answer to HEAD tells its place to one that has none. Whoever comes back keeps its own, and is
 * told by the next answer what became of it. */
static void begin(struct long_polling_subscriber *s, const struct http_response *response) {
    s->knocked = true;
    const char *etag = http_response_header(response, "etag");
    if (!s->base.placed && etag != NULL) subscriber_at(&s->base, etag, strlen(etag));
    subscriber_up(&s->base);
}

/* Asking again at once is right when the answer was news, or was held; else it would be a storm. */
static bool take_answer(struct long_polling_subscriber *s, const struct http_response *response) {
    bool held = clock_now_ns() - s->base.asked_ns > HELD_NS;
    return subscriber_answered(&s->base, response) || held;
}

static void on_response(struct http_client *http, const struct http_response *response) {
    struct long_polling_subscriber *s = subscriber_of(http);
    bool good = response->status == 200 || response->status == 204;
    if (!good)
        subscriber_refused(&s->base, response->status,
                           http_response_header(response, "retry-after"), false);
    else if (!s->knocked)
        begin(s, response);
    else
        good = take_answer(s, response);
    if (good && response->keep_alive) {
        ask(s);
        return;
    }
    s->goes_on = good;
    http_client_close(http); /* and come back: at once, or after a pause */
}

static int subscribe(struct subscriber *);

static void on_closed(struct http_client *http, int error) {
    struct long_polling_subscriber *s = subscriber_of(http);
    bool goes_on = s->goes_on && !subscriber_stopping(&s->base);
    s->goes_on = false;
    if (goes_on)
        subscribe(&s->base);
    else
        subscriber_down(&s->base, error);
}

static const struct http_client_handler handler = {
    .connected = on_connected,
    .response = on_response,
    .closed = on_closed,
};

static int subscribe(struct subscriber *base) {
    struct long_polling_subscriber *s = own_of(base);
    subscriber_expect(base, PATIENCE_NS);
    http_client_connect(&s->http, base->all->network, subscriber_server(base),
                        subscriber_source(base), &handler);
    return 0;
}

static void unsubscribe(struct subscriber *base) { http_client_close(&own_of(base)->http); }

const struct client_strategy long_polling_client = {
    .name = "long_polling",
    .size = sizeof(struct long_polling_client),
    .subscriber_size = sizeof(struct long_polling_subscriber),
    .options = options,
    .subscribe = subscribe,
    .unsubscribe = unsubscribe,
};

int main(int argc, char **argv) { return client_main(argc, argv, &long_polling_client); }

/* Many users that poll long: each asks what is new, waits for the answer however long it takes, and
 * asks again at once. See servers/long_polling.c.
 *
 * Read next: core/client.h, core/http_client.h, clients/sse.c. */
#include "client.h"

#include "clock.h"
#include "http_client.h"
#include "log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define PATIENCE_NS (10 * (int64_t)NS_PER_SECOND) /* more than the server holds a request */

struct long_polling_subscriber {
    struct subscriber base; /* first */
    struct http_client http;
};

static int64_t hold_seconds;

static const struct option options[] = {
    {"hold_seconds", OPTION_INTEGER, &hold_seconds, "30", 1, 3600, .unit = "s",
     .help = "how long the server holds a request; this client waits 10 s longer"},
    {NULL},
};

static struct long_polling_subscriber *subscriber_of(struct http_client *http) {
    return (
        struct long_polling_subscriber *)(void *)((char *)http -
                                                  offsetof(struct long_polling_subscriber, http));
}

/* GET /events?after=CURSOR: answered when there is an event after it. */
static void ask(struct long_polling_subscriber *s) {
    struct client *client = s->base.client;
    char request[128];
    int length = snprintf(request, sizeof request,
                          "GET /events?after=%" PRIu64 " HTTP/1.1\r\nHost: %s\r\n\r\n",
                          s->base.ledger.highest, client->host);
    client_count(client, &client->counters.requests);
    s->base.asked_ns = clock_now_ns();
    http_client_send(&s->http, request, (size_t)length);
    subscriber_up(&s->base);
    subscriber_expect(&s->base, hold_seconds * NS_PER_SECOND + PATIENCE_NS);
}

static void on_connected(struct http_client *http) { ask(subscriber_of(http)); }

static void on_response(struct http_client *http, const struct http_response *response) {
    struct long_polling_subscriber *s = subscriber_of(http);
    struct client *client = s->base.client;
    if (response->status == 204)
        client_count(client, &client->counters.empty_responses);
    else if (response->status == 200)
        subscriber_receive_lines(&s->base, response->body, response->body_length);
    else {
        log_error("subscriber %u: the server answered %d", s->base.index, response->status);
        http_client_close(http);
        return;
    }
    if (response->keep_alive) ask(s);
}

static void on_closed(struct http_client *http, int error) {
    subscriber_down(&subscriber_of(http)->base, error);
}

static const struct http_client_handler handler = {
    .connected = on_connected, .response = on_response, .closed = on_closed};

static int subscribe(struct subscriber *base) {
    struct long_polling_subscriber *s = (struct long_polling_subscriber *)base;
    subscriber_expect(base, PATIENCE_NS);
    http_client_connect(&s->http, &base->client->network, subscriber_server(base),
                        subscriber_source(base), &handler);
    return 0;
}

static void unsubscribe(struct subscriber *base) {
    http_client_close(&((struct long_polling_subscriber *)base)->http);
}

static const struct client_strategy long_polling = {.name = "long_polling",
                                                    .subscriber_size =
                                                        sizeof(struct long_polling_subscriber),
                                                    .options = options,
                                                    .subscribe = subscribe,
                                                    .unsubscribe = unsubscribe};

int main(int argc, char **argv) { return client_main(argc, argv, &long_polling); }

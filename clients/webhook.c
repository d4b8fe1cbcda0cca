/* Webhook, the subscriber's side: it registers its address with the server and is then a server
 * itself, one for all subscribers of the process.
 *
 *   subscriber                                             server
 *     |-- POST /hooks {"url":".../hooks/7","secret":...} --->|
 *     |<- 201 {"id":"7-5c1f..."} ----------------------------|   up; this connection is closed
 *     |                                                      |
 *     |<- POST /hooks/7 {"seq":42,...} ----------------------|   on a connection from the server
 *     |-- 204 ---------------------------------------------->|   if the signature is right
 *     |-- 401 ---------------------------------------------->|   if it is not
 *
 * What a receiver must do (Standard Webhooks): check the signature over the raw bytes, with the
 * time in it; answer before it works on the event, or a slow receiver is taken for a broken one;
 * and expect the same message twice, because an answer can get lost.
 *
 * Read next: servers/webhook.c, the other end; webhook/watch.h, what becomes of a registration when
 * the server begins anew; core/signature.h. */
#include "webhook/watch.h"

#include "base64.h"
#include "clock.h"
#include "http_client.h"
#include "http_server.h"
#include "log.h"
#include "report.h"
#include "signature.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REGISTER_NS (10 * (int64_t)NS_PER_SECOND)
#define TOLERANCE_SECONDS 300 /* how far a message's time may be from ours */
#define SECRET_BYTES 32
#define REMEMBERED 4 /* messages come one at a time: a repeated one is among the last */

struct receiver {
    struct subscriber subscriber; /* first */
    struct http_client registration;
    struct signature_key key;
    uint64_t seen[REMEMBERED]; /* hashes of the last messages' ids */
    unsigned int next_seen;
};

static const char *receive_address;
static const struct option options[] = {
    {"receive_address", OPTION_TEXT, &receive_address, "127.0.0.1",
     .help = "own address, to listen on and to register with the server", .form = "address"},
    {NULL},
};

static struct http_server *http;
static struct watches *watches;
static int port;
static uint64_t repeated, refused;

/* --- receiving ------------------------------------------------------------------------------- */

/* Whether this message came before; remembers it. FNV-1a: 64 bits are enough among four. */
static bool seen_before(struct receiver *receiver, const char *id) {
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *id != '\0'; id++) hash = (hash ^ (unsigned char)*id) * UINT64_C(1099511628211);
    for (int i = 0; i < REMEMBERED; i++)
        if (receiver->seen[i] == hash) return true;
    receiver->seen[receiver->next_seen++ % REMEMBERED] = hash;
    return false;
}

static struct receiver *addressee(struct client *client, const char *path) {
    char *end;
    const char *digits = path + strlen("/hooks/");
    uint32_t first = client_subscriber(client, 0)->index;
    uint64_t index = strtoull(digits, &end, 10);
    if (end == digits || *end != '\0' || index < first) return NULL;
    if (index - first >= client->subscriber_count) return NULL;
    return (struct receiver *)client_subscriber(client, (uint32_t)(index - first));
}

static void take_missed(struct receiver *receiver, const struct http_exchange *exchange) {
    const char *text = http_request_header(exchange, "pushpull-missed");
    uint64_t missed;
    if (text != NULL && cursor_number(text, strlen(text), &missed))
        subscriber_missed(&receiver->subscriber, missed);
}

static void post_event(struct http_exchange *exchange, void *data) {
    struct client *client = data;
    struct receiver *receiver = addressee(client, http_request_path(exchange));
    const char *id = http_request_header(exchange, "webhook-id");
    size_t length;
    const char *body = http_request_body(exchange, &length);
    client_count(client, &client->counters.requests);
    if (receiver == NULL) {
        http_reply_text(exchange, 404, "Nobody of this number is here.");
    } else if (signature_verify(&receiver->key, id,
                                http_request_header(exchange, "webhook-timestamp"),
                                http_request_header(exchange, "webhook-signature"), body, length,
                                clock_unix_seconds(), TOLERANCE_SECONDS) != 0) {
        client_count(client, &refused);
        client_count(client, &client->counters.errors);
        http_reply_text(exchange, 401, "The signature does not fit.");
    } else {
        http_reply(exchange, 204, "", "", 0);
        if (seen_before(receiver, id)) {
            client_count(client, &repeated);
        } else {
            take_missed(receiver, exchange);
            subscriber_receive(&receiver->subscriber, body, length);
            const char *place = strrchr(id, '_'); /* our own server's ids end in the cursor */
            if (place != NULL) subscriber_at(&receiver->subscriber, place + 1, strlen(place + 1));
        }
    }
}

/* --- registering ------------------------------------------------------------------------------ */

static struct receiver *registering(struct http_client *registration) {
    return (struct receiver *)((char *)registration - offsetof(struct receiver, registration));
}

/* A secret of its own for each subscriber, the same for the same seed. */
static char *make_secret(const struct subscriber *subscriber) {
    unsigned char bytes[SECRET_BYTES];
    struct random random;
    random_seed(&random, random_derive(subscriber->client->seed, subscriber->index));
    for (size_t i = 0; i < sizeof(bytes); i++) bytes[i] = (unsigned char)random_next(&random);
    char *text = base64_encode(bytes, sizeof(bytes));
    char *secret = xasprintf(SIGNATURE_SECRET_PREFIX "%s", text);
    free(text);
    return secret;
}

static void send_registration(struct http_client *registration) {
    struct receiver *receiver = registering(registration);
    char *secret = make_secret(&receiver->subscriber);
    signature_key_parse(&receiver->key, secret);
    char cursor[CURSOR_SIZE], place[CURSOR_SIZE + 12] = "";
    if (receiver->subscriber.placed)
        snprintf(place, sizeof place, ",\"after\":\"%s\"",
                 cursor_print(cursor, receiver->subscriber.cursor));
    char *body = xasprintf("{\"url\":\"http://%s:%d/hooks/%u\",\"secret\":\"%s\"%s}",
                           receive_address, port, receiver->subscriber.index, secret, place);
    char *request =
        xasprintf("POST /hooks HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
                  "Connection: close\r\nContent-Length: %zu\r\n\r\n%s",
                  subscriber_host(&receiver->subscriber), strlen(body), body);
    http_client_send(registration, request, strlen(request));
    free(request);
    free(body);
    free(secret);
}

static void registered(struct http_client *registration, const struct http_response *response) {
    struct subscriber *subscriber = &registering(registration)->subscriber;
    if (response->status != 201) {
        subscriber_refused(subscriber, response->status,
                           http_response_header(response, "retry-after"), false);
        http_client_close(registration);
        return;
    }
    json_t *answer = json_loadb(response->body, response->body_length, 0, NULL);
    const char *after = json_string_value(json_object_get(answer, "after"));
    const char *id = json_string_value(json_object_get(answer, "id"));
    if (after != NULL) subscriber_at(subscriber, after, strlen(after));
    if (id != NULL) watches_over(watches, subscriber, id);
    json_decref(answer);
    subscriber_up(subscriber);
}

/* The registration's connection is gone: as it should be, or before there was a good answer. */
static void disconnected(struct http_client *registration, int error) {
    struct subscriber *subscriber = &registering(registration)->subscriber;
    if (!subscriber->up) subscriber_down(subscriber, error);
}

static const struct http_client_handler registration_handler = {
    .connected = send_registration, .response = registered, .closed = disconnected};

static int subscribe(struct subscriber *subscriber) {
    struct receiver *receiver = (struct receiver *)subscriber;
    if (receiver->registration.in_use) return UV_EBUSY; /* the last one is not closed yet */
    subscriber_expect(subscriber, REGISTER_NS);
    http_client_connect(&receiver->registration, &subscriber->client->network,
                        subscriber_server(subscriber), subscriber_source(subscriber),
                        &registration_handler);
    return 0;
}

static void unsubscribe(struct subscriber *subscriber) {
    struct receiver *receiver = (struct receiver *)subscriber;
    if (receiver->registration.in_use) http_client_close(&receiver->registration);
}

/* --- start and end ----------------------------------------------------------------------------- */

static int start(struct client *client) {
    http = http_server_new(&client->network);
    http_server_body_max(http, EVENT_TEXT_MAX);
    http_server_route(http, "POST", "/hooks/*", post_event, client);
    port = http_server_listen(http, receive_address, 0);
    client->wire_port = port;
    watches = watches_new(client);
    return port < 0 ? port : 0;
}

static void stop(struct client *client) {
    (void)client;
    watches_close(watches);
    http_server_close(http);
}

static void report(struct client *client, json_t *counters) {
    (void)client;
    report_number(counters, "repeated", repeated);
    report_number(counters, "bad_signatures", refused);
}

static const struct client_strategy strategy = {
    .name = "webhook",
    .subscriber_size = sizeof(struct receiver),
    .options = options,
    .start = start,
    .subscribe = subscribe,
    .unsubscribe = unsubscribe,
    .stop = stop,
    .report = report,
};

int main(int argc, char **argv) { return client_main(argc, argv, &strategy); }

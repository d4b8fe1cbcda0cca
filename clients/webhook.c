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
 *     |-- 410 ---------------------------------------------->|   if it comes by a hook that is not ours
 *
 * What a receiver must do (Standard Webhooks): check the signature over the raw bytes, with the
 * time in it; answer before it works on the event, or a slow receiver is taken for a broken one;
 * and expect the same message twice, because an answer can get lost.
 *
 * Read next: servers/webhook.c, the other end; webhook/registration.h, how it makes
 * itself known, and that it goes; webhook/watch.h, what becomes of that when the server begins anew;
 * core/net/signature.h. */
#include "webhook/address.h"
#include "webhook/farewell.h"
#include "webhook/registration.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "harness/client.h"
#include "harness/report.h"
#include "net/http/reply.h"
#include "net/http/request.h"
#include "net/http/routes.h"
#include "net/http/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOLERANCE_SECONDS 300 /* how far a message's time may be from ours */
/* A repeated message is mostly among the last: a server sends few at a time. One that is repeated later than
 * that is found by the ledger, and called a duplicate. */
#define REMEMBERED 64

struct receiver {
    struct registration registration; /* first: a subscriber */
    uint64_t seen[REMEMBERED];        /* hashes of the last messages' ids */
    unsigned int next_seen;
};

struct webhook_client {
    struct client client; /* first */
    const char *receive_address;
    struct http_server *http, *traced; /* one more, at the address of a user that is traced */
    struct registrations registrations;
    uint64_t repeated, bad_signatures;
};

static struct webhook_client *webhook_of(struct client *client) {
    return list_entry(client, struct webhook_client, client);
}

static struct receiver *receiver_of(struct subscriber *subscriber) {
    return list_entry(subscriber, struct receiver, registration.subscriber);
}

static const struct option options[] = {
    {"receive_address", OPTION_TEXT, offsetof(struct webhook_client, receive_address), "",
     .help = "own address or name, to listen on and to register with the server; nothing: the one "
             "that this host has toward it",
     .form = "address"},
    {NULL},
};

/* --- receiving -------------------------------------------------------------------------------- */

/* Whether this message came before; remembers it. FNV-1a: 64 bits are enough among so few. */
static bool seen_before(struct receiver *receiver, const char *id) {
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *id != '\0'; id++) hash = (hash ^ (unsigned char)*id) * UINT64_C(1099511628211);
    for (int i = 0; i < REMEMBERED; i++)
        if (receiver->seen[i] == hash) return true;
    receiver->seen[receiver->next_seen++ % REMEMBERED] = hash;
    return false;
}

static struct receiver *addressee(const struct client *client, const char *path) {
    const struct subscribers *all = &client->subscribers;
    char *end;
    const char *digits = path + strlen("/hooks/");
    uint32_t first = subscriber_find(all, 0)->index;
    uint64_t index = strtoull(digits, &end, 10);
    if (end == digits || *end != '\0' || index < first) return NULL;
    if (index - first >= all->count) return NULL;
    return receiver_of(subscriber_find(all, (uint32_t)(index - first)));
}

/* Where our own server says an event is: msg_HOOK_CURSOR. Returns whether the id has this form. */
static bool place_in(const char *id, struct cursor *place) {
    const char *last = strrchr(id, '_');
    return strncmp(id, "msg_", 4) == 0 && last != NULL && last > id + 4 &&
           cursor_parse(last + 1, strlen(last + 1), place) == 0;
}

/* The answer to a registration can get lost: then there is a second hook, or one of an earlier run,
 * and all would come twice. Other people's servers have ids of another form. */
static bool for_another_hook(const struct receiver *receiver, const char *id) {
    const char *hook = receiver->registration.hook;
    size_t length = strlen(hook);
    struct cursor place;
    if (length == 0 || !place_in(id, &place)) return false;
    return strncmp(id + 4, hook, length) != 0 || strrchr(id, '_') != id + 4 + length;
}

/* The server tells what is gone since the last event that it knows to have arrived. Of events that
 * did arrive, and of others that are gone, it may have told before: the answers were lost. (So what is gone
 * from among events that have come is not counted here. The server does.) */
static void take_missed(struct receiver *receiver, const struct http_exchange *exchange,
                        const char *id) {
    const char *text = http_request_header(exchange, "pushpull-missed");
    const struct cursor *have = &receiver->registration.subscriber.cursor;
    struct cursor place;
    uint64_t missed;
    if (text == NULL || !cursor_number(text, strlen(text), &missed)) return;
    if (receiver->registration.subscriber.placed && place_in(id, &place) &&
        place.epoch == have->epoch) {
        uint64_t between = place.number > have->number ? place.number - have->number - 1 : 0;
        if (missed > between) missed = between;
    }
    subscriber_missed(&receiver->registration.subscriber, missed);
}

/* Where the receiver is: at the newest event that came. (Simplified: when the server sends several at a time,
 * some before it may be under way; should the hook be lost just then, they are, too.) */
static void move_on(struct subscriber *subscriber, struct cursor before, const char *id) {
    struct cursor now;
    const char *place = strrchr(id, '_');
    if (place == NULL || cursor_parse(place + 1, strlen(place + 1), &now) != 0) return;
    if (subscriber->placed && now.epoch == before.epoch && now.number < before.number)
        subscriber->cursor = before;
    else
        subscriber_at(subscriber, place + 1, strlen(place + 1));
}

static void take_event(struct receiver *receiver, const struct http_exchange *exchange,
                       const char *id) {
    size_t length;
    const char *body = http_request_body(exchange, &length);
    struct subscriber *subscriber = &receiver->registration.subscriber;
    take_missed(receiver, exchange, id);
    struct cursor before = subscriber->cursor;
    subscriber_receive(subscriber, body, length);
    move_on(subscriber, before, id);
}

static void post_event(struct http_exchange *exchange, void *data) {
    struct webhook_client *own = data;
    struct program *program = &own->client.program;
    struct client_counters *counters = &own->client.subscribers.counters;
    struct receiver *receiver = addressee(&own->client, http_request_path(exchange));
    const char *id = http_request_header(exchange, "webhook-id");
    size_t length;
    const char *body = http_request_body(exchange, &length);
    subscribers_count_arrived(&own->client.subscribers, &counters->requests);
    if (receiver == NULL) {
        http_reply_text(exchange, 404, "Nobody of this number is here.");
    } else if (signature_verify(&receiver->registration.key, id,
                                http_request_header(exchange, "webhook-timestamp"),
                                http_request_header(exchange, "webhook-signature"), body, length,
                                clock_unix_seconds(), TOLERANCE_SECONDS) != 0) {
        program_trouble(program, "bad_signatures", &own->bad_signatures, 1);
        program_count(program, &counters->errors, 1);
        http_reply_text(exchange, 401, "The signature does not fit.");
    } else if (for_another_hook(receiver, id)) {
        http_reply_text(exchange, 410, "This hook is not known here: send no more.");
    } else {
        http_reply(exchange, 204, "", "", 0);
        if (seen_before(receiver, id))
            program_count(program, &own->repeated, 1);
        else
            take_event(receiver, exchange, id);
    }
}

/* --- subscribing ------------------------------------------------------------------------------ */

static int subscribe(struct subscriber *subscriber) {
    return registration_begin(&receiver_of(subscriber)->registration);
}

static void unsubscribe(struct subscriber *subscriber) {
    registration_break_off(&receiver_of(subscriber)->registration);
}

/* --- start and end ---------------------------------------------------------------------------- */

/* Returns the port. */
static int receive(struct webhook_client *own, struct http_server **http, const char *address,
                   int port) {
    *http = http_server_new(&own->client.network);
    http_server_body_max(*http, EVENT_TEXT_MAX);
    http_server_route(*http, "POST", "/hooks/*", post_event, own);
    port = http_server_listen(*http, address, port);
    if (port < 0) die(1, "cannot receive on %s: %s", address, uv_strerror(port));
    return port;
}

static int start(struct client *client) {
    struct webhook_client *own = webhook_of(client);
    struct own_address address;
    own_address_find(&address, own->receive_address, &client->subscribers.servers[0]);
    int port = client->wire_port = receive(own, &own->http, address.number, 0);
    if (client->network.trace != NULL)
        receive(own, &own->traced, client->network.trace->text, port);
    client->meter.ip_header_bytes = address.is_ipv6 ? WIRE_IPV6_BYTES : WIRE_IPV4_BYTES;
    registrations_start(&own->registrations, &client->subscribers, address.in_url, port);
    return 0;
}

static void stop(struct client *client) {
    struct webhook_client *own = webhook_of(client);
    registrations_stop(&own->registrations);
    farewell(&client->subscribers);
    http_server_close(own->http);
    if (own->traced != NULL) http_server_close(own->traced);
}

static void report(struct client *client, json_t *counters) {
    const struct webhook_client *own = webhook_of(client);
    report_number(counters, "repeated", own->repeated);
    report_number(counters, "bad_signatures", own->bad_signatures);
}

const struct client_strategy webhook_client = {
    .name = "webhook",
    .size = sizeof(struct webhook_client),
    .subscriber_size = sizeof(struct receiver),
    .options = options,
    .start = start,
    .subscribe = subscribe,
    .unsubscribe = unsubscribe,
    .stop = stop,
    .report = report,
};

int main(int argc, char **argv) { return client_main(argc, argv, &webhook_client); }

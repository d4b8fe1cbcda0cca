/* Webhook: the server is the client. Whoever wants events registers an address; each event is POSTed
 * to it, signed so that the receiver can tell who sent it.
 *
 *   subscriber                                        server
 *     | POST /hooks {"url":"http://...","secret":...}   |
 *     |------------------------------------------------>|
 *     |<-- 201 {"id":"0-77..","after":"5c1f09aa-41",..} -|
 *     |                                                 |
 *     |<-- POST http://... ------------------------------|   webhook-id: msg_..._5c1f09aa-42
 *     |    {"seq":42,...}                               |   webhook-timestamp: 1767225600
 *     |                                                 |   webhook-signature: v1,K5oZ...
 *     |--- 204 ---------------------------------------->|   the next event, if there is one
 *     |--- 500, or nothing for 20 s ------------------->|   the same event again: in 5 s, 5 min,
 *     |                                                 |   30 min, 2 h, ... 24 h, then given up
 *
 * No connection is held for a subscriber, so it may sleep, move behind a proxy, or be a thousand
 * machines. The price is a whole request per event, an address that the server can reach, and all
 * that can go wrong with other people's servers, which is most of this file: a bound on requests in
 * flight, an order that a failure holds up, retries, signatures, keys that change.
 *
 * A hook has a cursor into the feed and, unless --in-flight-per-receiver says otherwise, at most one POST
 * outstanding: so its events come in order.
 *
 * Read next: on_publish, attempt, attempted; webhook/turns.c, who must wait for whom;
 * webhook/pauses.c, how long after a failure; webhook/registry.c, how a hook comes and goes;
 * core/net/signature.h; clients/webhook.c, the receiver. */
#include "webhook/lanes.h"
#include "webhook/message.h"
#include "webhook/pauses.h"
#include "webhook/registry.h"
#include "webhook/turns.h"

#include "base/clock.h"
#include "base/random.h"
#include "harness/report.h"
#include "harness/server.h"
#include "net/url_post.h"

#include <stdio.h>

struct webhook_server {
    struct server server; /* first */
    struct url_post_settings settings;
    double retry_scale;
    struct registry registry;
    struct turns turns;
    struct url_poster *poster;
    struct list idle; /* hooks with a free lane: they have, or get, every event */
    struct random jitter;
    struct buffer headers; /* of the message that is sent now */
    struct {
        uint64_t attempts, retries, failures, refused, gave_up, disabled;
    } counters;
};

static struct webhook_server *webhook_of(struct server *server) {
    return list_entry(server, struct webhook_server, server);
}

static struct webhook_server *owner_of(const struct hook *hook) {
    return list_entry(hook->registry, struct webhook_server, registry);
}

#define AT(field) offsetof(struct webhook_server, field)

static const struct option options[] = {
    {"in_flight", OPTION_INTEGER, AT(settings.in_flight), "64", 1, 4096, .unit = "requests",
     .help = "most deliveries outstanding at once"},
    {"in_flight_per_receiver", OPTION_INTEGER, AT(registry.lanes), "1", 1, LANES_MAX,
     .unit = "requests",
     .help = "of these, most to one receiver: 1 keeps its events in order, one per round trip"},
    {"attempt_seconds", OPTION_INTEGER, AT(settings.attempt_seconds), "20", 1, 3600, .unit = "s",
     .help = "how long a receiver may take to answer"},
    {"retry_scale", OPTION_NUMBER, AT(retry_scale), "1", 0, 1000,
     .help = "factor on the pauses between attempts (5 s to 24 h)"},
    {"keep_alive", OPTION_SWITCH, AT(settings.keep_alive), "on",
     .help = "use connections to receivers for more than one delivery"},
    {NULL},
};

/* --- delivery --------------------------------------------------------------------------------- */

static void attempted(void *data, const struct url_post_result *result);

/* Sends what the lane carries. Returns whether there was something. */
static bool attempt(struct webhook_server *own, struct lane *lane) {
    struct server *server = &own->server;
    struct hook *hook = lane->hook;
    uint64_t missed = 0;
    struct event *event = lane_event(lane, &server->feed, &missed);
    server_missed(server, missed);
    if (event == NULL) return false;
    server_count(server, &own->counters.attempts);
    if (lane->attempts++ > 0) server_count(server, &own->counters.retries);
    hook->attempts = lane->attempts;
    lane->told_gone = hook->gone;
    turn_begin(&own->turns, lane);
    server_sends(server, event, event->published_ns);
    message_headers(&own->headers, hook, event, &server->feed);
    url_post(own->poster, hook->url, own->headers.data, event->text, event->text_length, attempted,
             lane);
    return true;
}

/* Its free lanes take what no lane has taken yet. */
static void load(struct hook *hook) {
    struct webhook_server *own = owner_of(hook);
    struct lane *lane;
    while ((lane = lane_load(hook, &own->server.feed)) != NULL) turn_wait(&own->turns, lane);
    if (!lanes_have_room(hook))
        list_remove(&hook->link);
    else if (!list_linked(&hook->link))
        list_append(&own->idle, &hook->link);
}

/* Sends as much as may be in flight. */
static void pump(struct webhook_server *own) {
    struct lane *lane;
    while (url_poster_ready(own->poster) && (lane = turn_next(&own->turns)) != NULL)
        if (!attempt(own, lane)) load(lane->hook);
}

static void on_publish(struct server *server, struct event *event) {
    struct webhook_server *own = webhook_of(server);
    struct list *link, *next;
    (void)event; /* each hook goes on from where it is */
    list_each (link, next, &own->idle) load(list_entry(link, struct hook, link));
    pump(own);
}

static void begin(struct hook *hook) {
    load(hook);
    pump(owner_of(hook));
}

/* Done with an event, delivered or given up: on to the next, if there is one. */
static void advance(struct lane *lane) {
    lane_clear(lane);
    load(lane->hook);
}

static void failed(struct lane *lane, const struct url_post_result *result) {
    struct webhook_server *own = owner_of(lane->hook);
    struct server *server = &own->server;
    server_trouble(server, "failures", &own->counters.failures);
    if (result->status / 100 == 4) server_trouble(server, "refused", &own->counters.refused);
    if (lane->attempts == ATTEMPTS_MAX) {
        server_trouble(server, "gave_up", &own->counters.gave_up);
        lane->hook->gone++;
        server_missed(server, 1);
        advance(lane);
        return;
    }
    double pause = pause_seconds(lane->attempts, result, own->retry_scale, &own->jitter);
    turn_pause(&own->turns, lane, clock_now_ns() + (int64_t)(pause * NS_PER_SECOND));
}

static void attempted(void *data, const struct url_post_result *result) {
    struct lane *lane = data;
    struct hook *hook = lane->hook;
    struct webhook_server *own = owner_of(hook);
    turn_end(&own->turns, lane, result->status != 0 || result->cut);
    hook->last_status = result->status;
    snprintf(hook->last_error, sizeof(hook->last_error), "%s", result->error);
    if (hook->deleted) {
        hook_delete(hook);
    } else if (hook->disabled) {
        lane_clear(lane); /* another lane was told */
    } else if (result->status / 100 == 2) {
        if (hook->known_gone < lane->told_gone) hook->known_gone = lane->told_gone;
        advance(lane);
    } else if (result->status == 410) {
        server_trouble(&own->server, "disabled", &own->counters.disabled);
        hook_disable(hook);
    } else if (result->cut) {
        turn_wait(&own->turns, lane);
    } else {
        failed(lane, result);
    }
    pump(own);
}

static void on_tick(struct server *server, int64_t now_ns) {
    struct webhook_server *own = webhook_of(server);
    turns_wake(&own->turns, now_ns);
    pump(own);
}

/* --- start and end ---------------------------------------------------------------------------- */

static int start(struct server *server) {
    struct webhook_server *own = webhook_of(server);
    list_init(&own->idle);
    turns_init(&own->turns, (int)own->settings.in_flight, own->settings.attempt_seconds);
    random_seed(&own->jitter, (uint64_t)server->program.config.seed);
    own->settings.congestion_control = server->network.congestion_control;
    own->settings.trace = server->network.trace;
    own->poster = url_poster_new(server->program.loop, &own->settings);
    own->registry.begin = begin;
    registry_start(&own->registry, server);
    return server_listen_http(server);
}

/* The connections to receivers are its own to close; what was under way is sent once more. */
static int cut(struct server *server, bool away) {
    url_poster_away(webhook_of(server)->poster, away);
    return 0;
}

static void stop(struct server *server) {
    struct webhook_server *own = webhook_of(server);
    url_poster_close(own->poster);
    registry_free(&own->registry);
    buffer_free(&own->headers);
}

static void report(struct server *server, json_t *json) {
    const struct webhook_server *own = webhook_of(server);
    report_number(json, "attempts", own->counters.attempts);
    report_number(json, "retries", own->counters.retries);
    report_number(json, "failures", own->counters.failures);
    report_number(json, "refused", own->counters.refused);
    report_number(json, "gave_up", own->counters.gave_up);
    report_number(json, "disabled", own->counters.disabled);
}

const struct server_strategy webhook_server = {
    .name = "webhook",
    .size = sizeof(struct webhook_server),
    .help =
        "pushpull, webhooks: every event is a signed POST to each address that asked for it.\n"
        "\n"
        "  subscribe   curl --json '{\"url\":\"http://HOST:PORT/path\"}' http://.../hooks\n"
        "              (may name a secret of your own: \"secret\":\"whsec_...\")\n"
        "  leave       curl -X DELETE http://.../hooks/ID, or answer a delivery with 410\n"
        "  new secret  curl -X PUT --json '{}' http://.../hooks/ID/secret: both sign for a day\n"
        "  list        curl http://.../hooks\n"
        "  publish     curl --data hello http://.../publish\n",
    .options = options,
    .start = start,
    .publish = on_publish,
    .tick = on_tick,
    .cut = cut,
    .stop = stop,
    .report = report,
};

int main(int argc, char **argv) { return server_main(argc, argv, &webhook_server); }

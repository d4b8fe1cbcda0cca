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
 * machines. The price is a whole request an event, an address that the server can reach, and all
 * that can go wrong with other people's servers, which is most of this file: a bound on requests in
 * flight, an order that a failure holds up, retries, signatures, keys that change.
 *
 * A hook has a cursor into the feed and at most one POST outstanding: so its events come in order.
 *
 * Read next: on_publish, attempt, attempted; webhook/turns.c, who must wait for whom;
 * webhook/registry.c, how a hook comes and goes;
 * core/net/signature.h; clients/webhook.c, the receiver. */
#include "webhook/message.h"
#include "webhook/registry.h"
#include "webhook/turns.h"

#include "base/clock.h"
#include "base/random.h"
#include "harness/report.h"
#include "harness/server.h"
#include "net/url_post.h"

#include <stdio.h>

/* Seconds to wait before each attempt: Standard Webhooks, "Retries". */
static const double schedule[] = {0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400};
#define ATTEMPTS (int)(sizeof(schedule) / sizeof(schedule[0]))

#define DISABLED_KEPT 100 /* hooks that a receiver has ended, for people to see that it did */

static struct {
    int64_t in_flight, attempt_seconds;
    double retry_scale;
    bool keep_alive;
} config;

static const struct option options[] = {
    {"in_flight", OPTION_INTEGER, &config.in_flight, "64", 1, 4096, .unit = "requests",
     .help = "most deliveries outstanding at once"},
    {"attempt_seconds", OPTION_INTEGER, &config.attempt_seconds, "20", 1, 3600, .unit = "s",
     .help = "how long a receiver may take to answer"},
    {"retry_scale", OPTION_NUMBER, &config.retry_scale, "1", 0, 1000,
     .help = "factor on the pauses between attempts (5 s to 24 h)"},
    {"keep_alive", OPTION_SWITCH, &config.keep_alive, "on",
     .help = "use connections to receivers for more than one delivery"},
    {NULL},
};

static struct server *server;
static struct url_poster *poster;
static struct list idle;     /* hooks that have every event */
static struct list pausing;  /* hooks whose last attempt failed */
static struct list disabled; /* hooks that want no more, the first to say so first */
static int disabled_count;
static struct random jitter;
static struct { uint64_t attempts, retries, failures, refused, gave_up, disabled; } counters;

/* --- delivery -------------------------------------------------------------------------------- */

static void attempted(void *data, const struct url_post_result *result);

static void attempt(struct hook *hook) {
    uint64_t missed = 0;
    struct event *event = feed_next(&server->feed, hook->cursor, &missed);
    if (missed > 0) {
        hook->cursor += missed;
        hook->missed += missed;
        server_missed(server, missed);
    }
    if (event->seq != hook->sending) hook->attempts = 0;
    hook->sending = event->seq;
    server_count(server, &counters.attempts);
    if (hook->attempts++ > 0) server_count(server, &counters.retries);
    hook->posting = true;
    hook->retry_ns = 0;
    server_sends(server, event, event->published_ns);
    url_post(poster, hook->url, message_headers(hook, event, &server->feed), event->text,
             event->text_length, attempted, hook);
}

/* Sends as much as may be in flight. */
static void pump(void) {
    struct hook *hook;
    while (url_poster_ready(poster) && (hook = turn_next()) != NULL) attempt(hook);
}

static void on_publish(struct server *unused, struct event *event) {
    (void)unused;
    (void)event;
    while (!list_empty(&idle)) {
        struct hook *hook = list_entry(idle.next, struct hook, link);
        list_remove(&hook->link);
        turn_wait(hook);
    }
    pump();
}

/* On to the next event, if there is one. */
static void go_on(struct hook *hook) {
    if (hook->cursor < server->feed.newest)
        turn_wait(hook);
    else
        list_append(&idle, &hook->link);
}

void webhook_begin(struct hook *hook) {
    go_on(hook);
    pump();
}

/* Done with an event, delivered or given up. */
static void advance(struct hook *hook) {
    hook->cursor = hook->sending;
    go_on(hook);
}

/* It wants no more. That can still be seen, of the last that said so. */
static void disable(struct hook *hook) {
    hook->disabled = true;
    server_trouble(server, "disabled", &counters.disabled);
    list_append(&disabled, &hook->link);
    if (++disabled_count > DISABLED_KEPT) hook_free(list_entry(disabled.next, struct hook, link));
}

void webhook_end(const struct hook *hook) { disabled_count -= hook->disabled; }

static void failed(struct hook *hook, const struct url_post_result *result) {
    server_trouble(server, "failures", &counters.failures);
    if (result->status / 100 == 4) server_trouble(server, "refused", &counters.refused);
    if (hook->attempts == ATTEMPTS) {
        server_trouble(server, "gave_up", &counters.gave_up);
        hook->missed++;
        server_missed(server, 1);
        advance(hook);
        return;
    }
    bool overloaded = result->status == 429 || result->status == 502 || result->status == 504;
    double pause = schedule[hook->attempts] * config.retry_scale * (overloaded ? 2 : 1);
    pause *= 0.8 + 0.4 * random_unit(&jitter);
    if (pause < (double)result->retry_after_seconds) pause = (double)result->retry_after_seconds;
    hook->retry_ns = clock_now_ns() + (int64_t)(pause * NS_PER_SECOND);
    list_append(&pausing, &hook->link);
}

static void attempted(void *data, const struct url_post_result *result) {
    struct hook *hook = data;
    hook->posting = false;
    turn_end(hook, result->status != 0);
    hook->last_status = result->status;
    snprintf(hook->last_error, sizeof hook->last_error, "%s", result->error);
    if (hook->deleted) {
        hook_free(hook);
    } else if (result->status / 100 == 2) {
        hook->missed = 0;
        advance(hook);
    } else if (result->status == 410) {
        disable(hook);
    } else {
        failed(hook, result);
    }
    pump();
}

static void on_tick(struct server *unused, int64_t now_ns) {
    (void)unused;
    struct list *link, *next;
    list_each (link, next, &pausing) {
        if (list_entry(link, struct hook, link)->retry_ns > now_ns) continue;
        list_remove(link);
        turn_wait(list_entry(link, struct hook, link));
    }
    pump();
}

/* --- start and end ---------------------------------------------------------------------------- */

static int start(struct server *owner) {
    server = owner;
    list_init(&idle);
    list_init(&pausing);
    list_init(&disabled);
    turns_start((int)config.in_flight, config.attempt_seconds);
    random_seed(&jitter, server->seed);
    poster = url_poster_new(&server->loop, &(struct url_post_settings){
                                               .in_flight = (int)config.in_flight,
                                               .keep_alive = config.keep_alive,
                                               .attempt_seconds = config.attempt_seconds,
                                           });
    registry_start(server);
    return server_listen_http(server);
}

static void stop(struct server *unused) {
    (void)unused;
    url_poster_close(poster);
    registry_free();
}

static void report(struct server *unused, json_t *json) {
    (void)unused;
    report_number(json, "attempts", counters.attempts);
    report_number(json, "retries", counters.retries);
    report_number(json, "failures", counters.failures);
    report_number(json, "refused", counters.refused);
    report_number(json, "gave_up", counters.gave_up);
    report_number(json, "disabled", counters.disabled);
}

static const struct server_strategy strategy = {
    .name = "webhook",
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
    .stop = stop,
    .report = report,
};

int main(int argc, char **argv) { return server_main(argc, argv, &strategy); }

/* Many users that poll: each asks every `interval_ms` what is new. See servers/polling.c.
 *
 * Polls are sent on an open-loop schedule: the n-th poll of a user is due at a fixed time, whether
 * the answer to the last one has come or not. A poll that cannot be sent when it is due is sent
 * late, and how late is measured. Who polls when: core/model/phases.h.
 *
 * Read next: core/harness/client.h, core/net/http/client.h, clients/long_polling.c. */
#include "harness/client.h"
#include "model/phases.h"

#include "base/clock.h"
#include "base/log.h"
#include "net/http/client.h"
#include "net/pacer.h"

#include <stdlib.h>
#include <string.h>

#define TIMEOUT_NS (30 * (int64_t)NS_PER_SECOND)

struct polling_subscriber {
    struct subscriber base; /* first */
    struct http_client http;
    int64_t due_ns;                /* of a poll that is due and was not sent yet; 0: none */
    int64_t sent_ns, asked_due_ns; /* of the last poll: when it was sent, and was due */
    bool answered;                 /* that one */
    bool used, fresh; /* the connection has carried a poll; the last one was its first */
    bool refused;     /* the last answer was no */
};

struct polling_client {
    struct client client; /* first */
    double interval_ms;
    bool keep_alive;
    struct pacer pacer; /* the next poll of all */
    struct phases phases;
    int64_t schedule_start;
    uint64_t next_poll; /* 0, 1, 2, ...: all users again and again */
    uint64_t skipped;   /* polls whose predecessor was not even sent when they were due */
};

#define AT(field) offsetof(struct polling_client, field)

static const struct option options[] = {
    {"interval_ms", OPTION_NUMBER, AT(interval_ms), "1000", 0.1, 3600000, .unit = "ms",
     .help = "time from one poll of a user to the next"},
    {"keep_alive", OPTION_SWITCH, AT(keep_alive), "on",
     .help = "one connection for all polls of a user, or a new one for each"},
    {NULL},
};

static struct polling_client *polling_of(struct client *client) {
    return list_entry(client, struct polling_client, client);
}

static struct polling_client *client_of(const struct polling_subscriber *s) {
    return polling_of(subscriber_client(&s->base));
}

static struct polling_subscriber *own_of(struct subscriber *base) {
    return list_entry(base, struct polling_subscriber, base);
}

static struct polling_subscriber *subscriber_of(struct http_client *http) {
    return list_entry(http, struct polling_subscriber, http);
}

/* --- one poll --------------------------------------------------------------------------------- */

/* GET /events?after=CURSOR, and the same cursor as the ETag of what this user already has. */
static void send_poll(struct polling_subscriber *s) {
    const struct polling_client *own = client_of(s);
    struct buffer request = {0};
    char cursor[CURSOR_SIZE];
    cursor_print(cursor, s->base.cursor);
    buffer_printf(&request, "GET /events");
    if (s->base.placed) buffer_printf(&request, "?after=%s", cursor);
    buffer_printf(&request, " HTTP/1.1\r\nHost: %s\r\n", subscriber_host(&s->base));
    if (s->base.placed) buffer_printf(&request, "If-None-Match: \"%s\"\r\n", cursor);
    buffer_printf(&request, "%s\r\n", own->keep_alive ? "" : "Connection: close\r\n");
    s->base.asked_ns = s->sent_ns = clock_now_ns();
    if (program_measuring(&own->client.program))
        histogram_record(own->client.request_lag, s->sent_ns - s->due_ns);
    s->asked_due_ns = s->due_ns;
    s->due_ns = 0;
    s->answered = false;
    subscriber_count(&s->base, &s->base.all->counters.requests);
    subscriber_expect(&s->base, TIMEOUT_NS);
    s->fresh = !s->used;
    s->used = true;
    http_client_send(&s->http, request.data, request.length);
    buffer_free(&request);
}

static const struct http_client_handler handler;

/* Sends the poll that is due as soon as the connection allows. */
static void poll_if_possible(struct polling_subscriber *s) {
    if (s->due_ns == 0 || s->http.busy) return;
    if (s->http.open && (client_of(s)->keep_alive || !s->answered))
        send_poll(s);
    else if (!s->http.in_use)
        http_client_connect(&s->http, s->base.all->network, subscriber_server(&s->base),
                            subscriber_source(&s->base), &handler);
}

static void on_connected(struct http_client *http) { poll_if_possible(subscriber_of(http)); }

static void take_events(struct polling_subscriber *s, const struct http_response *response) {
    subscriber_answered(&s->base, response);
    bool more = http_response_header(response, "events-more") != NULL;
    /* The answer was cut: the rest, now. Of one that gave nothing there is no rest. */
    if (more && s->base.news && s->due_ns == 0) s->due_ns = clock_now_ns();
}

static void on_response(struct http_client *http, const struct http_response *response) {
    struct polling_subscriber *s = subscriber_of(http);
    const struct polling_client *own = client_of(s);
    s->answered = true;
    subscriber_expect(&s->base, own->keep_alive ? 0 : TIMEOUT_NS); /* for the server to hang up */
    if (program_measuring(&own->client.program))
        histogram_record(own->client.round_trip, clock_now_ns() - s->sent_ns);
    if (response->status != 200 && response->status != 304) {
        subscriber_refused(&s->base, response->status,
                           http_response_header(response, "retry-after"), false);
        s->refused = true;
        http_client_close(http);
        return;
    }
    take_events(s, response);
    subscriber_up(&s->base);
    poll_if_possible(s);
}

/* Between two polls the connection is nobody's concern: without keep-alive that is how every poll
 * ends, and a server closes one on which nothing moved for long. The next poll opens another. When
 * the server closed it just as the poll was on its way, the poll was not seen: it is sent again. (Not
 * when this side closed it, error 0: then the time was up.) */
static void on_closed(struct http_client *http, int error) {
    struct polling_subscriber *s = subscriber_of(http);
    bool between = s->base.up && s->answered && !s->refused;
    bool crossed =
        error != 0 && s->base.up && !s->answered && !s->fresh && s->due_ns == 0 && !http->heard;
    s->used = s->refused = false;
    if (subscriber_stopping(&s->base) || (!between && !crossed)) {
        s->due_ns = 0;
        subscriber_down(&s->base, error);
        return;
    }
    if (crossed) s->due_ns = s->asked_due_ns;
    subscriber_expect(&s->base, 0);
    s->answered = false;
    poll_if_possible(s);
}

static const struct http_client_handler handler = {
    .connected = on_connected,
    .response = on_response,
    .closed = on_closed,
};

/* The first poll comes at once: it shows that the server is there. */
static int subscribe(struct subscriber *base) {
    struct polling_subscriber *s = own_of(base);
    s->due_ns = clock_now_ns();
    s->answered = false;
    subscriber_expect(base, TIMEOUT_NS);
    poll_if_possible(s);
    return 0;
}

static void unsubscribe(struct subscriber *base) {
    struct polling_subscriber *s = own_of(base);
    if (s->http.in_use)
        http_client_close(&s->http);
    else
        subscriber_down(base, UV_ETIMEDOUT);
}

/* --- the schedule ----------------------------------------------------------------------------- */

static int64_t poll_due_ns(const struct polling_client *own, uint64_t n) {
    return own->schedule_start + phases_due_ns(&own->phases, n);
}

static void poll_due(struct polling_client *own, uint64_t n) {
    struct polling_subscriber *s =
        own_of(subscriber_find(&own->client.subscribers, phases_user(&own->phases, n)));
    if (!s->base.up) return;
    subscriber_note(&s->base, s->due_ns != 0 ? TRACE_SKIPPED : TRACE_DUE);
    if (s->due_ns != 0) {
        subscriber_count(&s->base, &own->skipped);
        return;
    }
    s->due_ns = poll_due_ns(own, n);
    poll_if_possible(s);
}

static void on_poll_due(struct pacer *pacer) {
    struct polling_client *own = list_entry(pacer, struct polling_client, pacer);
    while (poll_due_ns(own, own->next_poll) <= clock_now_ns()) poll_due(own, own->next_poll++);
    pacer_arm(pacer, poll_due_ns(own, own->next_poll));
}

static int start(struct client *client) {
    struct polling_client *own = polling_of(client);
    int64_t interval_ns = (int64_t)(own->interval_ms * NS_PER_MS);
    uint64_t seed = random_derive((uint64_t)client->program.config.seed,
                                  (uint64_t)client->config.first_subscriber + 1);
    phases_make(&own->phases, client->subscribers.count, interval_ns, seed);
    client->settle_ns = interval_ns; /* by then everyone has polled in its own phase */
    return pacer_init(&own->pacer, client->program.loop, on_poll_due);
}

static void ready(struct client *client) {
    struct polling_client *own = polling_of(client);
    own->schedule_start = clock_now_ns();
    pacer_arm(&own->pacer, poll_due_ns(own, 0));
}

/* Nothing polls once the pacer is closed. */
static void stop(struct client *client) {
    struct polling_client *own = polling_of(client);
    pacer_close(&own->pacer);
    phases_free(&own->phases);
}

static void report(struct client *client, json_t *counters) {
    json_object_set_new(counters, "polls_skipped",
                        json_integer((json_int_t)polling_of(client)->skipped));
}

const struct client_strategy polling_client = {
    .name = "polling",
    .size = sizeof(struct polling_client),
    .subscriber_size = sizeof(struct polling_subscriber),
    .options = options,
    .start = start,
    .subscribe = subscribe,
    .unsubscribe = unsubscribe,
    .ready = ready,
    .stop = stop,
    .report = report,
};

int main(int argc, char **argv) { return client_main(argc, argv, &polling_client); }

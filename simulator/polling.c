/* Polling, simulated: each user asks every interval, in a phase of its own; an event waits until its user asks.
 *
 *     user    |--- GET --->|            |--- GET --->|
 *     server      publishes 13 ...      ^ what has come since is the answer: 304, or 200 and the lines
 *
 * So an event waits for half an interval on average, up to a whole one, and what arrives within one interval shares
 * one answer. The price: a request and an answer per user and interval, also when there is nothing.
 *
 * What calls what, each when its time has come:
 *
 *     on_due (a poll is due) -> ask -> on_question (it is at the server) -> on_turn (the server comes to it, answers)
 *                                 ^--- on_postponed (the last poll was answered, and the next was due meanwhile)
 *
 * All polls of a client process are one entry of the engine, the next one (core/model/phases.h), however many users.
 *
 * Left out: answers above 8 MiB, which a server cuts; time-outs; what connecting takes of a processor. */
#include "models.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/memory.h"
#include "model/phases.h"

#include <stdlib.h>
#include <string.h>

#define UNDER_WAY INT64_MAX
#define AHEAD 12 /* polls: see look_ahead */

struct poller {
    uint64_t has; /* number of the newest event that it has */
    /* When its client is done with the last answer, or UNDER_WAY: nobody knows yet. */
    int64_t answered_ns;
    int64_t due_ns; /* when a poll was due that waits for that answer; 0: none does */
};

/* The polls of one client process. */
struct ring {
    struct source source;
    struct phases phases;
    uint64_t next;
    struct crowd *crowd;
    struct simulation *simulation;
};

struct polling {
    struct ring *rings;
    struct poller *pollers;
    struct flow questions; /* on their way to the server */
    struct flow turns;     /* those that are there, until the server comes to them */
    struct flow postponed; /* polls that wait for the answer before them */
    bool keep_alive;
};

/* --- asking ----------------------------------------------------------------------------------- */

static uint64_t question_bytes(const struct simulation *s, uint64_t has) {
    const struct polling *own = s->own;
    uint64_t cursor = cursor_bytes(has);
    return strlen("GET /events?after= HTTP/1.1\r\n") + cursor + host_field_bytes(s) +
           strlen("If-None-Match: \"\"\r\n") + cursor +
           (own->keep_alive ? 0 : strlen("Connection: close\r\n")) + strlen("\r\n");
}

/* The poll that was due then is sent, when its client comes to it. Without keep-alive a connection comes first, which
 * counts as lateness of the poll, not as part of the round trip: as the live client counts. */
static void ask(struct simulation *s, uint32_t user, int64_t due_ns, int64_t sent_ns) {
    struct polling *own = s->own;
    struct poller *poller = &own->pollers[user];
    struct crowd *crowd = crowd_of(s, user);
    struct line *line = &s->lines[user];
    int64_t written_ns = crowd_works(s, crowd, sent_ns, s->machine.ask_ns);
    if (!own->keep_alive) {
        int64_t open_ns = line_open(&s->network, line, &crowd->traffic, LINK_UP, sent_ns);
        written_ns += open_ns - sent_ns;
        sent_ns = open_ns;
    }
    if (window_has(&s->window, sent_ns)) histogram_record(crowd->request_lag, sent_ns - due_ns);
    count_in_window(s, &crowd->requests, sent_ns);
    poller->answered_ns = UNDER_WAY;
    poller->due_ns = 0;
    int64_t at_ns = line_say(&s->network, line, &crowd->traffic, LINK_UP, written_ns,
                             question_bytes(s, poller->has), "GET");
    flow_add(&own->questions, &(struct flight){at_ns, sent_ns, 0, user});
}

static void ask_later(struct simulation *s, uint32_t user) {
    struct polling *own = s->own;
    const struct poller *poller = &own->pollers[user];
    flow_add(&own->postponed, &(struct flight){.at_ns = poller->answered_ns, .user = user});
}

static void on_postponed(struct flow *flow, const struct flight *flight) {
    struct simulation *s = flow->data;
    struct polling *own = s->own;
    ask(s, flight->user, own->pollers[flight->user].due_ns,
        crowd_comes_to(s, crowd_of(s, flight->user), flight->at_ns, 0));
}

/* Users poll in random order, and a million of them are too many for a cache: what the one needs that is a dozen polls
 * ahead is fetched meanwhile. */
static void look_ahead(const struct simulation *s, const struct ring *ring) {
    const struct polling *own = s->own;
    uint32_t user = ring->crowd->first + phases_user(&ring->phases, ring->next + AHEAD);
    __builtin_prefetch(&own->pollers[user]);
    __builtin_prefetch(&s->lines[user]);
    __builtin_prefetch(&s->accounts[user]);
}

/* It is time for the next poll of the ring: at once, or when the last one of this user is answered. */
static void on_due(struct source *source) {
    struct ring *ring = list_entry(source, struct ring, source);
    struct simulation *s = ring->simulation;
    struct polling *own = s->own;
    uint32_t user = ring->crowd->first + phases_user(&ring->phases, ring->next);
    struct poller *poller = &own->pollers[user];
    int64_t due_ns = s->engine.now_ns;
    look_ahead(s, ring);
    simulation_notes(s, user, MOMENT_DUE, due_ns);
    if (poller->due_ns != 0) {
        count_in_window(s, &ring->crowd->skipped, due_ns);
        simulation_notes(s, user, MOMENT_SKIPPED, due_ns);
    } else if (poller->answered_ns <= due_ns) {
        ask(s, user, due_ns, crowd_comes_to(s, ring->crowd, due_ns, s->machine.wake_ns));
    } else {
        poller->due_ns = due_ns;
        simulation_notes(s, user, MOMENT_WAITS, due_ns);
        if (poller->answered_ns != UNDER_WAY) ask_later(s, user);
    }
    engine_arm(&s->engine, source,
               ring->crowd->connected_ns + phases_due_ns(&ring->phases, ++ring->next));
}

/* --- answering -------------------------------------------------------------------------------- */

static uint64_t answer_bytes(const struct simulation *s, uint64_t last, uint64_t body) {
    const struct polling *own = s->own;
    uint64_t fields =
        strlen("Content-Type: application/x-ndjson\r\nCache-Control: no-cache\r\nETag: \"\"\r\n") +
        cursor_bytes(last) + (own->keep_alive ? 0 : strlen("Connection: close\r\n"));
    return body > 0 ? answer_head_bytes("200 OK", (int64_t)body, fields) + body
                    : answer_head_bytes("304 Not Modified", -1, fields);
}

/* The question has come, and takes its turn. */
static void on_question(struct flow *flow, const struct flight *flight) {
    struct simulation *s = flow->data;
    struct polling *own = s->own;
    struct service *service = service_of(s, flight->user);
    int64_t turn_ns = host_comes_to(&service->host, flight->at_ns, s->machine.wake_ns);
    host_works(&service->host, turn_ns, s->machine.request_ns + s->machine.answer_ns);
    flow_add(&own->turns, &(struct flight){turn_ns, flight->sent_ns, 0, flight->user});
}

/* The server's turn: everything that this user does not have. When that arrives is known at once, and nothing else
 * reaches the user before. */
static void on_turn(struct flow *flow, const struct flight *flight) {
    struct simulation *s = flow->data;
    struct polling *own = s->own;
    uint32_t user = flight->user;
    struct poller *poller = &own->pollers[user];
    struct crowd *crowd = crowd_of(s, user);
    struct service *service = service_of(s, user);
    struct line *line = &s->lines[user];
    uint64_t after = simulation_seat(s, user, poller->has), last = s->event_count;
    uint64_t body = lines_bytes(s, after, last);
    int64_t written_ns = flight->at_ns + s->machine.request_ns + s->machine.answer_ns;
    count_in_window(s, &service->requests, flight->at_ns);
    for (uint64_t number = after + 1; number <= last; number++)
        simulation_sends(s, service, number, flight->at_ns, flight->at_ns);
    int64_t at_ns = line_say(&s->network, line, &crowd->traffic, LINK_DOWN, written_ns,
                             answer_bytes(s, last, body), body > 0 ? "200" : "304");
    if (body == 0) count_in_window(s, &crowd->empty_responses, at_ns);
    if (!own->keep_alive) line_close(&s->network, line, &crowd->traffic, LINK_DOWN, written_ns);
    poller->answered_ns = simulation_delivers(s, user, after, last, at_ns, flight->sent_ns);
    poller->has = last;
    if (window_has(&s->window, poller->answered_ns))
        histogram_record(crowd->round_trip, poller->answered_ns - flight->sent_ns);
    if (poller->due_ns != 0) ask_later(s, user);
}

/* --- beginning and end ------------------------------------------------------------------------ */

static int64_t interval_ns(const struct simulation *s) {
    return (int64_t)(simulation_number(s, "interval_ms") * NS_PER_MS);
}

static void start_ring(struct simulation *s, struct ring *ring, struct crowd *crowd) {
    uint64_t seed = random_derive(simulation_seed(s), crowd->first + 1);
    *ring = (struct ring){.source.fire = on_due, .crowd = crowd, .simulation = s};
    phases_make(&ring->phases, crowd->count, interval_ns(s), seed);
    engine_arm(&s->engine, &ring->source, crowd->connected_ns + phases_due_ns(&ring->phases, 0));
}

static void start(struct simulation *s) {
    struct polling *own = s->own;
    own->keep_alive = simulation_switch(s, "keep_alive");
    own->pollers = xcalloc(s->users, sizeof(*own->pollers));
    own->rings = xcalloc((size_t)s->crowds_count, sizeof(*own->rings));
    flow_init(&own->questions, &s->engine, on_question, s);
    flow_init(&own->turns, &s->engine, on_turn, s);
    flow_init(&own->postponed, &s->engine, on_postponed, s);
    for (int i = 0; i < s->crowds_count; i++) start_ring(s, &own->rings[i], &s->crowds[i]);
}

static void stop(struct simulation *s) {
    struct polling *own = s->own;
    for (int i = 0; i < s->crowds_count; i++) phases_free(&own->rings[i].phases);
    flow_free(&own->questions);
    flow_free(&own->turns);
    flow_free(&own->postponed);
    free(own->rings);
    free(own->pollers);
}

static const char *const options[] = {"interval_ms", "keep_alive", NULL};

const struct model polling_model = {
    .name = "polling",
    .options = options,
    .size = sizeof(struct polling),
    .start = start,
    .stop = stop,
    .settle_ns = interval_ns,
    .alternates = true,
};

/* Long polling, simulated: each user has asked already, and the request is parked; an event answers all of them, and
 * each asks again at once.
 *
 *     user    |--- GET --->|                     |--- GET --->|
 *     server               parked ... publishes 13: 200       parked, or answered at once: 14 has come meanwhile
 *
 * While its request is parked an event reaches a user as fast as a push. While answer and next question are under way,
 * one round trip, it waits for the question, and shares its answer with others that came meanwhile: that is what
 * distance does to long polling. The price: up to a request and an answer per event.
 *
 * What calls what, each when its time has come:
 *
 *     publish -> answer (to all that are parked) -> on_answer (it is at the user) -> ask
 *       -> on_question (it is at the server) -> on_turn (the server comes to it) -> answer, or park
 *     on_patience (the longest was held long enough) -> answer (with nothing)
 *
 * Left out: time-outs of clients; that the server checks only ten times a second who was held long enough. */
#include "models.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* A request that is held; of one server process, in the order in which they came. */
struct parked {
    uint32_t user;
    int64_t since_ns;
};
struct car_park {
    struct parked *places;
    size_t first, count;
    uint32_t room;
};

struct asker {
    uint64_t has;
    int64_t asked_ns;
};

struct long_polling {
    struct asker *askers;
    struct car_park *parks; /* by server process */
    struct flow
        answers; /* on their way; their numbers: the newest event that the user had before */
    struct flow questions; /* on their way to the server */
    struct flow
        turns; /* those that are there, until the server comes to them; sent: when it has answered */
    struct source patience; /* the longest was held long enough */
    int64_t hold_ns;
    struct simulation *simulation;
};

/* --- parking ---------------------------------------------------------------------------------- */

static void park(struct long_polling *own, uint32_t user, int64_t since_ns) {
    struct simulation *s = own->simulation;
    struct car_park *park = &own->parks[user % (uint32_t)s->services_count];
    park->places[(park->first + park->count++) % park->room] = (struct parked){user, since_ns};
    simulation_notes(s, user, MOMENT_PARKED, since_ns);
    bool watched = own->patience.place != 0; /* somebody longer parked is */
    if (!watched) engine_arm(&s->engine, &own->patience, since_ns + own->hold_ns);
}

static struct parked leave(struct car_park *park) {
    struct parked longest = park->places[park->first];
    park->first = (park->first + 1) % park->room;
    park->count--;
    return longest;
}

/* --- answer, and the next question ------------------------------------------------------------ */

static uint64_t question_bytes(const struct simulation *s, uint64_t has) {
    return strlen("GET /events?after= HTTP/1.1\r\n") + cursor_bytes(has) + host_field_bytes(s) +
           strlen("\r\n");
}

static uint64_t answer_bytes(uint64_t last, uint64_t body) {
    uint64_t fields = strlen("Cache-Control: no-store\r\nETag: \"\"\r\n") + cursor_bytes(last);
    return body == 0
               ? answer_head_bytes("204 No Content", -1, fields)
               : answer_head_bytes("200 OK", (int64_t)body,
                                   fields + strlen("Content-Type: application/x-ndjson\r\n")) +
                     body;
}

static void ask(struct simulation *s, uint32_t user, int64_t from_ns) {
    struct long_polling *own = s->own;
    struct asker *asker = &own->askers[user];
    struct crowd *crowd = crowd_of(s, user);
    int64_t written_ns =
        crowd_works(s, crowd, crowd_comes_to(s, crowd, from_ns, 0), s->machine.ask_ns);
    asker->asked_ns = from_ns;
    count_in_window(s, &crowd->requests, from_ns);
    int64_t at_ns = line_say(&s->network, &s->lines[user], &crowd->traffic, LINK_UP, written_ns,
                             question_bytes(s, asker->has), "GET");
    flow_add(&own->questions, &(struct flight){at_ns, from_ns, 0, user});
}

/* All that the user does not have, or nothing: written by then. */
static void answer(struct simulation *s, uint32_t user, uint64_t after, int64_t written_ns) {
    struct long_polling *own = s->own;
    struct asker *asker = &own->askers[user];
    struct crowd *crowd = crowd_of(s, user);
    uint64_t last = s->event_count, body = lines_bytes(s, after, last);
    int64_t at_ns = line_say(&s->network, &s->lines[user], &crowd->traffic, LINK_DOWN, written_ns,
                             answer_bytes(last, body), body > 0 ? "200" : "204");
    if (body == 0) count_in_window(s, &crowd->empty_responses, at_ns);
    asker->has = last;
    flow_add(&own->answers, &(struct flight){at_ns, written_ns, after, user});
}

/* The answer has come: it is read, and asks again. */
static void on_answer(struct flow *flow, const struct flight *flight) {
    struct simulation *s = flow->data;
    struct long_polling *own = s->own;
    const struct asker *asker = &own->askers[flight->user];
    ask(s, flight->user,
        simulation_delivers(s, flight->user, flight->number, asker->has, flight->at_ns,
                            asker->asked_ns));
}

/* What a server takes to answer with the events after this one. */
static int64_t answer_cost_ns(const struct simulation *s, uint64_t after) {
    uint64_t last = s->event_count;
    return s->machine.answer_ns + bytes_cost_ns(s, answer_bytes(last, lines_bytes(s, after, last)));
}

/* A parked request is up to date: the new event is its answer. Servers work at the same time, hence round by round. */
static void publish(struct simulation *s) {
    struct long_polling *own = s->own;
    uint64_t number = s->event_count;
    int64_t cost_ns = answer_cost_ns(s, number - 1);
    size_t most = 0;
    for (int i = 0; i < s->services_count; i++)
        if (own->parks[i].count > most) most = own->parks[i].count;
    for (size_t round = 0; round < most; round++)
        for (int i = 0; i < s->services_count; i++) {
            struct service *service = &s->services[i];
            if (own->parks[i].count == 0) continue;
            int64_t turn_ns = host_comes_to(&service->host, s->engine.now_ns, 0);
            simulation_sends(s, service, number, turn_ns, s->engine.now_ns);
            answer(s, leave(&own->parks[i]).user, number - 1,
                   host_works(&service->host, turn_ns, cost_ns));
        }
}

/* The question has come, and takes its turn: the server reads it, and answers at once if there is something by now. */
static void on_question(struct flow *flow, const struct flight *flight) {
    struct simulation *s = flow->data;
    struct long_polling *own = s->own;
    struct service *service = service_of(s, flight->user);
    uint64_t has = own->askers[flight->user].has;
    bool news = has < s->event_count;
    int64_t turn_ns = host_comes_to(&service->host, flight->at_ns, s->machine.wake_ns);
    int64_t cost_ns = s->machine.request_ns + (news ? answer_cost_ns(s, has) : 0);
    int64_t done_ns = host_works(&service->host, turn_ns, cost_ns);
    flow_add(&own->turns, &(struct flight){turn_ns, news ? done_ns : 0, 0, flight->user});
}

/* The server's turn: there is something for this user, or it is parked. What has come between question and turn is
 * answered when the server is done with what it has begun. */
static void on_turn(struct flow *flow, const struct flight *flight) {
    struct simulation *s = flow->data;
    struct long_polling *own = s->own;
    uint32_t user = flight->user;
    struct service *service = service_of(s, user);
    uint64_t after = simulation_seat(s, user, own->askers[user].has);
    int64_t written_ns = flight->sent_ns;
    count_in_window(s, &service->requests, flight->at_ns);
    if (after == s->event_count) {
        park(own, user, flight->at_ns);
        return;
    }
    for (uint64_t number = after + 1; number <= s->event_count; number++)
        simulation_sends(s, service, number, flight->at_ns, flight->at_ns);
    if (written_ns == 0)
        written_ns = host_works(&service->host, host_comes_to(&service->host, flight->at_ns, 0),
                                answer_cost_ns(s, after));
    answer(s, user, after, written_ns);
}

/* Those that were held long enough are answered with nothing. With nobody left it is armed for never, until somebody is
 * parked. */
static void on_patience(struct source *source) {
    struct long_polling *own = list_entry(source, struct long_polling, patience);
    struct simulation *s = own->simulation;
    int64_t next_ns = INT64_MAX;
    for (int i = 0; i < s->services_count; i++) {
        struct car_park *park = &own->parks[i];
        while (park->count > 0 &&
               park->places[park->first].since_ns + own->hold_ns <= s->engine.now_ns) {
            struct host *host = &s->services[i].host;
            int64_t turn_ns = host_comes_to(host, s->engine.now_ns, 0);
            uint32_t user = leave(park).user;
            simulation_notes(s, user, MOMENT_PATIENCE, turn_ns);
            answer(s, user, s->event_count,
                   host_works(host, turn_ns, answer_cost_ns(s, s->event_count)));
        }
        if (park->count > 0 && park->places[park->first].since_ns + own->hold_ns < next_ns)
            next_ns = park->places[park->first].since_ns + own->hold_ns;
    }
    engine_arm(&s->engine, source, next_ns);
}

/* --- beginning and end ------------------------------------------------------------------------ */

static void start(struct simulation *s) {
    struct long_polling *own = s->own;
    own->simulation = s;
    own->hold_ns = (int64_t)(simulation_number(s, "hold_seconds") * NS_PER_SECOND);
    own->patience.fire = on_patience;
    own->askers = xcalloc(s->users, sizeof(*own->askers));
    own->parks = xcalloc((size_t)s->services_count, sizeof(*own->parks));
    for (int i = 0; i < s->services_count; i++) {
        own->parks[i].room = s->users / (uint32_t)s->services_count + 1;
        own->parks[i].places = xcalloc(own->parks[i].room, sizeof(struct parked));
    }
    flow_init(&own->answers, &s->engine, on_answer, s);
    flow_init(&own->questions, &s->engine, on_question, s);
    flow_init(&own->turns, &s->engine, on_turn, s);
    for (uint32_t user = 0; user < s->users; user++) {
        own->askers[user].asked_ns = crowd_of(s, user)->connected_ns;
        park(own, user, crowd_of(s, user)->connected_ns);
    }
}

static void stop(struct simulation *s) {
    struct long_polling *own = s->own;
    for (int i = 0; i < s->services_count; i++) free(own->parks[i].places);
    free(own->parks);
    free(own->askers);
    flow_free(&own->answers);
    flow_free(&own->questions);
    flow_free(&own->turns);
}

static const char *const options[] = {"hold_seconds", NULL};

const struct model long_polling_model = {
    .name = "long_polling",
    .options = options,
    .size = sizeof(struct long_polling),
    .start = start,
    .publish = publish,
    .stop = stop,
    .alternates = true,
};

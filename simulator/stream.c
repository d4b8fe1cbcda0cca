/* Streams with holes: see stream.h. */
#include "stream.h"

#include "base/memory.h"
#include "timer.h"

#include <stdlib.h>

/* An event that waits behind a hole, or is one. */
struct held {
    uint64_t number, bytes;
    uint64_t lost; /* bytes of it that were lost */
    int64_t sent_ns;
    int64_t arrived_ns; /* -1: not all of it has */
};

/* Of one user. */
struct hole {
    struct held *held; /* in order; the first was lost */
    size_t count;      /* none: all has come, but the sender does not know */
    int64_t repair_ns; /* when what was lost goes out again; if `heard`, when the sender hears */
    int64_t timer_ns;  /* how long the timer is by now */
    int tries;         /* so often it went out again in vain */
    uint64_t version;  /* of repair_ns: no other hole has the same */
    bool closed;       /* it went out again: what is written from then on stays with the sender */
    bool heard;        /* ... until it hears that all of it came; else until the timer fires */
    struct held *kept; /* by the sender */
    size_t kept_count;
};

#define TIMER_LEAST_NS INT64_C(2000000) /* TCP sets none for less */

static void on_repair(struct flow *flow, const struct flight *flight);

void streams_init(struct streams *streams, struct engine *engine, uint32_t users) {
    flow_init(&streams->repairs, engine, on_repair, streams);
    streams->holes = xcalloc(users, sizeof(struct hole *));
}

static void hole_free(struct hole *hole) {
    if (hole == NULL) return;
    free(hole->held);
    free(hole->kept);
    free(hole);
}

void streams_free(struct streams *streams, uint32_t users) {
    for (uint32_t user = 0; user < users && streams->holes != NULL; user++)
        hole_free(streams->holes[user]);
    free(streams->holes);
    flow_free(&streams->repairs);
}

static void repair_at(struct streams *streams, uint32_t user, int64_t at_ns) {
    struct hole *hole = streams->holes[user];
    hole->repair_ns = at_ns;
    hole->version = ++streams->versions;
    flow_add(&streams->repairs,
             &(struct flight){.at_ns = at_ns, .user = user, .number = hole->version});
}

static void repair_by_timer(struct streams *streams, uint32_t user, int64_t from_ns) {
    repair_at(streams, user,
              timer_fires_ns(streams->network->tick_ns, from_ns, streams->holes[user]->timer_ns));
}

static int64_t first_timer_ns(const struct streams *streams) {
    return streams->network->round_ns + RTO_LEAST_NS;
}

static void hold(struct hole *hole, const struct held *held) {
    hole->held = xgrow(hole->held, hole->count, sizeof(*held));
    hole->held[hole->count++] = *held;
}

/* It is there, in its order. */
static void arrive(struct streams *streams, uint32_t user, const struct held *held) {
    struct line *line = &streams->lines[user];
    bool waited = held->arrived_ns < line->clear_ns[LINK_DOWN];
    int64_t at_ns = waited ? line->clear_ns[LINK_DOWN] : held->arrived_ns;
    line->clear_ns[LINK_DOWN] = at_ns;
    streams->deliver(streams->data, user, held->number, at_ns);
}

/* Returns whether the sender hears of it: its acknowledgement may be lost. */
static bool hear(struct streams *streams, uint32_t user, const struct held *held) {
    struct line *line = &streams->lines[user];
    line_hear(streams->network, line, streams->traffic_of(streams->data, user), LINK_UP,
              held->arrived_ns, held->bytes);
    return line->unheard_ns[LINK_DOWN] == 0;
}

/* One behind the hole has come, and its acknowledgement says so: a quarter of a round trip is left to what was only
 * overtaken. */
static void notice(struct streams *streams, uint32_t user, const struct held *later) {
    const struct hole *hole = streams->holes[user];
    int64_t round_ns = streams->network->round_ns;
    int64_t told_ns = later->arrived_ns + round_ns / 2;
    int64_t doubt_ns = hole->held[0].sent_ns + round_ns * 5 / 4;
    int64_t at_ns = told_ns, now_ns = streams->repairs.engine->now_ns;
    if (doubt_ns > told_ns)
        at_ns =
            timer_fires_ns(streams->network->tick_ns, told_ns, doubt_ns - told_ns + TIMER_LEAST_NS);
    if (at_ns < hole->repair_ns) repair_at(streams, user, at_ns > now_ns ? at_ns : now_ns);
}

static void open_hole(struct streams *streams, uint32_t user, const struct held *lost) {
    struct hole *hole = xcalloc(1, sizeof(*hole));
    hole->timer_ns = first_timer_ns(streams);
    streams->holes[user] = hole;
    hold(hole, lost);
    repair_by_timer(streams, user, lost->sent_ns);
}

static void keep(struct hole *hole, const struct held *held) {
    hole->kept = xgrow(hole->kept, hole->kept_count, sizeof(*held));
    hole->kept[hole->kept_count++] = *held;
}

void stream_push(struct streams *streams, uint32_t user, uint64_t number, int64_t at_ns,
                 uint64_t bytes) {
    struct tail tail;
    struct hole *hole = streams->holes[user];
    if (hole != NULL && hole->closed) {
        keep(hole, &(struct held){.number = number, .bytes = bytes});
        return;
    }
    struct held held = {.number = number, .bytes = bytes, .sent_ns = at_ns};
    held.arrived_ns =
        line_try(streams->network, &streams->lines[user], streams->traffic_of(streams->data, user),
                 LINK_DOWN, at_ns, bytes, &tail);
    bool came = held.arrived_ns >= 0;
    held.lost = tail.bytes;
    bool told = came && hear(streams, user, &held);
    network_show(
        streams->network, &streams->lines[user],
        &(struct sighting){LINK_DOWN, at_ns, held.arrived_ns, bytes, tail.losses, "event", number});
    if (hole == NULL && came) {
        arrive(streams, user, &held);
    } else if (hole == NULL) {
        open_hole(streams, user, &held);
    } else {
        hold(hole, &held);
        if (told) notice(streams, user, &held);
    }
}

/* What was lost long enough ago to be told from what is still under way goes out again. Returns whether the sender will
 * hear that all of it came. */
static bool send_again(struct streams *streams, uint32_t user, int64_t now_ns) {
    struct hole *hole = streams->holes[user];
    struct traffic *traffic = streams->traffic_of(streams->data, user);
    bool heard = true;
    streams->lines[user].used_ns[LINK_DOWN] = now_ns;
    for (size_t i = 0; i < hole->count; i++) {
        struct held *held = &hole->held[i];
        if (held->arrived_ns >= 0 || (i > 0 && held->sent_ns + streams->network->round_ns > now_ns))
            continue;
        held->arrived_ns = line_try_again(streams->network, &streams->lines[user], traffic,
                                          LINK_DOWN, now_ns, &held->lost);
        heard = held->arrived_ns >= 0 && hear(streams, user, held) && heard;
        network_show(streams->network, &streams->lines[user],
                     &(struct sighting){LINK_DOWN, now_ns, held->arrived_ns, held->bytes, 0, NULL,
                                        held->number});
    }
    return heard;
}

/* The next acknowledgement that comes: of what went out again, or of what was under way before it. */
static int64_t next_heard_ns(const struct streams *streams, const struct hole *hole,
                             int64_t now_ns) {
    int64_t half_ns = streams->network->round_ns / 2, next_ns = now_ns + 2 * half_ns;
    for (size_t i = hole->count; i > 0; i--) {
        int64_t heard_ns = hole->held[i - 1].arrived_ns + half_ns;
        if (hole->held[i - 1].arrived_ns >= 0 && heard_ns > now_ns && heard_ns < next_ns)
            next_ns = heard_ns;
    }
    return next_ns;
}

/* The sender has heard: what it kept goes out, and it knows what is still missing. */
static void open_window(struct streams *streams, uint32_t user, int64_t now_ns) {
    struct hole *hole = streams->holes[user];
    struct held *kept = hole->kept;
    size_t count = hole->kept_count;
    hole->closed = false;
    hole->kept = NULL;
    hole->kept_count = 0;
    if (hole->count == 0) {
        streams->holes[user] = NULL;
        hole_free(hole);
    } else {
        repair_by_timer(streams, user, now_ns);
        for (size_t i = 1; i < hole->count; i++)
            if (hole->held[i].arrived_ns >= 0) notice(streams, user, &hole->held[i]);
    }
    for (size_t i = 0; i < count; i++)
        stream_push(streams, user, kept[i].number, now_ns, kept[i].bytes);
    free(kept);
}

static void deliver_what_came(struct streams *streams, uint32_t user) {
    struct hole *hole = streams->holes[user];
    size_t done = 0;
    for (; done < hole->count && hole->held[done].arrived_ns >= 0; done++)
        arrive(streams, user, &hole->held[done]);
    hole->tries = done == 0 ? hole->tries + 1 : 0;
    hole->count -= done;
    for (size_t i = 0; i < hole->count; i++) hole->held[i] = hole->held[i + done];
}

static void on_repair(struct flow *flow, const struct flight *flight) {
    struct streams *streams = flow->data;
    uint32_t user = flight->user;
    int64_t now_ns = flight->at_ns;
    struct hole *hole = streams->holes[user];
    if (hole == NULL || flight->number != hole->version) return;
    if (hole->closed && hole->heard) {
        open_window(streams, user, now_ns);
        return;
    }
    hole->closed = true;
    hole->heard = true;
    int64_t next_ns;
    if (hole->count == 0) {
        streams->lines[user].unheard_ns[LINK_DOWN] = 0;
        next_ns = line_repeat(streams->network, &streams->lines[user],
                              streams->traffic_of(streams->data, user), LINK_DOWN, now_ns);
    } else {
        hole->heard = send_again(streams, user, now_ns);
        next_ns = next_heard_ns(streams, hole, now_ns);
        deliver_what_came(streams, user);
    }
    hole->timer_ns = hole->tries < 2 ? first_timer_ns(streams) : rto_doubled_ns(hole->timer_ns);
    if (hole->heard)
        repair_at(streams, user, next_ns);
    else
        repair_by_timer(streams, user, now_ns);
}

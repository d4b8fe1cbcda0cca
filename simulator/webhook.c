/* Webhooks, simulated: each receiver gets a signed POST per event, and answers 204.
 *
 *     server   publishes 13: |--- POST --->|           |--- POST (14) --->|
 *     receiver                             |--- 204 -->|
 *
 * It gets the next one when it has answered (as long as in_flight_per_receiver is 1). So it is a queue of constant
 * service: with R for a round trip it takes 1 / R events a second and no more. And a server process has places for so
 * many POSTs at a time (in_flight): what finds none free waits for one. The price: a whole request per event, signed.
 *
 * What calls what, each when its time has come:
 *
 *     publish -> load (what receivers may get next waits for a place) -> pump (what has a place is signed)
 *       -> on_signed (all that is) -> post -> on_post (it is at the receiver) -> on_answer (204) -> load, pump
 *
 * libcurl sends nothing before its owner has come to an end: so of a batch all are signed before the first one goes out.
 *
 * All receivers of a client process have one address, so libcurl sends to them over the same few connections, the first
 * in its list that is idle. What a server owes for an answer rides on the next POST over that connection, whoever's it
 * is.
 *
 * Left out: attempts that fail, and what follows from them; receivers that are not trusted; limits of libcurl's pool
 * of connections where there are several client processes; what connecting takes of a processor. */
#include "models.h"

#include "base/list.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct receiver {
    uint64_t taken; /* number of the newest event that waits for a place, or was sent */
    /* So many wait for a place, or are not answered yet: in_flight_per_receiver at most. */
    uint32_t pending;
};

/* An event that waits for a place. */
struct waiting {
    uint32_t user;
    uint64_t number;
};

/* A connection to a client process. While it is busy it takes a place. */
struct wire {
    struct line line;
    uint64_t number; /* of the event that it carries */
    bool open, busy;
};

/* What one server process has. */
struct sender {
    struct waiting *queue;       /* for a place: a ring of `room`, which grows */
    size_t first, count, room;   /* of it */
    uint32_t free;               /* places that nobody has */
    struct waiting *signed_ones; /* they have a place, and go out at libcurl's turn */
    uint32_t signed_count;
    struct source hand_over; /* that turn */
    int index;               /* of the process */
    struct simulation *simulation;
    struct wire *wires; /* in_flight of them for each client process */
};

struct webhook {
    struct receiver *receivers;
    struct sender *senders;
    struct flow posts, answers; /* on their way to receivers, and back; their numbers are wires */
    uint32_t in_flight, lanes;
    bool keep_alive;
};

#define SIGNATURE_BYTES 44 /* HMAC-SHA256 in base64 */

/* --- texts ------------------------------------------------------------------------------------ */

static uint64_t post_bytes(const struct simulation *s, uint32_t user, uint64_t number) {
    uint64_t text = s->events[number - 1].bytes;
    uint64_t hook =
        (uint64_t)digits_of(user / (uint32_t)s->services_count) + strlen("-0123456789abcdef");
    return strlen("POST /hooks/ HTTP/1.1\r\n") + (uint64_t)digits_of(user) + host_field_bytes(s) +
           strlen("User-Agent: pushpull\r\nAccept: */*\r\ncontent-type: application/json\r\n") +
           strlen("webhook-id: msg__\r\n") + hook + cursor_bytes(number) +
           strlen("webhook-timestamp: 1767225600\r\nwebhook-signature: v1,\r\n") + SIGNATURE_BYTES +
           strlen("Content-Length: \r\n\r\n") + (uint64_t)digits_of(text) + text;
}

/* --- who waits -------------------------------------------------------------------------------- */

static void wait_for_place(struct sender *sender, struct waiting waiting) {
    if (sender->count == sender->room) {
        struct waiting *larger = xcalloc(2 * sender->room, sizeof(*larger));
        for (size_t i = 0; i < sender->count; i++)
            larger[i] = sender->queue[(sender->first + i) % sender->room];
        free(sender->queue);
        sender->queue = larger;
        sender->first = 0;
        sender->room *= 2;
    }
    sender->queue[(sender->first + sender->count++) % sender->room] = waiting;
}

/* The next events of a receiver wait for a place, as many as it may have pending. */
static void load(struct simulation *s, uint32_t user) {
    struct webhook *own = s->own;
    struct receiver *receiver = &own->receivers[user];
    struct sender *sender = &own->senders[user % (uint32_t)s->services_count];
    receiver->taken = simulation_seat(s, user, receiver->taken);
    for (; receiver->pending < own->lanes && receiver->taken < s->event_count; receiver->pending++)
        wait_for_place(sender, (struct waiting){user, ++receiver->taken});
}

/* --- sending, and the answer -------------------------------------------------------------------- */

/* There is one: a place was free, and each busy one takes a place. */
static uint32_t lowest_idle(const struct sender *sender, uint32_t first) {
    while (sender->wires[first].busy) first++;
    return first;
}

/* One POST goes out. */
static void post(struct simulation *s, struct service *service, struct sender *sender,
                 struct waiting what) {
    struct webhook *own = s->own;
    struct crowd *crowd = crowd_of(s, what.user);
    uint32_t place = lowest_idle(sender, (uint32_t)(crowd - s->crowds) * own->in_flight);
    struct wire *wire = &sender->wires[place];
    uint64_t bytes = post_bytes(s, what.user, what.number);
    int64_t turn_ns = host_comes_to(&service->host, s->engine.now_ns, 0);
    int64_t sent_ns =
        host_works(&service->host, turn_ns, s->machine.post_ns + bytes_cost_ns(s, bytes));
    simulation_lends(s, what.user, &wire->line);
    if (!wire->open) /* and the loop is told when it is */
        sent_ns = line_open(&s->network, &wire->line, &crowd->traffic, LINK_DOWN, sent_ns) +
                  s->machine.wake_ns;
    wire->open = wire->busy = true;
    int64_t at_ns =
        line_say(&s->network, &wire->line, &crowd->traffic, LINK_DOWN, sent_ns, bytes, "POST");
    wire->number = what.number;
    count_in_window(s, &crowd->requests, at_ns);
    flow_add(&own->posts, &(struct flight){at_ns, sent_ns, place, what.user});
}

/* The POST has come: the receiver reads it, checks it and answers. */
static void on_post(struct flow *flow, const struct flight *flight) {
    struct simulation *s = flow->data;
    struct webhook *own = s->own;
    uint32_t user = flight->user;
    struct crowd *crowd = crowd_of(s, user);
    struct sender *sender = &own->senders[user % (uint32_t)s->services_count];
    struct wire *wire = &sender->wires[flight->number];
    int64_t read_ns =
        simulation_delivers(s, user, wire->number - 1, wire->number, flight->at_ns, 0);
    int64_t answered_ns = crowd_works(s, crowd, read_ns, s->machine.receive_ns);
    simulation_lends(s, user, &wire->line);
    int64_t back_ns = line_say(&s->network, &wire->line, &crowd->traffic, LINK_UP, answered_ns,
                               answer_head_bytes("204 No Content", -1, 0), "204");
    flow_add(&own->answers, &(struct flight){back_ns, answered_ns, flight->number, user});
}

static void on_signed(struct source *source) {
    struct sender *sender = list_entry(source, struct sender, hand_over);
    struct simulation *s = sender->simulation;
    for (uint32_t i = 0; i < sender->signed_count; i++)
        post(s, &s->services[sender->index], sender, sender->signed_ones[i]);
    sender->signed_count = 0;
}

/* Signs as much as may be under way. Waiting for the receiver, and for a place, is the server's own affair. */
static void pump(struct simulation *s, int index) {
    struct webhook *own = s->own;
    struct sender *sender = &own->senders[index];
    struct service *service = &s->services[index];
    for (; sender->free > 0 && sender->count > 0; sender->free--, sender->count--) {
        struct waiting next = sender->queue[sender->first];
        int64_t turn_ns = host_comes_to(&service->host, s->engine.now_ns, 0);
        simulation_sends(s, service, next.number, turn_ns, s->events[next.number - 1].at_ns);
        host_works(&service->host, turn_ns, s->machine.sign_ns);
        sender->signed_ones[sender->signed_count++] = next;
        sender->first = (sender->first + 1) % sender->room;
    }
    if (sender->signed_count > 0 && sender->hand_over.place == 0)
        engine_arm(&s->engine, &sender->hand_over, service->host.free_ns);
}

static void publish(struct simulation *s) {
    for (uint32_t user = 0; user < s->users; user++) load(s, user);
    for (int i = 0; i < s->services_count; i++) pump(s, i);
}

/* The answer has come: on to the next event, if there is one. */
static void on_answer(struct flow *flow, const struct flight *flight) {
    struct simulation *s = flow->data;
    struct webhook *own = s->own;
    int index = (int)(flight->user % (uint32_t)s->services_count);
    struct sender *sender = &own->senders[index];
    struct host *host = &s->services[index].host;
    struct wire *wire = &sender->wires[flight->number];
    int64_t turn_ns = host_comes_to(host, flight->at_ns, s->machine.wake_ns);
    int64_t done_ns = host_works(host, turn_ns, s->machine.confirm_ns);
    if (!own->keep_alive) {
        simulation_lends(s, flight->user, &wire->line);
        line_close(&s->network, &wire->line, &crowd_of(s, flight->user)->traffic, LINK_DOWN,
                   done_ns);
        wire->open = false;
    }
    wire->busy = false;
    sender->free++;
    own->receivers[flight->user].pending--;
    load(s, flight->user);
    pump(s, index);
}

/* --- beginning and end ------------------------------------------------------------------------ */

static void start(struct simulation *s) {
    struct webhook *own = s->own;
    own->in_flight = (uint32_t)simulation_number(s, "in_flight");
    own->lanes = (uint32_t)simulation_number(s, "in_flight_per_receiver");
    own->keep_alive = simulation_switch(s, "keep_alive");
    own->receivers = xcalloc(s->users, sizeof(*own->receivers));
    own->senders = xcalloc((size_t)s->services_count, sizeof(*own->senders));
    for (int i = 0; i < s->services_count; i++) {
        own->senders[i] = (struct sender){.room = 64,
                                          .free = own->in_flight,
                                          .index = i,
                                          .simulation = s,
                                          .hand_over.fire = on_signed};
        own->senders[i].signed_ones = xcalloc(own->in_flight, sizeof(struct waiting));
        own->senders[i].queue = xcalloc(own->senders[i].room, sizeof(struct waiting));
        own->senders[i].wires =
            xcalloc((size_t)s->crowds_count * own->in_flight, sizeof(struct wire));
    }
    flow_init(&own->posts, &s->engine, on_post, s);
    flow_init(&own->answers, &s->engine, on_answer, s);
}

/* At the end acknowledgements may still be owed on its own lines. */
static void stop(struct simulation *s) {
    struct webhook *own = s->own;
    for (int i = 0; i < s->services_count; i++) {
        struct sender *sender = &own->senders[i];
        for (uint32_t k = 0; k < (uint32_t)s->crowds_count * own->in_flight; k++)
            line_settle(&s->network, &sender->wires[k].line, &s->crowds[k / own->in_flight].traffic,
                        s->engine.now_ns);
        free(sender->signed_ones);
        free(sender->queue);
        free(sender->wires);
    }
    free(own->senders);
    free(own->receivers);
    flow_free(&own->posts);
    flow_free(&own->answers);
}

static const char *const options[] = {"in_flight", "in_flight_per_receiver", "keep_alive", NULL};

const struct model webhook_model = {
    .name = "webhook",
    .options = options,
    .size = sizeof(struct webhook),
    .start = start,
    .publish = publish,
    .stop = stop,
    .shares_lines = true,
};

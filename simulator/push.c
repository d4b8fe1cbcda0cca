/* Pushing: see push.h. The whole idea is push_publish: one event, all subscribers, one write each. */
#include "push.h"

#include "base/list.h"

static void deliver(void *data, uint32_t user, uint64_t number, int64_t arrived_ns) {
    simulation_delivers(data, user, number - 1, number, arrived_ns, 0);
}

static struct traffic *traffic_of(void *data, uint32_t user) {
    return &crowd_of(data, user)->traffic;
}

static void arm_sign(struct push *push) {
    if (push->silence_ns > 0)
        engine_arm(&push->simulation->engine, &push->sign,
                   push->simulation->engine.now_ns + push->silence_ns);
}

/* The last subscriber's event is written when all the others' are: that is what a fan-out costs. */
void push_publish(struct simulation *s) {
    struct push *push = s->own;
    uint64_t number = s->event_count, bytes = push->frame_bytes(s, number);
    int64_t cost_ns = s->machine.write_ns + bytes_cost_ns(s, bytes);
    for (uint32_t user = 0; user < s->users; user++) {
        struct service *service = service_of(s, user);
        int64_t turn_ns = host_comes_to(&service->host, s->engine.now_ns, 0);
        simulation_sends(s, service, number, turn_ns, s->engine.now_ns);
        int64_t written_ns = host_works(&service->host, turn_ns, cost_ns);
        stream_push(&push->streams, user, number, written_ns, bytes);
    }
    arm_sign(push);
}

/* A sign of life: proxies cut what is silent, and a write finds out who is gone. */
static void give_sign(struct source *source) {
    struct push *push = list_entry(source, struct push, sign);
    struct simulation *s = push->simulation;
    for (uint32_t user = 0; user < s->users; user++) {
        struct traffic *traffic = traffic_of(s, user);
        struct host *host = &service_of(s, user)->host;
        int64_t turn_ns = host_comes_to(host, s->engine.now_ns, 0);
        int64_t at_ns = host_works(host, turn_ns, s->machine.write_ns);
        at_ns = line_say(&s->network, &s->lines[user], traffic, LINK_DOWN, at_ns, push->sign_bytes,
                         "sign of life");
        line_settle(&s->network, &s->lines[user], traffic, INT64_MAX); /* it is read at once */
        if (push->reply_bytes == 0) continue;
        line_say(&s->network, &s->lines[user], traffic, LINK_UP, at_ns, push->reply_bytes,
                 "answer");
        line_settle(&s->network, &s->lines[user], traffic, INT64_MAX);
    }
    arm_sign(push);
}

void push_start(struct simulation *s) {
    struct push *push = s->own;
    push->simulation = s;
    push->sign.fire = give_sign;
    push->streams.network = &s->network;
    push->streams.lines = s->lines;
    push->streams.traffic_of = traffic_of;
    push->streams.deliver = deliver;
    push->streams.data = s;
    streams_init(&push->streams, &s->engine, s->users);
    arm_sign(push);
}

void push_stop(struct simulation *s) {
    struct push *push = s->own;
    streams_free(&push->streams, s->users);
}

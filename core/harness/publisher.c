/* The publisher: see publisher.h. */
#include "harness/publisher.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/log.h"
#include "base/memory.h"
#include "harness/report.h"
#include "model/conversation.h"
#include "model/event.h"

#include <stdlib.h>
#include <string.h>

#define BURST_EVENTS 256 /* published at most before the sockets get their turn again */

#define AT(field) offsetof(struct publisher_config, field)

const struct option publisher_options[] = {
    {"events_per_second", OPTION_NUMBER, AT(events_per_second), "1", 0, 1e6, .unit = "events/s",
     .help = "rate of publication; 0: only what is sent to POST /publish"},
    {"arrivals", OPTION_CHOICE, AT(arrivals), "constant", .choices = "constant|poisson",
     .help = "gaps between events: all alike, or exponential"},
    {"ramp_to", OPTION_NUMBER, AT(ramp_to), "0", 0, 1e6, .unit = "events/s",
     .help = "let the rate change evenly to this one; 0: it stays as it is"},
    {"ramp_seconds", OPTION_NUMBER, AT(ramp_seconds), "10", 0.1, 86400, .unit = "s",
     .help = "how long that takes"},
    {"payload_bytes", OPTION_INTEGER, AT(payload_bytes), "100", 0, EVENT_PAYLOAD_MAX,
     .unit = "bytes", .help = "size of each event's payload"},
    {"pacing", OPTION_CHOICE, AT(pacing), "timer", .choices = "timer|spin",
     .help = "how the publisher waits: asleep, or spinning on a core of its own"},
    {NULL},
};

/* --- one event -------------------------------------------------------------------------------- */

static void count(struct publisher *publisher, uint64_t number, int64_t due_ns) {
    if (due_ns > publisher->age.newest_due_ns)
        age_renew(&publisher->age, &publisher->least_age, &publisher->window, due_ns, due_ns);
    if (due_ns < publisher->window.start_ns) publisher->before = number;
    if (!window_has(&publisher->window, due_ns)) return;
    if (publisher->events++ == 0) publisher->first = number;
    publisher->last = number;
    histogram_record(publisher->lag, clock_now_ns() - due_ns);
}

/* Of the schedule: its payload is always the same. */
static void hand_on(struct publisher *publisher, uint64_t number, int64_t due_ns) {
    publisher->handler->publish(publisher, number, due_ns, publisher->payload,
                                (size_t)publisher->config.payload_bytes);
}

/* Publishes the next event of the schedule, unless it was told to make a mistake. */
static void publish_scheduled(struct publisher *publisher, int64_t due_ns) {
    uint64_t number = ++publisher->numbered;
    enum fault_fate fate = fault_fate(&publisher->fault, number);
    bool holds = publisher->held.number != 0;
    if (fate == FATE_SWAP_WITH_NEXT && holds) fate = FATE_PUBLISH; /* one at a time */
    count(publisher, number, due_ns);
    if (fate == FATE_PUBLISH || fate == FATE_DUPLICATE) hand_on(publisher, number, due_ns);
    if (fate == FATE_DUPLICATE) hand_on(publisher, number, due_ns);
    if (holds) hand_on(publisher, publisher->held.number, publisher->held.due_ns);
    publisher->held.number = fate == FATE_SWAP_WITH_NEXT ? number : 0;
    publisher->held.due_ns = due_ns;
}

uint64_t publisher_publish(struct publisher *publisher, const char *payload, size_t length) {
    int64_t now_ns = clock_now_ns();
    uint64_t number = ++publisher->numbered;
    count(publisher, number, now_ns);
    publisher->handler->publish(publisher, number, now_ns, payload, length);
    return number;
}

void publisher_emit(struct publisher *publisher, int64_t due_ns) {
    uint64_t number = ++publisher->numbered;
    count(publisher, number, due_ns);
    hand_on(publisher, number, due_ns);
}

/* --- the schedule ----------------------------------------------------------------------------- */

/* When the next event is to be published: when it is due, unless a delay was asked for. One that is
 * never due stays so. */
static int64_t wake_up_ns(const struct publisher *publisher) {
    const struct schedule *schedule = &publisher->schedule;
    int64_t at_ns;
    int64_t delay_ns = fault_delay_ns(&publisher->fault, schedule->due_ns - schedule->start_ns);
    return __builtin_add_overflow(schedule->due_ns, delay_ns, &at_ns) ? INT64_MAX : at_ns;
}

/* Publishes all that is due. After a stall that can be much: the sockets get a turn in between. */
static void publish_due(struct pacer *pacer) {
    struct publisher *publisher = list_entry(pacer, struct publisher, pacer);
    for (int i = 0; i < BURST_EVENTS && wake_up_ns(publisher) <= clock_now_ns(); i++) {
        int64_t due_ns = publisher->schedule.due_ns;
        schedule_advance(&publisher->schedule);
        publish_scheduled(publisher, due_ns);
    }
    pacer_arm(pacer, wake_up_ns(publisher));
    publisher->handler->caught_up(publisher);
}

void publisher_start(struct publisher *publisher, int64_t start_ns, uint64_t seed) {
    const struct publisher_config *config = &publisher->config;
    bool poisson = strcmp(config->arrivals, "poisson") == 0;
    if (config->events_per_second <= 0) return;
    schedule_init(&publisher->schedule, config->events_per_second, poisson, seed, start_ns);
    if (config->ramp_to > 0)
        schedule_ramp(&publisher->schedule, config->ramp_to, config->ramp_seconds);
    pacer_arm(&publisher->pacer, wake_up_ns(publisher));
}

void publisher_rate(struct publisher *publisher, double events_per_second, int64_t start_ns,
                    uint64_t seed) {
    publisher->config.events_per_second = events_per_second;
    publisher->config.ramp_to = 0;
    publisher->schedule.due_ns = INT64_MAX;
    pacer_arm(&publisher->pacer, INT64_MAX);
    publisher_start(publisher, start_ns, seed);
}

static char *make_payload(int64_t bytes);

void publisher_payload(struct publisher *publisher, int64_t bytes) {
    free(publisher->payload);
    publisher->config.payload_bytes = bytes;
    publisher->payload = make_payload(bytes);
}

/* --- the window ------------------------------------------------------------------------------- */

static void at_stall(struct pacer *pacer) {
    struct publisher *publisher = list_entry(pacer, struct publisher, stall);
    int64_t at_ns, for_ns;
    fault_stall(&publisher->fault, &at_ns, &for_ns);
    fault_stand_still(publisher->window.start_ns + at_ns + for_ns - clock_now_ns());
}

void publisher_measure(struct publisher *publisher, int64_t start_ns, int64_t end_ns) {
    int64_t at_ns, for_ns;
    publisher->window = (struct window){start_ns, end_ns};
    publisher->before = publisher->numbered;
    if (fault_stall(&publisher->fault, &at_ns, &for_ns))
        pacer_arm(&publisher->stall, start_ns + at_ns);
}

bool publisher_window_over(const struct publisher *publisher) {
    bool scheduled = publisher->schedule.events_per_second > 0;
    if (publisher->window.end_ns == 0 || clock_now_ns() < publisher->window.end_ns) return false;
    return !scheduled || publisher->schedule.due_ns >= publisher->window.end_ns;
}

void publisher_report_window(const struct publisher *publisher, json_t *message) {
    bool any = publisher->events > 0;
    report_number(message, FIELD_FIRST, any ? publisher->first : publisher->before + 1);
    report_number(message, FIELD_LAST, any ? publisher->last : publisher->before);
    report_number(message, FIELD_EVENTS, publisher->events);
}

void publisher_report_least_age(const struct publisher *publisher, json_t *message) {
    struct age age = publisher->age;
    struct age_total least = publisher->least_age;
    age_settle(&age, &least, &publisher->window);
    json_object_set_new(message, FIELD_LEAST_AGE_INTEGRAL, json_real(least.integral));
    json_object_set_new(message, FIELD_LEAST_AGE_SECONDS, json_real(least.seconds));
}

/* --- its life --------------------------------------------------------------------------------- */

/* Letters that JSON need not escape, so that payload_bytes is what travels. */
static char *make_payload(int64_t bytes) {
    char *payload = xmalloc((size_t)bytes + 1);
    for (int64_t i = 0; i < bytes; i++) payload[i] = (char)('a' + i % 26);
    return payload;
}

void publisher_init(struct publisher *publisher, const struct publisher_handler *handler,
                    uv_loop_t *loop) {
    publisher->handler = handler;
    publisher->lag = histogram_new();
    publisher->payload = make_payload(publisher->config.payload_bytes);
    fault_init(&publisher->fault);
    if (pacer_init(&publisher->pacer, loop, publish_due) != 0 ||
        pacer_init(&publisher->stall, loop, at_stall) != 0)
        die(1, "cannot go on without a timer");
    if (strcmp(publisher->config.pacing, "spin") == 0) pacer_spin(&publisher->pacer);
}

void publisher_close(struct publisher *publisher) {
    pacer_close(&publisher->pacer);
    pacer_close(&publisher->stall);
}

void publisher_free(struct publisher *publisher) {
    histogram_free(publisher->lag);
    free(publisher->payload);
}

/* The publisher: makes events on an open-loop schedule (model/schedule.h) and hands each to its owner,
 * who appends it to a feed, or sends it to somebody else's server. It never waits for a subscriber, a
 * socket or an earlier event: when the loop stalls, what became due is published late, and the stall
 * shows up as latency.
 *
 * It keeps the books of the window: which events were due in it, and how late they were published. */
#ifndef PUSHPULL_PUBLISHER_H
#define PUSHPULL_PUBLISHER_H

#include "base/options.h"
#include "harness/fault.h"
#include "model/age.h"
#include "model/histogram.h"
#include "model/schedule.h"
#include "net/pacer.h"

#include <jansson.h>

struct publisher;

struct publisher_handler {
    /* An event, published now. */
    void (*publish)(struct publisher *, uint64_t number, int64_t due_ns, const char *payload,
                    size_t length);
    /* All that is due by now has been published. */
    void (*caught_up)(struct publisher *);
};

struct publisher_config {
    double events_per_second, ramp_to, ramp_seconds;
    const char *arrivals, *pacing;
    int64_t payload_bytes;
};
extern const struct option publisher_options[]; /* into a struct publisher_config */

struct publisher {
    struct publisher_config config;
    struct fault fault; /* mistakes that it makes on purpose */
    const struct publisher_handler *handler;
    struct schedule schedule;
    struct pacer pacer, stall; /* the next event; the beginning of a stall */
    char *payload;             /* of every scheduled event */
    uint64_t numbered;         /* events that were given a number */
    struct {
        uint64_t number;
        int64_t due_ns;
    } held; /* waits to be overtaken by the next one; 0: none does */
    struct window window;
    uint64_t events, first, last; /* due in it */
    uint64_t before;              /* the last one that was due before it */
    struct histogram *lag;        /* ns: published - due, of those in the window */
    struct age age;               /* of a subscriber that has every event when it is due */
    struct age_total least_age;
};

/* `config` and `fault` have been read from the command line. Dies without timers. */
void publisher_init(struct publisher *, const struct publisher_handler *, uv_loop_t *);
/* Ends its timers; and, when the loop has ended, frees it. */
void publisher_close(struct publisher *);
void publisher_free(struct publisher *);

/* Begins the schedule; the same seed gives the same times. With a rate of 0 there is none. */
void publisher_start(struct publisher *, int64_t start_ns, uint64_t seed);
/* Publishes one more event, due now. Returns its number. */
uint64_t publisher_publish(struct publisher *, const char *payload, size_t length);

/* While it runs: publishes one more event like those of the schedule, which was due then; begins the schedule anew,
 * at another rate (0: none); makes payloads as long as this. */
void publisher_emit(struct publisher *, int64_t due_ns);
void publisher_rate(struct publisher *, double events_per_second, int64_t start_ns, uint64_t seed);
void publisher_payload(struct publisher *, int64_t bytes);

/* The window, before it opens. */
void publisher_measure(struct publisher *, int64_t start_ns, int64_t end_ns);
/* Whether every event that is due in it has been published. */
bool publisher_window_over(const struct publisher *);
/* Adds `first`, `last` and `events`; without any event the last comes before the first. */
void publisher_report_window(const struct publisher *, json_t *message);
/* Adds the age that a subscriber cannot get below, when the window is over. */
void publisher_report_least_age(const struct publisher *, json_t *message);

#endif

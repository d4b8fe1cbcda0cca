/* The recorder: a client's books about what its subscribers received.
 *
 * Every subscriber has a ledger and an age; the recorder holds what is counted over all of them. Events count
 * when they were *due* inside the measured window, whenever they arrive: the slowest deliveries
 * are counted, not dropped. Latency runs from the due time, so a server or client that stalls
 * cannot hide it (no coordinated omission).
 */
#ifndef PUSHPULL_RECORDER_H
#define PUSHPULL_RECORDER_H

#include "model/age.h"
#include "model/event.h"
#include "model/histogram.h"
#include "model/ledger.h"
#include "model/window.h"

#include <stdbool.h>
#include <stdint.h>

/* What is kept of one subscriber. Zeroed is before its first event. */
struct account {
    struct ledger ledger; /* `received`: distinct events due in the window */
    struct age age;
};

/* The window is cut into slots of equal length, by due time: is latency the same in all? */
#define RECORDER_SLOTS 24
struct recorder_slot {
    uint64_t deliveries;
    double latency_seconds; /* their sum */
};

struct recorder {
    struct window window;
    uint64_t deliveries;     /* distinct, due in the window */
    uint64_t duplicates;     /* received again, due in the window */
    uint64_t reordered;      /* came after a newer one, due in the window */
    uint64_t payload_bytes;  /* of the deliveries */
    uint64_t malformed;      /* texts that were no event */
    uint64_t stamps_dropped; /* kernel stamps that cannot be true: see recorder_split */
    struct age_total age;
    struct histogram *delivery_latency; /* ns: receive - due */
    struct histogram *service_latency;  /* ns: receive - published */
    /* Parts of the delivery latency, where they are known: see recorder_split. */
    struct histogram *ask_wait;     /* ns */
    struct histogram *client_queue; /* ns */
    struct recorder_slot slots[RECORDER_SLOTS];
    struct histogram *tick_latency; /* of every new event, window or not; the client resets it */
};

void recorder_init(struct recorder *);
void recorder_free(struct recorder *);
/* Opens the window. Events received before are forgotten but for each ledger's position. The
 * ledgers' `received` is not touched, so make the window known before it starts, and open one only:
 * then no event that is due in it has come yet. */
void recorder_window(struct recorder *, int64_t start_ns, int64_t end_ns);

/* Books one event for one subscriber. Returns true when it was new (not a duplicate). Call it in
 * the order of `now_ns`. */
bool recorder_receive(struct recorder *, struct account *, const struct event_view *,
                      int64_t now_ns);

/* Books two parts of the latency of an event that recorder_receive said was new: how long it had to
 * wait for the client to ask (pull only: `asked_ns` is when the request was sent, else 0), and how
 * long it lay in this host's socket until the client came to it (`arrived_ns`, else 0). The kernel
 * stamps by the wall clock, which may be set while we measure: an arrival before the event was
 * published, or in the future, is dropped and counted. */
void recorder_split(struct recorder *, const struct event_view *, int64_t asked_ns,
                    int64_t arrived_ns, int64_t now_ns);

/* Settles a subscriber's age up to the end of the window. Call once per subscriber, after the end. */
void recorder_settle(struct recorder *, struct account *);

#endif

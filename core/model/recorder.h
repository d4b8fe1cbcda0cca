/* The recorder: a client's books about what its subscribers received.
 *
 * Every subscriber has a ledger and an age; the recorder holds what is counted over all of them. Events count
 * when they were *due* inside the measured window, whenever they arrive: the slowest deliveries
 * are counted, not dropped. Latency runs from the due time, so a server that stalls cannot hide it (no
 * coordinated omission), to the arrival at the subscriber's socket, so a client that is late does not add to
 * it. What the client adds stands beside it.
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

/* The moments of one reception, on the one clock of a host. */
struct receipt {
    int64_t handled_ns; /* when this process had the event */
    /* When its last byte reached the subscriber's socket: the kernel's stamp; 0: it gave none. It stamps by
     * the wall clock, which may be set while we measure, so a stamp may be wrong. */
    int64_t arrived_ns;
    int64_t asked_ns; /* pull only: when the request was sent that it answers; else 0 */
    int64_t late_ns;  /* so long this process had not come to what was due */
    /* It may have come behind a segment that was lost, and have waited on this host for that to be sent again.
     * The stamp does not know that: it has arrived when it was handled. */
    bool held_up;
    int64_t
        since_ns; /* no event came to the subscriber's present connection before; 0: not known */
};

/* Pushes to one subscriber that bear one stamp: see stamps_shared. */
struct sharing {
    const struct account *account; /* NULL: none */
    int64_t stamp_ns;
    int64_t borne_ns; /* one published after this makes the first's latency too wrong */
    uint64_t untold;  /* due in the window, not yet in stamps_shared */
};

struct recorder {
    struct window window;
    /* When the sockets' own figures, CPU time and requests are read and counted, as near to the window as the
     * process came. Until they are, 0; while they are open, INT64_MAX at the end. */
    struct window books;
    bool stamps;            /* the kernel was asked for stamps: set it after recorder_init */
    uint64_t deliveries;    /* distinct, due in the window */
    uint64_t duplicates;    /* received again, due in the window */
    uint64_t reordered;     /* came after a newer one, due in the window */
    uint64_t payload_bytes; /* of the deliveries */
    /* What arrived between the two readings of the books, whenever it was due: distinct events, and the
     * payload of all, also of duplicates. It is what the sockets carried, and what CPU and requests were for. */
    uint64_t arrivals;
    uint64_t carried_payload_bytes;
    uint64_t malformed; /* texts that were no event */
    /* Deliveries without a stamp that can be true (not before the event was published or asked for, nor
     * after it was handled): they are taken to have arrived when they were handled. */
    uint64_t stamps_dropped;
    /* Deliveries by push that were read together with later ones, and bear the last one's stamp, because the
     * client came late: the kernel keeps no other. They arrived earlier, at most by the time between the two
     * publications; all are counted when that is, for the first of them, more than a twentieth of its latency.
     * What answers one request came in one piece; so, over a distance, may what TCP had to keep back. */
    uint64_t stamps_shared;
    uint64_t held_up; /* deliveries: see struct receipt */
    struct age_total age;
    struct histogram *delivery_latency; /* ns: arrival - due */
    struct histogram *handled_latency;  /* ns: handled - due */
    struct histogram *client_queue;     /* ns: handled - arrival, of what bears a stamp */
    struct histogram *service_latency;  /* ns: arrival - published */
    struct histogram *ask_wait;         /* ns: asked - published; pull only */
    struct recorder_slot slots[RECORDER_SLOTS];
    struct histogram *tick_latency; /* of every new event, window or not; the client resets it */
    struct sharing sharing;
};

void recorder_init(struct recorder *);
void recorder_free(struct recorder *);
/* Opens the window. Events received before are forgotten but for each ledger's position. The
 * ledgers' `received` is not touched, so make the window known before it starts, and open one only:
 * then no event that is due in it has come yet. */
void recorder_window(struct recorder *, int64_t start_ns, int64_t end_ns);
/* The books were read for the first time, for the second. */
void recorder_open_books(struct recorder *, int64_t at_ns);
void recorder_close_books(struct recorder *, int64_t at_ns);

/* Books one event for one subscriber. Returns true when it was new (not a duplicate). Call it in the
 * order in which they are handled. */
bool recorder_receive(struct recorder *, struct account *, const struct event_view *,
                      const struct receipt *);

/* When it has arrived, in ns: by the stamp, if that can be true. */
int64_t recorder_arrival_ns(const struct event_view *, const struct receipt *);

/* Settles a subscriber's age up to the end of the window. Call once per subscriber, after the end. */
void recorder_settle(struct recorder *, struct account *);

#endif

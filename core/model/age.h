/* Freshness: the Age of Information (Kaul, Yates & Gruteser 2012). At any instant, how long ago the newest
 * event that a subscriber holds was due; averaged over the window and the subscribers.
 *
 *   age |      /|     /|        It grows by a second per second, and falls to now - due when a newer
 *       |  /| / |    / |  /     event comes. The integral of a piece is its width times the age in
 *       | / |/  |   /  | /      its middle; a peak is the age just before it falls.
 *       |/      |  /   |/
 *       +-------------------> time
 */
#ifndef PUSHPULL_AGE_H
#define PUSHPULL_AGE_H

#include "model/window.h"

#include <stdbool.h>
#include <stdint.h>

/* Of one subscriber. Zeroed is before its first event. */
struct age {
    int64_t newest_due_ns; /* due time of the newest event */
    int64_t from_ns;       /* the age is accounted for up to this time; 0 before the first event */
    bool started;          /* an event has come, in this life of the server or in an earlier one */
};

/* Over all subscribers, inside the window. */
struct age_total {
    double integral; /* seconds x seconds */
    double seconds;  /* subscriber-seconds it was taken over */
    double peak_sum; /* seconds: age just before each delivery */
    uint64_t peaks;
};

/* A newer event, due at `due_ns`, comes now: the age peaks and falls. */
void age_renew(struct age *, struct age_total *, const struct window *, int64_t due_ns,
               int64_t now_ns);
/* Settles a subscriber's age up to the end of the window. Call once per subscriber, after the end. */
void age_settle(struct age *, struct age_total *, const struct window *);

#endif

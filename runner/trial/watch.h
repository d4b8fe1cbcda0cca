/* What a trial does with one user. Of a simulated one: the same trial as trial_simulate's, with a pair of eyes on this
 * user's line. Of a live one: what the programs traced (joined.h). For pictures and stories; a trial's figures are
 * trial_simulate's and trial_run's. */
#ifndef PUSHPULL_WATCH_H
#define PUSHPULL_WATCH_H

#include "model/window.h"
#include "simulator/simulation.h"
#include "trial/setup.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define WATCH_NEVER INT64_MAX

/* Something that went over the line. */
struct watched_message {
    enum link_direction direction;
    int64_t sent_ns, arrived_ns; /* arrived: WATCH_NEVER if it was lost */
    uint64_t bytes;              /* 0: a handshake */
    const char *what;            /* "GET"; NULL: what was lost goes out again */
    int losses;                  /* so many of its segments were lost */
    uint64_t first, last;        /* the events that it brings; 0: none */
    size_t order;                /* among those of the same time */
};

/* An event, number 1, 2, ... */
struct watched_event {
    int64_t due_ns, published_ns;
    int64_t sent_ns;     /* when its message went out first, or WATCH_NEVER */
    int64_t arrived_ns;  /* when its message came, for the first time, or WATCH_NEVER */
    int64_t received_ns; /* when it could be read, in its order, or WATCH_NEVER */
};

struct watched_moment {
    enum moment what;
    int64_t at_ns;
};

struct watch {
    int64_t publish_ns; /* when publishing began: simulated, the same in all strategies */
    struct window window;
    uint32_t users;
    struct watched_message *messages; /* by the time of sending */
    size_t message_count;
    struct watched_event *events; /* number k is events[k - 1] */
    size_t event_count;
    struct watched_moment *moments;
    size_t moment_count;
    json_t *words; /* that the names of messages are of; NULL: they are static */
};

/* Simulates the trial, and says what one user's line carried. There must be a model of it (simulated_fits). */
void trial_watch(const struct trial_setup *, uint32_t user, struct watch *);
/* Runs the trial, and says the same of its first user. Returns 0, or an exit status after one sentence on stderr. */
int trial_watch_live(const struct trial_setup *, struct watch *);
/* Puts the messages in the order in which they were sent. */
void watch_sort(struct watch *);
void watch_free(struct watch *);

#endif

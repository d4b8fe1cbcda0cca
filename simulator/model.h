/* What the models of the strategies have in common: the events, the hosts, the users and their books, on one engine.
 * A model is one short file, the idea of its server and its client laid side by side; the table of models is in
 * simulation.c. */
#ifndef PUSHPULL_MODEL_H
#define PUSHPULL_MODEL_H

#include "conditions.h"
#include "engine.h"
#include "flow.h"
#include "host.h"
#include "machine.h"
#include "model/age.h"
#include "model/histogram.h"
#include "model/recorder.h"
#include "model/schedule.h"
#include "network.h"

#include <stdbool.h>
#include <stdint.h>

struct simulation;

/* A strategy, simulated. */
struct model {
    const char *name;
    /* Those of its programs that it knows, besides the common ones; ends with NULL. */
    const char *const *options;
    size_t size;                        /* of its own structure */
    void (*start)(struct simulation *); /* everybody is connected, at simulation->connected_ns */
    /* A new event, the newest of `events`: every server has it now. May be NULL. */
    void (*publish)(struct simulation *);
    void (*stop)(struct simulation *); /* frees what it has; may be NULL */
    /* Both sides speak alternately over `lines`: at the end some may owe an acknowledgement. */
    bool alternates;
    bool shares_lines; /* a connection is for many users */
    /* Until each user has done once what it does; or NULL. */
    int64_t (*settle_ns)(const struct simulation *);
};

/* An event that was published. */
struct published {
    int64_t due_ns, at_ns;
    uint64_t bytes;  /* of its text */
    uint64_t before; /* bytes of all before it, as lines */
};

/* A client process, for a crowd of users. */
struct crowd {
    uint32_t first, count; /* its users */
    struct host host;
    struct recorder recorder;
    struct traffic traffic;
    struct histogram *round_trip, *request_lag, *connect;
    uint64_t requests, empty_responses, skipped, missed;
    int64_t connected_ns;
};

/* A server process. */
struct service {
    struct host host;
    struct histogram *work;
    uint64_t requests, missed;
};

struct simulation {
    const struct conditions *conditions;
    const struct model *model;
    void *own; /* the model's structure */
    struct machine machine;
    struct engine engine;
    struct network network;
    struct window window;
    uint32_t users;
    int services_count, crowds_count;
    struct service *services;
    struct crowd *crowds;
    struct account *accounts; /* by user */
    struct line *lines;       /* by user; a model may need others */
    struct published *events; /* number k is events[k - 1] */
    uint64_t event_count;
    uint64_t first, last, before; /* numbers of those due in the window */
    int64_t publish_ns;           /* the schedule begins */
    struct schedule schedule;
    struct source publisher;
    struct source stall; /* all servers stand still from then on, for so long */
    int64_t stall_for_ns;
    struct histogram *lag;
    struct age age;
    struct age_total least_age;
    int64_t payload_bytes;
    uint64_t feed_events; /* the newest so many are kept */
};

/* --- options ---------------------------------------------------------------------------------- */

/* The value of an option: the scenario's, or the program's default. */
double simulation_number(const struct simulation *, const char *key);
bool simulation_switch(const struct simulation *, const char *key);
uint64_t simulation_seed(const struct simulation *);

/* --- who is where ----------------------------------------------------------------------------- */

static inline struct service *service_of(const struct simulation *s, uint32_t user) {
    return &s->services[user % (uint32_t)s->services_count];
}
struct crowd *crowd_of(const struct simulation *, uint32_t user);

/* --- what happens ----------------------------------------------------------------------------- */

/* What so many bytes take, whatever they are part of. */
int64_t bytes_cost_ns(const struct simulation *, uint64_t bytes);
/* Bytes of the events after `after`, up to `last`, as lines; and how many digits a number has. */
uint64_t lines_bytes(const struct simulation *, uint64_t after, uint64_t last);
int digits_of(uint64_t number);

/* A server comes to writing an event, which it could have written since `since_ns`: the time between is server_work. */
void simulation_sends(struct simulation *, struct service *, uint64_t number, int64_t at_ns,
                      int64_t since_ns);
/* The events after `after`, up to `last`, have arrived at a user in one piece, and its client comes to them; where it
 * had asked for them, then. Returns when the client is done with it. */
int64_t simulation_delivers(struct simulation *, uint32_t user, uint64_t after, uint64_t last,
                            int64_t arrived_ns, int64_t asked_ns);
/* When the client comes to something that is there since `at_ns`, if waking takes so long (0: it is awake); and when it
 * is done with something that it begins then. On loopback all users of a process share one processor, as in a live
 * run; over a link each has a machine of its own, which has nothing else to do. */
int64_t crowd_comes_to(const struct simulation *, const struct crowd *, int64_t at_ns,
                       int64_t wake_ns);
int64_t crowd_works(struct simulation *, struct crowd *, int64_t from_ns, int64_t for_ns);
/* Where a user goes on that has everything up to `after`: there, or behind what fell out of the feed, which it misses. */
uint64_t simulation_seat(struct simulation *, uint32_t user, uint64_t after);
/* Adds to a counter what happens in the window. */
static inline void count_in_window(const struct simulation *s, uint64_t *counter, int64_t at_ns) {
    *counter += window_has(&s->window, at_ns);
}

/* --- for whoever watches ------------------------------------------------------------------------ */

static inline bool simulation_watches(const struct simulation *s, uint32_t user) {
    return user == s->conditions->watched;
}
static inline void simulation_notes(const struct simulation *s, uint32_t user, enum moment moment,
                                    int64_t at_ns) {
    if (s->conditions->noted != NULL && simulation_watches(s, user))
        s->conditions->noted(s->conditions->watcher, moment, at_ns);
}
/* This line, which is for many, carries what is this user's from now on. */
static inline void simulation_lends(struct simulation *s, uint32_t user, const struct line *line) {
    if (s->conditions->saw != NULL) s->network.watched = simulation_watches(s, user) ? line : NULL;
}

/* --- bytes on the wire (text.c) ----------------------------------------------------------------- */

#define CURSOR_EPOCH_BYTES 9 /* "5c1f09aa-" */
uint64_t cursor_bytes(uint64_t number);
/* "Host: 127.0.0.1:40001": the address is another one over a link. */
uint64_t host_field_bytes(const struct simulation *);
/* The head of an answer with so many bytes of body (-1: none is spoken of) and fields besides. */
uint64_t answer_head_bytes(const char *status, int64_t body_bytes, uint64_t fields_bytes);

#endif

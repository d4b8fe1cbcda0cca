/* The streams of a server that pushes, and how each gets every event once and in order: an event is
 * written to all that are up to date; one whose socket is full is left alone, and catches up from the
 * feed by its cursor when the socket opens. What fell out of the feed meanwhile it is told. */
#ifndef PUSHPULL_STREAM_SET_H
#define PUSHPULL_STREAM_SET_H

#include "harness/server.h"
#include "net/stream.h"

#include <stdbool.h>

/* What a strategy does with one of its streams. */
struct stream_handler {
    /* Whether its socket takes no more now: stream_catch_up is called when it does. */
    bool (*full)(struct stream *);
    /* Writes one event. Returns false when the stream ended by that. */
    bool (*give)(struct stream *, struct event *);
    /* Writes that so many events are gone for good. */
    void (*tell_missed)(struct stream *, uint64_t events);
};

struct stream_set {
    struct server *server;
    const struct stream_handler *handler;
    struct list streams;
};

void stream_set_init(struct stream_set *, struct server *, const struct stream_handler *);
/* From here on it gets what comes after the place `after`; with the next stream_catch_up. */
void stream_join(struct stream_set *, struct stream *, uint64_t after);
/* It has ended, or will. Harmless when it is in no set. */
void stream_leave(struct stream *);
/* Gives it what it has not had yet, until it is up to date or full. */
void stream_catch_up(struct stream_set *, struct stream *);
/* There is a new event: all of them catch up. */
void stream_set_publish(struct stream_set *);

#endif

/* The feed: the ring of the newest events a server keeps. Every subscriber is served from it by a
 * cursor of its own (the sequence number of the last event it was given), so a server keeps no
 * queue per subscriber and its memory stays bounded whatever a subscriber does. */
#ifndef PUSHPULL_FEED_H
#define PUSHPULL_FEED_H

#include "event.h"

struct feed {
    struct event *ring;
    struct buffer *texts; /* the events' texts, slot by slot: their memory is used again */
    uint64_t capacity;    /* a power of two */
    uint64_t newest;      /* sequence number of the newest event; 0 before the first */
    int64_t newest_published_ns;
};

/* The capacity is rounded up to a power of two. */
void feed_init(struct feed *, uint64_t capacity);
void feed_free(struct feed *);

/* Adds an event; the oldest falls out when the ring is full. The returned event is valid until
 * the ring comes round. */
struct event *feed_append(struct feed *, int64_t due_ns, int64_t published_ns, const char *payload,
                          size_t payload_length);

/* The same, but the event's text says that its number is `number`: how a server lies on purpose
 * (core/fault.h). Its place in the feed, and `seq`, are the next ones all the same. */
struct event *feed_append_as(struct feed *, uint64_t number, int64_t due_ns, int64_t published_ns,
                             const char *payload, size_t payload_length);

/* The oldest sequence number still held (newest + 1 when the feed is empty). */
uint64_t feed_oldest(const struct feed *);

/* The event with this sequence number, or NULL when it fell out or does not exist yet. */
struct event *feed_get(const struct feed *, uint64_t seq);

/* Appends every event after `after` to `out`, one a line. Returns how many more fell out of the
 * ring before. */
uint64_t feed_lines(const struct feed *, uint64_t after, struct buffer *out);

/* A cursor that a client sent. One from beyond the newest event belongs to an earlier life of this
 * server: then everything held is new to the client. */
static inline uint64_t feed_cursor(const struct feed *feed, uint64_t after) {
    return after <= feed->newest ? after : 0;
}

/* The next event for a subscriber whose cursor is `after`: the one after it, or the oldest held
 * when that fell out (then *missed is how many are gone for good), or NULL when it is up to date
 * or ahead. `missed` may be NULL. */
struct event *feed_next(const struct feed *, uint64_t after, uint64_t *missed);

#endif

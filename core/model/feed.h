/* The feed: the ring of the newest events that a server keeps. Every subscriber is served from it by a
 * cursor of its own (the place of the last event it was given: 1, 2, 3, ...), so a server keeps no
 * queue per subscriber and its memory stays bounded whatever a subscriber does. */
#ifndef PUSHPULL_FEED_H
#define PUSHPULL_FEED_H

#include "model/cursor.h"
#include "model/event.h"

struct feed {
    struct event *ring;
    struct buffer *texts; /* the events' texts, slot by slot: their memory is used again */
    uint64_t capacity;    /* a power of two */
    uint64_t newest;      /* place of the newest event; 0 before the first */
    uint32_t epoch;       /* this life of the server: see cursor.h */
    int64_t newest_published_ns;
};

/* The capacity is rounded up to a power of two. */
void feed_init(struct feed *, uint64_t capacity, uint32_t epoch);
void feed_free(struct feed *);

/* Adds an event, with an empty frame; the oldest falls out when the ring is full. The returned event is
 * valid until the ring comes round. Its text says that its number is `number`: its place in the feed,
 * and `seq`, are the next ones all the same, where a server lies on purpose (core/harness/fault.h). */
struct event *feed_append(struct feed *, uint64_t number, int64_t due_ns, int64_t published_ns,
                          const char *payload, size_t payload_length);

/* The oldest sequence number still held (newest + 1 when the feed is empty). */
uint64_t feed_oldest(const struct feed *);

/* The event with this sequence number, or NULL when it fell out or does not exist yet. */
struct event *feed_get(const struct feed *, uint64_t seq);

/* A run of events that go into one answer. */
struct feed_span {
    uint64_t last; /* the place of the last one, or where the subscriber was when there are none */
    uint64_t missed; /* how many before them fell out of the ring */
    size_t bytes;    /* as lines */
};
/* The events after `after`, until `most` bytes are full (one goes in however long it is). */
struct feed_span feed_span(const struct feed *, uint64_t after, size_t most);
/* Appends the events after `after` up to `last` to `out`, one per line. */
void feed_lines(const struct feed *, uint64_t after, uint64_t last, struct buffer *out);

/* The cursor of a subscriber that has everything up to `after`. */
static inline struct cursor feed_cursor(const struct feed *feed, uint64_t after) {
    return (struct cursor){feed->epoch, after};
}

enum feed_seek {
    FEED_FOUND, /* of this life */
    FEED_RESET, /* of another life, or from beyond the newest event: all that is held is new to it */
};
/* Where a subscriber goes on that sends this cursor: *after is its place, 0 after a reset. Digits
 * alone, as a person types them, are a place in this life. Returns UV_EINVAL when it is no
 * cursor. */
int feed_seek(const struct feed *, const char *text, size_t length, uint64_t *after);

/* The next event for a subscriber whose cursor is `after`: the one after it, or the oldest held
 * when that fell out (then *missed is how many are gone for good), or NULL when it is up to date
 * or ahead. `missed` may be NULL. */
struct event *feed_next(const struct feed *, uint64_t after, uint64_t *missed);

#endif

/* The ring. Places start at 1 and never skip, so event `seq` lies in slot
 * `seq % capacity`; a capacity that is a power of two makes that a mask. A slot's memory stays when
 * its event falls out: once the ring has come round, an append allocates nothing. */
#include "model/feed.h"

#include <stdlib.h>
#include <uv.h>

static uint64_t power_of_two_from(uint64_t least) {
    uint64_t power = 1;
    while (power < least && power < UINT64_C(1) << 62) power *= 2;
    return power;
}

void feed_init(struct feed *feed, uint64_t capacity, uint32_t epoch) {
    capacity = power_of_two_from(capacity);
    *feed = (struct feed){
        .ring = xcalloc(capacity, sizeof(*feed->ring)),
        .texts = xcalloc(capacity, sizeof(*feed->texts)),
        .capacity = capacity,
        .epoch = epoch,
    };
}

void feed_free(struct feed *feed) {
    for (uint64_t i = 0; i < feed->capacity; i++) {
        buffer_free(&feed->texts[i]);
        buffer_free(&feed->ring[i].frame);
    }
    free(feed->texts);
    free(feed->ring);
    *feed = (struct feed){0};
}

struct event *feed_append(struct feed *feed, uint64_t number, int64_t due_ns, int64_t published_ns,
                          const char *payload, size_t payload_length) {
    uint64_t seq = ++feed->newest;
    uint64_t slot = seq & (feed->capacity - 1);
    struct buffer *text = &feed->texts[slot];
    buffer_clear(text);
    event_encode(text, number, due_ns, published_ns - due_ns, payload, payload_length);

    struct event *event = &feed->ring[slot];
    event->seq = seq;
    event->due_ns = due_ns;
    event->published_ns = published_ns;
    event->text = text->data;
    event->text_length = text->length;
    buffer_clear(&event->frame);
    feed->newest_published_ns = published_ns;
    return event;
}

uint64_t feed_oldest(const struct feed *feed) {
    return feed->newest < feed->capacity ? 1 : feed->newest - feed->capacity + 1;
}

struct event *feed_get(const struct feed *feed, uint64_t seq) {
    if (seq < feed_oldest(feed) || seq > feed->newest) return NULL;
    return &feed->ring[seq & (feed->capacity - 1)];
}

struct event *feed_next(const struct feed *feed, uint64_t after, uint64_t *missed) {
    uint64_t gone = 0;
    struct event *event = NULL;
    if (after < feed->newest) {
        uint64_t oldest = feed_oldest(feed);
        if (after + 1 < oldest) gone = oldest - after - 1;
        event = feed_get(feed, after + 1 + gone);
    }
    if (missed != NULL) *missed = gone;
    return event;
}

struct feed_span feed_span(const struct feed *feed, uint64_t after, size_t most) {
    struct feed_span span = {.last = after};
    uint64_t missed;
    const struct event *event;
    while ((event = feed_next(feed, span.last, &missed)) != NULL) {
        size_t bytes = span.bytes + event->text_length + 1;
        if (span.bytes > 0 && bytes > most) break;
        span = (struct feed_span){event->seq, span.missed + missed, bytes};
    }
    return span;
}

void feed_lines(const struct feed *feed, uint64_t after, uint64_t last, struct buffer *out) {
    const struct event *event;
    while (after < last && (event = feed_next(feed, after, NULL)) != NULL) {
        buffer_append(out, event->text, event->text_length);
        buffer_append(out, "\n", 1);
        after = event->seq;
    }
}

int feed_seek(const struct feed *feed, const char *text, size_t length, uint64_t *after) {
    struct cursor cursor = {.epoch = feed->epoch};
    if (!cursor_number(text, length, &cursor.number) && cursor_parse(text, length, &cursor) != 0)
        return UV_EINVAL;
    bool here = cursor.epoch == feed->epoch && cursor.number <= feed->newest;
    *after = here ? cursor.number : 0;
    return here ? FEED_FOUND : FEED_RESET;
}

/* An event: what is published. On every strategy's wire it is the same one line of JSON:
 *
 *     {"seq":12,"due_ns":81234567890123,"lag_ns":52417,"payload":"..."}
 *
 *   seq      1, 2, 3, ... in the order of publication
 *   due_ns   when the schedule wanted it published (CLOCK_MONOTONIC, ns)
 *   lag_ns   how much later than that it was published: the publisher's own fault
 *   payload  text, JSON-escaped
 *
 * One line, always: JSON escapes line breaks, so every framing by line (tcp, NDJSON, SSE) holds. */
#ifndef PUSHPULL_EVENT_H
#define PUSHPULL_EVENT_H

#include "base/memory.h"
#include "model/cursor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event {
    uint64_t seq;
    int64_t due_ns;
    int64_t published_ns;
    char *text; /* the line above, without a line break; owned by the feed */
    size_t text_length;
    struct buffer frame; /* the strategy's own wire form, made once for all subscribers */
};

/* What a subscriber reads out of an event's text. `payload` points into the text and is still
 * JSON-escaped; payload_length counts its bytes as they travelled. */
struct event_view {
    uint64_t seq;
    int64_t due_ns;
    int64_t lag_ns;
    const char *payload;
    size_t payload_length;
};

/* Appends the event's text to `out`. `payload` is UTF-8. */
void event_encode(struct buffer *out, uint64_t seq, int64_t due_ns, int64_t lag_ns,
                  const char *payload, size_t payload_length);

/* Reads exactly the form above. Returns 0, or UV_EINVAL when the text is anything else. */
int event_parse(const char *text, size_t length, struct event_view *view);

/* What a subscriber is told besides events, where events are lines or frames; on HTTP the same stands
 * in header fields.
 *
 *     {"after":"5c1f09aa-41"}                 from here on: what follows are the events after this one
 *     {"after":"5c1f09aa-0","reset":true}     the same to one whose cursor was of another life
 *     {"missed":7}                            seven events are gone for good
 */
struct notice {
    struct cursor after;
    bool placed;     /* there is an `after` */
    uint64_t missed; /* 0 where nothing was said of it */
};
void notice_encode_after(struct buffer *out, struct cursor after, bool reset);
void notice_encode_missed(struct buffer *out, uint64_t missed);
/* Reads exactly one of the forms above. Returns 0 or UV_EINVAL. */
int notice_parse(const char *text, size_t length, struct notice *);

#endif

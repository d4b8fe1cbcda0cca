/* A lane of the live page: one strategy, its server and its client, and what is seen of its first user. The news of a
 * lane are texts of JSON, lists in the order in which things were told; a page asks for them twenty times a second. */
#ifndef PUSHPULL_LANE_H
#define PUSHPULL_LANE_H

#include "base/memory.h"
#include "live/paired.h"
#include "scenario/plan.h"
#include "trial/cast.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* What is told of a lane, each a list of lists; times are milliseconds since `zero_ns`. */
struct lane_news {
    struct buffer published; /* number, due, published */
    struct buffer received;  /* number, due, received */
    struct buffer messages;  /* down, sent, came, bytes, what, first event, last event */
    struct buffer notes;     /* "due" or "skipped" (a poll), "parked" (a request); when */
    struct buffer counts;    /* of the last second, an object */
};

struct lane {
    const struct planned_trial *trial;
    struct cast cast; /* its server and its client */
    struct paired *paired;
    struct lane_news news;
    int64_t zero_ns;
    bool connected;
    char *complaint; /* why it has ended; NULL: it has not */
};

void lane_init(struct lane *, const struct planned_trial *, int64_t zero_ns);
void lane_free(struct lane *);
struct member *lane_member(const struct lane *, enum role);

/* What a program traced, and its tick. */
void lane_take_trace(struct lane *, enum role, const json_t *message);
void lane_take_tick(struct lane *, enum role, const json_t *message);
/* The same from anywhere else. */
void lane_published(struct lane *, uint64_t number, int64_t due_ns, int64_t at_ns);
void lane_received(struct lane *, uint64_t number, int64_t due_ns, int64_t at_ns);
void lane_message(struct lane *, const struct paired_message *);
void lane_note(struct lane *, const char *what, int64_t at_ns);

/* Appends the news to a text, as an object, and forgets them. Returns whether there were any. */
bool lane_tell(struct lane *, struct buffer *out);
/* Nobody looks: forgets them. */
void lane_forget(struct lane *);

#endif

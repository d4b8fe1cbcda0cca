/* The engine of a discrete-event simulation: whoever has something to do later arms a source, and time jumps from
 * one source to the next. What happens at the same instant happens in the order in which it was armed.
 *
 * A source is a schedule, a ring of polls, a flow of messages: never a subscriber. A fan-out to ten million of them
 * is one firing and arithmetic, so the heap holds a dozen entries whatever the load. */
#ifndef PUSHPULL_ENGINE_H
#define PUSHPULL_ENGINE_H

#include <stddef.h>
#include <stdint.h>

/* Something that happens later; embed it in whatever it happens to. Zeroed is not armed. */
struct source {
    void (*fire)(struct source *); /* it is time; it is no longer armed */
    int64_t at_ns;
    uint64_t order; /* among those of the same instant */
    size_t place;   /* in the heap, from 1; 0: it is not armed */
};

struct engine {
    int64_t now_ns;
    uint64_t armed, fired; /* so often */
    struct source **heap;  /* binary: the first is the next */
    size_t count;
};

void engine_init(struct engine *, int64_t now_ns);
void engine_free(struct engine *);

/* Lets the source fire then, not before now; an armed one is moved. INT64_MAX is never. */
void engine_arm(struct engine *, struct source *, int64_t at_ns);
void engine_disarm(struct engine *, struct source *);

/* Runs until nothing is left that fires before this time, which is then now. Time never goes back: that would be a
 * mistake of this program, and aborts. */
void engine_run(struct engine *, int64_t until_ns);

#endif

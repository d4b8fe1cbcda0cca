/* The two sides of one user's line, laid together: what the programs of a live trial traced (core/net/trace.h), as
 * messages with a sending and an arrival.
 *
 * A connection is a stream of bytes in each direction, and both ends count them all: so a message, which is one write,
 * has arrived when the other end has read its last byte. That is on one clock for both, and by the kernel's stamp where
 * there is one. Over a link its relay has seen each frame: it knows when the first of a message left, which TCP may have
 * kept for a while after it was written, and what was lost and sent again. */
#ifndef PUSHPULL_JOINED_H
#define PUSHPULL_JOINED_H

#include "trial/watch.h"

#include <jansson.h>

/* Fills in messages, events and moments from an array of the programs' messages of type `trace`, which must stay: names
 * are its words. */
void watch_join(struct watch *, const json_t *traces);

#endif

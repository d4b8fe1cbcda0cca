/* The two ends of one user's line, laid together while they speak. What a program writes and what the other reads come
 * in batches of their own (core/net/trace.h); both count the bytes of each direction of a connection, so a write has
 * arrived when the other end has read its last byte. runner/trial/joined.h does the same for a trial that is over, and
 * knows of lost frames as well; this one forgets what it has told. */
#ifndef PUSHPULL_PAIRED_H
#define PUSHPULL_PAIRED_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* A write that has arrived. */
struct paired_message {
    bool down; /* from the server to the user */
    int64_t sent_ns, came_ns;
    uint64_t bytes;
    const char *what;     /* "GET", "200", "event", or "" */
    uint64_t first, last; /* the events in it; 0: none */
};

struct paired;

struct paired *paired_new(void (*tell)(void *data, const struct paired_message *), void *data);
void paired_free(struct paired *);
/* Takes the rows `pieces` of a message of type `trace`, of the server or of the client. */
void paired_take(struct paired *, const json_t *pieces, bool of_server);

#endif

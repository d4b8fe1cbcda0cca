/* What every load-generating client has: options, loop, subscribers, ledger, reconnects, the
 * conversation with the runner. A strategy fills in a few hooks and calls client_main. */
#ifndef PUSHPULL_CLIENT_H
#define PUSHPULL_CLIENT_H

#include "harness/program.h"
#include "harness/subscriber.h"
#include "model/histogram.h"
#include "net/connection.h"
#include "net/wire.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct client_config {
    const char *servers;
    int64_t subscribers, first_subscriber, connect_concurrency;
    double seconds;
    bool kernel_stamps, json;
};

/* A strategy's own structure, if it has one, starts with this one. */
struct client {
    struct program program;
    struct client_config config;
    struct network network;
    struct wire_meter meter;
    struct subscribers subscribers;
    const struct client_strategy *strategy;
    struct histogram *round_trip;  /* ns: request sent to response complete, where there are any */
    struct histogram *request_lag; /* ns: request sent - request due, where a schedule rules */
    int wire_port;     /* of the server's side of what is counted; a strategy whose client
                          listens sets its own */
    int64_t settle_ns; /* set by the strategy: until then its users are not yet in the
                          state that they will be in from then on */
    int64_t connecting_since_ns, connected_ns;
    struct pacer deadline; /* the end of the drain */
    uv_idle_t wire_walk;   /* asks the sockets for their figures, a few each turn of the loop */
    uint64_t drain_expected;
    bool draining, drained;
};

struct client_strategy {
    const char *name;
    size_t size;                   /* of the strategy's own structure; 0: it has none */
    size_t subscriber_size;        /* of that of one subscriber */
    const struct option *options;  /* the strategy's own, into its structure; or NULL */
    int (*start)(struct client *); /* before any subscriber; 0 or a libuv error; may be NULL */
    int (*subscribe)(struct subscriber *);    /* begin; a libuv error counts as subscriber_down */
    void (*unsubscribe)(struct subscriber *); /* let go at once: deadline passed, or stopping */
    /* Every subscriber is up for the first time. May be NULL. */
    void (*ready)(struct client *);
    void (*stop)(struct client *); /* after the subscribers were let go; may be NULL */
    void (*report)(struct client *, json_t *counters); /* the strategy's own; may be NULL */
};

/* Runs a client from its command line to its exit status: 0 done, 1 failed, 2 usage. */
int client_main(int argc, char **argv, const struct client_strategy *);

/* The same in pieces, for a process that has more than one: read the command line and make it; say so
 * and connect; (the loop runs; program_stop ends it); free it when the loop has ended, which returns the
 * exit status. Mistakes and failures end the process, as in client_main. */
struct client *client_new(const struct client_strategy *, uv_loop_t *, int argc, char **argv);
void client_start(struct client *);
int client_free(struct client *);

/* The client that a subscriber is of. */
static inline struct client *subscriber_client(const struct subscriber *s) {
    return list_entry(s->all, struct client, subscribers);
}

#endif

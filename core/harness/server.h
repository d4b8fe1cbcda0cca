/* What every server has: options, loop, feed, publisher, HTTP, the conversation with the runner.
 * A strategy fills in a few hooks and calls server_main. */
#ifndef PUSHPULL_SERVER_H
#define PUSHPULL_SERVER_H

#include "harness/program.h"
#include "harness/publisher.h"
#include "model/feed.h"
#include "net/connection.h"
#include "net/http/server.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct server_config {
    const char *address; /* to listen on */
    int64_t port;        /* asked for; 0: the kernel's choice */
    int64_t feed_events;
    const char *allow_origin;
};

/* A strategy's own structure starts with this one. */
struct server {
    struct program program;
    struct server_config config;
    struct publisher publisher;
    struct network network;
    struct feed feed;
    struct http_server *http; /* not listening until server_listen_http */
    const struct server_strategy *strategy;
    int port;               /* that it listens on */
    struct histogram *work; /* ns: see server_sends */
    uint64_t missed;        /* events that subscribers were told are gone, inside the window */
    uint64_t requests_before, requests, connections; /* of HTTP: in the window, before it opened */
    uint64_t told_events;                            /* published until the last tick */
    bool told_window; /* the runner knows which events fell into it */
    struct pacer cut; /* when it goes away, or comes back */
    bool away;        /* its connections are cut, and it takes no new ones */
};

struct server_strategy {
    const char *name;
    size_t size;                  /* of the strategy's own structure */
    const char *help;             /* the paragraph that GET / answers */
    const struct option *options; /* the strategy's own, into its structure; or NULL */
    /* Routes and listeners. Returns the port that subscribers use, or a libuv error. */
    int (*start)(struct server *);
    /* A new event is in the feed: hand it on. NULL where the client pulls. */
    void (*publish)(struct server *, struct event *);
    /* About ten times per second: what has waited long enough? May be NULL. */
    void (*tick)(struct server *, int64_t now_ns);
    /* The server is gone for a while (true), or back: close what `start` opened and all connections that are not
     * `http`'s, but forget nothing; open it again, and return 0 or a libuv error. NULL where there is no such thing. */
    int (*cut)(struct server *, bool away);
    /* Close what `start` opened; server_main closes `http` itself. May be NULL. */
    void (*stop)(struct server *);
    /* Adds the strategy's own counters to the report. May be NULL. */
    void (*report)(struct server *, json_t *counters);
};

/* Runs a server from its command line to its exit status: 0 done, 1 failed, 2 usage. */
int server_main(int argc, char **argv, const struct server_strategy *);

/* The same in pieces, for a process that has more than one: read the command line and make it; listen
 * and say so; (the loop runs; program_stop ends it); free it when the loop has ended, which returns the
 * exit status. Mistakes and failures end the process, as in server_main. */
struct server *server_new(const struct server_strategy *, uv_loop_t *, int argc, char **argv);
void server_start(struct server *);
int server_free(struct server *);

/* Listens for HTTP with the common routes: GET / (help) and POST /publish. The strategy adds its
 * own before. Returns the port or a libuv error. */
int server_listen_http(struct server *);

/* Publishes one more event, due now, with this payload. Returns its sequence number, or UV_EINVAL
 * when it is not UTF-8, UV_E2BIG when it is longer than 1 MiB. */
int64_t server_publish(struct server *, const char *payload, size_t length);

/* An event is about to be written to one subscriber's socket: books how long it took the server to
 * get there, from `since_ns` on (when it was published; when the request came that it answers). The
 * write itself counts as transit: on loopback it carries the bytes all the way. */
void server_sends(struct server *, const struct event *, int64_t since_ns);
/* The same for all events after `after` up to `last`. */
void server_sends_all(struct server *, uint64_t after, uint64_t last, int64_t since_ns);

/* Where the subscriber of a request goes on: Last-Event-ID, or after= in the query. */
struct server_seat {
    uint64_t after; /* the place of the last event it has */
    bool reset;     /* it came with a cursor of another life: tell it */
};
/* Reads it; `otherwise` is for one that does not say. Returns 0, or UV_EINVAL when the request was
 * answered with 400. */
int server_seat(struct server *, struct http_exchange *, uint64_t otherwise, struct server_seat *);
/* Books that a subscriber was told of so many events that fell out of the feed before it got them. */
void server_missed(struct server *, uint64_t events);

/* The fields that go with an answer of events on HTTP: ETag, the cursor to come back with;
 * Events-Missed and Events-Reset where they apply; Events-More when the answer is not all. */
#define SERVER_FIELDS_SIZE 192
const char *server_fields(struct server *, char out[SERVER_FIELDS_SIZE], uint64_t after,
                          const struct server_seat *, uint64_t missed);

/* See program_count and program_trouble. */
static inline void server_count(const struct server *server, uint64_t *counter) {
    program_count(&server->program, counter, 1);
}
static inline void server_trouble(struct server *server, const char *name, uint64_t *counter) {
    program_trouble(&server->program, name, counter, 1);
}

#endif

/* What every load-generating client has: options, loop, subscribers, ledger, reconnects, the
 * conversation with the runner. A strategy fills in a few hooks and calls client_main. */
#ifndef PUSHPULL_CLIENT_H
#define PUSHPULL_CLIENT_H

#include "base/options.h"
#include "base/random.h"
#include "model/histogram.h"
#include "model/recorder.h"
#include "net/connection.h"
#include "net/http/client.h"
#include "net/wire.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <uv.h>

/* One simulated user. A strategy's own structure starts with this one. */
struct subscriber {
    struct client *client;
    struct ledger ledger;
    struct cursor cursor; /* how far it is, as the server counts: where it comes back to */
    bool placed;          /* the server has said where it is: `cursor` means something */
    struct list link;     /* core's: in a list while it waits to connect or to reconnect */
    int64_t attempt_ns;   /* when the present attempt began, or the next one shall */
    int64_t asked_ns;     /* set by a strategy that asks: when the present request was sent */
    int64_t pause_ns; /* set by the strategy: the server asked for at least this pause, always */
    int64_t refused_until_ns; /* core's: the server asked to be left alone until then, this once */
    int64_t up_ns;            /* core's: since when it is up */
    int64_t deadline_ns;      /* unless something happens by then, it is down; 0: none */
    uint32_t index;           /* 0, 1, 2, ... over all client processes of a trial */
    const char *complaint;    /* why this side ends it: see subscriber_fail; NULL: it does not */
    uint16_t failures;        /* attempts in a row that brought nothing */
    bool ended;               /* the server told it not to come back */
    bool ending;              /* core's: nothing is missed when the deadline passes */
    bool news;                /* set when an event came that was new; the strategy clears it */
    bool attempting;          /* `subscribe` was called, neither up nor down yet */
    bool up, ever_up;
};

/* What a client counts inside the window; the strategy adds to it. */
struct client_counters {
    uint64_t requests;        /* sent (webhook: received) */
    uint64_t empty_responses; /* answers that brought no event */
    uint64_t reconnects;
    uint64_t errors;
    uint64_t refusals; /* the server answered, and the answer was no */
    uint64_t missed;   /* events that the server said are gone */
    uint64_t resets;   /* times that the server had begun another life */
};

/* Where a server is. */
struct server_address {
    struct sockaddr_storage name;
    char *host; /* for a Host field: "127.0.0.1:8080", "[::1]:8080", "example.org:80" */
};

struct client {
    uv_loop_t loop;
    struct network network;
    struct wire_meter meter;
    struct recorder recorder;
    struct client_counters counters; /* use client_count to add */
    struct histogram *round_trip;  /* ns: request sent to response complete, where there are any */
    struct histogram *request_lag; /* ns: request sent - request due, where a schedule rules */
    const struct client_strategy *strategy;
    char *subscribers; /* subscriber_count structures of strategy->subscriber_size */
    uint32_t subscriber_count;
    uint64_t seed;
    struct server_address *servers; /* one a server process */
    int server_count;
    int wire_port;     /* of the server's side of what is counted; a strategy whose client
                                        listens sets its own */
    int64_t settle_ns; /* set by the strategy: until then its users are not yet in the
                                        state that they will be in from then on */
    bool stopping;
};

struct client_strategy {
    const char *name;
    size_t subscriber_size;        /* of the strategy's structure */
    const struct option *options;  /* the strategy's own, or NULL */
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

/* --- what a strategy tells core --- */
/* The other side has said yes: it is subscribed, and from now on events reach it. */
void subscriber_up(struct subscriber *);
/* The text of one event came, or of a notice (core/model/event.h). Books it; the cursor moves on by one.
 * Returns whether it was an event that is new. */
bool subscriber_receive(struct subscriber *, const char *text, size_t length);
/* The server said where the subscriber is: a cursor, or a tag (a cursor in quotes). Whatever else it
 * is, is no place to come back to. */
void subscriber_at(struct subscriber *, const char *text, size_t length);
/* The server said that so many events are gone for good. */
void subscriber_missed(struct subscriber *, uint64_t events);
/* The server answered, and the answer was no. `retry_after` is that field, or NULL: seconds or a
 * date. `for_good`: it will not come back. The strategy then lets go of the connection. */
void subscriber_refused(struct subscriber *, int status, const char *retry_after, bool for_good);
/* The same for each complete line in `text`; empty lines are heartbeats. Returns how many bytes that
 * were; the rest is the beginning of a line whose end has not come. */
size_t subscriber_receive_lines(struct subscriber *, const char *text, size_t length);
/* The same for a stream of lines that reads cut anywhere: what is left over is kept in `rest`. Returns
 * 0, or UV_EMSGSIZE when a line has no end: longer than any event's. */
int subscriber_receive_stream(struct subscriber *, struct buffer *rest, const char *bytes,
                              size_t length);
/* An answer on HTTP with events in it, one a line, and the fields that go with them (core/harness/server.h,
 * server_fields). Returns whether it brought the subscriber on: a new event, or another place. */
bool subscriber_answered(struct subscriber *, const struct http_response *);
/* It is no longer subscribed, or could not be (a libuv error; 0: ended as agreed). Core calls
 * `subscribe` again after a jittered, growing pause. Call it when the strategy's structure may be
 * used again, i.e. after its handles are closed. */
void subscriber_down(struct subscriber *, int error);
/* This side ends it, because the other broke the rules: `complaint` is what it did, a text that stays
 * ("it sent a message above 16 MiB"). Calls `unsubscribe`; subscriber_down makes it known. */
void subscriber_fail(struct subscriber *, const char *complaint);
/* Something must happen within this time, or `unsubscribe` is called. 0: no deadline. */
void subscriber_expect(struct subscriber *, int64_t within_ns);
/* All is said, and the server hangs up; if it does not within this time, `unsubscribe` is called, which
 * is no error of its own. */
void subscriber_expect_end(struct subscriber *, int64_t within_ns);

/* --- what core tells a strategy --- */
struct subscriber *client_subscriber(struct client *, uint32_t position);
/* The server this subscriber belongs to; and the source address it should bind, or NULL. */
const struct sockaddr *subscriber_server(const struct subscriber *);
const struct sockaddr *subscriber_source(const struct subscriber *);
/* What to call the server in a Host field. */
const char *subscriber_host(const struct subscriber *);
/* Adds to a counter when now lies in the window. */
void client_count(struct client *, uint64_t *counter);
/* The same for what can cost deliveries for another reason than speed, so many times. The verdict asks
 * whether there was any from the moment when all were subscribed until the drain ended: it is told
 * under `name`, which is that of the figure. */
void client_trouble(struct client *, const char *name, uint64_t *counter, uint64_t times);
bool client_measuring(const struct client *);

#endif

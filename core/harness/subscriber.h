/* The simulated users of a client: how they connect, come back after a break, and receive: what is the
 * same for every strategy. How to subscribe is the strategy's own. */
#ifndef PUSHPULL_SUBSCRIBER_H
#define PUSHPULL_SUBSCRIBER_H

#include "base/limits.h"
#include "base/list.h"
#include "base/memory.h"
#include "base/random.h"
#include "harness/program.h"
#include "model/conversation.h"
#include "model/cursor.h"
#include "model/recorder.h"
#include "net/connection.h"
#include "net/http/client.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* One simulated user. A strategy's own structure starts with this one. */
struct subscriber {
    struct subscribers *all;
    struct account account;
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

/* What a client counts inside the window besides the recorder. */
#define COUNTER(name) uint64_t name;
struct client_counters {
    COUNTS_OF_THE_CLIENT(COUNTER)
};
#undef COUNTER

/* Where a server is. */
struct server_address {
    struct sockaddr_storage name;
    char *host; /* for a Host field: "127.0.0.1:8080", "[::1]:8080", "example.org:80" */
};

/* What is done with them: by the strategy, and by the client that they are of. */
struct subscribers_handler {
    int (*subscribe)(struct subscriber *);    /* begin; a libuv error counts as subscriber_down */
    void (*unsubscribe)(struct subscriber *); /* let go at once: deadline passed, or stopping */
    void (*all_up)(struct subscribers *);     /* everyone is up for the first time */
    void (*delivered)(struct subscribers *);  /* an event was booked */
    /* Nobody is left who could be served, and this is why. */
    void (*give_up)(struct subscribers *, const char *reason);
};

/* All of a process. */
struct subscribers {
    struct subscribers_handler handler;
    struct program *program;
    struct network *network;
    struct recorder recorder;
    struct client_counters counters;            /* use subscriber_count to add */
    struct server_address servers[SERVERS_MAX]; /* one per server process */
    int server_count;
    struct sockaddr_in sources[SOURCES_MAX];
    uint32_t count;
    size_t size;          /* of the strategy's structure */
    char *structures;     /* `count` of them */
    uint32_t concurrency; /* how many may connect at the same time */
    uint32_t attempting, first_up, ended;
    struct list queue;    /* subscribers that may connect now, in order */
    struct list retrying; /* subscribers that wait for attempt_ns */
    struct random jitter;
    struct histogram *connect_time; /* ns: until each was up for the first time */
};

/* --- what a strategy tells core --------------------------------------------------------------- */
/* The other side has said yes: it is subscribed, and from now on events reach it. */
void subscriber_up(struct subscriber *);
/* The text of one event came, or of a notice (model/event.h). Books it; the cursor moves on by one.
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
/* An answer on HTTP with events in it, one per line, and the fields that go with them (harness/server.h,
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
/* Adds to a counter while the window is open. */
static inline void subscriber_count(const struct subscriber *s, uint64_t *counter) {
    program_count(s->all->program, counter, 1);
}
/* The same for what is being read: it counts when it arrived, as the event in it does. */
void subscribers_count_arrived(const struct subscribers *, uint64_t *counter);

/* --- what core tells a strategy --------------------------------------------------------------- */
struct subscriber *subscriber_find(const struct subscribers *, uint32_t position);
/* Which server this subscriber belongs to; where that is; and the source address it should bind, or
 * NULL. */
static inline int subscriber_server_index(const struct subscriber *s) {
    return (int)(s->index % (uint32_t)s->all->server_count);
}
const struct sockaddr *subscriber_server(const struct subscriber *);
const struct sockaddr *subscriber_source(const struct subscriber *);
/* Whether it is the one that is traced, which has an address of its own. */
static inline bool subscriber_is_traced(const struct subscriber *s) {
    return s->all->network->trace != NULL && s->index == 0;
}
/* Notes that it does something, if it is. */
static inline void subscriber_note(const struct subscriber *s, enum trace_moment what) {
    if (subscriber_is_traced(s)) trace_note(s->all->network->trace, what);
}
/* What to call the server in a Host field. */
const char *subscriber_host(const struct subscriber *);
/* Whether all are being let go: then none comes back. */
static inline bool subscriber_stopping(const struct subscriber *s) {
    return s->all->program->stopping;
}

/* --- all of them: for the client -------------------------------------------------------------- */
/* Makes `count` structures of `size` bytes, the first with this index; at most `concurrency` will
 * connect at the same time. The handler, program, network and servers are set. */
void subscribers_make(struct subscribers *, uint32_t count, size_t size, uint32_t first_index,
                      uint32_t concurrency);
/* Lets those connect whose turn it is. */
void subscribers_connect(struct subscribers *);
/* A few times per second: lets those come back whose pause is over. */
void subscribers_retry(struct subscribers *, int64_t now_ns);
/* Once a second: gives up on those whose deadline has passed. */
void subscribers_check_deadlines(struct subscribers *, int64_t now_ns);
/* Lets go of all; and, when the loop has ended, frees them. */
void subscribers_stop(struct subscribers *);
void subscribers_free(struct subscribers *);

#endif

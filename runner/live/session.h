/* A session: the programs of all lanes at the same time, one schedule for all. Where the servers shall be far away they
 * stand at one end of a link, all clients at the other, and every lane has the same network. To change what the
 * programs take only on their command line, a session ends and another one begins.
 *
 * Where no link can be had, models take the programs' place (modelled.h). */
#ifndef PUSHPULL_SESSION_H
#define PUSHPULL_SESSION_H

#include "live/lane.h"
#include "scenario/catalog.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct session;

struct session_handler {
    void (*changed)(void *data); /* its state, or a lane's, is another: look at it */
    void (*ended)(void *data);   /* the last call: nothing is left of it, free it */
    void *data;
};

enum session_state { SESSION_STARTING, SESSION_RUNNING, SESSION_STOPPING, SESSION_ENDED };

struct session_setup {
    const struct plan *plan; /* of each strategy the first cell is run */
    const struct catalog *catalog;
    const char *logs; /* a directory, for what the programs write for people */
    int64_t zero_ns;  /* from which times are told */
    bool modelled;    /* no programs: models of them */
    struct session_handler handler;
};

/* Begins. What the setup names must stay. */
struct session *session_new(uv_loop_t *, const struct session_setup *);
/* Tells all programs to stop; `ended` follows, always later than this returns. */
void session_stop(struct session *);
/* At once, for somebody without patience. */
void session_kill(struct session *);
void session_free(struct session *);

enum session_state session_state(const struct session *);
int session_lanes(const struct session *);
struct lane *session_lane(const struct session *, int index);
/* "loopback", "link" or "models": what lies between the two ends. */
const char *session_network(const struct session *);

/* Tells all servers, or all clients, what stands in docs/protocol.md. */
void session_tell(struct session *, enum role, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Models only: what has happened by now becomes news. */
void session_pour(struct session *, int64_t now_ns);

#endif

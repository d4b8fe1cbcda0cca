/* What servers and clients are alike in: a program on a loop that a runner talks to, with a measured
 * window, a tick, signals, and the first half of a report. Embedded in struct server and struct client. */
#ifndef PUSHPULL_PROGRAM_H
#define PUSHPULL_PROGRAM_H

#include "base/options.h"
#include "base/resources.h"
#include "harness/control.h"
#include "harness/loop_watch.h"
#include "net/pacer.h"
#include "net/trace.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <uv.h>

struct program;

/* What its owner does at the turns of its life. */
struct program_handler {
    const char *role;     /* "server" */
    const char *commands; /* that it understands, for people */
    int tick_ms;          /* a part of a second */
    /* A command that is neither `measure` nor `stop`. Returns whether there is such a one. */
    bool (*command)(struct program *, const char *word, const int64_t *numbers, int count);
    void (*measure)(struct program *);              /* the window is known, and not open yet */
    void (*open)(struct program *);                 /* it begins now */
    void (*close)(struct program *);                /* it has ended, or the program ends */
    void (*tick)(struct program *, int64_t now_ns); /* every tick_ms */
    void (*second)(struct program *,
                   json_t *tick); /* once per second; `tick` is what will be said */
    void (*report)(struct program *, json_t *message); /* the other half of it */
    void (*stop)(struct program *);                    /* after the report: let go of everything */
};

struct program_config {
    int64_t seed;
    bool supervised;
};
extern const struct option program_options[]; /* into a struct program_config */

struct program {
    struct program_config config;
    uv_loop_t *loop;
    const struct program_handler *handler;
    const char *strategy;
    FILE *output; /* of the conversation: stdout */
    bool silent;  /* there is none: a person looks at stdout */
    int argument_count;
    char **arguments;         /* the command line, for the report */
    int64_t start_ns, end_ns; /* the window; 0: not known yet */
    struct resources at_start, at_end, at_tick;
    int64_t resident_ready, resident_connected;
    json_t *troubles;     /* counts */
    bool counts_troubles; /* set by the owner while there are any to speak of */
    bool stopping, failed;
    int ticks;             /* in this second */
    struct pacer boundary; /* the next edge of the window */
    struct trace *trace;   /* set by the owner: told every trace_ms, if that is not 0 */
    int64_t trace_ms;
    struct loop_watch watch; /* whether the loop comes when something is due */
    uv_timer_t ticker, teller;
    uv_signal_t interrupt, terminate;
    uv_async_t giving_up; /* stops from the loop, not from inside anybody's callback */
    struct control control;
};

/* --- its life: init, start, (the loop runs), free --------------------------------------------- */

/* Its handles on the loop; `config` has been read from the command line. Dies without timers. */
void program_init(struct program *, const struct program_handler *, const char *strategy,
                  uv_loop_t *, int argc, char **argv);
/* Says that it is ready, with the fields of `message` (program_message), and takes commands from then
 * on if it is supervised. Returns 0 or a libuv error. */
int program_start(struct program *, json_t *message);
/* Reports, and lets go of everything; the loop then comes to its end. Once. */
void program_stop(struct program *);
/* It cannot do what it is for: a sentence, then the end, with exit status 1. */
void program_give_up(struct program *, const char *sentence);
/* After the loop has ended. Returns the exit status: 0 done, 1 failed. */
int program_free(struct program *);
/* Closes the loop of a whole process. Returns `status`, or 1 when something is still open on it. */
int program_end_loop(uv_loop_t *, int status);

/* --- the window ------------------------------------------------------------------------------- */

/* Opens the window from here to there. */
void program_measure(struct program *, int64_t start_ns, int64_t end_ns);
/* Whether it is open, from one reading of this process's books to the other: a process that comes late to an
 * edge counts for the time that its CPU and its sockets were read for. What is counted outside is not reported. */
bool program_measuring(const struct program *);
/* Adds to a counter while it is open. */
void program_count(const struct program *, uint64_t *counter, uint64_t times);
/* The same for what can cost deliveries for another reason than speed. The verdict asks whether there
 * was any while the owner counts troubles: it is told under `name`, which is that of the figure. */
void program_trouble(struct program *, const char *name, uint64_t *counter, uint64_t times);

/* --- the conversation ------------------------------------------------------------------------- */

/* A new message with its type, the role and the strategy; and saying it, which takes it over. */
json_t *program_message(const struct program *, const char *type);
void program_say(struct program *, json_t *message);
/* Says all that was traced and not told yet; nothing where there is none. */
void program_say_trace(struct program *);

#endif

/* A trial and its stages. For the files of this room alone, each of which calls those before it: cast.c (who
 * takes part), stages.c (what happens when), messages.c (what programs say), trial.c (the whole). */
#ifndef PUSHPULL_STAGES_H
#define PUSHPULL_STAGES_H

#include "base/clock.h"
#include "figures/result.h"
#include "system/interrupt.h"
#include "trial/cast.h"
#include "trial/setup.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#define TRIAL_BEAT_MS 200                         /* how often it looks around */
#define START_DELAY_NS (100 * (int64_t)NS_PER_MS) /* for the commands to arrive before START */

/* In the order in which a trial goes through them. */
enum stage { LINKING, STARTING, CONNECTING, MEASURING, DRAINING, STOPPING };

struct trial {
    const struct trial_setup *setup;
    struct result *result;
    const struct program_handler *programs; /* what its programs call */
    uv_loop_t loop;
    uv_timer_t deadline, beat;
    struct interrupt interrupt;
    struct cast cast;
    /* Where there is a link: the process that stands at the end of each side, and the servers' address there. */
    int64_t places[SIDE_COUNT];
    char server_address[64];
    enum stage stage;
    int firmness;          /* of stopping: 0 asked, 1 SIGTERM sent, 2 SIGKILL sent */
    double settle_seconds; /* until each user has done once what it does every so often */
    double warmup_seconds; /* as the scenario says, or as long as that */
    int64_t beat_ns;       /* when the next beat is due */
    bool link_told;        /* to stop */
    bool interrupted;
    bool visited;  /* another run was seen on this machine */
    char *failure; /* the first thing that went wrong */
    /* "client 1": who ended before it was asked to, as the scenario allows. */
    struct buffer ended_early;
    int64_t start_ns, end_ns; /* the window */
    int64_t first, last;      /* sequence numbers of the events due in it */
    bool window_told;         /* these two are known */
    int64_t kernel_before;
    double kernel_bytes; /* growth while connecting; NAN unknown */
};

/* Notes why the trial failed, unless something failed before, and begins to stop. */
void trial_fail(struct trial *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same, about one member, with its own last words. */
void trial_fail_member(struct trial *, const struct member *, const char *what);
/* Whether this process stood still (stopped, or its terminal was): then nobody else is to blame for what
 * came late, and the trial's times are not those that were asked for: it fails. */
bool trial_stood_still(struct trial *);
/* The next beat is due from now on: after something that took its time. */
void trial_beat_follows(struct trial *);
void trial_begin(struct trial *);
/* To the next stage, when nobody is awaited any more in this one. */
void trial_advance(struct trial *);
/* Where what a program writes for people goes. The caller frees it. */
char *trial_log_path(const struct trial_setup *, enum role, int index);
/* Straight to the last one. */
void trial_stop(struct trial *);
/* In the last stage: the link stops when nobody is left who needs it. */
void trial_stop_link(struct trial *);
/* How long the stage may take from now on. */
void trial_deadline(struct trial *, double seconds);
/* Whether this member's message of this type is what the stage waits for; it is noted then. */
bool trial_answered(struct trial *, struct member *, const char *type);
/* Stopping takes too long: be firmer with those that still run. */
void trial_insist(struct trial *);
/* How long before an event is due the window opens. */
int64_t trial_lead_ns(const struct cell *);

#endif

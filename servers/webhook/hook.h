/* What is kept of somebody who wants webhooks. How it comes and goes is in registry.h, which of its lanes carries
 * what in lanes.h. */
#ifndef PUSHPULL_WEBHOOK_HOOK_H
#define PUSHPULL_WEBHOOK_HOOK_H

#include "base/list.h"
#include "net/signature.h"

#include <stdbool.h>
#include <stdint.h>

struct hook;

/* What carries one event at a time to the receiver. */
struct lane {
    struct hook *hook;
    struct list link;   /* among those that wait for their turn, or pause; else in none */
    uint64_t carried;   /* sequence number of its event; 0: it is free */
    int attempts;       /* made at it */
    int64_t retry_ns;   /* when it waits for its turn again, while it pauses; else 0 */
    int64_t turn_ns;    /* when the last one began */
    uint64_t told_gone; /* what that one told: all events that were gone (hook->gone) */
    bool posting;       /* it is under way */
    bool suspected;     /* it holds one of the places of those that are not trusted: turns.c */
};

struct hook {
    struct registry *registry;
    struct list link; /* among those with a free lane, or that are disabled; else in none */
    uint32_t number;  /* its place: another hook's when it is gone */
    char id[40];      /* its number and some letters nobody can guess, never used again */
    char *url;
    struct signature_key key, old_key;
    int64_t old_key_until_ns; /* 0: there is no old key */
    uint64_t taken;           /* sequence number of the newest event that a lane has taken */
    uint64_t gone;            /* events that it will not get */
    uint64_t known_gone;    /* of these, those that it has acknowledged an attempt which told of */
    int attempts;           /* at the event that was last tried */
    int last_status;        /* of the last attempt's answer; 0: there was none */
    char last_error[128];   /* why there was none; "" otherwise */
    int owes;               /* prompt answers until it is trusted: see turns.c */
    bool disabled, deleted; /* no lane is loaded any more */
    int lane_count;
    struct lane lanes[];
};

/* How many events are gone, as the next attempt tells. */
static inline uint64_t hook_missed(const struct hook *hook) {
    return hook->gone - hook->known_gone;
}

#endif

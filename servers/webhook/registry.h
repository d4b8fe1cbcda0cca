/* Who wants webhooks: the hooks, and the routes by which they come and go. See registry.c. */
#ifndef PUSHPULL_WEBHOOK_REGISTRY_H
#define PUSHPULL_WEBHOOK_REGISTRY_H

#include "harness/server.h"
#include "net/signature.h"

struct registry;

struct hook {
    struct registry *registry;
    struct list
        link;        /* among those that wait, pause, are idle or disabled; in none while posting */
    uint32_t number; /* its place: another hook's when it is gone */
    char id[40];     /* its number and some letters nobody can guess, never used again */
    char *url;
    struct signature_key key, old_key;
    int64_t old_key_until_ns; /* 0: there is no old key */
    uint64_t cursor;          /* sequence number of the last event it is done with */
    uint64_t sending;         /* of the event under way */
    int attempts;             /* made for it */
    int64_t retry_ns;
    uint64_t missed;      /* events that it will not get, as the next delivery tells */
    int last_status;      /* of the last attempt's answer; 0: there was none */
    char last_error[128]; /* why there was none; "" otherwise */
    int64_t turn_ns;      /* when its last attempt began */
    int owes;             /* prompt answers until it is trusted: see turns.c */
    bool posting, disabled, deleted;
};

/* All hooks of a server. */
struct registry {
    struct server *server;
    void (*begin)(struct hook *); /* a new hook, which may have events to get already */
    struct hook **hooks;          /* by number; NULL where a place is free */
    size_t place_count;           /* places there are, taken or free */
    uint32_t *spare; /* the numbers of the free ones; as many fit as there are places */
    size_t spare_count;
    struct list disabled; /* hooks that want no more, the first to say so first */
    int disabled_count;
};

/* Adds the routes under /hooks. `begin` is set. */
void registry_start(struct registry *, struct server *);
void registry_free(struct registry *);

/* It wants no more: it is kept among the last that said so, for people to see. */
void hook_disable(struct hook *);
/* Frees a hook, and its place. NULL is allowed. */
void hook_free(struct hook *);

#endif

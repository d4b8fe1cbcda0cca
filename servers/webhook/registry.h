/* Who wants webhooks: the hooks, and the routes by which they come and go. See registry.c. */
#ifndef PUSHPULL_WEBHOOK_REGISTRY_H
#define PUSHPULL_WEBHOOK_REGISTRY_H

#include "server.h"
#include "signature.h"

struct hook {
    struct list link; /* in `waiting`, `suspected` or `pausing`; in none while idle or posting */
    uint32_t number;  /* its place: another hook's when it is gone */
    char id[40];      /* its number and some letters nobody can guess, never used again */
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
    bool suspect;         /* its last attempt was not answered: see pump */
    bool posting, disabled, deleted;
};

/* Adds the routes under /hooks. */
void registry_start(struct server *);
void registry_free(void);

/* All hooks by number, up to registry_count; NULL where a place is free. */
size_t registry_count(void);
struct hook *registry_hook(size_t number);

/* The server's: a hook may have events to get already. */
void webhook_more(struct hook *);

/* Frees a hook that was deleted while it was posting, and its place. NULL is allowed. */
void hook_free(struct hook *);

#endif

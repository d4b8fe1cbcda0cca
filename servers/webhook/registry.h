/* Who wants webhooks: the hooks, and the routes by which they come and go. See registry.c. */
#ifndef PUSHPULL_WEBHOOK_REGISTRY_H
#define PUSHPULL_WEBHOOK_REGISTRY_H

#include "harness/server.h"
#include "hook.h"

/* All hooks of a server. */
struct registry {
    struct server *server;
    int64_t lanes;                /* of each hook */
    void (*begin)(struct hook *); /* a new hook, which may have events to get already */
    struct hook **hooks;          /* by number; NULL where a place is free */
    size_t place_count;           /* places there are, taken or free */
    uint32_t *spare; /* the numbers of the free ones; as many fit as there are places */
    size_t spare_count;
    struct list disabled; /* hooks that want no more, the first to say so first */
    int disabled_count;
};

/* Adds the routes under /hooks. `begin` and `lanes` are set. */
void registry_start(struct registry *, struct server *);
void registry_free(struct registry *);

/* It wants no more: it is kept among the last that said so, for people to see. */
void hook_disable(struct hook *);
/* It is no more: its place is free once no attempt is under way. Harmless when it was deleted before. */
void hook_delete(struct hook *);

#endif

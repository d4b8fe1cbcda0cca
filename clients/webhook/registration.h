/* How a receiver makes itself known to its server: once, and again when the server has forgotten it.
 *
 *   DELETE /hooks/ID                          the hook that it had, if it ever had one
 *   POST /hooks {"url":...,"secret":...}      the new one
 *
 * One address registered twice is two hooks, and each event would come twice: so the old one goes
 * first, wherever it may be still there. */
#ifndef PUSHPULL_WEBHOOK_REGISTRATION_H
#define PUSHPULL_WEBHOOK_REGISTRATION_H

#include "harness/subscriber.h"
#include "net/http/client.h"
#include "net/signature.h"

#define HOOK_ID_SIZE 64 /* of an id and its NUL; one that is longer is not kept */

/* All of a process. */
struct registrations {
    struct watches *watches;
    char *origin, *traced_origin; /* "http://[::1]:4711"; of a user that is traced, or NULL */
};

struct registration {
    struct subscriber subscriber; /* first */
    struct registrations *all;
    struct http_client http;
    struct signature_key key; /* what the server signs with */
    char hook[HOOK_ID_SIZE];  /* id of the hook at the server; "": there is none that is known */
};

/* Where the receiver listens: "[::1]", as in a URL, and 4711. */
void registrations_start(struct registrations *, struct subscribers *, const char *host, int port);
/* Their hooks stay: see farewell.h. */
void registrations_stop(struct registrations *);

static inline struct registration *registration_of_subscriber(const struct subscriber *s) {
    return list_entry(s, struct registration, subscriber);
}

/* Ends in subscriber_up or subscriber_down. Returns 0 or a libuv error. */
int registration_begin(struct registration *);
void registration_break_off(struct registration *);
/* Asks for the end of its hook, on this connection. */
void registration_delete(const struct registration *, struct http_client *);

#endif

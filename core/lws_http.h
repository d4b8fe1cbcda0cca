/* Plain HTTP through libwebsockets, for a server whose port speaks something else besides: the two
 * routes that every server has, GET / (help) and POST /publish, answered as core/server.c does. */
#ifndef PUSHPULL_LWS_HTTP_H
#define PUSHPULL_LWS_HTTP_H

#include "memory.h"
#include "server.h"

#include <libwebsockets.h>

/* The protocol that subscribers change to, at / or /events. */
struct lws_http_upgrade {
    const char *protocol; /* what Upgrade must say */
    const char *version;  /* and the protocol's own field */
    const char
        *required; /* header lines of the answer 426: which protocol and version it must be */
};

/* For LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: checks what libwebsockets leaves unchecked in an opening
 * handshake (RFC 6455, section 4.2.1). Returns 0 to go on, 1 when it was refused. */
int lws_http_check_upgrade(struct lws *, const char *protocol, const struct lws_http_upgrade *);

/* What a protocol's callback returns for the reasons that concern plain HTTP. `body` belongs to the
 * connection, zeroed at first: what it sends is collected there; NULL when there is none yet. */
int lws_http_serve(struct server *, struct lws *, enum lws_callback_reasons, struct buffer *body,
                   const void *in, size_t length, const struct lws_http_upgrade *);

#endif

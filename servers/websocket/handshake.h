/* The opening handshake (RFC 6455, section 4.2): from a request to a socket on which both sides may
 * speak. The request is core/net/http/server's, with all that HTTP demands of it; here is what WebSocket
 * demands besides. A handshake that is not in order gets an answer of HTTP: 426, 400 or 403. */
#ifndef PUSHPULL_WEBSOCKET_HANDSHAKE_H
#define PUSHPULL_WEBSOCKET_HANDSHAKE_H

#include "harness/server.h"

#include <libwebsockets.h>

struct handshake {
    struct server *server;
    struct lws_context *sockets; /* where upgraded ones go */
};

/* Routes GET /events. The socket of a client whose handshake is in order goes to libwebsockets, and
 * with it a request to answer with 101: one of our own making, in which nothing is left of the
 * client's but its key,
 *
 *     GET /?after=41&reset=1 HTTP/1.1         the place of the last event it has; maybe a reset
 *
 * followed by the bytes that came behind the client's. */
void handshake_route(struct handshake *, struct server *, struct lws_context *sockets);

#endif

/* The opening handshake, the server's half: see handshake.h. */
#include "handshake.h"

#include "base/base64.h"

#include "lws_loop.h"
#include "net/http/reply.h"
#include "net/http/request.h"
#include "net/http/routes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define KEY_BYTES 16 /* of randomness in Sec-WebSocket-Key */

/* A subscriber that leaves HTTP, and where it goes on. */
struct arrival {
    struct lws_context *sockets;
    char *key;
    struct server_seat seat;
};

/* It has left, unless its client went first. */
static void take(void *data, int fd, const char *early, size_t length) {
    struct arrival *arrival = data;
    struct buffer request = {0};
    buffer_printf(
        &request,
        "GET /?after=%" PRIu64 "%s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n",
        arrival->seat.after, arrival->seat.reset ? "&reset=1" : "", arrival->key);
    buffer_append(&request, early, length);
    if (fd >= 0) lws_loop_adopt(arrival->sockets, fd, request.data, request.length);
    buffer_free(&request);
    free(arrival->key);
    free(arrival);
}

static void require_upgrade(struct http_exchange *exchange) {
    static const char text[] = "Subscribers come by WebSocket, version 13 (RFC 6455).\n";
    http_reply(exchange, 426,
               "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
               "Content-Type: text/plain; charset=utf-8\r\n",
               text, sizeof(text) - 1);
}

static bool is_key(const char *text) {
    struct buffer bytes = {0};
    bool good = text != NULL && base64_decode(&bytes, text) == 0 && bytes.length == KEY_BYTES;
    buffer_free(&bytes);
    return good;
}

/* GET /events: the opening handshake (RFC 6455, section 4.2.1). */
static void get_events(struct http_exchange *exchange, void *data) {
    const struct handshake *handshake = data;
    struct server *server = handshake->server;
    struct server_seat seat;
    const char *version = http_request_header(exchange, "sec-websocket-version");
    if (http_request_is_head(exchange) || exchange->http_1_0 ||
        !http_request_lists(exchange, "upgrade", "websocket")) {
        require_upgrade(exchange);
        return;
    }
    if (!http_request_lists(exchange, "connection", "upgrade")) {
        http_reply_text(exchange, 400, "Connection: Upgrade is missing.");
        return;
    }
    if (version == NULL || strcmp(version, "13") != 0) {
        require_upgrade(exchange);
        return;
    }
    if (!is_key(http_request_header(exchange, "sec-websocket-key"))) {
        http_reply_text(exchange, 400, "Sec-WebSocket-Key is not 16 bytes in base64.");
        return;
    }
    if (!http_origin_allowed(exchange)) {
        http_reply_text(exchange, 403,
                        "A page of this origin may not listen here"
                        " (--allow-origin).");
        return;
    }
    if (server_seat(server, exchange, server->feed.newest, &seat) != 0) return;
    struct arrival *arrival = xcalloc(1, sizeof(*arrival));
    arrival->sockets = handshake->sockets;
    arrival->key = xstrdup(http_request_header(exchange, "sec-websocket-key"));
    arrival->seat = seat;
    http_give_away(exchange, take, arrival);
}

void handshake_route(struct handshake *handshake, struct server *server,
                     struct lws_context *sockets) {
    *handshake = (struct handshake){server, sockets};
    http_server_route(server->http, "GET", "/events", get_events, handshake);
}

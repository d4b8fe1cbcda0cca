/* WebSocket: one connection, upgraded from HTTP, on which either side may speak at any time.
 *
 *   subscriber                                server
 *     | GET /events?after=5c1f09aa-41 HTTP/1.1  |
 *     | Upgrade: websocket                      |
 *     | Sec-WebSocket-Key: ...                  |
 *     |---------------------------------------->|
 *     |<-------- 101 Switching Protocols -------|
 *     |<-- 81 17 {"after":"5c1f09aa-41"} -------|   where it begins (core/cursor.h)
 *     |<-- 81 7E 00 C8 {"seq":42,...} ----------|   a frame an event: 2, 4 or 10 bytes around the
 *     |<-- 81 7E 00 C8 {"seq":43,...} ----------|   text, no request, no headers
 *     |<-- 89 00 (ping) ------------------------|   when it has been quiet for 25 s
 *     |--- 8A 80 (pong) ----------------------->|
 *
 * After the handshake an event costs its bytes and one write: nothing is cheaper over TCP (compare
 * servers/tcp.c). The price is a protocol of its own: proxies and tools for HTTP see one long
 * request, and what HTTP gives for nothing has to be invented again, `after` in the address, say.
 *
 * Read next: socket_opened and on_publish; drain, what becomes of a slow subscriber;
 * clients/websocket.c, the other end. The framing is libwebsockets' (RFC 6455). */
#include "server.h"

#include "clock.h"
#include "lws_http.h"
#include "lws_loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PING_NS (25 * (int64_t)NS_PER_SECOND) /* below the 30 s after which proxies hang up */
#define MESSAGE_MAX 65536 /* subscribers have nothing to say: more than this is answered 1009 */
#define DRAIN_EVENTS 64   /* a slow subscriber's share of one turn of the loop */

/* A connection: at first an HTTP request, after the upgrade a socket. libwebsockets allocates it
 * zeroed and calls it the user's. */
struct socket {
    struct lws *wsi;
    struct list link;   /* in `sockets` while events go to it */
    uint64_t cursor;    /* sequence number of the last event it was given */
    bool lagging;       /* its socket was full: drain goes on when it opens */
    size_t incoming;    /* bytes so far of the message it is sending us */
    struct buffer body; /* of POST /publish */
};

static struct server *server;
static struct lws_context *context;
static struct list sockets;
static int64_t spoken_ns; /* when all sockets were last written to */

/* --- the strategy -------------------------------------------------------------------------- */

/* The event in the form in which every socket gets it: room for the frame's header, then the text.
 * Made once; libwebsockets writes the same header into it each time. */
static unsigned char *frame_of(struct event *event) {
    if (event->frame.length == 0) {
        memset(buffer_reserve(&event->frame, LWS_PRE), 0, LWS_PRE);
        event->frame.length = LWS_PRE;
        buffer_append(&event->frame, event->text, event->text_length);
    }
    return (unsigned char *)event->frame.data + LWS_PRE;
}

/* Writes straight to the socket. What does not fit is kept by libwebsockets: one message at most. A
 * broken connection is not looked after here: the loop reports it, and CLOSED follows. */
static void give(struct socket *socket, struct event *event) {
    server_sends(server, event, event->published_ns);
    lws_write(socket->wsi, frame_of(event), event->text_length, LWS_WRITE_TEXT);
    socket->cursor = event->seq;
}

static void lag(struct socket *socket) {
    socket->lagging = true;
    lws_callback_on_writable(socket->wsi);
}

static void on_publish(struct server *unused, struct event *event) {
    (void)unused;
    struct list *link, *next;
    list_each (link, next, &sockets) {
        struct socket *socket = list_entry(link, struct socket, link);
        if (socket->lagging) continue;
        if (lws_partial_buffered(socket->wsi))
            lag(socket);
        else
            give(socket, event);
    }
    spoken_ns = clock_now_ns();
}

/* The feed's ring came round before this subscriber did: say so, never hide it. */
static void tell_missed(struct socket *socket, uint64_t missed) {
    struct buffer text = lws_loop_text();
    notice_encode_missed(&text, missed);
    lws_loop_send(socket->wsi, &text);
    socket->cursor += missed;
    server_missed(server, missed);
}

/* The first message: where it begins, and whether that is where it wanted to. */
static void greet(struct socket *socket, bool reset) {
    struct buffer text = lws_loop_text();
    notice_encode_after(&text, feed_cursor(&server->feed, socket->cursor), reset);
    lws_loop_send(socket->wsi, &text);
}

/* The socket takes more again: go on from its cursor, as far as the socket lets us. */
static int drain(struct socket *socket) {
    for (int given = 0; socket->lagging; given++) {
        if (lws_partial_buffered(socket->wsi)) return 0; /* we are called again */
        uint64_t missed = 0;
        struct event *event = feed_next(&server->feed, socket->cursor, &missed);
        if (event == NULL)
            socket->lagging = false;
        else if (given == DRAIN_EVENTS)
            return lws_callback_on_writable(socket->wsi) < 0 ? -1 : 0;
        else if (missed > 0)
            tell_missed(socket, missed);
        else
            give(socket, event);
    }
    return 0;
}

/* Closes with a status (RFC 6455, section 7.4). No event may follow the close frame. */
static int fail(struct socket *socket, enum lws_close_status status) {
    list_remove(&socket->link);
    lws_close_reason(socket->wsi, status, NULL, 0);
    return -1;
}

static int socket_opened(struct lws *wsi, struct socket *socket) {
    char argument[64];
    const char *after = lws_get_urlarg_by_name(wsi, "after=", argument, sizeof(argument));
    int found = FEED_FOUND;
    socket->wsi = wsi;
    socket->cursor = server->feed.newest;
    if (after != NULL) found = feed_seek(&server->feed, after, strlen(after), &socket->cursor);
    if (found < 0) return fail(socket, LWS_CLOSE_STATUS_POLICY_VIOLATION); /* no cursor at all */
    socket->lagging = socket->cursor < server->feed.newest; /* behind by its own account */
    lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
    list_append(&sockets, &socket->link);
    greet(socket, found == FEED_RESET);
    if (socket->lagging) lws_callback_on_writable(wsi);
    return 0;
}

static void on_tick(struct server *unused, int64_t now_ns) {
    (void)unused;
    if (now_ns - spoken_ns < PING_NS) return;
    struct list *link, *next;
    list_each (link, next, &sockets) {
        struct socket *socket = list_entry(link, struct socket, link);
        unsigned char ping[LWS_PRE] = {0};
        if (!lws_partial_buffered(socket->wsi))
            lws_write(socket->wsi, ping + LWS_PRE, 0, LWS_WRITE_PING);
    }
    spoken_ns = now_ns;
}

/* --- what subscribers send ------------------------------------------------------------------ */

/* Messages are read and dropped: whoever wants to publish uses POST /publish. (A frame that is not
 * masked must end the connection, section 5.1; libwebsockets takes it and does not tell.) */
static int message_part(struct socket *socket, size_t length) {
    socket->incoming += length;
    if (socket->incoming + lws_remaining_packet_payload(socket->wsi) > MESSAGE_MAX)
        return fail(socket, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE);
    if (lws_is_final_fragment(socket->wsi)) socket->incoming = 0;
    return 0;
}

/* libwebsockets echoes the close frame; a status of one byte it would echo as well. */
static int peer_closes(struct socket *socket, size_t length) {
    list_remove(&socket->link);
    return length == 1 ? fail(socket, LWS_CLOSE_STATUS_PROTOCOL_ERR) : 0;
}

/* --- libwebsockets -------------------------------------------------------------------------- */

/* The opening handshake: what it must ask for, and what it is told when it asks for anything else. */
static const struct lws_http_upgrade upgrade = {
    .protocol = "websocket",
    .version = "13",
    .required = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n",
};

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t length) {
    struct socket *socket = user;
    switch (reason) {
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: return lws_http_check_upgrade(wsi, in, &upgrade);
    case LWS_CALLBACK_ESTABLISHED: return socket_opened(wsi, socket);
    case LWS_CALLBACK_SERVER_WRITEABLE: return drain(socket);
    case LWS_CALLBACK_RECEIVE: return message_part(socket, length);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: return peer_closes(socket, length);
    case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL: /* closing, for whatever reason */
    case LWS_CALLBACK_CLOSED:
        if (socket != NULL) list_remove(&socket->link);
        return 0;
    default:
        return lws_http_serve(server, wsi, reason, socket ? &socket->body : NULL, in, length,
                              &upgrade);
    }
}

static const struct lws_protocols protocols[] = {
    {
        .name = "events",
        .callback = on_event,
        .per_session_data_size = sizeof(struct socket),
        .rx_buffer_size = 256,               /* allocated for every socket */
        .tx_packet_size = 8 * HTTP_BODY_MAX, /* allocates nothing: an event is one write */
    },
    {.name = NULL},
};

static int start(struct server *owner) {
    server = owner;
    list_init(&sockets);
    struct lws_context_creation_info info = {
        .port = server->port,
        .iface = server->address,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_VALIDATE_UTF8,
        .keepalive_timeout = HTTP_IDLE_SECONDS,
        .timeout_secs = HTTP_READ_SECONDS,
    };
    context = lws_loop_open(&server->loop, &info);
    if (context == NULL) return UV_EADDRNOTAVAIL; /* or in use: the log has it */
    return lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "default"));
}

static void stop(struct server *owner) { lws_loop_close(context, &owner->loop); }

static const struct server_strategy strategy = {
    .name = "websocket",
    .help = "pushpull, WebSocket: every event is a text frame on a connection that stays open.\n"
            "\n"
            "  subscribe   a WebSocket to /events; the first message says where it begins, and\n"
            "              /events?after=CURSOR replays what came after that\n"
            "  publish     curl --data hello http://HOST:PORT/publish\n",
    .start = start,
    .publish = on_publish,
    .tick = on_tick,
    .stop = stop,
};

int main(int argc, char **argv) { return server_main(argc, argv, &strategy); }

/* WebSocket: one connection, upgraded from HTTP, on which either side may speak at any time.
 *
 *   subscriber                                server
 *     | GET /events?after=5c1f09aa-41 HTTP/1.1  |
 *     | Upgrade: websocket                      |
 *     | Sec-WebSocket-Key: ...                  |
 *     |---------------------------------------->|
 *     |<-------- 101 Switching Protocols -------|
 *     |<-- 81 17 {"after":"5c1f09aa-41"} -------|   where it begins (core/model/cursor.h)
 *     |<-- 81 7E 00 C8 {"seq":42,...} ----------|   a frame per event: 2, 4 or 10 bytes around the
 *     |<-- 81 7E 00 C8 {"seq":43,...} ----------|   text, no request, no headers
 *     |<-- 89 01 3F (ping) ---------------------|   when it has been quiet for 25 s
 *     |--- 8A 81 (pong) ----------------------->|   or it is taken for dead
 *
 * After the handshake an event costs its bytes and one write: nothing is cheaper over TCP. The price:
 * what HTTP gives for nothing (replay, authentication, caching, a log) has to be invented again.
 *
 * Read next: on_publish, the strategy itself; core/harness/stream_set.h, what becomes of a slow subscriber;
 * websocket/handshake.h, how a request becomes a socket; websocket/pulse.c, who is still there;
 * clients/websocket.c, the other end. HTTP is core/net/http/server's; libwebsockets, whose the framing is
 * (RFC 6455), gets upgraded sockets only. */
#include "harness/stream_set.h"

#include "base/clock.h"
#include "base/limits.h"
#include "model/event.h"
#include "websocket/handshake.h"
#include "websocket/lws_loop.h"
#include "websocket/pulse.h"

#include <stdlib.h>

#define MESSAGE_MAX 65536 /* subscribers have nothing to say: more than this is answered 1009 */

/* A subscriber. libwebsockets allocates it zeroed and calls it the user's. */
struct socket {
    struct websocket_server *own;
    struct lws *wsi;
    struct stream stream; /* in `sockets` while events go to it */
    struct pulse pulse;   /* whether it is still there */
    size_t incoming;      /* bytes so far of the message it is sending us */
};

struct websocket_server {
    struct server server; /* first */
    struct handshake handshake;
    struct lws_context *context;
    struct stream_set sockets;
    int64_t spoken_ns, round_ns; /* when all were last written to, and last looked after */
    double ping_seconds;
};

static struct websocket_server *websocket_of(struct server *server) {
    return list_entry(server, struct websocket_server, server);
}

static struct socket *socket_of(struct stream *stream) {
    return list_entry(stream, struct socket, stream);
}

static const struct option options[] = {
    {"ping_seconds", OPTION_NUMBER, offsetof(struct websocket_server, ping_seconds), "25", 0.1,
     3600, .unit = "s",
     .help = "silence until subscribers are pinged (proxies hang up after 30 s); one that says "
             "nothing for as long again is let go"},
    {NULL},
};

/* --- the strategy ----------------------------------------------------------------------------- */

static bool full(struct stream *stream) {
    return lws_partial_buffered(socket_of(stream)->wsi) != 0;
}

/* Writes straight to the socket. What does not fit is kept by libwebsockets: one message at most. A
 * broken connection is not looked after here: the loop reports it, and CLOSED follows. */
static bool give(struct stream *stream, struct event *event) {
    lws_loop_send_event(socket_of(stream)->wsi, event);
    return true;
}

static void tell_missed(struct stream *stream, uint64_t missed) {
    struct buffer text = lws_loop_text();
    notice_encode_missed(&text, missed);
    lws_loop_send(socket_of(stream)->wsi, &text);
}

static const struct stream_handler stream_handler = {
    .full = full,
    .give = give,
    .tell_missed = tell_missed,
};

static void on_publish(struct server *server, struct event *event) {
    struct websocket_server *own = websocket_of(server);
    (void)event; /* its frame is made when the first socket takes it */
    stream_set_publish(&own->sockets);
    own->spoken_ns = clock_now_ns();
}

/* The first message: where it begins, and whether that is where it wanted to. */
static void greet(struct socket *socket, bool reset) {
    struct buffer text = lws_loop_text();
    notice_encode_after(&text, feed_cursor(&socket->own->server.feed, socket->stream.cursor),
                        reset);
    lws_loop_send(socket->wsi, &text);
}

/* The socket takes more again: go on from its cursor, as far as the socket lets us. */
static int drain(struct socket *socket) {
    pulse_felt(&socket->pulse);
    if (full(&socket->stream)) lws_callback_on_writable(socket->wsi);
    stream_catch_up(&socket->own->sockets, &socket->stream);
    return 0;
}

/* Closes with a status (RFC 6455, section 7.4); without one when the socket is full: libwebsockets then
 * gives it 5 s to take the rest, and hangs up. No event may follow. */
static int fail(struct socket *socket, enum lws_close_status status) {
    stream_leave(&socket->stream);
    lws_close_reason(socket->wsi, status, NULL, 0);
    return -1;
}

/* The handshake is done. `after` and `reset` come from the request that handshake.c has made. */
static int socket_opened(struct lws *wsi, struct socket *socket) {
    char text[32];
    const char *after = lws_get_urlarg_by_name(wsi, "after=", text, sizeof(text));
    if (after == NULL) return -1;
    socket->own = websocket_of(lws_context_user(lws_get_context(wsi)));
    socket->wsi = wsi;
    lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
    stream_join(&socket->own->sockets, &socket->stream, strtoull(after, NULL, 10));
    greet(socket, lws_get_urlarg_by_name(wsi, "reset=", text, sizeof(text)) != NULL);
    lws_callback_on_writable(wsi); /* it may be behind already */
    return 0;
}

/* --- who is still there ----------------------------------------------------------------------- */

/* Pings after silence, and lets go of those that for as long again neither answered nor took any of
 * what waits for them: a peer whose host has vanished says nothing at all. */
static void on_tick(struct server *server, int64_t now_ns) {
    struct websocket_server *own = websocket_of(server);
    int64_t ping_ns = (int64_t)(own->ping_seconds * NS_PER_SECOND);
    bool quiet = now_ns - own->spoken_ns >= ping_ns;
    if (!quiet && now_ns - own->round_ns < ping_ns) return;
    struct list *link, *next;
    list_each (link, next, &own->sockets.streams) {
        struct socket *socket = list_entry(link, struct socket, stream.link);
        pulse_feel(&socket->pulse, socket->wsi, quiet, full(&socket->stream), now_ns, ping_ns);
    }
    if (quiet) own->spoken_ns = now_ns;
    own->round_ns = now_ns;
}

/* --- what subscribers send -------------------------------------------------------------------- */

/* Messages are read and dropped. (A frame that is not masked must end the connection, section 5.1, and
 * of several pings the last must be answered, 5.5.3: libwebsockets does not let us see to that.) */
static int message_part(struct socket *socket, size_t length) {
    pulse_felt(&socket->pulse);
    socket->incoming += length;
    if (socket->incoming + lws_remaining_packet_payload(socket->wsi) > MESSAGE_MAX)
        return fail(socket, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE);
    if (lws_is_final_fragment(socket->wsi)) socket->incoming = 0;
    return 0;
}

/* libwebsockets echoes the close frame; a status of one byte it would echo as well. */
static int peer_closes(struct socket *socket, size_t length) {
    stream_leave(&socket->stream);
    return length == 1 ? fail(socket, LWS_CLOSE_STATUS_PROTOCOL_ERR) : 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t length) {
    struct socket *socket = user;
    (void)in;
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED: return socket_opened(wsi, socket);
    case LWS_CALLBACK_SERVER_WRITEABLE: return drain(socket);
    case LWS_CALLBACK_RECEIVE: return message_part(socket, length);
    case LWS_CALLBACK_RECEIVE_PONG: pulse_felt(&socket->pulse); return lws_loop_ponged(wsi, length);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: return peer_closes(socket, length);
    case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL: /* closing, for whatever reason */
    case LWS_CALLBACK_CLOSED:
        if (socket != NULL) stream_leave(&socket->stream);
        return 0;
    default: return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {
        .name = "events",
        .callback = on_event,
        .per_session_data_size = sizeof(struct socket),
        .rx_buffer_size = 256,                      /* allocated for every socket */
        .tx_packet_size = EVENT_TEXT_MAX + LWS_PRE, /* allocates nothing: an event is one write */
    },
    {.name = NULL},
};

static int start(struct server *server) {
    struct websocket_server *own = websocket_of(server);
    stream_set_init(&own->sockets, server, &stream_handler);
    own->context = lws_loop_open(server, protocols);
    handshake_route(&own->handshake, server, own->context);
    return server_listen_http(server);
}

/* Those that listen are `http`'s; upgraded sockets are ours. */
static int cut(struct server *server, bool away) {
    struct list *link, *next;
    if (!away) return 0;
    list_each (link, next, &websocket_of(server)->sockets.streams)
        lws_loop_hang_up(list_entry(link, struct socket, stream.link)->wsi);
    return 0;
}

static void stop(struct server *server) {
    struct websocket_server *own = websocket_of(server);
    struct list *link, *next;
    list_each (link, next, &own->sockets.streams)
        lws_loop_going_away(list_entry(link, struct socket, stream.link)->wsi);
    lws_loop_close(own->context, server->program.loop);
}

const struct server_strategy websocket_server = {
    .name = "websocket",
    .size = sizeof(struct websocket_server),
    .help = "pushpull, WebSocket: every event is a text frame on a connection that stays open.\n\n"
            "  subscribe   a WebSocket to /events; the first message says where it begins, and\n"
            "              /events?after=CURSOR replays what came after that\n"
            "  publish     curl --data hello http://HOST:PORT/publish\n",
    .options = options,
    .start = start,
    .publish = on_publish,
    .tick = on_tick,
    .cut = cut,
    .stop = stop,
};

int main(int argc, char **argv) { return server_main(argc, argv, &websocket_server); }

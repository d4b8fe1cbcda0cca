/* WebSocket, the subscriber's side: connect, upgrade, listen.
 *
 *   subscriber                                server
 *     |------- GET /events?after=CURSOR ------->|   after: when it has been here before
 *     |<------ 101 Switching Protocols ---------|   up
 *     |<------ frame: {"after":"5c1f09aa-41"} --|   where it begins
 *     |<------ frame: {"seq":42,...} -----------|
 *     |<------ frame: {"missed":7} -------------|   it was too slow: seven events are gone for good
 *     |<------ frame: {"seq":50,...} -----------|
 *
 * It never asks again: after the handshake a subscriber only answers pings, so what it sends does
 * not grow with the rate of events. A message may come in pieces (frames, and parts of frames as
 * reads cut them); it is an event when it is whole.
 *
 * Read next: servers/websocket.c, the other end; core/client.h for what happens when a connection
 * goes (a pause that grows, then subscribe again from the newest event it has). */
#include "client.h"

#include "clock.h"
#include "lws_loop.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#define CONNECT_SECONDS 10
#define MESSAGE_MAX (16 * 1024 * 1024) /* an event is at most 1 MiB, its text as JSON at most six */

struct socket {
    struct subscriber subscriber; /* first */
    struct lws *wsi;              /* NULL while there is no connection */
    struct wire_socket wire;
    struct buffer message; /* the pieces so far of a message that came in pieces */
    int error;             /* why it is down */
    bool inside;           /* called by libwebsockets: it must not be killed under its feet */
    bool let_go;
};

static struct lws_context *context;

static int subscribe(struct subscriber *subscriber) {
    struct socket *socket = (struct socket *)subscriber;
    const struct sockaddr_in *to = (const void *)subscriber_server(subscriber);
    const struct sockaddr_in *from = (const void *)subscriber_source(subscriber);
    char address[INET_ADDRSTRLEN], source[INET_ADDRSTRLEN], cursor[CURSOR_SIZE], path[64];
    inet_ntop(AF_INET, &to->sin_addr, address, sizeof(address));
    if (from != NULL) inet_ntop(AF_INET, &from->sin_addr, source, sizeof(source));
    snprintf(path, sizeof(path), subscriber->placed ? "/events?after=%s" : "/events",
             cursor_print(cursor, subscriber->cursor));
    struct lws_client_connect_info info = {
        .context = context,
        .address = address,
        .port = ntohs(to->sin_port),
        .iface = from != NULL ? source : NULL,
        .host = subscriber_host(subscriber),
        .path = path,
        .userdata = socket,
        .retry_and_idle_policy = &lws_loop_no_timers,
    };
    socket->error = UV_ECONNRESET;
    socket->let_go = false;
    subscriber_expect(subscriber, CONNECT_SECONDS * (int64_t)NS_PER_SECOND);
    socket->wsi = lws_client_connect_via_info(&info);
    return socket->wsi != NULL ? 0 : UV_ECONNREFUSED;
}

static void unsubscribe(struct subscriber *subscriber) {
    struct socket *socket = (struct socket *)subscriber;
    socket->let_go = true;
    socket->error = 0;
    if (socket->wsi != NULL && !socket->inside)
        lws_set_timeout(socket->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
}

static void established(struct socket *socket) {
    struct client *client = socket->subscriber.client;
    lws_set_timeout(socket->wsi, NO_PENDING_TIMEOUT, 0);
    wire_attach(&client->meter, &socket->wire, lws_get_socket_fd(socket->wsi));
    subscriber_expect(&socket->subscriber, 0);
    subscriber_up(&socket->subscriber);
}

/* A whole message: an event, or a notice of where it is and what is gone (core/event.h). */
static void message(struct socket *socket, const char *text, size_t length) {
    subscriber_receive(&socket->subscriber, text, length);
}

static int message_part(struct socket *socket, const char *bytes, size_t length) {
    bool whole = lws_is_final_fragment(socket->wsi);
    if (whole && socket->message.length == 0) {
        message(socket, bytes, length);
        return 0;
    }
    if (socket->message.length + length > MESSAGE_MAX) return -1;
    buffer_append(&socket->message, bytes, length);
    if (!whole) return 0;
    message(socket, socket->message.data, socket->message.length);
    buffer_free(&socket->message);
    return 0;
}

/* The connection is over, its descriptor still open: the last moment to read its figures. */
static void closed(struct socket *socket) {
    wire_detach(&socket->subscriber.client->meter, &socket->wire);
}

/* It is gone, and all that libwebsockets kept for it. */
static void destroyed(struct socket *socket) {
    socket->wsi = NULL;
    buffer_free(&socket->message);
    subscriber_down(&socket->subscriber, socket->error);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t length) {
    struct socket *socket = user;
    if (socket == NULL || socket->wsi != wsi) return 0; /* not, or no longer, one of ours */
    int result = 0;
    bool was_inside = socket->inside;
    socket->inside = true;
    switch (reason) {
    case LWS_CALLBACK_CLIENT_ESTABLISHED: established(socket); break;
    case LWS_CALLBACK_CLIENT_RECEIVE: result = message_part(socket, in, length); break;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR: socket->error = UV_ECONNREFUSED; break;
    case LWS_CALLBACK_CLIENT_CLOSED: closed(socket); break;
    case LWS_CALLBACK_WSI_DESTROY: destroyed(socket); return 0;
    default: /* among them the locks around a poll, which must never be refused */
        socket->inside = was_inside;
        return 0;
    }
    socket->inside = was_inside;
    return socket->let_go ? -1 : result;
}

static const struct lws_protocols protocols[] = {
    {
        .name = "events",
        .callback = on_event,
        .rx_buffer_size = 1024, /* allocated for every socket: a usual event comes in one piece */
    },
    {.name = NULL},
};

static int start(struct client *client) {
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_VALIDATE_UTF8,
    };
    context = lws_loop_open(&client->loop, &info);
    return context != NULL ? 0 : UV_ENOTSUP;
}

static void stop(struct client *client) {
    lws_loop_close(context, &client->loop);
    context = NULL;
}

static const struct client_strategy strategy = {
    .name = "websocket",
    .subscriber_size = sizeof(struct socket),
    .start = start,
    .subscribe = subscribe,
    .unsubscribe = unsubscribe,
    .stop = stop,
};

int main(int argc, char **argv) { return client_main(argc, argv, &strategy); }

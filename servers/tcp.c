/* The floor: events on a bare TCP connection, one per line. Nothing can be cheaper, so this is what
 * the others are compared with.
 *
 *     client                                   server
 *       | connect                               |
 *       |-------------------------------------->|
 *       |<-- {"after":"5c1f09aa-12"} \n ---------|   where it begins (core/model/cursor.h)
 *       |                                       |   event 13 is published
 *       |<-- {"seq":13,...} \n -----------------|   written to every connection
 *
 * What is missing is what the others pay for: no addressing, no history, no way to come back where
 * one left off, nothing that a browser, a proxy or a firewall understands.
 *
 * Read next: core/net/connection.h, clients/tcp.c, servers/sse.c (the same with HTTP around it). */
#include "harness/stream_set.h"

#include "base/clock.h"

#include <stdlib.h>

#define ASK_NS NS_PER_SECOND

/* A client that listens. */
struct listener {
    struct connection connection;
    struct tcp_server *tcp;
    struct stream stream;
    bool ended;       /* it says no more: it listens on, or it is gone */
    int64_t asked_ns; /* when that was last found out */
};

struct tcp_server {
    struct server server; /* first */
    uv_tcp_t socket;      /* that takes connections */
    struct stream_set listeners;
    unsigned int ended_count; /* of those that say no more */
};

static struct tcp_server *tcp_of(struct server *server) {
    return list_entry(server, struct tcp_server, server);
}

static struct listener *listener_of(struct connection *c) {
    return list_entry(c, struct listener, connection);
}

static struct listener *listener_of_stream(struct stream *stream) {
    return list_entry(stream, struct listener, stream);
}

/* Writes a line that is no event. */
static void tell(struct listener *listener, struct buffer *line) {
    buffer_append(line, "\n", 1);
    connection_write(&listener->connection, line->data, line->length);
    buffer_free(line);
}

static void tell_missed(struct stream *stream, uint64_t missed) {
    struct buffer line = {0};
    notice_encode_missed(&line, missed);
    tell(listener_of_stream(stream), &line);
}

static void greet(struct listener *listener) {
    struct buffer line = {0};
    notice_encode_after(&line, feed_cursor(&listener->tcp->server.feed, listener->stream.cursor),
                        false);
    tell(listener, &line);
}

static bool full(struct stream *stream) {
    return connection_blocked(&listener_of_stream(stream)->connection);
}

static bool give(struct stream *stream, struct event *event) {
    struct connection *c = &listener_of_stream(stream)->connection;
    return connection_write(c, event->frame.data, event->frame.length) >= 0;
}

static const struct stream_handler stream_handler = {
    .full = full,
    .give = give,
    .tell_missed = tell_missed,
};

/* A new event: a line, written to every connection. */
static void publish(struct server *server, struct event *event) {
    buffer_append(&event->frame, event->text, event->text_length);
    buffer_append(&event->frame, "\n", 1);
    stream_set_publish(&tcp_of(server)->listeners);
}

static void on_drained(struct connection *c) {
    struct listener *listener = listener_of(c);
    stream_catch_up(&listener->tcp->listeners, &listener->stream);
}

/* What clients say is of no interest. */
static void on_data(struct connection *c, const char *bytes, size_t length) {
    (void)c;
    (void)bytes;
    (void)length;
}

/* Nor is it that they will say no more. But one that has closed its socket looks alike, until a write
 * to it fails: so these get an empty line now and then, which is no event. */
static void on_ended(struct connection *c) {
    listener_of(c)->ended = true;
    listener_of(c)->tcp->ended_count++;
}

static void tick(struct server *server, int64_t now_ns) {
    struct list *position, *following;
    if (tcp_of(server)->ended_count == 0) return;
    list_each (position, following, &tcp_of(server)->listeners.streams) {
        struct listener *listener = list_entry(position, struct listener, stream.link);
        if (!listener->ended || connection_blocked(&listener->connection)) continue;
        if (now_ns - listener->asked_ns < ASK_NS) continue;
        listener->asked_ns = now_ns;
        connection_write(&listener->connection, "\n", 1);
    }
}

static void on_closing(struct connection *c, int error) {
    struct listener *listener = listener_of(c);
    (void)error;
    listener->tcp->ended_count -= listener->ended;
    stream_leave(&listener->stream);
}

static void on_closed(struct connection *c) { free(listener_of(c)); }

static const struct connection_handler handler = {
    .data = on_data,
    .drained = on_drained,
    .ended = on_ended,
    .closing = on_closing,
    .closed = on_closed,
};

static void on_connection(uv_stream_t *stream, int status) {
    struct tcp_server *tcp = list_entry(stream, struct tcp_server, socket);
    if (status != 0) return;
    struct listener *listener = xcalloc(1, sizeof(*listener));
    listener->tcp = tcp;
    if (connection_accept(&listener->connection, &tcp->server.network, stream, &handler) != 0)
        return;
    stream_join(&tcp->listeners, &listener->stream, tcp->server.feed.newest);
    greet(listener);
}

static int start(struct server *server) {
    struct tcp_server *tcp = tcp_of(server);
    stream_set_init(&tcp->listeners, server, &stream_handler);
    return network_listen(&server->network, &tcp->socket, server->config.address,
                          (int)server->config.port, on_connection);
}

static void hang_up(struct tcp_server *tcp) {
    struct list *position, *following;
    list_each (position, following, &tcp->listeners.streams)
        connection_close(&list_entry(position, struct listener, stream.link)->connection);
}

static int cut(struct server *server, bool away) {
    struct tcp_server *tcp = tcp_of(server);
    if (!away) return network_listen_again(&server->network, &tcp->socket);
    network_refuse(&server->network, &tcp->socket);
    hang_up(tcp);
    return 0;
}

static void stop(struct server *server) {
    network_unlisten(&server->network, &tcp_of(server)->socket, NULL);
    hang_up(tcp_of(server));
}

const struct server_strategy tcp_server = {
    .name = "tcp",
    .size = sizeof(struct tcp_server),
    .help = "",
    .start = start,
    .publish = publish,
    .tick = tick,
    .cut = cut,
    .stop = stop,
};

int main(int argc, char **argv) { return server_main(argc, argv, &tcp_server); }

/* An HTTP/1.1 server for one loop: its connections, reading, time-outs, its life. See server.h, and
 * states.h for what the other files do. */
#include "net/http/server.h"

#include "base/clock.h"
#include "base/grammar.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/log.h"
#include "net/http/reply.h"
#include "net/http/request.h"
#include "net/http/routes.h"
#include "net/http/states.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int seconds_allowed[TIMED_STATES] = {
    [IDLE] = HTTP_IDLE_SECONDS,        [READING] = HTTP_READ_SECONDS,
    [WRITING] = HTTP_WRITE_SECONDS,    [BLOCKED] = HTTP_WRITE_SECONDS,
    [LINGERING] = HTTP_LINGER_SECONDS,
};

/* --- reading ---------------------------------------------------------------------------------- */

static void drop_request(struct http_exchange *exchange) {
    http_message_free(exchange->request);
    exchange->request = NULL;
}

static void keep_pending(struct http_connection *c, const char *bytes, size_t length) {
    size_t total = c->pending_length + length;
    if (total >= HTTP_PENDING_MAX) connection_listen(&c->socket, false);
    c->pending = xrealloc(c->pending, total);
    memcpy(c->pending + c->pending_length, bytes, length);
    c->pending_length = (uint32_t)total;
}

/* Answers what is not read to its end, or cannot be: where the next request would begin is unknown. */
static void refuse(struct http_exchange *exchange, int status) {
    const struct http_message *request = exchange->request;
    const char *complaint = request != NULL ? request->complaint : NULL;
    exchange->keep_alive = exchange->cross_origin = false;
    exchange->head_only =
        request != NULL && !request->unknown_method && request->parser.method == HTTP_HEAD;
    http_reply_text(exchange, status, "%s", complaint != NULL ? complaint : http_reason(status));
    drop_request(exchange);
}

/* The request is complete: answer it, or find out that it is answered later. */
static void request_complete(struct http_connection *c) {
    struct http_exchange *exchange = &c->exchange;
    exchange->keep_alive = http_message_keep_alive(exchange->request);
    exchange->cross_origin = http_exchange_cross_origin(exchange);
    c->server->requests++;
    http_connection_enter(c, HANDLING);
    http_route(exchange);
    drop_request(exchange);
}

/* All that came was read, and the request goes on: a client that waits for leave to send its body
 * gets it, unless the body is on its way already. Not before the parser has returned: a write may
 * end the connection, and the parser must not run on after that. */
static void read_on(struct http_connection *c) {
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct http_message *request = c->exchange.request;
    if (!request->awaits_100) return;
    request->awaits_100 = false;
    if (request->body.length == 0) connection_write(&c->socket, go_on, sizeof(go_on) - 1);
}

static const struct http_message_handler request_handler = {.head = http_request_judge};

static void begin_request(struct http_connection *c) {
    c->exchange.request =
        http_message_new(HTTP_REQUEST, &request_handler, &c->exchange, c->server->body_max);
    http_connection_enter(c, READING);
}

/* --- leaving HTTP ----------------------------------------------------------------------------- */

void http_give_away(struct http_exchange *exchange, http_taker taker, void *data) {
    exchange->taker = taker;
    exchange->data = data;
}

/* Another descriptor for the same socket, or a libuv error. */
static int duplicate(const struct connection *socket) {
    int fd, error = uv_fileno((const uv_handle_t *)&socket->tcp, &fd);
    if (error != 0) return error;
    fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return fd >= 0 ? fd : uv_translate_sys_error(errno);
}

static void not_handed_over(struct http_exchange *exchange, int error) {
    static const char text[] = "There is no room for another connection now: try again.\n";
    log_error("cannot take over a connection: %s (ulimit -n)", uv_strerror(error));
    exchange->keep_alive = false;
    http_reply(exchange, 503, "Content-Type: text/plain; charset=utf-8\r\nRetry-After: 5\r\n", text,
               sizeof(text) - 1);
}

/* The socket goes on under another descriptor; the connection that it was ends. */
static void hand_over(struct http_connection *c, const char *early, size_t length) {
    http_taker taker = c->exchange.taker;
    int fd = UV_ECANCELED;
    c->exchange.taker = NULL;
    if (!c->socket.closing_called) {
        fd = duplicate(&c->socket);
        if (fd >= 0)
            connection_close(&c->socket);
        else
            not_handed_over(&c->exchange, fd);
    }
    taker(c->exchange.data, fd, early, length);
}

/* --- what the connection tells ---------------------------------------------------------------- */

/* Takes bytes from the network: none, one or several requests, complete or not. */
static void consume(struct http_connection *c, const char *bytes, size_t length) {
    struct http_exchange *exchange = &c->exchange;
    while (length > 0 && (c->state == IDLE || c->state == READING)) {
        size_t consumed;
        if (c->socket.closing_called) return;
        if (exchange->request == NULL && (*bytes == '\r' || *bytes == '\n')) {
            bytes++; /* an empty line before a request (RFC 9112, 2.2) */
            length--;
            continue;
        }
        if (exchange->request == NULL) begin_request(c);
        switch (http_message_parse(exchange->request, bytes, length, &consumed)) {
        case HTTP_MORE: read_on(c); return;
        case HTTP_COMPLETE: request_complete(c); break;
        case HTTP_REFUSED: refuse(exchange, exchange->request->refusal); return;
        case HTTP_MALFORMED: refuse(exchange, 400); return;
        }
        bytes += consumed;
        length -= consumed;
        if (exchange->taker != NULL) {
            hand_over(c, bytes, length);
            return;
        }
    }
    /* What comes behind the last answer, as a stream is, is read and dropped. */
    if (length > 0 && exchange->keep_alive && !c->socket.closing_called)
        keep_pending(c, bytes, length);
}

/* Goes on with pipelined bytes that came while the last answer was outstanding. */
static void resume(struct http_connection *c) {
    char *bytes = c->pending;
    size_t length = c->pending_length;
    http_connection_enter(c, IDLE);
    c->pending = NULL;
    c->pending_length = 0;
    if (length >= HTTP_PENDING_MAX) connection_listen(&c->socket, true);
    consume(c, bytes, length);
    free(bytes);
    if (c->ended && (c->state == IDLE || c->state == READING)) connection_close(&c->socket);
}

static void on_turn_over(uv_prepare_t *turn_over) {
    struct http_server *server = turn_over->data;
    while (!list_empty(&server->ready))
        resume(list_entry(server->ready.next, struct http_connection, waiting));
    uv_prepare_stop(turn_over);
}

static struct http_connection *connection_of(struct connection *socket) {
    return list_entry(socket, struct http_connection, socket);
}

static void on_data(struct connection *socket, const char *bytes, size_t length) {
    consume(connection_of(socket), bytes, length);
}

static void on_drained(struct connection *socket) {
    struct http_connection *c = connection_of(socket);
    http_connection_unsent(c, 0);
    if (c->state == BLOCKED) {
        http_connection_enter(c, STREAMING);
        c->exchange.drained(&c->exchange);
    } else if (c->state == WRITING) {
        http_exchange_answered(&c->exchange);
    }
}

/* The client may have closed, or only have said all: what is under way is answered, and what it
 * asked for behind that. */
static void on_ended(struct connection *socket) {
    struct http_connection *c = connection_of(socket);
    c->ended = true;
    if (c->state == IDLE || c->state == READING || c->state == LINGERING) connection_close(socket);
}

static void on_closing(struct connection *socket, int error) {
    struct http_connection *c = connection_of(socket);
    struct http_exchange *exchange = &c->exchange;
    (void)error;
    http_connection_unsent(c, 0);
    list_remove(&c->waiting);
    if (exchange->gone != NULL) exchange->gone(exchange);
    exchange->gone = exchange->drained = NULL;
}

static void free_when_closed(struct http_server *server);

static void on_closed(struct connection *socket) {
    struct http_connection *c = connection_of(socket);
    struct http_server *server = c->server;
    list_remove(&c->exchange.stream.link); /* by now in no list, whatever its handler did */
    drop_request(&c->exchange);
    free(c->pending);
    free(c);
    server->connections--;
    free_when_closed(server);
}

static const struct connection_handler socket_handler = {
    .data = on_data,
    .drained = on_drained,
    .ended = on_ended,
    .closing = on_closing,
    .closed = on_closed,
};

static void on_connection(uv_stream_t *listener, int status) {
    struct http_server *server = listener->data;
    if (status != 0) {
        log_error("cannot take a connection: %s", uv_strerror(status));
        return;
    }
    struct http_connection *c = xcalloc(1, sizeof(*c));
    c->server = server;
    c->exchange.connection = c;
    server->connections++;
    if (connection_accept(&c->socket, server->network, listener, &socket_handler) == 0)
        http_connection_enter(c, IDLE);
}

/* --- time-outs -------------------------------------------------------------------------------- */

static void expire(struct http_connection *c) {
    bool writing = c->state == WRITING || c->state == BLOCKED;
    if (c->state == READING)
        refuse(&c->exchange, 408);
    else if (writing && http_connection_left(c) + HTTP_WRITE_BYTES <= c->left)
        http_connection_enter(c, c->state); /* slow, but it takes what it is given */
    else
        connection_close(&c->socket);
}

static void sweep(uv_timer_t *timer) {
    struct http_server *server = timer->data;
    int64_t now = clock_now_ns();
    for (int state = 0; state < TIMED_STATES; state++) {
        struct list *position, *following;
        int64_t since = now - server->seconds_allowed[state] * (int64_t)NS_PER_SECOND;
        list_each (position, following, &server->waiting[state]) {
            struct http_connection *c = list_entry(position, struct http_connection, waiting);
            if (c->waiting_ns > since) break;
            expire(c);
        }
    }
}

/* --- the server's life ------------------------------------------------------------------------ */

struct http_server *http_server_new(struct network *network) {
    struct http_server *server = xcalloc(1, sizeof(*server));
    server->network = network;
    memcpy(server->seconds_allowed, seconds_allowed, sizeof(seconds_allowed));
    for (int state = 0; state < TIMED_STATES; state++) list_init(&server->waiting[state]);
    list_init(&server->active);
    list_init(&server->ready);
    uv_timer_init(network->loop, &server->sweeper);
    uv_prepare_init(network->loop, &server->turn_over);
    server->sweeper.data = server->turn_over.data = server;
    server->resume = on_turn_over;
    server->handles = 2;
    server->body_max = HTTP_BODY_MAX;
    return server;
}

void http_server_body_max(struct http_server *server, size_t bytes) { server->body_max = bytes; }

int http_server_listen(struct http_server *server, const char *address, int port) {
    server->listening = true;
    server->handles++;
    int result = network_listen(server->network, &server->listener, address, port, on_connection);
    server->listener.data = server;
    server->loopback = http_host_loopback(address) || strcmp(address, "::1") == 0;
    uv_timer_start(&server->sweeper, sweep, 1000, 1000);
    return result;
}

int http_server_allow_origin(struct http_server *server, const char *origin) {
    if (origin == NULL) origin = "";
    if (!http_origin_choice_valid(origin)) return UV_EINVAL;
    free(server->origin);
    server->origin = *origin == '\0' ? NULL : xstrdup(origin);
    return 0;
}

uint64_t http_server_connections(const struct http_server *server) { return server->connections; }
uint64_t http_server_requests(const struct http_server *server) { return server->requests; }

static void free_when_closed(struct http_server *server) {
    if (!server->closing || server->handles > 0 || server->connections > 0) return;
    buffer_free(&server->answer);
    free(server->origin);
    free(server);
}

static void on_handle_closed(uv_handle_t *handle) {
    struct http_server *server = handle->data;
    server->handles--;
    free_when_closed(server);
}

static void close_all(struct list *head) {
    struct list *position, *following;
    list_each (position, following, head)
        connection_close(&list_entry(position, struct http_connection, waiting)->socket);
}

static void close_connections(struct http_server *server) {
    for (int state = 0; state < TIMED_STATES; state++) close_all(&server->waiting[state]);
    close_all(&server->active);
    close_all(&server->ready);
}

void http_server_cut(struct http_server *server) {
    if (server->listening) network_refuse(server->network, &server->listener);
    close_connections(server);
}

int http_server_listen_again(struct http_server *server) {
    return server->listening ? network_listen_again(server->network, &server->listener) : 0;
}

void http_server_close(struct http_server *server) {
    server->closing = true;
    uv_close((uv_handle_t *)&server->sweeper, on_handle_closed);
    uv_close((uv_handle_t *)&server->turn_over, on_handle_closed);
    if (server->listening) network_unlisten(server->network, &server->listener, on_handle_closed);
    close_connections(server);
}

/* An HTTP/1.1 server for one loop: see server.h.
 *
 * The life of an exchange is a walk through these states. In five of them it stands in a list in
 * order of time, so that one sweep a second finds what has waited too long by looking at the heads
 * of the lists alone. A handler decides where HANDLING leads.
 *
 *     IDLE -> READING -> HANDLING -> (PARKED) -> WRITING -> IDLE, READY or LINGERING
 *                                 -> STREAMING <-> BLOCKED
 *
 * READY is for pipelining: what came behind the request that is answered now is not read in the midst
 * of that answer, which may be one of many that a single event sets off, but when the turn of the loop
 * is over. So no handler runs inside a call of another one. */
#include "net/http/server_internal.h"

#include "base/clock.h"
#include "base/grammar.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const int seconds_allowed[TIMED_STATES] = {
    [IDLE] = HTTP_IDLE_SECONDS,        [READING] = HTTP_READ_SECONDS,
    [WRITING] = HTTP_WRITE_SECONDS,    [BLOCKED] = HTTP_WRITE_SECONDS,
    [LINGERING] = HTTP_LINGER_SECONDS,
};

static void consume(struct http_exchange *exchange, const char *bytes, size_t length);
static void on_turn_over(uv_prepare_t *turn_over);

/* --- states ------------------------------------------------------------------------------------ */

/* What the client has still to take: our queue, and the kernel's. */
static size_t left_of(const struct http_exchange *exchange) {
    const uv_tcp_t *tcp = &exchange->connection.tcp;
    int fd, kernel = 0;
    if (uv_fileno((const uv_handle_t *)tcp, &fd) == 0) ioctl(fd, SIOCOUTQ, &kernel);
    return uv_stream_get_write_queue_size((const uv_stream_t *)tcp) + (size_t)kernel;
}

void http_exchange_enter(struct http_exchange *exchange, enum state state) {
    if (exchange->connection.closing_called) return;
    list_remove(&exchange->waiting);
    exchange->state = (uint8_t)state;
    if (state == WRITING || state == BLOCKED) exchange->left = left_of(exchange);
    if (state < TIMED_STATES) {
        exchange->waiting_ns = clock_now_ns();
        list_append(&exchange->server->waiting[state], &exchange->waiting);
    } else if (state == READY) {
        list_append(&exchange->server->ready, &exchange->waiting);
        uv_prepare_start(&exchange->server->turn_over, on_turn_over);
    } else {
        list_append(&exchange->server->active, &exchange->waiting);
    }
}

static void drop_request(struct http_exchange *exchange) {
    http_message_free(exchange->request);
    exchange->request = NULL;
}

/* The last answer is out. The client hangs up first: closing at once could reset the connection
 * under an answer that is still travelling, when the client has sent more than was read. */
static void linger(struct http_exchange *exchange) {
    http_exchange_enter(exchange, LINGERING);
    connection_finish(&exchange->connection);
}

void http_exchange_answered(struct http_exchange *exchange) {
    /* While the request is there, consume() has what came behind it. */
    bool more = exchange->request == NULL && (exchange->pending_length > 0 || exchange->ended);
    exchange->gone = exchange->drained = NULL;
    if (connection_blocked(&exchange->connection))
        http_exchange_enter(exchange, WRITING);
    else if (exchange->keep_alive)
        http_exchange_enter(exchange, more ? READY : IDLE);
    else
        linger(exchange);
}

/* Goes on with pipelined bytes that came while the last answer was outstanding. */
static void resume(struct http_exchange *exchange) {
    char *bytes = exchange->pending;
    size_t length = exchange->pending_length;
    http_exchange_enter(exchange, IDLE);
    exchange->pending = NULL;
    exchange->pending_length = 0;
    if (length >= HTTP_PENDING_MAX) connection_listen(&exchange->connection, true);
    consume(exchange, bytes, length);
    free(bytes);
    if (exchange->ended && (exchange->state == IDLE || exchange->state == READING))
        connection_close(&exchange->connection);
}

static void on_turn_over(uv_prepare_t *turn_over) {
    struct http_server *server = turn_over->data;
    while (!list_empty(&server->ready))
        resume(list_entry(server->ready.next, struct http_exchange, waiting));
    uv_prepare_stop(turn_over);
}

static void keep_pending(struct http_exchange *exchange, const char *bytes, size_t length) {
    size_t total = exchange->pending_length + length;
    if (total >= HTTP_PENDING_MAX) connection_listen(&exchange->connection, false);
    exchange->pending = xrealloc(exchange->pending, total);
    memcpy(exchange->pending + exchange->pending_length, bytes, length);
    exchange->pending_length = (uint32_t)total;
}

/* --- the request ------------------------------------------------------------------------------- */

const char *http_request_path(const struct http_exchange *exchange) {
    return exchange->request->text.data + exchange->request->path;
}

bool http_request_is_head(const struct http_exchange *exchange) { return exchange->head_only; }

const char *http_request_header(const struct http_exchange *exchange, const char *name) {
    return http_message_list(exchange->request, name);
}

const char *http_request_body(const struct http_exchange *exchange, size_t *length) {
    *length = exchange->request->body.length;
    return *length > 0 ? exchange->request->body.data : "";
}

const char *http_request_parameter(const struct http_exchange *exchange, const char *name,
                                   size_t *length) {
    size_t name_length = strlen(name);
    const struct http_message *request = exchange->request;
    for (const char *part = request->text.data + request->query; *part != '\0';) {
        size_t part_length = strcspn(part, "&");
        if (part_length > name_length && part[name_length] == '=' &&
            strncmp(part, name, name_length) == 0) {
            *length = part_length - name_length - 1;
            return part + name_length + 1;
        }
        part += part_length;
        if (*part == '&') part++;
    }
    return NULL;
}

/* --- routing ----------------------------------------------------------------------------------- */

void http_server_route(struct http_server *server, const char *method, const char *path,
                       http_handler handler, void *data) {
    if (server->route_count == ROUTES_MAX) die(1, "more than %d routes", ROUTES_MAX);
    server->routes[server->route_count++] = (struct route){method, path, handler, data};
}

static bool path_matches(const char *pattern, const char *path) {
    size_t length = strlen(pattern);
    if (length > 1 && pattern[length - 1] == '*') return strncmp(path, pattern, length - 1) == 0;
    return strcmp(path, pattern) == 0;
}

static void add_method(struct buffer *methods, const char *method) {
    if (!http_list_has(methods->data, method)) buffer_printf(methods, ", %s", method);
}

/* What a page of another origin may send (CORS). */
static const char preflight[] =
    "Access-Control-Allow-Methods: GET, HEAD, POST, PUT, DELETE\r\n"
    "Access-Control-Allow-Headers: If-None-Match, Last-Event-ID, Content-Type, Cache-Control\r\n";

/* Answers a request for which there is no handler: 404, 405 with the methods there are, or the
 * question what they are. OPTIONS * asks for those of the whole server. */
static void no_route(struct http_exchange *exchange, bool options) {
    struct http_server *server = exchange->server;
    const char *path = http_request_path(exchange);
    bool known = strcmp(path, "*") == 0, all = known;
    struct buffer methods = {0};
    buffer_printf(&methods, "OPTIONS");
    for (int i = 0; i < server->route_count; i++) {
        const struct route *route = &server->routes[i];
        if (!all && !path_matches(route->path, path)) continue;
        known = true;
        add_method(&methods, route->method);
        if (strcmp(route->method, "GET") == 0) add_method(&methods, "HEAD");
    }
    if (known) {
        struct buffer headers = {0};
        buffer_printf(&headers, "Allow: %s\r\n%s", methods.data,
                      options && exchange->cross_origin ? preflight : "");
        http_reply(exchange, options ? 204 : 405, headers.data, "", 0);
        buffer_free(&headers);
    } else {
        http_reply_text(exchange, 404, "There is no %.200s here; GET / says what there is.", path);
    }
    buffer_free(&methods);
}

static void handle(struct http_exchange *exchange) {
    struct http_server *server = exchange->server;
    const char *method = llhttp_method_name((llhttp_method_t)exchange->request->parser.method);
    exchange->head_only = strcmp(method, "HEAD") == 0;
    for (int i = 0; i < server->route_count; i++) {
        const struct route *route = &server->routes[i];
        if (!path_matches(route->path, http_request_path(exchange))) continue;
        if (strcmp(route->method, exchange->head_only ? "GET" : method) != 0) continue;
        route->handler(exchange, route->data);
        return;
    }
    no_route(exchange, strcmp(method, "OPTIONS") == 0);
}

/* --- reading ----------------------------------------------------------------------------------- */

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
static void request_complete(struct http_exchange *exchange) {
    exchange->keep_alive = http_message_keep_alive(exchange->request);
    exchange->cross_origin = http_exchange_cross_origin(exchange);
    exchange->server->requests++;
    http_exchange_enter(exchange, HANDLING);
    handle(exchange);
    drop_request(exchange);
}

/* All that came was read, and the request goes on: a client that waits for leave to send its body
 * gets it, unless the body is on its way already. Not before the parser has returned: a write may
 * end the connection, and the parser must not run on after that. */
static void read_on(struct http_exchange *exchange) {
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct http_message *request = exchange->request;
    if (!request->awaits_100) return;
    request->awaits_100 = false;
    if (request->body.length == 0) connection_write(&exchange->connection, go_on, sizeof go_on - 1);
}

static const struct http_message_handler request_handler = {.head = http_request_judge};

static void begin_request(struct http_exchange *exchange) {
    exchange->request =
        http_message_new(HTTP_REQUEST, &request_handler, exchange, exchange->server->body_max);
    http_exchange_enter(exchange, READING);
}

/* Another descriptor for the same socket, or a libuv error. */
static int duplicate(const struct connection *c) {
    int fd, error = uv_fileno((const uv_handle_t *)&c->tcp, &fd);
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
static void hand_over(struct http_exchange *exchange, const char *early, size_t length) {
    http_taker taker = exchange->taker;
    int fd = UV_ECANCELED;
    exchange->taker = NULL;
    if (!exchange->connection.closing_called) {
        fd = duplicate(&exchange->connection);
        if (fd >= 0)
            connection_close(&exchange->connection);
        else
            not_handed_over(exchange, fd);
    }
    taker(exchange->data, fd, early, length);
}

void http_give_away(struct http_exchange *exchange, http_taker taker, void *data) {
    exchange->taker = taker;
    exchange->data = data;
}

/* Takes bytes from the network: none, one or several requests, complete or not. */
static void consume(struct http_exchange *exchange, const char *bytes, size_t length) {
    while (length > 0 && (exchange->state == IDLE || exchange->state == READING)) {
        size_t consumed;
        if (exchange->connection.closing_called) return;
        if (exchange->request == NULL && (*bytes == '\r' || *bytes == '\n')) {
            bytes++; /* an empty line before a request (RFC 9112, 2.2) */
            length--;
            continue;
        }
        if (exchange->request == NULL) begin_request(exchange);
        switch (http_message_parse(exchange->request, bytes, length, &consumed)) {
        case HTTP_MORE: read_on(exchange); return;
        case HTTP_COMPLETE: request_complete(exchange); break;
        case HTTP_REFUSED: refuse(exchange, exchange->request->refusal); return;
        case HTTP_MALFORMED: refuse(exchange, 400); return;
        }
        bytes += consumed;
        length -= consumed;
        if (exchange->taker != NULL) {
            hand_over(exchange, bytes, length);
            return;
        }
    }
    /* What comes behind the last answer, as a stream is, is read and dropped. */
    if (length > 0 && exchange->keep_alive && !exchange->connection.closing_called)
        keep_pending(exchange, bytes, length);
}

static struct http_exchange *exchange_of(struct connection *c) { return (struct http_exchange *)c; }

static void on_data(struct connection *c, const char *bytes, size_t length) {
    consume(exchange_of(c), bytes, length);
}

static void on_drained(struct connection *c) {
    struct http_exchange *exchange = exchange_of(c);
    http_exchange_unsent(exchange, 0);
    if (exchange->state == BLOCKED) {
        http_exchange_enter(exchange, STREAMING);
        exchange->drained(exchange);
    } else if (exchange->state == WRITING) {
        http_exchange_answered(exchange);
    }
}

/* The client may have closed, or only have said all: what is under way is answered, and what it
 * asked for behind that. */
static void on_ended(struct connection *c) {
    struct http_exchange *exchange = exchange_of(c);
    exchange->ended = true;
    if (exchange->state == IDLE || exchange->state == READING || exchange->state == LINGERING)
        connection_close(c);
}

static void on_closing(struct connection *c, int error) {
    struct http_exchange *exchange = exchange_of(c);
    (void)error;
    http_exchange_unsent(exchange, 0);
    list_remove(&exchange->waiting);
    if (exchange->gone != NULL) exchange->gone(exchange);
    exchange->gone = exchange->drained = NULL;
}

static void free_when_closed(struct http_server *server);

static void on_closed(struct connection *c) {
    struct http_exchange *exchange = exchange_of(c);
    struct http_server *server = exchange->server;
    list_remove(&exchange->stream.link); /* by now in no list, whatever its handler did */
    drop_request(exchange);
    free(exchange->pending);
    free(exchange);
    server->connections--;
    free_when_closed(server);
}

static const struct connection_handler exchange_handler = {
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
    struct http_exchange *exchange = xcalloc(1, sizeof *exchange);
    exchange->server = server;
    server->connections++;
    if (connection_accept(&exchange->connection, server->network, listener, &exchange_handler) == 0)
        http_exchange_enter(exchange, IDLE);
}

/* --- time-outs --------------------------------------------------------------------------------- */

static void expire(struct http_exchange *exchange) {
    bool writing = exchange->state == WRITING || exchange->state == BLOCKED;
    if (exchange->state == READING)
        refuse(exchange, 408);
    else if (writing && left_of(exchange) + HTTP_WRITE_BYTES <= exchange->left)
        http_exchange_enter(exchange, exchange->state); /* slow, but it takes what it is given */
    else
        connection_close(&exchange->connection);
}

static void sweep(uv_timer_t *timer) {
    struct http_server *server = timer->data;
    int64_t now = clock_now_ns();
    for (int state = 0; state < TIMED_STATES; state++) {
        struct list *position, *following;
        int64_t since = now - server->seconds_allowed[state] * (int64_t)NS_PER_SECOND;
        list_each (position, following, &server->waiting[state]) {
            struct http_exchange *exchange = list_entry(position, struct http_exchange, waiting);
            if (exchange->waiting_ns > since) break;
            expire(exchange);
        }
    }
}

/* --- the server's life ------------------------------------------------------------------------- */

struct http_server *http_server_new(struct network *network) {
    struct http_server *server = xcalloc(1, sizeof *server);
    server->network = network;
    memcpy(server->seconds_allowed, seconds_allowed, sizeof(seconds_allowed));
    for (int state = 0; state < TIMED_STATES; state++) list_init(&server->waiting[state]);
    list_init(&server->active);
    list_init(&server->ready);
    uv_timer_init(network->loop, &server->sweeper);
    uv_prepare_init(network->loop, &server->turn_over);
    server->sweeper.data = server->turn_over.data = server;
    server->handles = 2;
    server->body_max = HTTP_BODY_MAX;
    return server;
}

void http_server_body_max(struct http_server *server, size_t bytes) { server->body_max = bytes; }

int http_server_listen(struct http_server *server, const char *address, int port) {
    server->listening = true;
    server->handles++;
    int result =
        network_listen(server->network->loop, &server->listener, address, port, on_connection);
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
        connection_close(&list_entry(position, struct http_exchange, waiting)->connection);
}

void http_server_close(struct http_server *server) {
    server->closing = true;
    uv_close((uv_handle_t *)&server->sweeper, on_handle_closed);
    uv_close((uv_handle_t *)&server->turn_over, on_handle_closed);
    if (server->listening) network_unlisten(server->network, &server->listener, on_handle_closed);
    for (int state = 0; state < TIMED_STATES; state++) close_all(&server->waiting[state]);
    close_all(&server->active);
    close_all(&server->ready);
}

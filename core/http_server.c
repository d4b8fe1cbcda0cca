/* An HTTP/1.1 server for one loop: see http_server.h.
 *
 * The life of an exchange is a walk through these states. In four of them it stands in a list in
 * order of time, so that one sweep a second finds what has waited too long by looking at the heads
 * of the lists alone. A handler decides where HANDLING leads.
 *
 *     IDLE -> READING -> HANDLING -> (PARKED | STREAMING) -> WRITING -> IDLE, or LINGERING
 */
#include "http_server_internal.h"

#include "clock.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int seconds_allowed[TIMED_STATES] = {
    [IDLE] = HTTP_IDLE_SECONDS,
    [READING] = HTTP_READ_SECONDS,
    [WRITING] = HTTP_WRITE_SECONDS,
    [LINGERING] = HTTP_LINGER_SECONDS,
};

static void consume(struct http_exchange *exchange, const char *bytes, size_t length);

/* --- states ------------------------------------------------------------------------------------ */

void http_exchange_enter(struct http_exchange *exchange, enum state state) {
    if (exchange->connection.closing_called) return;
    list_remove(&exchange->waiting);
    exchange->state = (uint8_t)state;
    if (state < TIMED_STATES) {
        exchange->waiting_ns = clock_now_ns();
        list_append(&exchange->server->waiting[state], &exchange->waiting);
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
    exchange->gone = exchange->drained = NULL;
    if (connection_blocked(&exchange->connection))
        http_exchange_enter(exchange, WRITING);
    else if (exchange->keep_alive)
        http_exchange_enter(exchange, IDLE);
    else
        linger(exchange);
}

void http_exchange_resume(struct http_exchange *exchange) {
    char *bytes = exchange->pending;
    size_t length = exchange->pending_length;
    if (bytes == NULL || exchange->state != IDLE) return;
    exchange->pending = NULL;
    exchange->pending_length = 0;
    consume(exchange, bytes, length);
    free(bytes);
}

static void keep_pending(struct http_exchange *exchange, const char *bytes, size_t length) {
    size_t total = exchange->pending_length + length;
    if (total > HTTP_PENDING_MAX) {
        connection_close(&exchange->connection);
        return;
    }
    exchange->pending = xrealloc(exchange->pending, total);
    memcpy(exchange->pending + exchange->pending_length, bytes, length);
    exchange->pending_length = (uint32_t)total;
}

/* --- the request ------------------------------------------------------------------------------- */

const char *http_request_path(const struct http_exchange *exchange) {
    return http_message_target(exchange->request);
}

bool http_request_is_head(const struct http_exchange *exchange) { return exchange->head_only; }

const char *http_request_header(const struct http_exchange *exchange, const char *name) {
    return http_message_field(exchange->request, name);
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

/* Answers a request for which there is no handler: 404, 405 with the methods there are, or the
 * question of a page from another origin what it may do (CORS). */
static void no_route(struct http_exchange *exchange, bool options) {
    struct http_server *server = exchange->server;
    char allow[256] = "Allow: OPTIONS";
    bool known = false;
    for (int i = 0; i < server->route_count; i++) {
        const struct route *route = &server->routes[i];
        if (!path_matches(route->path, http_request_path(exchange))) continue;
        known = true;
        size_t used = strlen(allow);
        snprintf(allow + used, sizeof allow - used, ", %s%s", route->method,
                 strcmp(route->method, "GET") == 0 ? ", HEAD" : "");
    }
    if (!known) {
        http_reply_text(exchange, 404, "There is no %.200s here; GET / says what there is.",
                        http_request_path(exchange));
        return;
    }
    strncat(allow, "\r\n", sizeof allow - strlen(allow) - 1);
    http_reply(exchange, options ? 204 : 405, allow, "", 0);
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

/* Cuts the target into path and query. The absolute form (GET http://host/path) loses its origin. */
static void split_target(struct http_message *request) {
    char *target = request->text.data + 1;
    if (strncmp(target, "http://", 7) == 0) {
        char *path = strchr(target + 7, '/');
        if (path != NULL) memmove(target, path, strlen(path) + 1);
    }
    char *query = strchr(target, '?');
    if (query == NULL) return;
    *query = '\0';
    request->query = (uint32_t)(query + 1 - request->text.data);
}

/* --- reading ----------------------------------------------------------------------------------- */

static void refuse(struct http_exchange *exchange, int status) {
    exchange->keep_alive = false;
    exchange->head_only = false;
    http_reply_text(exchange, status, "%s", http_reason(status));
}

static const char *complaint(const struct http_message *request) {
    int hosts = http_message_field_count(request, "host");
    bool http_1_1 = request->parser.http_major == 1 && request->parser.http_minor == 1;
    if (http_1_1 && hosts == 0)
        return "An HTTP/1.1 request names its host: the Host field is missing.";
    if (hosts > 1) return "A request names one host: there is more than one Host field.";
    return NULL;
}

/* The request is complete: answer it, or find out that it is answered later. */
static void request_complete(struct http_exchange *exchange) {
    const char *wrong = complaint(exchange->request);
    exchange->keep_alive = llhttp_should_keep_alive(&exchange->request->parser) != 0;
    exchange->server->requests++;
    http_exchange_enter(exchange, HANDLING);
    split_target(exchange->request);
    if (wrong != NULL) {
        exchange->keep_alive = exchange->head_only = false;
        http_reply_text(exchange, 400, "%s", wrong);
    } else {
        handle(exchange);
    }
    drop_request(exchange);
}

/* Whether the client waits for leave to send its body is found out here, and granted when the
 * parser has returned: a write may end the connection, and the parser must not run on after that. */
static int on_head(struct http_message *request) {
    const char *expect = http_message_field(request, "expect");
    request->awaits_100 = expect != NULL && strcmp(expect, "100-continue") == 0;
    return 0;
}

/* All that came was read, and the request goes on: who waits for leave gets it, unless his body is
 * on its way already. */
static void read_on(struct http_exchange *exchange) {
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct http_message *request = exchange->request;
    if (!request->awaits_100) return;
    request->awaits_100 = false;
    if (request->body.length == 0) connection_write(&exchange->connection, go_on, sizeof go_on - 1);
}

static const struct http_message_handler request_handler = {.head = on_head};

static void begin_request(struct http_exchange *exchange) {
    exchange->request =
        http_message_new(HTTP_REQUEST, &request_handler, exchange, exchange->server->body_max);
    http_exchange_enter(exchange, READING);
}

/* The socket goes on under another descriptor; the connection that it was ends. */
static void hand_over(struct http_exchange *exchange, const char *early, size_t length) {
    http_taker taker = exchange->taker;
    int fd = UV_ECANCELED;
    exchange->taker = NULL;
    if (!exchange->connection.closing_called) {
        int error = uv_fileno((uv_handle_t *)&exchange->connection.tcp, &fd);
        if (error == 0) fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        if (error == 0 && fd < 0) error = uv_translate_sys_error(errno);
        if (error != 0) fd = error;
        connection_close(&exchange->connection);
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
    if (length > 0 && exchange->state != LINGERING && !exchange->connection.closing_called)
        keep_pending(exchange, bytes, length);
}

static struct http_exchange *exchange_of(struct connection *c) { return (struct http_exchange *)c; }

static void on_data(struct connection *c, const char *bytes, size_t length) {
    consume(exchange_of(c), bytes, length);
}

static void on_drained(struct connection *c) {
    struct http_exchange *exchange = exchange_of(c);
    if (exchange->state == STREAMING && exchange->drained != NULL) exchange->drained(exchange);
    if (exchange->state != WRITING) return;
    http_exchange_answered(exchange);
    http_exchange_resume(exchange);
}

static void on_closing(struct connection *c, int error) {
    struct http_exchange *exchange = exchange_of(c);
    (void)error;
    list_remove(&exchange->waiting);
    if (exchange->gone != NULL) exchange->gone(exchange);
    exchange->gone = exchange->drained = NULL;
}

static void free_when_closed(struct http_server *server);

static void on_closed(struct connection *c) {
    struct http_exchange *exchange = exchange_of(c);
    struct http_server *server = exchange->server;
    list_remove(&exchange->link); /* by now in no list, whatever its handler did */
    drop_request(exchange);
    free(exchange->pending);
    free(exchange);
    server->connections--;
    free_when_closed(server);
}

static const struct connection_handler exchange_handler = {
    .data = on_data, .drained = on_drained, .closing = on_closing, .closed = on_closed};

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
    if (exchange->state == READING)
        refuse(exchange, 408);
    else
        connection_close(&exchange->connection);
}

static void sweep(uv_timer_t *timer) {
    struct http_server *server = timer->data;
    int64_t now = clock_now_ns();
    for (int state = 0; state < TIMED_STATES; state++) {
        struct list *position, *following;
        int64_t since = now - seconds_allowed[state] * (int64_t)NS_PER_SECOND;
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
    for (int state = 0; state < TIMED_STATES; state++) list_init(&server->waiting[state]);
    list_init(&server->active);
    uv_timer_init(network->loop, &server->sweeper);
    server->sweeper.data = server;
    server->handles = 1;
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
    uv_timer_start(&server->sweeper, sweep, 1000, 1000);
    return result;
}

void http_server_allow_origin(struct http_server *server, const char *origin) {
    free(server->origin_headers);
    server->origin_headers = NULL;
    if (origin == NULL || *origin == '\0') return;
    server->origin_headers =
        xasprintf("Access-Control-Allow-Origin: %s\r\nVary: Origin\r\n"
                  "Access-Control-Allow-Methods: GET, HEAD, POST, DELETE\r\n"
                  "Access-Control-Allow-Headers: If-None-Match, Last-Event-ID, Content-Type\r\n"
                  "Access-Control-Expose-Headers: ETag\r\n",
                  origin);
}

uint64_t http_server_connections(const struct http_server *server) { return server->connections; }
uint64_t http_server_requests(const struct http_server *server) { return server->requests; }

static void free_when_closed(struct http_server *server) {
    if (!server->closing || server->handles > 0 || server->connections > 0) return;
    buffer_free(&server->answer);
    free(server->origin_headers);
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
    if (server->listening) uv_close((uv_handle_t *)&server->listener, on_handle_closed);
    for (int state = 0; state < TIMED_STATES; state++) close_all(&server->waiting[state]);
    close_all(&server->active);
}

/* Who answers a request: the server's routes. */
#include "net/http/routes.h"

#include "base/grammar.h"
#include "base/log.h"
#include "net/http/reply.h"
#include "net/http/request.h"
#include "net/http/states.h"

#include <string.h>

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
    struct http_server *server = exchange->connection->server;
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

void http_route(struct http_exchange *exchange) {
    struct http_server *server = exchange->connection->server;
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

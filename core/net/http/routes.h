/* Who answers a request. */
#ifndef PUSHPULL_HTTP_ROUTES_H
#define PUSHPULL_HTTP_ROUTES_H

#include "net/http/exchange.h"

struct http_server;

/* `path` is matched exactly; a path ending in a slash and a star matches everything below it. Methods
 * other than the routed ones get 405 with Allow; HEAD is answered by the GET route without a body. */
void http_server_route(struct http_server *, const char *method, const char *path, http_handler,
                       void *data);

/* Calls the handler of the request, or answers that there is none. For server.c. */
void http_route(struct http_exchange *);

#endif

/* What a handler of the HTTP server asks of its request. */
#ifndef PUSHPULL_HTTP_REQUEST_H
#define PUSHPULL_HTTP_REQUEST_H

#include "net/http/exchange.h"

const char *http_request_path(const struct http_exchange *);
/* A HEAD: answered as a GET is, without a body, and at once. Whoever parks requests asks this. */
bool http_request_is_head(const struct http_exchange *);
/* The value of a header field (name in lower case), or NULL. Several lines of one name are one list
 * (RFC 9110, 5.3): their text is valid until the next call. */
const char *http_request_header(const struct http_exchange *, const char *name);
/* Whether a field that is a list has this element: "connection", "upgrade". In any case of letters. */
bool http_request_lists(const struct http_exchange *, const char *name, const char *element);
/* Whether the body says that it is JSON. A page of another origin cannot say so unasked. */
bool http_request_is_json(const struct http_exchange *);
/* False when a web page asks that is neither this server's own nor of the origin that is allowed.
 * Whatever does more than read is refused to such a page before it comes to a handler. */
bool http_origin_allowed(const struct http_exchange *);
/* The value of a parameter in the query, as it was written, up to `*length`; NULL: not there. */
const char *http_request_parameter(const struct http_exchange *, const char *name, size_t *length);
const char *http_request_body(const struct http_exchange *, size_t *length);

/* --- for server.c --- */

/* Whether the request comes from a page of the origin that --allow-origin names. */
bool http_exchange_cross_origin(const struct http_exchange *);
/* The head is complete: fills in host, path and query, or refuses it. For llhttp. */
int http_request_judge(struct http_message *);

#endif

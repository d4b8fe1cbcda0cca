/* An HTTP/1.1 server (RFC 9110, RFC 9112) for one loop, built for many connections.
 *
 * One write per response, headers and body together. The state of the parser and the text of the
 * request exist only while a request is being read and handled; an idle connection is little more
 * than its socket. Time-outs by one sweep per second over a list in order of activity. */
#ifndef PUSHPULL_HTTP_SERVER_H
#define PUSHPULL_HTTP_SERVER_H

#include "net/connection.h"
#include "net/http/exchange.h"

struct http_server;

struct http_server *http_server_new(struct network *);
/* Closes the listener and all connections; frees it when the loop has closed them. */
void http_server_close(struct http_server *);
/* Returns the port or a libuv error. */
int http_server_listen(struct http_server *, const char *address, int port);
/* Closes all connections, and refuses new ones until it listens again, on the same port: 0 or a libuv error
 * (connection.h, network_listen_again). One that does not listen closes what it has. */
void http_server_cut(struct http_server *);
int http_server_listen_again(struct http_server *);
/* Pages of this origin may use the server ("*": of any; NULL or "": of none but its own). Returns
 * UV_EINVAL when it is no origin (scheme://host[:port]). */
int http_server_allow_origin(struct http_server *, const char *origin);
/* How many bytes a request's body may have, instead of HTTP_BODY_MAX. */
void http_server_body_max(struct http_server *, size_t bytes);
uint64_t http_server_connections(const struct http_server *); /* open now */
uint64_t http_server_requests(const struct http_server *);    /* since the start */

/* Instead of an answer: another protocol goes on here (101, which the taker says). The exchange ends;
 * the taker is called when the handler has returned. When the client is gone by then, or cannot be taken
 * over, which it is told by a 503, the taker gets a negative libuv error for a socket. */
void http_give_away(struct http_exchange *, http_taker, void *data);

#endif

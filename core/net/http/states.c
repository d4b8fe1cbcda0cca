/* The states of a connection and its exchange: see states.h. */
#include "net/http/states.h"

#include "base/clock.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

size_t http_connection_left(const struct http_connection *c) {
    const uv_tcp_t *tcp = &c->socket.tcp;
    int fd, kernel = 0;
    if (uv_fileno((const uv_handle_t *)tcp, &fd) == 0) ioctl(fd, SIOCOUTQ, &kernel);
    return uv_stream_get_write_queue_size((const uv_stream_t *)tcp) + (size_t)kernel;
}

void http_connection_enter(struct http_connection *c, enum state state) {
    struct http_server *server = c->server;
    if (c->socket.closing_called) return;
    list_remove(&c->waiting);
    c->state = (uint8_t)state;
    if (state == WRITING || state == BLOCKED) c->left = http_connection_left(c);
    if (state < TIMED_STATES) {
        c->waiting_ns = clock_now_ns();
        list_append(&server->waiting[state], &c->waiting);
    } else if (state == READY) {
        list_append(&server->ready, &c->waiting);
        uv_prepare_start(&server->turn_over, server->resume);
    } else {
        list_append(&server->active, &c->waiting);
    }
}

/* The last answer is out. The client hangs up first: closing at once could reset the connection
 * under an answer that is still travelling, when the client has sent more than was read. */
static void linger(struct http_connection *c) {
    http_connection_enter(c, LINGERING);
    connection_finish(&c->socket);
}

void http_exchange_answered(struct http_exchange *exchange) {
    struct http_connection *c = exchange->connection;
    /* While the request is there, its reader has what came behind it. */
    bool more = exchange->request == NULL && (c->pending_length > 0 || c->ended);
    exchange->gone = exchange->drained = NULL;
    if (connection_blocked(&c->socket))
        http_connection_enter(c, WRITING);
    else if (exchange->keep_alive)
        http_connection_enter(c, more ? READY : IDLE);
    else
        linger(c);
}

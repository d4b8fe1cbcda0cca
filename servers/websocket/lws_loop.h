/* libwebsockets on a libuv loop that belongs to somebody else: opened with this project's manners,
 * and, which is the harder part, closed without leaving a handle behind. */
#ifndef PUSHPULL_LWS_LOOP_H
#define PUSHPULL_LWS_LOOP_H

#include "base/memory.h"
#include "harness/server.h"
#include "model/event.h"

#include <libwebsockets.h>
#include <uv.h>

/* Creates a context on the server's loop for sockets with these protocols; the server is its user
 * (lws_context_user). It listens nowhere and connects to
 * nobody: its sockets come by lws_loop_adopt. Dies when the plugin for libuv is not installed. */
struct lws_context *lws_loop_open(struct server *, const struct lws_protocols *protocols);

/* Gives it a socket that has left HTTP elsewhere: `request` is what it shall read first, an opening
 * handshake and whatever the client has sent behind it. The socket is its own from here on, also
 * when it cannot be taken: then it is closed. */
void lws_loop_adopt(struct lws_context *, int fd, const char *request, size_t length);

/* When a message does not fit into the socket, the rest is kept, and LWS_CALLBACK_SERVER_WRITEABLE follows
 * when it is gone: until then nothing more may be sent.
 *
 * A text message: begin it, append the text, send it. The buffer has room for the frame's header in
 * front; lws_loop_send frees it. */
struct buffer lws_loop_text(void);
void lws_loop_send(struct lws *, struct buffer *text);
/* The same for an event, whose frame is made once for all. */
void lws_loop_send_event(struct lws *, struct event *);
/* Asks for a sign of life: LWS_CALLBACK_RECEIVE_PONG. */
void lws_loop_ping(struct lws *);
/* It came, with so many bytes: for the trace. Returns 0, as the callback then does. */
int lws_loop_ponged(struct lws *, size_t length);
/* Ends it at once: libwebsockets would first wait for the other side to take what is buffered. The
 * loop hears of it, and LWS_CALLBACK_CLOSED follows. */
void lws_loop_hang_up(struct lws *);
/* Tells the other side that this one is going away (status 1001), unless half a message stands in the
 * way. Only before lws_loop_close. */
void lws_loop_going_away(struct lws *);

/* Begins to destroy it: all its connections close at once, without a close frame. The loop must run
 * on until it has nothing more to do; only then is the context freed. NULL is allowed. */
void lws_loop_close(struct lws_context *context, uv_loop_t *loop);

#endif

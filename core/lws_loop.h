/* libwebsockets on a libuv loop that belongs to somebody else: opened with this project's manners,
 * and, which is the harder part, closed without leaving a handle behind. */
#ifndef PUSHPULL_LWS_LOOP_H
#define PUSHPULL_LWS_LOOP_H

#include "event.h"
#include "memory.h"

#include <libwebsockets.h>
#include <uv.h>

/* A policy of no policy: libwebsockets keeps no timer for an idle connection. Its timers sit in one
 * sorted list, so a timer a connection costs more the more connections there are. Give it as
 * retry_and_idle_policy, and cancel the time-out of a connection once it is established. */
extern const lws_retry_bo_t lws_loop_no_timers;

/* Creates a context on `loop`. The caller has filled in what is its own in `info` (port, protocols,
 * ...); this adds the loop, the log (errors only), and settings common to both sides. Returns NULL,
 * with a line on stderr, when there is no context: the port is taken, or the plugin for libuv is
 * not installed. */
struct lws_context *lws_loop_open(uv_loop_t *loop, struct lws_context_creation_info *info);

/* Gives it a socket that has left HTTP elsewhere: `request` is what it shall read first, an opening
 * handshake and whatever the client has sent behind it. The socket is its own from here on, also
 * when it cannot be taken: then it is closed. */
void lws_loop_adopt(struct lws_context *, int fd, const char *request, size_t length);

/* A text message: begin it, append the text, send it. The buffer has room for the frame's header in
 * front; lws_loop_send frees it. */
struct buffer lws_loop_text(void);
void lws_loop_send(struct lws *, struct buffer *text);
/* The same for an event, whose frame is made once for all. */
void lws_loop_send_event(struct lws *, struct event *);
/* Asks for a sign of life: LWS_CALLBACK_RECEIVE_PONG. */
void lws_loop_ping(struct lws *);
/* Tells the other side that this one is going away (status 1001), unless half a message stands in the
 * way. Only before lws_loop_close. */
void lws_loop_going_away(struct lws *);

/* Begins to destroy it: all its connections close at once, without a close frame. The loop must run
 * on until it has nothing more to do; only then is the context freed. NULL is allowed. */
void lws_loop_close(struct lws_context *context, uv_loop_t *loop);

#endif

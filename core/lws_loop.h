/* libwebsockets on a libuv loop that belongs to somebody else: opened with this project's manners,
 * and, which is the harder part, closed without leaving a handle behind. */
#ifndef PUSHPULL_LWS_LOOP_H
#define PUSHPULL_LWS_LOOP_H

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

/* A text message: begin it, append the text, send it. The buffer has room for the frame's header in
 * front; lws_loop_send frees it. */
struct buffer lws_loop_text(void);
void lws_loop_send(struct lws *, struct buffer *text);

/* Begins to destroy it: all its connections close at once, without a close frame. The loop must run
 * on until it has nothing more to do; only then is the context freed. NULL is allowed. */
void lws_loop_close(struct lws_context *context, uv_loop_t *loop);

#endif

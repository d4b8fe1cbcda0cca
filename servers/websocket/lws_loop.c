/* libwebsockets on a foreign libuv loop: see lws_loop.h. Written against 4.1 to 4.3. */
#include "lws_loop.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* A policy of no policy: libwebsockets keeps no timer for an idle connection. Its timers sit in one
 * sorted list, so a timer per connection costs more the more connections there are. */
static const lws_retry_bo_t no_timers = {0};

/* What it says of every adopted socket, with the level of an error, is none. */
static void log_line(int level, const char *line) {
    (void)level;
    if (strstr(line, "adopt_socket_readbuf") != NULL) return;
    log_error("libwebsockets: %.*s", (int)strcspn(line, "\n"), line);
}

/* It takes more than ten million descriptors for a mistake and then allows itself 2,560; and it
 * reserves two tables of that size. A million is more than a host can use. */
static void bound_file_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur <= 10000000) return;
    limit.rlim_cur = 1000000;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        log_warn("cannot bound the number of open files: libwebsockets will allow only 2560");
}

struct lws_context *lws_loop_open(struct server *server, const struct lws_protocols *protocols) {
    void *loops[] = {server->program.loop};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = protocols,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_VALIDATE_UTF8,
        .foreign_loops = loops,
        .user = server,
        .retry_and_idle_policy = &no_timers,
    };
    bound_file_limit();
    lws_set_log_level(0, NULL); /* what it says of a plugin is better said by us */
    struct lws_context *context = lws_create_context(&info);
    if (context == NULL)
        die(1, "libwebsockets cannot use libuv: is its plugin for that installed"
               " (libwebsockets-evlib-uv)?");
    lws_set_log_level(LLL_ERR, log_line);
    return context;
}

/* NULL: nothing is traced. */
static struct trace *trace_of(const struct lws_context *context) {
    const struct server *server = lws_context_user((struct lws_context *)(uintptr_t)context);
    return server->network.trace;
}

void lws_loop_adopt(struct lws_context *context, int fd, const char *request, size_t length) {
    struct lws_vhost *vhost = lws_get_vhost_by_name(context, "default");
    struct trace *trace = trace_of(context);
    if (trace != NULL) trace_open(trace, fd);
    lws_adopt_socket_vhost_readbuf(vhost, fd, request, length);
}

struct buffer lws_loop_text(void) {
    struct buffer text = {0};
    memset(buffer_reserve(&text, LWS_PRE), 0, LWS_PRE);
    text.length = LWS_PRE;
    return text;
}

/* What did not fit into the socket is kept: SERVER_WRITEABLE says when it is gone. */
static void watch(struct lws *wsi) {
    if (lws_partial_buffered(wsi)) lws_callback_on_writable(wsi);
}

/* The header of a frame that the server sends: RFC 6455, section 5.2. */
static size_t header_bytes(size_t length) { return length < 126 ? 2 : length < 65536 ? 4 : 10; }

static void write_frame(struct lws *wsi, char *text, size_t length, enum lws_write_protocol kind) {
    struct trace *trace = trace_of(lws_get_context(wsi));
    if (trace != NULL) {
        uint32_t line = trace_line_of(trace, lws_get_socket_fd(wsi));
        trace_written(trace, line, wire_written(lws_get_socket_fd(wsi))); /* the 101 is its own */
        trace_said(trace, line, clock_now_ns(), text, length, header_bytes(length));
    }
    lws_write(wsi, (unsigned char *)text, length, kind);
}

void lws_loop_send(struct lws *wsi, struct buffer *text) {
    write_frame(wsi, text->data + LWS_PRE, text->length - LWS_PRE, LWS_WRITE_TEXT);
    watch(wsi);
    buffer_free(text);
}

/* libwebsockets writes the same header into the room in front each time. */
void lws_loop_send_event(struct lws *wsi, struct event *event) {
    if (event->frame.length == 0) {
        memset(buffer_reserve(&event->frame, LWS_PRE), 0, LWS_PRE);
        event->frame.length = LWS_PRE;
        buffer_append(&event->frame, event->text, event->text_length);
    }
    write_frame(wsi, event->frame.data + LWS_PRE, event->text_length, LWS_WRITE_TEXT);
    watch(wsi);
}

/* With a payload: of an empty pong libwebsockets would not tell. */
void lws_loop_ping(struct lws *wsi) {
    char ping[LWS_PRE + 1] = {[LWS_PRE] = '?'};
    write_frame(wsi, ping + LWS_PRE, 1, LWS_WRITE_PING);
}

/* A client's frames are masked. */
int lws_loop_ponged(struct lws *wsi, size_t length) {
    struct trace *trace = trace_of(lws_get_context(wsi));
    if (trace != NULL)
        trace_heard(trace, trace_line_of(trace, lws_get_socket_fd(wsi)),
                    header_bytes(length) + 4 + length, 0, false);
    return 0;
}

/* Nor shall the kernel keep what waits. */
void lws_loop_hang_up(struct lws *wsi) {
    static const struct linger none = {.l_onoff = 1};
    setsockopt(lws_get_socket_fd(wsi), SOL_SOCKET, SO_LINGER, &none, sizeof(none));
    shutdown(lws_get_socket_fd(wsi), SHUT_RDWR);
}

/* Past libwebsockets, whose own way would take another turn of the loop for each. */
void lws_loop_going_away(struct lws *wsi) {
    static const unsigned char frame[] = {0x88, 2, 1001 >> 8, 1001 & 0xff};
    if (lws_partial_buffered(wsi)) return;
    send(lws_get_socket_fd(wsi), frame, sizeof(frame), MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* --- the end ---------------------------------------------------------------------------------
 * On a foreign loop the first lws_context_destroy closes every connection; when libuv has closed
 * the last of them, libwebsockets closes its own timer and idle handles; when these are closed too,
 * nothing happens any more: the context waits to be destroyed a second time, and does not say when
 * that is. Each of the steps ends in the closing phase of one turn of the loop, so a few turns
 * later all are over. Destroying it earlier would free handles that libuv still holds. */

#define TURNS 4

struct ending {
    uv_timer_t timer;
    struct lws_context *context;
    int turns;
};

static void ending_closed(uv_handle_t *timer) { free(list_entry(timer, struct ending, timer)); }

static void turned(uv_timer_t *timer) {
    struct ending *ending = list_entry(timer, struct ending, timer);
    if (++ending->turns < TURNS) return;
    lws_context_destroy(ending->context);
    uv_close((uv_handle_t *)timer, ending_closed);
}

void lws_loop_close(struct lws_context *context, uv_loop_t *loop) {
    if (context == NULL) return;
    struct ending *ending = xcalloc(1, sizeof(*ending));
    ending->context = context;
    uv_timer_init(loop, &ending->timer);
    uv_timer_start(&ending->timer, turned, 0, 1);
    lws_context_destroy(context);
}

/* libcurl's multi interface on libuv: see url_post.h. libcurl says which sockets to watch and when
 * to be woken (watch_socket, set_timer); the loop tells it what happened (socket_ready, time_out). */
#include "net/url_post.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/log.h"
#include "base/memory.h"
#include "net/congestion.h"

#include <curl/curl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define READ_BUFFER 1024L /* answers are small; libcurl's default is 16 KB per handle */

/* A request: its easy handle is used again and again. */
struct post {
    struct list link; /* in `spare` while it is not in use */
    CURL *easy;
    struct curl_slist *headers;
    size_t answer_bytes;
    struct trace *trace; /* NULL: nothing is traced */
    uint32_t line;       /* of the trace: the connection that it uses */
    int64_t began_ns;    /* when it began to send, if that is traced */
    url_post_done done;
    void *data;
    char error[CURL_ERROR_SIZE];
};

struct url_poster {
    uv_timer_t timer;
    uv_loop_t *loop;
    CURLM *multi;
    struct list spare;
    struct post *posts;
    int count;
    long connections_max; /* that are kept open */
    bool away;
};

/* --- a finished request ----------------------------------------------------------------------- */

/* A date that is over comes as a negative number. */
static int64_t retry_after_of(CURL *easy) {
    curl_off_t seconds = 0;
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
    if (seconds < 0) return 0;
    return seconds < URL_RETRY_AFTER_MAX ? seconds : URL_RETRY_AFTER_MAX;
}

static void finish(struct url_poster *poster, struct post *post, CURLcode code) {
    long status = 0;
    curl_easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE, &status);
    bool cut_off = code == CURLE_WRITE_ERROR; /* by us: the status had come */
    bool answered = code == CURLE_OK || cut_off;
    struct url_post_result result = {
        .status = answered ? (int)status : 0,
        .retry_after_seconds = retry_after_of(post->easy),
        .error = answered                 ? ""
                 : post->error[0] != '\0' ? post->error
                                          : curl_easy_strerror(code),
        .cut = poster->away,
    };
    curl_multi_remove_handle(poster->multi, post->easy);
    curl_slist_free_all(post->headers);
    post->headers = NULL;
    list_append(&poster->spare, &post->link);
    post->done(post->data, &result);
}

static void finish_all(struct url_poster *poster) {
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(poster->multi, &left)) != NULL) {
        struct post *post;
        if (message->msg != CURLMSG_DONE) continue;
        CURLcode code =
            message->data.result; /* the message does not outlive the handle's removal */
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &post);
        finish(poster, post, code);
    }
}

/* --- what libcurl wants to know, and what it asks for ----------------------------------------- */

static void act(struct url_poster *poster, curl_socket_t socket, int events) {
    int running;
    curl_multi_socket_action(poster->multi, socket, events, &running);
    finish_all(poster);
}

struct watch {
    uv_poll_t poll; /* its data is the poster */
    curl_socket_t socket;
};

static void socket_ready(uv_poll_t *poll, int status, int events) {
    int flags = status < 0 ? CURL_CSELECT_ERR : 0;
    if (events & UV_READABLE) flags |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE) flags |= CURL_CSELECT_OUT;
    act(poll->data, list_entry(poll, struct watch, poll)->socket, flags);
}

static void watch_closed(uv_handle_t *poll) { free(list_entry(poll, struct watch, poll)); }

static struct watch *watch_new(struct url_poster *poster, curl_socket_t socket) {
    struct watch *watch = xcalloc(1, sizeof(*watch));
    watch->socket = socket;
    watch->poll.data = poster;
    int error = uv_poll_init_socket(poster->loop, &watch->poll, socket);
    if (error != 0) die(1, "cannot watch a connection: %s", uv_strerror(error));
    curl_multi_assign(poster->multi, socket, watch);
    return watch;
}

static int watch_socket(CURL *easy, curl_socket_t socket, int what, void *data, void *assigned) {
    struct url_poster *poster = data;
    struct watch *watch = assigned;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (watch == NULL) return 0;
        curl_multi_assign(poster->multi, socket, NULL);
        uv_close((uv_handle_t *)&watch->poll, watch_closed);
        return 0;
    }
    if (watch == NULL) watch = watch_new(poster, socket);
    int events = (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    uv_poll_start(&watch->poll, events, socket_ready);
    return 0;
}

static void time_out(uv_timer_t *timer) {
    act(list_entry(timer, struct url_poster, timer), CURL_SOCKET_TIMEOUT, 0);
}

/* 0 means at once: from the next turn of the loop, not a millisecond later, which would make a
 * request that takes 30 us take 1,170. */
static int set_timer(CURLM *multi, long milliseconds, void *data) {
    struct url_poster *poster = data;
    (void)multi;
    if (milliseconds < 0)
        uv_timer_stop(&poster->timer);
    else
        uv_timer_start(&poster->timer, time_out, (uint64_t)milliseconds, 0);
    return 0;
}

/* --- sending ---------------------------------------------------------------------------------- */

static size_t drop_answer(char *bytes, size_t size, size_t count, void *data) {
    struct post *post = data;
    (void)bytes;
    post->answer_bytes += size * count;
    return post->answer_bytes > URL_ANSWER_MAX ? 0 : size * count;
}

/* A socket was made, and is not connected yet. */
static int use_congestion_control(void *name, curl_socket_t socket, curlsocktype purpose) {
    (void)purpose;
    return congestion_set(socket, name) == 0 ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR;
}

#if LIBCURL_VERSION_NUM >= 0x075000 /* an older one does not tell which connection it uses */
/* A connection is there, and the request about to be sent. */
static int begins(void *data, char *there, char *here, int port_there, int port_here) {
    struct post *post = data;
    bool traced = strcmp(there, post->trace->text) == 0;
    (void)here;
    post->line =
        !traced ? 0 : trace_open_ports(post->trace, (uint16_t)port_there, (uint16_t)port_here);
    post->began_ns = clock_now_ns();
    return CURL_PREREQFUNC_OK;
}

/* libcurl says what it has sent, head and body, and what it has read. */
static int tell_trace(CURL *easy, curl_infotype type, char *bytes, size_t length, void *data) {
    const struct post *post = data;
    (void)easy;
    if (type == CURLINFO_HEADER_OUT)
        trace_said(post->trace, post->line, post->began_ns, bytes, length, 0);
    if (type == CURLINFO_DATA_OUT) trace_said_more(post->trace, post->line, bytes, length);
    if (type == CURLINFO_HEADER_IN || type == CURLINFO_DATA_IN)
        trace_heard(post->trace, post->line, length, 0, false);
    return 0;
}

static void trace_init(struct post *post, struct trace *trace) {
    post->trace = trace;
    curl_easy_setopt(post->easy, CURLOPT_PREREQDATA, post);
    curl_easy_setopt(post->easy, CURLOPT_DEBUGFUNCTION, tell_trace);
    curl_easy_setopt(post->easy, CURLOPT_DEBUGDATA, post);
}

/* All others are left alone: being traced takes time. */
static void trace_if_asked(const struct post *post, const char *url) {
    bool asked = strstr(url, post->trace->text) != NULL; /* `begins` looks closer */
    curl_easy_setopt(post->easy, CURLOPT_VERBOSE, asked ? 1L : 0L);
    curl_easy_setopt(post->easy, CURLOPT_PREREQFUNCTION, asked ? begins : NULL);
}
#else
static void trace_init(struct post *post, struct trace *trace) {
    (void)post, (void)trace;
    die(1, "a trace of requests takes libcurl 7.80 or later, and this is " LIBCURL_VERSION);
}

static void trace_if_asked(const struct post *post, const char *url) { (void)post, (void)url; }
#endif

/* What is the same for every request. */
static void post_init(struct post *post, const struct url_post_settings *settings) {
    post->easy = curl_easy_init();
    if (post->easy == NULL) die(1, "libcurl gave no handle");
    curl_easy_setopt(post->easy, CURLOPT_PRIVATE, post);
    curl_easy_setopt(post->easy, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(post->easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(post->easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    curl_easy_setopt(post->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(post->easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(post->easy, CURLOPT_PROXY, "");
    curl_easy_setopt(post->easy, CURLOPT_USERAGENT, "pushpull");
    curl_easy_setopt(post->easy, CURLOPT_TIMEOUT_MS, (long)settings->attempt_seconds * 1000);
#if LIBCURL_VERSION_NUM >= 0x075700 /* an older one waits, on the loop, until the name is found */
    curl_easy_setopt(post->easy, CURLOPT_QUICK_EXIT, 1L);
#endif
    curl_easy_setopt(post->easy, CURLOPT_FORBID_REUSE, settings->keep_alive ? 0L : 1L);
    curl_easy_setopt(post->easy, CURLOPT_FRESH_CONNECT, settings->keep_alive ? 0L : 1L);
    curl_easy_setopt(post->easy, CURLOPT_BUFFERSIZE, READ_BUFFER);
    curl_easy_setopt(post->easy, CURLOPT_SOCKOPTFUNCTION, use_congestion_control);
    curl_easy_setopt(post->easy, CURLOPT_SOCKOPTDATA, settings->congestion_control);
    curl_easy_setopt(post->easy, CURLOPT_WRITEFUNCTION, drop_answer);
    curl_easy_setopt(post->easy, CURLOPT_WRITEDATA, post);
    curl_easy_setopt(post->easy, CURLOPT_ERRORBUFFER, post->error);
    if (settings->trace != NULL) trace_init(post, settings->trace);
}

static struct curl_slist *header_list(const char *headers) {
    struct curl_slist *list = curl_slist_append(NULL, "Expect:"); /* no 100-continue */
    for (const char *line = headers, *end; (end = strstr(line, "\r\n")) != NULL; line = end + 2) {
        char *copy = xmemdup(line, (size_t)(end - line));
        list = curl_slist_append(list, copy);
        free(copy);
    }
    return list;
}

bool url_poster_ready(const struct url_poster *poster) {
    return !poster->away && !list_empty(&poster->spare);
}

int url_post(struct url_poster *poster, const char *url, const char *headers, const void *body,
             size_t length, url_post_done done, void *data) {
    if (!url_poster_ready(poster)) return UV_EBUSY;
    struct post *post = list_entry(poster->spare.next, struct post, link);
    list_remove(&post->link);
    post->done = done;
    post->data = data;
    post->answer_bytes = 0;
    post->error[0] = '\0';
    post->headers = header_list(headers);
    if (post->trace != NULL) trace_if_asked(post, url);
    curl_easy_setopt(post->easy, CURLOPT_URL, url);
    curl_easy_setopt(post->easy, CURLOPT_HTTPHEADER, post->headers);
    curl_easy_setopt(post->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
    curl_easy_setopt(post->easy, CURLOPT_COPYPOSTFIELDS, body);
    curl_multi_add_handle(poster->multi, post->easy);
    return 0;
}

/* libcurl takes http:/host and http:///host, too: forms that others read otherwise. */
static bool scheme_fits(const char *url) {
    size_t length = strncasecmp(url, "https://", 8) == 0  ? 8
                    : strncasecmp(url, "http://", 7) == 0 ? 7
                                                          : 0;
    return length > 0 && url[length] != '/';
}

static bool parses(const char *url) {
    char *host = NULL;
    CURLU *parts = curl_url();
    bool valid = parts != NULL && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
                 curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK && host[0] != '\0';
    curl_free(host);
    curl_url_cleanup(parts);
    return valid;
}

const char *url_complaint(const char *url) {
    if (strlen(url) > URL_MAX) return "The address is longer than 2048 characters.";
    for (const char *c = url; *c != '\0'; c++)
        if (*c <= ' ' || *c > '~')
            return "An address holds printable ASCII without blanks: the rest is percent-encoded.";
    if (strchr(url, '#') != NULL) return "An address that is sent to has no fragment (#...).";
    if (!scheme_fits(url) || !parses(url))
        return "Wanted: {\"url\":\"http://...\"}, an absolute http or https address.";
    return NULL;
}

char *url_without_password(const char *url) {
    const char *start = strstr(url, "://");
    if (start == NULL) return xstrdup(url);
    start += strlen("://");
    size_t length = strcspn(start, "/?#");
    const char *at = memrchr(start, '@', length);
    if (at == NULL) return xstrdup(url);
    return xasprintf("%.*s***%s", (int)(start - url), url, at);
}

/* --- start and end ---------------------------------------------------------------------------- */

static void open_multi(struct url_poster *poster) {
    poster->multi = curl_multi_init();
    if (poster->multi == NULL) die(1, "libcurl gave no multi handle");
    curl_multi_setopt(poster->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(poster->multi, CURLMOPT_SOCKETDATA, poster);
    curl_multi_setopt(poster->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(poster->multi, CURLMOPT_TIMERDATA, poster);
    curl_multi_setopt(poster->multi, CURLMOPT_MAXCONNECTS, poster->connections_max);
}

struct url_poster *url_poster_new(uv_loop_t *loop, const struct url_post_settings *settings) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    struct url_poster *poster = xcalloc(1, sizeof(*poster));
    poster->loop = loop;
    poster->count = (int)settings->in_flight;
    poster->posts = xcalloc((size_t)poster->count, sizeof(*poster->posts));
    list_init(&poster->spare);
    uv_timer_init(loop, &poster->timer);
    /* A user that is traced has an address, and so a connection, to itself. */
    poster->connections_max = (long)settings->in_flight + (settings->trace != NULL ? 1 : 0);
    open_multi(poster);
    for (int i = 0; i < poster->count; i++) {
        post_init(&poster->posts[i], settings);
        list_append(&poster->spare, &poster->posts[i].link);
    }
    return poster;
}

/* libcurl closes the connections that it keeps for later only with all it has. */
void url_poster_away(struct url_poster *poster, bool away) {
    if (away && !poster->away) {
        poster->away = true;
        for (int i = 0; i < poster->count; i++)
            if (!list_linked(&poster->posts[i].link))
                finish(poster, &poster->posts[i], CURLE_ABORTED_BY_CALLBACK);
        curl_multi_cleanup(poster->multi);
        open_multi(poster);
    }
    poster->away = away;
}

static void timer_closed(uv_handle_t *timer) {
    struct url_poster *poster = list_entry(timer, struct url_poster, timer);
    free(poster->posts);
    free(poster);
}

void url_poster_close(struct url_poster *poster) {
    if (poster == NULL) return;
    for (int i = 0; i < poster->count; i++) {
        struct post *post = &poster->posts[i];
        if (!list_linked(&post->link)) curl_multi_remove_handle(poster->multi, post->easy);
        curl_easy_cleanup(post->easy);
        curl_slist_free_all(post->headers);
    }
    curl_multi_cleanup(poster->multi);
    uv_close((uv_handle_t *)&poster->timer, timer_closed);
    curl_global_cleanup();
}

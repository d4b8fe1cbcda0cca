/* One GET /hooks/ID a second and server: see watch.h. */
#include "watch.h"

#include "base/list.h"
#include "net/http/client.h"

#include <stdlib.h>
#include <string.h>

#define INTERVAL_MS 1000
/* Intervals until a server that does not answer is given up. Counted, not measured: those in which this
 * process stood still are not the server's. */
#define PATIENCE 10

struct watch {
    struct http_client http;
    struct watches *all;
    int server;
    char *path;  /* of the hook that is asked for; NULL: none is registered */
    int waiting; /* intervals since it was asked for, from 1; 0: nothing is asked */
};

struct watches {
    uv_timer_t timer;
    struct subscribers *subscribers;
    struct network network; /* without a meter: what goes on here is not the strategy's */
    int open;               /* handles that are not closed yet */
    bool closing;
    struct watch watch[]; /* one per server */
};

static struct watch *watch_of(struct http_client *http) {
    return list_entry(http, struct watch, http);
}

static void forget(struct watch *watch) {
    free(watch->path);
    watch->path = NULL;
}

/* The server has forgotten them all, or is gone. */
static void lost(struct watch *watch, int error) {
    const struct subscribers *subscribers = watch->all->subscribers;
    forget(watch);
    for (uint32_t i = 0; i < subscribers->count; i++) {
        struct subscriber *s = subscriber_find(subscribers, i);
        if (s->up && subscriber_server_index(s) == watch->server) subscriber_down(s, error);
    }
}

static void ask(struct http_client *http) {
    struct watch *watch = watch_of(http);
    struct buffer request = {0};
    watch->waiting = watch->path != NULL ? 1 : 0;
    if (watch->path == NULL) return;
    buffer_printf(&request, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", watch->path,
                  watch->all->subscribers->servers[watch->server].host);
    http_client_send(http, request.data, request.length);
    buffer_free(&request);
}

static void answered(struct http_client *http, const struct http_response *response) {
    struct watch *watch = watch_of(http);
    watch->waiting = 0;
    if (response->status == 404 && watch->path != NULL) lost(watch, UV_ECONNRESET);
}

static void free_when_closed(struct watches *all) {
    if (!all->closing || --all->open > 0) return;
    network_free(&all->network);
    free(all);
}

/* A server may hang up between two questions: then it is asked on a new connection. */
static void closed(struct http_client *http, int error) {
    struct watch *watch = watch_of(http);
    bool open_question = watch->waiting > 0;
    watch->waiting = 0;
    if (watch->all->closing)
        free_when_closed(watch->all);
    else if (error != 0 && open_question && watch->path != NULL)
        lost(watch, error);
}

static const struct http_client_handler handler = {
    .connected = ask,
    .response = answered,
    .closed = closed,
};

static void begin(struct watch *watch) {
    const struct watches *all = watch->all;
    const struct sockaddr *to =
        (const struct sockaddr *)&all->subscribers->servers[watch->server].name;
    watch->waiting = 1; /* from here on: a connection may never stand */
    http_client_connect(&watch->http, &watch->all->network, to, NULL, &handler);
}

static void look_after(struct watch *watch) {
    if (watch->waiting > 0) {
        if (watch->waiting++ < PATIENCE) return;
        if (watch->path != NULL) lost(watch, UV_ETIMEDOUT);
        http_client_close(&watch->http);
    } else if (watch->path == NULL) {
        return;
    } else if (watch->http.open) {
        ask(&watch->http);
    } else if (!watch->http.in_use) {
        begin(watch);
    }
}

static void look_after_all(uv_timer_t *timer) {
    struct watches *all = list_entry(timer, struct watches, timer);
    for (int i = 0; i < all->subscribers->server_count; i++) look_after(&all->watch[i]);
}

struct watches *watches_new(struct subscribers *subscribers) {
    uv_loop_t *loop = subscribers->program->loop;
    size_t servers = (size_t)subscribers->server_count;
    struct watches *all = xcalloc(1, sizeof(*all) + servers * sizeof(all->watch[0]));
    all->subscribers = subscribers;
    for (int i = 0; i < subscribers->server_count; i++) {
        all->watch[i].all = all;
        all->watch[i].server = i;
    }
    network_init(&all->network, loop, NULL);
    all->network.congestion_control = subscribers->network->congestion_control;
    uv_timer_init(loop, &all->timer);
    uv_timer_start(&all->timer, look_after_all, INTERVAL_MS, INTERVAL_MS);
    return all;
}

void watches_over(struct watches *all, const struct subscriber *subscriber, const char *id) {
    struct watch *watch = &all->watch[subscriber_server_index(subscriber)];
    struct buffer path = {0};
    buffer_printf(&path, "/hooks/%s", id);
    forget(watch);
    watch->path = path.data;
}

static void timer_closed(uv_handle_t *timer) {
    free_when_closed(list_entry(timer, struct watches, timer));
}

void watches_close(struct watches *all) {
    all->closing = true;
    all->open = 1;
    for (int i = 0; i < all->subscribers->server_count; i++) {
        struct watch *watch = &all->watch[i];
        forget(watch);
        if (!watch->http.in_use) continue;
        all->open++;
        http_client_close(&watch->http);
    }
    uv_close((uv_handle_t *)&all->timer, timer_closed);
}

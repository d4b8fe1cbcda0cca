/* One GET /hooks/ID a second and server: see watch.h. */
#include "watch.h"

#include "http_client.h"
#include "list.h"

#include <stdlib.h>
#include <string.h>

#define INTERVAL_MS 1000

struct watch {
    struct http_client http;
    struct watches *all;
    int server;
    char *path; /* of the hook that is asked for; NULL: none is registered */
};

struct watches {
    uv_timer_t timer; /* first */
    struct client *client;
    struct network network; /* without a meter: what goes on here is not the strategy's */
    int open;               /* handles that are not closed yet */
    bool closing;
    struct watch watch[]; /* one a server */
};

static struct watch *watch_of(struct http_client *http) {
    return list_entry(http, struct watch, http);
}

static bool belongs_to(const struct watch *watch, const struct subscriber *s) {
    return (int)(s->index % (uint32_t)watch->all->client->server_count) == watch->server;
}

static void forget(struct watch *watch) {
    free(watch->path);
    watch->path = NULL;
}

/* The server has forgotten them all, or is gone. */
static void lost(struct watch *watch, int error) {
    struct client *client = watch->all->client;
    forget(watch);
    for (uint32_t i = 0; i < client->subscriber_count; i++) {
        struct subscriber *s = client_subscriber(client, i);
        if (s->up && belongs_to(watch, s)) subscriber_down(s, error);
    }
}

static void ask(struct http_client *http) {
    struct watch *watch = watch_of(http);
    struct buffer request = {0};
    if (watch->path == NULL) return;
    buffer_printf(&request, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", watch->path,
                  watch->all->client->servers[watch->server].host);
    http_client_send(http, request.data, request.length);
    buffer_free(&request);
}

static void answered(struct http_client *http, const struct http_response *response) {
    struct watch *watch = watch_of(http);
    if (response->status == 404 && watch->path != NULL) lost(watch, UV_ECONNRESET);
}

static void free_when_closed(struct watches *all) {
    if (!all->closing || --all->open > 0) return;
    network_free(&all->network);
    free(all);
}

static void closed(struct http_client *http, int error) {
    struct watch *watch = watch_of(http);
    if (error != 0 && watch->path != NULL && !watch->all->closing) lost(watch, error);
    if (watch->all->closing) free_when_closed(watch->all);
}

static const struct http_client_handler handler = {
    .connected = ask, .response = answered, .closed = closed};

static void ask_all(uv_timer_t *timer) {
    struct watches *all = (struct watches *)timer;
    for (int i = 0; i < all->client->server_count; i++) {
        struct watch *watch = &all->watch[i];
        const struct sockaddr *to = (const struct sockaddr *)&all->client->servers[i].name;
        if (watch->path == NULL) continue;
        if (watch->http.open && !watch->http.busy) ask(&watch->http);
        if (!watch->http.in_use)
            http_client_connect(&watch->http, &all->network, to, NULL, &handler);
    }
}

struct watches *watches_new(struct client *client) {
    size_t servers = (size_t)client->server_count;
    struct watches *all = xcalloc(1, sizeof *all + servers * sizeof all->watch[0]);
    all->client = client;
    for (int i = 0; i < client->server_count; i++) {
        all->watch[i].all = all;
        all->watch[i].server = i;
    }
    network_init(&all->network, &client->loop, NULL);
    uv_timer_init(&client->loop, &all->timer);
    uv_timer_start(&all->timer, ask_all, INTERVAL_MS, INTERVAL_MS);
    return all;
}

void watches_over(struct watches *all, const struct subscriber *subscriber, const char *id) {
    struct watch *watch = &all->watch[subscriber->index % (uint32_t)all->client->server_count];
    struct buffer path = {0};
    buffer_printf(&path, "/hooks/%s", id);
    forget(watch);
    watch->path = path.data;
}

static void timer_closed(uv_handle_t *timer) { free_when_closed((struct watches *)timer); }

void watches_close(struct watches *all) {
    all->closing = true;
    all->open = 1;
    for (int i = 0; i < all->client->server_count; i++) {
        struct watch *watch = &all->watch[i];
        forget(watch);
        if (!watch->http.in_use) continue;
        all->open++;
        http_client_close(&watch->http);
    }
    uv_close((uv_handle_t *)&all->timer, timer_closed);
}

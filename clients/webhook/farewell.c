/* DELETE /hooks/ID, one after the other: see farewell.h.
 *
 * Simplified: a server that hangs up after an answer keeps what is left. */
#include "farewell.h"
#include "registration.h"

#include <stdlib.h>

#define PATIENCE_MS 1000

struct parting {
    struct http_client http;
    struct partings *all;
    int server;
    uint32_t position; /* of the next subscriber to look at */
};

struct partings {
    uv_timer_t timer;
    struct subscribers *subscribers;
    struct network network;   /* without a meter */
    int open;                 /* connections */
    struct parting parting[]; /* one per server */
};

static struct parting *parting_of(struct http_client *http) {
    return list_entry(http, struct parting, http);
}

/* The next subscriber of this server that has a hook, or NULL. */
static const struct registration *next_hook(struct parting *parting) {
    const struct subscribers *subscribers = parting->all->subscribers;
    while (parting->position < subscribers->count) {
        const struct subscriber *s = subscriber_find(subscribers, parting->position++);
        const struct registration *registration = registration_of_subscriber(s);
        if (subscriber_server_index(s) != parting->server) continue;
        if (registration->hook[0] != '\0') return registration;
    }
    return NULL;
}

static void delete_next(struct http_client *http) {
    const struct registration *registration = next_hook(parting_of(http));
    if (registration != NULL)
        registration_delete(registration, http);
    else
        http_client_close(http);
}

static void answered(struct http_client *http, const struct http_response *response) {
    if (response->keep_alive) delete_next(http);
}

static void timer_closed(uv_handle_t *timer) {
    struct partings *all = list_entry(timer, struct partings, timer);
    network_free(&all->network);
    free(all);
}

static void end_one(struct partings *all) {
    if (--all->open == 0) uv_close((uv_handle_t *)&all->timer, timer_closed);
}

static void closed(struct http_client *http, int error) {
    (void)error;
    end_one(parting_of(http)->all);
}

static const struct http_client_handler handler = {
    .connected = delete_next,
    .response = answered,
    .closed = closed,
};

static void give_up(uv_timer_t *timer) {
    struct partings *all = list_entry(timer, struct partings, timer);
    for (int i = 0; i < all->subscribers->server_count; i++)
        if (all->parting[i].http.in_use) http_client_close(&all->parting[i].http);
}

static void begin(struct parting *parting) {
    struct partings *all = parting->all;
    if (next_hook(parting) == NULL) return;
    parting->position--; /* it is asked for again when there is a connection */
    all->open++;
    http_client_connect(&parting->http, &all->network,
                        (const struct sockaddr *)&all->subscribers->servers[parting->server].name,
                        NULL, &handler);
}

void farewell(struct subscribers *subscribers) {
    uv_loop_t *loop = subscribers->program->loop;
    size_t servers = (size_t)subscribers->server_count;
    struct partings *all = xcalloc(1, sizeof(*all) + servers * sizeof(all->parting[0]));
    all->subscribers = subscribers;
    all->open = 1; /* until all have begun */
    network_init(&all->network, loop, NULL);
    all->network.congestion_control = subscribers->network->congestion_control;
    uv_timer_init(loop, &all->timer);
    uv_timer_start(&all->timer, give_up, PATIENCE_MS, 0);
    for (int i = 0; i < subscribers->server_count; i++) {
        all->parting[i].all = all;
        all->parting[i].server = i;
        begin(&all->parting[i]);
    }
    end_one(all);
}

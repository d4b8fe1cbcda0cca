/* DELETE and POST /hooks: see registration.h. */
#include "registration.h"

#include "base/base64.h"
#include "base/clock.h"
#include "watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REGISTER_NS (10 * (int64_t)NS_PER_SECOND)
#define SECRET_BYTES 32

static struct registration *registration_of(struct http_client *http) {
    return list_entry(http, struct registration, http);
}

/* A secret of its own for each subscriber, the same for the same seed. */
static char *make_secret(const struct subscriber *subscriber) {
    unsigned char bytes[SECRET_BYTES];
    struct random random;
    random_seed(&random,
                random_derive((uint64_t)subscriber->all->program->config.seed, subscriber->index));
    for (size_t i = 0; i < sizeof(bytes); i++) bytes[i] = (unsigned char)random_next(&random);
    char *text = base64_encode(bytes, sizeof(bytes));
    char *secret = xasprintf(SIGNATURE_SECRET_PREFIX "%s", text);
    free(text);
    return secret;
}

static char *registration_body(const struct registration *registration, const char *secret) {
    const struct subscriber *subscriber = &registration->subscriber;
    char cursor[CURSOR_SIZE], place[CURSOR_SIZE + 12] = "";
    if (subscriber->placed)
        snprintf(place, sizeof(place), ",\"after\":\"%s\"",
                 cursor_print(cursor, subscriber->cursor));
    const char *origin = subscriber_is_traced(subscriber) ? registration->all->traced_origin
                                                          : registration->all->origin;
    return xasprintf("{\"url\":\"%s/hooks/%u\",\"secret\":\"%s\"%s}", origin, subscriber->index,
                     secret, place);
}

static void ask_for_hook(struct registration *registration) {
    const struct subscriber *subscriber = &registration->subscriber;
    char *secret = make_secret(subscriber);
    signature_key_parse(&registration->key, secret);
    char *body = registration_body(registration, secret);
    char *request =
        xasprintf("POST /hooks HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
                  "Connection: close\r\nContent-Length: %zu\r\n\r\n%s",
                  subscriber_host(subscriber), strlen(body), body);
    http_client_send(&registration->http, request, strlen(request));
    free(request);
    free(body);
    free(secret);
}

void registration_delete(const struct registration *registration, struct http_client *http) {
    char *request = xasprintf("DELETE /hooks/%s HTTP/1.1\r\nHost: %s\r\n\r\n", registration->hook,
                              subscriber_host(&registration->subscriber));
    http_client_send(http, request, strlen(request));
    free(request);
}

static void connected(struct http_client *http) {
    struct registration *registration = registration_of(http);
    if (registration->hook[0] != '\0')
        registration_delete(registration, http);
    else
        ask_for_hook(registration);
}

/* An id goes into a request's path again: a server may not write our requests for us. */
static bool is_id(const char *text) {
    size_t length = text != NULL ? strlen(text) : 0;
    return length > 0 && length < HOOK_ID_SIZE &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~") ==
               length;
}

static void take_hook(struct registration *registration, const struct http_response *response) {
    struct subscriber *subscriber = &registration->subscriber;
    json_t *answer = json_loadb(response->body, response->body_length, 0, NULL);
    const char *after = json_string_value(json_object_get(answer, "after"));
    const char *id = json_string_value(json_object_get(answer, "id"));
    if (after != NULL) subscriber_at(subscriber, after, strlen(after));
    if (is_id(id)) {
        snprintf(registration->hook, sizeof(registration->hook), "%s", id);
        watches_over(registration->all->watches, subscriber, id);
    }
    json_decref(answer);
    subscriber_up(subscriber);
}

/* Whether it means "not now": whatever was asked for has not been done. */
static bool is_busy(int status) { return status / 100 == 5 || status == 429; }

static void answered(struct http_client *http, const struct http_response *response) {
    struct registration *registration = registration_of(http);
    bool deleting = registration->hook[0] != '\0';
    if (deleting && !is_busy(response->status)) { /* it is gone, or was before */
        registration->hook[0] = '\0';
        if (response->keep_alive) ask_for_hook(registration);
    } else if (!deleting && response->status == 201) {
        take_hook(registration, response);
    } else {
        subscriber_refused(&registration->subscriber, response->status,
                           http_response_header(response, "retry-after"), false);
        http_client_close(http);
    }
}

/* The connection is gone: as it should be, or before there was a good answer. */
static void disconnected(struct http_client *http, int error) {
    struct subscriber *subscriber = &registration_of(http)->subscriber;
    if (!subscriber->up) subscriber_down(subscriber, error);
}

static const struct http_client_handler handler = {
    .connected = connected,
    .response = answered,
    .closed = disconnected,
};

int registration_begin(struct registration *registration) {
    struct subscriber *subscriber = &registration->subscriber;
    if (registration->http.in_use) { /* the server has not hung up as it was asked to */
        http_client_close(&registration->http);
        return UV_EBUSY;
    }
    subscriber_expect(subscriber, REGISTER_NS);
    http_client_connect(&registration->http, subscriber->all->network,
                        subscriber_server(subscriber), subscriber_source(subscriber), &handler);
    return 0;
}

void registration_break_off(struct registration *registration) {
    if (registration->http.in_use) http_client_close(&registration->http);
}

void registrations_start(struct registrations *all, struct subscribers *subscribers,
                         const char *host, int port) {
    const struct trace *trace = subscribers->network->trace;
    all->origin = xasprintf("http://%s:%d", host, port);
    if (trace != NULL) all->traced_origin = xasprintf("http://%s:%d", trace->text, port);
    all->watches = watches_new(subscribers);
    for (uint32_t i = 0; i < subscribers->count; i++)
        registration_of_subscriber(subscriber_find(subscribers, i))->all = all;
}

void registrations_stop(struct registrations *all) {
    watches_close(all->watches);
    free(all->origin);
    free(all->traced_origin);
}

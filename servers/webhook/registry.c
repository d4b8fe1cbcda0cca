/* Who wants webhooks: how a hook comes and goes.
 *
 *   POST   /hooks            {"url":"http://...","secret":"whsec_..."}   201, Location: /hooks/ID
 *   GET    /hooks                                                        200, without the secrets
 *   GET    /hooks/ID                                                     200, or 404: register again
 *   PUT    /hooks/ID/secret  {"secret":"whsec_..."}                      200; the old one signs on
 *   DELETE /hooks/ID                                                     204
 *
 * A secret that is left out is made here and told in the answer, once. A new hook starts at the
 * newest event, or behind the cursor that it names: "after":"5c1f09aa-42". The answer says where.
 * One address may be registered more than once: each is a hook of its own.
 *
 * Bodies are application/json, or a stranger's web page could register by a plain form's POST.
 *
 * Simplified: hooks live in memory, and an address is not kept from pointing into one's own network
 * (a public service must look at what a name resolves to before it sends). */
#include "registry.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/limits.h"
#include "lanes.h"
#include "net/http/reply.h"
#include "net/http/request.h"
#include "net/http/routes.h"
#include "net/url_post.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOOKS_MAX 1000000
#define DISABLED_KEPT 100
#define OLD_KEY_NS (24 * 3600 * (int64_t)NS_PER_SECOND) /* both keys sign for a day */
#define JSON_TYPE "Content-Type: application/json\r\n"

static void hook_free(struct hook *hook) {
    struct registry *registry = hook->registry;
    registry->hooks[hook->number] = NULL;
    registry->spare[registry->spare_count++] = hook->number;
    free(hook->url);
    free(hook);
}

void hook_delete(struct hook *hook) {
    bool under_way = lanes_stop(hook);
    if (!hook->deleted) {
        hook->deleted = true;
        hook->registry->disabled_count -= hook->disabled;
        list_remove(&hook->link);
    }
    if (!under_way) hook_free(hook);
}

void hook_disable(struct hook *hook) {
    struct registry *registry = hook->registry;
    hook->disabled = true;
    lanes_stop(hook);
    list_remove(&hook->link);
    list_append(&registry->disabled, &hook->link);
    if (++registry->disabled_count > DISABLED_KEPT)
        hook_delete(list_entry(registry->disabled.next, struct hook, link));
}

void registry_free(struct registry *registry) {
    for (size_t i = 0; i < registry->place_count; i++)
        if (registry->hooks[i] != NULL) hook_free(registry->hooks[i]);
    free(registry->hooks);
    free(registry->spare);
}

/* Bytes nobody can guess, in base64. */
static char *unguessable(size_t length) {
    unsigned char bytes[SIGNATURE_KEY_MAX];
    if (uv_random(NULL, NULL, bytes, length, 0, NULL) != 0) abort();
    return base64_encode(bytes, length);
}

/* A place that a deleted hook left, or else a new one. */
static uint32_t take_place(struct registry *registry) {
    size_t count = registry->place_count;
    if (registry->spare_count > 0) return registry->spare[--registry->spare_count];
    registry->hooks = xgrow(registry->hooks, count, sizeof(*registry->hooks));
    registry->spare = xgrow(registry->spare, count, sizeof(*registry->spare));
    registry->place_count++;
    return (uint32_t)count;
}

static struct hook *hook_new(struct registry *registry, const char *url, uint64_t cursor) {
    uint64_t letters;
    size_t lanes = (size_t)registry->lanes;
    struct hook *hook = xcalloc(1, sizeof(*hook) + lanes * sizeof(hook->lanes[0]));
    if (uv_random(NULL, NULL, &letters, sizeof(letters), 0, NULL) != 0) abort();
    hook->registry = registry;
    hook->number = take_place(registry);
    snprintf(hook->id, sizeof(hook->id), "%u-%016llx", hook->number, (unsigned long long)letters);
    hook->url = xstrdup(url);
    hook->taken = cursor;
    hook->owes = 1;
    hook->lane_count = (int)lanes;
    for (size_t i = 0; i < lanes; i++) hook->lanes[i].hook = hook;
    return registry->hooks[hook->number] = hook;
}

/* The hook that /hooks/ID... names, or NULL; *rest is what follows the ID. */
static struct hook *hook_named(const struct registry *registry,
                               const struct http_exchange *exchange, const char **rest) {
    const char *id = http_request_path(exchange) + strlen("/hooks/");
    size_t number = strtoul(id, NULL, 10), length = strcspn(id, "/");
    *rest = id + length;
    struct hook *hook = number < registry->place_count ? registry->hooks[number] : NULL;
    bool same = hook != NULL && !hook->deleted && strlen(hook->id) == length &&
                memcmp(hook->id, id, length) == 0;
    return same ? hook : NULL;
}

/* The JSON object that a request brings; one without a body brings an empty one. NULL when it is
 * something else: then it was answered. */
static json_t *body_of(struct http_exchange *exchange) {
    size_t length;
    const char *body = http_request_body(exchange, &length);
    if (!http_request_is_json(exchange)) {
        http_reply_text(exchange, 415, "Wanted: Content-Type: application/json.");
        return NULL;
    }
    json_t *json = length > 0 ? json_loadb(body, length, 0, NULL) : json_object();
    if (json_is_object(json)) return json;
    json_decref(json);
    http_reply_text(exchange, 400, "The body is no JSON object.");
    return NULL;
}

/* The secret that a request names, or else a new one. NULL when it is no secret. */
static char *secret_of(const json_t *body, struct signature_key *key) {
    const json_t *given = json_object_get(body, "secret");
    if (given != NULL) {
        const char *text = json_string_value(given);
        return text != NULL && signature_key_parse(key, text) == 0 ? xstrdup(text) : NULL;
    }
    char *random = unguessable(32), *secret = xasprintf(SIGNATURE_SECRET_PREFIX "%s", random);
    free(random);
    signature_key_parse(key, secret);
    return secret;
}

static void reply_json(struct http_exchange *exchange, int status, const char *headers,
                       json_t *json) {
    char *text = json_dumps(json, JSON_COMPACT);
    http_reply(exchange, status, headers, text, strlen(text));
    free(text);
    json_decref(json);
}

static void reply_hook(struct http_exchange *exchange, int status, const struct hook *hook,
                       const char *secret, bool reset) {
    char *headers = xasprintf(JSON_TYPE "Location: /hooks/%s\r\n", hook->id);
    char after[CURSOR_SIZE];
    cursor_print(after, feed_cursor(&hook->registry->server->feed, lanes_cursor(hook)));
    json_t *json = json_pack("{ssssss}", "id", hook->id, "secret", secret, "after", after);
    if (reset) json_object_set_new(json, "reset", json_true());
    reply_json(exchange, status, headers, json);
    free(headers);
}

/* Where a new hook begins. Returns what feed_seek does. */
static int place_of(const struct server *server, const json_t *body, uint64_t *cursor) {
    const json_t *after = json_object_get(body, "after");
    const char *text = json_string_value(after);
    *cursor = server->feed.newest;
    if (after == NULL) return FEED_FOUND;
    return text != NULL ? feed_seek(&server->feed, text, strlen(text), cursor) : UV_EINVAL;
}

static void bad_secret(struct http_exchange *exchange) {
    http_reply_text(exchange, 400,
                    "A secret is " SIGNATURE_SECRET_PREFIX " and base64 of 24 to 64 bytes.");
}

static void post_hook(struct http_exchange *exchange, void *data) {
    struct registry *registry = data;
    json_t *body = body_of(exchange);
    if (body == NULL) return;
    const char *url = json_string_value(json_object_get(body, "url"));
    struct signature_key key;
    char *secret = NULL;
    uint64_t cursor;
    int place = place_of(registry->server, body, &cursor);
    const char *complaint = url_complaint(url != NULL ? url : "");
    if (complaint != NULL)
        http_reply_text(exchange, 400, "%s", complaint);
    else if (place < 0)
        http_reply_text(exchange, 400, "\"after\" is a cursor, e.g. \"5c1f09aa-42\".");
    else if (registry->place_count - registry->spare_count == HOOKS_MAX)
        http_reply_text(exchange, 503, "No more than %d hooks.", HOOKS_MAX);
    else if ((secret = secret_of(body, &key)) == NULL)
        bad_secret(exchange);
    else {
        struct hook *hook = hook_new(registry, url, cursor);
        hook->key = key;
        reply_hook(exchange, 201, hook, secret, place == FEED_RESET);
        registry->begin(hook);
    }
    free(secret);
    json_decref(body);
}

/* What there is to know when a receiver complains: how far it is, and what went wrong last. */
static json_t *hook_json(const struct hook *hook) {
    char cursor[CURSOR_SIZE];
    cursor_print(cursor, feed_cursor(&hook->registry->server->feed, lanes_cursor(hook)));
    char *url = url_without_password(hook->url);
    json_t *json = json_pack("{sssssb}", "id", hook->id, "url", url, "disabled", hook->disabled);
    free(url);
    json_object_set_new(json, "cursor", json_string(cursor));
    json_object_set_new(json, "missed", json_integer((json_int_t)hook_missed(hook)));
    json_object_set_new(json, "attempts", json_integer(hook->attempts));
    if (hook->last_status != 0)
        json_object_set_new(json, "last_status", json_integer(hook->last_status));
    if (hook->last_error[0] != '\0')
        json_object_set_new(json, "last_error", json_string(hook->last_error));
    int64_t pause = lanes_retry_ns(hook) - clock_now_ns();
    if (pause > 0)
        json_object_set_new(json, "next_attempt_seconds",
                            json_real((double)(pause / 1000000) / 1000));
    return json;
}

static void get_hooks(struct http_exchange *exchange, void *data) {
    const struct registry *registry = data;
    json_t *list = json_array();
    for (size_t i = 0; i < registry->place_count; i++) {
        const struct hook *hook = registry->hooks[i];
        if (hook != NULL && !hook->deleted) json_array_append_new(list, hook_json(hook));
    }
    reply_json(exchange, 200, JSON_TYPE, json_pack("{so}", "hooks", list));
}

static void get_hook(struct http_exchange *exchange, void *data) {
    const char *rest;
    const struct hook *hook = hook_named(data, exchange, &rest);
    if (hook == NULL || rest[0] != '\0')
        http_reply_text(exchange, 404, "There is no such hook.");
    else
        reply_json(exchange, 200, JSON_TYPE, hook_json(hook));
}

static void delete_hook(struct http_exchange *exchange, void *data) {
    const char *rest;
    struct hook *hook = hook_named(data, exchange, &rest);
    if (hook == NULL || rest[0] != '\0') {
        http_reply_text(exchange, 404, "There is no such hook.");
        return;
    }
    hook_delete(hook);
    http_reply(exchange, 204, "", "", 0);
}

static void put_secret(struct http_exchange *exchange, void *data) {
    const char *rest;
    struct hook *hook = hook_named(data, exchange, &rest);
    struct signature_key key;
    if (hook == NULL || strcmp(rest, "/secret") != 0) {
        http_reply_text(exchange, 404, "There is no such hook.");
        return;
    }
    json_t *body = body_of(exchange);
    if (body == NULL) return;
    char *secret = secret_of(body, &key);
    json_decref(body);
    if (secret == NULL) {
        bad_secret(exchange);
        return;
    }
    hook->old_key = hook->key;
    hook->old_key_until_ns = clock_now_ns() + OLD_KEY_NS;
    hook->key = key;
    reply_hook(exchange, 200, hook, secret, false);
    free(secret);
}

void registry_start(struct registry *registry, struct server *server) {
    registry->server = server;
    list_init(&registry->disabled);
    http_server_route(server->http, "POST", "/hooks", post_hook, registry);
    http_server_route(server->http, "GET", "/hooks", get_hooks, registry);
    http_server_route(server->http, "GET", "/hooks/*", get_hook, registry);
    http_server_route(server->http, "DELETE", "/hooks/*", delete_hook, registry);
    http_server_route(server->http, "PUT", "/hooks/*", put_secret, registry);
}

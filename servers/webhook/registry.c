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
 *
 * Simplified: hooks live in memory, and an address is not kept from pointing into one's own network
 * (a public service must look at what a name resolves to before it sends). */
#include "registry.h"

#include "base64.h"
#include "clock.h"
#include "url_post.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOOKS_MAX 1000000
#define OLD_KEY_NS (24 * 3600 * (int64_t)NS_PER_SECOND) /* both keys sign for a day */
#define JSON_TYPE "Content-Type: application/json\r\n"

static struct hook **hooks; /* by number; NULL where one was deleted */
static size_t hook_count;

size_t registry_count(void) { return hook_count; }
struct hook *registry_hook(size_t number) {
    return hooks[number];
}

void hook_free(struct hook *hook) {
    if (hook == NULL) return;
    hooks[strtoul(hook->id, NULL, 10)] = NULL;
    list_remove(&hook->link);
    free(hook->url);
    free(hook);
}

void registry_free(void) {
    for (size_t i = 0; i < hook_count; i++) hook_free(hooks[i]);
    free(hooks);
}

/* Bytes nobody can guess, in base64. */
static char *unguessable(size_t length) {
    unsigned char bytes[SIGNATURE_KEY_MAX];
    if (uv_random(NULL, NULL, bytes, length, 0, NULL) != 0) abort();
    return base64_encode(bytes, length);
}

static struct hook *hook_new(const char *url, uint64_t cursor) {
    uint64_t letters;
    struct hook *hook = xcalloc(1, sizeof(*hook));
    if (uv_random(NULL, NULL, &letters, sizeof(letters), 0, NULL) != 0) abort();
    snprintf(hook->id, sizeof(hook->id), "%zu-%016llx", hook_count, (unsigned long long)letters);
    hook->url = xstrdup(url);
    hook->cursor = cursor;
    if ((hook_count & (hook_count - 1)) == 0) /* a power of two: full */
        hooks = xrealloc(hooks, (hook_count ? 2 * hook_count : 1) * sizeof(struct hook *));
    return hooks[hook_count++] = hook;
}

/* The hook that /hooks/ID... names, or NULL; *rest is what follows the ID. */
static struct hook *hook_named(const struct http_exchange *exchange, const char **rest) {
    const char *id = http_request_path(exchange) + strlen("/hooks/");
    size_t number = strtoul(id, NULL, 10), length = strcspn(id, "/");
    *rest = id + length;
    struct hook *hook = number < hook_count ? hooks[number] : NULL;
    bool same = hook != NULL && !hook->deleted && strlen(hook->id) == length &&
                memcmp(hook->id, id, length) == 0;
    return same ? hook : NULL;
}

static json_t *body_of(const struct http_exchange *exchange) {
    size_t length;
    const char *body = http_request_body(exchange, &length);
    return length > 0 ? json_loadb(body, length, 0, NULL) : json_object();
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
                       const struct server *server, const char *secret, bool reset) {
    char *headers = xasprintf(JSON_TYPE "Location: /hooks/%s\r\n", hook->id);
    char after[CURSOR_SIZE];
    cursor_print(after, feed_cursor(&server->feed, hook->cursor));
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
    const struct server *server = data;
    json_t *body = body_of(exchange);
    const char *url = json_string_value(json_object_get(body, "url"));
    struct signature_key key;
    char *secret = NULL;
    uint64_t cursor;
    int place = place_of(server, body, &cursor);
    if (url == NULL || !url_valid(url))
        http_reply_text(exchange, 400, "Wanted: {\"url\":\"http://...\"}, an absolute address.");
    else if (place < 0)
        http_reply_text(exchange, 400, "\"after\" is a cursor, e.g. \"5c1f09aa-42\".");
    else if (hook_count == HOOKS_MAX)
        http_reply_text(exchange, 503, "No more than %d hooks.", HOOKS_MAX);
    else if ((secret = secret_of(body, &key)) == NULL)
        bad_secret(exchange);
    else {
        struct hook *hook = hook_new(url, cursor);
        hook->key = key;
        reply_hook(exchange, 201, hook, server, secret, place == FEED_RESET);
        webhook_more(hook);
    }
    free(secret);
    json_decref(body);
}

static json_t *hook_json(const struct hook *hook) {
    return json_pack("{sssssb}", "id", hook->id, "url", hook->url, "disabled", hook->disabled);
}

static void get_hooks(struct http_exchange *exchange, void *data) {
    json_t *list = json_array();
    (void)data;
    for (size_t i = 0; i < hook_count; i++)
        if (hooks[i] != NULL && !hooks[i]->deleted)
            json_array_append_new(list, hook_json(hooks[i]));
    reply_json(exchange, 200, JSON_TYPE, json_pack("{so}", "hooks", list));
}

static void get_hook(struct http_exchange *exchange, void *data) {
    const char *rest;
    const struct hook *hook = hook_named(exchange, &rest);
    (void)data;
    if (hook == NULL || rest[0] != '\0')
        http_reply_text(exchange, 404, "There is no such hook.");
    else
        reply_json(exchange, 200, JSON_TYPE, hook_json(hook));
}

static void delete_hook(struct http_exchange *exchange, void *data) {
    const char *rest;
    struct hook *hook = hook_named(exchange, &rest);
    (void)data;
    if (hook == NULL || rest[0] != '\0') {
        http_reply_text(exchange, 404, "There is no such hook.");
        return;
    }
    hook->deleted = true;
    if (!hook->posting) hook_free(hook); /* else when the answer comes */
    http_reply(exchange, 204, "", "", 0);
}

static void put_secret(struct http_exchange *exchange, void *data) {
    const char *rest;
    struct hook *hook = hook_named(exchange, &rest);
    struct signature_key key;
    if (hook == NULL || strcmp(rest, "/secret") != 0) {
        http_reply_text(exchange, 404, "There is no such hook.");
        return;
    }
    json_t *body = body_of(exchange);
    char *secret = body != NULL ? secret_of(body, &key) : NULL;
    json_decref(body);
    if (secret == NULL) {
        bad_secret(exchange);
        return;
    }
    hook->old_key = hook->key;
    hook->old_key_until_ns = clock_now_ns() + OLD_KEY_NS;
    hook->key = key;
    reply_hook(exchange, 200, hook, data, secret, false);
    free(secret);
}

void registry_start(struct server *server) {
    http_server_route(server->http, "POST", "/hooks", post_hook, server);
    http_server_route(server->http, "GET", "/hooks", get_hooks, server);
    http_server_route(server->http, "GET", "/hooks/*", get_hook, server);
    http_server_route(server->http, "DELETE", "/hooks/*", delete_hook, server);
    http_server_route(server->http, "PUT", "/hooks/*", put_secret, server);
    http_server_route(server->http, "POST", "/hooks/*", put_secret, server);
}

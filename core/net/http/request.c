/* The HTTP server's view of a request's head: is it one that can be answered (RFC 9110, RFC 9112),
 * and may the one who asks? Judged before the body is read. See states.h. */
#include "net/http/request.h"

#include "base/grammar.h"
#include "net/http/states.h"

#include <string.h>
#include <strings.h>

/* --- what is asked for ------------------------------------------------------------------------ */

static char *text_at(struct http_message *request, uint32_t offset) {
    return request->text.data + offset;
}

/* http://host/path?query, as to a proxy: its host counts, not the Host field's (RFC 9112, 3.2.2).
 * Host and path become texts of their own: the scheme's bytes make room for that. Returns the path,
 * or NULL. */
static char *split_absolute(struct http_message *request, char *target) {
    char *host = strstr(target, "://");
    if (host == NULL) return NULL;
    size_t scheme = (size_t)(host - target);
    if (strncasecmp(target, "https", scheme) != 0 || scheme < 4) return NULL;
    host += 3;
    size_t length = strcspn(host, "/?#");
    char *path = host + length;
    memmove(target, host, length);
    target[length] = '\0';
    request->host = (uint32_t)(target - request->text.data);
    if (*path == '/') return path;
    if (*path == '\0' && request->parser.method == HTTP_OPTIONS) { /* the server as a whole */
        path[-1] = '*';
        return path - 1;
    }
    path[-1] = '/';
    return path - 1;
}

/* Cuts the target into host, path and query. Returns what is wrong with it, or NULL. */
static const char *read_target(struct http_message *request) {
    char *path = text_at(request, 1);
    if (*path != '/' && strcmp(path, "*") != 0) path = split_absolute(request, path);
    if (path == NULL) return "The target is neither a path nor an http address.";
    if (strcmp(path, "*") == 0 && request->parser.method != HTTP_OPTIONS)
        return "The target * is for OPTIONS.";
    if (!http_path_valid(path)) return "The target has a character in it that wants to be encoded.";
    char *query = strchr(path, '?');
    if (query != NULL) {
        *query = '\0';
        request->query = (uint32_t)(query + 1 - request->text.data);
    }
    http_path_normalise(path);
    request->path = (uint32_t)(path - request->text.data);
    return NULL;
}

static const char *read_host(struct http_message *request) {
    int hosts = http_message_field_count(request, "host");
    const char *host = http_message_field(request, "host");
    if (hosts == 0 && request->parser.http_minor > 0)
        return "An HTTP/1.1 request names its host: the Host field is missing.";
    if (hosts > 1) return "A request names one host: there is more than one Host field.";
    if (hosts == 1 && !http_host_valid(host)) return "The Host field holds no host.";
    if (request->host == 0 && hosts == 1) request->host = (uint32_t)(host - request->text.data);
    if (request->host != 0 && !http_host_valid(text_at(request, request->host)))
        return "The target holds no host.";
    return NULL;
}

/* --- how it is spelt -------------------------------------------------------------------------- */

/* What a server should know by name (RFC 9110, 9.1) without having a route for each. */
static bool method_known(int method) {
    return method == HTTP_GET || method == HTTP_HEAD || method == HTTP_POST || method == HTTP_PUT ||
           method == HTTP_DELETE || method == HTTP_OPTIONS || method == HTTP_PATCH;
}

/* "chunked" alone is understood. Whatever does not end in it has no end at all, and what stands
 * before it is another coding. Returns a status, 0: fine. */
static int judge_coding(const struct http_message *request) {
    int codings = 0, chunked = 0;
    bool last = false;
    if (http_message_field_count(request, "transfer-encoding") == 0) return 0;
    if (request->parser.http_minor == 0) return 400; /* 1.0 did not have it: someone is confused */
    for (int i = 0; i < request->field_count; i++) {
        if (strcasecmp(http_message_field_name(request, i), "transfer-encoding") != 0) continue;
        const char *list = http_message_field_value(request, i), *coding;
        for (size_t length; (coding = http_list_next(&list, &length)) != NULL; codings++) {
            last = length == 7 && strncasecmp(coding, "chunked", 7) == 0;
            chunked += last;
        }
    }
    if (!last || chunked > 1) return 400;
    return codings > 1 ? 501 : 0;
}

static int judge_expectation(struct http_message *request) {
    const char *expect = http_message_field(request, "expect");
    if (expect == NULL || request->parser.http_minor == 0) return 0;
    request->awaits_100 = strcasecmp(expect, "100-continue") == 0;
    return request->awaits_100 && http_message_field_count(request, "expect") == 1 ? 0 : 417;
}

/* --- who may ask ------------------------------------------------------------------------------ */

/* A page that came from this server, over whatever stands before it. */
static bool same_origin(const struct http_message *request, const char *origin) {
    const char *host = strstr(origin, "://");
    return host != NULL && request->host != 0 && strncmp(origin, "http", 4) == 0 &&
           strcasecmp(host + 3, request->text.data + request->host) == 0;
}

bool http_exchange_cross_origin(const struct http_exchange *exchange) {
    const char *allowed = exchange->connection->server->origin;
    const char *origin = http_message_field(exchange->request, "origin");
    if (allowed == NULL || origin == NULL) return false;
    return strcmp(allowed, "*") == 0 || strcasecmp(allowed, origin) == 0;
}

bool http_origin_allowed(const struct http_exchange *exchange) {
    const struct http_message *request = exchange->request;
    const char *origin = http_message_field(request, "origin");
    if (origin == NULL || http_exchange_cross_origin(exchange)) return true;
    return http_message_field_count(request, "origin") == 1 && same_origin(request, origin);
}

/* A web page of a stranger can make a browser on this host send requests here. Its reading is the
 * browser's to forbid; for the rest its origin is asked for. And a name of the stranger's may lead
 * to this host (DNS rebinding): to the browser we are then a part of his site. */
static const char *distrust(const struct http_exchange *exchange) {
    const struct http_message *request = exchange->request;
    int method = request->parser.method;
    bool reads = method == HTTP_GET || method == HTTP_HEAD || method == HTTP_OPTIONS;
    if (exchange->connection->server->loopback && request->host != 0 &&
        !http_host_loopback(request->text.data + request->host))
        return "This server listens on this host alone: call it localhost, 127.0.0.1 or [::1].";
    if (!reads && !http_origin_allowed(exchange))
        return "Pages of this origin may not do that here; --allow-origin names one that may.";
    return NULL;
}

/* --- all of it -------------------------------------------------------------------------------- */

static int refuse(struct http_message *request, int status, const char *complaint) {
    request->refusal = status;
    request->complaint = complaint;
    return HPE_USER;
}

int http_request_judge(struct http_message *request) {
    struct http_exchange *exchange = request->owner;
    const char *wrong;
    int status;
    if (request->last_word != 'H') return refuse(request, 400, "The protocol is not HTTP.");
    if (request->parser.http_major != 1) return refuse(request, 505, NULL);
    exchange->http_1_0 = request->parser.http_minor == 0;
    if (!method_known(request->parser.method)) return refuse(request, 501, NULL);
    if ((wrong = read_target(request)) != NULL) return refuse(request, 400, wrong);
    if ((wrong = read_host(request)) != NULL) return refuse(request, 400, wrong);
    if ((status = judge_coding(request)) != 0) return refuse(request, status, NULL);
    if ((status = judge_expectation(request)) != 0) return refuse(request, status, NULL);
    if ((wrong = distrust(exchange)) != NULL) return refuse(request, 403, wrong);
    return 0;
}

/* --- what a handler asks ---------------------------------------------------------------------- */

const char *http_request_path(const struct http_exchange *exchange) {
    return exchange->request->text.data + exchange->request->path;
}

bool http_request_is_head(const struct http_exchange *exchange) { return exchange->head_only; }

const char *http_request_header(const struct http_exchange *exchange, const char *name) {
    return http_message_list(exchange->request, name);
}

const char *http_request_body(const struct http_exchange *exchange, size_t *length) {
    *length = exchange->request->body.length;
    return *length > 0 ? exchange->request->body.data : "";
}

const char *http_request_parameter(const struct http_exchange *exchange, const char *name,
                                   size_t *length) {
    size_t name_length = strlen(name);
    const struct http_message *request = exchange->request;
    for (const char *part = request->text.data + request->query; *part != '\0';) {
        size_t part_length = strcspn(part, "&");
        if (part_length > name_length && part[name_length] == '=' &&
            strncmp(part, name, name_length) == 0) {
            *length = part_length - name_length - 1;
            return part + name_length + 1;
        }
        part += part_length;
        if (*part == '&') part++;
    }
    return NULL;
}

bool http_request_lists(const struct http_exchange *exchange, const char *name,
                        const char *element) {
    return http_message_lists(exchange->request, name, element);
}

bool http_request_is_json(const struct http_exchange *exchange) {
    static const char json[] = "application/json";
    const char *type = http_message_field(exchange->request, "content-type");
    if (type == NULL || strncasecmp(type, json, sizeof(json) - 1) != 0) return false;
    type += sizeof(json) - 1;
    type += strspn(type, " \t");
    return *type == '\0' || *type == ';';
}

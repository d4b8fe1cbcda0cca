/* Plain HTTP through libwebsockets: see lws_http.h. Its parser is strict about syntax; what it lets
 * pass (a missing Host, a body of unknown length) is refused here. */
#include "lws_http.h"

#include "clock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEXT "Content-Type: text/plain; charset=utf-8\r\n"

/* Writes a whole answer. `headers` is a run of "Name: value\r\n" lines. */
static void answer(struct lws *wsi, const char *status, const char *headers, const char *body) {
    time_t now = (time_t)clock_unix_seconds();
    char date[40];
    struct buffer text = {0};
    bool head = lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0;
    strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime(&now));
    memset(buffer_reserve(&text, LWS_PRE), 0, LWS_PRE); /* room that lws_write demands */
    text.length = LWS_PRE;
    buffer_printf(&text, "HTTP/1.1 %s\r\nDate: %s\r\n%sContent-Length: %zu\r\n\r\n%s", status, date,
                  headers, strlen(body), head ? "" : body);
    lws_write(wsi, (unsigned char *)text.data + LWS_PRE, text.length - LWS_PRE,
              LWS_WRITE_HTTP_HEADERS);
    buffer_free(&text);
}

/* Copies the value of a header field; "" when there is none or it is too long. */
static const char *field(struct lws *wsi, enum lws_token_indexes token, char *value, int size) {
    if (lws_hdr_copy(wsi, value, size, token) < 0) value[0] = '\0';
    return value;
}

static bool is_key(const char *text) {
    char bytes[24];
    return strlen(text) == 24 && lws_b64_decode_string(text, bytes, sizeof(bytes)) == 16;
}

/* What is wrong with a request to upgrade, or NULL. */
static const char *fault_of(struct lws *wsi) {
    char value[128];
    if (lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) == 0) return "The method must be GET.\n";
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HOST) == 0) return "Host is missing.\n";
    field(wsi, WSI_TOKEN_CONNECTION, value, sizeof(value));
    if (strcasestr(value, "upgrade") == NULL) return "Connection must say Upgrade.\n";
    if (!is_key(field(wsi, WSI_TOKEN_KEY, value, sizeof(value))))
        return "The key must be 16 bytes in base64.\n";
    return NULL;
}

static bool is_events(const char *path) { return strcmp(path, "/events") == 0; }

static void require_upgrade(struct lws *wsi, const struct lws_http_upgrade *upgrade) {
    char headers[256];
    snprintf(headers, sizeof(headers), TEXT "%s", upgrade->required);
    answer(wsi, "426 Upgrade Required", headers, "Another protocol is spoken at this address.\n");
}

int lws_http_check_upgrade(struct lws *wsi, const char *protocol,
                           const struct lws_http_upgrade *upgrade) {
    char path[128], version[16];
    const char *fault = fault_of(wsi);
    field(wsi, WSI_TOKEN_GET_URI, path, sizeof(path));
    field(wsi, WSI_TOKEN_VERSION, version, sizeof(version));
    if (strcasecmp(protocol, upgrade->protocol) != 0)
        require_upgrade(wsi, upgrade);
    else if (fault != NULL)
        answer(wsi, "400 Bad Request", TEXT, fault);
    else if (!is_events(path) && strcmp(path, "/") != 0)
        answer(wsi, "404 Not Found", TEXT, "Subscribe at /events.\n");
    else if (strcmp(version, upgrade->version) != 0)
        require_upgrade(wsi, upgrade);
    else
        return 0;
    return 1;
}

/* The connection may carry another request, or must close. */
static int answered(struct lws *wsi) { return lws_http_transaction_completed(wsi) ? -1 : 0; }

static int post_publish(struct lws *wsi) {
    char length[24];
    field(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, length, sizeof(length));
    if (length[0] != '\0' && strtoull(length, NULL, 10) <= HTTP_BODY_MAX) return 0; /* it follows */
    if (length[0] == '\0')
        answer(wsi, "411 Length Required", TEXT "Connection: close\r\n",
               "Content-Length is missing.\n");
    else
        answer(wsi, "413 Content Too Large", TEXT "Connection: close\r\n",
               "A request's body is at most 1 MiB.\n");
    return -1;
}

static int request(struct server *server, struct lws *wsi, const struct lws_http_upgrade *upgrade) {
    char *path = NULL;
    int length = 0;
    int method = lws_http_get_uri_and_method(wsi, &path, &length);
    bool get = method == LWSHUMETH_GET || method == LWSHUMETH_HEAD, known = path != NULL;
    bool root = known && strcmp(path, "/") == 0, publish = known && strcmp(path, "/publish") == 0;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HOST) == 0)
        answer(wsi, "400 Bad Request", TEXT, "Host is missing.\n");
    else if (publish && method == LWSHUMETH_POST)
        return post_publish(wsi);
    else if (publish)
        answer(wsi, "405 Method Not Allowed", TEXT "Allow: POST\r\n", "Publish with POST.\n");
    else if (root && !get)
        answer(wsi, "405 Method Not Allowed", TEXT "Allow: GET, HEAD\r\n",
               "Publish at /publish.\n");
    else if (root)
        answer(wsi, "200 OK", TEXT, server->strategy->help);
    else if (known && is_events(path))
        require_upgrade(wsi, upgrade);
    else
        answer(wsi, "404 Not Found", TEXT, "There is /, /events and /publish.\n");
    return answered(wsi);
}

static int publish_complete(struct server *server, struct lws *wsi, struct buffer *body) {
    char text[48];
    int64_t seq = server_publish(server, body->length > 0 ? body->data : "", body->length);
    buffer_free(body);
    snprintf(text, sizeof(text), "{\"seq\":%lld}\n", (long long)seq);
    if (seq > 0)
        answer(wsi, "202 Accepted", "Content-Type: application/json\r\n", text);
    else
        answer(wsi, "400 Bad Request", TEXT,
               "An event's payload is UTF-8 text; this body is not.\n");
    return answered(wsi);
}

int lws_http_serve(struct server *server, struct lws *wsi, enum lws_callback_reasons reason,
                   struct buffer *body, const void *in, size_t length,
                   const struct lws_http_upgrade *upgrade) {
    switch (reason) {
    case LWS_CALLBACK_HTTP: return request(server, wsi, upgrade);
    case LWS_CALLBACK_HTTP_BODY: buffer_append(body, in, length); return 0;
    case LWS_CALLBACK_HTTP_BODY_COMPLETION: return publish_complete(server, wsi, body);
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        if (body != NULL) buffer_free(body);
        return 0;
    default: return 0;
    }
}

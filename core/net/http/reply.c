/* The HTTP server's answers: at once, later, or as a stream. See server.h. */
#include "net/http/reply.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "net/http/states.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

const char *http_reason(int status) {
    switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Status";
    }
}

static void append(struct buffer *out, const char *text) { buffer_append(out, text, strlen(text)); }

static void append_date(struct http_server *server, struct buffer *out) {
    time_t now = (time_t)clock_unix_seconds();
    if (now != server->date_seconds) {
        struct tm utc;
        gmtime_r(&now, &utc);
        strftime(server->date, sizeof(server->date), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc);
        server->date_seconds = now;
    }
    append(out, server->date);
}

/* Whether the page that asked may read the answer (CORS). A cache must not give it to another. */
static void append_origin(const struct http_exchange *exchange, struct buffer *out) {
    if (exchange->cross_origin) {
        append(out, "Access-Control-Allow-Origin: ");
        append(out, exchange->connection->server->origin);
        append(out, "\r\nAccess-Control-Expose-Headers: ETag, Events-Missed, Events-Reset, "
                    "Events-More, Retry-After\r\n");
    }
    append(out, "Vary: Origin\r\n");
}

/* The head up to the fields that say how long the body is. */
static struct buffer *begin_head(struct http_exchange *exchange, int status, const char *headers) {
    struct http_server *server = exchange->connection->server;
    struct buffer *out = &server->answer;
    char line[] = "HTTP/1.1 000 ";
    line[9] = (char)('0' + status / 100 % 10);
    line[10] = (char)('0' + status / 10 % 10);
    line[11] = (char)('0' + status % 10);
    buffer_clear(out);
    buffer_append(out, line, sizeof(line) - 1);
    append(out, http_reason(status));
    append(out, "\r\n");
    append_date(server, out);
    append(out, headers);
    if (server->origin != NULL) append_origin(exchange, out);
    if (!exchange->keep_alive)
        append(out, "Connection: close\r\n");
    else if (exchange->http_1_0)
        append(out, "Connection: keep-alive\r\n");
    return out;
}

static void append_length(struct buffer *out, size_t length) {
    char digits[24], *end = digits + sizeof(digits), *start = end;
    do *--start = (char)('0' + length % 10);
    while ((length /= 10) > 0);
    append(out, "Content-Length: ");
    buffer_append(out, start, (size_t)(end - start));
    append(out, "\r\n");
}

static bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

/* So much a socket takes at once, more or less: what is up to this length waits for nobody. */
#define SHORT_ANSWER 65536

/* What its client does not take is kept here, and each client could leave an answer with us. */
static bool too_much_unsent(const struct http_server *server, size_t length) {
    return length > SHORT_ANSWER && server->unsent > 0 && server->unsent + length > HTTP_UNSENT_MAX;
}

bool http_reply_gives(const struct http_exchange *exchange, size_t length) {
    return !exchange->head_only && !too_much_unsent(exchange->connection->server, length);
}

static void refuse_for_now(struct http_exchange *exchange) {
    static const char text[] =
        "Too many long answers are on their way to slow clients: try again.\n";
    log_error("%zu bytes of answers wait for slow clients: refusing a further long one",
              exchange->connection->server->unsent);
    exchange->keep_alive = false;
    http_reply(exchange, 503, "Content-Type: text/plain; charset=utf-8\r\nRetry-After: 5\r\n", text,
               sizeof(text) - 1);
}

/* After a long answer the scratch memory goes back. */
#define SCRATCH_MAX 1048576

void http_reply(struct http_exchange *exchange, int status, const char *headers, const char *body,
                size_t length) {
    if (http_exchange_closing(exchange)) return;
    if (!exchange->head_only && !http_reply_gives(exchange, length)) {
        refuse_for_now(exchange);
        return;
    }
    struct buffer *out = begin_head(exchange, status, headers);
    if (has_body(status)) append_length(out, length);
    append(out, "\r\n");
    if (has_body(status) && !exchange->head_only) buffer_append(out, body, length);
    int result = connection_write(&exchange->connection->socket, out->data, out->length);
    if (out->capacity > SCRATCH_MAX) buffer_free(out);
    if (result < 0) return;
    http_connection_unsent(exchange->connection, exchange->connection->socket.queued);
    http_exchange_answered(exchange);
}

void http_reply_text(struct http_exchange *exchange, int status, const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof(text) - 1, format, arguments);
    va_end(arguments);
    if (length > (int)sizeof(text) - 2) length = (int)sizeof(text) - 2;
    text[length++] = '\n';
    http_reply(exchange, status, "Content-Type: text/plain; charset=utf-8\r\n", text,
               (size_t)length);
}

void http_park(struct http_exchange *exchange, void (*gone)(struct http_exchange *)) {
    const struct connection *socket = &exchange->connection->socket;
    if (http_exchange_closing(exchange)) return;
    if (socket->line != 0) trace_note(socket->network->trace, TRACE_PARKED);
    exchange->gone = gone;
    http_connection_enter(exchange->connection, PARKED);
}

/* --- streams ---------------------------------------------------------------------------------- */

int http_stream_begin(struct http_exchange *exchange, const char *headers,
                      void (*drained)(struct http_exchange *),
                      void (*gone)(struct http_exchange *)) {
    if (http_exchange_closing(exchange)) return UV_ECANCELED;
    exchange->chunked = !exchange->http_1_0;
    if (exchange->http_1_0) exchange->keep_alive = false;
    struct buffer *out = begin_head(exchange, 200, headers);
    append(out, exchange->chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n");
    int error = connection_write(&exchange->connection->socket, out->data, out->length);
    if (error < 0) return error;
    if (exchange->head_only) {
        http_exchange_answered(exchange);
        return 1;
    }
    exchange->keep_alive = false; /* it ends with the connection */
    exchange->gone = gone;
    exchange->drained = drained;
    http_connection_enter(exchange->connection,
                          http_stream_blocked(exchange) ? BLOCKED : STREAMING);
    return 0;
}

bool http_stream_blocked(const struct http_exchange *exchange) {
    return connection_blocked(&exchange->connection->socket);
}

/* A frame is one chunk: its size in hexadecimal, padded to a width that is known beforehand. */
#define CHUNK_HEAD "0000000000000000\r\n"
#define CHUNK_HEAD_BYTES (sizeof(CHUNK_HEAD) - 1)

void http_frame_begin(struct buffer *frame) {
    buffer_clear(frame);
    buffer_append(frame, CHUNK_HEAD, CHUNK_HEAD_BYTES);
}

void http_frame_end(struct buffer *frame) {
    char size[17];
    snprintf(size, sizeof(size), "%016zx", frame->length - CHUNK_HEAD_BYTES);
    memcpy(frame->data, size, 16);
    buffer_append(frame, "\r\n", 2);
}

/* Part of a frame waits for the client. There is a cursor for whatever comes after it, so a frame is
 * all that a stream leaves with us, and a notice before it. */
static int frame_waits(struct http_exchange *exchange) {
    size_t bytes = exchange->connection->socket.queued;
    if (too_much_unsent(exchange->connection->server, bytes)) {
        log_error("%zu bytes wait for slow clients: cutting a stream that a long event waits for",
                  exchange->connection->server->unsent);
        connection_close(&exchange->connection->socket);
        return UV_ENOBUFS;
    }
    if (exchange->connection->state == BLOCKED)
        exchange->connection->left += bytes - exchange->connection->unsent; /* its clock runs on */
    http_connection_unsent(exchange->connection, bytes);
    if (exchange->connection->state == STREAMING)
        http_connection_enter(exchange->connection, BLOCKED);
    return 1;
}

/* The chunk from its first digit that is no leading zero, or what is in it for HTTP/1.0. */
int http_stream_write(struct http_exchange *exchange, const struct buffer *frame) {
    const char *bytes = frame->data;
    size_t length = frame->length;
    size_t skip = exchange->chunked ? strspn(bytes, "0") : CHUNK_HEAD_BYTES;
    bool streaming =
        exchange->connection->state == STREAMING || exchange->connection->state == BLOCKED;
    if (!streaming || http_exchange_closing(exchange)) return UV_EOF;
    if (!exchange->chunked) length -= 2;
    int result = connection_write(&exchange->connection->socket, bytes + skip, length - skip);
    return result == 1 ? frame_waits(exchange) : result;
}

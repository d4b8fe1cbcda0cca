/* The HTTP server's answers: at once, later, or as a stream. See http_server.h. */
#include "http_server_internal.h"

#include "clock.h"

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
        strftime(server->date, sizeof server->date, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc);
        server->date_seconds = now;
    }
    append(out, server->date);
}

/* The head up to the fields that say how long the body is. */
static struct buffer *begin_head(struct http_exchange *exchange, int status, const char *headers) {
    struct http_server *server = exchange->server;
    struct buffer *out = &server->answer;
    char line[] = "HTTP/1.1 000 ";
    line[9] = (char)('0' + status / 100 % 10);
    line[10] = (char)('0' + status / 10 % 10);
    line[11] = (char)('0' + status % 10);
    buffer_clear(out);
    buffer_append(out, line, sizeof line - 1);
    append(out, http_reason(status));
    append(out, "\r\n");
    append_date(server, out);
    append(out, headers);
    if (server->origin_headers != NULL) append(out, server->origin_headers);
    if (!exchange->keep_alive) append(out, "Connection: close\r\n");
    return out;
}

static void append_length(struct buffer *out, size_t length) {
    char digits[24], *end = digits + sizeof digits, *start = end;
    do *--start = (char)('0' + length % 10);
    while ((length /= 10) > 0);
    append(out, "Content-Length: ");
    buffer_append(out, start, (size_t)(end - start));
    append(out, "\r\n");
}

static bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

void http_reply(struct http_exchange *exchange, int status, const char *headers, const char *body,
                size_t length) {
    bool parked = exchange->state == PARKED;
    if (exchange->connection.closing_called) return;
    struct buffer *out = begin_head(exchange, status, headers);
    if (has_body(status)) append_length(out, length);
    append(out, "\r\n");
    if (has_body(status) && !exchange->head_only) buffer_append(out, body, length);
    if (connection_write(&exchange->connection, out->data, out->length) < 0) return;
    http_exchange_answered(exchange);
    if (parked) http_exchange_resume(exchange);
}

void http_reply_text(struct http_exchange *exchange, int status, const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text - 1, format, arguments);
    va_end(arguments);
    if (length > (int)sizeof text - 2) length = (int)sizeof text - 2;
    text[length++] = '\n';
    http_reply(exchange, status, "Content-Type: text/plain; charset=utf-8\r\n", text,
               (size_t)length);
}

void http_park(struct http_exchange *exchange, void (*gone)(struct http_exchange *)) {
    if (exchange->connection.closing_called) return;
    exchange->gone = gone;
    http_exchange_enter(exchange, PARKED);
}

/* --- streams ----------------------------------------------------------------------------------- */

int http_stream_begin(struct http_exchange *exchange, const char *headers,
                      void (*drained)(struct http_exchange *),
                      void (*gone)(struct http_exchange *)) {
    if (exchange->connection.closing_called) return UV_ECANCELED;
    bool http_1_0 = exchange->request->parser.http_minor == 0;
    exchange->chunked = !http_1_0;
    if (http_1_0) exchange->keep_alive = false;
    struct buffer *out = begin_head(exchange, 200, headers);
    append(out, exchange->chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n");
    int error = connection_write(&exchange->connection, out->data, out->length);
    if (error < 0) return error;
    if (exchange->head_only) {
        http_exchange_answered(exchange);
        return 1;
    }
    exchange->gone = gone;
    exchange->drained = drained;
    http_exchange_enter(exchange, STREAMING);
    return 0;
}

/* A frame is one chunk: its size in hexadecimal, padded to a width that is known beforehand. */
#define CHUNK_HEAD "00000000\r\n"
#define CHUNK_HEAD_BYTES (sizeof CHUNK_HEAD - 1)

void http_frame_begin(struct buffer *frame) {
    buffer_clear(frame);
    buffer_append(frame, CHUNK_HEAD, CHUNK_HEAD_BYTES);
}

void http_frame_end(struct buffer *frame) {
    char size[16];
    snprintf(size, sizeof size, "%08x", (unsigned int)(frame->length - CHUNK_HEAD_BYTES));
    memcpy(frame->data, size, 8);
    buffer_append(frame, "\r\n", 2);
}

/* The chunk from its first digit that is no leading zero, or what is in it for HTTP/1.0. */
int http_stream_write(struct http_exchange *exchange, const struct buffer *frame) {
    const char *bytes = frame->data;
    size_t length = frame->length;
    size_t skip = exchange->chunked ? strspn(bytes, "0") : CHUNK_HEAD_BYTES;
    if (exchange->state != STREAMING || exchange->connection.closing_called) return UV_EOF;
    if (!exchange->chunked) length -= 2;
    return connection_write(&exchange->connection, bytes + skip, length - skip);
}

void http_stream_end(struct http_exchange *exchange) {
    if (exchange->connection.closing_called) return;
    if (exchange->chunked && connection_write(&exchange->connection, "0\r\n\r\n", 5) < 0) return;
    http_exchange_answered(exchange);
    http_exchange_resume(exchange);
}

/* How long the texts of HTTP are that servers and clients say: counted, not written. The servers' own words are in
 * core/net/http/reply.c and in the strategies' files; tests hold the two together. */
#include "model.h"

#include <string.h>

#define DATE_BYTES 37 /* "Date: Thu, 01 Jan 2026 00:00:00 GMT" and the line's end */

int digits_of(uint64_t number) {
    int digits = 1;
    for (; number >= 10; number /= 10) digits++;
    return digits;
}

uint64_t cursor_bytes(uint64_t number) { return CURSOR_EPOCH_BYTES + (uint64_t)digits_of(number); }

/* A port that the kernel chose has five digits. */
uint64_t host_field_bytes(const struct simulation *s) {
    return strlen(s->network.far ? "Host: 198.18.0.1:40001\r\n" : "Host: 127.0.0.1:40001\r\n");
}

uint64_t answer_head_bytes(const char *status, int64_t body_bytes, uint64_t fields_bytes) {
    uint64_t head = strlen("HTTP/1.1 \r\n") + strlen(status) + DATE_BYTES + fields_bytes;
    uint64_t length = strlen("Content-Length: \r\n") + (uint64_t)digits_of((uint64_t)body_bytes);
    return head + (body_bytes >= 0 ? length : 0) + strlen("\r\n");
}

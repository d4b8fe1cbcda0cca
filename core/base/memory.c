/* The allocator that aborts, and the growing buffer on top of it. */
#include "base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_FIRST_CAPACITY 32 /* a sequence number or a short header fits; doubles from there */

static void *or_abort(void *memory) {
    if (memory != NULL) return memory;
    fputs("out of memory\n", stderr);
    abort();
}

/* --- allocation --------------------------------------------------------------------------------
 * A size of 0 is rounded up, so that NULL always means "no memory". */

void *xmalloc(size_t size) { return or_abort(malloc(size > 0 ? size : 1)); }

void *xcalloc(size_t count, size_t size) {
    return or_abort(count > 0 && size > 0 ? calloc(count, size) : calloc(1, 1));
}

void *xrealloc(void *old, size_t size) { return or_abort(realloc(old, size > 0 ? size : 1)); }

char *xstrdup(const char *text) { return xmemdup(text, strlen(text)); }

char *xmemdup(const void *bytes, size_t length) {
    if (length == SIZE_MAX) or_abort(NULL);
    char *copy = xmalloc(length + 1);
    if (length > 0) memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

char *xvasprintf(const char *format, va_list arguments) {
    char *text = NULL;
    if (vasprintf(&text, format, arguments) < 0) text = NULL;
    return or_abort(text);
}

char *xasprintf(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = xvasprintf(format, arguments);
    va_end(arguments);
    return text;
}

void *xgrow(void *array, size_t count, size_t size) {
    size_t bytes;
    if (count > 0 && (count & (count - 1)) != 0) return array; /* between two powers of two */
    if (__builtin_mul_overflow(count == 0 ? 1 : 2 * count, size, &bytes)) or_abort(NULL);
    return xrealloc(array, bytes);
}

/* --- the buffer ------------------------------------------------------------------------------- */

/* At least twice what it was, so that appending byte by byte stays linear. */
static size_t grown_capacity(size_t capacity, size_t needed) {
    size_t doubled = capacity > SIZE_MAX / 2 ? SIZE_MAX : capacity * 2;
    if (doubled < BUFFER_FIRST_CAPACITY) doubled = BUFFER_FIRST_CAPACITY;
    return doubled > needed ? doubled : needed;
}

char *buffer_reserve(struct buffer *buffer, size_t extra) {
    size_t needed;
    if (__builtin_add_overflow(buffer->length, extra, &needed) || needed == SIZE_MAX) {
        or_abort(NULL);
    }
    if (needed + 1 > buffer->capacity) {
        buffer->capacity = grown_capacity(buffer->capacity, needed + 1);
        buffer->data = xrealloc(buffer->data, buffer->capacity);
        buffer->data[buffer->length] = '\0';
    }
    buffer->data[needed] = '\0';
    return buffer->data + buffer->length;
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t length) {
    char *end = buffer_reserve(buffer, length);
    if (length > 0) memcpy(end, bytes, length);
    buffer->length += length;
}

void buffer_printf(struct buffer *buffer, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0) abort(); /* a format that the C library does not know */
    vsnprintf(buffer_reserve(buffer, (size_t)length), (size_t)length + 1, format, again);
    buffer->length += (size_t)length;
    va_end(again);
    va_end(arguments);
}

void buffer_clear(struct buffer *buffer) {
    buffer->length = 0;
    if (buffer->data != NULL) buffer->data[0] = '\0';
}

void buffer_free(struct buffer *buffer) {
    free(buffer->data);
    *buffer = (struct buffer){0};
}

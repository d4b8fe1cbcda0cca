/* Allocation that aborts when memory runs out: a benchmark without memory has no result, and
 * callers stay free of checks that no test would ever reach. */
#ifndef PUSHPULL_MEMORY_H
#define PUSHPULL_MEMORY_H

#include <stdarg.h>
#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *text);
/* A new NUL-terminated copy of `length` bytes. */
char *xmemdup(const void *bytes, size_t length);
/* printf into a new string that the caller frees. */
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *format, va_list) __attribute__((format(printf, 1, 0)));
/* A growing array: makes room for one more than the `count` elements of `size` bytes that are in it, and
 * returns it. It has room for a power of two of them, so that growing one by one stays linear. */
void *xgrow(void *array, size_t count, size_t size);

/* A growing run of bytes, always followed by a NUL that `length` does not count. Zeroed is empty. */
struct buffer {
    char *data;
    size_t length;
    size_t capacity;
};

void buffer_append(struct buffer *, const void *bytes, size_t length);
void buffer_printf(struct buffer *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Make room for `extra` more bytes and return where they go; the caller adds to `length`. The NUL
 * is set behind all `extra` bytes: whoever uses fewer sets his own. */
char *buffer_reserve(struct buffer *, size_t extra);
void buffer_clear(struct buffer *); /* empty, memory kept */
void buffer_free(struct buffer *);  /* empty, memory returned */

#endif

/* Lines out of bytes that come in pieces. */
#ifndef PUSHPULL_LINES_H
#define PUSHPULL_LINES_H

#include "base/memory.h"

#include <stddef.h>

/* Gets a line without its line break; it is not followed by a NUL, and valid during the call. */
typedef void (*lines_taker)(void *data, const char *line, size_t length);

/* Hands on each whole line in `text`. Returns how many bytes these were; what is left is the beginning of
 * a line whose end has not come. */
size_t lines_in(const char *text, size_t length, lines_taker, void *data);

/* The same for a stream that reads cut anywhere: what is left over is kept in `rest`, which begins as
 * zeroed. Lines that came whole are not copied. Returns 0; or -1 when a line that came in pieces is longer
 * than `longest` bytes: then nothing is kept, and the stream makes no more sense. */
int lines_take(struct buffer *rest, size_t longest, const char *bytes, size_t length, lines_taker,
               void *data);

#endif

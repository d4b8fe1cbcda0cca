/* Lines out of bytes that come in pieces. See lines.h. */
#include "base/lines.h"

#include <stdbool.h>
#include <string.h>

size_t lines_in(const char *text, size_t length, lines_taker take, void *data) {
    const char *start = text, *end = text + length, *line_break;
    while (start < end && (line_break = memchr(start, '\n', (size_t)(end - start))) != NULL) {
        take(data, start, (size_t)(line_break - start));
        start = line_break + 1;
    }
    return (size_t)(start - text);
}

/* Only what is new is looked through for the end of the line that is under way. */
int lines_take(struct buffer *rest, size_t longest, const char *bytes, size_t length,
               lines_taker take, void *data) {
    if (rest->length > 0) {
        const char *line_break = memchr(bytes, '\n', length);
        size_t part = line_break != NULL ? (size_t)(line_break - bytes) : length;
        buffer_append(rest, bytes, part);
        bool too_long = rest->length > longest;
        if (!too_long && line_break == NULL) return 0;
        if (!too_long) take(data, rest->data, rest->length);
        buffer_free(rest);
        if (too_long) return -1;
        bytes += part + 1;
        length -= part + 1;
    }
    size_t used = lines_in(bytes, length, take, data);
    if (used < length) buffer_append(rest, bytes + used, length - used);
    return 0;
}

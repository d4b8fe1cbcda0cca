/* A cursor: how far a subscriber is in the events of a server. There is one notion of it for all
 * strategies, and one text form, in ETag, id and after= alike:
 *
 *     5c1f09aa-42      epoch, eight hexadecimal digits; number, decimal
 *
 * The epoch is the feed's life: drawn at random when a server starts. Without it a cursor from
 * before a restart would look like one of today's, and events would be skipped in silence. The number is
 * the event's place in the feed (feed.h). */
#ifndef PUSHPULL_CURSOR_H
#define PUSHPULL_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor {
    uint32_t epoch;
    uint64_t number;
};

#define CURSOR_SIZE 32 /* of its text, with the NUL: 8 + 1 + 20 + 1, rounded up */

/* Prints the text form. Returns `out`. */
const char *cursor_print(char out[CURSOR_SIZE], struct cursor);
/* Reads exactly the text form. Returns 0 or UV_EINVAL. */
int cursor_parse(const char *text, size_t length, struct cursor *);
/* Digits alone, at most 18 of them. */
bool cursor_number(const char *text, size_t length, uint64_t *number);

#endif

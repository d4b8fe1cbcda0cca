/* The text form of a cursor: see cursor.h. Read once for each request, never trusted. */
#include "model/cursor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

#define EPOCH_DIGITS 8
#define NUMBER_DIGITS_MAX 18 /* always below 2^63 */

const char *cursor_print(char out[CURSOR_SIZE], struct cursor cursor) {
    snprintf(out, CURSOR_SIZE, "%08" PRIx32 "-%" PRIu64, cursor.epoch, cursor.number);
    return out;
}

bool cursor_number(const char *text, size_t length, uint64_t *number) {
    uint64_t value = 0;
    if (length == 0 || length > NUMBER_DIGITS_MAX) return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        value = 10 * value + (uint64_t)(text[i] - '0');
    }
    *number = value;
    return true;
}

int cursor_parse(const char *text, size_t length, struct cursor *cursor) {
    static const char digits[] = "0123456789abcdef";
    uint32_t epoch = 0;
    uint64_t number;
    if (length <= EPOCH_DIGITS + 1 || text[EPOCH_DIGITS] != '-') return UV_EINVAL;
    for (int i = 0; i < EPOCH_DIGITS; i++) {
        const char *digit = memchr(digits, text[i], sizeof(digits) - 1);
        if (digit == NULL) return UV_EINVAL;
        epoch = epoch << 4 | (uint32_t)(digit - digits);
    }
    if (!cursor_number(text + EPOCH_DIGITS + 1, length - EPOCH_DIGITS - 1, &number))
        return UV_EINVAL;
    *cursor = (struct cursor){epoch, number};
    return 0;
}

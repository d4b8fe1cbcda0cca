/* UTF-8, as jansson checks it: no text comes here often enough to be worth a parser of our own. */
#include "base/utf8.h"

#include <jansson.h>
#include <string.h>

bool utf8_valid(const char *bytes, size_t length) {
    json_t *text = json_stringn(bytes, length);
    bool valid = text != NULL;
    json_decref(text);
    return valid;
}

/* How many bytes the character at `at` has; 0: it is none. */
static size_t character_length(const char *at) {
    size_t most = strnlen(at, 4);
    for (size_t length = 1; length <= most; length++)
        if (utf8_valid(at, length)) return length;
    return 0;
}

/* The second half of Latin-1's controls are two bytes each (C2 80 to C2 9F). */
static bool is_control(const unsigned char *at) {
    if (*at == '\n' || *at == '\t') return false;
    return *at < ' ' || *at == 0x7f || (*at == 0xc2 && at[1] < 0xa0);
}

void utf8_clean(char *text) {
    for (size_t length; *text != '\0'; text += length) {
        size_t formed = character_length(text);
        length = formed == 0 ? 1 : formed;
        if (formed == 0 || is_control((const unsigned char *)text)) memset(text, '?', length);
    }
}

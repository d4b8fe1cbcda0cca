/* Text that came from elsewhere: is it text, and can a terminal be given it? */
#ifndef PUSHPULL_UTF8_H
#define PUSHPULL_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the bytes are well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates). */
bool utf8_valid(const char *bytes, size_t length);
/* Makes what others wrote fit for a terminal and for JSON: what is no UTF-8 becomes "?", and so do
 * control characters but the end of a line and the tabulator. */
void utf8_clean(char *text);

#endif

/* Base64 (RFC 4648, section 4): bytes as text in JSON lines and in headers. */
#ifndef PUSHPULL_BASE64_H
#define PUSHPULL_BASE64_H

#include "base/memory.h"

/* A new string that the caller frees. At most 1 GiB. */
char *base64_encode(const void *bytes, size_t length);

/* Appends the bytes that `text` stands for. Padding is demanded; spaces and line breaks are not
 * allowed. Returns 0, or UV_EINVAL (then `out` is as it was). */
int base64_decode(struct buffer *out, const char *text);

#endif

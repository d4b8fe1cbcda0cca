/* Base64 by OpenSSL. Its decoder takes "=" anywhere and skips spaces, so the form is checked here
 * first; strict decoding gives each run of bytes one text only. */
#include "base/base64.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define ENCODE_MAX ((size_t)1 << 30)
#define DECODE_MAX (ENCODE_MAX / 3 * 4)

char *base64_encode(const void *bytes, size_t length) {
    if (length > ENCODE_MAX) abort(); /* OpenSSL counts in ints; nothing here comes near */
    char *text = xmalloc((length + 2) / 3 * 4 + 1);
    EVP_EncodeBlock((unsigned char *)text, bytes, (int)length);
    return text;
}

/* Checks the form, but for the unused bits of the last letter. */
static int check(const char *text, size_t *length, size_t *padding) {
    *length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    *padding = strspn(text + *length, "=");
    *length += *padding;
    bool whole = text[*length] == '\0' && *length % 4 == 0;
    return whole && *padding <= 2 && *length <= DECODE_MAX ? 0 : UV_EINVAL;
}

int base64_decode(struct buffer *out, const char *text) {
    size_t length, padding;
    if (check(text, &length, &padding) != 0) return UV_EINVAL;
    unsigned char *end = (unsigned char *)buffer_reserve(out, length / 4 * 3);
    if (EVP_DecodeBlock(end, (const unsigned char *)text, (int)length) < 0) return UV_EINVAL;
    out->length += length / 4 * 3 - padding;
    out->data[out->length] = '\0';
    return 0;
}

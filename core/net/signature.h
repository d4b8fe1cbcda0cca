/* Signatures of webhooks after the Standard Webhooks specification (standardwebhooks.com): pure.
 *
 *   webhook-id: msg_...            the same over all attempts of one message
 *   webhook-timestamp: 1700000000  of this attempt, seconds since 1970
 *   webhook-signature: v1,BASE64   of HMAC-SHA256(secret, id "." timestamp "." body)
 *
 * The header may carry several signatures, separated by spaces: during key rotation one for each
 * key. A receiver accepts when one of them fits, and passes over versions that it does not know.
 *
 * An id must hold no ".": it divides what is signed, and whoever may move it signs other messages. */
#ifndef PUSHPULL_SIGNATURE_H
#define PUSHPULL_SIGNATURE_H

#include "base/limits.h"

#include <stddef.h>
#include <stdint.h>

#define SIGNATURE_SECRET_PREFIX "whsec_"
/* "v1," + 44 characters of base64 + NUL */
#define SIGNATURE_TEXT_SIZE 48

struct signature_key {
    unsigned char bytes[SIGNATURE_KEY_MAX];
    size_t length;
};

/* Reads a secret as people exchange it: base64 of 24 to 64 bytes, with or without "whsec_".
 * Returns 0 or UV_EINVAL. */
int signature_key_parse(struct signature_key *, const char *secret);

/* Writes "v1,BASE64" for one message. `body` is the raw bytes. `timestamp` is not negative. */
void signature_sign(const struct signature_key *, const char *id, int64_t timestamp,
                    const void *body, size_t body_length, char out[SIGNATURE_TEXT_SIZE]);

/* Whether `header` (the value of webhook-signature) holds a signature by `key` for this message,
 * compared in constant time, and the time stamp lies within `tolerance_seconds` of `now`.
 * Returns 0; UV_EACCES when no signature fits; UV_ETIMEDOUT when the time stamp is too far off;
 * UV_EINVAL when `id` or `timestamp` (as text) is missing or malformed. */
int signature_verify(const struct signature_key *, const char *id, const char *timestamp,
                     const char *header, const void *body, size_t body_length, int64_t now,
                     int64_t tolerance_seconds);

#endif

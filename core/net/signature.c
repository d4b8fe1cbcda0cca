/* Standard Webhooks signatures, with OpenSSL's HMAC. */
#include "net/signature.h"

#include "base/base64.h"
#include "base/limits.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define VERSION "v1,"
#define DIGEST_SIZE 32

int signature_key_parse(struct signature_key *key, const char *secret) {
    size_t prefix = strlen(SIGNATURE_SECRET_PREFIX);
    if (strncmp(secret, SIGNATURE_SECRET_PREFIX, prefix) == 0) secret += prefix;
    struct buffer bytes = {0};
    int error = base64_decode(&bytes, secret);
    if (error == 0 && (bytes.length < SIGNATURE_KEY_MIN || bytes.length > SIGNATURE_KEY_MAX)) {
        error = UV_EINVAL;
    }
    if (error == 0) {
        memcpy(key->bytes, bytes.data, bytes.length);
        key->length = bytes.length;
    }
    if (bytes.data != NULL) OPENSSL_cleanse(bytes.data, bytes.capacity);
    buffer_free(&bytes);
    return error;
}

/* Looking an algorithm up costs more than a signature: it is done once. */
static EVP_MAC_CTX *hmac_context(void) {
    static EVP_MAC_CTX *context;
    if (context != NULL) return context;
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    context = EVP_MAC_CTX_new(hmac);
    EVP_MAC_free(hmac);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){"SHA256"}, 0),
        OSSL_PARAM_construct_end(),
    };
    if (context == NULL || !EVP_MAC_CTX_set_params(context, parameters)) abort();
    return context;
}

/* OpenSSL fails here only when it is broken or memory runs out. */
static void require(int success) {
    if (!success) abort();
}

void signature_sign(const struct signature_key *key, const char *id, int64_t timestamp,
                    const void *body, size_t body_length, char out[SIGNATURE_TEXT_SIZE]) {
    char time[24];
    int time_length = snprintf(time, sizeof(time), ".%lld.", (long long)timestamp);
    unsigned char digest[DIGEST_SIZE];
    size_t digest_length;
    EVP_MAC_CTX *hmac = hmac_context();
    require(EVP_MAC_init(hmac, key->bytes, key->length, NULL));
    require(EVP_MAC_update(hmac, (const unsigned char *)id, strlen(id)));
    require(EVP_MAC_update(hmac, (const unsigned char *)time, (size_t)time_length));
    require(EVP_MAC_update(hmac, body, body_length));
    require(EVP_MAC_final(hmac, digest, &digest_length, sizeof(digest)));
    memcpy(out, VERSION, strlen(VERSION));
    EVP_EncodeBlock((unsigned char *)out + strlen(VERSION), digest, DIGEST_SIZE);
}

/* Seconds since 1970 in their one decimal form: no sign, no leading zeros. */
static bool parse_timestamp(const char *text, int64_t *seconds) {
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 18 || text[digits] != '\0') return false;
    if (text[0] == '0' && digits > 1) return false;
    *seconds = strtoll(text, NULL, 10);
    return true;
}

/* Walks all signatures of the header, also when one fitted already. */
static bool holds_signature(const char *header, const char *expected) {
    size_t expected_length = strlen(expected);
    bool fits = false;
    while (*header != '\0') {
        size_t length = strcspn(header, " ");
        fits |= length == expected_length && CRYPTO_memcmp(header, expected, length) == 0;
        header += length;
        header += strspn(header, " ");
    }
    return fits;
}

int signature_verify(const struct signature_key *key, const char *id, const char *timestamp,
                     const char *header, const void *body, size_t body_length, int64_t now,
                     int64_t tolerance_seconds) {
    int64_t seconds;
    if (id == NULL || *id == '\0' || strchr(id, '.') != NULL) return UV_EINVAL;
    if (timestamp == NULL || !parse_timestamp(timestamp, &seconds)) return UV_EINVAL;
    char expected[SIGNATURE_TEXT_SIZE];
    signature_sign(key, id, seconds, body, body_length, expected);
    if (header == NULL || !holds_signature(header, expected)) return UV_EACCES;
    return llabs(now - seconds) <= tolerance_seconds ? 0 : UV_ETIMEDOUT;
}

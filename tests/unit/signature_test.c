/* core/net/signature */
#include "net/signature.h"

#include "base/base64.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

/* The example that Standard Webhooks libraries are tested with. */
#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define ID "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define TIME 1614265330
#define TIME_TEXT "1614265330"
#define BODY "{\"test\": 2432232314}"
#define SIGNATURE "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

#define SHORT_SECRET "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3" /* 0123456789abcdef01234567 */
#define LONG_SECRET                                                                                \
    "whsec_"                                                                                       \
    "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZg=="

static struct signature_key key_of(const char *secret) {
    struct signature_key key;
    assert_int_equal(signature_key_parse(&key, secret), 0);
    return key;
}

static int verify(const char *id, const char *timestamp, const char *header, const char *body) {
    struct signature_key key = key_of(SECRET);
    return signature_verify(&key, id, timestamp, header, body, strlen(body), TIME, 300);
}

/* --- keys ------------------------------------------------------------------------------------- */

static void keys_have_24_to_64_bytes(void **state) {
    (void)state;
    for (size_t length = 0; length <= 100; length++) {
        unsigned char bytes[100] = {0};
        struct signature_key key;
        for (size_t i = 0; i < length; i++) bytes[i] = (unsigned char)(i * 37);
        char *text = base64_encode(bytes, length), *secret = xasprintf("whsec_%s", text);
        int expected = length >= 24 && length <= 64 ? 0 : UV_EINVAL;
        assert_int_equal(signature_key_parse(&key, text), expected);
        assert_int_equal(signature_key_parse(&key, secret), expected);
        if (expected == 0) {
            assert_int_equal(key.length, length);
            assert_memory_equal(key.bytes, bytes, length);
        }
        free(text);
        free(secret);
    }
}

static void other_secrets_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "whsec_",
        "whsec_!!!!",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
        "whsec_whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        " " SECRET,
        SECRET "\n",
    };
    struct signature_key key;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_int_equal(signature_key_parse(&key, bad[i]), UV_EINVAL);
    }
}

/* --- signing ---------------------------------------------------------------------------------- */

/* All but the first: printf BODY | openssl dgst -sha256 -mac HMAC -macopt hexkey:... | base64 */
static void signatures_are_the_known_ones(void **state) {
    (void)state;
    static const struct {
        const char *secret, *id;
        int64_t timestamp;
        const char *body;
        size_t length;
        const char *signature;
    } cases[] = {
        {SECRET, ID, TIME, BODY, sizeof(BODY) - 1, SIGNATURE},
        {SHORT_SECRET, "msg_1", 1700000000, "", 0,
         "v1,yG8YV9Fe4AWbqnr1NiJsiMkprxULdRp4+Vi1FvNMchY="},
        {LONG_SECRET, "msg_2", 0, "hello, world", 12,
         "v1,+15TdeL/LxMrQr08oQJneMSlMv0eiGHnH9E6M7zPids="},
        {SHORT_SECRET, "msg_3", 1700000001, "a\0b\xff\n", 5,
         "v1,cVBK7v+ZgW4PGXvEnelucVPfysyjwwZBd0Sfh5YlyqQ="},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct signature_key key = key_of(cases[i].secret);
        char text[SIGNATURE_TEXT_SIZE];
        signature_sign(&key, cases[i].id, cases[i].timestamp, cases[i].body, cases[i].length, text);
        assert_string_equal(text, cases[i].signature);
        assert_int_equal(strlen(text), SIGNATURE_TEXT_SIZE - 1);
    }
}

/* --- verifying -------------------------------------------------------------------------------- */

static void the_right_signature_fits(void **state) {
    (void)state;
    assert_int_equal(verify(ID, TIME_TEXT, SIGNATURE, BODY), 0);
}

static void one_fitting_signature_is_enough(void **state) {
    (void)state;
    static const char *const good[] = {
        SIGNATURE " v1,yG8YV9Fe4AWbqnr1NiJsiMkprxULdRp4+Vi1FvNMchY=",
        "v1,yG8YV9Fe4AWbqnr1NiJsiMkprxULdRp4+Vi1FvNMchY= " SIGNATURE,
        "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo " SIGNATURE,
        "v2,abc " SIGNATURE " v3",
        "nonsense " SIGNATURE,
        "  " SIGNATURE "  ",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        assert_int_equal(verify(ID, TIME_TEXT, good[i], BODY), 0);
    }
}

static void other_headers_do_not_fit(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        " ",
        "v1",
        "v1,",
        "v1, ",
        "v1,yG8YV9Fe4AWbqnr1NiJsiMkprxULdRp4+Vi1FvNMchY=",
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE",
        SIGNATURE "=",
        SIGNATURE "," SIGNATURE,
        "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "V1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v1,\tg0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_int_equal(verify(ID, TIME_TEXT, bad[i], BODY), UV_EACCES);
    }
    assert_int_equal(verify(ID, TIME_TEXT, NULL, BODY), UV_EACCES);
}

static void what_was_changed_does_not_fit(void **state) {
    (void)state;
    char header[] = SIGNATURE, body[] = BODY, id[] = ID;
    for (size_t i = 0; i < sizeof(header) - 1; i++) {
        header[i] ^= 1;
        assert_int_equal(verify(ID, TIME_TEXT, header, BODY), UV_EACCES);
        header[i] ^= 1;
    }
    for (size_t i = 0; i < sizeof(body) - 1; i++) {
        body[i] ^= 1;
        assert_int_equal(verify(ID, TIME_TEXT, SIGNATURE, body), UV_EACCES);
        body[i] ^= 1;
    }
    for (size_t i = 0; i < sizeof(id) - 1; i++) {
        id[i] ^= 1;
        assert_int_equal(verify(id, TIME_TEXT, SIGNATURE, BODY), UV_EACCES);
        id[i] ^= 1;
    }
    assert_int_equal(verify(ID, "1614265331", SIGNATURE, BODY), UV_EACCES);
    assert_int_equal(verify(ID, TIME_TEXT, SIGNATURE, BODY " "), UV_EACCES);
    struct signature_key other = key_of(SHORT_SECRET);
    assert_int_equal(
        signature_verify(&other, ID, TIME_TEXT, SIGNATURE, BODY, sizeof(BODY) - 1, TIME, 300),
        UV_EACCES);
}

static void a_time_stamp_may_be_a_little_off(void **state) {
    (void)state;
    static const struct {
        int64_t now;
        int expected;
    } cases[] = {
        {TIME - 300, 0},
        {TIME + 300, 0},
        {TIME - 301, UV_ETIMEDOUT},
        {TIME + 301, UV_ETIMEDOUT},
        {0, UV_ETIMEDOUT},
        {INT64_MAX, UV_ETIMEDOUT},
    };
    struct signature_key key = key_of(SECRET);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        int result = signature_verify(&key, ID, TIME_TEXT, SIGNATURE, BODY, sizeof(BODY) - 1,
                                      cases[i].now, 300);
        assert_int_equal(result, cases[i].expected);
    }
}

static void malformed_ids_and_times_are_told(void **state) {
    (void)state;
    static const char *const times[] = {
        "",
        "-1614265330",
        "+1614265330",
        " 1614265330",
        "1614265330 ",
        "01614265330",
        "1614265330.0",
        "0x6037baf2",
        "16142653300000000000",
        "now",
    };
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
        assert_int_equal(verify(ID, times[i], SIGNATURE, BODY), UV_EINVAL);
    }
    assert_int_equal(verify(ID, NULL, SIGNATURE, BODY), UV_EINVAL);
    assert_int_equal(verify(NULL, TIME_TEXT, SIGNATURE, BODY), UV_EINVAL);
    assert_int_equal(verify("", TIME_TEXT, SIGNATURE, BODY), UV_EINVAL);
}

/* "msg" at 1614265330 with the body "1614265330.{}" is signed like "msg.1614265330" with "{}". */
static void a_full_stop_cannot_be_moved(void **state) {
    (void)state;
    struct signature_key key = key_of(SECRET);
    char header[SIGNATURE_TEXT_SIZE];
    const char *body = TIME_TEXT ".{}";
    signature_sign(&key, "msg", TIME, body, strlen(body), header);
    assert_int_equal(verify("msg", TIME_TEXT, header, body), 0);
    assert_int_equal(verify("msg." TIME_TEXT, TIME_TEXT, header, "{}"), UV_EINVAL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_have_24_to_64_bytes),
        cmocka_unit_test(other_secrets_are_refused),
        cmocka_unit_test(signatures_are_the_known_ones),
        cmocka_unit_test(the_right_signature_fits),
        cmocka_unit_test(one_fitting_signature_is_enough),
        cmocka_unit_test(other_headers_do_not_fit),
        cmocka_unit_test(what_was_changed_does_not_fit),
        cmocka_unit_test(a_time_stamp_may_be_a_little_off),
        cmocka_unit_test(malformed_ids_and_times_are_told),
        cmocka_unit_test(a_full_stop_cannot_be_moved),
    };
    return cmocka_run_group_tests_name("signature", tests, NULL, NULL);
}

/* core/net/ws_frame, by the sections of RFC 6455 */
#include "net/ws_frame.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX 100000

/* What a decoder told, one thing per line: "text hello\n", "ping x\n". */
static struct buffer told;
static const char *in_place_of; /* set: the next message must lie here */
static size_t in_place_length;
static int in_place_count;

static bool on_message(void *context, enum ws_opcode opcode, const char *bytes, size_t length) {
    (void)context;
    if (in_place_of != NULL && bytes >= in_place_of && bytes < in_place_of + in_place_length)
        in_place_count++;
    buffer_printf(&told, "%s ", opcode == WS_TEXT ? "text" : "binary");
    buffer_append(&told, bytes, length);
    buffer_append(&told, "\n", 1);
    return true;
}

static bool on_control(void *context, enum ws_opcode opcode, const char *bytes, size_t length) {
    (void)context;
    if (opcode == WS_CLOSE)
        buffer_printf(&told, "close %d\n", ws_close_status(bytes, length));
    else
        buffer_printf(&told, "%s %.*s\n", opcode == WS_PING ? "ping" : "pong", (int)length, bytes);
    return true;
}

static const struct ws_frame_handler handler = {on_message, on_control};

/* Decodes bytes in segments of this length; what was told is in `told`. Returns the status. */
static int decode_by(bool from_client, const void *bytes, size_t length, size_t segment) {
    struct ws_decoder decoder;
    int status = 0;
    ws_decoder_init(&decoder, &handler, NULL, from_client, MESSAGE_MAX);
    buffer_clear(&told);
    buffer_append(&told, "", 0);
    for (size_t at = 0; at < length && status == 0; at += segment) {
        size_t piece = length - at < segment ? length - at : segment;
        char *copy = malloc(piece); /* so that a sanitizer sees who reads beyond it */
        memcpy(copy, (const char *)bytes + at, piece);
        in_place_of = copy;
        in_place_length = piece;
        status = ws_decode(&decoder, copy, piece);
        in_place_of = NULL;
        free(copy);
    }
    ws_decoder_free(&decoder);
    return status;
}

/* However it is cut, it must come to the same. */
static void expect(bool from_client, const void *bytes, size_t length, int status,
                   const char *wanted) {
    static const size_t segments[] = {1, 2, 3, 5, 7, 64, 1000000};
    for (size_t i = 0; i < sizeof(segments) / sizeof(*segments); i++) {
        assert_int_equal(decode_by(from_client, bytes, length, segments[i]), status);
        assert_string_equal(told.data, wanted);
    }
}

#define server_says(bytes, status, wanted) expect(false, bytes, sizeof(bytes) - 1, status, wanted)
#define client_says(bytes, status, wanted) expect(true, bytes, sizeof(bytes) - 1, status, wanted)

/* Section 5.7. */
static void the_examples_of_the_standard(void **state) {
    (void)state;
    server_says("\x81\x05Hello", 0, "text Hello\n");
    client_says("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 0, "text Hello\n");
    server_says("\x01\x03Hel\x80\x02lo", 0, "text Hello\n");
    server_says("\x89\x05Hello", 0, "ping Hello\n");
    client_says("\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 0, "pong Hello\n");
}

static void every_length_comes_back(void **state) {
    (void)state;
    static const size_t lengths[] = {0, 1, 125, 126, 127, 65535, 65536, MESSAGE_MAX};
    static const uint8_t mask[4] = {1, 200, 3, 255};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        char *bytes = malloc(lengths[i] + 1);
        memset(bytes, 'a', lengths[i]);
        bytes[lengths[i]] = '\0';
        for (int client = 0; client < 2; client++) {
            struct buffer frame = {0};
            ws_encode(&frame, WS_TEXT, true, client ? mask : NULL, bytes, lengths[i]);
            assert_int_equal(decode_by(client, frame.data, frame.length, 1000), 0);
            assert_int_equal(told.length, lengths[i] + 6);
            assert_memory_equal(told.data + 5, bytes, lengths[i]);
            buffer_free(&frame);
        }
        free(bytes);
    }
}

static void a_whole_message_is_not_copied(void **state) {
    (void)state;
    static const char bytes[] = "\x81\x03one\x89\x01?\x81\x03two";
    in_place_count = 0;
    assert_int_equal(decode_by(false, bytes, sizeof(bytes) - 1, 100), 0);
    assert_int_equal(in_place_count, 2);
    assert_string_equal(told.data, "text one\nping ?\ntext two\n");
}

/* Section 5.1. */
static void masks_are_demanded_and_refused(void **state) {
    (void)state;
    client_says("\x81\x05Hello", 1002, "");
    client_says("\x89\x00", 1002, "");
    server_says("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 1002, "");
}

/* Section 5.2. */
static void headers_out_of_order(void **state) {
    (void)state;
    server_says("\xc1\x01x", 1002, "");
    server_says("\xa1\x01x", 1002, "");
    server_says("\x91\x01x", 1002, "");
    for (int opcode = 0; opcode < 16; opcode++) {
        char frame[2] = {(char)(0x80 | opcode), 0};
        bool known = opcode == 1 || opcode == 2 || (opcode >= 8 && opcode <= 10);
        assert_int_equal(decode_by(false, frame, 2, 2), known ? 0 : 1002);
    }
    server_says("\x81\x7e\x00\x05Hello", 1002, ""); /* longer than it need be */
    server_says("\x81\x7f\x00\x00\x00\x00\x00\x00\x00\x7eHello", 1002, "");
    server_says("\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00", 1002, "");
    server_says("\x81\x7f\x00\x00\x00\x00\x7f\xff\xff\xff", 1009, "");
}

/* Section 5.4. */
static void pieces(void **state) {
    (void)state;
    server_says("\x01\x01"
                "a\x89\x01?\x00\x01"
                "b\x8a\x00\x80\x01"
                "c",
                0, "ping ?\npong \ntext abc\n");
    server_says("\x02\x00\x80\x00", 0, "binary \n");
    server_says("\x80\x01"
                "a",
                1002, "");
    server_says("\x01\x01"
                "a\x01\x01"
                "b",
                1002, "");
    server_says("\x01\x01"
                "a\x80\x01"
                "b\x80\x01"
                "c",
                1002, "text ab\n");
}

/* Section 5.5. */
static void control_frames(void **state) {
    (void)state;
    server_says("\x09\x01?", 1002, "");
    server_says("\x89\x7e\x00\x7e", 1002, "");
    server_says("\x88\x00\x81\x01x", 0, "close 1005\n"); /* nothing comes after it */
    server_says("\x88\x02\x03\xe8", 0, "close 1000\n");
    server_says("\x88\x01\x03", 1002, "");
    server_says("\x88\x04\x03\xe8\xff\xfe", 1007, "");
}

/* Section 7.4. */
static void statuses(void **state) {
    (void)state;
    static const int never[] = {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535};
    static const int fine[] = {1000, 1003, 1007, 1011, 1014, 3000, 3999, 4000, 4999};
    for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++) {
        char frame[4] = {(char)0x88, 2, (char)(never[i] >> 8), (char)never[i]};
        assert_int_equal(decode_by(false, frame, 4, 4), 1002);
    }
    for (size_t i = 0; i < sizeof(fine) / sizeof(*fine); i++) {
        char frame[4] = {(char)0x88, 2, (char)(fine[i] >> 8), (char)fine[i]};
        assert_int_equal(decode_by(false, frame, 4, 4), 0);
    }
}

/* Section 8.1. */
static void texts(void **state) {
    (void)state;
    static const char *const good[] = {
        "",
        "abcdefghijklmnop",
        "\xc2\x80",
        "\xdf\xbf",
        "\xe0\xa0\x80",
        "\xed\x9f\xbf",
        "\xee\x80\x80",
        "\xef\xbf\xbf",
        "\xf0\x90\x80\x80",
        "\xf4\x8f\xbf\xbf",
        ("12345678\xe2\x82\xac"
         "12345678"),
    };
    static const char *const bad[] = {
        "\x80",
        "\xc0\x80",
        "\xc1\xbf",
        "\xe0\x9f\xbf",
        "\xed\xa0\x80",
        "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff",
        "\xe2\x82",
        "\xe2(\xa1",
        "\xe2\x82\x28",
        ("1234567\xe2"
         "12345678"),
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(*good) + sizeof(bad) / sizeof(*bad); i++) {
        bool is_good = i < sizeof(good) / sizeof(*good);
        const char *text = is_good ? good[i] : bad[i - sizeof(good) / sizeof(*good)];
        size_t length = strlen(text);
        for (size_t cut = 0; cut <= length; cut++) { /* in two pieces, cut anywhere */
            struct buffer frames = {0};
            ws_encode(&frames, WS_TEXT, false, NULL, text, cut);
            ws_encode(&frames, WS_CONTINUATION, true, NULL, text + cut, length - cut);
            assert_int_equal(decode_by(false, frames.data, frames.length, 1000),
                             is_good ? 0 : 1007);
            assert_int_equal(decode_by(false, frames.data, frames.length, 1), is_good ? 0 : 1007);
            buffer_free(&frames);
        }
    }
    server_says("\x82\x02\xff\xfe", 0, "binary \xff\xfe\n"); /* binary is anything */
    server_says("\x01\x7e\x01\x00\xff", 1007, "");           /* as soon as it is seen */
}

static void a_message_has_its_bounds(void **state) {
    (void)state;
    struct buffer frames = {0};
    char *half = calloc(1, MESSAGE_MAX);
    memset(half, 'a', MESSAGE_MAX);
    ws_encode(&frames, WS_TEXT, false, NULL, half, MESSAGE_MAX);
    ws_encode(&frames, WS_CONTINUATION, true, NULL, half, 1);
    assert_int_equal(decode_by(false, frames.data, frames.length, 1000), 1009);
    buffer_free(&frames);
    free(half);
}

static int free_told(void **state) {
    (void)state;
    buffer_free(&told);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_standard),
        cmocka_unit_test(every_length_comes_back),
        cmocka_unit_test(a_whole_message_is_not_copied),
        cmocka_unit_test(masks_are_demanded_and_refused),
        cmocka_unit_test(headers_out_of_order),
        cmocka_unit_test(pieces),
        cmocka_unit_test(control_frames),
        cmocka_unit_test(statuses),
        cmocka_unit_test(texts),
        cmocka_unit_test(a_message_has_its_bounds),
    };
    return cmocka_run_group_tests_name("ws_frame", tests, NULL, free_told);
}

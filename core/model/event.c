/* An event's text: made once by a server, read once by every subscriber. Reading runs for every
 * delivery, so it is written by hand: it knows the order of the fields, copies nothing and asks
 * for no memory. */
#include "model/event.h"

#include <string.h>
#include <uv.h>

/* --- bytes that JSON lets stand as they are --------------------------------------------------- */

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))

/* Whether one of the word's eight bytes is zero (Mycroft 1987). */
static uint64_t has_zero(uint64_t word) { return (word - EACH_BYTE(1)) & ~word & EACH_BYTE(0x80); }

/* Whether one of the word's eight bytes is a control character, a quote or a backslash. */
static bool has_special(uint64_t word) {
    uint64_t control = (word - EACH_BYTE(0x20)) & ~word & EACH_BYTE(0x80);
    return (control | has_zero(word ^ EACH_BYTE('"')) | has_zero(word ^ EACH_BYTE('\\'))) != 0;
}

static bool is_special(char c) { return (unsigned char)c < 0x20 || c == '"' || c == '\\'; }

/* The first byte from `at` on that JSON would escape, or `end`. Eight at a time. */
static const char *find_special(const char *at, const char *end) {
    for (uint64_t word; end - at >= 8; at += 8) {
        memcpy(&word, at, 8);
        if (has_special(word)) break;
    }
    while (at < end && !is_special(*at)) at++;
    return at;
}

/* --- encode ----------------------------------------------------------------------------------- */

static void append_escaped(struct buffer *out, char c) {
    static const char letters[0x20] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r',
    };
    char letter = (unsigned char)c < 0x20 ? letters[(unsigned char)c] : c;
    if (letter != '\0') {
        buffer_append(out, (char[]){'\\', letter}, 2);
    } else {
        buffer_printf(out, "\\u%04x", (unsigned)c);
    }
}

void event_encode(struct buffer *out, uint64_t seq, int64_t due_ns, int64_t lag_ns,
                  const char *payload, size_t payload_length) {
    buffer_reserve(out, payload_length + 128); /* one allocation where nothing is escaped */
    buffer_printf(out, "{\"seq\":%llu,\"due_ns\":%lld,\"lag_ns\":%lld,\"payload\":\"",
                  (unsigned long long)seq, (long long)due_ns, (long long)lag_ns);
    const char *end = payload + payload_length;
    while (payload < end) {
        const char *special = find_special(payload, end);
        buffer_append(out, payload, (size_t)(special - payload));
        if (special < end) append_escaped(out, *special++);
        payload = special;
    }
    buffer_append(out, "\"}", 2);
}

/* --- parse -------------------------------------------------------------------------------------
 * Each step moves `at` past what it read and returns false where the text is something else. */

struct reader {
    const char *at, *end;
};

static bool read_literal(struct reader *reader, const char *literal, size_t length) {
    if ((size_t)(reader->end - reader->at) < length) return false;
    if (memcmp(reader->at, literal, length) != 0) return false;
    reader->at += length;
    return true;
}
#define READ_LITERAL(reader, literal) read_literal(reader, literal, sizeof(literal) - 1)

/* A JSON number without sign, fraction and exponent: no leading zeros, no overflow. */
static bool read_unsigned(struct reader *reader, uint64_t *number) {
    const char *first = reader->at;
    uint64_t value = 0;
    for (; reader->at < reader->end; reader->at++) {
        unsigned digit = (unsigned)(*reader->at - '0');
        if (digit > 9) break;
        if (__builtin_mul_overflow(value, 10, &value)) return false;
        if (__builtin_add_overflow(value, digit, &value)) return false;
    }
    *number = value;
    ptrdiff_t digits = reader->at - first;
    return digits == 1 || (digits > 1 && *first != '0');
}

static bool read_signed(struct reader *reader, int64_t *number) {
    uint64_t magnitude;
    bool negative = READ_LITERAL(reader, "-");
    if (!read_unsigned(reader, &magnitude) || magnitude > INT64_MAX) return false;
    *number = negative ? -(int64_t)magnitude : (int64_t)magnitude;
    return true;
}

static bool is_hexadecimal(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* What follows a backslash. */
static bool read_escape(struct reader *reader) {
    if (reader->at == reader->end) return false;
    char letter = *reader->at++;
    if (letter != 'u') return letter != '\0' && strchr("\"\\/bfnrt", letter) != NULL;
    for (int i = 0; i < 4; i++, reader->at++) {
        if (reader->at == reader->end || !is_hexadecimal(*reader->at)) return false;
    }
    return true;
}

/* The inside of a JSON string, up to its closing quote, which stays unread. */
static bool read_string(struct reader *reader) {
    for (;;) {
        reader->at = find_special(reader->at, reader->end);
        if (reader->at == reader->end) return false;
        if (*reader->at == '"') return true;
        if (*reader->at++ != '\\' || !read_escape(reader)) return false;
    }
}

int event_parse(const char *text, size_t length, struct event_view *view) {
    struct reader reader = {text, text + length};
    if (!READ_LITERAL(&reader, "{\"seq\":") || !read_unsigned(&reader, &view->seq) ||
        !READ_LITERAL(&reader, ",\"due_ns\":") || !read_signed(&reader, &view->due_ns) ||
        !READ_LITERAL(&reader, ",\"lag_ns\":") || !read_signed(&reader, &view->lag_ns) ||
        !READ_LITERAL(&reader, ",\"payload\":\"")) {
        return UV_EINVAL;
    }
    view->payload = reader.at;
    if (!read_string(&reader)) return UV_EINVAL;
    view->payload_length = (size_t)(reader.at - view->payload);
    bool ended = READ_LITERAL(&reader, "\"}") && reader.at == reader.end;
    return ended && view->seq > 0 ? 0 : UV_EINVAL;
}

/* --- notices ---------------------------------------------------------------------------------- */

void notice_encode_after(struct buffer *out, struct cursor after, bool reset) {
    char text[CURSOR_SIZE];
    buffer_printf(out, "{\"after\":\"%s\"%s}", cursor_print(text, after),
                  reset ? ",\"reset\":true" : "");
}

void notice_encode_missed(struct buffer *out, uint64_t missed) {
    buffer_printf(out, "{\"missed\":%llu}", (unsigned long long)missed);
}

static bool read_after(struct reader *reader, struct notice *notice) {
    if (!READ_LITERAL(reader, "{\"after\":\"")) return false;
    const char *text = reader->at;
    if (!read_string(reader)) return false;
    notice->placed = cursor_parse(text, (size_t)(reader->at - text), &notice->after) == 0;
    if (!notice->placed || !READ_LITERAL(reader, "\"")) return false;
    READ_LITERAL(reader, ",\"reset\":true");
    return true;
}

int notice_parse(const char *text, size_t length, struct notice *notice) {
    struct reader reader = {text, text + length};
    *notice = (struct notice){.missed = 0};
    bool missed = READ_LITERAL(&reader, "{\"missed\":") && read_unsigned(&reader, &notice->missed);
    if (!missed) {
        reader.at = text;
        if (!read_after(&reader, notice)) return UV_EINVAL;
    }
    return READ_LITERAL(&reader, "}") && reader.at == reader.end ? 0 : UV_EINVAL;
}

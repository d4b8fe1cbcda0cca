/* The frames of RFC 6455: see ws_frame.h. A decoder is in a frame's header, whose length its second
 * byte tells, or in its payload. */
#include "net/ws_frame.h"

#include <string.h>

#define FINAL 0x80
#define RESERVED 0x70
#define MASKED 0x80

/* --- text ------------------------------------------------------------------------------------- */

/* The first byte says how many follow; the second is bounded, so that there are no overlong forms,
 * no surrogates, nothing beyond U+10FFFF (RFC 3629, section 4). */
static bool character_begins(struct ws_utf8 *utf8, uint8_t byte) {
    *utf8 = (struct ws_utf8){.low = 0x80, .high = 0xbf};
    if (byte < 0x80) return true;
    if (byte < 0xc2 || byte > 0xf4) return false;
    utf8->more = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    if (byte == 0xe0) utf8->low = 0xa0;
    if (byte == 0xed) utf8->high = 0x9f;
    if (byte == 0xf0) utf8->low = 0x90;
    if (byte == 0xf4) utf8->high = 0x8f;
    return true;
}

static bool character_goes_on(struct ws_utf8 *utf8, uint8_t byte) {
    if (byte < utf8->low || byte > utf8->high) return false;
    utf8->more--;
    utf8->low = 0x80;
    utf8->high = 0xbf;
    return true;
}

static bool eight_ascii(const char *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof(word));
    return (word & UINT64_C(0x8080808080808080)) == 0;
}

bool ws_utf8_goes_on(struct ws_utf8 *utf8, const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        while (utf8->more == 0 && i + 8 <= length && eight_ascii(bytes + i)) i += 8;
        if (i == length) break;
        uint8_t byte = (uint8_t)bytes[i];
        if (!(utf8->more > 0 ? character_goes_on : character_begins)(utf8, byte)) return false;
    }
    return true;
}

static bool is_text(const char *bytes, size_t length) {
    struct ws_utf8 utf8 = {0};
    return ws_utf8_goes_on(&utf8, bytes, length) && utf8.more == 0;
}

/* --- the header (section 5.2) ----------------------------------------------------------------- */

static bool is_control(uint8_t opcode) { return opcode >= WS_CLOSE; }

/* How long it is, as far as its first two bytes tell. */
static uint8_t header_size(const struct ws_decoder *decoder) {
    if (decoder->header_length < 2) return 2;
    uint8_t length = decoder->header[1] & 0x7f;
    uint8_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
    return (uint8_t)(2 + extended + (decoder->header[1] & MASKED ? 4 : 0));
}

static uint64_t big_endian(const uint8_t *bytes, int count) {
    uint64_t number = 0;
    for (int i = 0; i < count; i++) number = number << 8 | bytes[i];
    return number;
}

/* The length, in as few bytes as it can be written in; else UINT64_MAX. */
static uint64_t payload_length(const uint8_t *header) {
    uint8_t length = header[1] & 0x7f;
    if (length < 126) return length;
    uint64_t extended = big_endian(header + 2, length == 126 ? 2 : 8);
    uint64_t least = length == 126 ? 126 : 65536;
    return extended < least || extended > INT64_MAX ? UINT64_MAX : extended;
}

static int check_control(const struct ws_decoder *decoder) {
    bool known = decoder->opcode <= WS_PONG;
    return known && decoder->final && decoder->left <= WS_CONTROL_MAX ? 0 : WS_PROTOCOL_ERROR;
}

/* A message begins once and goes on by continuations. */
static int check_data(struct ws_decoder *decoder) {
    bool goes_on = decoder->opcode == WS_CONTINUATION;
    if (decoder->opcode > WS_BINARY || goes_on != (decoder->message != 0)) return WS_PROTOCOL_ERROR;
    if (decoder->left > decoder->message_max - decoder->pieces.length) return WS_TOO_BIG;
    if (goes_on) return 0;
    decoder->message = decoder->opcode;
    decoder->utf8 = (struct ws_utf8){0};
    return 0;
}

static int header_complete(struct ws_decoder *decoder) {
    const uint8_t *header = decoder->header;
    decoder->final = (header[0] & FINAL) != 0;
    decoder->opcode = header[0] & 0x0f;
    decoder->masked = (header[1] & MASKED) != 0;
    decoder->left = payload_length(header);
    decoder->in_payload = true;
    decoder->mask_at = 0;
    if (decoder->masked) memcpy(decoder->mask, header + decoder->header_length - 4, 4);
    decoder->header_length = 0;
    if ((header[0] & RESERVED) != 0 || decoder->masked != decoder->from_client ||
        decoder->left == UINT64_MAX)
        return WS_PROTOCOL_ERROR;
    return is_control(decoder->opcode) ? check_control(decoder) : check_data(decoder);
}

/* --- the payload ------------------------------------------------------------------------------ */

int ws_close_status(const char *bytes, size_t length) {
    return length < 2 ? WS_NO_STATUS : (int)big_endian((const uint8_t *)bytes, 2);
}

/* Section 7.4: the registered ones, those of libraries and applications; not those that are only
 * ever noted down. */
static bool may_be_sent(int status) {
    return (status >= 1000 && status <= 1014 && (status < 1004 || status > 1006)) ||
           (status >= 3000 && status <= 4999);
}

static int check_close(const char *bytes, size_t length) {
    if (length == 0) return 0;
    if (length == 1 || !may_be_sent(ws_close_status(bytes, length))) return WS_PROTOCOL_ERROR;
    return is_text(bytes + 2, length - 2) ? 0 : WS_INVALID_TEXT;
}

static int tell_control(struct ws_decoder *decoder, const char *bytes, size_t length) {
    int wrong = decoder->opcode == WS_CLOSE ? check_close(bytes, length) : 0;
    if (wrong != 0) return wrong;
    bool go_on = decoder->handler->control(decoder->context, decoder->opcode, bytes, length);
    decoder->stopped = !go_on || decoder->opcode == WS_CLOSE;
    return 0;
}

static int tell_message(struct ws_decoder *decoder, const char *bytes, size_t length) {
    enum ws_opcode opcode = decoder->message;
    decoder->message = 0;
    if (decoder->utf8.more > 0) return WS_INVALID_TEXT;
    decoder->stopped = !decoder->handler->message(decoder->context, opcode, bytes, length);
    return 0;
}

/* Keeps a piece, without its mask. Returns where it is kept. */
static const char *keep(struct ws_decoder *decoder, struct buffer *kept, const char *bytes,
                        size_t length) {
    buffer_append(kept, bytes, length);
    char *piece = kept->data + kept->length - length;
    if (!decoder->masked) return piece;
    for (size_t i = 0; i < length; i++)
        piece[i] = (char)(piece[i] ^ decoder->mask[(decoder->mask_at + i) & 3]);
    decoder->mask_at = (uint8_t)((decoder->mask_at + length) & 3);
    return piece;
}

/* The next `length` bytes of the payload, which may be none. */
static int payload(struct ws_decoder *decoder, const char *bytes, size_t length) {
    bool control = is_control(decoder->opcode);
    struct buffer *kept = control ? &decoder->control : &decoder->pieces;
    const char *piece = bytes;
    decoder->left -= length;
    bool ends_frame = decoder->left == 0, ends = ends_frame && decoder->final;
    bool in_place = kept->length == 0 && ends && !decoder->masked;
    if (!in_place) piece = keep(decoder, kept, bytes, length);
    if (decoder->message == WS_TEXT && !control && !ws_utf8_goes_on(&decoder->utf8, piece, length))
        return WS_INVALID_TEXT;
    decoder->in_payload = !ends_frame;
    if (!ends) return 0;
    struct buffer whole = *kept;
    *kept = (struct buffer){0};
    int wrong = (control ? tell_control : tell_message)(decoder, in_place ? bytes : whole.data,
                                                        in_place ? length : whole.length);
    buffer_free(&whole);
    return wrong;
}

/* --- decoding and encoding -------------------------------------------------------------------- */

void ws_decoder_init(struct ws_decoder *decoder, const struct ws_frame_handler *handler,
                     void *context, bool from_client, size_t message_max) {
    *decoder = (struct ws_decoder){
        .handler = handler,
        .context = context,
        .from_client = from_client,
        .message_max = message_max,
    };
}

void ws_decoder_free(struct ws_decoder *decoder) {
    buffer_free(&decoder->pieces);
    buffer_free(&decoder->control);
}

/* Takes bytes of the header. Returns how many. */
static size_t take_header(struct ws_decoder *decoder, const char *bytes, size_t length) {
    size_t taken = 0;
    while (taken < length && decoder->header_length < header_size(decoder))
        decoder->header[decoder->header_length++] = (uint8_t)bytes[taken++];
    return taken;
}

int ws_decode(struct ws_decoder *decoder, const char *bytes, size_t length) {
    int wrong = 0;
    while (length > 0 && !decoder->stopped && wrong == 0) {
        size_t taken;
        if (!decoder->in_payload) {
            taken = take_header(decoder, bytes, length);
            if (decoder->header_length < header_size(decoder)) return 0;
            wrong = header_complete(decoder);
            if (wrong == 0 && decoder->left == 0) wrong = payload(decoder, bytes, 0);
        } else {
            taken = length < decoder->left ? length : (size_t)decoder->left;
            wrong = payload(decoder, bytes, taken);
        }
        bytes += taken;
        length -= taken;
    }
    if (wrong != 0) decoder->stopped = true;
    return wrong;
}

void ws_encode(struct buffer *out, enum ws_opcode opcode, bool final, const uint8_t *mask,
               const void *bytes, size_t length) {
    uint8_t header[WS_HEADER_MAX] = {(uint8_t)(opcode | (final ? FINAL : 0))};
    int extended = length < 126 ? 0 : length < 65536 ? 2 : 8;
    size_t used = 2;
    header[1] = (uint8_t)(extended == 0 ? length : extended == 2 ? 126 : 127);
    if (mask != NULL) header[1] |= MASKED;
    for (int i = extended - 1; i >= 0; i--) header[used++] = (uint8_t)((uint64_t)length >> (8 * i));
    if (mask != NULL) memcpy(header + used, mask, 4), used += 4;
    buffer_append(out, header, used);
    buffer_append(out, bytes, length);
    if (mask == NULL) return;
    char *payload_bytes = out->data + out->length - length;
    for (size_t i = 0; i < length; i++) payload_bytes[i] = (char)(payload_bytes[i] ^ mask[i & 3]);
}

/* The frames of RFC 6455, section 5: bytes to messages and back, for either role. Nothing here reads,
 * writes or waits.
 *
 *     81 05 h e l l o                 a whole text message of five bytes, from a server
 *     81 85 <mask: 4 bytes> .....     the same from a client: its bytes are masked
 *     01 03 h e l   80 02 l o         the same in two pieces; control frames may come between them */
#ifndef PUSHPULL_WS_FRAME_H
#define PUSHPULL_WS_FRAME_H

#include "base/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ws_opcode { WS_CONTINUATION, WS_TEXT, WS_BINARY, WS_CLOSE = 8, WS_PING, WS_PONG };

/* Why a connection ends (section 7.4.1). */
enum ws_status {
    WS_PROTOCOL_ERROR = 1002,
    WS_UNSUPPORTED = 1003, /* a kind of message that this side has no use for */
    WS_NO_STATUS = 1005,   /* never sent: what a close frame without a status means */
    WS_INVALID_TEXT = 1007,
    WS_TOO_BIG = 1009,
};

#define WS_CONTROL_MAX 125 /* bytes in a control frame */
#define WS_HEADER_MAX 14   /* bytes before a frame's payload, at most */

/* What a decoder finds. `bytes` are valid until the callback returns. */
struct ws_frame_handler {
    /* A whole message, its pieces joined. Returns false when nothing more is wanted. */
    bool (*message)(void *context, enum ws_opcode, const char *bytes, size_t length);
    /* A ping, pong or close; of a close, `bytes` are the two of its status and its reason, checked.
     * Nothing comes after a close. Returns false when nothing more is wanted. */
    bool (*control)(void *context, enum ws_opcode, const char *bytes, size_t length);
};

/* How far a text is: incomplete characters are completed by the next piece. Zeroed at first. */
struct ws_utf8 {
    uint8_t more;      /* bytes of the present character that have not come */
    uint8_t low, high; /* the next of them must be in between */
};
/* Goes on by a piece. Returns false when this is no UTF-8 (RFC 3629), whatever follows. */
bool ws_utf8_goes_on(struct ws_utf8 *, const char *bytes, size_t length);

struct ws_decoder {
    const struct ws_frame_handler *handler;
    void *context;
    size_t message_max;
    bool from_client; /* the other side is a client: its frames are masked, and only these */
    bool stopped;
    uint8_t header[WS_HEADER_MAX], header_length;
    uint8_t opcode, mask_at; /* of the present frame */
    bool final, masked, in_payload;
    uint8_t mask[4];
    uint64_t left;   /* bytes of its payload that have not come */
    uint8_t message; /* opcode of the message whose pieces come; 0: none */
    struct ws_utf8 utf8;
    struct buffer pieces;  /* of that message, so far */
    struct buffer control; /* what has come of a control frame */
};

void ws_decoder_init(struct ws_decoder *, const struct ws_frame_handler *, void *context,
                     bool from_client, size_t message_max);
void ws_decoder_free(struct ws_decoder *);

/* Takes bytes as they came, cut anywhere. A message that lies in them whole, in one frame without a
 * mask, is not copied. Returns 0, or the status (enum ws_status) with which the connection must fail:
 * bytes behind that are ignored. */
int ws_decode(struct ws_decoder *, const char *bytes, size_t length);

/* Appends a frame. `mask` is four bytes nobody can guess, from a client; NULL from a server. */
void ws_encode(struct buffer *out, enum ws_opcode, bool final, const uint8_t *mask,
               const void *bytes, size_t length);
/* The status in a close frame's payload. */
int ws_close_status(const char *bytes, size_t length);

#endif

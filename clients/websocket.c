/* WebSocket, the subscriber's side: connect, upgrade, listen.
 *
 *   subscriber                                server
 *     |------- GET /events?after=CURSOR ------->|   after: when it has been here before
 *     |<------ 101 Switching Protocols ---------|   up, if the server proves that it read the key
 *     |<------ frame: {"after":"5c1f09aa-41"} --|   where it begins
 *     |<------ frame: {"seq":42,...} -----------|
 *     |<------ frame: {"missed":7} -------------|   it was too slow: seven events are gone for good
 *     |<------ frame: {"seq":50,...} -----------|
 *
 * It never asks again: after the handshake a subscriber only answers pings, so what it sends does
 * not grow with the rate of events. A message may come in pieces (frames, and parts of frames as
 * reads cut them); it is an event when it is whole.
 *
 * Read next: core/net/ws_frame.h, bytes to messages; servers/websocket.c, the other end; core/harness/client.h
 * for what happens when a connection goes (a pause that grows, then subscribe again from where it
 * was). */
#include "harness/client.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/log.h"
#include "model/event.h"
#include "net/http/message.h"
#include "net/ws_frame.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_NS (10 * (int64_t)NS_PER_SECOND)
#define CLOSE_NS (2 * (int64_t)NS_PER_SECOND)  /* so long the server has to hang up at the end */
#define MESSAGE_MAX ((size_t)16 * 1024 * 1024) /* an event's text is at most about six */
#define UNSENT_MAX 65536                       /* pongs that the server does not take */

struct ws_subscriber {
    struct subscriber base; /* first */
    struct http_client http;
    struct ws_decoder decoder;
    char *key;    /* of the handshake that is under way */
    bool closing; /* this side has sent its close frame */
};

static struct ws_subscriber *own_of(struct subscriber *base) {
    return list_entry(base, struct ws_subscriber, base);
}

static struct ws_subscriber *subscriber_of(struct http_client *http) {
    return list_entry(http, struct ws_subscriber, http);
}

static void random_bytes(uint8_t *bytes, size_t length) {
    if (uv_random(NULL, NULL, bytes, length, 0, NULL) != 0) die(1, "no random numbers");
}

/* --- the handshake (RFC 6455, section 4.1) ---------------------------------------------------- */

static void on_connected(struct http_client *http) {
    struct ws_subscriber *s = subscriber_of(http);
    struct buffer request = {0};
    uint8_t nonce[16];
    char cursor[CURSOR_SIZE];
    random_bytes(nonce, sizeof(nonce));
    s->key = base64_encode(nonce, sizeof(nonce));
    buffer_printf(&request,
                  s->base.placed ? "GET /events?after=%s HTTP/1.1\r\n" : "GET /events HTTP/1.1\r\n",
                  cursor_print(cursor, s->base.cursor));
    buffer_printf(&request,
                  "Host: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n",
                  subscriber_host(&s->base), s->key);
    subscriber_count(&s->base, &s->base.all->counters.requests);
    http_client_send(http, request.data, request.length);
    buffer_free(&request);
}

/* What a server makes of the key when it has read it. */
static char *accept_of(const char *key) {
    unsigned char digest[SHA_DIGEST_LENGTH];
    char *text = xasprintf("%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    SHA1((const unsigned char *)text, strlen(text), digest);
    free(text);
    return base64_encode(digest, sizeof(digest));
}

/* What is wrong with a 101, or NULL. Nothing was offered, so nothing may be chosen. */
static const char *complaint(const struct ws_subscriber *s, const struct http_response *response) {
    const char *accept = http_response_header(response, "sec-websocket-accept");
    char *wanted = accept_of(s->key);
    bool proven = accept != NULL && strcmp(accept, wanted) == 0;
    free(wanted);
    if (!proven) return "it does not prove that it read the key (Sec-WebSocket-Accept)";
    if (!http_message_lists(response->message, "upgrade", "websocket") ||
        !http_message_lists(response->message, "connection", "upgrade"))
        return "it does not say to what it switches (Upgrade, Connection)";
    if (http_response_header(response, "sec-websocket-extensions") != NULL ||
        http_response_header(response, "sec-websocket-protocol") != NULL)
        return "it chose an extension or a protocol that nobody offered";
    return NULL;
}

/* Any answer but 101 is a refusal, a redirect, too. */
static void on_head(struct http_client *http, const struct http_response *response) {
    struct ws_subscriber *s = subscriber_of(http);
    subscriber_refused(&s->base, response->status, http_response_header(response, "retry-after"),
                       false);
    http_client_close(http);
}

static void on_response(struct http_client *http, const struct http_response *response) {
    struct ws_subscriber *s = subscriber_of(http);
    const char *wrong = complaint(s, response);
    if (wrong != NULL)
        subscriber_fail(&s->base, wrong);
    else
        subscriber_up(&s->base);
}

/* --- frames ----------------------------------------------------------------------------------- */

static void send_frame(struct ws_subscriber *s, enum ws_opcode opcode, const char *bytes,
                       size_t length) {
    struct buffer frame = {0};
    uint8_t mask[4];
    random_bytes(mask, sizeof(mask));
    ws_encode(&frame, opcode, true, mask, bytes, length);
    connection_write(&s->http.connection, frame.data, frame.length);
    buffer_free(&frame);
}

/* Nothing more is read: the server hangs up. */
static void say_goodbye(struct ws_subscriber *s, const char *bytes, size_t length) {
    s->closing = true;
    send_frame(s, WS_CLOSE, bytes, length);
    subscriber_expect_end(&s->base, CLOSE_NS);
}

static const char *meaning(int status) {
    return status == WS_INVALID_TEXT  ? "it sent a text that is not UTF-8 (1007)"
           : status == WS_TOO_BIG     ? "it sent a message above 16 MiB (1009)"
           : status == WS_UNSUPPORTED ? "it sent a message that is no text (1003)"
                                      : "it sent frames that break the protocol (1002)";
}

/* The server is told, and hangs up: if this side did, with bytes unread, the kernel would reset the
 * connection, and what was said last would be lost. */
static void fail(struct ws_subscriber *s, int status) {
    s->base.complaint = meaning(status);
    say_goodbye(s, (const char[]){(char)(status >> 8), (char)status}, 2);
    if (!connection_blocked(&s->http.connection)) connection_finish(&s->http.connection);
}

/* An event, or a notice of where it is and what is gone (core/model/event.h). */
static bool on_message(void *context, enum ws_opcode opcode, const char *bytes, size_t length) {
    struct ws_subscriber *s = context;
    if (opcode == WS_TEXT)
        subscriber_receive(&s->base, bytes, length);
    else
        fail(s, WS_UNSUPPORTED);
    return s->http.open && !s->closing;
}

/* A ping is answered with its own bytes, a close likewise; then the server hangs up. */
static bool on_control(void *context, enum ws_opcode opcode, const char *bytes, size_t length) {
    struct ws_subscriber *s = context;
    if (opcode == WS_PONG) return true;
    if (opcode == WS_CLOSE)
        say_goodbye(s, bytes, length < 2 ? length : 2);
    else if (s->http.connection.queued > UNSENT_MAX)
        subscriber_fail(&s->base, "it sends pings, but does not take the answers");
    else
        send_frame(s, WS_PONG, bytes, length);
    return s->http.open;
}

static const struct ws_frame_handler frames = {.message = on_message, .control = on_control};

static void on_raw(struct http_client *http, const char *bytes, size_t length) {
    struct ws_subscriber *s = subscriber_of(http);
    int status = ws_decode(&s->decoder, bytes, length);
    if (status != 0) fail(s, status);
}

static void on_closed(struct http_client *http, int error) {
    struct ws_subscriber *s = subscriber_of(http);
    ws_decoder_free(&s->decoder);
    free(s->key);
    s->key = NULL;
    if (error == UV_EOF && s->base.up && !s->closing)
        s->base.complaint = "it hung up without a close frame (1006)";
    subscriber_down(&s->base, s->closing ? 0 : error);
}

static const struct http_client_handler handler = {
    .connected = on_connected,
    .head = on_head,
    .response = on_response,
    .raw = on_raw,
    .closed = on_closed,
};

static int subscribe(struct subscriber *base) {
    struct ws_subscriber *s = own_of(base);
    s->closing = false;
    ws_decoder_init(&s->decoder, &frames, s, false, MESSAGE_MAX);
    subscriber_expect(base, CONNECT_NS);
    http_client_connect(&s->http, base->all->network, subscriber_server(base),
                        subscriber_source(base), &handler);
    return 0;
}

static void unsubscribe(struct subscriber *base) { http_client_close(&own_of(base)->http); }

const struct client_strategy websocket_client = {
    .name = "websocket",
    .subscriber_size = sizeof(struct ws_subscriber),
    .subscribe = subscribe,
    .unsubscribe = unsubscribe,
};

int main(int argc, char **argv) { return client_main(argc, argv, &websocket_client); }

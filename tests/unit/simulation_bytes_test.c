/* simulator/text, stream, and the models: what they say on the wire, against what the programs say. */
#include "virtual_trial.h"

#include "net/event_stream.h"
#include "net/ws_frame.h"

/* --- bytes on the wire ------------------------------------------------------------------------ */

#define SEGMENT 65483 /* bytes, on loopback */
#define HEADERS 52

/* The bytes of the events that arrive in the window, by the code that the servers send them with. */
struct scales {
    const struct window *window;
    size_t (*frame)(uint64_t number, const struct buffer *text);
    const char *payload;
    size_t payload_bytes;
    double events, bytes, segments;
};

static size_t line_frame(uint64_t number, const struct buffer *text) {
    (void)number;
    return text->length + 1;
}

/* Of a body in chunks (RFC 9112, section 7.1): its length in hexadecimal before it, a line's end behind it. */
static size_t chunk_bytes(const struct buffer *content) {
    struct buffer chunk = {0};
    buffer_printf(&chunk, "%zx\r\n%s\r\n", content->length, content->data);
    size_t bytes = chunk.length;
    buffer_free(&chunk);
    return bytes;
}

static size_t stream_frame(uint64_t number, const struct buffer *text) {
    char id[CURSOR_SIZE];
    struct buffer content = {0};
    cursor_print(id, (struct cursor){0x5c1f09aa, number});
    event_stream_encode(&content, NULL, id, text->data, text->length);
    size_t bytes = chunk_bytes(&content);
    buffer_free(&content);
    return bytes;
}

static size_t socket_frame(uint64_t number, const struct buffer *text) {
    (void)number;
    struct buffer frame = {0};
    ws_encode(&frame, WS_TEXT, true, NULL, text->data, text->length);
    size_t bytes = frame.length;
    buffer_free(&frame);
    return bytes;
}

static void weigh(void *data, uint64_t number, int64_t due_ns, int64_t at_ns) {
    struct scales *scales = data;
    struct buffer text = {0};
    if (!window_has(scales->window, at_ns)) return;
    event_encode(&text, number, due_ns, at_ns - due_ns, scales->payload, scales->payload_bytes);
    size_t bytes = scales->frame(number, &text);
    scales->events++;
    scales->bytes += (double)bytes;
    scales->segments += (double)((bytes + SEGMENT - 1) / SEGMENT);
    buffer_free(&text);
}

static void assert_weight(const char *strategy, size_t (*frame)(uint64_t, const struct buffer *),
                          size_t payload_bytes) {
    struct trial trial = trial_of(strategy, 3, 10);
    char *payload = xcalloc(payload_bytes + 1, 1), *bytes = xasprintf("%zu", payload_bytes);
    memset(payload, 'x', payload_bytes);
    struct scales scales = {&trial.conditions.window, frame, payload, payload_bytes, 0, 0};
    set(&trial, "events_per_second", "80"); /* numbers 801 to 1600: of three digits and of four */
    set(&trial, "payload_bytes", bytes);
    trial.conditions.machine.wake_ns = 60000; /* of which the text tells */
    trial.conditions.published = weigh;
    trial.conditions.watcher = &scales;
    run(&trial);
    double headers = scales.segments * HEADERS;
    assert_true(scales.events == 800);
    assert_true(wire(&trial, FIELD_WIRE_DATA_DOWN) == 3 * scales.bytes);
    assert_true(wire(&trial, FIELD_WIRE_SEGMENTS_DOWN) == 3 * scales.segments);
    assert_true(wire(&trial, FIELD_WIRE_BYTES_DOWN) == 3 * (scales.bytes + headers));
    assert_true(wire(&trial, FIELD_WIRE_DATA_HEADERS) == 3 * headers);
    assert_true(wire(&trial, FIELD_WIRE_DATA_UP) == 0);
    if (strcmp(strategy, "websocket") != 0) /* acknowledgements: for WebSocket see below */
        assert_true(wire(&trial, FIELD_WIRE_BYTES_UP) == 3 * 800 * HEADERS);
    assert_true(told(&trial, FIELD_CARRIED_PAYLOAD_BYTES) == 3.0 * 800 * (double)payload_bytes);
    finish(&trial);
    free(payload);
    free(bytes);
}

static void an_event_weighs_what_the_servers_send(void **state) {
    (void)state;
    const size_t payloads[] = {1, 40, 100, 170, 3900, 65400, 70000};
    for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
        assert_weight("tcp", line_frame, payloads[i]);
        assert_weight("sse", stream_frame, payloads[i]);
        assert_weight("websocket", socket_frame, payloads[i]);
    }
    assert_weight("websocket", socket_frame, 63);    /* texts of 125 and 126 bytes */
    assert_weight("websocket", socket_frame, 65473); /* of 65,535 and 65,536 */
}

/* A comment after so much silence; a ping and its pong. */
static void silence_is_broken(void **state) {
    (void)state;
    struct trial tcp = trial_of("tcp", 3, 100), sse = trial_of("sse", 3, 100);
    struct trial websocket = trial_of("websocket", 3, 100);
    struct buffer comment = {0}, ping = {0}, pong = {0};
    event_stream_comment(&comment, "still here");
    ws_encode(&ping, WS_PING, true, NULL, "?", 1);
    ws_encode(&pong, WS_PONG, true, (const uint8_t[]){1, 2, 3, 4}, "?", 1);
    set(&tcp, "events_per_second", "0");
    set(&sse, "events_per_second", "0");
    set(&sse, "heartbeat_seconds", "10");
    set(&websocket, "events_per_second", "0");
    set(&websocket, "ping_seconds", "20");
    run(&tcp);
    run(&sse);
    run(&websocket);
    assert_true(wire(&tcp, FIELD_WIRE_BYTES_DOWN) == 0);
    assert_true(wire(&sse, FIELD_WIRE_DATA_DOWN) == 3 * 10 * (double)chunk_bytes(&comment));
    assert_true(wire(&sse, FIELD_WIRE_SEGMENTS_DOWN) == 3 * 10);
    assert_true(wire(&sse, FIELD_WIRE_SEGMENTS_UP) == 3 * 10);
    assert_true(wire(&websocket, FIELD_WIRE_DATA_DOWN) == 3 * 5 * (double)ping.length);
    assert_true(wire(&websocket, FIELD_WIRE_DATA_UP) == 3 * 5 * (double)pong.length);
    finish(&tcp);
    finish(&sse);
    finish(&websocket);
    buffer_free(&comment);
    buffer_free(&ping);
    buffer_free(&pong);
}

/* --- what HTTP says --------------------------------------------------------------------------- */

#define EPOCH "5c1f09aa"
#define HOST "Host: 127.0.0.1:40001\r\n"
#define DATE "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
#define NDJSON "Content-Type: application/x-ndjson\r\n"

/* The bytes of both ways that belong to the events in the window. */
struct dialogue {
    const struct window *window;
    void (*speak)(uint64_t number, const struct buffer *text, struct buffer *up,
                  struct buffer *down);
    double up, down;
};

static void listen(void *data, uint64_t number, int64_t due_ns, int64_t at_ns) {
    struct dialogue *dialogue = data;
    struct buffer text = {0}, up = {0}, down = {0};
    if (!window_has(dialogue->window, at_ns)) return;
    event_encode(&text, number, due_ns, at_ns - due_ns, "abc", 3);
    dialogue->speak(number, &text, &up, &down);
    dialogue->up += (double)up.length;
    dialogue->down += (double)down.length;
    buffer_free(&text);
    buffer_free(&up);
    buffer_free(&down);
}

/* The answer, and the next question. */
static void speak_long_polling(uint64_t number, const struct buffer *text, struct buffer *up,
                               struct buffer *down) {
    unsigned long long cursor = number;
    buffer_printf(down,
                  "HTTP/1.1 200 OK\r\n" DATE NDJSON "Cache-Control: no-store\r\n"
                  "ETag: \"" EPOCH "-%llu\"\r\nContent-Length: %zu\r\n\r\n%s\n",
                  cursor, text->length + 1, text->data);
    buffer_printf(up, "GET /events?after=" EPOCH "-%llu HTTP/1.1\r\n" HOST "\r\n", cursor);
}

static void speak_webhook(uint64_t number, const struct buffer *text, struct buffer *up,
                          struct buffer *down) {
    unsigned long long cursor = number;
    buffer_printf(down,
                  "POST /hooks/0 HTTP/1.1\r\n" HOST "User-Agent: pushpull\r\nAccept: */*\r\n"
                  "content-type: application/json\r\n"
                  "webhook-id: msg_0-2a0a618509d72771_" EPOCH "-%llu\r\n"
                  "webhook-timestamp: 1767225600\r\n"
                  "webhook-signature: v1,PJs0HNsDR/aCC9mRuix7kuvPaUrjUaWN1QJ//E18WWo=\r\n"
                  "Content-Length: %zu\r\n\r\n%s",
                  cursor, text->length, text->data);
    buffer_printf(up, "HTTP/1.1 204 No Content\r\n" DATE "\r\n");
}

/* A poll a second, and so an event per poll. The question is that of the poll before. */
static void speak_polling(uint64_t number, const struct buffer *text, struct buffer *up,
                          struct buffer *down) {
    unsigned long long cursor = number, before = number - 1;
    buffer_printf(up,
                  "GET /events?after=" EPOCH "-%llu HTTP/1.1\r\n" HOST "If-None-Match: \"" EPOCH
                  "-%llu\"\r\n\r\n",
                  before, before);
    buffer_printf(down,
                  "HTTP/1.1 200 OK\r\n" DATE NDJSON "Cache-Control: no-cache\r\n"
                  "ETag: \"" EPOCH "-%llu\"\r\nContent-Length: %zu\r\n\r\n%s\n",
                  cursor, text->length + 1, text->data);
}

static void assert_dialogue(const char *strategy, void (*speak)(uint64_t, const struct buffer *,
                                                                struct buffer *, struct buffer *)) {
    struct trial trial = trial_of(strategy, 1, 200);
    struct dialogue dialogue = {&trial.conditions.window, speak, 0, 0};
    set(&trial, "payload_bytes", "3");
    trial.conditions.published = listen;
    trial.conditions.watcher = &dialogue;
    run(&trial);
    assert_all_came(&trial);
    assert_true(told(&trial, "requests") == 200);
    assert_true(wire(&trial, FIELD_WIRE_DATA_UP) == dialogue.up);
    assert_true(wire(&trial, FIELD_WIRE_DATA_DOWN) == dialogue.down);
    finish(&trial);
}

static void questions_and_answers_have_their_length(void **state) {
    (void)state;
    assert_dialogue("polling", speak_polling);
    assert_dialogue("long_polling", speak_long_polling);
    assert_dialogue("webhook", speak_webhook);
}

static void answers_with_nothing_have_their_length(void **state) {
    (void)state;
    static const char unchanged[] = "HTTP/1.1 304 Not Modified\r\n" DATE NDJSON
                                    "Cache-Control: no-cache\r\nETag: \"" EPOCH "-0\"\r\n\r\n";
    static const char nothing[] = "HTTP/1.1 204 No Content\r\n" DATE
                                  "Cache-Control: no-store\r\nETag: \"" EPOCH "-0\"\r\n\r\n";
    struct trial polling = trial_of("polling", 2, 100), held = trial_of("long_polling", 2, 100);
    set(&polling, "events_per_second", "0");
    set(&held, "events_per_second", "0");
    set(&held, "hold_seconds", "10");
    run(&polling);
    run(&held);
    assert_true(wire(&polling, FIELD_WIRE_DATA_DOWN) == 2 * 100.0 * (sizeof(unchanged) - 1));
    assert_true(wire(&held, FIELD_WIRE_DATA_DOWN) == 2 * 10.0 * (sizeof(nothing) - 1));
    finish(&polling);
    finish(&held);
}

/* What one message waits for holds up nobody else's. */
static double mean_with_jitter(const char *strategy, double jitter_ms) {
    struct trial trial = trial_of(strategy, 50, 200);
    set_poisson(&trial, "1");
    set_link(&trial, 40);
    trial.link.loss_percent = 3;
    trial.link.jitter_ms = jitter_ms;
    run(&trial);
    assert_all_came(&trial);
    double mean = mean_ms(&trial);
    finish(&trial);
    return mean;
}

static void a_jitter_of_a_microsecond_changes_nothing(void **state) {
    (void)state;
    for (size_t i = 0; strategies[i] != NULL; i++)
        assert_law(strategies[i], mean_with_jitter(strategies[i], 0.001),
                   mean_with_jitter(strategies[i], 0), 0.02);
}

/* Whoever hears of a second event within 40 ms acknowledges both; who does not stops waiting. */
static void a_websocket_client_waits_with_acknowledgements(void **state) {
    (void)state;
    const struct {
        const char *rate;
        double share;
    } cases[] = {{"80", 0.5}, {"20", 1}};
    for (size_t i = 0; i < 2; i++) {
        struct trial trial = trial_of("websocket", 3, 10);
        set(&trial, "events_per_second", cases[i].rate);
        run(&trial);
        double events = wire(&trial, FIELD_WIRE_SEGMENTS_DOWN);
        assert_law("acknowledgements per event", wire(&trial, FIELD_WIRE_SEGMENTS_UP) / events,
                   cases[i].share, 0.001);
        finish(&trial);
    }
}

static void a_link_through_which_nothing_comes_has_an_end(void **state) {
    (void)state;
    for (size_t i = 0; strategies[i] != NULL; i++) {
        struct trial trial = trial_of(strategies[i], 3, 20);
        set_link(&trial, 40);
        trial.link.loss_percent = 100;
        run(&trial);
        assert_true(told(&trial, "deliveries") == 0);
        finish(&trial);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_weighs_what_the_servers_send),
        cmocka_unit_test(silence_is_broken),
        cmocka_unit_test(questions_and_answers_have_their_length),
        cmocka_unit_test(answers_with_nothing_have_their_length),
        cmocka_unit_test(a_jitter_of_a_microsecond_changes_nothing),
        cmocka_unit_test(a_websocket_client_waits_with_acknowledgements),
        cmocka_unit_test(a_link_through_which_nothing_comes_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

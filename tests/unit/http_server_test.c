/* The HTTP server in this process, against a client of bare sockets: what happens when the other
 * side goes away in the middle of things. The grammar is tests/conformance/http.t's business. */
#include "test.h"

#include "base/limits.h"

#include "loopback.h"
#include "net/http/message.h"
#include "net/http/reply.h"
#include "net/http/request.h"
#include "net/http/routes.h"
#include "net/http/server.h"
#include "net/http/states.h" /* its clocks, set forward */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define POST_HEAD "POST /echo HTTP/1.1\r\nHost: localhost\r\n"
#define PARK "GET /park HTTP/1.1\r\nHost: localhost\r\n\r\n"
#define LARGE "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n"
#define FLOOD "GET /flood HTTP/1.1\r\nHost: localhost\r\n\r\n"
#define CHUNKED "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
#define ABSOLUTE "GET http://localhost/stream?a=b HTTP/1.1\r\nHost: localhost\r\n\r\n"

static uv_loop_t loop;
static struct network network;
static struct http_server *server;
static int port;
static uint64_t handled, given, gone, drained, floods_cut;
static int stream_result;
static struct http_exchange *parked;
static char *large; /* an answer that no socket takes at once */
static struct buffer large_frame;
#define LARGE_BYTES (16 << 20)

/* --- the routes under test -------------------------------------------------------------------- */

static void count_gone(struct http_exchange *exchange) {
    gone++;
    if (exchange == parked) parked = NULL;
}
static void count_drained(struct http_exchange *exchange) {
    (void)exchange;
    drained++;
}

static void echo(struct http_exchange *exchange, void *data) {
    size_t length;
    (void)data;
    handled++;
    const char *body = http_request_body(exchange, &length);
    http_reply(exchange, 200, "", body, length);
}

static void park(struct http_exchange *exchange, void *data) {
    (void)data;
    handled++;
    parked = exchange;
    http_park(exchange, count_gone);
}

static void stream(struct http_exchange *exchange, void *data) {
    (void)data;
    handled++;
    stream_result = http_stream_begin(exchange, "", count_drained, count_gone);
    if (stream_result == 0) parked = exchange;
}

static void answer_large(struct http_exchange *exchange, void *data) {
    (void)data;
    handled++;
    given += http_reply_gives(exchange, LARGE_BYTES);
    http_reply(exchange, 200, "", large, LARGE_BYTES);
}

/* A stream with an event in it that no socket takes at once. */
static void flood(struct http_exchange *exchange, void *data) {
    (void)data;
    handled++;
    assert_int_equal(http_stream_begin(exchange, "", count_drained, count_gone), 0);
    if (large_frame.length == 0) {
        http_frame_begin(&large_frame);
        buffer_append(&large_frame, large, LARGE_BYTES);
        http_frame_end(&large_frame);
    }
    stream_result = http_stream_write(exchange, &large_frame);
    if (stream_result < 0) floods_cut++;
}

/* What the request says of itself, in a letter each. */
static void describe(struct http_exchange *exchange, void *data) {
    const char *tags = http_request_header(exchange, "if-none-match");
    char text[256];
    (void)data;
    handled++;
    int length = snprintf(text, sizeof(text), "json=%d origin=%d upgrade=%d head=%d tags=%s.",
                          http_request_is_json(exchange), http_origin_allowed(exchange),
                          http_request_lists(exchange, "connection", "upgrade"),
                          http_request_is_head(exchange), tags != NULL ? tags : "none");
    http_reply(exchange, 200, "", text, (size_t)length);
}

static int set_up(void **state) {
    (void)state;
    handled = gone = drained = given = floods_cut = 0;
    parked = NULL;
    large = calloc(1, LARGE_BYTES);
    uv_loop_init(&loop);
    network_init(&network, &loop, NULL);
    server = http_server_new(&network);
    http_server_route(server, "POST", "/echo", echo, NULL);
    http_server_route(server, "GET", "/park", park, NULL);
    http_server_route(server, "GET", "/describe", describe, NULL);
    http_server_route(server, "GET", "/stream", stream, NULL);
    http_server_route(server, "GET", "/large", answer_large, NULL);
    http_server_route(server, "GET", "/flood", flood, NULL);
    port = http_server_listen(server, "127.0.0.1", 0);
    return port > 0 ? 0 : -1;
}

/* The loop closes only when everything in it was freed: the leak check of handles. */
static int tear_down(void **state) {
    (void)state;
    http_server_close(server);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    network_free(&network);
    http_message_free_spares();
    free(large);
    buffer_free(&large_frame);
    return 0;
}

static bool one_handled(void) { return handled == 1; }
static bool two_handled(void) { return handled == 2; }
static bool three_handled(void) { return handled == 3; }
static bool four_handled(void) { return handled == 4; }
static bool twenty_handled(void) { return handled == 20; }
static bool two_there(void) { return http_server_connections(server) == 2; }
static bool one_gone(void) { return gone == 1; }
static bool nobody_left(void) { return http_server_connections(server) == 0; }
static bool somebody_there(void) { return http_server_connections(server) > 0; }

/* --- the other side resets the connection ----------------------------------------------------- */

/* The reset arrives while the request still lies in the socket: reading works, writing does not. */
static void send_and_reset(const char *bytes) {
    int fd = loopback_connect(port);
    loopback_send(fd, bytes);
    loopback_reset(fd);
    loopback_run(&loop, somebody_there);
    loopback_run(&loop, nobody_left);
}

static void a_reset_before_100_can_be_written(void **state) {
    (void)state;
    send_and_reset(POST_HEAD "Expect: 100-continue\r\nContent-Length: 0\r\n\r\n");
    send_and_reset(POST_HEAD "Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello");
    send_and_reset(POST_HEAD "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    send_and_reset(POST_HEAD "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
}

static void a_reset_before_an_answer_can_be_written(void **state) {
    (void)state;
    send_and_reset(POST_HEAD "Content-Length: 5\r\n\r\nhello");
    send_and_reset(POST_HEAD "Content-Length: 5\r\n\r\nhello" POST_HEAD
                             "Content-Length: 0\r\n\r\n");
    send_and_reset("GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\nGET /park HTTP/1.1\r\n"
                   "Host: localhost\r\n\r\n");
    send_and_reset("rubbish\r\n\r\n");
    send_and_reset(LARGE);
    assert_null(parked);
}

static void a_reset_before_a_stream_can_begin(void **state) {
    (void)state;
    send_and_reset("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_int_equal(handled, 1);
    assert_true(stream_result < 0);
    assert_int_equal(gone, 0); /* it was never told that the stream stands */
}

static void a_parked_exchange_is_told_once_of_a_reset(void **state) {
    (void)state;
    int fd = loopback_connect(port);
    loopback_send(fd, "GET /park HTTP/1.1\r\nHost: localhost\r\n\r\n");
    loopback_run(&loop, one_handled);
    assert_non_null(parked);
    loopback_reset(fd);
    loopback_run(&loop, nobody_left);
    assert_int_equal(gone, 1);
}

static void a_stream_is_told_once_of_a_reset(void **state) {
    (void)state;
    int fd = loopback_connect(port);
    loopback_send(fd, "GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
    loopback_run(&loop, one_handled);
    assert_int_equal(stream_result, 0);
    loopback_reset(fd);
    loopback_run(&loop, one_gone);
    loopback_run(&loop, nobody_left);
    assert_int_equal(gone, 1);
}

static void a_head_opens_no_stream(void **state) {
    (void)state;
    int fd = loopback_connect(port);
    loopback_send(fd, "HEAD /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
    loopback_run(&loop, one_handled);
    assert_int_not_equal(stream_result, 0);
    assert_int_equal(gone, 0);
    loopback_reset(fd);
    loopback_run(&loop, nobody_left);
    assert_int_equal(gone, 0);
}

/* Answers whatever waits for an answer, and says whether all have gone. */
static bool answered_and_gone(void) {
    struct http_exchange *exchange = parked;
    parked = NULL;
    if (exchange != NULL && exchange->connection->state == PARKED)
        http_reply(exchange, 200, "", "late", 4);
    if (exchange != NULL && exchange->connection->state == STREAMING)
        connection_close(&exchange->connection->socket);
    return nobody_left();
}

/* Every request is broken off behind each of its bytes, by a reset and by an end. */
static void a_cut_behind_any_byte_does_no_harm(void **state) {
    (void)state;
    static const char *const requests[] = {
        POST_HEAD "Content-Length: 5\r\n\r\nhello",
        POST_HEAD CHUNKED "2;a=b\r\nhi\r\n0\r\nX: y\r\n\r\n",
        PARK "GET /stream HTTP/1.0\r\n\r\n",
        ABSOLUTE LARGE,
        "FROB / HTTP/1.1\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        for (size_t cut = 0; cut <= strlen(requests[i]); cut++) {
            for (int reset = 0; reset < 2; reset++) {
                int fd = loopback_connect(port);
                loopback_send_bytes(fd, requests[i], cut);
                loopback_run(&loop, somebody_there);
                if (reset)
                    loopback_reset(fd);
                else
                    close(fd);
                loopback_run(&loop, answered_and_gone);
            }
        }
    }
    assert_true(handled > 0);
    assert_int_equal(server->unsent, 0);
}

/* --- one request behind the other ------------------------------------------------------------- */

/* An answer may be one of many that a single event sets off: in its midst no other handler runs. */
static void what_comes_behind_an_answer_waits_for_the_end_of_the_turn(void **state) {
    (void)state;
    char text[4096];
    int fd = loopback_connect(port);
    loopback_send(fd, PARK POST_HEAD "Content-Length: 2\r\n\r\nhi" PARK PARK);
    loopback_run(&loop, one_handled);
    http_reply(parked, 200, "", "first", 5);
    assert_int_equal(handled, 1);
    loopback_send(fd, POST_HEAD "Content-Length: 4\r\n\r\nlast"); /* comes behind what waits */
    loopback_run(&loop, three_handled);
    http_reply(parked, 200, "", "third", 5);
    loopback_run(&loop, four_handled);
    http_reply(parked, 200, "", "fourth", 6);
    loopback_read(&loop, fd, text, sizeof(text), "last");
    const char *const bodies[] = {"first", "hi", "third", "fourth", "last"};
    const char *at = text;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        at = strstr(at, bodies[i]);
        assert_non_null(at);
    }
    loopback_reset(fd);
    loopback_run(&loop, nobody_left);
}

static void who_goes_before_the_end_of_the_turn_is_forgotten(void **state) {
    (void)state;
    int fd = loopback_connect(port);
    loopback_send(fd, PARK PARK);
    loopback_run(&loop, one_handled);
    struct http_exchange *exchange = parked;
    http_reply(exchange, 200, "", "first", 5);
    connection_close(&exchange->connection->socket);
    loopback_run(&loop, nobody_left);
    assert_int_equal(handled, 1);
    close(fd);
}

/* A client that sends far more than is kept, behind an answer that lets it wait. */
#define MANY 5000
static int send_many(const char *first, const char *following) {
    int fd = loopback_connect(port);
    loopback_send(fd, first);
    loopback_run(&loop, one_handled);
    for (int i = 0; i < MANY; i++) loopback_send(fd, following);
    for (int i = 0; i < 10; i++) loopback_turn(&loop);
    assert_int_equal(http_server_connections(server), 1);
    assert_int_equal(handled, 1);
    return fd;
}

static void many_requests_behind_an_answer_wait_in_the_socket(void **state) {
    (void)state;
    static const char *const firsts[] = {PARK, LARGE};
    for (size_t i = 0; i < 2; i++) {
        handled = 0;
        int fd = send_many(firsts[i], POST_HEAD "Content-Length: 2\r\n\r\nhi");
        if (parked != NULL) {
            assert_in_range(parked->connection->pending_length, HTTP_PENDING_MAX,
                            2 * HTTP_PENDING_MAX);
            http_reply(parked, 200, "", "late", 4);
            parked = NULL;
        }
        shutdown(fd, SHUT_WR);
        assert_true(loopback_drain(&loop, fd) > MANY * 20);
        assert_int_equal(handled, MANY + 1);
        loopback_run(&loop, nobody_left);
        close(fd);
    }
}

static void who_sent_much_and_left_is_noticed_at_the_answer(void **state) {
    (void)state;
    int fd = send_many(PARK, POST_HEAD "Content-Length: 2\r\n\r\nhi");
    loopback_reset(fd);
    loopback_turn(&loop);
    http_reply(parked, 200, "", "late", 4);
    loopback_run(&loop, nobody_left);
    assert_int_equal(handled, 1);
}

/* A stream has no end behind which there would be another answer. */
static void what_is_sent_behind_a_stream_is_dropped(void **state) {
    (void)state;
    int fd = send_many("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n", PARK);
    assert_null(parked->connection->pending);
    loopback_reset(fd);
    loopback_run(&loop, one_gone);
    loopback_run(&loop, nobody_left);
    assert_int_equal(handled, 1);
}

/* --- the other side says no more, and listens ------------------------------------------------- */

static void a_parked_exchange_is_answered_after_the_end_of_its_client(void **state) {
    (void)state;
    char text[4096];
    int fd = loopback_connect(port);
    loopback_send(fd, PARK PARK POST_HEAD "Content-Length: 2\r\n\r\nhi");
    shutdown(fd, SHUT_WR);
    loopback_run(&loop, one_handled);
    loopback_turn(&loop); /* the end is read */
    assert_int_equal(gone, 0);
    http_reply(parked, 200, "", "first", 5);
    loopback_run(&loop, two_handled); /* what was asked for behind it, too */
    http_reply(parked, 200, "", "second", 6);
    loopback_read(&loop, fd, text, sizeof(text), NULL);
    assert_non_null(strstr(text, "first"));
    assert_non_null(strstr(text, "second"));
    assert_non_null(strstr(text, "hi"));
    loopback_run(&loop, nobody_left);
    close(fd);
}

static void a_long_answer_goes_on_after_the_end_of_its_client(void **state) {
    (void)state;
    int fd = loopback_connect(port);
    loopback_send(fd, LARGE);
    shutdown(fd, SHUT_WR);
    loopback_run(&loop, one_handled);
    assert_true(loopback_drain(&loop, fd) > LARGE_BYTES);
    loopback_run(&loop, nobody_left);
    close(fd);
}

static void idle_and_half_read_connections_end_with_their_client(void **state) {
    (void)state;
    int idle = loopback_connect(port), reading = loopback_connect(port);
    loopback_send(reading, POST_HEAD "Content-Length: 5\r\n\r\nhe");
    loopback_run(&loop, two_there);
    shutdown(idle, SHUT_WR);
    shutdown(reading, SHUT_WR);
    loopback_run(&loop, nobody_left);
    assert_int_equal(handled, 0);
    close(idle);
    close(reading);
}

/* --- clocks and bounds ------------------------------------------------------------------------ */

/* Two clients that are given more than a socket takes: in an answer, and in a stream. The clock runs
 * fast when both have it. */
static void ask_for_too_much(int fds[2]) {
    for (int i = 0; i < 2; i++) {
        fds[i] = loopback_connect(port);
        loopback_send(fds[i], i == 0 ? LARGE : FLOOD);
    }
    loopback_run(&loop, two_handled);
    assert_true(server->unsent > LARGE_BYTES);
    server->seconds_allowed[WRITING] = server->seconds_allowed[BLOCKED] = 1;
}

static size_t take(int fd, size_t most) {
    static char bytes[262144];
    ssize_t got = recv(fd, bytes, most < sizeof(bytes) ? most : sizeof(bytes), MSG_DONTWAIT);
    assert_true(got > 0 || errno == EAGAIN);
    return got > 0 ? (size_t)got : 0;
}

/* Clients that take what they are given for longer than the clock runs are not cut. They take a little
 * at a time, so that the server sees the clock run out several times. */
static void a_reader_that_steadily_takes_what_it_is_given_is_not_cut(void **state) {
    (void)state;
    int fds[2];
    ask_for_too_much(fds);
    for (uint64_t start = uv_hrtime(); uv_hrtime() - start < 3 * UINT64_C(1000000000);) {
        for (int i = 0; i < 2; i++) take(fds[i], 8192);
        loopback_turn(&loop);
    }
    assert_int_equal(http_server_connections(server), 2);
    assert_int_equal(drained, 0);
    while (server->unsent > 0) {
        for (int i = 0; i < 2; i++) take(fds[i], SIZE_MAX);
        uv_run(&loop, UV_RUN_NOWAIT);
    }
    assert_int_equal(drained, 1); /* the stream may go on */
    for (int i = 0; i < 2; i++) loopback_reset(fds[i]);
    loopback_run(&loop, nobody_left);
}

static void a_reader_that_takes_nothing_is_cut(void **state) {
    (void)state;
    int fds[2];
    ask_for_too_much(fds);
    loopback_run(&loop, nobody_left);
    assert_int_equal(server->unsent, 0);
    assert_int_equal(gone, 1); /* the stream */
    for (int i = 0; i < 2; i++) close(fds[i]);
}

/* Each of them could leave its answer with the server; there is one bound for all. */
static void answers_on_their_way_have_one_bound(void **state) {
    (void)state;
    enum { CLIENTS = 20 };
    int fds[CLIENTS], refused = 0;
    char text[64];
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = loopback_connect(port);
        loopback_send(fds[i], LARGE);
    }
    loopback_run(&loop, twenty_handled);
    assert_true(server->unsent <= HTTP_UNSENT_MAX);
    assert_true(server->unsent > HTTP_UNSENT_MAX / 2); /* the bound is used */
    for (int i = 0; i < CLIENTS; i++) {
        loopback_read(&loop, fds[i], text, sizeof(text), "\r\n");
        refused += strncmp(text, "HTTP/1.1 503", 12) == 0;
    }
    assert_in_range(refused, CLIENTS / 2, CLIENTS - 2);
    assert_int_equal(given, CLIENTS - refused); /* as was said beforehand */
    int other = loopback_connect(port);         /* a short answer is given all the same */
    loopback_send(other, POST_HEAD "Content-Length: 2\r\n\r\nhi");
    loopback_read(&loop, other, text, sizeof(text), "\r\n");
    assert_memory_equal(text, "HTTP/1.1 200", 12);
    for (int i = 0; i < CLIENTS; i++) loopback_reset(fds[i]);
    loopback_reset(other);
    loopback_run(&loop, nobody_left);
    assert_int_equal(server->unsent, 0);
}

/* What streams leave with the server counts, too. One that would leave too much is cut: that its socket
 * takes at once is written all the same. */
static void streams_have_the_same_bound(void **state) {
    (void)state;
    enum { CLIENTS = 20 };
    int fds[CLIENTS];
    char text[64];
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = loopback_connect(port);
        loopback_send(fds[i], FLOOD);
    }
    loopback_run(&loop, twenty_handled);
    assert_true(server->unsent <= HTTP_UNSENT_MAX);
    assert_true(server->unsent > HTTP_UNSENT_MAX / 2);
    assert_in_range(floods_cut, CLIENTS / 2, CLIENTS - 2);
    assert_int_equal(gone, floods_cut);
    int other = loopback_connect(port);
    loopback_send(other, "GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
    loopback_read(&loop, other, text, sizeof(text), "\r\n");
    struct buffer frame = {0};
    http_frame_begin(&frame);
    buffer_append(&frame, "short", 5);
    http_frame_end(&frame);
    assert_int_equal(http_stream_write(parked, &frame), 0);
    buffer_free(&frame);
    for (int i = 0; i < CLIENTS; i++) loopback_reset(fds[i]);
    loopback_reset(other);
    loopback_run(&loop, nobody_left);
    assert_int_equal(server->unsent, 0);
}

static void a_request_describes_itself(void **state) {
    (void)state;
    static const char *const table[][2] = {
        {"", "json=0 origin=1 upgrade=0 head=0 tags=none."},
        {"Content-Type: application/json\r\n", "json=1 "},
        {"Content-Type: Application/JSON ; charset=utf-8\r\n", "json=1 "},
        {"Content-Type: application/jsonx\r\n", "json=0 "},
        {"Content-Type: text/plain; a=application/json\r\n", "json=0 "},
        {"Origin: http://localhost\r\n", "origin=1 "},
        {"Origin: https://LOCALHOST\r\n", "origin=1 "},
        {"Origin: http://example.org\r\n", "origin=1 "}, /* the one that is allowed */
        {"Origin: http://example.com\r\n", "origin=0 "},
        {"Origin: http://localhost:1\r\n", "origin=0 "},
        {"Origin: ws://localhost\r\n", "origin=0 "},
        {"Origin: null\r\n", "origin=0 "},
        {"Origin: http://localhost\r\nOrigin: http://localhost\r\n", "origin=0 "},
        {"Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n", "upgrade=1 "},
        {"Connection: keep-alive\r\nConnection: upgrade\r\n", "upgrade=1 "},
        {"Connection: upgraded\r\n", "upgrade=0 "},
        {"If-None-Match: \"1\"  \r\nX: y\r\nIf-None-Match: \"2\"\r\n", "tags=\"1\", \"2\"."},
    };
    assert_int_equal(http_server_allow_origin(server, "http://example.org"), 0);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char request[512], text[1024];
        int fd = loopback_connect(port);
        snprintf(request, sizeof(request), "GET /describe HTTP/1.1\r\nHost: localhost\r\n%s\r\n",
                 table[i][0]);
        loopback_send(fd, request);
        loopback_read(&loop, fd, text, sizeof(text), "tags=");
        if (strstr(text, table[i][1]) == NULL) print_message("%s: %s\n", table[i][0], text);
        assert_non_null(strstr(text, table[i][1]));
        loopback_reset(fd);
    }
}

static void an_origin_is_checked_when_it_is_given(void **state) {
    (void)state;
    static const char *const good[] = {
        "*", "http://example.org", "https://example.org:8443", "http://[::1]:80", "", NULL,
    };
    static const char *const bad[] = {
        "nonsense",
        "http://",
        "http://example.org/",
        "http://a b",
        "http://a\r\nX: y",
        "://a",
        "http://example.org:http",
        "http://a,http://b\n",
        "null",
        "http://a/b#c",
        "http://[::1",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_int_equal(http_server_allow_origin(server, good[i]), 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(http_server_allow_origin(server, bad[i]), UV_EINVAL);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN); /* as every program here does */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_reset_before_100_can_be_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reset_before_an_answer_can_be_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reset_before_a_stream_can_begin, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_parked_exchange_is_told_once_of_a_reset, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_stream_is_told_once_of_a_reset, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_head_opens_no_stream, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_comes_behind_an_answer_waits_for_the_end_of_the_turn,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_requests_behind_an_answer_wait_in_the_socket, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(who_sent_much_and_left_is_noticed_at_the_answer, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_sent_behind_a_stream_is_dropped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_goes_before_the_end_of_the_turn_is_forgotten, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_parked_exchange_is_answered_after_the_end_of_its_client,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_long_answer_goes_on_after_the_end_of_its_client, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(idle_and_half_read_connections_end_with_their_client,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reader_that_steadily_takes_what_it_is_given_is_not_cut,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reader_that_takes_nothing_is_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(answers_on_their_way_have_one_bound, set_up, tear_down),
        cmocka_unit_test_setup_teardown(streams_have_the_same_bound, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cut_behind_any_byte_does_no_harm, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_request_describes_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_origin_is_checked_when_it_is_given, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The HTTP server in this process, against a client of bare sockets: what happens when the other
 * side goes away in the middle of things. The grammar is tests/conformance/http.t's business. */
#include "test.h"

#include "http_message.h"
#include "http_server.h"
#include "loopback.h"

#include <stdlib.h>

#define POST_HEAD "POST /echo HTTP/1.1\r\nHost: localhost\r\n"

static uv_loop_t loop;
static struct network network;
static struct http_server *server;
static int port;
static uint64_t handled, gone, drained;
static int stream_result;
static struct http_exchange *parked;
static char *large; /* an answer that no socket takes at once */
#define LARGE_BYTES (16 << 20)

/* --- the routes under test ------------------------------------------------------------------- */

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
    http_reply(exchange, 200, "", large, LARGE_BYTES);
}

static int set_up(void **state) {
    (void)state;
    handled = gone = drained = 0;
    parked = NULL;
    large = calloc(1, LARGE_BYTES);
    uv_loop_init(&loop);
    network_init(&network, &loop, NULL);
    server = http_server_new(&network);
    http_server_route(server, "POST", "/echo", echo, NULL);
    http_server_route(server, "GET", "/park", park, NULL);
    http_server_route(server, "GET", "/stream", stream, NULL);
    http_server_route(server, "GET", "/large", answer_large, NULL);
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
    return 0;
}

static bool one_handled(void) { return handled == 1; }
static bool one_gone(void) { return gone == 1; }
static bool nobody_left(void) { return http_server_connections(server) == 0; }
static bool somebody_there(void) { return http_server_connections(server) > 0; }

/* --- the other side resets the connection ------------------------------------------------------ */

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
    send_and_reset("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_reset_before_100_can_be_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reset_before_an_answer_can_be_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reset_before_a_stream_can_begin, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_parked_exchange_is_told_once_of_a_reset, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_stream_is_told_once_of_a_reset, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_head_opens_no_stream, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

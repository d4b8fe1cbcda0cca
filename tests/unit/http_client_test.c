/* The HTTP client against servers that are slow, broken or hostile: bare sockets that say what the
 * test wants. */
#include "test.h"

#include "loopback.h"
#include "net/http/client.h"
#include "net/http/message.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static uv_loop_t loop;
static struct network network;
static int listening, served; /* sockets: of the server, and of its one connection */

/* What the client told its user. */
static struct {
    struct http_client client;
    int connected, heads, responses, closed, error;
    int status;
    bool keep_alive;
    char body[4096], field[256], trailer[64];
    size_t pieces; /* bytes taken piece by piece */
    bool close_in_head, close_in_body, close_in_response, ask_again;
} user;

#define REQUEST "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"

static void ask(void) { http_client_send(&user.client, REQUEST, strlen(REQUEST)); }

static void on_connected(struct http_client *client) {
    (void)client;
    user.connected++;
}

static void copy_field(const struct http_response *response, const char *name, char *to,
                       size_t size) {
    const char *value = http_response_header(response, name);
    snprintf(to, size, "%s", value != NULL ? value : "(none)");
}

static void on_head(struct http_client *client, const struct http_response *response) {
    user.heads++;
    user.status = response->status;
    if (user.close_in_head) http_client_close(client);
}

static void on_body(struct http_client *client, const char *bytes, size_t length) {
    (void)bytes;
    user.pieces += length;
    if (user.close_in_body) http_client_close(client);
}

static void on_response(struct http_client *client, const struct http_response *response) {
    user.responses++;
    user.status = response->status;
    user.keep_alive = response->keep_alive;
    snprintf(user.body, sizeof(user.body), "%.*s", (int)response->body_length, response->body);
    copy_field(response, "x", user.field, sizeof(user.field));
    copy_field(response, "trailer-x", user.trailer, sizeof(user.trailer));
    if (user.close_in_response) http_client_close(client);
    if (user.ask_again) ask();
}

static void on_closed(struct http_client *client, int error) {
    (void)client;
    user.closed++;
    user.error = error;
}

static const struct http_client_handler collecting = {
    .connected = on_connected,
    .head = on_head,
    .response = on_response,
    .closed = on_closed,
};
static const struct http_client_handler streaming = {
    .connected = on_connected,
    .head = on_head,
    .body = on_body,
    .response = on_response,
    .closed = on_closed,
};

static bool is_connected(void) { return user.connected == 1; }
static bool is_closed(void) { return user.closed == 1; }
static bool has_responded(void) { return user.responses > 0 || user.closed > 0; }
static bool has_head(void) { return user.heads > 0; }
static bool has_piece(void) { return user.pieces > 0; }

/* A client that has connected and asked. */
static void connect_and_ask(const struct http_client_handler *handler) {
    int port;
    listening = loopback_listen(&port);
    struct sockaddr_in to = loopback_address(port);
    http_client_connect(&user.client, &network, (struct sockaddr *)&to, NULL, handler);
    loopback_run(&loop, is_connected);
    served = accept(listening, NULL, NULL);
    ask();
}

static int set_up(void **state) {
    (void)state;
    memset(&user, 0, sizeof(user));
    served = listening = -1;
    uv_loop_init(&loop);
    network_init(&network, &loop, NULL);
    return 0;
}

static void end_connection(void) {
    http_client_close(&user.client);
    loopback_run(&loop, is_closed);
    if (served >= 0) close(served);
    if (listening >= 0) close(listening);
    served = listening = -1;
}

static int tear_down(void **state) {
    (void)state;
    if (user.connected > 0) end_connection();
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(user.closed, 1); /* whatever happened: once */
    assert_int_equal(uv_loop_close(&loop), 0);
    network_free(&network);
    http_message_free_spares();
    return 0;
}

static void start_anew(void) {
    end_connection();
    memset(&user, 0, sizeof(user));
}

/* The server says this, and it is a whole response. */
static void expect_response(const char *said, int status, const char *body, bool keep_alive) {
    loopback_send(served, said);
    loopback_run(&loop, has_responded);
    assert_int_equal(user.responses, 1);
    assert_int_equal(user.status, status);
    assert_string_equal(user.body, body);
    assert_int_equal(user.keep_alive, keep_alive);
}

/* --- whole responses -------------------------------------------------------------------------- */

static void responses_end_where_they_should(void **state) {
    (void)state;
    static const struct {
        const char *said;
        int status;
        const char *body;
        bool keep_alive;
    } table[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", true},
        {"HTTP/1.1 204 No Content\r\n\r\n", 204, "", true},
        {"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n", 304, "", true},
        {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5000000000\r\n\r\n", 304, "", true},
        {"HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\nx", 200, "x", true},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 200,
         "hello", true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello", 200, "hello",
         false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: a, Close\r\n\r\nhello", 200, "hello",
         false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: a\r\nConnection: close\r\n\r\nhello",
         200, "hello", false},
        {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", false},
        {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello", 200,
         "hello", true},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
         "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
         200, "hi", true},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (i > 0) start_anew();
        connect_and_ask(&collecting);
        expect_response(table[i].said, table[i].status, table[i].body, table[i].keep_alive);
        assert_int_equal(user.heads, 1);
        assert_int_equal(user.closed, 0);
    }
}

static void a_response_may_come_byte_by_byte(void **state) {
    (void)state;
    static const char said[] = "HTTP/1.1 200 OK\r\nX:  a b \t\r\nTransfer-Encoding: chunked\r\n\r\n"
                               "3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer-X: y\r\n\r\n";
    connect_and_ask(&collecting);
    for (size_t i = 0; i < sizeof(said) - 1; i++) {
        assert_int_equal(user.responses, 0);
        loopback_send_bytes(served, said + i, 1);
        uv_run(&loop, UV_RUN_NOWAIT);
    }
    loopback_run(&loop, has_responded);
    assert_string_equal(user.body, "hello");
    assert_string_equal(user.field, "a b");
    assert_string_equal(user.trailer, "(none)"); /* trailers are not headers */
}

static void the_end_of_the_connection_ends_a_body_without_a_length(void **state) {
    (void)state;
    connect_and_ask(&collecting);
    loopback_send(served, "HTTP/1.1 200 OK\r\n\r\nall that ");
    loopback_run(&loop, has_head);
    loopback_send(served, "there is");
    shutdown(served, SHUT_WR);
    loopback_run(&loop, is_closed);
    assert_int_equal(user.responses, 1);
    assert_string_equal(user.body, "all that there is");
    assert_false(user.keep_alive);
    assert_int_equal(user.error, UV_EOF);
}

static void a_field_that_goes_on_in_the_next_line_is_one(void **state) {
    (void)state;
    connect_and_ask(&collecting);
    expect_response("HTTP/1.1 200 OK\r\nX: a\r\n  b\r\n\tc\r\nContent-Length: 0\r\n\r\n", 200, "",
                    true);
    assert_string_equal(user.field, "a  b\tc"); /* one blank or more between (RFC 9112, 5.2) */
}

/* --- responses that break off ----------------------------------------------------------------- */

static void what_breaks_off_is_no_response(void **state) {
    (void)state;
    static const char *const table[] = {
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (i > 0) start_anew();
        connect_and_ask(&collecting);
        loopback_send(served, table[i]);
        shutdown(served, SHUT_WR);
        loopback_run(&loop, is_closed);
        assert_int_equal(user.responses, 0);
        assert_int_equal(user.error, UV_EOF);
    }
}

static void a_reset_in_the_middle_is_told(void **state) {
    (void)state;
    connect_and_ask(&streaming);
    loopback_send(served, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
    loopback_run(&loop, has_piece);
    loopback_reset(served);
    served = -1;
    loopback_run(&loop, is_closed);
    assert_int_equal(user.responses, 0);
    assert_true(user.error < 0);
}

/* --- responses that are none ------------------------------------------------------------------ */

static void rubbish_is_a_protocol_error(void **state) {
    (void)state;
    static const char *const table[] = {
        "rubbish\r\n\r\n",
        "\x16\x03\x01\x02\x01",
        "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfive\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: you\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (i > 0) start_anew();
        connect_and_ask(&collecting);
        loopback_send(served, table[i]);
        loopback_run(&loop, is_closed);
        if (user.error != UV_EPROTO || user.responses != 0) print_message("%s\n", table[i]);
        assert_int_equal(user.responses, 0);
        assert_int_equal(user.error, UV_EPROTO);
    }
}

static void what_is_too_long_is_refused(void **state) {
    (void)state;
    char *said = malloc(40000);
    connect_and_ask(&collecting);
    memset(said, 'a', 40000);
    memcpy(said, "HTTP/1.1 200 OK\r\nX: ", 20);
    said[39999] = '\0';
    loopback_send(served, said);
    free(said);
    loopback_run(&loop, is_closed);
    assert_int_equal(user.error, UV_EMSGSIZE);
    start_anew();
    connect_and_ask(&collecting);
    loopback_send(served, "HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\nhello");
    loopback_run(&loop, is_closed);
    assert_int_equal(user.error, UV_EMSGSIZE);
    assert_int_equal(user.responses, 0);
}

static void what_is_not_collected_may_be_long(void **state) {
    (void)state;
    static const char said[] = "HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n";
    connect_and_ask(&collecting);
    user.client.no_body = true;
    expect_response(said, 200, "", true);
    start_anew();
    connect_and_ask(&streaming);
    loopback_send(served, said);
    loopback_send(served, "hello");
    loopback_run(&loop, has_piece);
    assert_int_equal(user.closed, 0);
}

static void an_answer_to_nothing_is_an_error(void **state) {
    (void)state;
    static const char one[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    connect_and_ask(&collecting);
    loopback_send(served, one);
    loopback_run(&loop, has_responded);
    loopback_send(served, one);
    loopback_run(&loop, is_closed);
    assert_int_equal(user.responses, 1);
    assert_int_equal(user.error, UV_EPROTO);
}

/* --- users that close in the middle ----------------------------------------------------------- */

static const char two[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
                          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nagain";

static void after_a_close_nothing_is_told(void **state) {
    (void)state;
    connect_and_ask(&streaming);
    user.close_in_head = true;
    loopback_send(served, two);
    loopback_run(&loop, is_closed);
    assert_int_equal(user.heads, 1);
    assert_int_equal(user.pieces, 0);
    assert_int_equal(user.responses, 0);
    assert_int_equal(user.error, 0);

    start_anew();
    connect_and_ask(&streaming);
    user.close_in_body = true;
    loopback_send(served, two);
    loopback_run(&loop, is_closed);
    assert_int_equal(user.pieces, 5);
    assert_int_equal(user.responses, 0);

    start_anew();
    connect_and_ask(&collecting);
    user.close_in_head = true;
    loopback_send(served, two);
    loopback_run(&loop, is_closed);
    assert_int_equal(user.responses, 0);

    start_anew();
    connect_and_ask(&streaming);
    user.close_in_head = true; /* and what comes behind is rubbish */
    loopback_send(served, "HTTP/1.1 503 X\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n");
    loopback_run(&loop, is_closed);
    assert_int_equal(user.heads, 1);
    assert_int_equal(user.error, 0);

    start_anew();
    connect_and_ask(&collecting);
    user.close_in_response = user.ask_again = true; /* the second does nothing */
    loopback_send(served, two);
    loopback_run(&loop, is_closed);
    assert_int_equal(user.responses, 1);
}

static void the_next_request_may_be_sent_from_the_response(void **state) {
    (void)state;
    char text[256];
    connect_and_ask(&collecting);
    user.ask_again = true;
    loopback_send(served, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    loopback_read(&loop, served, text, sizeof(text), REQUEST REQUEST);
    assert_string_equal(text, REQUEST REQUEST);
    assert_int_equal(user.responses, 1);
    assert_true(user.client.busy);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN); /* as every program here does */
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(responses_end_where_they_should),
        TEST(a_response_may_come_byte_by_byte),
        TEST(the_end_of_the_connection_ends_a_body_without_a_length),
        TEST(a_field_that_goes_on_in_the_next_line_is_one),
        TEST(what_breaks_off_is_no_response),
        TEST(a_reset_in_the_middle_is_told),
        TEST(rubbish_is_a_protocol_error),
        TEST(what_is_too_long_is_refused),
        TEST(what_is_not_collected_may_be_long),
        TEST(an_answer_to_nothing_is_an_error),
        TEST(after_a_close_nothing_is_told),
        TEST(the_next_request_may_be_sent_from_the_response),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* core/net/trace: what a piece is called and which events are in it, which connection is which, and how much is kept */
#include "net/trace.h"

#include "base/clock.h"
#include "base/memory.h"
#include "model/event.h"
#include "test.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TRACED "127.0.0.65"
#define OTHER "127.0.0.1"

/* --- pieces ------------------------------------------------------------------------------------- */

/* A trace with one connection, which is line 1. */
static struct trace *begin(void) {
    struct trace *trace = trace_new(TRACED);
    assert_non_null(trace);
    assert_int_equal(trace_open_ports(trace, 7, 80), 1);
    return trace;
}

static const struct trace_piece *last_piece(const struct trace *trace) {
    assert_true(trace->piece_count > 0);
    return &trace->pieces[trace->piece_count - 1];
}

static void say(struct trace *trace, const char *text) {
    trace_said(trace, 1, 5, text, strlen(text), 0);
}

static void check_events(const struct trace *trace, uint64_t first, uint64_t last) {
    assert_int_equal(last_piece(trace)->first, first);
    assert_int_equal(last_piece(trace)->last, last);
}

static void an_address_is_four_numbers(void **state) {
    (void)state;
    static const char *const none[] = {"", "::1", "localhost", "127.0.0.65:80", "127.0.0"};
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) assert_null(trace_new(none[i]));
    struct trace *trace = trace_new(TRACED);
    assert_string_equal(trace->text, TRACED);
    assert_int_equal(trace->address.sin_addr.s_addr, inet_addr(TRACED));
    assert_int_equal(trace->line_count + trace->piece_count + trace->left_out, 0);
    trace_free(trace);
    trace_free(NULL);
}

static void a_piece_has_a_name(void **state) {
    (void)state;
    static const struct {
        const char *text, *name;
    } pieces[] = {
        {"GET /events?after=0 HTTP/1.1\r\nHost: a\r\n\r\n", "GET"},
        {"HEAD / HTTP/1.1\r\n\r\n", "HEAD"},
        {"POST /hook HTTP/1.1\r\n\r\n{\"seq\":3,\"due_ns\":1", "POST"},
        {"DELETE /subscriptions/1 HTTP/1.1\r\n\r\n", "DELETE"},
        {"HTTP/1.1 200 OK\r\n\r\n", "200"},
        {"HTTP/1.1 200 OK\r\n\r\n{\"seq\":3,\"due_ns\":1", "200"},
        {"HTTP/1.1 304 Not Modified\r\n\r\n", "304"},
        {"HTTP/1.1 101", "101"},
        {"{\"seq\":3,\"due_ns\":1", "event"},
        {"id: 5c1f09aa-3\ndata: {\"seq\":3,\"due_ns\":1}\n\n", "event"},
        {"", ""},
        {":\n\n", ""},
        {"HTTP/1.1 20", ""},
        {"GET", ""},
        {"GET ", ""},
        {"GET/ ", ""},
        {"get / HTTP/1.1\r\n\r\n", ""},
        {" / HTTP/1.1\r\n\r\n", ""},
        {"ABCDEFGHIJK / HTTP/1.1\r\n", "ABCDEFGHIJK"},
        {"ABCDEFGHIJKL / HTTP/1.1\r\n", ""}, /* longer than a word */
        {"{\"after\":\"5c1f09aa-41\"}\n", ""},
    };
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct trace *trace = begin();
        say(trace, pieces[i].text);
        const struct trace_piece *piece = last_piece(trace);
        assert_string_equal(piece->what, pieces[i].name);
        assert_true(piece->said);
        assert_int_equal(piece->line, 1);
        assert_int_equal(piece->at_ns, 5);
        assert_int_equal(piece->bytes, strlen(pieces[i].text));
        trace_free(trace);
    }
}

/* The text need not end in a NUL, and what is behind it is none of it. */
static void a_text_ends_where_it_ends(void **state) {
    (void)state;
    static const char text[] = "{\"seq\":42,\"due_ns\":1";
    struct trace *trace = begin();
    for (size_t length = 0; length < 8; length++) {
        char *part = xmalloc(length); /* a sanitizer sees who reads beyond */
        memcpy(part, text, length);
        trace_said(trace, 1, 5, part, length, 0);
        check_events(trace, 0, 0);
        assert_string_equal(last_piece(trace)->what, "");
        free(part);
    }
    trace_said(trace, 1, 5, text, 8, 0);
    check_events(trace, 4, 4);
    trace_free(trace);
}

static void events_are_found(void **state) {
    (void)state;
    static const char odd[] = "say \"{\"seq\":9,\" or {\"seq\":9, or \\\"{\\\"seq\\\":9,\n\t\\";
    struct buffer text = {0};
    struct trace *trace = begin();
    event_encode(&text, 41, 81234567890123, 5, odd, strlen(odd));
    trace_said(trace, 1, 5, text.data, text.length, 0);
    check_events(trace, 41, 41);
    buffer_append(&text, "\n", 1);
    event_encode(&text, 42, 81234567890124, 5, "", 0);
    buffer_append(&text, "\n", 1);
    event_encode(&text, UINT64_C(9007199254740993), 1, 5, odd, strlen(odd));
    trace_said(trace, 1, 6, text.data, text.length, 0);
    check_events(trace, 41, UINT64_C(9007199254740993));
    assert_string_equal(last_piece(trace)->what, "event");
    buffer_clear(&text);
    notice_encode_missed(&text, 7);
    trace_said(trace, 1, 7, text.data, text.length, 0);
    check_events(trace, 0, 0);
    buffer_free(&text);
    trace_free(trace);
}

static void framing_is_counted(void **state) {
    (void)state;
    struct trace *trace = begin();
    trace_said(trace, 1, 5, "{\"seq\":1,", 9, 4);
    assert_int_equal(last_piece(trace)->bytes, 13);
    assert_int_equal(trace->lines[0].said, 13);
    trace_free(trace);
}

/* The body of a request, written after its head. Another connection's words are in between. */
static void a_write_goes_on(void **state) {
    (void)state;
    struct trace *trace = begin();
    uint32_t other = trace_open_ports(trace, 8, 80);
    say(trace, "POST /hook HTTP/1.1\r\n\r\n");
    trace_said(trace, other, 6, "GET / ", 6, 0);
    trace_heard(trace, 1, 20, 0, false);
    trace_said_more(trace, 1, "{\"seq\":3,", 9);
    trace_said_more(trace, 1, "\n{\"seq\":4,", 10);
    assert_int_equal(trace->piece_count, 3);
    assert_int_equal(trace->pieces[0].bytes, 23 + 19);
    assert_string_equal(trace->pieces[0].what, "POST");
    assert_int_equal(trace->pieces[0].first, 3);
    assert_int_equal(trace->pieces[0].last, 4);
    assert_int_equal(trace->pieces[0].at_ns, 5);
    assert_int_equal(trace->pieces[1].bytes, 6);
    assert_int_equal(trace->pieces[2].bytes, 20);
    assert_int_equal(trace->lines[0].said, 42);
    trace_free(trace);
}

/* What a library has written by itself is a piece without a name. */
static void what_was_written_besides(void **state) {
    (void)state;
    struct trace *trace = begin();
    int64_t before_ns = clock_now_ns();
    trace_written(trace, 1, 0);
    assert_int_equal(trace->piece_count, 0);
    trace_written(trace, 1, 129);
    const struct trace_piece *piece = last_piece(trace);
    assert_int_equal(piece->bytes, 129);
    assert_string_equal(piece->what, "");
    assert_int_equal(piece->first, 0);
    assert_in_range(piece->at_ns, before_ns, clock_now_ns());
    trace_said(trace, 1, 5, "{\"seq\":1,", 9, 2);
    trace_said_more(trace, 1, "more", 4);
    trace_written(trace, 1, 144); /* all of this is known */
    trace_written(trace, 1, 140); /* and a part of it waits */
    assert_int_equal(trace->piece_count, 2);
    trace_heard(trace, 1, 1000, 0, false); /* counts on the other side */
    trace_written(trace, 1, 146);
    assert_int_equal(last_piece(trace)->bytes, 2);
    trace_free(trace);
}

static void a_read_has_a_time(void **state) {
    (void)state;
    struct trace *trace = begin();
    int64_t before_ns = clock_now_ns();
    trace_heard(trace, 1, 20, before_ns - 7, false);
    assert_int_equal(last_piece(trace)->at_ns, before_ns - 7);
    assert_false(last_piece(trace)->said);
    assert_false(last_piece(trace)->held_up);
    assert_int_equal(last_piece(trace)->bytes, 20);
    trace_heard(trace, 1, 20, 0, false); /* no stamp */
    assert_in_range(last_piece(trace)->at_ns, before_ns, clock_now_ns());
    trace_heard(trace, 1, 20, before_ns - 7, true); /* when it came says nothing */
    assert_in_range(last_piece(trace)->at_ns, before_ns, clock_now_ns());
    assert_true(last_piece(trace)->held_up);
    trace_heard(trace, 1, 20, before_ns + NS_PER_SECOND * 1000, false); /* nor does the future */
    assert_in_range(last_piece(trace)->at_ns, before_ns, clock_now_ns());
    assert_int_equal(trace->lines[0].said, 0);
    trace_free(trace);
}

static void events_and_notes_are_kept(void **state) {
    (void)state;
    struct trace *trace = begin();
    int64_t before_ns = clock_now_ns();
    trace_event(trace, 3, 100, 101);
    trace_note(trace, TRACE_SKIPPED);
    assert_int_equal(trace->event_count, 1);
    assert_int_equal(trace->events[0].number, 3);
    assert_int_equal(trace->events[0].due_ns, 100);
    assert_int_equal(trace->events[0].at_ns, 101);
    assert_int_equal(trace->note_count, 1);
    assert_int_equal(trace->notes[0].what, TRACE_SKIPPED);
    assert_in_range(trace->notes[0].at_ns, before_ns, clock_now_ns());
    trace_free(trace);
}

static void what_was_told_is_not_told_again(void **state) {
    (void)state;
    struct trace *trace = begin();
    assert_false(trace_has_news(trace));
    say(trace, "GET / HTTP/1.1\r\n");
    trace_event(trace, 1, 2, 3);
    trace_note(trace, TRACE_PARKED);
    assert_true(trace_has_news(trace));
    trace_told(trace);
    assert_false(trace_has_news(trace));
    trace_said_more(trace, 1, "x", 1); /* of a write that was told */
    assert_false(trace_has_news(trace));
    say(trace, "GET / HTTP/1.1\r\n");
    assert_int_equal(trace->piece_count, 1);
    assert_int_equal(last_piece(trace)->line, 1);
    trace_free(trace);
}

static void line_0_is_forgotten(void **state) {
    (void)state;
    struct trace *trace = begin();
    say(trace, "GET / ");
    trace_said(trace, 0, 5, "{\"seq\":1,", 9, 2);
    trace_said_more(trace, 0, "{\"seq\":1,", 9);
    trace_written(trace, 0, 100);
    trace_heard(trace, 0, 100, 0, false);
    assert_int_equal(trace->piece_count, 1);
    assert_int_equal(trace->pieces[0].bytes, 6);
    assert_int_equal(trace->left_out, 0);
    trace_free(trace);
}

/* --- how much is kept --------------------------------------------------------------------------- */

static void so_many_are_kept_of_each_kind(void **state) {
    (void)state;
    struct trace *trace = begin();
    for (int i = 0; i < TRACE_MOST + 2; i++) {
        trace_heard(trace, 1, 1, 0, false);
        trace_event(trace, (uint64_t)i + 1, 0, 0);
        trace_note(trace, TRACE_DUE);
    }
    say(trace, "GET / ");
    assert_int_equal(trace->piece_count, TRACE_MOST);
    assert_int_equal(trace->event_count, TRACE_MOST);
    assert_int_equal(trace->note_count, TRACE_MOST);
    assert_int_equal(trace->events[TRACE_MOST - 1].number, TRACE_MOST);
    assert_int_equal(trace->left_out, 2 + 2 + 2 + 1);
    trace_free(trace);
}

/* The head was not kept, so its body is not another one's. */
static void what_was_left_out_does_not_go_on(void **state) {
    (void)state;
    struct trace *trace = begin();
    say(trace, "POST /1 ");
    trace_said_more(trace, 1, "{\"seq\":1,", 9);
    for (int i = 0; i < TRACE_MOST; i++) trace_heard(trace, 1, 1, 0, false);
    say(trace, "POST /2 ");
    trace_said_more(trace, 1, "{\"seq\":2,", 9);
    assert_int_equal(trace->pieces[0].bytes, 17);
    assert_int_equal(trace->pieces[0].last, 1);
    trace_free(trace);
}

static void so_many_connections_are_kept(void **state) {
    (void)state;
    struct trace *trace = begin();
    trace->lines = xrealloc(trace->lines, TRACE_MOST * sizeof(*trace->lines));
    for (; trace->line_count < TRACE_MOST;
         trace->line_count++) /* opening them one by one takes long */
        trace->lines[trace->line_count] = (struct trace_line){1, 1, -1, 0};
    assert_int_equal(trace_open_ports(trace, 7, 81), 0);
    assert_int_equal(trace->left_out, 1);
    assert_int_equal(trace_open_ports(trace, 7, 80), 1); /* which is known */
    assert_int_equal(trace->left_out, 1);
    trace_free(trace);
}

/* --- lines -------------------------------------------------------------------------------------- */

/* Two ends of a connection over loopback. */
struct pair {
    int client, server;
    uint16_t client_port, server_port;
};

static uint16_t port_of(int fd) {
    struct sockaddr_in name;
    socklen_t length = sizeof(name);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &length), 0);
    return ntohs(name.sin_port);
}

static int bound_at(const char *address) {
    struct sockaddr_in name = {.sin_family = AF_INET};
    assert_int_equal(inet_pton(AF_INET, address, &name.sin_addr), 1);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
    return fd;
}

static void connect_pair(struct pair *pair, const char *client, const char *server) {
    struct sockaddr_in name;
    socklen_t length = sizeof(name);
    int listener = bound_at(server);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&name, &length), 0);
    pair->client = bound_at(client);
    assert_int_equal(connect(pair->client, (struct sockaddr *)&name, length), 0);
    pair->server = accept(listener, NULL, NULL);
    assert_true(pair->server >= 0);
    pair->client_port = port_of(pair->client);
    pair->server_port = port_of(pair->server);
    close(listener);
}

static void hang_up(const struct pair *pair) {
    close(pair->client);
    close(pair->server);
}

static void check_line(const struct trace *trace, uint32_t line, uint16_t own, uint16_t other) {
    assert_in_range(line, 1, trace->line_count);
    assert_int_equal(trace->lines[line - 1].own_port, own);
    assert_int_equal(trace->lines[line - 1].other_port, other);
}

/* Either side names the connection the same: the port at the address first. */
static void one_end_is_at_the_address(void **state) {
    (void)state;
    static const char *const ends[][2] = {{TRACED, OTHER}, {OTHER, TRACED}};
    for (int i = 0; i < 2; i++) {
        struct trace *client = trace_new(TRACED), *server = trace_new(TRACED);
        struct pair pair;
        connect_pair(&pair, ends[i][0], ends[i][1]);
        uint16_t own = i == 0 ? pair.client_port : pair.server_port;
        uint16_t other = i == 0 ? pair.server_port : pair.client_port;
        check_line(client, trace_open(client, pair.client), own, other);
        check_line(server, trace_open(server, pair.server), own, other);
        assert_int_equal(trace_line_of(client, pair.client), 1);
        assert_int_equal(trace_line_of(client, pair.server), 0);
        assert_int_equal(trace_line_of(server, pair.server), 1);
        hang_up(&pair);
        trace_free(client);
        trace_free(server);
    }
}

/* With both ends there nobody can say which one is the user's. */
static void neither_end_is_or_both_are(void **state) {
    (void)state;
    struct trace *trace = trace_new(TRACED);
    struct pair neither, both;
    connect_pair(&neither, OTHER, OTHER);
    connect_pair(&both, TRACED, TRACED);
    assert_int_equal(trace_open(trace, neither.client), 0);
    assert_int_equal(trace_open(trace, neither.server), 0);
    assert_int_equal(trace_open(trace, both.client), 0);
    assert_int_equal(trace_open(trace, both.server), 0);
    assert_int_equal(trace->line_count, 0);
    hang_up(&neither);
    hang_up(&both);
    trace_free(trace);
}

static void what_is_not_connected_has_no_line(void **state) {
    (void)state;
    struct trace *trace = trace_new(TRACED);
    int ends[2], lonely = bound_at(TRACED);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(trace_open(trace, lonely), 0);
    assert_int_equal(trace_open(trace, ends[0]), 0);
    close(lonely);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(trace_open(trace, lonely), 0);
    assert_int_equal(trace_open(trace, -1), 0);
    trace_free(trace);
}

static void a_known_connection_is_the_same(void **state) {
    (void)state;
    struct trace *trace = trace_new(TRACED);
    struct pair pair;
    connect_pair(&pair, TRACED, OTHER);
    uint32_t line = trace_open(trace, pair.client);
    assert_int_equal(trace_open(trace, pair.client), line);
    assert_int_equal(trace_open_ports(trace, pair.client_port, pair.server_port), line);
    assert_int_equal(trace_line_of(trace, pair.client), line);
    assert_int_not_equal(trace_open_ports(trace, pair.server_port, pair.client_port), line);
    assert_int_equal(trace->line_count, 2);
    hang_up(&pair);
    trace_free(trace);
}

/* The kernel gives the lowest free descriptor: the next connection's is the last one's. */
static void a_descriptor_is_used_again(void **state) {
    (void)state;
    struct trace *trace = trace_new(TRACED);
    struct pair first, second, third;
    connect_pair(&first, TRACED, OTHER);
    uint32_t line = trace_open(trace, first.client);
    trace_said(trace, line, 5, "GET / ", 6, 0);
    hang_up(&first);
    connect_pair(&second, TRACED, OTHER);
    assert_int_equal(second.client, first.client);
    uint32_t next = trace_open(trace, second.client);
    assert_int_not_equal(next, line);
    check_line(trace, next, second.client_port, second.server_port);
    assert_int_equal(trace_line_of(trace, second.client), next);
    assert_int_equal(trace->lines[line - 1].fd, -1);
    assert_int_equal(trace->lines[next - 1].said, 0);
    connect_pair(&third, OTHER, OTHER); /* and then one that is not traced */
    assert_int_equal(dup2(third.client, second.client), second.client);
    assert_int_equal(trace_open(trace, second.client), 0);
    assert_int_equal(trace_line_of(trace, second.client), 0);
    hang_up(&second);
    hang_up(&third);
    trace_free(trace);
}

static void a_connection_goes_on_under_another_descriptor(void **state) {
    (void)state;
    struct trace *trace = trace_new(TRACED);
    struct pair pair;
    connect_pair(&pair, TRACED, OTHER);
    uint32_t line = trace_open(trace, pair.client);
    trace_said(trace, line, 5, "GET / ", 6, 0);
    int old = pair.client;
    pair.client = dup(old);
    close(old);
    assert_int_equal(trace_open(trace, pair.client), line);
    assert_int_equal(trace_line_of(trace, pair.client), line);
    assert_int_equal(trace_line_of(trace, old), 0);
    assert_int_equal(trace->lines[line - 1].said, 6);
    assert_int_equal(trace->line_count, 1);
    hang_up(&pair);
    trace_free(trace);
}

/* libwebsockets says -1 of a connection that is gone; and lines whose descriptor is not known have it. */
static void no_descriptor_has_no_line(void **state) {
    (void)state;
    struct trace *trace = begin();
    assert_int_equal(trace_line_of(trace, -1), 0);
    trace_free(trace);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_four_numbers),
        cmocka_unit_test(a_piece_has_a_name),
        cmocka_unit_test(a_text_ends_where_it_ends),
        cmocka_unit_test(events_are_found),
        cmocka_unit_test(framing_is_counted),
        cmocka_unit_test(a_write_goes_on),
        cmocka_unit_test(what_was_written_besides),
        cmocka_unit_test(a_read_has_a_time),
        cmocka_unit_test(events_and_notes_are_kept),
        cmocka_unit_test(what_was_told_is_not_told_again),
        cmocka_unit_test(line_0_is_forgotten),
        cmocka_unit_test(so_many_are_kept_of_each_kind),
        cmocka_unit_test(what_was_left_out_does_not_go_on),
        cmocka_unit_test(so_many_connections_are_kept),
        cmocka_unit_test(one_end_is_at_the_address),
        cmocka_unit_test(neither_end_is_or_both_are),
        cmocka_unit_test(what_is_not_connected_has_no_line),
        cmocka_unit_test(a_known_connection_is_the_same),
        cmocka_unit_test(a_descriptor_is_used_again),
        cmocka_unit_test(a_connection_goes_on_under_another_descriptor),
        cmocka_unit_test(no_descriptor_has_no_line),
    };
    return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}

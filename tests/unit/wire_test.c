/* core/net/wire: what sockets carried inside the window, and nothing else */
#include "net/wire.h"

#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Two ends of a TCP connection over loopback; the first is counted. */
struct pair {
    int own, peer;
    struct wire_socket socket;
};

static void connect_pair(struct pair *pair) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    memset(pair, 0, sizeof(*pair));
    pair->own = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(pair->own, (struct sockaddr *)&address, length), 0);
    pair->peer = accept(listener, NULL, NULL);
    assert_true(pair->peer >= 0);
    close(listener);
}

/* Sends that many bytes, and waits until they have arrived: loopback delivers before write returns. */
static void carry(const struct pair *pair, size_t bytes) {
    char text[1000] = {0};
    assert_true(bytes <= sizeof(text));
    assert_int_equal(write(pair->own, text, bytes), bytes);
    assert_int_equal(recv(pair->peer, text, bytes, MSG_WAITALL), bytes);
}

static void hang_up(struct wire_meter *meter, struct pair *pair) {
    wire_detach(meter, &pair->socket);
    close(pair->own);
    close(pair->peer);
}

static void step(struct wire_meter *meter, enum wire_stage stage) {
    while (wire_step(meter, stage, 1)) continue;
}

static void only_the_window_counts(void **state) {
    struct wire_meter meter;
    struct pair pair;
    (void)state;
    wire_meter_init(&meter);
    connect_pair(&pair);
    wire_attach(&meter, &pair.socket, pair.own);
    carry(&pair, 100);
    step(&meter, WIRE_INSIDE);
    carry(&pair, 20);
    step(&meter, WIRE_AFTER);
    carry(&pair, 300);
    hang_up(&meter, &pair);
    assert_int_equal(meter.total.bytes_out, 20);
    assert_int_equal(wire_data_header_bytes(&meter), 52); /* of the one segment that carried them */
    assert_int_equal(meter.opened + meter.closed + meter.missed, 0);
    assert_int_equal(meter.socket_count, 0);
}

static void a_connection_of_the_window_counts_from_its_syn(void **state) {
    struct wire_meter meter;
    struct pair pair;
    (void)state;
    wire_meter_init(&meter);
    step(&meter, WIRE_INSIDE);
    connect_pair(&pair);
    wire_attach(&meter, &pair.socket, pair.own);
    carry(&pair, 20);
    hang_up(&meter, &pair);
    assert_int_equal(meter.total.bytes_out, 20);
    assert_true(meter.total.segments_out >= 5); /* SYN, its ACK, the data, FIN, the last ACK */
    assert_int_equal(wire_data_header_bytes(&meter), 52);
    assert_int_equal(meter.opened, 1);
    assert_int_equal(meter.closed, 1);
}

/* Closed inside the window before the walk came to it: its end counts, and none of what was before. */
static void a_close_ahead_of_the_walk_counts(void **state) {
    struct wire_meter meter;
    struct pair first, second;
    (void)state;
    wire_meter_init(&meter);
    connect_pair(&first);
    connect_pair(&second);
    wire_attach(&meter, &first.socket, first.own);
    wire_attach(&meter, &second.socket, second.own);
    carry(&second, 500);
    assert_true(wire_step(&meter, WIRE_INSIDE, 1)); /* the first is read, the second is not */
    hang_up(&meter, &second);
    assert_int_equal(meter.total.bytes_out, 0);
    assert_int_equal(meter.total.segments_out, 2); /* FIN, and the acknowledgement of the other's */
    assert_int_equal(meter.total.segments_in, 1);
    assert_int_equal(meter.closed, 1);
    assert_int_equal(meter.missed, 1);
    step(&meter, WIRE_AFTER);
    hang_up(&meter, &first);
}

/* A window that is over before the walk has come to all: the others' past is not taken for it. */
static void a_window_shorter_than_the_walk_takes_no_past(void **state) {
    struct wire_meter meter;
    struct pair first, second;
    (void)state;
    wire_meter_init(&meter);
    connect_pair(&first);
    connect_pair(&second);
    wire_attach(&meter, &first.socket, first.own);
    wire_attach(&meter, &second.socket, second.own);
    carry(&second, 500);
    assert_true(wire_step(&meter, WIRE_INSIDE, 1));
    carry(&first, 20);
    step(&meter, WIRE_AFTER);
    assert_int_equal(meter.total.bytes_out, 20);
    assert_int_equal(meter.missed, 1);
    hang_up(&meter, &first);
    hang_up(&meter, &second);
    assert_int_equal(meter.total.bytes_out, 20);
}

/* Closed when the window is over, ahead of the walk that reads what it carried: its end is not of it. */
static void a_close_after_the_window_is_not_of_it(void **state) {
    struct wire_meter meter;
    struct pair first, second;
    (void)state;
    wire_meter_init(&meter);
    connect_pair(&first);
    connect_pair(&second);
    wire_attach(&meter, &first.socket, first.own);
    wire_attach(&meter, &second.socket, second.own);
    step(&meter, WIRE_INSIDE);
    carry(&second, 30);
    uint64_t before = meter.total.segments_out;
    assert_true(wire_step(&meter, WIRE_AFTER, 1));
    hang_up(&meter, &second);
    assert_int_equal(meter.total.bytes_out, 30);
    assert_int_equal(meter.total.segments_out - before, 1);
    assert_int_equal(meter.closed, 0);
    hang_up(&meter, &first);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_window_counts),
        cmocka_unit_test(a_connection_of_the_window_counts_from_its_syn),
        cmocka_unit_test(a_close_ahead_of_the_walk_counts),
        cmocka_unit_test(a_window_shorter_than_the_walk_takes_no_past),
        cmocka_unit_test(a_close_after_the_window_is_not_of_it),
    };
    return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}

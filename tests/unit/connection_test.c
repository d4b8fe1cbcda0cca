/* One TCP connection, against a bare socket: what it tells its owner, and when. */
#include "test.h"

#include "base/clock.h"
#include "loopback.h"
#include "net/connection.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

static uv_loop_t loop;
static struct network network;
static uv_tcp_t listener;
static int port;

/* An owner that keeps a book of what it is told. */
struct owner {
    struct connection connection; /* first */
    int connected, drained, ended, closing, closed, error;
    size_t received;
    bool held_up;
    int64_t arrived_ns, handled_ns; /* the last data */
    bool close_in_data;
};
static struct owner owner, second;
static struct connection *next_to_accept;
static int accepted, refused;

static struct owner *owner_of(struct connection *c) { return (struct owner *)c; }
static void on_connected(struct connection *c) { owner_of(c)->connected++; }
static void on_drained(struct connection *c) { owner_of(c)->drained++; }
static void on_ended(struct connection *c) { owner_of(c)->ended++; }
static void on_closed(struct connection *c) { owner_of(c)->closed++; }

static void on_data(struct connection *c, const char *bytes, size_t length) {
    (void)bytes;
    owner_of(c)->received += length;
    owner_of(c)->arrived_ns = network.arrived_ns;
    owner_of(c)->held_up = network.held_up;
    owner_of(c)->handled_ns = clock_now_ns();
    if (owner_of(c)->close_in_data) connection_close(c);
}

static void on_closing(struct connection *c, int error) {
    owner_of(c)->closing++;
    owner_of(c)->error = error;
}

static const struct connection_handler handler = {
    .connected = on_connected,
    .data = on_data,
    .drained = on_drained,
    .closing = on_closing,
    .closed = on_closed,
};
static const struct connection_handler patient = {
    .connected = on_connected,
    .data = on_data,
    .drained = on_drained,
    .ended = on_ended,
    .closing = on_closing,
    .closed = on_closed,
};
static const struct connection_handler *accept_with;

static void on_connection(uv_stream_t *stream, int status) {
    assert_int_equal(status, 0);
    if (connection_accept(next_to_accept, &network, stream, accept_with) != 0) {
        refused++;
        return;
    }
    accepted++;
    next_to_accept = &second.connection;
}

static int set_up_with(bool stamps) {
    memset(&owner, 0, sizeof(owner));
    memset(&second, 0, sizeof(second));
    accepted = refused = 0;
    next_to_accept = &owner.connection;
    accept_with = &handler;
    uv_loop_init(&loop);
    network_init(&network, &loop, NULL);
    network.stamps = stamps;
    network.realtime_offset_ns = clock_realtime_offset_ns();
    port = network_listen(&network, &listener, "127.0.0.1", 0, on_connection);
    return port > 0 ? 0 : -1;
}

static int set_up(void **state) {
    (void)state;
    return set_up_with(false);
}

/* With the kernel's stamps data is read in another way: all must be as it is without. */
static int set_up_stamped(void **state) {
    (void)state;
    return set_up_with(true);
}

static int tear_down(void **state) {
    (void)state;
    network_unlisten(&network, &listener, NULL);
    if (accepted > 0) connection_close(&owner.connection);
    if (accepted > 1) connection_close(&second.connection);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    network_free(&network);
    return 0;
}

static bool one_accepted(void) { return accepted == 1; }
static bool two_accepted(void) { return accepted == 2; }
static bool one_refused(void) { return refused == 1; }
static bool has_ended(void) { return owner.ended == 1; }
static bool has_received(void) { return owner.received > 0; }
static bool has_drained(void) { return owner.drained == 1; }
static bool is_closed(void) { return owner.closed == 1; }

/* A connection that was accepted; the other end is returned. */
static int accepted_connection(const struct connection_handler *with) {
    accept_with = with;
    int fd = loopback_connect(port);
    loopback_run(&loop, one_accepted);
    return fd;
}

/* --- stamps ----------------------------------------------------------------------------------- */

/* Who connects may have sent something before the loop comes round to accepting it. */
static void what_came_before_it_was_accepted_has_its_stamp(void **state) {
    (void)state;
    int fd = loopback_connect(port);
    assert_int_equal(write(fd, "early", 5), 5);
    usleep(30000);
    loopback_run(&loop, has_received);
    assert_true(owner.arrived_ns != 0);
    assert_true(owner.handled_ns - owner.arrived_ns > 20 * NS_PER_MS);
    close(fd);
}

/* --- ends ------------------------------------------------------------------------------------- */

static void the_other_sides_end_closes(void **state) {
    (void)state;
    int fd = accepted_connection(&handler);
    close(fd);
    loopback_run(&loop, is_closed);
    assert_int_equal(owner.closing, 1);
    assert_int_equal(owner.error, UV_EOF);
}

static void an_owner_that_wants_to_goes_on_after_the_end(void **state) {
    (void)state;
    char text[16];
    int fd = accepted_connection(&patient);
    shutdown(fd, SHUT_WR);
    loopback_run(&loop, has_ended);
    assert_int_equal(owner.closing, 0);
    assert_int_equal(connection_write(&owner.connection, "still here", 10), 0);
    loopback_read(&loop, fd, text, sizeof(text), "here");
    assert_string_equal(text, "still here");
    assert_int_equal(owner.ended, 1); /* it is told once */
    close(fd);
}

static void a_reset_is_no_end(void **state) {
    (void)state;
    int fd = accepted_connection(&patient);
    loopback_reset(fd);
    loopback_run(&loop, is_closed);
    assert_int_equal(owner.ended, 0);
    assert_int_equal(owner.closing, 1);
    assert_int_equal(owner.error, UV_ECONNRESET);
}

/* After the end it is a write that finds out that nobody is there: the first is answered by a reset,
 * a later one fails. */
static void a_write_finds_out_that_nobody_listens(void **state) {
    (void)state;
    int fd = accepted_connection(&patient), error = 0;
    close(fd);
    loopback_run(&loop, has_ended);
    for (int i = 0; i < 1000 && error >= 0; i++) {
        error = connection_write(&owner.connection, "x", 1);
        loopback_turn(&loop);
    }
    assert_true(error < 0);
    assert_int_equal(owner.closing, 1);
    assert_int_equal(connection_write(&owner.connection, "x", 1), UV_ECANCELED);
    loopback_run(&loop, is_closed);
    assert_int_equal(owner.closing, 1);
}

static void closing_is_told_once_and_at_once(void **state) {
    (void)state;
    int fd = accepted_connection(&handler);
    connection_close(&owner.connection);
    assert_int_equal(owner.closing, 1);
    connection_close(&owner.connection);
    connection_finish(&owner.connection);
    loopback_run(&loop, is_closed);
    assert_int_equal(owner.closing, 1);
    assert_int_equal(owner.error, 0);
    close(fd);
}

static void it_may_be_closed_while_data_is_given(void **state) {
    (void)state;
    int fd = accepted_connection(&handler);
    owner.close_in_data = true;
    loopback_send(fd, "x");
    loopback_send(fd, "y");
    loopback_run(&loop, is_closed);
    assert_int_equal(owner.closing, 1);
    close(fd);
}

/* --- writing ---------------------------------------------------------------------------------- */

#define LARGE_BYTES (16 << 20)

static void what_does_not_fit_is_queued_and_drained_is_told_once(void **state) {
    (void)state;
    char *large = calloc(1, LARGE_BYTES);
    int fd = accepted_connection(&handler);
    assert_int_equal(connection_write(&owner.connection, large, LARGE_BYTES), 1);
    free(large); /* it was copied */
    assert_true(connection_blocked(&owner.connection));
    assert_int_equal(connection_write(&owner.connection, "more", 4), 1);
    size_t total = 0;
    while (!has_drained()) {
        static char bytes[65536];
        ssize_t got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
        if (got > 0) total += (size_t)got;
        uv_run(&loop, UV_RUN_NOWAIT);
    }
    assert_false(connection_blocked(&owner.connection));
    connection_close(&owner.connection);
    loopback_run(&loop, is_closed);
    total += loopback_drain(&loop, fd);
    assert_int_equal(total, LARGE_BYTES + 4);
    assert_int_equal(owner.drained, 1);
    close(fd);
}

static void what_is_queued_is_dropped_by_a_close(void **state) {
    (void)state;
    char *large = calloc(1, LARGE_BYTES);
    int fd = accepted_connection(&handler);
    assert_int_equal(connection_write(&owner.connection, large, LARGE_BYTES), 1);
    free(large);
    connection_close(&owner.connection);
    loopback_run(&loop, is_closed);
    assert_int_equal(owner.drained, 0);
    assert_int_equal(owner.connection.queued, 0);
    close(fd);
}

/* --- connecting ------------------------------------------------------------------------------- */

static void nobody_there_is_told_by_closing(void **state) {
    (void)state;
    struct owner caller = {0};
    int free_port;
    int fd = loopback_listen(&free_port);
    close(fd);
    struct sockaddr_in to = loopback_address(free_port);
    int error =
        connection_connect(&caller.connection, &network, (struct sockaddr *)&to, NULL, &handler);
    for (int i = 0; i < 4000 && caller.closed == 0; i++) loopback_turn(&loop);
    assert_int_equal(caller.closed, 1);
    assert_int_equal(caller.connected, 0);
    if (error == 0) error = caller.error;
    assert_int_equal(error, UV_ECONNREFUSED);
}

static void a_close_while_connecting_ends_in_closed(void **state) {
    (void)state;
    struct owner caller = {0};
    int free_port;
    int fd = loopback_listen(&free_port);
    struct sockaddr_in to = loopback_address(free_port);
    assert_int_equal(
        connection_connect(&caller.connection, &network, (struct sockaddr *)&to, NULL, &handler),
        0);
    connection_close(&caller.connection);
    for (int i = 0; i < 4000 && caller.closed == 0; i++) loopback_turn(&loop);
    assert_int_equal(caller.connected, 0);
    assert_int_equal(caller.closing, 1);
    assert_int_equal(caller.closed, 1);
    close(fd);
}

/* --- descriptors ------------------------------------------------------------------------------ */

/* Takes descriptors until so many are left. */
static int take_descriptors(int *taken, int most, int left) {
    int count = 0;
    while (count < most && (taken[count] = dup(STDERR_FILENO)) >= 0) count++;
    while (left-- > 0) close(taken[--count]);
    return count;
}

static void connections_wait_for_a_descriptor(void **state) {
    (void)state;
    enum { MOST = 256 };
    int taken[MOST];
    struct rlimit before, few;
    getrlimit(RLIMIT_NOFILE, &before);
    few = before;
    few.rlim_cur = 200;
    uv_run(&loop, UV_RUN_NOWAIT);
    int a = loopback_connect(port), b = loopback_connect(port);
    loopback_send(a, "a");
    loopback_send(b, "b");
    setrlimit(RLIMIT_NOFILE, &few);
    int count = take_descriptors(taken, MOST, 1);
    loopback_run(&loop, one_refused);
    assert_int_equal(accepted, 0);

    /* The loop sleeps meanwhile: it comes round for the timers, and not much more. */
    int rounds = 0;
    uv_timer_t alarm;
    uv_timer_init(&loop, &alarm);
    uv_timer_start(&alarm, loopback_wake, 50, 50);
    for (uint64_t start = uv_hrtime(); uv_hrtime() - start < UINT64_C(500000000); rounds++)
        uv_run(&loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&alarm, NULL);
    assert_in_range(rounds, 1, 60);
    assert_int_equal(accepted, 0);

    while (count > 0) close(taken[--count]);
    loopback_run(&loop, two_accepted); /* nobody was thrown away */
    loopback_run(&loop, has_received);
    setrlimit(RLIMIT_NOFILE, &before);
    close(a);
    close(b);
}

/* The listener is gone before its pause is over. */
static void a_listener_may_be_closed_while_it_waits(void **state) {
    (void)state;
    enum { MOST = 256 };
    int taken[MOST];
    struct rlimit before, few;
    getrlimit(RLIMIT_NOFILE, &before);
    few = before;
    few.rlim_cur = 200;
    int a = loopback_connect(port);
    setrlimit(RLIMIT_NOFILE, &few);
    int count = take_descriptors(taken, MOST, 1);
    loopback_run(&loop, one_refused);
    while (count > 0) close(taken[--count]);
    setrlimit(RLIMIT_NOFILE, &before);
    close(a);
} /* tear_down closes it */

/* --- arrival ---------------------------------------------------------------------------------- */

/* The loop comes 50 ms late. The stamp knows it, and of two that waited it is the later one's. */
static void a_stamp_tells_when_data_came(void **state) {
    (void)state;
    int fd = accepted_connection(&handler);
    /* The kernel begins to stamp a moment after the first socket of a host asks for it. */
    usleep(50000);
    assert_int_equal(write(fd, "a", 1), 1);
    int64_t between_ns = clock_now_ns();
    assert_int_equal(write(fd, "b", 1), 1);
    usleep(50000);
    loopback_run(&loop, has_received);
    assert_int_equal(owner.received, 2);
    assert_in_range(owner.arrived_ns, between_ns - 100000, owner.handled_ns - 49 * NS_PER_MS);
    assert_int_equal(network.arrived_ns, 0); /* it is told with the data alone */
    close(fd);
}

static void without_stamps_nothing_is_told(void **state) {
    (void)state;
    int fd = accepted_connection(&handler);
    assert_int_equal(write(fd, "a", 1), 1);
    loopback_run(&loop, has_received);
    assert_int_equal(owner.arrived_ns, 0);
    close(fd);
}

/* --- a listener that is closed for a while ---------------------------------------------------- */

/* Returns 0, or errno. */
static int try_to_connect(void) {
    struct sockaddr_in to = loopback_address(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int error = connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 ? 0 : errno;
    close(fd);
    return error;
}

static void who_connects_meanwhile_is_refused(void **state) {
    (void)state;
    listener.data = &owner;
    network_refuse(&network, &listener);
    assert_int_equal(try_to_connect(), ECONNREFUSED);
    assert_int_equal(network_listen_again(&network, &listener), UV_EBUSY);
    loopback_turn(&loop);
    assert_int_equal(try_to_connect(), ECONNREFUSED);
    assert_int_equal(network_listen_again(&network, &listener), 0);
    assert_ptr_equal(listener.data, &owner);
    assert_int_equal(network_listen_again(&network, &listener), 0); /* it does */
    int fd = accepted_connection(&handler);
    close(fd);
}

/* Its owner goes as well: tear_down closes it, and would find a handle that was left. */
static void it_may_be_closed_for_good_at_once(void **state) {
    (void)state;
    network_refuse(&network, &listener);
}

static void it_may_be_closed_for_good_later(void **state) {
    (void)state;
    network_refuse(&network, &listener);
    loopback_turn(&loop);
}

/* --- a user that does not read ---------------------------------------------------------------- */

/* A connection from an address that is traced, with something to read. */
static int traced_connection(void) {
    struct sockaddr_in to = loopback_address(port), from = {.sin_family = AF_INET};
    network.trace = trace_new("127.0.0.65");
    from.sin_addr = network.trace->address.sin_addr;
    accept_with = &handler;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    loopback_run(&loop, one_accepted);
    return fd;
}

static void what_comes_during_a_pause_is_read_afterwards(void **state) {
    (void)state;
    int fd = traced_connection();
    int64_t began_ns = clock_now_ns();
    network_pause(&network, 100 * NS_PER_MS);
    assert_int_equal(write(fd, "late", 4), 4);
    loopback_run(&loop, has_received);
    assert_true(owner.handled_ns - began_ns >= 100 * NS_PER_MS);
    assert_true(owner.held_up); /* the stamp is of when it came, not of when it could be read */
    owner.received = 0;
    assert_int_equal(write(fd, "soon", 4), 4);
    loopback_run(&loop, has_received);
    assert_false(owner.held_up);
    close(fd);
}

static void it_may_end_during_a_pause(void **state) {
    (void)state;
    int fd = traced_connection();
    network_pause(&network, 60 * NS_PER_SECOND);
    assert_int_equal(write(fd, "never", 5), 5);
    loopback_turn(&loop);
    connection_close(&owner.connection);
    loopback_run(&loop, is_closed);
    assert_int_equal(owner.received, 0);
    close(fd);
}

static void others_are_read_during_a_pause(void **state) {
    (void)state;
    int fd = accepted_connection(&handler);
    network_pause(&network, 60 * NS_PER_SECOND);
    assert_int_equal(write(fd, "a", 1), 1);
    loopback_run(&loop, has_received);
    close(fd);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN); /* as every program here does */
    const struct CMUnitTest tests[] = {
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, set_up, tear_down),                                      \
        cmocka_unit_test_setup_teardown(name, set_up_stamped, tear_down)
        TEST(the_other_sides_end_closes),
        TEST(an_owner_that_wants_to_goes_on_after_the_end),
        TEST(a_reset_is_no_end),
        TEST(a_write_finds_out_that_nobody_listens),
        TEST(closing_is_told_once_and_at_once),
        TEST(it_may_be_closed_while_data_is_given),
        TEST(what_does_not_fit_is_queued_and_drained_is_told_once),
        TEST(what_is_queued_is_dropped_by_a_close),
        TEST(nobody_there_is_told_by_closing),
        TEST(a_close_while_connecting_ends_in_closed),
        TEST(connections_wait_for_a_descriptor),
        TEST(a_listener_may_be_closed_while_it_waits),
        TEST(who_connects_meanwhile_is_refused),
        TEST(it_may_be_closed_for_good_at_once),
        TEST(it_may_be_closed_for_good_later),
        cmocka_unit_test_setup_teardown(what_comes_during_a_pause_is_read_afterwards,
                                        set_up_stamped, tear_down),
        cmocka_unit_test_setup_teardown(it_may_end_during_a_pause, set_up_stamped, tear_down),
        cmocka_unit_test_setup_teardown(others_are_read_during_a_pause, set_up_stamped, tear_down),
        cmocka_unit_test_setup_teardown(a_stamp_tells_when_data_came, set_up_stamped, tear_down),
        cmocka_unit_test_setup_teardown(what_came_before_it_was_accepted_has_its_stamp,
                                        set_up_stamped, tear_down),
        cmocka_unit_test_setup_teardown(without_stamps_nothing_is_told, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

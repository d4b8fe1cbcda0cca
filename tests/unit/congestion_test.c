/* core/net/congestion */
#include "net/congestion.h"

#include "base/log.h"

#include "capture.h"
#include "test.h"

#include "loopback.h"

static const char *control_of(int fd) {
    static char name[16];
    socklen_t length = sizeof(name);
    memset(name, 0, sizeof(name));
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &length), 0);
    return name;
}

/* reno is compiled into every kernel, and for everybody. */
static void a_socket_gets_what_it_is_told(void **state) {
    (void)state;
    char before[16];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    strcpy(before, control_of(fd));
    assert_int_equal(congestion_set(fd, NULL), 0);
    assert_string_equal(control_of(fd), before);
    assert_int_equal(congestion_set(fd, "host"), 0);
    assert_string_equal(control_of(fd), before);
    assert_int_equal(congestion_set(fd, "reno"), 0);
    assert_string_equal(control_of(fd), "reno");
    close(fd);
}

static void what_a_listener_takes_inherits(void **state) {
    (void)state;
    int port, listener = loopback_listen(&port);
    assert_int_equal(congestion_set(listener, "reno"), 0);
    int there = loopback_connect(port), here = accept(listener, NULL, NULL);
    assert_string_equal(control_of(here), "reno");
    close(here);
    close(there);
    close(listener);
}

static void what_the_kernel_does_not_have_is_an_error(void **state) {
    (void)state;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(congestion_set(fd, "carrier_pigeon") < 0);
    close(fd);
}

static void check(void *name) {
    log_open("sse_server");
    congestion_choose(name);
}

static void and_said_in_a_sentence(void **state) {
    (void)state;
    struct captured captured;
    capture(&captured, check, "reno");
    assert_int_equal(captured.status, 0);
    assert_string_equal(captured.err, "");
    capture(&captured, check, "carrier_pigeon");
    assert_int_equal(captured.status, 1);
    assert_non_null(strstr(captured.err, "sse_server: congestion_control = carrier_pigeon"));
    assert_non_null(strstr(captured.err, "sysctl"));
    assert_ptr_equal(strchr(captured.err, '\n'), captured.err + strlen(captured.err) - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_socket_gets_what_it_is_told),
        cmocka_unit_test(what_a_listener_takes_inherits),
        cmocka_unit_test(what_the_kernel_does_not_have_is_an_error),
        cmocka_unit_test(and_said_in_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

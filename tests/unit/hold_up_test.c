/* core/net/hold_up, with a kernel of our own: this program's getsockopt says what the test wants. (With a real
 * network that loses segments: tests/conformance/loss.t.) */
#include "net/hold_up.h"

#include "test.h"

#include <arpa/inet.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#define FD 99

static struct {
    const char *here, *there;
    uint32_t out_of_order, memory;
    socklen_t info_length; /* as much of tcp_info as this kernel knows */
    int asked;
} kernel;

int getsockopt(int fd, int level, int name, void *value, socklen_t *length) {
    assert_int_equal(fd, FD);
    kernel.asked++;
    if (level == IPPROTO_TCP && name == TCP_INFO) {
        struct tcp_info info = {.tcpi_rcv_ooopack = kernel.out_of_order};
        *length = kernel.info_length;
        memcpy(value, &info, *length);
        return 0;
    }
    assert_true(level == SOL_SOCKET && name == SO_MEMINFO);
    uint32_t memory[SK_MEMINFO_VARS] = {[SK_MEMINFO_RMEM_ALLOC] = kernel.memory};
    memcpy(value, memory, sizeof(memory));
    return 0;
}

static int name_of(const char *text, struct sockaddr *name) {
    struct sockaddr_in *four = (struct sockaddr_in *)(void *)name;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)name;
    name->sa_family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
    void *bytes = name->sa_family == AF_INET6 ? (void *)&six->sin6_addr : (void *)&four->sin_addr;
    return inet_pton(name->sa_family, text, bytes) == 1 ? 0 : -1;
}

int getsockname(int fd, struct sockaddr *name, socklen_t *length) {
    (void)length;
    assert_int_equal(fd, FD);
    return name_of(kernel.here, name);
}

int getpeername(int fd, struct sockaddr *name, socklen_t *length) {
    (void)length;
    assert_int_equal(fd, FD);
    return name_of(kernel.there, name);
}

static void begin(struct hold_up *hold_up, const char *here, const char *there) {
    memset(&kernel, 0, sizeof(kernel));
    kernel.info_length = sizeof(struct tcp_info);
    kernel.here = here;
    kernel.there = there;
    kernel.out_of_order = 7; /* in the handshake, or before it was ours */
    hold_up_watch(hold_up, FD);
}

static void what_came_before_its_turn_was_held_up(void **state) {
    (void)state;
    struct hold_up hold_up;
    begin(&hold_up, "198.18.1.1", "198.18.0.1");
    assert_false(hold_up_seen(&hold_up, FD));
    kernel.out_of_order = 9;
    assert_true(hold_up_seen(&hold_up, FD)); /* and all was read */
    assert_false(hold_up_seen(&hold_up, FD));
    kernel.out_of_order = 10;
    assert_true(hold_up_seen(&hold_up, FD));
    assert_false(hold_up_seen(&hold_up, FD));
}

/* A read takes what came before the gap; what lies behind it is read later, when the count rises no more. */
static void until_nothing_is_left(void **state) {
    (void)state;
    struct hold_up hold_up;
    begin(&hold_up, "198.18.1.1", "198.18.0.1");
    kernel.out_of_order = 8;
    kernel.memory = 2304;
    assert_true(hold_up_seen(&hold_up, FD));
    assert_true(hold_up_seen(&hold_up, FD));
    kernel.memory = 0;
    assert_true(hold_up_seen(&hold_up, FD));
    assert_false(hold_up_seen(&hold_up, FD));
    kernel.memory = 2304; /* the next event, which is in order */
    assert_false(hold_up_seen(&hold_up, FD));
}

static void within_a_host_nobody_asks(void **state) {
    (void)state;
    static const char *const near[][2] = {
        {"127.0.0.1", "127.0.0.1"},
        {"127.0.0.2", "127.3.4.5"},
        {"::1", "::1"},
        {"::ffff:127.0.0.1", "::ffff:127.0.0.1"},
        {"192.0.2.2", "192.0.2.2"},
        {"fd00::2", "fd00::2"},
    };
    static const char *const far[][2] = {
        {"192.0.2.2", "192.0.2.3"},
        {"fd00::2", "fd00::3"},
        {"::ffff:192.0.2.2", "::ffff:192.0.2.3"},
    };
    struct hold_up hold_up;
    for (size_t i = 0; i < sizeof(near) / sizeof(*near); i++) {
        begin(&hold_up, near[i][0], near[i][1]);
        kernel.out_of_order++;
        assert_false(hold_up_seen(&hold_up, FD));
        assert_int_equal(kernel.asked, 0);
    }
    for (size_t i = 0; i < sizeof(far) / sizeof(*far); i++) {
        begin(&hold_up, far[i][0], far[i][1]);
        kernel.out_of_order++;
        assert_true(hold_up_seen(&hold_up, FD));
    }
}

static void a_kernel_that_does_not_count_is_not_asked_again(void **state) {
    (void)state;
    struct hold_up hold_up;
    begin(&hold_up, "192.0.2.2", "192.0.2.3");
    kernel.info_length = offsetof(struct tcp_info, tcpi_rcv_ooopack);
    hold_up_watch(&hold_up, FD);
    int asked = kernel.asked;
    assert_false(hold_up_seen(&hold_up, FD));
    assert_int_equal(kernel.asked, asked);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_came_before_its_turn_was_held_up),
        cmocka_unit_test(until_nothing_is_left),
        cmocka_unit_test(within_a_host_nobody_asks),
        cmocka_unit_test(a_kernel_that_does_not_count_is_not_asked_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

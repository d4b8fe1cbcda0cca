/* The other side of a connection under test: bare sockets on 127.0.0.1, in the same thread. The
 * kernel takes what one side sends without the other's help, so nothing here waits for the loop. */
#ifndef PUSHPULL_TEST_LOOPBACK_H
#define PUSHPULL_TEST_LOOPBACK_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#define LOOPBACK_PATIENCE_NS INT64_C(20000000000)

static inline struct sockaddr_in loopback_address(int port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
}

static inline int loopback_connect(int port) {
    struct sockaddr_in to = loopback_address(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    return fd;
}

/* A server's socket; *port gets its port. */
static inline int loopback_listen(int *port) {
    struct sockaddr_in address = loopback_address(0);
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(fd, 16), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static inline void loopback_send_bytes(int fd, const void *bytes, size_t length) {
    assert_int_equal(send(fd, bytes, length, MSG_NOSIGNAL), length);
}
static inline void loopback_send(int fd, const char *text) {
    loopback_send_bytes(fd, text, strlen(text));
}

/* Ends the connection by RST. */
static inline void loopback_reset(int fd) {
    struct linger now = {.l_onoff = 1};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(fd);
}

static void loopback_wake(uv_timer_t *timer) { (void)timer; }

/* Runs the loop until it is so. Fails the test when it does not come to be. */
static inline void loopback_run(uv_loop_t *loop, bool (*so)(void)) {
    uint64_t until = uv_hrtime() + (uint64_t)LOOPBACK_PATIENCE_NS;
    uv_timer_t alarm; /* so that the loop comes back although nothing happens */
    uv_timer_init(loop, &alarm);
    uv_timer_start(&alarm, loopback_wake, 10, 10);
    while (!so() && uv_hrtime() < until) uv_run(loop, UV_RUN_ONCE);
    bool came = so();
    uv_close((uv_handle_t *)&alarm, NULL);
    uv_run(loop, UV_RUN_NOWAIT);
    assert_true(came);
}

/* A moment of the loop: whatever is there already is worked off. */
static inline void loopback_turn(uv_loop_t *loop) {
    struct timespec moment = {.tv_nsec = 5000000};
    nanosleep(&moment, NULL);
    for (int i = 0; i < 3; i++) uv_run(loop, UV_RUN_NOWAIT);
}

/* Reads and drops until the end; returns how much it was. */
static inline size_t loopback_drain(uv_loop_t *loop, int fd) {
    static char bytes[65536];
    uint64_t give_up = uv_hrtime() + (uint64_t)LOOPBACK_PATIENCE_NS;
    size_t total = 0;
    while (uv_hrtime() < give_up) {
        ssize_t got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN)) break;
        if (got > 0) total += (size_t)got;
        uv_run(loop, UV_RUN_NOWAIT);
    }
    return total;
}

/* Reads into `text` what has come, while the loop runs, until `so` (given the text) or the end.
 * Returns the length; the text is NUL-terminated. */
static inline size_t loopback_read(uv_loop_t *loop, int fd, char *text, size_t size,
                                   const char *until) {
    uint64_t give_up = uv_hrtime() + (uint64_t)LOOPBACK_PATIENCE_NS;
    size_t length = 0;
    uv_timer_t alarm;
    text[0] = '\0';
    uv_timer_init(loop, &alarm);
    uv_timer_start(&alarm, loopback_wake, 10, 10);
    while (uv_hrtime() < give_up && length < size - 1) {
        uv_run(loop, UV_RUN_NOWAIT);
        ssize_t got = recv(fd, text + length, size - 1 - length, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN)) break;
        if (got > 0) length += (size_t)got;
        text[length] = '\0';
        if (until != NULL && strstr(text, until) != NULL) break;
        if (got < 0) uv_run(loop, UV_RUN_ONCE);
    }
    uv_close((uv_handle_t *)&alarm, NULL);
    uv_run(loop, UV_RUN_NOWAIT);
    return length;
}

#endif

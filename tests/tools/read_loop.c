/* The least that a receiver of Server-Sent Events can do: epoll, read, forget. What a client that books every
 * delivery costs is compared with it (scripts/compare-generators).
 *
 *   read_loop PORT SUBSCRIBERS SECONDS     prints reads, and its CPU time in nanoseconds per read */
#include "base/clock.h"
#include "base/log.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static const char request[] = "GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

static int subscribe(int port) {
    struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
        write(fd, request, sizeof(request) - 1) != sizeof(request) - 1)
        die(1, "cannot subscribe at port %d", port);
    return fd;
}

/* Reads until then. Returns how often, or -1 when a server has gone. */
static int64_t read_until(int epoll, int64_t end_ns) {
    static char bytes[65536];
    struct epoll_event ready[1024];
    int64_t reads = 0;
    for (int64_t now_ns; (now_ns = clock_now_ns()) < end_ns;) {
        int count = epoll_wait(epoll, ready, 1024, (int)((end_ns - now_ns) / NS_PER_MS) + 1);
        for (int i = 0; i < count; i++, reads++)
            if (read(ready[i].data.fd, bytes, sizeof(bytes)) <= 0) return -1;
    }
    return reads;
}

int main(int argc, char **argv) {
    if (argc != 4) die(2, "usage: read_loop PORT SUBSCRIBERS SECONDS");
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < atoi(argv[2]); i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = subscribe(atoi(argv[1]))};
        epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event);
    }
    read_until(epoll, clock_now_ns() + 300 * NS_PER_MS); /* the heads of the answers */
    int64_t cpu_ns = clock_cpu_ns();
    int64_t reads = read_until(epoll, clock_now_ns() + (int64_t)(atof(argv[3]) * NS_PER_SECOND));
    if (reads <= 0) die(1, "nothing came");
    printf("%lld %.0f\n", (long long)reads, (double)(clock_cpu_ns() - cpu_ns) / (double)reads);
    return 0;
}

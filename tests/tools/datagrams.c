/* What a network does to datagrams, by somebody who has nothing of pushpull's in it. When one came is the
 * kernel's stamp, on the wall clock; when it was sent is said by the same clock, for both sides are on one host.
 *
 *     datagrams receive ADDRESS PORT                  prints "ready"; then a line per datagram, as they come:
 *                                                     its index, when it was sent and came (ns), its IP bytes
 *     datagrams send ADDRESS PORT COUNT GAP_US BYTES  sends so many, of so many IP bytes each, so far apart
 *
 * The receiver ends when nothing has come for a second, or nothing at all for ten. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HEADERS 28 /* of IP and UDP */
#define DATAGRAM_MAX 9000
#define FIRST_SECONDS 10
#define NEXT_SECONDS 1

struct stamp {
    int64_t index, sent_ns;
};

static int64_t in_ns(struct timespec time) {
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return in_ns(time);
}

static void sleep_ns(int64_t ns) {
    struct timespec time = {ns / 1000000000, ns % 1000000000};
    while (nanosleep(&time, &time) != 0) continue;
}

static int fail(const char *what) {
    perror(what);
    return 1;
}

static void be_patient(int fd, int seconds) {
    struct timeval patience = {seconds, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
}

/* A datagram, and when it came; -1 when none does. */
static ssize_t take(int fd, void *bytes, size_t room, int64_t *came_ns) {
    char control[CMSG_SPACE(sizeof(struct timespec))];
    struct iovec part = {bytes, room};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof(control)};
    ssize_t length = recvmsg(fd, &message, 0);
    struct cmsghdr *stamp = length < 0 ? NULL : CMSG_FIRSTHDR(&message);
    if (stamp == NULL || stamp->cmsg_type != SCM_TIMESTAMPNS) return -1;
    struct timespec time;
    memcpy(&time, CMSG_DATA(stamp), sizeof(time));
    *came_ns = in_ns(time);
    return length;
}

static int receive(int fd, const struct sockaddr_in *address) {
    char bytes[DATAGRAM_MAX];
    struct stamp stamp;
    int64_t came_ns;
    ssize_t length;
    int room = 8 << 20, on = 1;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)); /* if we may */
    if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) != 0) return fail("stamps");
    if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) != 0) return fail("bind");
    printf("ready\n");
    fflush(stdout);
    be_patient(fd, FIRST_SECONDS);
    while ((length = take(fd, bytes, sizeof(bytes), &came_ns)) >= (ssize_t)sizeof(stamp)) {
        memcpy(&stamp, bytes, sizeof(stamp));
        printf("%" PRId64 " %" PRId64 " %" PRId64 " %zd\n", stamp.index, stamp.sent_ns, came_ns,
               length + HEADERS);
        be_patient(fd, NEXT_SECONDS);
    }
    return 0;
}

/* Never closer together than they should be; further apart where this machine is busy. */
static int send_all(int fd, const struct sockaddr_in *address, int count, double gap_us,
                    int ip_bytes) {
    char bytes[DATAGRAM_MAX] = {0};
    int whole = IP_PMTUDISC_DO;
    setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &whole, sizeof(whole));
    for (int i = 0; i < count; i++) {
        struct stamp stamp = {i, now_ns()};
        memcpy(bytes, &stamp, sizeof(stamp));
        if (sendto(fd, bytes, (size_t)ip_bytes - HEADERS, 0, (const struct sockaddr *)address,
                   sizeof(*address)) < 0)
            return fail("sendto");
        if (gap_us > 0) sleep_ns((int64_t)(gap_us * 1e3));
    }
    return 0;
}

int main(int argc, char **argv) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    int receives = argc == 4 && strcmp(argv[1], "receive") == 0;
    int sends = argc == 7 && strcmp(argv[1], "send") == 0;
    int ip_bytes = sends ? atoi(argv[6]) : 0, least = HEADERS + (int)sizeof(struct stamp);
    if ((!receives && !sends) || inet_pton(AF_INET, argv[2], &address.sin_addr) != 1 ||
        (sends && (ip_bytes < least || ip_bytes > DATAGRAM_MAX))) {
        fprintf(stderr, "usage: datagrams receive ADDRESS PORT\n"
                        "       datagrams send ADDRESS PORT COUNT GAP_US BYTES\n");
        return 2;
    }
    address.sin_port = htons((uint16_t)atoi(argv[3]));
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0) return fail("socket");
    return receives ? receive(fd, &address)
                    : send_all(fd, &address, atoi(argv[4]), atof(argv[5]), ip_bytes);
}

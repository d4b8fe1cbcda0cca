/* Small datagrams, many of them: what a link carries, measured from outside. Nothing of pushpull's is in it.
 *
 *     flood receive PORT SECONDS DELAY_MS          "COUNT P50 P99 P999 MAX": how many came, and how much
 *                                                  later than DELAY_MS after they were sent, in ns
 *     flood send ADDRESS PORT BYTES PER_SECOND SECONDS            "COUNT": how many were sent
 *
 * The sender looks at the clock all the time, and the receiver sleeps for half a millisecond between looks:
 * when a datagram came, the kernel has written down. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define PER_SECOND_MAX 1000000
#define SECONDS_MAX 60
#define BYTES_MAX 1472
#define DATAGRAMS_MAX 8000000
#define AT_ONCE 64
#define PAUSE_NS 500000
#define SECOND_NS INT64_C(1000000000)

static int64_t now_ns(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * SECOND_NS + time.tv_nsec;
}

static void fail(const char *what) {
    fprintf(stderr, "flood: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int open_socket(void) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1, bytes = 64 << 20;
    if (fd < 0) fail("socket");
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) != 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
    return fd;
}

/* --- sending ---------------------------------------------------------------------------------- */

static int send_all(const char *host, int port, size_t bytes, double per_second, double seconds) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    char datagram[BYTES_MAX] = "";
    uint64_t sent = 0, times = (uint64_t)(per_second * seconds);
    int fd = open_socket();
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1) fail(host);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) fail(host);
    int64_t start_ns = now_ns(CLOCK_MONOTONIC), end_ns = start_ns + (int64_t)(seconds * 1e9);
    for (uint64_t i = 0; i < times; i++) {
        int64_t due_ns = start_ns + (int64_t)((double)i * 1e9 / per_second), now;
        while ((now = now_ns(CLOCK_MONOTONIC)) < due_ns) continue;
        if (now > end_ns) break; /* this machine cannot offer so many */
        int64_t stamp_ns = now_ns(CLOCK_REALTIME);
        memcpy(datagram, &stamp_ns, sizeof(stamp_ns));
        sent += send(fd, datagram, bytes, 0) == (ssize_t)bytes;
    }
    printf("%" PRIu64 "\n", sent);
    return 0;
}

/* --- receiving -------------------------------------------------------------------------------- */

static int64_t *late_ns;
static size_t came;

static int64_t stamp_of(struct msghdr *message) {
    for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head != NULL;
         head = CMSG_NXTHDR(message, head)) {
        struct timespec time;
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_TIMESTAMPNS) continue;
        memcpy(&time, CMSG_DATA(head), sizeof(time));
        return (int64_t)time.tv_sec * SECOND_NS + time.tv_nsec;
    }
    return 0;
}

/* All that has come. */
static void drain(int fd, int64_t delay_ns) {
    static int64_t stamps[AT_ONCE];
    static char controls[AT_ONCE][128];
    static struct iovec parts[AT_ONCE];
    struct mmsghdr messages[AT_ONCE];
    int count;
    do {
        for (int i = 0; i < AT_ONCE; i++) {
            parts[i] = (struct iovec){&stamps[i], sizeof(stamps[i])};
            messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i],
                                                  .msg_iovlen = 1,
                                                  .msg_control = controls[i],
                                                  .msg_controllen = sizeof(controls[i])};
        }
        count = recvmmsg(fd, messages, AT_ONCE, MSG_DONTWAIT, NULL);
        for (int i = 0; i < count && came < DATAGRAMS_MAX; i++)
            late_ns[came++] = stamp_of(&messages[i].msg_hdr) - stamps[i] - delay_ns;
    } while (count == AT_ONCE);
}

static int compare(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t quantile(double share) {
    if (came == 0) return 0;
    size_t at = (size_t)(share * (double)came);
    return late_ns[at < came ? at : came - 1];
}

static int receive_all(int port, double seconds, double delay_ms) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct timespec pause = {0, PAUSE_NS};
    int fd = open_socket();
    late_ns = malloc(DATAGRAMS_MAX * sizeof(*late_ns));
    if (late_ns == NULL) fail("memory");
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0) fail("bind");
    int64_t end_ns = now_ns(CLOCK_MONOTONIC) + (int64_t)(seconds * 1e9);
    while (now_ns(CLOCK_MONOTONIC) < end_ns) {
        drain(fd, (int64_t)(delay_ms * 1e6));
        nanosleep(&pause, NULL);
    }
    qsort(late_ns, came, sizeof(*late_ns), compare);
    printf("%zu %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n", came, quantile(0.5),
           quantile(0.99), quantile(0.999), quantile(1));
    return 0;
}

/* --- the command line ------------------------------------------------------------------------- */

int main(int argc, char **argv) {
    if (argc == 5 && strcmp(argv[1], "receive") == 0) {
        double seconds = atof(argv[3]);
        if (seconds > 0 && seconds <= SECONDS_MAX)
            return receive_all(atoi(argv[2]), seconds, atof(argv[4]));
    }
    if (argc == 7 && strcmp(argv[1], "send") == 0) {
        double bytes = atof(argv[4]), per_second = atof(argv[5]), seconds = atof(argv[6]);
        if (bytes >= 8 && bytes <= BYTES_MAX && per_second > 0 && per_second <= PER_SECOND_MAX &&
            seconds > 0 && seconds <= SECONDS_MAX)
            return send_all(argv[2], atoi(argv[3]), (size_t)bytes, per_second, seconds);
    }
    fprintf(stderr, "usage: flood receive PORT SECONDS DELAY_MS\n"
                    "       flood send ADDRESS PORT BYTES PER_SECOND SECONDS\n");
    return 2;
}

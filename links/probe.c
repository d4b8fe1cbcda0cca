/* Probes of a link: see probe.h. */
#include "probe.h"

#include "base/clock.h"
#include "base/memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#define HEADER_BYTES 28 /* of IP and UDP */
#define DATAGRAM_MAX 65536
#define UNREAD_BYTES (8 << 20) /* that may wait in a socket; ordinary users get less */
#define READ_AT_ONCE 32
#define BACKLOG 128
#define NUMBER_SHIFT 24 /* a datagram says: the train's number, its own */
#define INDEX_MASK ((1u << NUMBER_SHIFT) - 1)

static int error_now(void) { return uv_translate_sys_error(errno); }

/* --- sockets in two places -------------------------------------------------------------------- */

static struct sockaddr_in address_of(enum place place) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    const char *text = place == PLACE_SERVER ? LINK_SERVER_ADDRESS : LINK_CLIENT_ADDRESS;
    inet_pton(AF_INET, text, &address.sin_addr);
    return address;
}

/* Bound to a port of the kernel's choice; `address` is then the whole of it. */
static int open_socket(int type, enum place place, struct sockaddr_in *address) {
    socklen_t length = sizeof(*address);
    int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return error_now();
    *address = address_of(place);
    if (bind(fd, (struct sockaddr *)address, length) != 0 ||
        getsockname(fd, (struct sockaddr *)address, &length) != 0) {
        int error = error_now();
        close(fd);
        return error;
    }
    return fd;
}

/* Stamped by the kernel, never in pieces. The larger buffer is a privilege, and none the less
 * welcome. */
static int open_udp(struct prober *prober, enum place place) {
    int fd = open_socket(SOCK_DGRAM, place, &prober->udp_address[place]);
    int on = 1, unread = UNREAD_BYTES, whole = IP_PMTUDISC_DO;
    if (fd < 0) return fd;
    prober->udp[place] = fd;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &unread, sizeof(unread)) != 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &unread, sizeof(unread));
    if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) != 0 ||
        setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &whole, sizeof(whole)) != 0)
        return error_now();
    return 0;
}

static int open_listener(struct prober *prober) {
    prober->listener = open_socket(SOCK_STREAM, PLACE_SERVER, &prober->listener_address);
    if (prober->listener < 0) return prober->listener;
    return listen(prober->listener, BACKLOG) == 0 ? 0 : error_now();
}

int prober_open(struct prober *prober, const struct namespaces *namespaces) {
    memset(prober, 0, sizeof(*prober));
    for (enum place place = PLACE_SERVER; place <= PLACE_CLIENT; place++) {
        if (setns(namespaces->net_fd[place], CLONE_NEWNET) != 0) return error_now();
        int error = open_udp(prober, place);
        if (error == 0 && place == PLACE_SERVER) error = open_listener(prober);
        if (error != 0) return error;
    }
    return 0;
}

/* --- sending ---------------------------------------------------------------------------------- */

static enum place origin(const struct probe_train *train) {
    return train->direction == LINK_DOWN ? PLACE_SERVER : PLACE_CLIENT;
}

static enum place destination(const struct probe_train *train) {
    return train->direction == LINK_DOWN ? PLACE_CLIENT : PLACE_SERVER;
}

/* The time is taken before, since what the kernel does to send it belongs to the link's way; and
 * after, for no two may come to the link closer together than they should. */
static int send_one(struct prober *prober, struct probe_train *train) {
    static const char zeros[DATAGRAM_MAX];
    const struct sockaddr_in *to = &prober->udp_address[destination(train)];
    uint32_t word = train->number << NUMBER_SHIFT | (uint32_t)train->sent;
    struct iovec parts[] = {
        {&word, sizeof(word)},
        {(void *)zeros, train->ip_bytes - HEADER_BYTES - sizeof(word)},
    };
    struct msghdr message = {
        .msg_name = (void *)to, .msg_namelen = sizeof(*to), .msg_iov = parts, .msg_iovlen = 2};
    train->probes[train->sent] =
        (struct link_probe){.sent_ns = clock_now_ns(), .ip_bytes = train->ip_bytes};
    int error = sendmsg(prober->udp[origin(train)], &message, MSG_DONTWAIT) < 0 ? error_now() : 0;
    train->last_ns = clock_now_ns();
    if (error != 0) return error;
    train->sent++;
    return 0;
}

static void end_train(struct probe_train *train, int error) {
    train->error = error;
    train->count = train->sent;
}

/* A full queue of this host's own is no mistake: the next turn tries again. */
static void send_due(struct prober *prober, struct probe_train *train) {
    while (train->sent < train->count && train->next_ns <= clock_now_ns()) {
        int error = send_one(prober, train);
        if (error == UV_EAGAIN || error == UV_ENOBUFS) {
            train->next_ns = train->last_ns + train->gap_ns;
            return;
        }
        if (error != 0) {
            end_train(train, error);
            return;
        }
        if (train->sent < train->at_once) continue;
        if (train->next_ns < train->last_ns - train->catch_up_ns)
            train->next_ns = train->last_ns - train->catch_up_ns;
        train->next_ns += train->gap_ns;
    }
}

/* --- receiving -------------------------------------------------------------------------------- */

/* 0 where there is no stamp. */
static int64_t stamp_of(const struct prober *prober, struct msghdr *message) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
        struct timespec wall;
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS) continue;
        memcpy(&wall, CMSG_DATA(c), sizeof(wall));
        return (int64_t)wall.tv_sec * NS_PER_SECOND + wall.tv_nsec - prober->offset_ns;
    }
    return 0;
}

static void arrived(struct probe_train *trains, int count, enum place place, uint32_t word,
                    int64_t at_ns) {
    for (int i = 0; i < count; i++) {
        struct probe_train *train = &trains[i];
        uint32_t index = word & INDEX_MASK;
        if (destination(train) != place || word >> NUMBER_SHIFT != train->number) continue;
        if (index >= train->sent || train->probes[index].arrived_ns != 0) continue;
        train->probes[index].arrived_ns = at_ns;
        train->arrived++;
    }
}

static void read_all(struct prober *prober, struct probe_train *trains, int count,
                     enum place place) {
    struct mmsghdr messages[READ_AT_ONCE];
    struct iovec parts[READ_AT_ONCE];
    uint32_t words[READ_AT_ONCE];
    char controls[READ_AT_ONCE][CMSG_SPACE(sizeof(struct timespec)) + 16];
    int got;
    do {
        for (int i = 0; i < READ_AT_ONCE; i++) {
            words[i] = 0;
            parts[i] = (struct iovec){&words[i], sizeof(words[i])};
            messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i],
                                                  .msg_iovlen = 1,
                                                  .msg_control = controls[i],
                                                  .msg_controllen = sizeof(controls[i])};
        }
        got = recvmmsg(prober->udp[place], messages, READ_AT_ONCE, MSG_DONTWAIT, NULL);
        for (int i = 0; i < got; i++)
            arrived(trains, count, place, words[i], stamp_of(prober, &messages[i].msg_hdr));
    } while (got == READ_AT_ONCE);
}

/* How many datagrams the socket of a train's destination has had no room for, ever. */
static uint64_t overflows(const struct prober *prober, const struct probe_train *train) {
    uint32_t memory[SK_MEMINFO_VARS] = {0};
    socklen_t length = sizeof(memory);
    getsockopt(prober->udp[destination(train)], SOL_SOCKET, SO_MEMINFO, memory, &length);
    return memory[SK_MEMINFO_DROPS];
}

/* --- a run ------------------------------------------------------------------------------------ */

static void start_trains(struct prober *prober, struct probe_train *trains, int count) {
    prober->offset_ns = clock_realtime_offset_ns();
    for (int i = 0; i < count; i++) {
        trains[i].number = ++prober->trains & 0xff;
        trains[i].next_ns = clock_now_ns();
        trains[i].overflowed = overflows(prober, &trains[i]);
    }
}

/* When there is something to do again, whatever arrives; 0: everything is done. */
static int64_t next_turn_ns(const struct probe_train *trains, int count, int64_t linger_ns) {
    int64_t turn_ns = INT64_MAX, last_ns = 0;
    bool sending = false, waiting = false;
    for (int i = 0; i < count; i++) {
        sending |= trains[i].sent < trains[i].count;
        waiting |= trains[i].arrived < trains[i].count;
        if (trains[i].last_ns > last_ns) last_ns = trains[i].last_ns;
        if (trains[i].sent < trains[i].count && trains[i].next_ns < turn_ns)
            turn_ns = trains[i].next_ns;
    }
    if (!waiting) return 0;
    if (sending) return turn_ns;
    return clock_now_ns() < last_ns + linger_ns ? last_ns + linger_ns : 0;
}

static void wait_until(struct pollfd *fds, size_t count, int64_t until_ns) {
    int64_t left_ns = until_ns - clock_now_ns();
    if (left_ns < 0) left_ns = 0;
    struct timespec time = {left_ns / NS_PER_SECOND, left_ns % NS_PER_SECOND};
    ppoll(fds, count, &time, NULL);
}

void prober_run(struct prober *prober, struct probe_train *trains, int count, int64_t linger_ns,
                int64_t until_ns) {
    int64_t turn_ns;
    start_trains(prober, trains, count);
    do {
        for (int i = 0; i < count; i++) {
            send_due(prober, &trains[i]);
            if (clock_now_ns() >= until_ns && trains[i].sent < trains[i].count)
                end_train(&trains[i], 0);
        }
        struct pollfd fds[2];
        for (enum place place = PLACE_SERVER; place <= PLACE_CLIENT; place++) {
            read_all(prober, trains, count, place);
            fds[place] = (struct pollfd){.fd = prober->udp[place], .events = POLLIN};
        }
        turn_ns = next_turn_ns(trains, count, linger_ns);
        if (turn_ns != 0) wait_until(fds, 2, turn_ns);
    } while (turn_ns != 0);
    for (int i = 0; i < count; i++)
        trains[i].overflowed = overflows(prober, &trains[i]) - trains[i].overflowed;
}

/* --- handshakes ------------------------------------------------------------------------------- */

/* Reset when closed: nobody is to wait for a last word over the link. */
static int begin_handshake(const struct prober *prober, struct link_probe *probe) {
    static const struct linger now = {.l_onoff = 1};
    const struct sockaddr_in *to = &prober->listener_address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return error_now();
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    *probe = (struct link_probe){.sent_ns = clock_now_ns(), .ip_bytes = LINK_SYN_BYTES};
    if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0 || errno == EINPROGRESS)
        return fd;
    int error = error_now();
    close(fd);
    return error;
}

/* The kernel has timed it, up to the moment when the answer came. But where a round trip takes
 * longer than TCP's patience with a SYN (1 s), it has sent a second one and knows nothing; what
 * was lost has not come back in time then. */
static void end_handshake(int fd, struct link_probe *probe) {
    struct tcp_info info;
    int error = 0;
    socklen_t length = sizeof(info), error_length = sizeof(error);
    int64_t now_ns = clock_now_ns();
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_length) != 0 || error != 0) return;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return;
    probe->arrived_ns =
        info.tcpi_total_retrans > 0 ? now_ns : probe->sent_ns + (int64_t)info.tcpi_rtt * NS_PER_US;
}

/* Those that have been answered are out of the list, and closed later: a reset would go over the
 * link, too. */
static size_t end_answered(struct pollfd *fds, struct link_probe *probes, size_t begun) {
    size_t ended = 0;
    for (size_t i = 0; i < begun; i++) {
        if (fds[i].fd < 0 || fds[i].revents == 0) continue;
        end_handshake(fds[i].fd, &probes[i]);
        fds[i].fd = ~fds[i].fd;
        ended++;
    }
    return ended;
}

static void hang_up(const struct prober *prober, const struct pollfd *fds, size_t count) {
    int fd;
    for (size_t i = 0; i < count; i++) close(fds[i].fd < 0 ? ~fds[i].fd : fds[i].fd);
    while ((fd = accept(prober->listener, NULL, NULL)) >= 0) close(fd);
}

int prober_shake_hands(struct prober *prober, struct link_probe *probes, size_t count,
                       int64_t gap_ns, int64_t linger_ns) {
    struct pollfd *fds = xcalloc(count + 1, sizeof(*fds));
    size_t begun = 0, ended = 0;
    int64_t next_ns = clock_now_ns(), over_ns = INT64_MAX;
    int error = 0;
    while (ended < count && clock_now_ns() < over_ns) {
        if (begun < count && clock_now_ns() >= next_ns) {
            int fd = begin_handshake(prober, &probes[begun]);
            if (fd < 0) {
                error = fd;
                break;
            }
            fds[begun] = (struct pollfd){.fd = fd, .events = POLLOUT};
            next_ns = probes[begun].sent_ns + gap_ns;
            if (++begun == count) over_ns = probes[begun - 1].sent_ns + linger_ns;
        }
        for (size_t i = 0; i < begun; i++) fds[i].revents = 0;
        wait_until(fds, begun, begun < count ? next_ns : over_ns);
        ended += end_answered(fds, probes, begun);
    }
    hang_up(prober, fds, begun);
    free(fds);
    return error;
}

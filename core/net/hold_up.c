/* The kernel counts the segments that come before their turn (TCP_INFO): when there are more of them than at the
 * last read, what was just read may have waited for its turn. It may also be that they still wait: then the next
 * read brings them, and the count does not rise again. So the question goes on until nothing is left in the
 * socket (SO_MEMINFO counts both, what can be read and what cannot yet). */
#include "net/hold_up.h"

#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

/* Returns whether the kernel tells it. */
static bool read_out_of_order(int fd, uint32_t *segments) {
    struct tcp_info info;
    socklen_t length = sizeof(info);
    const socklen_t needed =
        offsetof(struct tcp_info, tcpi_rcv_ooopack) + sizeof(info.tcpi_rcv_ooopack);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0 || length < needed) return false;
    *segments = info.tcpi_rcv_ooopack;
    return true;
}

static bool holds_more(int fd) {
    uint32_t memory[SK_MEMINFO_VARS] = {0};
    socklen_t length = sizeof(memory);
    getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &length);
    return memory[SK_MEMINFO_RMEM_ALLOC] > 0;
}

/* The bytes of an address, without its port. */
static const void *bytes_of(const struct sockaddr_storage *name, size_t *length) {
    *length = name->ss_family == AF_INET6 ? sizeof(struct in6_addr) : sizeof(struct in_addr);
    return name->ss_family == AF_INET6
               ? (const void *)&((const struct sockaddr_in6 *)name)->sin6_addr
               : (const void *)&((const struct sockaddr_in *)name)->sin_addr;
}

static bool is_loopback(const struct sockaddr_storage *name) {
    size_t length;
    const unsigned char *bytes = bytes_of(name, &length);
    if (name->ss_family == AF_INET) return bytes[0] == 127;
    const struct in6_addr *six = &((const struct sockaddr_in6 *)name)->sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(six) || (IN6_IS_ADDR_V4MAPPED(six) && bytes[12] == 127);
}

/* An address of loopback, or the same on both sides. */
static bool within_host(int fd) {
    struct sockaddr_storage here, there;
    socklen_t here_length = sizeof(here), there_length = sizeof(there);
    size_t length;
    if (getsockname(fd, (struct sockaddr *)&here, &here_length) != 0 ||
        getpeername(fd, (struct sockaddr *)&there, &there_length) != 0)
        return true;
    const void *own = bytes_of(&here, &length);
    return is_loopback(&there) || memcmp(own, bytes_of(&there, &length), length) == 0;
}

void hold_up_watch(struct hold_up *hold_up, int fd) {
    *hold_up = (struct hold_up){.possible = !within_host(fd)};
    if (hold_up->possible) hold_up->possible = read_out_of_order(fd, &hold_up->out_of_order);
}

bool hold_up_seen(struct hold_up *hold_up, int fd) {
    uint32_t before = hold_up->out_of_order;
    if (!hold_up->possible || !read_out_of_order(fd, &hold_up->out_of_order)) return false;
    bool seen = hold_up->goes_on || hold_up->out_of_order != before;
    hold_up->goes_on = seen && holds_more(fd);
    return seen;
}

/* The places of a link: three network namespaces, and who lives in them.
 *
 *     server side: eth0 198.18.0.1 --veth-- s0 | the relay (this process) | c0 --veth-- eth0 198.18.1.1: client side
 *
 * This process moves into one of its own, where the relay's ends are; a small process of its own, the
 * holder, keeps each side. All of it is gone when this process ends, however it ends. Addresses are of
 * the block that is set aside for such tests (RFC 2544, 198.18.0.0/15). It takes root, or a kernel that
 * lets ordinary users make user namespaces. */
#ifndef PUSHPULL_NAMESPACES_H
#define PUSHPULL_NAMESPACES_H

#include <stdint.h>
#include <sys/types.h>

#define LINK_SERVER_ADDRESS "198.18.0.1"
#define LINK_CLIENT_ADDRESS "198.18.1.1" /* the first of LINK_SOURCES_MAX: .1, .2, ... */

enum place { PLACE_SERVER, PLACE_CLIENT };

struct namespaces {
    pid_t holder[2]; /* by enum place; a program that joins the namespaces of one stands there */
    int net_fd[2];   /* the network namespace of each side, for setns */
    int user_fd; /* the user namespace that this process made and moved into, or -1: it is root */
    int relay_packet_ifindex[2]; /* the relay's ends, in the namespace of this process */
    int lifeline[2];             /* a holder ends when its one is closed */
};

/* Makes all of it, for IP packets of at most `mtu` bytes. Before any thread and any socket of this
 * process, which is in another network namespace afterwards. Returns NULL, or a new sentence about what
 * cannot be done and which setting forbids it; nothing is left then but the process in its new place. */
char *namespaces_make(struct namespaces *, int64_t mtu);
/* Frames that the four ends of the lines have dropped so far when they were to send them: the kernel was too
 * busy. */
uint64_t namespaces_dropped(const struct namespaces *);
/* Ends the holders, and with them all that stands there alone. */
void namespaces_free(struct namespaces *);

#endif

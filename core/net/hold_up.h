/* Whether what was read from a connection had been held up on this host: TCP hands bytes on in their order, so
 * what came behind a lost segment lies in the kernel until that one has been sent again. Its receive stamp says
 * when it came, which nobody could know yet: the event reached the application a round trip later. */
#ifndef PUSHPULL_HOLD_UP_H
#define PUSHPULL_HOLD_UP_H

#include <stdbool.h>
#include <stdint.h>

/* Of one connection. */
struct hold_up {
    bool possible;         /* segments can get lost on its way: the other side is on another host */
    bool goes_on;          /* at the last read there was more that could not be read yet */
    uint32_t out_of_order; /* segments that had come before their turn, by then */
};

/* Begins to watch a connected socket. Between two sockets of one host nothing gets lost, and so the kernel is
 * never asked about them. Nor is one before Linux 5.4, which does not count: there a loss looks cheap. */
void hold_up_watch(struct hold_up *, int fd);

/* After a read: whether any of what it brought may have been held up. Rather too often than too seldom: a
 * segment that came before its turn makes it so until all that came has been read. */
bool hold_up_seen(struct hold_up *, int fd);

#endif

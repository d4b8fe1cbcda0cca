/* What open connections cost in the kernel, host-wide: no process is billed for it.
 *
 * Method: the sum, over the slab caches that a TCP socket in an epoll set lives in, of active
 * objects x object size (/proc/slabinfo, readable by root), else all slab memory (/proc/meminfo);
 * and the pages of socket buffers that TCP accounts for (/proc/net/sockstat), as far as they are
 * more than the kernel keeps in reserve. Of five readings in 40 ms the least counts: what is still
 * on its way, or is about to be freed, is no cost of a connection that is open. The runner takes it
 * before the clients start and when every subscriber is connected, and divides the difference by
 * the number of subscribers: both ends of a loopback connection together. Whatever else happens on
 * the host meanwhile is in it, so with fewer than some hundred subscribers the figure is noise;
 * connections that are made later, as a webhook's are, are not in it. */
#ifndef PUSHPULL_KERNEL_MEMORY_H
#define PUSHPULL_KERNEL_MEMORY_H

#include <stdint.h>

/* Bytes now, or -1 when the kernel does not say. Takes 40 ms. */
int64_t kernel_memory_bytes(void);

#endif

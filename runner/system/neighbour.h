/* Other runs on this machine, which disturb a measurement. A run announces itself by a socket with a name, which
 * goes when its process does, however that ends; the kernel lists them. Runs in another network namespace, a
 * container say, are not seen, nor are those with another PUSHPULL_MACHINE in their environment: they are taken to
 * be elsewhere (tests that run side by side say so). */
#ifndef PUSHPULL_NEIGHBOUR_H
#define PUSHPULL_NEIGHBOUR_H

#include <stdbool.h>

/* Announces this process as a run, until it ends. */
void neighbour_announce(void);
/* Whether another process is announced. */
bool neighbour_is_there(void);

#endif

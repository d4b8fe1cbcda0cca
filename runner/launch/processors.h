/* Which processors a program may use. Where each role has its own, two like trials differ less: no scheduler puts
 * a server and its client on one processor in one trial and on two in the next. */
#ifndef PUSHPULL_PROCESSORS_H
#define PUSHPULL_PROCESSORS_H

#include <sched.h>

/* Deals those of this process out to `parts`, as even as can be, and keeps it, and what it starts from here on, to
 * the part of this number, 0, 1, ...; nothing happens where there are fewer processors than parts. What it had is
 * left in *before. */
void processors_keep_to(int part, int parts, cpu_set_t *before);
/* Gives them back. */
void processors_restore(const cpu_set_t *before);

#endif

/* Which congestion control a connection uses: how fast TCP sends into a network whose room it does not know.
 * The kernel's own choice differs from host to host, so figures over a distance say which one they are of. */
#ifndef PUSHPULL_CONGESTION_H
#define PUSHPULL_CONGESTION_H

/* Values of the option: "host" leaves the kernel's choice alone; "auto" is cubic, the most common one, where this
 * user may have it, and else host. */
#define CONGESTION_CHOICES "auto|cubic|reno|bbr|host"

/* Makes a socket use it. Call it before it listens or connects: accepted sockets inherit their
 * listener's, while one that is switched from BBR afterwards keeps its pacing. NULL is as "host". Returns 0
 * or a libuv error: UV_ENOENT when the kernel does not have it, UV_EPERM when it is not for this user. */
int congestion_set(int fd, const char *name);

/* What a value of the option comes to here: one of the others for "auto", static text. Ends the process with a
 * sentence when this kernel does not let us use what was asked for by its name. */
const char *congestion_choose(const char *name);

#endif

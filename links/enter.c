/* enter PID PROGRAM [ARGUMENT...]: becomes PROGRAM, in the place where the process PID stands: in its
 * network namespace, and in its user namespace where that is another one (then an ordinary user is root in there,
 * of nothing but that network). How a runner, or a person, starts a program at an end of a link. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOT_FOUND 127 /* as shells have it */

static int open_namespace(const char *pid, const char *kind) {
    char path[64];
    snprintf(path, sizeof(path), "/proc/%s/ns/%s", pid, kind);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        die(1, "there is no process %s: is the link still running?", pid);
    if (fd < 0) die(1, "cannot open %s: %s (whose process is it?)", path, strerror(errno));
    return fd;
}

/* Joining the user namespace that one is in already is an error (EINVAL). */
static bool is_ours(int fd) {
    struct stat ours, theirs;
    return stat("/proc/self/ns/user", &ours) == 0 && fstat(fd, &theirs) == 0 &&
           ours.st_ino == theirs.st_ino;
}

int main(int argc, char **argv) {
    log_open("enter");
    if (argc < 3) die(2, "usage: enter PID PROGRAM [ARGUMENT...], PID from a link's `places`");
    if (strlen(argv[1]) > 10 || argv[1][0] == '\0' ||
        argv[1][strspn(argv[1], "0123456789")] != '\0')
        die(2, "'%s' is no number of a process; usage: enter PID PROGRAM [ARGUMENT...]", argv[1]);
    int user = open_namespace(argv[1], "user"), network = open_namespace(argv[1], "net");
    if (!is_ours(user) && setns(user, CLONE_NEWUSER) != 0)
        die(1,
            "cannot join the user namespace of process %s: %s (was the link started by this user?)",
            argv[1], strerror(errno));
    if (setns(network, CLONE_NEWNET) != 0)
        die(1, "cannot join the network of process %s: %s (a link that root started takes root)",
            argv[1], strerror(errno));
    execvp(argv[2], argv + 2);
    die(NOT_FOUND, "cannot start %s: %s", argv[2], strerror(errno));
}

/* Announced runs. See neighbour.h. */
#include "system/neighbour.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define NAME "pushpull-run-" /* and the process id */

/* A name that begins with a NUL is no file. The descriptor is kept open on purpose. */
void neighbour_announce(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, NAME "%d", getpid());
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    if (bind(fd, (struct sockaddr *)&address,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)) != 0)
        close(fd); /* somebody of another process namespace has this name, and is seen by it */
}

bool neighbour_is_there(void) {
    char line[512];
    bool there = false;
    FILE *file = fopen("/proc/net/unix", "re");
    while (file != NULL && !there && fgets(line, sizeof(line), file) != NULL) {
        const char *name = strstr(line, " @" NAME);
        there = name != NULL && atoi(name + strlen(" @" NAME)) != getpid();
    }
    if (file != NULL) fclose(file);
    return there;
}

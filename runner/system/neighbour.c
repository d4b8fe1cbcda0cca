/* Announced runs. See neighbour.h. */
#include "system/neighbour.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* "pushpull-run-MACHINE-": the process id follows. */
static const char *prefix(char out[64]) {
    const char *machine = getenv("PUSHPULL_MACHINE");
    snprintf(out, 64, "pushpull-run-%s-", machine == NULL ? "" : machine);
    return out;
}

/* A name that begins with a NUL is no file. The descriptor is kept open on purpose. */
void neighbour_announce(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char name[64];
    int length = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "%s%d", prefix(name),
                          getpid());
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    if (bind(fd, (struct sockaddr *)&address,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)) != 0)
        close(fd); /* somebody of another process namespace has this name, and is seen by it */
}

bool neighbour_is_there(void) {
    char line[512], name[64];
    bool there = false;
    size_t length = strlen(prefix(name));
    FILE *file = fopen("/proc/net/unix", "re");
    while (file != NULL && !there && fgets(line, sizeof(line), file) != NULL) {
        const char *place = strstr(line, " @"), *own = place == NULL ? NULL : place + 2;
        there = own != NULL && strncmp(own, name, length) == 0 && atoi(own + length) != getpid();
    }
    if (file != NULL) fclose(file);
    return there;
}

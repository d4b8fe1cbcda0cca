/* Stops a process, and lets it go on just when an event has come: then what it reads last is fresh, however long
 * it stood.
 *
 *     stand_still PID SECONDS ADDRESS PORT        a tcp_server's */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECONDS_MAX 60
#define EVENTS_MAX 100000
#define SILENCE_SECONDS 5 /* a server that says nothing for so long is not waited for */

static double now_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool send_signal(pid_t pid, int signal) {
    if (kill(pid, signal) == 0) return true;
    fprintf(stderr, "stand_still: kill: %s\n", strerror(errno));
    return false;
}

int main(int argc, char **argv) {
    struct sockaddr_in server = {.sin_family = AF_INET};
    const struct timeval patience = {.tv_sec = SILENCE_SECONDS};
    char event[65536];
    pid_t pid = argc == 5 ? (pid_t)atoi(argv[1]) : 0;
    if (pid < 2 || inet_pton(AF_INET, argv[3], &server.sin_addr) != 1 ||
        atof(argv[2]) > SECONDS_MAX) {
        fprintf(stderr, "usage: stand_still PID SECONDS ADDRESS PORT\n");
        return 2;
    }
    server.sin_port = htons((uint16_t)atoi(argv[4]));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&server, sizeof(server)) != 0) {
        fprintf(stderr, "stand_still: connect: %s\n", strerror(errno));
        return 1;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    double end = now_seconds() + atof(argv[2]);
    bool came = false;
    if (!send_signal(pid, SIGSTOP)) return 1;
    for (int i = 0; !came && i < EVENTS_MAX && read(fd, event, sizeof(event)) > 0; i++)
        came = now_seconds() > end;
    return send_signal(pid, SIGCONT) && came ? 0 : 1;
}

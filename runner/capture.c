/* The output of a short command. */
#include "capture.h"

#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Starts argv with `out` as its stdout; returns its process id or -1. */
static pid_t start(char *const argv[], int out, bool quietly) {
    posix_spawn_file_actions_t actions;
    pid_t pid;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (quietly)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int error = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error == 0 ? pid : -1;
}

static void read_all(int fd, struct buffer *out) {
    for (;;) {
        ssize_t got = read(fd, buffer_reserve(out, 4096), 4096);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return;
        out->length += (size_t)got;
    }
}

static bool succeeded(pid_t pid) {
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

char *capture(char *const argv[], bool quietly) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return NULL;
    pid_t pid = start(argv, ends[1], quietly);
    close(ends[1]);
    struct buffer output = {0};
    if (pid > 0) read_all(ends[0], &output);
    close(ends[0]);
    if (pid > 0 && succeeded(pid)) {
        buffer_append(&output, "", 0); /* a NUL even when there was no output */
        return output.data;
    }
    buffer_free(&output);
    return NULL;
}

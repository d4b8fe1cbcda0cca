/* The output of a short command. */
#include "system/capture.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Starts argv with `end` as its stdout or stderr, `captured`, and with nothing as the other one when it is to be
 * quiet; returns its process id or -1. */
static pid_t start(char *const argv[], int captured, int end, bool quietly) {
    int other = captured == STDOUT_FILENO ? STDERR_FILENO : STDOUT_FILENO;
    posix_spawn_file_actions_t actions;
    pid_t pid;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, end, captured);
    if (quietly) posix_spawn_file_actions_addopen(&actions, other, "/dev/null", O_WRONLY, 0);
    int error = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error == 0 ? pid : -1;
}

static int left_ms(int64_t until_ns) {
    int64_t left_ns = until_ns - clock_now_ns();
    return left_ns <= 0 ? 0 : (int)(left_ns / NS_PER_MS) + 1;
}

/* Until the end of the output, or of the time. */
static void read_all(int fd, struct buffer *out, int64_t until_ns) {
    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        int count = poll(&ready, 1, left_ms(until_ns));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
        ssize_t got = read(fd, buffer_reserve(out, 4096), 4096);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return;
        out->length += (size_t)got;
    }
}

/* It may have closed its output and go on: it has the rest of the time. */
static bool succeeded(pid_t pid, int64_t until_ns) {
    int status;
    pid_t ended;
    while ((ended = waitpid(pid, &status, WNOHANG)) == 0 && left_ms(until_ns) > 0) poll(NULL, 0, 1);
    if (ended == 0) {
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        errno = ETIMEDOUT;
        return false;
    }
    errno = 0;
    return ended == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Returns whether argv exited with 0; what it said is in `output`. After `seconds` errno is ETIMEDOUT. */
static bool run(char *const argv[], int captured, bool quietly, int seconds,
                struct buffer *output) {
    int ends[2];
    int64_t until_ns = clock_now_ns() + seconds * (int64_t)NS_PER_SECOND;
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    pid_t pid = start(argv, captured, ends[1], quietly);
    close(ends[1]);
    if (pid > 0) read_all(ends[0], output, until_ns);
    close(ends[0]);
    buffer_append(output, "", 0); /* a NUL even when there was no output */
    if (pid > 0 && succeeded(pid, until_ns)) return true;
    bool late = pid > 0 && errno == ETIMEDOUT;
    if (late) log_error("%s did not end within %d s and was stopped", argv[0], seconds);
    errno = late ? ETIMEDOUT : 0;
    return false;
}

char *capture(char *const argv[], bool quietly, int seconds) {
    struct buffer output = {0};
    if (run(argv, STDOUT_FILENO, quietly, seconds, &output)) return output.data;
    int reason = errno;
    buffer_free(&output);
    errno = reason;
    return NULL;
}

char *capture_complaint(char *const argv[], int seconds, bool *good) {
    struct buffer output = {0};
    *good = run(argv, STDERR_FILENO, true, seconds, &output);
    return output.data == NULL ? xstrdup("") : output.data;
}

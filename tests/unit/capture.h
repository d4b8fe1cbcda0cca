/* Runs a function in a child process and keeps what it printed and how it ended: for functions
 * that end the program. */
#ifndef PUSHPULL_CAPTURE_H
#define PUSHPULL_CAPTURE_H

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct captured {
    int status; /* exit status, or minus the signal */
    char out[16384], err[16384];
};

static inline void capture_read(FILE *file, char *text, size_t size) {
    rewind(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}

static inline void capture(struct captured *captured, void (*run)(void *), void *data) {
    FILE *out = tmpfile(), *err = tmpfile();
    assert_non_null(out);
    assert_non_null(err);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        dup2(fileno(out), STDOUT_FILENO);
        dup2(fileno(err), STDERR_FILENO);
        run(data);
        exit(0);
    }
    int status = 0;
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    captured->status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    capture_read(out, captured->out, sizeof(captured->out));
    capture_read(err, captured->err, sizeof(captured->err));
}

#endif

/* A program that runs under the runner: its process, the two pipes of the conversation
 * (docs/protocol.md), and the file that keeps its words for people. */
#ifndef PUSHPULL_PROGRAM_H
#define PUSHPULL_PROGRAM_H

#include "base/memory.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct program;

struct program_handler {
    /* A line came. `message` is an object; it is freed after the call. */
    void (*message)(struct program *, const char *type, json_t *message);
    /* The last call: it exited and all it had said was read; its handles are closed. */
    void (*ended)(struct program *);
};

struct program {
    void *data; /* the handler's */
    const struct program_handler *handler;
    char *name;      /* "sse_client 0": for people */
    int part, parts; /* the share of the processors that it is kept to; 0 parts: all are its own */
    char *log_path;
    uv_process_t process;
    uv_pipe_t commands, output;
    char space[16384];  /* to read into */
    struct buffer line; /* the part of a line that was read so far */
    int open_handles;
    bool running;
    int64_t exit_status;
    int exit_signal; /* 0: it exited by itself */
};

/* Starts argv. `program` is zeroed but for data, handler, part, parts, name and log_path (both of the latter owned
 * by the program from here on). When it cannot be started, a libuv error is
 * returned, and `ended` still comes. */
int program_start(struct program *, uv_loop_t *, char **argv);
/* Sends a command, without the line break. A program that has gone does not hear it. */
void program_send(struct program *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void program_signal(struct program *, int number);
/* When it has exited: does not wait any longer for the end of its output, which a child of its own
 * may hold open. */
void program_abandon(struct program *);
/* The last line that it wrote to stderr, or NULL when there is none. The caller frees it. */
char *program_last_words(const struct program *);
/* After `ended`. */
void program_free(struct program *);

#endif

/* The conversation with the runner: JSON objects out, one per line; commands in. End of file on the way
 * in means stop: when the runner dies, its children die. docs/protocol.md is the reference. */
#ifndef PUSHPULL_CONTROL_H
#define PUSHPULL_CONTROL_H

#include "base/limits.h"
#include "base/memory.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <uv.h>

#define CONTROL_NUMBERS_MAX 4

/* Commands from stdin. Embed it in whoever takes them. */
struct control {
    uv_pipe_t input;
    bool reading;
    char chunk[CONTROL_LINE_BYTES];
    struct buffer rest; /* of a line whose end has not come */
    /* A command: its word and up to CONTROL_NUMBERS_MAX whole numbers. "stop" also stands for the end
     * of stdin, and for a line that is longer than CONTROL_LINE_BYTES. */
    void (*command)(struct control *, const char *word, const int64_t *numbers, int count);
};

/* Starts to read commands from stdin: a pipe, socket or terminal; `command` is set. Returns 0 or a
 * libuv error. */
int control_start(struct control *, uv_loop_t *);
/* Ends that; the memory stays until the loop has ended. Harmless when it was never started. */
void control_stop(struct control *);

/* Writes the object as one line and takes it over (json_decref). Returns false when it cannot be
 * written: nobody listens any more. */
bool control_say(FILE *out, json_t *object);

#endif

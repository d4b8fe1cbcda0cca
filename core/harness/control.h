/* The conversation with the runner: JSON objects out on stdout, one a line; commands in on stdin.
 * End of file on stdin means stop: when the runner dies, its children die. docs/protocol.md is
 * the reference. */
#ifndef PUSHPULL_CONTROL_H
#define PUSHPULL_CONTROL_H

#include <jansson.h>
#include <stdint.h>
#include <uv.h>

/* A command: its word and up to four whole numbers. "stop" also stands for the end of stdin. */
typedef void (*control_callback)(void *data, const char *word, const int64_t *numbers, int count);

/* A runner is in charge: from here on, a program that dies with status 1 tells it why (`failed`). */
void control_supervised(const char *role, const char *strategy);

/* Starts to read commands from stdin: a pipe, socket or terminal. Returns 0 or a libuv error. */
int control_start(uv_loop_t *, control_callback, void *data);
void control_stop(void);

/* Prints the object as one line and takes it over (json_decref). A line that cannot be written
 * means that nobody listens any more: the process then ends. */
void control_send(json_t *object);

#endif

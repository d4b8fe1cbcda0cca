/* The conversation with the runner: see control.h and docs/protocol.md. */
#include "harness/control.h"

#include "base/log.h"
#include "base/memory.h"
#include "harness/report.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NUMBERS_MAX 4
#define LINE_MAX_BYTES 256

static uv_pipe_t input;
static bool reading;
static char line[LINE_MAX_BYTES];
static size_t line_length;
static char chunk[LINE_MAX_BYTES];
static control_callback callback;
static void *callback_data;

/* "measure 100 200" -> word "measure", numbers 100 and 200. */
static void run_line(char *text) {
    int64_t numbers[NUMBERS_MAX];
    int count = 0;
    char *rest = text, *word = strsep(&rest, " ");
    while (rest != NULL && count < NUMBERS_MAX)
        numbers[count++] = strtoll(strsep(&rest, " "), NULL, 10);
    callback(callback_data, word, numbers, count);
}

static void take(const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != '\n') {
            if (line_length < sizeof line - 1) line[line_length++] = bytes[i];
            continue;
        }
        line[line_length] = '\0';
        line_length = 0;
        if (line[0] != '\0') run_line(line);
    }
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    (void)handle;
    (void)suggested;
    *buffer = uv_buf_init(chunk, sizeof chunk);
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer) {
    (void)stream;
    if (length > 0) take(buffer->base, (size_t)length);
    if (length < 0) callback(callback_data, "stop", NULL, 0);
}

int control_start(uv_loop_t *loop, control_callback on_command, void *data) {
    uv_handle_type kind = uv_guess_handle(STDIN_FILENO);
    if (kind == UV_FILE || kind == UV_UNKNOWN_HANDLE) return UV_ENOTSUP; /* libuv would abort */
    callback = on_command;
    callback_data = data;
    uv_pipe_init(loop, &input, 0);
    reading = true;
    int error = uv_pipe_open(&input, STDIN_FILENO);
    if (error == 0) error = uv_read_start((uv_stream_t *)&input, on_alloc, on_read);
    return error;
}

void control_stop(void) {
    if (reading) uv_close((uv_handle_t *)&input, NULL);
    reading = false;
}

static bool say(const json_t *object) {
    return json_dumpf(object, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER) == 0 &&
           fputc('\n', stdout) != EOF && fflush(stdout) == 0;
}

static const char *own_role, *own_strategy;

static void send_failed(const char *sentence) {
    json_t *message = report_message("failed", own_role, own_strategy);
    json_object_set_new(message, "message", json_string(sentence));
    say(message);
    json_decref(message);
}

void control_supervised(const char *role, const char *strategy) {
    own_role = role;
    own_strategy = strategy;
    log_on_failure(send_failed);
}

void control_send(json_t *object) {
    if (!say(object)) die(1, "nobody reads what this program reports: %s", strerror(errno));
    json_decref(object);
}

/* The conversation with the runner: see control.h and docs/protocol.md. */
#include "harness/control.h"

#include "base/list.h"
#include "model/conversation.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "measure 100 200" -> word "measure", numbers 100 and 200. */
static void run_line(struct control *control, char *text) {
    int64_t numbers[CONTROL_NUMBERS_MAX];
    int count = 0;
    char *rest = text, *word = strsep(&rest, " ");
    while (rest != NULL && count < CONTROL_NUMBERS_MAX)
        numbers[count++] = strtoll(strsep(&rest, " "), NULL, 10);
    control->command(control, word, numbers, count);
}

/* What does not fit into a line is no command: it is dropped. */
static void take(struct control *control, const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != '\n') {
            if (control->line_length < sizeof(control->line) - 1)
                control->line[control->line_length++] = bytes[i];
            continue;
        }
        control->line[control->line_length] = '\0';
        control->line_length = 0;
        if (control->line[0] != '\0') run_line(control, control->line);
    }
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    struct control *control = list_entry(handle, struct control, input);
    (void)suggested;
    *buffer = uv_buf_init(control->chunk, sizeof(control->chunk));
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer) {
    struct control *control = list_entry(stream, struct control, input);
    if (length > 0) take(control, buffer->base, (size_t)length);
    if (length < 0) control->command(control, COMMAND_STOP, NULL, 0);
}

int control_start(struct control *control, uv_loop_t *loop) {
    uv_handle_type kind = uv_guess_handle(STDIN_FILENO);
    if (kind == UV_FILE || kind == UV_UNKNOWN_HANDLE) return UV_ENOTSUP; /* libuv would abort */
    uv_pipe_init(loop, &control->input, 0);
    control->reading = true;
    int error = uv_pipe_open(&control->input, STDIN_FILENO);
    if (error == 0) error = uv_read_start((uv_stream_t *)&control->input, on_alloc, on_read);
    return error;
}

void control_stop(struct control *control) {
    if (control->reading) uv_close((uv_handle_t *)&control->input, NULL);
    control->reading = false;
}

bool control_say(FILE *out, json_t *object) {
    bool said = json_dumpf(object, out, JSON_COMPACT | JSON_PRESERVE_ORDER) == 0 &&
                fputc('\n', out) != EOF && fflush(out) == 0;
    json_decref(object);
    return said;
}

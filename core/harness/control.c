/* The conversation with the runner: see control.h and docs/protocol.md. */
#include "harness/control.h"

#include "base/lines.h"
#include "base/list.h"
#include "model/conversation.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "measure 100 200" -> word "measure", numbers 100 and 200. */
static void run_line(void *data, const char *line, size_t length) {
    struct control *control = data;
    char text[CONTROL_LINE_BYTES + 1];
    int64_t numbers[CONTROL_NUMBERS_MAX];
    int count = 0;
    if (length == 0 || length > CONTROL_LINE_BYTES || !control->reading) return;
    memcpy(text, line, length);
    text[length] = '\0';
    char *rest = text, *word = strsep(&rest, " ");
    while (rest != NULL && count < CONTROL_NUMBERS_MAX)
        numbers[count++] = strtoll(strsep(&rest, " "), NULL, 10);
    control->command(control, word, numbers, count);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    struct control *control = list_entry(handle, struct control, input);
    (void)suggested;
    *buffer = uv_buf_init(control->chunk, sizeof(control->chunk));
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer) {
    struct control *control = list_entry(stream, struct control, input);
    bool ended =
        length < 0 || (length > 0 && lines_take(&control->rest, CONTROL_LINE_BYTES, buffer->base,
                                                (size_t)length, run_line, control) != 0);
    if (ended) control->command(control, COMMAND_STOP, NULL, 0);
    if (!control->reading) buffer_free(&control->rest); /* what came behind the stop */
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
    buffer_free(&control->rest);
}

bool control_say(FILE *out, json_t *object) {
    bool said = json_dumpf(object, out, JSON_COMPACT | JSON_PRESERVE_ORDER) == 0 &&
                fputc('\n', out) != EOF && fflush(out) == 0;
    json_decref(object);
    return said;
}

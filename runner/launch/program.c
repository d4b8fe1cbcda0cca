/* A server or client under the runner.
 *
 * Every descriptor of ours is close-on-exec, and libuv gives a child only its three: no child holds
 * another's pipe, so when the runner dies each reads the end of its stdin. A child has a session of
 * its own: Ctrl-C reaches the runner alone, which then stops its children in order. */
#include "launch/program.h"

#include "base/limits.h"
#include "base/lines.h"
#include "base/log.h"
#include "launch/processors.h"
#include "model/conversation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- the end ---------------------------------------------------------------------------------- */

static void handle_closed(uv_handle_t *handle) {
    struct program *program = handle->data;
    if (--program->open_handles == 0) program->handler->ended(program);
}

static void close_handle(void *handle) {
    if (!uv_is_closing(handle)) uv_close(handle, handle_closed);
}

static void process_exited(uv_process_t *process, int64_t exit_status, int exit_signal) {
    struct program *program = process->data;
    program->running = false;
    program->exit_status = exit_status;
    program->exit_signal = exit_signal;
    close_handle(&program->process);
    close_handle(&program->commands);
}

/* --- listening -------------------------------------------------------------------------------- */

static void take_line(void *data, const char *line, size_t length) {
    struct program *program = data;
    json_t *message = json_loadb(line, length, 0, NULL);
    const char *type = json_string_value(json_object_get(message, FIELD_TYPE));
    if (type != NULL)
        program->handler->message(program, type, message);
    else
        log_warn("%s said something that is no message: %.*s", program->name,
                 length < 80 ? (int)length : 80, line);
    json_decref(message);
}

/* A report is some hundred kilobytes. What has no end is no message, and nothing behind it one. */
static void take_bytes(struct program *program, const char *bytes, size_t length) {
    if (lines_take(&program->line, PROGRAM_LINE_MAX, bytes, length, take_line, program) == 0)
        return;
    log_warn("%s said a line of more than %d bytes: it is not listened to any more", program->name,
             PROGRAM_LINE_MAX);
    close_handle(&program->output);
}

static void give_space(uv_handle_t *handle, size_t suggested, uv_buf_t *space) {
    struct program *program = handle->data;
    (void)suggested;
    *space = uv_buf_init(program->space, sizeof(program->space));
}

static void output_came(uv_stream_t *stream, ssize_t length, const uv_buf_t *space) {
    struct program *program = stream->data;
    if (length > 0) take_bytes(program, space->base, (size_t)length);
    if (length < 0) close_handle(&program->output);
}

/* --- starting --------------------------------------------------------------------------------- */

static void pipe_init(struct program *program, uv_loop_t *loop, uv_pipe_t *pipe) {
    uv_pipe_init(loop, pipe, 0);
    pipe->data = program;
    program->open_handles++;
}

static int spawn(struct program *program, uv_loop_t *loop, char **argv, int log) {
    uv_stdio_container_t stdio[3] = {
        {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE,
         .data.stream = (uv_stream_t *)&program->commands},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
         .data.stream = (uv_stream_t *)&program->output},
        {.flags = UV_INHERIT_FD, .data.fd = log},
    };
    uv_process_options_t options = {
        .file = argv[0],
        .args = argv,
        .exit_cb = process_exited,
        .flags = UV_PROCESS_DETACHED,
        .stdio_count = 3,
        .stdio = stdio,
    };
    cpu_set_t before;
    program->process.data = program;
    program->open_handles++;
    if (program->parts > 0) processors_keep_to(program->part, program->parts, &before);
    int error = uv_spawn(loop, &program->process, &options);
    if (program->parts > 0) processors_restore(&before);
    return error;
}

int program_start(struct program *program, uv_loop_t *loop, char **argv) {
    pipe_init(program, loop, &program->commands);
    pipe_init(program, loop, &program->output);
    int log = open(program->log_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    int error = log < 0 ? -errno : spawn(program, loop, argv, log);
    if (log >= 0) close(log);
    program->running = error == 0;
    if (error == 0) return uv_read_start((uv_stream_t *)&program->output, give_space, output_came);
    if (log >= 0) close_handle(&program->process);
    close_handle(&program->commands);
    close_handle(&program->output);
    return error;
}

/* --- talking ---------------------------------------------------------------------------------- */

void program_send(struct program *program, const char *format, ...) {
    struct buffer line = {0};
    char text[512];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    buffer_printf(&line, "%s\n", text);
    uv_buf_t bytes = uv_buf_init(line.data, (unsigned)line.length);
    if (!uv_is_closing((uv_handle_t *)&program->commands))
        uv_try_write((uv_stream_t *)&program->commands, &bytes, 1);
    buffer_free(&line);
}

void program_signal(struct program *program, int number) {
    if (program->running) uv_process_kill(&program->process, number);
}

void program_abandon(struct program *program) {
    if (!program->running && program->open_handles > 0) close_handle(&program->output);
}

/* --- its words -------------------------------------------------------------------------------- */

#define LAST_WORDS_BYTES 4096 /* of the end of the log, in which the last line is looked for */

char *program_last_words(const struct program *program) {
    char text[LAST_WORDS_BYTES + 1];
    FILE *file = fopen(program->log_path, "re");
    if (file == NULL) return NULL;
    if (fseek(file, -LAST_WORDS_BYTES, SEEK_END) != 0) rewind(file);
    size_t length = fread(text, 1, LAST_WORDS_BYTES, file);
    fclose(file);
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r')) length--;
    text[length] = '\0';
    const char *line = strrchr(text, '\n');
    line = line == NULL ? text : line + 1;
    return *line == '\0' ? NULL : xstrdup(line);
}

void program_free(struct program *program) {
    buffer_free(&program->line);
    free(program->name);
    free(program->log_path);
}

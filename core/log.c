/* Lines for people. Each goes out by one write, so that the lines of several processes that share
 * a terminal or a log file do not mix. */
#include "log.h"

#include "memory.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define LINE_MAX_BYTES 4096 /* longer lines are cut: nobody reads them */

static const char *program_name = "pushpull";

void log_open(const char *program) { program_name = program; }

/* `errno` survives, so that a line can be logged between a failure and its handling. */
__attribute__((format(printf, 1, 0))) static void write_line(const char *format,
                                                             va_list arguments) {
    int saved_errno = errno;
    char text[LINE_MAX_BYTES];
    if (vsnprintf(text, sizeof text, format, arguments) < 0) text[0] = '\0';
    struct buffer line = {0};
    buffer_printf(&line, "%s: %s\n", program_name, text);
    fwrite(line.data, 1, line.length, stderr);
    buffer_free(&line);
    errno = saved_errno;
}

void log_info(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    write_line(format, arguments);
    va_end(arguments);
}

void log_warn(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    write_line(format, arguments);
    va_end(arguments);
}

void log_error(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    write_line(format, arguments);
    va_end(arguments);
}

void die(int status, const char *format, ...) {
    fflush(stdout);
    va_list arguments;
    va_start(arguments, format);
    write_line(format, arguments);
    va_end(arguments);
    exit(status);
}

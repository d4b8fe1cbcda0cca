/* Lines for people. Each goes out by one write, so that the lines of several processes that share
 * a terminal or a log file do not mix. */
#include "base/log.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KINDS_MAX 16
#define LINES_A_SECOND 3
#define LINE_MAX_BYTES 4096 /* longer lines are cut: nobody reads them */

static char program_name[64] = "pushpull"; /* a copy: what was left out is told at the very end */

void log_open(const char *program) { snprintf(program_name, sizeof(program_name), "%s", program); }

/* `errno` survives, so that a line can be logged between a failure and its handling. */
__attribute__((format(printf, 1, 0))) static void write_line(const char *format,
                                                             va_list arguments) {
    int saved_errno = errno;
    char text[LINE_MAX_BYTES];
    if (vsnprintf(text, sizeof(text), format, arguments) < 0) text[0] = '\0';
    utf8_clean(text); /* what others wrote may drive the terminal */
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

/* What was said lately, by kind. */
struct kind {
    const char *format; /* by its address */
    int64_t second_ns;  /* when the present second began */
    unsigned int said, left_out;
};

static struct kind kinds[KINDS_MAX];
static bool all_are_said;

void log_all(void) { all_are_said = true; }

static void tell_left_out(struct kind *kind, const char *where) {
    if (kind->left_out > 0)
        log_warn("(%u more line%s like %s)", kind->left_out, kind->left_out == 1 ? "" : "s", where);
    kind->left_out = 0;
}

static void tell_all_left_out(void) {
    for (int i = 0; i < KINDS_MAX; i++) tell_left_out(&kinds[i], "those above");
}

/* The kind's record; an old one gives way when there are too many. */
static struct kind *kind_of(const char *format) {
    struct kind *oldest = &kinds[0];
    for (int i = 0; i < KINDS_MAX; i++) {
        if (kinds[i].format == format) return &kinds[i];
        if (kinds[i].second_ns < oldest->second_ns) oldest = &kinds[i];
    }
    tell_left_out(oldest, "those above");
    *oldest = (struct kind){.format = format};
    return oldest;
}

static bool may_say(const char *format) {
    struct kind *kind = kind_of(format);
    int64_t now = clock_now_ns();
    if (kind->second_ns == 0 || now - kind->second_ns >= NS_PER_SECOND) {
        tell_left_out(kind, "the next one");
        kind->second_ns = now;
        kind->said = 0;
    }
    if (kind->said < LINES_A_SECOND) {
        kind->said++;
        return true;
    }
    static bool end_is_watched;
    if (!end_is_watched) end_is_watched = atexit(tell_all_left_out) == 0;
    kind->left_out++;
    return false;
}

void log_error(const char *format, ...) {
    va_list arguments;
    if (!all_are_said && !may_say(format)) return;
    va_start(arguments, format);
    write_line(format, arguments);
    va_end(arguments);
}

/* --- the end ---------------------------------------------------------------------------------- */

static struct {
    void (*heard)(void *data, const char *sentence);
    void *data;
} on_failure;

void log_on_failure(void (*heard)(void *data, const char *sentence), void *data) {
    on_failure.heard = heard;
    on_failure.data = data;
}

/* Once only: telling it may fail as well. */
__attribute__((format(printf, 1, 0))) static void tell_failure(const char *format,
                                                               va_list arguments) {
    void (*heard)(void *, const char *) = on_failure.heard;
    char text[LINE_MAX_BYTES];
    on_failure.heard = NULL;
    if (heard == NULL || vsnprintf(text, sizeof(text), format, arguments) < 0) return;
    utf8_clean(text);
    heard(on_failure.data, text);
}

void log_end_output(int status) {
    bool failed = ferror(stdout) != 0;
    errno = 0;
    /* stdio has forgotten why an earlier write failed: one more byte, to an output that is lost anyway, asks. */
    if (failed) putchar('\n');
    if (fflush(stdout) == 0 && !failed) return;
    die(status, "not all of the output could be written: %s",
        errno != 0 ? strerror(errno) : "an earlier write failed");
}

void die(int status, const char *format, ...) {
    fflush(stdout);
    tell_all_left_out(); /* now: the sentence is the last word */
    va_list arguments;
    va_start(arguments, format);
    write_line(format, arguments);
    va_end(arguments);
    va_start(arguments, format);
    if (status == 1) tell_failure(format, arguments);
    va_end(arguments);
    exit(status);
}

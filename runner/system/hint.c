/* Commands that are printed to be pasted. */
#include "system/hint.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%"

static const char *program_name = "build/pushpull", *results_place, *database_place;

void hint_place(const char *program, const char *results, const char *database) {
    program_name = program;
    results_place = results;
    database_place = database;
}

const char *hint_results(const char *results) {
    const char *before = results_place;
    results_place = results;
    return before;
}

/* Within '...' a shell takes everything as it stands but the quote itself. */
void hint_quote(struct buffer *out, const char *text) {
    if (*text != '\0' && text[strspn(text, PLAIN)] == '\0') {
        buffer_printf(out, "%s", text);
        return;
    }
    buffer_printf(out, "'");
    for (; *text != '\0'; text++)
        if (*text == '\'')
            buffer_printf(out, "'\\''");
        else
            buffer_append(out, text, 1);
    buffer_printf(out, "'");
}

void hint_argument(struct buffer *out, const char *text) {
    buffer_printf(out, " ");
    hint_quote(out, text);
}

void hint_begin(struct buffer *out, const char *command) {
    hint_quote(out, program_name);
    hint_argument(out, command);
}

void hint_option(struct buffer *out, const char *option, const char *value) {
    bool apart = strncmp(value, "--", 2) != 0; /* else it would be taken for the next option */
    char *joined = apart ? NULL : xasprintf("%s=%s", option, value);
    hint_argument(out, apart ? option : joined);
    if (apart) hint_argument(out, value);
    free(joined);
}

void hint_end(struct buffer *out) {
    if (results_place != NULL) hint_option(out, "--results", results_place);
    if (database_place != NULL) hint_option(out, "--database", database_place);
}

char *hint(const char *command, const char *operand) {
    struct buffer out = {0};
    hint_begin(&out, command);
    if (operand != NULL) hint_argument(&out, operand);
    hint_end(&out);
    return out.data;
}

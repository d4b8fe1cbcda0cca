/* Commands that are printed to be pasted. */
#include "hint.h"

#include <string.h>

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%"

static const char *program_name = "build/pushpull", *results_place, *database_place;

void hint_place(const char *program, const char *results, const char *database) {
    program_name = program;
    results_place = results;
    database_place = database;
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

static void add_place(struct buffer *out, const char *option, const char *place) {
    if (place == NULL) return;
    hint_argument(out, option);
    hint_argument(out, place);
}

void hint_end(struct buffer *out) {
    add_place(out, "--results", results_place);
    add_place(out, "--database", database_place);
}

char *hint(const char *command, const char *operand) {
    struct buffer out = {0};
    hint_begin(&out, command);
    if (operand != NULL) hint_argument(&out, operand);
    hint_end(&out);
    return out.data;
}

/* The lines of one section. See lines.h. */
#include "scenario/lines.h"

#include "base/memory.h"

#include <ini.h>
#include <stdlib.h>
#include <string.h>

/* inih's callback does not know the line; the reader, called once a line, does. */
struct walk {
    struct scenario_lines *out;
    const char *section, *rest;
    int line;
};

static char *next_line(char *out, int room, void *data) {
    struct walk *walk = data;
    if (*walk->rest == '\0') return NULL;
    size_t length = strcspn(walk->rest, "\n"),
           taken = length < (size_t)room ? length : (size_t)room - 1;
    memcpy(out, walk->rest, taken);
    out[taken] = '\0';
    walk->rest += length + (walk->rest[length] == '\n');
    walk->line++;
    return out;
}

static int take_line(void *data, const char *section, const char *key, const char *value) {
    struct walk *walk = data;
    struct scenario_lines *out = walk->out;
    if (strcmp(section, walk->section) != 0) return 1;
    out->lines = xgrow(out->lines, (size_t)out->count, sizeof(*out->lines));
    out->lines[out->count++] =
        (struct scenario_line){.key = xstrdup(key), .value = xstrdup(value), .line = walk->line};
    return 1;
}

void scenario_lines_read(struct scenario_lines *lines, const char *text, const char *section) {
    struct walk walk = {.out = lines, .section = section, .rest = text};
    *lines = (struct scenario_lines){0};
    ini_parse_stream(next_line, &walk, take_line, &walk);
}

void scenario_lines_free(struct scenario_lines *lines) {
    for (int i = 0; i < lines->count; i++) {
        free(lines->lines[i].key);
        free(lines->lines[i].value);
    }
    free(lines->lines);
    *lines = (struct scenario_lines){0};
}

/* Named networks: an INI file with a section each. See paths.h. */
#include "scenario/paths.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/options.h"
#include "system/directory.h"
#include "system/file.h"

#include <stdlib.h>
#include <string.h>

#define FILE_NAME "links/paths.ini"

int paths_read(struct paths *paths) {
    if (paths->text != NULL) return 0;
    paths->file = project_file(FILE_NAME);
    if (paths->file == NULL)
        log_error("there is no file %s, which says what a path is: run pushpull where its sources"
                  " are, or set the link's own keys (link.rtt_ms, ...)",
                  FILE_NAME);
    else
        paths->text = file_read(paths->file);
    return paths->text == NULL ? -1 : 0;
}

void paths_free(struct paths *paths) {
    free(paths->file);
    free(paths->text);
    *paths = (struct paths){0};
}

/* What is for people. */
static bool is_said(const char *key) {
    return strcmp(key, "title") == 0 || strcmp(key, "source") == 0;
}

void paths_lines(const struct paths *paths, const char *name, struct scenario_lines *lines) {
    int kept = 0;
    scenario_lines_read(lines, paths->text, name);
    for (int i = 0; i < lines->count; i++) {
        struct scenario_line *line = &lines->lines[i];
        if (is_said(line->key)) {
            free(line->key);
            free(line->value);
        } else {
            lines->lines[kept++] = *line;
        }
    }
    lines->count = kept;
}

/* --- names ------------------------------------------------------------------------------------ */

/* The name of the section that begins at or after `text`, which the caller frees, or NULL; *rest is what
 * follows it. */
static char *next_section(const char *text, const char **rest) {
    while (*text != '\0') {
        size_t length = strcspn(text, "\n"), end = strcspn(text, "]\n");
        *rest = text + length + (text[length] == '\n');
        if (*text == '[' && text[end] == ']') return xmemdup(text + 1, end - 1);
        text = *rest;
    }
    return NULL;
}

bool paths_has(const struct paths *paths, const char *name, char **near, char **all) {
    struct buffer names = {0};
    const char *rest = paths->text;
    bool found = false;
    *near = NULL;
    for (char *section; (section = next_section(rest, &rest)) != NULL; free(section)) {
        const char *candidate = section;
        found = found || strcmp(section, name) == 0;
        buffer_printf(&names, "%s%s", names.length > 0 ? ", " : "", section);
        if (*near == NULL && options_nearest(name, &candidate, 1) != NULL) *near = xstrdup(section);
    }
    *all = names.data;
    return found;
}

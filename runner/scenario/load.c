/* Loading a scenario: the file, the overrides, the check. */
#include "scenario/load.h"

#include "base/log.h"
#include "base/memory.h"
#include "scenario/check.h"
#include "scenario/read.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The whole file, or NULL after a line on stderr. */
static char *read_file(const char *path, size_t *length) {
    FILE *file = fopen(path, "re");
    struct buffer text = {0};
    if (file == NULL) {
        log_error("cannot read the scenario %s: %s", path, strerror(errno));
        return NULL;
    }
    for (size_t got = 1; got > 0; text.length += got)
        got = fread(buffer_reserve(&text, 4096), 1, 4096, file);
    bool good = !ferror(file);
    if (!good) log_error("cannot read the scenario %s: %s", path, strerror(errno));
    fclose(file);
    buffer_append(&text, "", 0);
    *length = text.length;
    if (good) return text.data;
    buffer_free(&text);
    return NULL;
}

/* A NUL would end the text for us, and hide what stands behind it. */
static int check_whole(const char *path, const char *text, size_t length) {
    int line = 1;
    if (strlen(text) == length) return 0;
    for (const char *c = text; *c != '\0'; c++) line += *c == '\n';
    log_error("%s:%d: the line has a control character (NUL)", path, line);
    return EXIT_USAGE;
}

int scenario_load(struct scenario *scenario, const char *path,
                  const struct scenario_overrides *overrides, struct catalog *catalog) {
    *scenario = (struct scenario){0};
    size_t length;
    char *text = read_file(path, &length);
    if (text == NULL) return 1;
    int status = check_whole(path, text, length);
    if (status == 0) status = scenario_read(scenario, path, text, overrides);
    free(text);
    return status != 0 ? status : scenario_check(scenario, catalog);
}

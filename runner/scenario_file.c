/* Where scenarios are found, and loading one as a whole. */
#include "scenario.h"

#include "log.h"
#include "memory.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUFFIX ".ini"

/* Where scenarios/ may be, seen from the working directory and from the program's. */
static char *folder(int which, const char *program_directory) {
    switch (which) {
    case 0: return xstrdup("scenarios");
    case 1: return xasprintf("%s/../../../scenarios", program_directory);
    case 2: return xasprintf("%s/../share/pushpull/scenarios", program_directory);
    default: return NULL;
    }
}

static bool has_suffix(const char *name) {
    size_t length = strlen(name), suffix = strlen(SUFFIX);
    return length > suffix && strcmp(name + length - suffix, SUFFIX) == 0;
}

/* The names of the scenarios in a folder, for a suggestion. */
static int list_folder(const char *path, char **names, int room) {
    DIR *directory = opendir(path);
    if (directory == NULL) return 0;
    int count = 0;
    for (struct dirent *entry; count < room && (entry = readdir(directory)) != NULL;)
        if (has_suffix(entry->d_name))
            names[count++] = xmemdup(entry->d_name, strlen(entry->d_name) - strlen(SUFFIX));
    closedir(directory);
    return count;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Says that there is no such scenario, and what there is. */
static void suggest(const char *name, const char *path) {
    char *names[64];
    struct buffer all = {0};
    int count = list_folder(path, names, 64);
    qsort(names, (size_t)count, sizeof names[0], by_name);
    for (int i = 0; i < count; i++) buffer_printf(&all, "%s%s", i == 0 ? "" : ", ", names[i]);
    const char *near = options_nearest(name, (const char *const *)names, count);
    if (near != NULL)
        log_error("there is no scenario %s: did you mean %s?", name, near);
    else if (count > 0)
        log_error("there is no scenario %s: %s has %s", name, path, all.data);
    else
        log_error("there is no scenario %s, and no directory scenarios/ to look in", name);
    for (int i = 0; i < count; i++) free(names[i]);
    buffer_free(&all);
}

char *scenario_find(const char *name, const char *program_directory) {
    if (strchr(name, '/') != NULL || has_suffix(name)) {
        if (access(name, R_OK) == 0) return xstrdup(name);
        log_error("cannot read the scenario %s: %s", name, strerror(errno));
        return NULL;
    }
    char *path, *exists = NULL;
    for (int i = 0; (path = folder(i, program_directory)) != NULL; i++) {
        char *file = xasprintf("%s/%s" SUFFIX, path, name);
        if (access(file, R_OK) == 0) {
            free(path);
            free(exists);
            return file;
        }
        free(file);
        if (exists == NULL && access(path, R_OK) == 0)
            exists = path;
        else
            free(path);
    }
    suggest(name, exists == NULL ? "scenarios" : exists);
    free(exists);
    return NULL;
}

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

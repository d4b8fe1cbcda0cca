/* Where scenarios are found. */
#include "scenario/find.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/options.h"
#include "system/directory.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "scenarios"
#define SUFFIX ".ini"

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
    qsort(names, (size_t)count, sizeof(names[0]), by_name);
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

/* The file of a scenario that is given by its name; or NULL, and *looked_in is the first folder that
 * there is, or NULL. The caller frees both. */
static char *find_name(const char *name, const char *program_directory, char **looked_in) {
    char *path, *file = NULL;
    *looked_in = NULL;
    for (int i = 0; file == NULL && (path = project_place(i, program_directory, FOLDER)) != NULL;
         i++) {
        file = xasprintf("%s/%s" SUFFIX, path, name);
        if (access(file, R_OK) != 0) {
            free(file);
            file = NULL;
        }
        if (*looked_in == NULL && access(path, R_OK) == 0)
            *looked_in = path;
        else
            free(path);
    }
    return file;
}

/* The file at a path. "quick.ini" may be meant for the scenario quick. */
static char *find_file(const char *path, const char *program_directory) {
    if (access(path, R_OK) == 0) return xstrdup(path);
    int error = errno;
    char *looked_in = NULL, *stem = xstrdup(path), *named = NULL;
    if (has_suffix(stem)) stem[strlen(stem) - strlen(SUFFIX)] = '\0';
    if (strchr(path, '/') == NULL) named = find_name(stem, program_directory, &looked_in);
    if (named != NULL)
        log_error("there is no file %s here: did you mean the scenario %s?", path, stem);
    else
        log_error("cannot read the scenario %s: %s", path, strerror(error));
    free(looked_in);
    free(stem);
    free(named);
    return NULL;
}

char *scenario_find(const char *name, const char *program_directory) {
    if (strchr(name, '/') != NULL || has_suffix(name)) return find_file(name, program_directory);
    char *looked_in, *file = find_name(name, program_directory, &looked_in);
    if (file == NULL) suggest(name, looked_in == NULL ? FOLDER : looked_in);
    free(looked_in);
    return file;
}

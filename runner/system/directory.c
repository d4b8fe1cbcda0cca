/* Directories: making them, and finding where this program and its files are. */
#include "system/directory.h"

#include "base/memory.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_one(const char *path) {
    if (mkdir(path, 0777) == 0) return 0;
    if (errno != EEXIST) return errno;
    struct stat found;
    return stat(path, &found) == 0 && S_ISDIR(found.st_mode) ? 0 : ENOTDIR;
}

int directory_create(const char *path) {
    char *partial = xstrdup(path);
    int error = 0;
    for (char *slash = partial; error == 0 && (slash = strchr(slash + 1, '/')) != NULL;) {
        *slash = '\0';
        error = make_one(partial);
        *slash = '/';
    }
    if (error == 0) error = make_one(partial);
    free(partial);
    return error;
}

int directory_create_for(const char *path) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path) return 0;
    char *parent = xmemdup(path, (size_t)(slash - path));
    int error = directory_create(parent);
    free(parent);
    return error;
}

char *directory_of_program(void) {
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (length <= 0) return xstrdup(".");
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    *slash = '\0';
    return xstrdup(path);
}

char *project_place(int which, const char *program_directory, const char *name) {
    switch (which) {
    case 0: return xstrdup(name);
    case 1: return xasprintf("%s/../../../%s", program_directory, name);
    case 2: return xasprintf("%s/../share/pushpull/%s", program_directory, name);
    default: return NULL;
    }
}

char *project_file(const char *name) {
    char *own = directory_of_program(), *place;
    for (int i = 0; (place = project_place(i, own, name)) != NULL; i++) {
        if (access(place, R_OK) == 0) break;
        free(place);
    }
    free(own);
    return place;
}

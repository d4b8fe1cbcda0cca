/* Whole files. */
#include "system/file.h"

#include "base/log.h"
#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *file_read(const char *path) {
    FILE *file = fopen(path, "re");
    struct buffer text = {0};
    if (file == NULL) {
        log_error("cannot read %s: %s", path, strerror(errno));
        return NULL;
    }
    size_t got;
    while ((got = fread(buffer_reserve(&text, 8192), 1, 8192, file)) > 0) text.length += got;
    int failed = ferror(file);
    fclose(file);
    buffer_append(&text, "", 0);
    if (!failed) return text.data;
    log_error("cannot read %s", path);
    buffer_free(&text);
    return NULL;
}

static int write_all(const char *path, const char *bytes, size_t length) {
    FILE *file = fopen(path, "we");
    if (file == NULL) return -1;
    size_t written = fwrite(bytes, 1, length, file);
    return fclose(file) == 0 && written == length ? 0 : -1;
}

int file_write(const char *path, const char *bytes, size_t length) {
    char *temporary = xasprintf("%s.new", path);
    int status = write_all(temporary, bytes, length);
    if (status == 0) status = rename(temporary, path);
    if (status != 0) {
        log_error("cannot write %s: %s", path, strerror(errno));
        remove(temporary);
    }
    free(temporary);
    return status;
}

/* Whole files, and first lines. */
#include "system/file.h"

#include "base/log.h"
#include "base/memory.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
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

char *file_first_line(const char *path) {
    char line[256];
    FILE *file = fopen(path, "re");
    if (file == NULL) return NULL;
    bool got = fgets(line, sizeof(line), file) != NULL;
    fclose(file);
    if (!got) return NULL;
    size_t length = 0;
    for (const char *c = line; *c != '\0'; c++)
        if (!isspace((unsigned char)*c))
            line[length++] = *c;
        else if (length > 0 && line[length - 1] != ' ')
            line[length++] = ' ';
    while (length > 0 && line[length - 1] == ' ') length--;
    return xmemdup(line, length);
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

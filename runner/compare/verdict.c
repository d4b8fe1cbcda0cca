/* Telling the verdict, in each form, where it belongs. See verdict.h. */
#include "compare/verdict.h"

#include "base/log.h"
#include "base/memory.h"
#include "compare/formats.h"
#include "compare/github.h"
#include "system/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct format {
    const char *name, *ending;
    void (*write)(FILE *, const struct gate *, sqlite3 *);
} formats[] = {
    {"text", "txt", format_text},
    {"markdown", "md", format_markdown},
    {"json", "json", format_json},
    {"junit", "xml", format_junit},
    {"bmf", "bmf.json", format_bmf},
    {"benchmark-action", "benchmark.json", format_benchmark_action},
};
#define FORMAT_COUNT (sizeof(formats) / sizeof(formats[0]))

static const struct format *find_format(const char *word) {
    size_t length = strcspn(word, "=");
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (strlen(formats[i].name) == length && strncmp(formats[i].name, word, length) == 0)
            return &formats[i];
    return NULL;
}

bool verdict_formats_good(const char *list) {
    char *words = xstrdup(list), *rest = words, *word;
    bool good = true;
    while (good && (word = strsep(&rest, ",")) != NULL) {
        const char *file = strchr(word, '=');
        good = find_format(word) != NULL && (file == NULL || file[1] != '\0');
        if (!good)
            log_error("--format: \"%s\" is not one of %s, each with =FILE behind it if you like",
                      word, VERDICT_FORMATS);
    }
    free(words);
    return good;
}

/* The whole text of a form. The caller frees it. */
static char *written(const struct format *format, const struct gate *gate, sqlite3 *db,
                     size_t *length) {
    char *text = NULL;
    FILE *out = open_memstream(&text, length);
    if (out == NULL) die(1, "there is no memory left");
    format->write(out, gate, db);
    fclose(out);
    return text;
}

static int tell_in(const char *word, const struct gate *gate, sqlite3 *db, const char *results) {
    const struct format *format = find_format(word);
    const char *file = strchr(word, '=');
    if (file == NULL && format->write == format_text) {
        format_text(stdout, gate, db);
        fflush(stdout);
        return 0;
    }
    size_t length;
    char *text = written(format, gate, db, &length);
    char *path = file != NULL ? xstrdup(file + 1)
                              : xasprintf("%s/regression-%lld.%s", results,
                                          (long long)gate->experiment, format->ending);
    int status = file_write(path, text, length);
    if (status == 0) printf("wrote %s\n", path);
    free(path);
    free(text);
    return status;
}

static void tell_github(const struct gate *gate, sqlite3 *db) {
    size_t length;
    if (!github_is_here()) return;
    char *text = written(find_format("markdown"), gate, db, &length);
    github_summary(text, length);
    github_annotate(gate);
    free(text);
}

int verdict_tell(sqlite3 *db, int64_t experiment_id, const char *results, const char *list) {
    struct gate gate;
    int status = gate_read(&gate, db, experiment_id) == 0 ? 0 : -1;
    char *words = xstrdup(list), *rest = words, *word;
    while (status == 0 && (word = strsep(&rest, ",")) != NULL)
        status = tell_in(word, &gate, db, results);
    if (status == 0) tell_github(&gate, db);
    /* A form that could not be written takes nothing back that was found. */
    if (status == 0 || gate.verdict == REGRESSION)
        status = gate_status(&gate);
    else
        status = EXIT_INCONCLUSIVE;
    free(words);
    gate_free(&gate);
    return status;
}

/* GitHub's CI. See github.h. */
#include "compare/github.h"

#include "base/log.h"
#include "base/memory.h"
#include "compare/formats.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUMMARY_BYTES (1024 * 1024) /* of a step: one above is not shown at all */
#define ANNOTATIONS 10              /* of a step and kind */

bool github_is_here(void) {
    const char *there = getenv("GITHUB_ACTIONS");
    return there != NULL && strcmp(there, "true") == 0;
}

void github_summary(const char *markdown, size_t length) {
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    if (path == NULL || *path == '\0') return;
    FILE *file = fopen(path, "ae");
    bool good = file != NULL && fseek(file, 0, SEEK_END) == 0;
    if (good && (size_t)ftell(file) + length >= SUMMARY_BYTES)
        log_warn("the step's summary has no room for %zu bytes more: the verdict is not in it",
                 length);
    else if (good)
        good = fwrite(markdown, 1, length, file) == length;
    if (file != NULL && fclose(file) != 0) good = false;
    if (!good) log_warn("cannot write the step's summary %s: %s", path, strerror(errno));
}

/* A line break or a % of the text would end or garble the command. */
static void print_data(const char *text) {
    for (; *text != '\0'; text++)
        if (*text == '%')
            fputs("%25", stdout);
        else if (*text == '\n')
            fputs("%0A", stdout);
        else
            putchar(*text);
    putchar('\n');
}

void github_annotate(const struct gate *gate) {
    char change[64];
    int told = 0;
    for (int i = 0; i < gate->gated && told < ANNOTATIONS; i++) {
        const struct gate_item *item = &gate->items[i];
        if (!gate_is_regression(gate, item)) continue;
        char *name = gate_item_name(item);
        char *text =
            xasprintf("%s is %s: %s", name, gate_word(gate, item), format_change(change, item));
        printf("::error title=pushpull::");
        print_data(text);
        free(text);
        free(name);
        told++;
    }
    if (gate->verdict == INCONCLUSIVE) {
        char *sentence = gate_sentence(gate);
        printf("::warning title=pushpull::");
        print_data(sentence);
        free(sentence);
    }
    fflush(stdout);
}

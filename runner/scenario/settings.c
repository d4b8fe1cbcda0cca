/* The [scenario] section: how often, how long, in which order. */
#include "scenario/scenario.h"

#include "base/log.h"
#include "base/memory.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define ORDERS "interleaved|shuffled|fixed"

/* A key, its rule, and where in `struct settings` its value goes. */
static const struct {
    struct option option;
    size_t offset;
} rules[] = {
    {{.name = "title", .kind = OPTION_TEXT}, offsetof(struct settings, title)},
    {{.name = "repeats", .kind = OPTION_INTEGER, .minimum = 1, .maximum = 1000},
     offsetof(struct settings, repeats)},
    {{.name = "order", .kind = OPTION_CHOICE, .choices = ORDERS}, offsetof(struct settings, order)},
    {{.name = "seed", .kind = OPTION_INTEGER, .minimum = 0, .maximum = 9e15},
     offsetof(struct settings, seed)},
    {{.name = "warmup_seconds", .kind = OPTION_NUMBER, .minimum = 0, .maximum = 3600, .unit = "s"},
     offsetof(struct settings, warmup_seconds)},
    {{.name = "measure_seconds",
      .kind = OPTION_NUMBER,
      .minimum = 0.1,
      .maximum = 86400,
      .unit = "s"},
     offsetof(struct settings, measure_seconds)},
    {{.name = "drain_seconds", .kind = OPTION_NUMBER, .minimum = 0, .maximum = 3600, .unit = "s"},
     offsetof(struct settings, drain_seconds)},
};

const char *const settings_names[] = {"title",          "repeats",         "order",        "seed",
                                      "warmup_seconds", "measure_seconds", "drain_seconds"};
const int settings_name_count = (int)(sizeof settings_names / sizeof settings_names[0]);

void settings_defaults(struct settings *settings) {
    *settings = (struct settings){
        .title = xstrdup(""),
        .repeats = 3,
        .order = ORDER_INTERLEAVED,
        .seed = 1,
        .warmup_seconds = 1,
        .measure_seconds = 5,
        .drain_seconds = 10,
    };
}

static enum scenario_order order_of(const char *word) {
    if (strcmp(word, "shuffled") == 0) return ORDER_SHUFFLED;
    return strcmp(word, "fixed") == 0 ? ORDER_FIXED : ORDER_INTERLEAVED;
}

static void store(void *target, const struct option *option, const char *value) {
    switch (option->kind) {
    case OPTION_INTEGER: *(int64_t *)target = strtoll(value, NULL, 10); break;
    case OPTION_NUMBER: *(double *)target = strtod(value, NULL); break;
    case OPTION_CHOICE: *(enum scenario_order *)target = order_of(value); break;
    default: free(*(char **)target); *(char **)target = xstrdup(value);
    }
}

int settings_set(struct settings *settings, const char *key, const char *value, const char *where) {
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const struct option *option = &rules[i].option;
        if (strcmp(option->name, key) != 0) continue;
        char *expected = option_expectation(option, value);
        if (expected == NULL) store((char *)settings + rules[i].offset, option, value);
        if (expected != NULL)
            log_error("%s: %s must be %s, not \"%s\"", where, key, expected, value);
        free(expected);
        return expected == NULL ? 0 : EXIT_USAGE;
    }
    return -1;
}

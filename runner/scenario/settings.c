/* The [scenario] section: how often, how long, in which order. */
#include "scenario/settings.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/options.h"
#include "figures/metric_kinds.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* The words of `order`, `may_end_early` and `processors`, in the order of what they stand for. */
#define ORDERS "interleaved|shuffled|fixed"
#define ENDERS "nobody|servers|clients|everybody"
#define PROCESSORS "shared|apart"

static void set_order(struct settings *settings, int word) {
    settings->order = (enum scenario_order)word;
}

/* The bits of the word's place: servers 1, clients 2. */
static void set_enders(struct settings *settings, int word) {
    for (int role = 0; role < SIDE_COUNT; role++)
        settings->may_end_early[role] = (word >> role & 1) != 0;
}

static void set_processors(struct settings *settings, int word) { settings->apart = word == 1; }

/* It is for who reads the results: the report asks the scenario's text. */
static void ignore(struct settings *settings, int word) {
    (void)settings;
    (void)word;
}

/* A key, its rule, and where in `struct settings` its value goes; or who takes the place of its word. */
static const struct {
    struct option option;
    size_t offset;
    void (*take)(struct settings *, int word);
} rules[] = {
    {{.name = "title", .kind = OPTION_TEXT}, offsetof(struct settings, title), NULL},
    {{.name = "repeats", .kind = OPTION_INTEGER, .minimum = 1, .maximum = 1000},
     offsetof(struct settings, repeats),
     NULL},
    {{.name = "order", .kind = OPTION_CHOICE, .choices = ORDERS}, 0, set_order},
    {{.name = "seed", .kind = OPTION_INTEGER, .minimum = 0, .maximum = 9e15},
     offsetof(struct settings, seed),
     NULL},
    {{.name = "warmup_seconds", .kind = OPTION_NUMBER, .minimum = 0, .maximum = 3600, .unit = "s"},
     offsetof(struct settings, warmup_seconds),
     NULL},
    {{.name = "measure_seconds",
      .kind = OPTION_NUMBER,
      .minimum = 0.1,
      .maximum = 86400,
      .unit = "s"},
     offsetof(struct settings, measure_seconds),
     NULL},
    {{.name = "drain_seconds", .kind = OPTION_NUMBER, .minimum = 0, .maximum = 3600, .unit = "s"},
     offsetof(struct settings, drain_seconds),
     NULL},
    {{.name = "question", .kind = OPTION_CHOICE, .choices = METRIC_GROUPS}, 0, ignore},
    {{.name = "may_end_early", .kind = OPTION_CHOICE, .choices = ENDERS}, 0, set_enders},
    {{.name = "processors", .kind = OPTION_CHOICE, .choices = PROCESSORS}, 0, set_processors},
};
#define RULE_COUNT ((int)(sizeof(rules) / sizeof(rules[0])))

const char *settings_nearest(const char *key) {
    const char *names[RULE_COUNT];
    for (int i = 0; i < RULE_COUNT; i++) names[i] = rules[i].option.name;
    return options_nearest(key, names, RULE_COUNT);
}

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

/* The place of a word in "interleaved|shuffled|fixed", which it is one of. */
static int place_of(const char *choices, const char *word) {
    size_t length = strlen(word);
    for (int place = 0;; place++) {
        size_t width = strcspn(choices, "|");
        if (width == length && strncmp(choices, word, length) == 0) return place;
        choices += width + 1;
    }
}

static void store(void *target, const struct option *option, const char *value) {
    switch (option->kind) {
    case OPTION_INTEGER: *(int64_t *)target = strtoll(value, NULL, 10); break;
    case OPTION_NUMBER: *(double *)target = strtod(value, NULL); break;
    default: free(*(char **)target); *(char **)target = xstrdup(value);
    }
}

int settings_set(struct settings *settings, const char *key, const char *value, const char *where) {
    for (int i = 0; i < RULE_COUNT; i++) {
        const struct option *option = &rules[i].option;
        if (strcmp(option->name, key) != 0) continue;
        char *expected = option_expectation(option, value);
        if (expected != NULL)
            log_error("%s: %s must be %s, not \"%s\"", where, key, expected, value);
        else if (rules[i].take != NULL)
            rules[i].take(settings, place_of(option->choices, value));
        else
            store((char *)settings + rules[i].offset, option, value);
        free(expected);
        return expected == NULL ? 0 : EXIT_USAGE;
    }
    return -1;
}

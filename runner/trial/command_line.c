/* The command lines of a trial's programs: what the runner sets, then what the scenario says and
 * the program knows. */
#include "base/memory.h"
#include "trial/trial.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    char **list;
    size_t count;
};

/* Takes the text over. */
static void add(struct arguments *arguments, char *text) {
    arguments->list = xrealloc(arguments->list, (arguments->count + 2) * sizeof(char *));
    arguments->list[arguments->count++] = text;
    arguments->list[arguments->count] = NULL;
}

/* "payload_bytes", "512" -> "--payload-bytes=512" */
static void add_option(struct arguments *arguments, const char *key, const char *value) {
    char *text = xasprintf("--%s=%s", key, value);
    for (char *c = text; *c != '='; c++)
        if (*c == '_') *c = '-';
    add(arguments, text);
}

static void add_integer(struct arguments *arguments, const char *key, int64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    add_option(arguments, key, text);
}

/* Deals the subscribers out over the client processes: as even as can be, in order. */
static void add_share(struct arguments *arguments, const struct cell *cell, int index) {
    int each = cell->subscribers / cell->client_processes;
    int rest = cell->subscribers % cell->client_processes;
    int first = index * each + (index < rest ? index : rest);
    add_integer(arguments, "subscribers", each + (index < rest ? 1 : 0));
    add_integer(arguments, "first_subscriber", first);
}

static void add_settings(struct arguments *arguments, const struct trial_setup *setup,
                         enum role role) {
    const struct cell *cell = setup->cell;
    for (int i = 0; i < cell->setting_count; i++) {
        const struct parameter *p = cell->settings[i].parameter;
        bool own = runner_option(p->key) != NULL;
        if (!own && catalog_find(setup->catalog, cell->strategy, role, p->key) != NULL)
            add_option(arguments, p->key, cell->settings[i].value);
    }
}

char **trial_arguments(const struct trial_setup *setup, enum role role, int index,
                       const char *servers) {
    struct arguments arguments = {0};
    add(&arguments, catalog_program(setup->catalog, setup->cell->strategy, role));
    add(&arguments, xstrdup("--supervised"));
    add_integer(&arguments, "seed", setup->seed);
    if (role == ROLE_SERVER) {
        add_integer(&arguments, "port", 0);
    } else {
        add_option(&arguments, "servers", servers);
        add_share(&arguments, setup->cell, index);
    }
    add_settings(&arguments, setup, role);
    return arguments.list;
}

void trial_arguments_free(char **arguments) {
    for (char **argument = arguments; *argument != NULL; argument++) free(*argument);
    free(arguments);
}

/* The command lines of a trial's programs: what the runner sets, then what the scenario says and
 * the program knows. */
#include "trial/command_line.h"

#include "base/memory.h"
#include "model/conversation.h"
#include "scenario/check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    char **list;
    size_t count;
};

/* Takes the text over; NULL ends the list. */
static void add(struct arguments *arguments, char *text) {
    arguments->list = xgrow(arguments->list, arguments->count, sizeof(*arguments->list));
    arguments->list[arguments->count++] = text;
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
    snprintf(text, sizeof(text), "%" PRId64, value);
    add_option(arguments, key, text);
}

/* Deals the subscribers out over the client processes: as even as can be, in order. */
static void add_share(struct arguments *arguments, const struct cell *cell, int index) {
    int each = cell->subscribers / cell->processes[ROLE_CLIENT];
    int rest = cell->subscribers % cell->processes[ROLE_CLIENT];
    int first = index * each + (index < rest ? index : rest);
    add_integer(arguments, KEY_SUBSCRIBERS, each + (index < rest ? 1 : 0));
    add_integer(arguments, KEY_FIRST_SUBSCRIBER, first);
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

static void add_link(struct arguments *arguments, const struct trial_setup *setup) {
    const struct link_setup *link = &setup->cell->link;
    for (int i = 0; i < link->count; i++)
        add_option(arguments, link->settings[i].key, link->settings[i].value);
}

/* A server listens where clients reach it, on a port of the kernel's choice. */
static void add_side(struct arguments *arguments, const struct trial_setup *setup,
                     const struct member *member, const char *servers) {
    if (member->role == ROLE_SERVER) {
        add_option(arguments, KEY_ADDRESS, member->address);
        add_integer(arguments, KEY_PORT, 0);
    } else {
        add_option(arguments, KEY_SERVERS, servers);
        add_share(arguments, setup->cell, member->index);
    }
    add_settings(arguments, setup, member->role);
}

char **command_line(const struct trial_setup *setup, const struct member *member,
                    const char *servers, int64_t place) {
    struct arguments arguments = {0};
    bool link = member->role == ROLE_LINK;
    if (place != 0) {
        add(&arguments, catalog_enter(setup->links));
        add(&arguments, xasprintf("%" PRId64, place));
    }
    add(&arguments,
        catalog_program(link ? setup->links : setup->catalog, setup->cell->strategy, member->role));
    add(&arguments, xstrdup("--" KEY_SUPERVISED));
    add_integer(&arguments, KEY_SEED, setup->seed);
    bool at_once = setup->trace_ms > 0;
    if (at_once && !link) add_integer(&arguments, KEY_TRACE_MS, setup->trace_ms);
    if (setup->traces != NULL && !(at_once && link))
        add_option(&arguments, KEY_TRACE,
                   setup->cell->processes[ROLE_LINK] > 0 ? TRACE_ADDRESS_FAR : TRACE_ADDRESS);
    if (link)
        add_link(&arguments, setup);
    else
        add_side(&arguments, setup, member, servers);
    add(&arguments, NULL);
    return arguments.list;
}

void command_line_free(char **list) {
    for (char **argument = list; *argument != NULL; argument++) free(*argument);
    free(list);
}

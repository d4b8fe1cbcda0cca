/* Checking a scenario's keys and values against what the programs say about themselves. */
#include "scenario/check.h"

#include "base/log.h"
#include "base/memory.h"
#include "model/conversation.h"

#include <stdlib.h>
#include <string.h>

/* The runner's own parameters. How many of each make sense is the machine's business: plan.c
 * compares them with its limits. */
static const struct option runner_options[] = {
    {.name = KEY_SUBSCRIBERS, .kind = OPTION_INTEGER, .minimum = 1, .maximum = 10000000},
    {.name = "server_processes", .kind = OPTION_INTEGER, .minimum = 1, .maximum = 64},
    {.name = "client_processes", .kind = OPTION_INTEGER, .minimum = 1, .maximum = 64},
    {.name = KEY_PATH, .kind = OPTION_TEXT},
};
#define RUNNER_OPTION_COUNT ((int)(sizeof(runner_options) / sizeof(runner_options[0])))

/* Options that the programs have and the runner sets itself. */
static const char *const reserved[] = {"help", "options", KEYS_OF_THE_SUPERVISOR, NULL};

const struct option *runner_option(const char *key) {
    for (int i = 0; i < RUNNER_OPTION_COUNT; i++)
        if (strcmp(runner_options[i].name, key) == 0) return &runner_options[i];
    return NULL;
}

static bool is_reserved(const char *key) {
    for (int i = 0; reserved[i] != NULL; i++)
        if (strcmp(reserved[i], key) == 0) return true;
    return false;
}

/* --- strategies ------------------------------------------------------------------------------- */

static bool in_list(const char *list, const char *word) {
    size_t length = strlen(word);
    for (const char *item = list;; item++) {
        size_t width = strcspn(item, ",");
        if (width == length && strncmp(item, word, length) == 0) return true;
        item += width;
        if (*item == '\0') return false;
    }
}

static void add_strategy(struct scenario *scenario, const struct strategy *strategy) {
    size_t count = (size_t)scenario->strategy_count;
    scenario->strategies = xgrow(scenario->strategies, count, sizeof(*scenario->strategies));
    scenario->strategies[scenario->strategy_count++] = strategy;
}

/* Every word of --only must be a strategy of this scenario. */
static int check_only(const struct parameter *named, const char *only) {
    char *words = xstrdup(only), *rest = words, *word;
    int status = 0;
    while (status == 0 && (word = strsep(&rest, ",")) != NULL) {
        bool there = false;
        if (strategy_named(word, "--only") == NULL) status = EXIT_USAGE;
        for (int i = 0; i < named->count; i++) there |= strcmp(named->values[i], word) == 0;
        if (status != 0 || there) continue;
        log_error("--only %s: the scenario has no %s (%s)", only, word, named->where);
        status = EXIT_USAGE;
    }
    free(words);
    return status;
}

/* Fills scenario->strategies from the `strategy` parameter and --only. */
static int choose_strategies(struct scenario *scenario) {
    const char *only = scenario->only;
    const struct parameter *named = scenario_parameter(scenario, "strategy", NULL);
    if (named == NULL) {
        log_error("%s: no strategy: [vary] needs a line like `strategy = %s, %s`", scenario->path,
                  strategies[0].key, strategies[1].key);
        return EXIT_USAGE;
    }
    for (int i = 0; i < named->count; i++) {
        const struct strategy *strategy = strategy_named(named->values[i], named->where);
        if (strategy == NULL) return EXIT_USAGE;
        if (only == NULL || in_list(only, strategy->key)) add_strategy(scenario, strategy);
    }
    return only == NULL ? 0 : check_only(named, only);
}

/* --- keys ------------------------------------------------------------------------------------- */

/* The name nearest to an unknown key, among the programs' and the runner's own. */
static const char *nearest_key(const struct catalog *catalog, const char *key) {
    int count;
    const char **names = catalog_names(catalog, &count);
    int kept = 0;
    for (int i = 0; i < count; i++)
        if (!is_reserved(names[i])) names[kept++] = names[i];
    names = xrealloc(names, ((size_t)kept + RUNNER_OPTION_COUNT + 1) * sizeof(*names));
    for (int i = 0; i < RUNNER_OPTION_COUNT; i++) names[kept++] = runner_options[i].name;
    names[kept++] = "strategy";
    const char *near = options_nearest(key, names, kept);
    free(names);
    return near;
}

static int unknown(const struct parameter *p, const struct catalog *catalog) {
    const char *near = nearest_key(catalog, p->key);
    log_error("%s: %s%s%s is no key that a scenario can set%s%s%s", p->where,
              p->only == NULL ? "" : p->only->key, p->only == NULL ? "" : ".", p->key,
              near == NULL ? "" : ": did you mean ", near == NULL ? "" : near,
              near == NULL ? "" : "?");
    return EXIT_USAGE;
}

/* Whether two good values of an option are the same: 10 and 010, 0.5 and 5e-1. */
static bool same_value(const struct option *option, const char *one, const char *other) {
    if (option->kind == OPTION_INTEGER) return strtoll(one, NULL, 10) == strtoll(other, NULL, 10);
    return option->kind == OPTION_NUMBER && strtod(one, NULL) == strtod(other, NULL);
}

static int check_doubles(const struct parameter *p, const struct option *option) {
    for (int i = 0; i < p->count; i++)
        for (int k = 0; k < i; k++)
            if (same_value(option, p->values[i], p->values[k])) {
                log_error("%s: %s names %s twice, once as %s", p->where, p->key, p->values[k],
                          p->values[i]);
                return EXIT_USAGE;
            }
    return 0;
}

static int check_values(struct parameter *p, const struct option *option) {
    p->kind = option->kind;
    for (int i = 0; i < p->count; i++) {
        char *expected = option_expectation(option, p->values[i]);
        if (expected == NULL) continue;
        log_error("%s: %s must be %s, not \"%s\"", p->where, p->key, expected, p->values[i]);
        free(expected);
        return EXIT_USAGE;
    }
    return check_doubles(p, option);
}

/* Checks a parameter against one strategy's programs. Returns 0, EXIT_USAGE, or -1 when neither
 * knows it. */
static int check_against(struct parameter *p, const struct strategy *strategy,
                         const struct catalog *catalog) {
    int status = -1;
    for (int role = 0; role < SIDE_COUNT && status <= 0; role++) {
        const struct option *option = catalog_find(catalog, strategy, (enum role)role, p->key);
        if (option != NULL) status = check_values(p, option);
    }
    return status;
}

/* A parameter of all strategies: each of them must know it. */
static int check_common(struct parameter *p, const struct scenario *scenario,
                        const struct catalog *catalog) {
    const struct strategy *knows = NULL, *lacks = NULL;
    for (int i = 0; i < scenario->strategy_count; i++) {
        int status = check_against(p, scenario->strategies[i], catalog);
        if (status > 0) return status;
        if (status == 0) knows = scenario->strategies[i];
        if (status < 0) lacks = scenario->strategies[i];
    }
    if (knows == NULL) return unknown(p, catalog);
    if (lacks == NULL) return 0;
    log_error("%s: %s has no %s: write %s.%s to set it for %s alone", p->where, lacks->key, p->key,
              knows->key, p->key, knows->key);
    return EXIT_USAGE;
}

/* --- the link --------------------------------------------------------------------------------- */

static int unknown_link(const struct parameter *p, const struct catalog *catalog) {
    int count, kept = 0;
    const char **names = catalog_link_names(catalog, &count);
    for (int i = 0; i < count; i++)
        if (!is_reserved(names[i])) names[kept++] = names[i];
    const char *near = options_nearest(scenario_link_key(p->key), names, kept);
    if (near != NULL)
        log_error("%s: the link has no %s: did you mean " LINK_PREFIX "%s?", p->where,
                  scenario_link_key(p->key), near);
    else
        log_error("%s: the link has no %s: `link --help` says what it has", p->where,
                  scenario_link_key(p->key));
    free(names);
    return EXIT_USAGE;
}

static int check_link(struct parameter *p, struct catalog *catalog) {
    if (catalog_load_link(catalog) != 0) return 1;
    const char *key = scenario_link_key(p->key);
    const struct option *option = is_reserved(key) ? NULL : catalog_find_link(catalog, key);
    return option == NULL ? unknown_link(p, catalog) : check_values(p, option);
}

/* What the file of networks says must be good as well: it is for everybody to change. */
static int check_path_lines(const struct paths *paths, const char *name, struct catalog *catalog) {
    struct scenario_lines lines;
    int status = 0;
    paths_lines(paths, name, &lines);
    for (int i = 0; status == 0 && i < lines.count; i++) {
        const struct scenario_line *line = &lines.lines[i];
        struct parameter p = {
            .key = xasprintf(LINK_PREFIX "%s", line->key),
            .values = (char *[]){line->value},
            .count = 1,
            .where = xasprintf("%s:%d", paths->file, line->line),
        };
        status = check_link(&p, catalog);
        free(p.key);
        free(p.where);
    }
    scenario_lines_free(&lines);
    return status;
}

static int check_path(struct parameter *p, struct scenario *scenario, struct catalog *catalog) {
    p->kind = OPTION_TEXT;
    if (paths_read(&scenario->paths) != 0) return 1;
    if (catalog_load_link(catalog) != 0) return 1;
    for (int i = 0; i < p->count; i++) {
        char *near, *all;
        bool there = paths_has(&scenario->paths, p->values[i], &near, &all);
        if (!there && near != NULL)
            log_error("%s: there is no path %s: did you mean %s?", p->where, p->values[i], near);
        else if (!there)
            log_error("%s: there is no path %s: %s has %s", p->where, p->values[i],
                      scenario->paths.file, all);
        free(near);
        free(all);
        int status = there ? check_path_lines(&scenario->paths, p->values[i], catalog) : EXIT_USAGE;
        if (status != 0) return status;
    }
    return 0;
}

/* --- one by one ------------------------------------------------------------------------------- */

/* A key of all strategies and of one of them: which counts? */
static int check_alone(const struct parameter *p, const struct scenario *scenario) {
    if (p->only == NULL || scenario_parameter(scenario, p->key, NULL) == NULL) return 0;
    log_error("%s: %s is set for all strategies and for %s: keep one of the two", p->where, p->key,
              p->only->key);
    return EXIT_USAGE;
}

static int check_parameter(struct parameter *p, struct scenario *scenario,
                           struct catalog *catalog) {
    if (p->only == NULL && strcmp(p->key, "strategy") == 0) return 0;
    if (strcmp(p->key, KEY_PATH) == 0 || scenario_link_key(p->key) != NULL) {
        if (check_alone(p, scenario) != 0) return EXIT_USAGE;
        return scenario_link_key(p->key) != NULL ? check_link(p, catalog)
                                                 : check_path(p, scenario, catalog);
    }
    if (p->only == NULL && runner_option(p->key) != NULL)
        return check_values(p, runner_option(p->key));
    if (is_reserved(p->key) || runner_option(p->key) != NULL) {
        log_error("%s: %s is set by the runner, not by a scenario%s", p->where, p->key,
                  runner_option(p->key) == NULL ? "" : " for one strategy alone");
        return EXIT_USAGE;
    }
    if (p->only == NULL) return check_common(p, scenario, catalog);
    if (check_alone(p, scenario) != 0) return EXIT_USAGE;
    if (catalog_load(catalog, p->only) != 0) return 1;
    int status = check_against(p, p->only, catalog);
    return status < 0 ? unknown(p, catalog) : status;
}

int scenario_check(struct scenario *scenario, struct catalog *catalog) {
    int status = choose_strategies(scenario);
    for (int i = 0; status == 0 && i < scenario->strategy_count; i++)
        if (catalog_load(catalog, scenario->strategies[i]) != 0) status = 1;
    for (int i = 0; status == 0 && i < scenario->parameter_count; i++)
        status = check_parameter(&scenario->parameters[i], scenario, catalog);
    return status;
}

/* --- a base ----------------------------------------------------------------------------------- */

/* An option that only one of the two builds has makes them do different things. */
static int check_in_base(const struct parameter *p, const struct strategy *strategy,
                         const struct catalog *candidate, const struct catalog *base) {
    for (int role = 0; role < SIDE_COUNT; role++) {
        if (catalog_find(candidate, strategy, (enum role)role, p->key) == NULL) continue;
        if (catalog_find(base, strategy, (enum role)role, p->key) != NULL) continue;
        char *program = catalog_program(base, strategy, (enum role)role);
        log_error("%s: the base has no %s (%s): leave it out, or compare with another base",
                  p->where, p->key, program);
        free(program);
        return EXIT_USAGE;
    }
    return 0;
}

int scenario_check_base(const struct scenario *scenario, const struct catalog *candidate,
                        struct catalog *base) {
    int status = 0;
    for (int i = 0; status == 0 && i < scenario->strategy_count; i++) {
        const struct strategy *strategy = scenario->strategies[i];
        if (catalog_load(base, strategy) != 0) status = 1;
        for (int k = 0; status == 0 && k < scenario->parameter_count; k++) {
            const struct parameter *p = &scenario->parameters[k];
            if (runner_option(p->key) == NULL && (p->only == NULL || p->only == strategy))
                status = check_in_base(p, strategy, candidate, base);
        }
    }
    return status;
}

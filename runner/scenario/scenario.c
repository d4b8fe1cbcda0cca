/* A scenario, its parameters, and giving it back. */
#include "scenario/scenario.h"

#include <stdlib.h>
#include <string.h>

const char *scenario_bare_key(const char *key, size_t *prefix_length) {
    const char *dot = strchr(key, '.');
    *prefix_length = 0;
    if (dot == NULL || scenario_link_key(key) != NULL) return key;
    *prefix_length = (size_t)(dot - key);
    return dot + 1;
}

const char *scenario_link_key(const char *key) {
    size_t length = strlen(LINK_PREFIX);
    return strncmp(key, LINK_PREFIX, length) == 0 ? key + length : NULL;
}

struct parameter *scenario_parameter(const struct scenario *scenario, const char *key,
                                     const struct strategy *only) {
    for (int i = 0; i < scenario->parameter_count; i++) {
        struct parameter *p = &scenario->parameters[i];
        if (p->only == only && strcmp(p->key, key) == 0) return p;
    }
    return NULL;
}

void parameter_clear(struct parameter *p) {
    for (int i = 0; i < p->count; i++) free(p->values[i]);
    free(p->values);
    free(p->where);
    p->values = NULL;
    p->where = NULL;
    p->count = 0;
}

void scenario_free(struct scenario *scenario) {
    for (int i = 0; i < scenario->parameter_count; i++) {
        parameter_clear(&scenario->parameters[i]);
        free(scenario->parameters[i].key);
    }
    free(scenario->parameters);
    free(scenario->strategies);
    free(scenario->settings.title);
    free(scenario->text);
    free(scenario->overrides);
    free(scenario->only);
    paths_free(&scenario->paths);
    free(scenario->path);
    free(scenario->name);
    *scenario = (struct scenario){0};
}

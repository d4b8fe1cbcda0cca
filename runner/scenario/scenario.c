/* A scenario, its parameters, and giving it back. */
#include "scenario/scenario.h"

#include <stdlib.h>
#include <string.h>

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
    free(scenario->path);
    free(scenario->name);
    *scenario = (struct scenario){0};
}

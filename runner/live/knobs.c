/* What can be turned: see knobs.h. */
#include "live/knobs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* At 200 events/s a dot is 5 pixels from the next; more subscribers than that are for `pushpull run`. */
const struct knob_kind knob_kinds[KNOB_COUNT] = {
    [KNOB_RATE] = {"rate", "events_per_second", 1, 0, 200, .at_once = true},
    [KNOB_INTERVAL] = {"interval", "interval_ms", 1000, 20, 60000, .whole = true},
    [KNOB_SUBSCRIBERS] = {"subscribers", "subscribers", 100, 1, 500, .whole = true},
    [KNOB_PAYLOAD] = {"payload", "payload_bytes", 100, 0, 100000, .whole = true, .at_once = true},
    [KNOB_RTT] = {"rtt", LINK_PREFIX "rtt_ms", 0, 0, 2000, .far = true},
    [KNOB_LOSS] = {"loss", LINK_PREFIX "loss_percent", 0, 0, 50, .far = true},
};

static double of_cell(const struct cell *cell, enum knob knob, double otherwise) {
    const char *key = knob_kinds[knob].key, *link_key = scenario_link_key(key);
    if (knob == KNOB_SUBSCRIBERS) return cell->subscribers;
    for (int i = 0; link_key != NULL && i < cell->link.count; i++)
        if (strcmp(cell->link.settings[i].key, link_key) == 0)
            return strtod(cell->link.settings[i].value, NULL);
    for (int i = 0; i < cell->setting_count; i++)
        if (strcmp(cell->settings[i].parameter->key, key) == 0)
            return strtod(cell->settings[i].value, NULL);
    return otherwise;
}

/* What one strategy alone has (an interval) stands in its cell: the last one that says something counts. */
void knobs_read(struct knobs *knobs, const struct plan *plan) {
    for (int knob = 0; knob < KNOB_COUNT; knob++) {
        double value = knob_kinds[knob].usual;
        for (int i = plan->cell_count - 1; i >= 0; i--)
            value = of_cell(&plan->cells[i], (enum knob)knob, value);
        knobs->values[knob] = value;
    }
}

char *knobs_take(struct knobs *knobs, const json_t *asked, bool *at_once, bool *restart) {
    struct knobs after = *knobs;
    *at_once = *restart = false;
    for (int knob = 0; knob < KNOB_COUNT; knob++) {
        const struct knob_kind *kind = &knob_kinds[knob];
        const json_t *number = json_object_get(asked, kind->name);
        if (number == NULL) continue;
        double value = json_number_value(number);
        bool fits = json_is_number(number) && value >= kind->least && value <= kind->most &&
                    (!kind->whole || floor(value) == value);
        if (!fits)
            return xasprintf("%s must be a %snumber from %g to %g.", kind->name,
                             kind->whole ? "whole " : "", kind->least, kind->most);
        if (value == knobs->values[knob]) continue;
        after.values[knob] = value;
        *(kind->at_once ? at_once : restart) = true;
    }
    *knobs = after;
    return NULL;
}

/* What several strategies have is set for all; what one has, for it alone. */
static char *set_of(const struct knobs *knobs, const struct plan *plan, enum knob knob) {
    const struct knob_kind *kind = &knob_kinds[knob];
    const struct scenario *scenario = plan->scenario;
    for (int i = 0; i < scenario->parameter_count; i++) {
        const struct parameter *p = &scenario->parameters[i];
        if (p->only != NULL && strcmp(p->key, kind->key) == 0)
            return xasprintf("%s.%s=%.10g", p->only->key, kind->key, knobs->values[knob]);
    }
    return xasprintf("%s=%.10g", kind->key, knobs->values[knob]);
}

static bool is_there(const struct plan *plan, const char *key) {
    const struct scenario *scenario = plan->scenario;
    for (int i = 0; i < scenario->parameter_count; i++)
        if (strcmp(scenario->parameters[i].key, key) == 0) return true;
    return false;
}

/* "polling.interval_ms=200" and "polling.interval_ms=500" are of the same key. */
static bool same_key(const char *one, const char *other) {
    size_t length = strcspn(one, "=");
    return strncmp(one, other, length) == 0 && other[length] == '=';
}

static bool is_turned(char **sets, int count, const char *given) {
    for (int i = 0; i < count; i++)
        if (same_key(sets[i], given)) return true;
    return false;
}

/* A link that is not asked for is not set, and an interval only where the scenario has one: it is some strategy's. */
char **knobs_sets(const struct knobs *knobs, const struct plan *plan, const char *const *given,
                  int given_count, int *count) {
    char **sets = xcalloc((size_t)given_count + KNOB_COUNT, sizeof(*sets));
    *count = 0;
    for (int knob = 0; knob < KNOB_COUNT; knob++) {
        const struct knob_kind *kind = &knob_kinds[knob];
        bool there = is_there(plan, kind->key);
        bool wanted = kind->far ? there || knobs->values[knob] > 0 : knob != KNOB_INTERVAL || there;
        if (wanted) sets[(*count)++] = set_of(knobs, plan, (enum knob)knob);
    }
    int turned = *count;
    for (int i = 0; i < given_count; i++)
        if (!is_turned(sets, turned, given[i])) sets[(*count)++] = xstrdup(given[i]);
    return sets;
}

void knobs_free_sets(char **sets, int count) {
    for (int i = 0; i < count; i++) free(sets[i]);
    free(sets);
}

void knobs_tell(const struct knobs *knobs, struct buffer *out) {
    for (int knob = 0; knob < KNOB_COUNT; knob++) {
        const struct knob_kind *kind = &knob_kinds[knob];
        buffer_printf(out, "%s\"%s\":{\"value\":%.10g,\"least\":%g,\"most\":%g,\"at_once\":%s}",
                      knob == 0 ? "{" : ",", kind->name, knobs->values[knob], kind->least,
                      kind->most, kind->at_once ? "true" : "false");
    }
    buffer_printf(out, "}");
}

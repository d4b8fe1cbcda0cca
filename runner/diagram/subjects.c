/* Which trials are looked at: see subjects.h. */
#include "diagram/subjects.h"

#include "base/memory.h"

#include <stddef.h>

static const struct planned_trial *first_of(const struct plan *plan,
                                            const struct strategy *strategy) {
    const struct cell *cell = plan->cells;
    while (cell->strategy != strategy) cell++;
    const struct planned_trial *trial = plan->trials;
    while (trial->cell != cell || trial->repeat != 1) trial++;
    return trial;
}

int subjects_of(const struct plan *plan, const struct planned_trial *subjects[STRATEGIES_MAX]) {
    for (int i = 0; i < plan->scenario->strategy_count; i++)
        subjects[i] = first_of(plan, plan->scenario->strategies[i]);
    return plan->scenario->strategy_count;
}

char *subject_settings(const struct cell *cell, bool own) {
    struct buffer text = {0};
    buffer_append(&text, "", 0);
    for (int i = 0; i < cell->setting_count; i++) {
        const struct setting *setting = &cell->settings[i];
        if ((setting->parameter->only != NULL) == own)
            buffer_printf(&text, "%s%s=%s", text.length == 0 ? "" : ", ", setting->parameter->key,
                          setting->value);
    }
    return text.data;
}

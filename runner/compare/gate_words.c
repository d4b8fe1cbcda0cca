/* A gate in words. See gate.h. */
#include "compare/gate.h"

#include "base/memory.h"
#include "system/hint.h"
#include "system/human.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *gate_word(const struct gate *gate, const struct gate_item *item) {
    bool time = item->metric.kind != NULL && strcmp(item->metric.kind->unit, "us") == 0 &&
                strstr(item->metric.kind->group, "cpu") == NULL;
    switch (item->decided->decision) {
    case WORSE:
        if (gate_is_open(gate, item)) return "cannot say";
        return time ? "slower" : "worse";
    case BETTER: return time ? "faster" : "better";
    case UNSURE:
        return !item->decided->count && item->decided->batches[0].run < gate->rules.pairs
                   ? "not looked at"
                   : "undecided";
    case SUSPECT: return "suspect";
    case CANNOT_SAY: return "cannot say";
    case NOT_CONFIRMED: return "not confirmed";
    default: return "no measurable difference";
    }
}

static void add_finding(struct buffer *text, const struct gate_item *item) {
    char *name = gate_item_name(item), base[HUMAN_SIZE], candidate[HUMAN_SIZE];
    struct shift changes = gate_changes(item, gate_batch(item));
    const char *unit = item->metric.kind == NULL ? "count" : item->metric.kind->unit;
    buffer_printf(text, "%s: %s -> %s", name, human_metric(base, item->base, unit),
                  human_metric(candidate, item->candidate, unit));
    if (!item->decided->mishap && item->base > 0 && !isnan(changes.low))
        buffer_printf(text, ", %+.1f %% (%+.1f to %+.1f %%)", 100 * changes.value,
                      100 * changes.low, 100 * changes.high);
    free(name);
}

static int add_findings(struct buffer *text, const struct gate *gate) {
    int count = 0;
    for (int i = 0; i < gate->gated; i++) {
        if (!gate_is_regression(gate, &gate->items[i])) continue;
        buffer_printf(text, "%s", count++ == 0 ? "" : "; ");
        add_finding(text, &gate->items[i]);
    }
    return count;
}

/* How many trials failed, of either build. */
static double gate_failures(const struct gate *gate, bool of_base) {
    double count = 0;
    for (int i = 0; i < gate->count; i++)
        if (gate->items[i].metric.kind == NULL)
            count += of_base ? gate->items[i].base : gate->items[i].candidate;
    return count;
}

/* Why it cannot be said, each reason once. */
static void add_reasons(struct buffer *text, const struct gate *gate) {
    int open = 0;
    char *number = xasprintf("%lld", (long long)gate->experiment), *show = hint("show", number);
    free(number);
    if (gate->control != NULL)
        buffer_printf(
            text,
            "the control, the floor with the base's programs against themselves, is not to be"
            " relied on (%s): something on this machine favours one of two that are the same. ",
            gate->control);
    if (gate->crowded)
        buffer_printf(text, "beside %d of %d pairs another run measured on this machine. ",
                      gate->visited, gate->pairs);
    for (int i = 0; i < gate->gated; i++) {
        enum decision d = gate->items[i].decided->decision;
        if (d != UNSURE && d != SUSPECT && d != CANNOT_SAY) continue;
        if (open++ > 0) continue;
        char *name = gate_item_name(&gate->items[i]);
        buffer_printf(
            text, d == CANNOT_SAY ? "%s: too few pairs have that figure" : "%s is undecided", name);
        free(name);
    }
    if (open > 1) buffer_printf(text, ", and %d more figure%s", open - 1, plural(open - 1));
    if (open > 0) buffer_printf(text, ". ");
    if (gate->gated == 0) buffer_printf(text, "there is nothing to compare. ");
    if (gate_failures(gate, true) > 0)
        buffer_printf(text, "%.0f trials of the base failed: see why with `%s`.",
                      gate_failures(gate, true), show);
    else if (gate_failures(gate, false) > 0)
        buffer_printf(text, "%.0f trials of the candidate failed: see why with `%s`.",
                      gate_failures(gate, false), show);
    else
        buffer_printf(text, "Run it again when the machine is quieter, or with more --pairs.");
    free(show);
}

char *gate_sentence(const struct gate *gate) {
    struct buffer text = {0};
    if (gate->verdict == REGRESSION) {
        struct buffer findings = {0};
        int count = add_findings(&findings, gate);
        buffer_printf(&text, "Regression: %d of %d figures %s worse. %s.", count, gate->gated,
                      count == 1 ? "is" : "are", findings.data);
        if (gate->decided_early)
            buffer_printf(&text, " What is timed was not looked at: what is counted decided.");
        buffer_free(&findings);
    } else if (gate->verdict == INCONCLUSIVE) {
        buffer_printf(&text, "Inconclusive: ");
        add_reasons(&text, gate);
    } else {
        buffer_printf(&text, "No regression: none of %d figures is worse beyond its tolerance.",
                      gate->gated);
    }
    return text.data;
}

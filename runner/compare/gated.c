/* [gate]. See gated.h. */
#include "compare/gated.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/options.h"
#include "scenario/lines.h"
#include "scenario/settings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add(struct gated *gated, struct metric_id id, struct tolerance tolerance) {
    gated->metrics = xgrow(gated->metrics, (size_t)gated->count, sizeof(*gated->metrics));
    gated->metrics[gated->count++] = (struct gated_metric){id, tolerance};
}

/* The name nearest to one that is no metric, or NULL. */
static const char *nearest_metric(const char *name) {
    static char names[512][METRIC_NAME_SIZE];
    const char *all[512];
    struct metric_id id = {0};
    int count = 0;
    while (count < 512 && metric_next(&id)) {
        all[count] = metric_name(names[count], id);
        count++;
    }
    return options_nearest(name, all, count);
}

/* "5 %" or "5 % and 10 us": false when it is neither. */
static bool read_tolerance(const char *text, const char *unit, struct tolerance *tolerance) {
    char own[16] = "";
    double percent, least = 0;
    int end = -1, whole = -1;
    if (sscanf(text, "%lf %%%n and %lf %15s%n", &percent, &end, &least, own, &whole) < 1 || end < 0)
        return false;
    bool both = whole > 0 && text[whole] == '\0' && strcmp(own, unit) == 0;
    if (!both && text[end] != '\0') return false;
    *tolerance = (struct tolerance){percent / 100, both ? least : 0};
    return percent >= 0 && percent <= 1000 && tolerance->least >= 0 && isfinite(tolerance->least);
}

static char *read_line(struct gated *gated, const struct scenario_line *line) {
    struct metric_id id;
    if (!metric_find(line->key, &id)) {
        const char *near = nearest_metric(line->key);
        return xasprintf("is no metric%s%s%s", near == NULL ? "" : ": did you mean ",
                         near == NULL ? "" : near, near == NULL ? "" : "?");
    }
    if (id.kind->better == NEITHER) return xstrdup("can be neither better nor worse");
    struct tolerance tolerance = metric_tolerance(id);
    if (metric_is_mishap(id) && strcmp(line->value, "default") != 0)
        return xstrdup("counts what must not happen, of which any is too much: write `default`");
    if (strcmp(line->value, "default") != 0 &&
        !read_tolerance(line->value, id.kind->unit, &tolerance))
        return xasprintf(
            "must be how much worse it may be, e.g. `5 %%`, `5 %% and 10 %s`, or `default`,"
            " not \"%s\"",
            id.kind->unit, line->value);
    add(gated, id, tolerance);
    return NULL;
}

static void take_default(struct gated *gated) {
    struct metric_id id = {0};
    while (metric_next(&id))
        if (id.kind->gated[id.statistic]) add(gated, id, metric_tolerance(id));
}

int gated_read(struct gated *gated, const char *scenario_text, const char *where) {
    struct scenario_lines lines;
    int status = 0;
    *gated = (struct gated){0};
    scenario_lines_read(&lines, scenario_text, "gate");
    for (int i = 0; status == 0 && i < lines.count; i++) {
        char *mistake = read_line(gated, &lines.lines[i]);
        if (mistake != NULL) {
            log_error("%s:%d: [gate] %s %s", where, lines.lines[i].line, lines.lines[i].key,
                      mistake);
            status = EXIT_USAGE;
        }
        free(mistake);
    }
    if (lines.count == 0) take_default(gated);
    scenario_lines_free(&lines);
    return status;
}

void gated_free(struct gated *gated) {
    free(gated->metrics);
    *gated = (struct gated){0};
}

/* The table of metrics for people. */
#include "report/metric_list.h"

#include "figures/metric_kinds.h"

#include <string.h>

static bool wanted(const struct metric_kind *kind, const char *group) {
    return group == NULL || strcmp(kind->group, group) == 0;
}

void metric_list_print(FILE *out, const char *group) {
    static const char *const better[] = {[LESS] = "less", [MORE] = "more", [NEITHER] = "-"};
    struct metric_id id = {0};
    char name[METRIC_NAME_SIZE], title[METRIC_NAME_SIZE];
    int count = 0;
    while (metric_next(&id)) {
        bool further = id.statistic != MEAN; /* what a histogram is about is said once */
        if (!wanted(id.kind, group)) continue;
        if (count++ == 0)
            fprintf(out, "%-36s %-6s %-12s %-7s %s\n", "metric", "unit", "group", "better", "what");
        fprintf(out, "%-36s %-6s %-12s %-7s %s\n", metric_name(name, id), id.kind->unit,
                id.kind->group, better[id.kind->better],
                further ? metric_title(title, id) : id.kind->what);
    }
}

void metric_list_print_markdown(FILE *out, const char *group) {
    int count = 0;
    for (const struct metric_kind *kind = metric_kinds; kind->name != NULL; kind++) {
        if (!wanted(kind, group)) continue;
        if (count++ == 0)
            fprintf(out, "| metric | unit | what | how it is obtained |\n|---|---|---|---|\n");
        fprintf(out, "| `%s%s` | %s | %s | %s |\n", kind->name,
                kind->samples == SINGLE ? "" : "_…_us", kind->unit, kind->what, kind->how);
    }
}

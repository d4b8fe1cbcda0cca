/* Bounds, and what is known to break them: see bounds.h. */
#include "validate/bounds.h"

#include "base/log.h"
#include "base/memory.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const place_names[] = {[NEAR] = "near", [FAR] = "far", [LOSSY] = "lossy"};

/* A near latency is this machine's affair, hence the wider bound. A mean has no interval by which its events could be
 * too few; but where they are too few for a median, they are for a mean. */
const struct bounded bounded[] = {
    {"delivery_latency_mean_us", "mean", {0.15, 0.05, 0.10}, "delivery_latency_p50_us"},
    {"delivery_latency_p50_us", "p50", {0.15, 0.05, 0.05}, NULL},
    {"delivery_latency_p99_us", "p99", {0.15, 0.15, 0.15}, NULL},
    {"age_mean_us", "age", {0.03, 0.03, 0.03}, NULL},
    {"wire_bytes_per_delivery", "bytes", {0.02, 0.02, 0.02}, NULL},
    {"deliveries", "deliveries", {0.02, 0.02, 0.02}, NULL},
    {"requests_per_delivery", "requests", {0.02, 0.02, 0.02}, NULL},
    {"segments", "segments", {0.02, 0.02, 0.02}, NULL},
    {NULL, NULL, {0}, NULL},
};

/* --- the handbook's table ------------------------------------------------------------------------ */

#define COLUMNS 6

/* Takes the next cell of a row off `rest`, without blanks and code marks around it; NULL at the end. */
static char *next_cell(char **rest) {
    char *cell = strsep(rest, "|");
    if (cell == NULL || *rest == NULL) return NULL;
    while (isspace((unsigned char)*cell) || *cell == '`') cell++;
    char *end = cell + strlen(cell);
    while (end > cell && (isspace((unsigned char)end[-1]) || end[-1] == '`')) end--;
    *end = '\0';
    return cell;
}

/* "25 %" -> 0.25; NAN when it is none. */
static double share_of(const char *text) {
    char *end;
    double percent = strtod(text, &end);
    return end == text || strchr(end, '%') == NULL ? NAN : percent / 100;
}

/* Only rows of six cells, the fifth of which is a percentage, are of the table. */
static void take_row(struct deviations *all, char *line) {
    char *cells[COLUMNS], *rest = line;
    if (*line != '|') return;
    strsep(&rest, "|");
    for (int i = 0; i < COLUMNS; i++)
        if ((cells[i] = next_cell(&rest)) == NULL) return;
    if (next_cell(&rest) != NULL || isnan(share_of(cells[4]))) return;
    all->rows = xgrow(all->rows, (size_t)all->count, sizeof(*all->rows));
    all->rows[all->count++] = (struct deviation){
        .scenario = xstrdup(cells[0]),
        .strategy = xstrdup(cells[1]),
        .where = xstrdup(cells[2]),
        .metric = xstrdup(cells[3]),
        .most = share_of(cells[4]),
    };
}

int deviations_read(struct deviations *all, const char *path) {
    *all = (struct deviations){0};
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;
    if (file == NULL) {
        log_error("cannot read the known deviations in %s: %s", path, strerror(errno));
        return -1;
    }
    while (getline(&line, &size, file) > 0) take_row(all, line);
    free(line);
    fclose(file);
    return 0;
}

void deviations_free(struct deviations *all) {
    for (int i = 0; i < all->count; i++) {
        free(all->rows[i].scenario);
        free(all->rows[i].strategy);
        free(all->rows[i].where);
        free(all->rows[i].metric);
    }
    free(all->rows);
}

static bool fits(const char *cell, const char *value) {
    return strcmp(cell, "any") == 0 || strcmp(cell, value) == 0;
}

/* A part of "interval_ms=500 subscribers=10", from blank to blank. */
static bool is_part(const char *setting, const char *part) {
    size_t length = strlen(part);
    for (const char *at = setting; (at = strstr(at, part)) != NULL; at++)
        if ((at == setting || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return false;
}

struct deviation *deviation_of(struct deviations *all, const char *scenario, const char *strategy,
                               enum place place, const char *setting, const char *metric,
                               double off) {
    for (int i = 0; i < all->count; i++) {
        struct deviation *row = &all->rows[i];
        if (fits(row->scenario, scenario) && fits(row->strategy, strategy) &&
            fits(row->metric, metric) &&
            (fits(row->where, place_names[place]) || is_part(setting, row->where)) &&
            fabs(off) <= row->most)
            return row;
    }
    return NULL;
}

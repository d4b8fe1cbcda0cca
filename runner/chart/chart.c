/* Finding charts and reading the comment that opens each: lines "# field: text", continued by
 * lines that are indented further. */
#include "chart/chart.h"

#include "base/log.h"
#include "base/memory.h"
#include "figures/metric_kinds.h"
#include "system/directory.h"
#include "system/file.h"
#include "system/human.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

char *charts_directory(void) {
    const char *scripts = getenv("PUSHPULL_SCRIPTS");
    if (scripts != NULL && *scripts != '\0') return xasprintf("%s/charts", scripts);
    char *program = directory_of_program(); /* build/MODE/bin */
    char *charts = xasprintf("%s/../../../scripts/charts", program);
    free(program);
    return charts;
}

/* --- the opening comment ---------------------------------------------------------------------- */

/* Where the field of this name is kept, or NULL. */
static char **field_of(struct chart *chart, const char *name, size_t length) {
    struct {
        const char *name;
        char **field;
    } fields[] = {
        {"title", &chart->title},   {"read", &chart->read},   {"over", &chart->over},
        {"needs", &chart->needs},   {"query", &chart->query}, {"histogram", &chart->histogram},
        {"metric", &chart->metric}, {"only", &chart->only},   {"prediction", &chart->prediction},
        {"cells", &chart->cells},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (strlen(fields[i].name) == length && strncmp(fields[i].name, name, length) == 0)
            return fields[i].field;
    return NULL;
}

/* Adds a line's text to a field, after a space when there was something before. */
static void extend(char **field, const char *text, size_t length) {
    while (length > 0 && isspace((unsigned char)*text)) text++, length--;
    if (length == 0) return;
    char *old = *field;
    *field =
        xasprintf("%s%s%.*s", old == NULL ? "" : old, old == NULL ? "" : " ", (int)length, text);
    free(old);
}

/* One line after its '#'. `current` is the field that it may continue. Returns the field that the
 * next line may continue. */
static char **parse_line(struct chart *chart, char **current, const char *line, size_t length) {
    bool continues = length > 2 && line[0] == ' ' && line[1] == ' ';
    if (continues && current != NULL) extend(current, line, length);
    if (continues) return current;
    if (length > 0 && line[0] == ' ') line++, length--;
    const char *colon = memchr(line, ':', length);
    if (colon == NULL) return NULL;
    char **field = field_of(chart, line, (size_t)(colon - line));
    if (field != NULL) extend(field, colon + 1, length - (size_t)(colon - line) - 1);
    return field;
}

void chart_parse(struct chart *chart, const char *text) {
    char **current = NULL;
    while (*text == '#') {
        size_t length = strcspn(text, "\n");
        current = parse_line(chart, current, text + 1, length - 1);
        text += length + (text[length] == '\n');
    }
}

/* --- the set ---------------------------------------------------------------------------------- */

static int is_chart(const struct dirent *entry) {
    size_t length = strlen(entry->d_name);
    return isdigit((unsigned char)entry->d_name[0]) && length > 3 &&
           strcmp(entry->d_name + length - 3, ".gp") == 0;
}

/* The query of a chart of one metric: its summary along a parameter (sweep.gp), or where every parameter
 * is held (bars.gp), in seconds, bytes and plain numbers. */
static char *metric_query(const struct chart *chart, struct metric_id id) {
    char name[METRIC_NAME_SIZE];
    double factor = human_base(id.kind->unit).factor;
    const char *only = chart->only == NULL ? "" : " AND believed > 0";
    metric_name(name, id);
    if (chart->over == NULL)
        return xasprintf("SELECT strategy, value * %g, low * %g, high * %g, believed,"
                         " human(value, unit) FROM baseline"
                         " WHERE experiment_id = :experiment AND metric = '%s'%s",
                         factor, factor, factor, name, only);
    return xasprintf("SELECT strategy, x, value * %g, low * %g, high * %g, believed FROM sweep"
                     " WHERE experiment_id = :experiment AND over = '%s' AND metric = '%s'%s"
                     " ORDER BY x",
                     factor, factor, factor, chart->over, name, only);
}

/* How sweep.gp and bars.gp draw predictions. */
static const char *metric_prediction(const struct chart *chart) {
    return chart->over == NULL
               ? "The black stroke across a bar is what the models predict: where it stands at the"
                 " bar's end, they explain the figure."
               : "The lines are what the models predict, the marks are measured: where marks lie on"
                 " their line, the model explains them.";
}

/* Of a field that is missing or has the one word there is. Returns 0, or -1 after a line on stderr. */
static int check_word(const char *field, const char *value, const char *word, const char *path) {
    if (value == NULL || strcmp(value, word) == 0) return 0;
    log_error("the chart %s wants %s: %s, where the one word is %s", path, field, value, word);
    return -1;
}

/* Fills in what a chart of one metric has from the table of metrics. Returns 0, or -1 after a line on
 * stderr when there is no such metric. */
static int complete(struct chart *chart, const char *path) {
    struct metric_id id;
    if (check_word("only", chart->only, "believed", path) != 0) return -1;
    if (check_word("cells", chart->cells, "all", path) != 0) return -1;
    if (chart->metric == NULL || chart->query != NULL) return 0;
    if (metric_find(chart->metric, &id)) {
        chart->query = metric_query(chart, id);
        if (chart->prediction == NULL) chart->prediction = xstrdup(metric_prediction(chart));
        return 0;
    }
    log_error("the chart %s shows the metric %s, which does not exist: `pushpull metrics` has them",
              path, chart->metric);
    return -1;
}

static int load(struct chart *chart, const char *directory, const char *file) {
    char *path = xasprintf("%s/%s", directory, file);
    char *text = file_read(path);
    memset(chart, 0, sizeof(*chart));
    chart->directory = xstrdup(directory);
    chart->name = xmemdup(file, strlen(file) - 3);
    if (text != NULL) chart_parse(chart, text);
    int status = text != NULL ? complete(chart, path) : -1;
    bool whole = chart->title != NULL && chart->read != NULL && chart->query != NULL;
    if (status == 0 && !whole)
        log_error(
            "the chart %s needs the fields title, read, and metric or query in its first comment",
            path);
    free(text);
    free(path);
    return whole ? status : -1;
}

static void chart_free(struct chart *chart) {
    free(chart->directory);
    free(chart->name);
    free(chart->title);
    free(chart->read);
    free(chart->over);
    free(chart->needs);
    free(chart->metric);
    free(chart->cells);
    free(chart->only);
    free(chart->query);
    free(chart->histogram);
    free(chart->prediction);
    free(chart->predicted);
    free(chart->guessed);
}

int charts_load(struct chart_set *set, const char *directory) {
    struct dirent **entries;
    int count = scandir(directory, &entries, is_chart, alphasort), status = 0;
    memset(set, 0, sizeof(*set));
    if (count < 0) {
        log_error("cannot find the charts in %s: %s; PUSHPULL_SCRIPTS may name their place",
                  directory, strerror(errno));
        return -1;
    }
    set->charts = xcalloc((size_t)count + 1, sizeof(*set->charts));
    for (int i = 0; i < count; i++) {
        struct chart *chart = &set->charts[set->count];
        bool good = load(chart, directory, entries[i]->d_name) == 0;
        if (good) set->count++;
        if (!good) chart_free(chart), status = -1;
        free(entries[i]);
    }
    free(entries);
    return status;
}

void charts_free(struct chart_set *set) {
    for (int i = 0; i < set->count; i++) chart_free(&set->charts[i]);
    free(set->charts);
    memset(set, 0, sizeof(*set));
}

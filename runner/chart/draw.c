/* Drawing a chart: gnuplot is run without a shell, first with what the strategy table says
 * (styles.gp), then with what all charts share (common.gp), then with the chart itself. */
#include "chart/draw.h"

#include "base/log.h"
#include "base/memory.h"
#include "figures/metric_kinds.h"
#include "scenario/strategies.h"
#include "store/sql.h"
#include "system/capture.h"
#include "system/file.h"
#include "system/human.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GNUPLOT_SECONDS 30 /* a chart takes well under one */

char *chart_gnuplot_version(void) {
    char *argv[] = {(char *)"gnuplot", (char *)"--version", NULL};
    char *text = capture(argv, true, GNUPLOT_SECONDS);
    if (text == NULL) return NULL;
    const char *start = strncmp(text, "gnuplot ", 8) == 0 ? text + 8 : text;
    char *version = xmemdup(start, strcspn(start, "\n"));
    free(text);
    return version;
}

/* --- styles ----------------------------------------------------------------------------------- */

/* A gnuplot function from a strategy's key to one of its figures: nested conditions. */
static void add_function(struct buffer *out, const char *name, const char *otherwise,
                         void (*value)(struct buffer *, int)) {
    buffer_printf(out, "%s(s) = ", name);
    for (int i = 0; i < strategy_count; i++) {
        buffer_printf(out, "s eq '%s' ? ", strategies[i].key);
        value(out, i);
        buffer_printf(out, " : ");
    }
    buffer_printf(out, "%s\n", otherwise);
}

static void title_value(struct buffer *out, int i) {
    buffer_printf(out, "\"%s\"", strategies[i].title);
}

static void style_value(struct buffer *out, int i) { buffer_printf(out, "%d", i + 1); }

static void marker_value(struct buffer *out, int i) {
    buffer_printf(out, "%d", strategies[i].marker);
}

static void colour_value(struct buffer *out, int i) {
    buffer_printf(out, "0x%s", strategies[i].colour + 1);
}

int chart_write_styles(const char *directory) {
    struct buffer out = {0};
    buffer_printf(&out, "# Made from the strategy table, runner/scenario/strategies.c.\n");
    for (int i = 0; i < strategy_count; i++)
        buffer_printf(&out, "set linetype %d linecolor rgb '%s' pointtype %d\n", i + 1,
                      strategies[i].colour, strategies[i].marker);
    add_function(&out, "name", "s", title_value);
    add_function(&out, "style", "99", style_value);
    add_function(&out, "marker", "7", marker_value);
    add_function(&out, "colour", "0x808080", colour_value);
    char *path = xasprintf("%s/styles.gp", directory);
    int status = file_write(path, out.data, out.length);
    buffer_free(&out);
    free(path);
    return status;
}

/* --- gnuplot ---------------------------------------------------------------------------------- */

void chart_assign(struct buffer *out, const char *name, const char *value) {
    buffer_printf(out, "%s='", name);
    for (; *value != '\0'; value++) {
        if (*value == '\'') buffer_append(out, "'", 1);
        buffer_append(out, value, 1);
    }
    buffer_printf(out, "'; ");
}

static int run_gnuplot(const struct chart *chart, const struct chart_context *context,
                       const char *variables, const char *format) {
    char *styles = xasprintf("%s/styles.gp", context->directory);
    char *common = xasprintf("%s/common.gp", chart->directory);
    char *script = xasprintf("%s/%s.gp", chart->directory, chart->name);
    char *argv[] = {
        (char *)"gnuplot", (char *)"-d", /* nobody's ~/.gnuplot */
        (char *)"-e",      (char *)variables, styles, common, script, NULL,
    };
    char *output = capture(argv, true, GNUPLOT_SECONDS);
    if (output == NULL && errno != ETIMEDOUT) /* once more, aloud */
        output = capture(argv, false, GNUPLOT_SECONDS);
    if (output == NULL) log_error("gnuplot could not draw the chart %s as %s", script, format);
    int status = output == NULL ? -1 : 0;
    free(output);
    free(styles);
    free(common);
    free(script);
    return status;
}

static const struct {
    const char *name;
    int bit;
} formats[] = {{"svg", CHART_SVG}, {"png", CHART_PNG}, {"pdf", CHART_PDF}};
#define FORMAT_COUNT (sizeof(formats) / sizeof(formats[0]))

int chart_formats_parse(const char *text) {
    int bits = 0;
    if (strcmp(text, "off") == 0) return 0;
    for (;; text++) {
        size_t length = strcspn(text, ","), i = 0;
        while (i < FORMAT_COUNT &&
               (strlen(formats[i].name) != length || strncmp(formats[i].name, text, length) != 0))
            i++;
        if (i == FORMAT_COUNT) return -1;
        bits |= formats[i].bit;
        text += length;
        if (*text == '\0') return bits;
    }
}

/* Of a chart of one metric: what its axes are called, and the unit of its figures. */
static void assign_axes(struct buffer *variables, const struct chart *chart) {
    struct metric_id id;
    char title[METRIC_NAME_SIZE];
    if (chart->over != NULL) {
        char *over = xstrdup(chart->over);
        for (char *c = over; *c != '\0'; c++)
            if (*c == '_') *c = ' ';
        chart_assign(variables, "OVER", over);
        free(over);
    }
    if (chart->metric == NULL || !metric_find(chart->metric, &id)) return;
    chart_assign(variables, "METRIC", metric_title(title, id));
    chart_assign(variables, "UNIT", human_base(id.kind->unit).symbol);
}

/* gnuplot calls every picture after itself; readers of screens say the title aloud. Takes the picture, and
 * writes it anew; NULL after a line on stderr. */
static char *titled(char *picture, const char *title, const char *path) {
    static const char own[] = "<title>Gnuplot</title>";
    char *place = strstr(picture, own);
    if (place == NULL) return picture;
    struct buffer out = {0};
    buffer_append(&out, picture, (size_t)(place - picture));
    buffer_printf(&out, "<title>");
    for (const char *c = title; *c != '\0'; c++)
        if (*c == '<' || *c == '&')
            buffer_printf(&out, *c == '<' ? "&lt;" : "&amp;");
        else
            buffer_append(&out, c, 1);
    buffer_printf(&out, "</title>%s", place + strlen(own));
    free(picture);
    if (file_write(path, out.data, out.length) == 0) return out.data;
    buffer_free(&out);
    return NULL;
}

/* One picture. Returns its path, or NULL after a line on stderr. */
static char *draw_as(const char *format, const struct chart *chart,
                     const struct chart_context *context, const char *variables) {
    struct buffer all = {0};
    char *output = xasprintf("%s/%s.%s", context->directory, chart->name, format);
    buffer_printf(&all, "%s", variables);
    chart_assign(&all, "FORMAT", format);
    chart_assign(&all, "OUTPUT", output);
    bool drawn = run_gnuplot(chart, context, all.data, format) == 0;
    buffer_free(&all);
    if (drawn) return output;
    free(output);
    return NULL;
}

/* Of a chart that has a prediction, or a guess: where it lies, and of which strategies it is. */
static void assign_predicted(struct buffer *variables, const struct chart *chart,
                             const struct chart_context *context, const char *ending,
                             const char *place, const char *names, const char *strategies_in_it) {
    if (strategies_in_it == NULL) return;
    char *data = xasprintf("%s/%s.%s", context->directory, chart->name, ending);
    chart_assign(variables, place, data);
    chart_assign(variables, names, strategies_in_it);
    free(data);
}

/* The SVG, and the other files that the context asks for. One of these that fails costs only itself. */
static char *draw(const struct chart *chart, const struct chart_context *context,
                  const char *series, const char *floors, int *failed) {
    struct buffer variables = {0};
    char *data = xasprintf("%s/%s.tsv", context->directory, chart->name), *picture = NULL;
    chart_assign(&variables, "DATA", data);
    chart_assign(&variables, "SERIES", series);
    chart_assign(&variables, "FLOORS", floors);
    chart_assign(&variables, "CHARTS", chart->directory);
    chart_assign(&variables, "TITLE", chart->title);
    assign_axes(&variables, chart);
    assign_predicted(&variables, chart, context, "predicted.tsv", "PREDICTION", "PREDICTED",
                     chart->predicted);
    assign_predicted(&variables, chart, context, "guessed.tsv", "GUESS", "GUESSED", chart->guessed);
    char *load =
        sql_one_text(context->db, "SELECT text FROM workload WHERE experiment_id = :experiment",
                     context->experiment_id);
    char *held = chart_place(chart, context);
    chart_assign(&variables, "LOAD", load == NULL ? "" : load);
    chart_assign(&variables, "HELD", held);
    free(held);
    free(load);
    char *path = draw_as("svg", chart, context, variables.data); /* for the report, in any case */
    if (path != NULL) picture = file_read(path);
    if (picture != NULL) picture = titled(picture, chart->title, path);
    free(path);
    *failed = picture == NULL ? -1 : 0;
    for (size_t i = 0; i < FORMAT_COUNT && picture != NULL; i++) {
        if (formats[i].bit == CHART_SVG || !(context->formats & formats[i].bit)) continue;
        path = draw_as(formats[i].name, chart, context, variables.data);
        if (path == NULL) *failed = -1;
        free(path);
    }
    buffer_free(&variables);
    free(data);
    return picture;
}

char *chart_draw(const struct chart *chart, const struct chart_context *context, int *failed) {
    char *series = NULL, *floors = NULL, *picture = NULL;
    int rows = chart_applies(chart, context);
    if (rows > 0) rows = chart_write_data(chart, context, "tsv", false, &series, &floors);
    *failed = rows < 0 ? -1 : 0;
    /* The floor alone is no comparison. */
    if (rows > 0 && *series != '\0') picture = draw(chart, context, series, floors, failed);
    free(series);
    free(floors);
    return picture;
}

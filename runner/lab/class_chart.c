/* Where a class's predictions lay: a chart by gnuplot, a row per question, on the axis how many times too much or too
 * little was predicted. */
#include "lab/class.h"

#include "base/log.h"
#include "base/memory.h"
#include "chart/chart.h"
#include "chart/draw.h"
#include "system/capture.h"
#include "system/file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GNUPLOT_SECONDS 30

/* A row per prediction that can be put on the axis: the question's number, how many times too much, who. */
static char *rows_of(const struct class *class, int *count) {
    struct buffer out = {0};
    *count = 0;
    for (int q = 0; q < class->gradings[0].guess_count; q++)
        for (int i = 0; i < class->count; i++) {
            const struct guessed *guess = &class->gradings[i].guesses[q];
            double ratio = guess->predicted / guess->measured;
            if (!isfinite(ratio) || ratio <= 0) continue;
            buffer_printf(&out, "%d\t%g\t%d\n", q + 1, ratio, i + 1);
            ++*count;
        }
    return out.data;
}

static char *settings_of(const struct class *class, const char *data, const char *path) {
    struct buffer out = {0};
    const char *dot = strrchr(path, '.');
    chart_assign(&out, "FORMAT", dot == NULL ? "svg" : dot + 1);
    chart_assign(&out, "OUTPUT", path);
    chart_assign(&out, "DATA", data);
    chart_assign(&out, "TITLE", class->lab->title);
    buffer_printf(&out, "HANDED_IN=%d; QUESTIONS='", class->count);
    for (int q = 0; q < class->gradings[0].guess_count; q++)
        buffer_printf(&out, "%s%s", q == 0 ? "" : " ", class->gradings[0].guesses[q].name);
    buffer_printf(&out, "'");
    return out.data;
}

static int draw(const struct class *class, const char *data, const char *path) {
    char *charts = charts_directory(), *settings = settings_of(class, data, path);
    char *common = xasprintf("%s/common.gp", charts), *script = xasprintf("%s/class.gp", charts);
    char *argv[] = {(char *)"gnuplot", (char *)"-d", (char *)"-e", settings, common, script, NULL};
    char *output = capture(argv, false, GNUPLOT_SECONDS);
    if (output == NULL) log_error("gnuplot could not draw the class's chart %s", path);
    int status = output == NULL ? -1 : 0;
    free(output);
    free(script);
    free(common);
    free(settings);
    free(charts);
    return status;
}

int class_draw(const struct class *class, const char *path) {
    char *version = chart_gnuplot_version();
    if (version == NULL) {
        log_warn("gnuplot is not installed, so there is no chart: install gnuplot-nox");
        return 0;
    }
    free(version);
    int count, status = 0;
    char *rows = rows_of(class, &count), *data = xasprintf("%s.tsv", path);
    if (count == 0)
        log_warn("nothing was predicted that could be drawn");
    else if (file_write(data, rows, strlen(rows)) != 0 || draw(class, data, path) != 0)
        status = -1;
    else
        printf("\nThe chart is %s\n", path);
    free(rows);
    free(data);
    return status;
}

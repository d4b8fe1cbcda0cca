/* The report: charts first, then the page around them. */
#include "page/page.h"

#include "base/log.h"
#include "chart/data.h"
#include "chart/draw.h"
#include "chart/predicted.h"
#include "page/html.h"
#include "page/sections.h"
#include "page/svg.h"
#include "report/highlights.h"
#include "store/sql.h"
#include "system/directory.h"
#include "system/file.h"
#include "system/hint.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- charts ----------------------------------------------------------------------------------- */

/* A chart and, beside it, how to read it. */
static void add_figure(struct buffer *out, const struct chart *chart, const char *picture,
                       const struct chart_context *context) {
    char *prefix = xasprintf("c%s-", chart->name);
    char *held = chart_place(chart, context);
    buffer_printf(out, "<figure>\n<div class=\"scroll\">");
    svg_inline(out, picture, prefix, chart->title);
    buffer_printf(out, "</div>\n<figcaption>");
    html_element(out, "h3", chart->title);
    html_element(out, "p", chart->read);
    if (chart->predicted != NULL) html_element(out, "p", chart->prediction);
    if (chart->guessed != NULL)
        html_element(out, "p", "The large open diamonds are what you predicted before the run.");
    if (*held != '\0') {
        buffer_printf(out, "<p class=\"quiet\">Here ");
        html_text(out, held);
        buffer_printf(out, ".</p>");
    }
    buffer_printf(out, "</figcaption>\n</figure>\n");
    free(held);
    free(prefix);
}

/* What an earlier report may have left behind. */
static void remove_old(const struct chart *chart, const struct chart_context *context) {
    static const char *const endings[] = {"tsv", "predicted.tsv", "guessed.tsv",
                                          "svg", "png",           "pdf"};
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        char *path = xasprintf("%s/%s.%s", context->directory, chart->name, endings[i]);
        remove(path);
        free(path);
    }
}

static int draw_all(struct buffer *out, struct chart_set *set,
                    const struct chart_context *context) {
    if (chart_write_styles(context->directory) != 0) return -1;
    for (int i = 0; i < set->count; i++) remove_old(&set->charts[i], context);
    int status = charts_predict(set, context);
    for (int i = 0; i < set->count; i++) {
        int failed;
        char *picture = chart_draw(&set->charts[i], context, &failed);
        if (picture != NULL) add_figure(out, &set->charts[i], picture, context);
        free(picture);
        if (failed != 0) status = -1;
    }
    return status;
}

/* The section with all charts. A chart that fails costs a line on stderr, not the report. */
static int add_charts(struct buffer *out, const struct chart_context *context) {
    char *version = chart_gnuplot_version();
    html_heading(out, "Charts");
    if (version == NULL) {
        char *number = xasprintf("%" PRId64, context->experiment_id),
             *again = hint("report", number);
        log_warn("gnuplot is not installed, so the report has no charts: install gnuplot-nox, then "
                 "run `%s`",
                 again);
        free(again);
        free(number);
        html_element(out, "p", "There was no gnuplot to draw them with.");
        return 0;
    }
    free(version);
    buffer_printf(out,
                  "<p class=\"quiet\">Hollow marks and figures in brackets may not be believed; "
                  "the dashed line is the floor. Thin lines and bands are intervals.</p>\n");
    struct chart_set set;
    char *charts = charts_directory();
    int status = charts_load(&set, charts); /* those that are whole are drawn in any case */
    if (draw_all(out, &set, context) != 0) status = -1;
    charts_free(&set);
    free(charts);
    return status;
}

/* --- the page --------------------------------------------------------------------------------- */

static int write_page(const struct buffer *page, const char *directory, int64_t experiment_id) {
    char *own = xasprintf("%s/report-%" PRId64 ".html", directory, experiment_id);
    char *newest = xasprintf("%s/report.html", directory);
    int status = file_write(own, page->data, page->length);
    if (status == 0) status = file_write(newest, page->data, page->length);
    if (status == 0) printf("The report is %s\n", newest);
    free(own);
    free(newest);
    return status;
}

static int build_page(struct buffer *page, const struct chart_context *context) {
    sqlite3 *db = context->db;
    int64_t id = context->experiment_id;
    page_head(page, db, id);
    page_gate(page, db, id);
    page_highlights(page, db, id);
    page_expectations(page, db, id);
    int status = add_charts(page, context);
    page_table(page, db, id);
    page_prediction(page, db, id);
    page_all_metrics(page, db, id);
    page_verdicts(page, db, id);
    page_repeat(page, db, id);
    page_environment(page, db, id);
    html_close(page);
    return status;
}

int page_write(sqlite3 *db, int64_t experiment_id, const char *directory, int chart_formats) {
    struct buffer page = {0};
    int64_t id = sql_experiment(db, experiment_id);
    if (id == 0 || sql_extend(db) != 0 || sql_snapshot(db, id) != 0) return -1;
    char *charts = xasprintf("%s/charts", directory);
    int error = directory_create(charts), status = -1;
    char *real = error == 0 ? realpath(charts, NULL) : NULL; /* gnuplot runs "<a command" */
    if (real == NULL) {
        log_error("cannot create the directory %s: %s", charts,
                  strerror(error != 0 ? error : errno));
    } else {
        struct chart_context context = {db, id, real, chart_formats};
        status = build_page(&page, &context);
        if (write_page(&page, directory, id) != 0) status = -1;
    }
    sql_snapshot_end(db);
    buffer_free(&page);
    free(real);
    free(charts);
    return status;
}

/* Charts. A chart is one file scripts/charts/NN-name.gp: a gnuplot script whose opening comment
 * says what it shows and which query gives its data (scripts/charts/README.md has the fields).
 * Adding a chart is adding a file. */
#ifndef PUSHPULL_CHART_H
#define PUSHPULL_CHART_H

#include <sqlite3.h>
#include <stdint.h>

struct chart {
    char *directory;   /* where its file lies */
    char *name;        /* the file's name without .gp: "20-latency" */
    char *title;       /* what it shows */
    char *read;        /* one or two sentences: how to read it */
    char *over;        /* the parameter on its x axis, or NULL */
    char *needs;       /* SQL: draw it only when this is true; or NULL */
    char *metric;      /* the one that it draws, or NULL */
    char *query;       /* SQL: the strategy first, then the columns that the script plots; made from
                          `metric` and `over` where the file has none */
    char *percentiles; /* a histogram's name: `query` gives (strategy, trial_id, events), or NULL */
};

struct chart_set {
    struct chart *charts; /* by name */
    int count;
};

/* The directory of the charts: $PUSHPULL_SCRIPTS/charts, else beside the source tree of this
 * program. The caller frees it. */
char *charts_directory(void);

/* Reads the heads of all charts. Returns 0, or -1 after a line on stderr for each that is not whole; the
 * others are in the set. Free it in either case. */
int charts_load(struct chart_set *, const char *directory);
void charts_free(struct chart_set *);

/* Fills in a chart's fields from the text of its file, for charts_load and tests. */
void chart_parse(struct chart *, const char *text);

/* What a chart needs to be drawn. */
struct chart_context {
    sqlite3 *db;
    int64_t experiment_id;
    const char *directory; /* where its data and picture go; it exists */
};

/* Whether the experiment has what the chart shows: 1 or 0, or -1 after a line on stderr. */
int chart_applies(const struct chart *, const struct chart_context *);

/* Writes DIRECTORY/NAME.tsv: a block a strategy, in the strategy table's order, opened by
 * "# strategy" and divided by two empty lines. `series` and `floors` get the strategies that have
 * data, divided by spaces; the caller frees them. Returns how many rows there are, or -1 after a
 * line on stderr. */
int chart_write_data(const struct chart *, const struct chart_context *, char **series,
                     char **floors);

/* Writes DIRECTORY/styles.gp from the strategy table: titles, colours and markers. */
int chart_write_styles(const char *directory);

/* Draws a chart into DIRECTORY/NAME.svg. Returns the picture, which the caller frees; or NULL with
 * *failed 0 (it has no data) or -1 (after a line on stderr). */
char *chart_draw(const struct chart *, const struct chart_context *, int *failed);

/* The version of the gnuplot that is installed ("5.4 patchlevel 4"), or NULL. */
char *chart_gnuplot_version(void);

#endif

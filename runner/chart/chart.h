/* Charts. A chart is one file scripts/charts/NN-name.gp: a gnuplot script whose opening comment
 * says what it shows and which query gives its data (scripts/charts/README.md has the fields).
 * Adding a chart is adding a file. */
#ifndef PUSHPULL_CHART_H
#define PUSHPULL_CHART_H

struct chart {
    char *directory; /* where its file lies */
    char *name;      /* the file's name without .gp: "20-latency" */
    char *title;     /* what it shows */
    char *read;      /* one or two sentences: how to read it */
    char *over;      /* the parameter on its x axis, or NULL */
    char *needs;     /* SQL: draw it only when this is true; or NULL */
    char *metric;    /* the one that it draws, or NULL */
    char *cells;     /* "all": it shows every cell, not those where the others are held; or NULL */
    char *only;      /* "believed": it draws no others' figures of it; or NULL */
    /* How to read the prediction in it, which it draws where each trial has a simulated twin; or NULL: it draws
     * none. */
    char *prediction;
    /* SQL: the strategy first, then the columns that the script plots. Made from `metric` and `over` where
     * the file has none. */
    char *query;
    /* Whose percentile curve it draws, or NULL. `query` then gives the trials: strategy, trial_id, events,
     * believed. */
    char *histogram;
    /* The strategies that have a prediction, and those that somebody has guessed (predicted.h); or NULL. */
    char *predicted, *guessed;
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

#endif

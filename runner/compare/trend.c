/* A metric over time. See trend.h. */
#include "compare/trend.h"

#include "base/log.h"
#include "base/median.h"
#include "base/memory.h"
#include "base/options.h"
#include "chart/draw.h"
#include "figures/change_points.h"
#include "figures/metric_kinds.h"
#include "report/table_print.h"
#include "scenario/settings.h"
#include "scenario/strategies.h"
#include "store/sql.h"
#include "system/directory.h"
#include "system/human.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* --- the experiments -------------------------------------------------------------------------- */

/* One experiment, and each strategy's figure in it. */
struct point {
    int64_t id;
    char *revision, *started;
    double values[STRATEGIES_MAX], low[STRATEGIES_MAX], high[STRATEGIES_MAX]; /* NAN: none */
    bool believed[STRATEGIES_MAX];
    const struct change_point *changes[STRATEGIES_MAX]; /* what begins here, or NULL */
};

struct trend {
    sqlite3 *db;
    const char *metric;
    struct metric_id id;
    char *scenario, *machine;
    struct point *points;
    int count;
    int elsewhere; /* experiments of the scenario on other machines, or with other overrides */
    struct change_point *changes[STRATEGIES_MAX];
    int change_counts[STRATEGIES_MAX];
};

/* The newest that is whole, and those like it: which base it was compared with is no difference. What is varied
 * within a strategy is held as charts hold it. */
#define LIKE_THE_NEWEST                                                                            \
    "WITH whole AS (SELECT *, json_extract(environment, '$.cpu_model') AS model,"                  \
    "  json_extract(environment, '$.cores') AS cores,"                                             \
    "  json_remove(overrides, '$.base') AS settings FROM experiment"                               \
    "  WHERE finished_at IS NOT NULL AND mode = 'live'),"                                          \
    " newest AS (SELECT * FROM whole WHERE ?1 IS NULL OR scenario = ?1 ORDER BY id DESC LIMIT 1)," \
    " alike AS (SELECT w.* FROM whole w, newest n WHERE w.scenario = n.scenario"                   \
    "  AND w.settings = n.settings AND w.model IS n.model AND w.cores IS n.cores) "

static int read_head(struct trend *trend, const char *scenario) {
    sqlite3_stmt *row =
        sql_query(trend->db,
                  LIKE_THE_NEWEST "SELECT scenario, coalesce(model, 'unknown') || ', ' || cores ||"
                                  " ' cores', (SELECT count(*) FROM whole w WHERE w.scenario ="
                                  " n.scenario) - (SELECT count(*) FROM alike) FROM newest n",
                  "t", scenario);
    bool there = sql_next(row) == 1;
    if (there) {
        trend->scenario = sql_copy(row, 0);
        trend->machine = sql_copy(row, 1);
        trend->elsewhere = sqlite3_column_int(row, 2);
    } else
        log_error("there is no finished experiment%s%s", scenario == NULL ? "" : " of ",
                  scenario == NULL ? "" : scenario);
    sqlite3_finalize(row);
    return there ? 0 : -1;
}

static int read_points(struct trend *trend, const char *scenario) {
    sqlite3_stmt *rows = sql_query(
        trend->db,
        LIKE_THE_NEWEST "SELECT id, git_revision, replace(substr(started_at, 1, 16), 'T', ' ')"
                        " FROM alike ORDER BY id",
        "t", scenario);
    int row;
    while ((row = sql_next(rows)) == 1) {
        trend->points = xgrow(trend->points, (size_t)trend->count, sizeof(*trend->points));
        struct point *point = &trend->points[trend->count++];
        *point = (struct point){
            .id = sqlite3_column_int64(rows, 0),
            .revision = sql_copy(rows, 1),
            .started = sql_copy(rows, 2),
        };
        for (int s = 0; s < strategy_count; s++)
            point->values[s] = point->low[s] = point->high[s] = NAN;
    }
    sqlite3_finalize(rows);
    return row;
}

static int read_figures(struct trend *trend, struct point *point) {
    sqlite3_stmt *rows = sql_query(trend->db,
                                   "SELECT strategy, value, low, high, believed FROM baseline"
                                   " WHERE experiment_id = ? AND metric = ?",
                                   "it", point->id, trend->metric);
    int row;
    while ((row = sql_next(rows)) == 1) {
        const struct strategy *strategy = strategy_find(sql_column(rows, 0));
        if (strategy == NULL) continue;
        int s = (int)(strategy - strategies);
        point->values[s] = sql_number(rows, 1);
        point->low[s] = sql_number(rows, 2);
        point->high[s] = sql_number(rows, 3);
        point->believed[s] = sqlite3_column_int(rows, 4) > 0;
    }
    sqlite3_finalize(rows);
    return row;
}

/* Only what is believed may say that something changed. */
static void find_changes(struct trend *trend, int s) {
    double *values = xcalloc((size_t)trend->count + 1, sizeof(*values));
    struct point **places = xcalloc((size_t)trend->count + 1, sizeof(*places));
    int count = 0;
    for (int i = 0; i < trend->count; i++) {
        if (isnan(trend->points[i].values[s]) || !trend->points[i].believed[s]) continue;
        places[count] = &trend->points[i];
        values[count++] = trend->points[i].values[s];
    }
    trend->changes[s] = xcalloc((size_t)count + 1, sizeof(*trend->changes[s]));
    trend->change_counts[s] = change_points(values, count, trend->changes[s]);
    for (int i = 0; i < trend->change_counts[s]; i++)
        places[trend->changes[s][i].at]->changes[s] = &trend->changes[s][i];
    free(values);
    free(places);
}

static int trend_read(struct trend *trend, const char *scenario) {
    int status = read_head(trend, scenario);
    if (status == 0) status = read_points(trend, scenario);
    for (int i = 0; status == 0 && i < trend->count; i++)
        status = read_figures(trend, &trend->points[i]);
    for (int s = 0; status == 0 && s < strategy_count; s++) find_changes(trend, s);
    return status;
}

static void trend_free(struct trend *trend) {
    for (int i = 0; i < trend->count; i++) {
        free(trend->points[i].revision);
        free(trend->points[i].started);
    }
    for (int s = 0; s < strategy_count; s++) free(trend->changes[s]);
    free(trend->points);
    free(trend->scenario);
    free(trend->machine);
}

/* --- telling ---------------------------------------------------------------------------------- */

static bool has_figures(const struct trend *trend, int s) {
    for (int i = 0; i < trend->count; i++)
        if (!isnan(trend->points[i].values[s])) return true;
    return false;
}

/* "212 µs", in brackets when it may not be believed, with an arrow where it changed. */
static char *cell(const struct trend *trend, const struct point *point, int s) {
    char text[HUMAN_SIZE];
    const struct change_point *change = point->changes[s];
    human_metric(text, point->values[s], trend->id.kind->unit);
    if (isnan(point->values[s])) return xstrdup("");
    return xasprintf(point->believed[s] ? "%s%s" : "(%s)%s", text,
                     change == NULL                   ? ""
                     : change->after > change->before ? " ▲"
                                                      : " ▼");
}

static void print_table(const struct trend *trend) {
    struct table table = {.key_count = 2};
    table_add_column(&table, "id", false);
    table_add_column(&table, "revision", true);
    table_add_column(&table, "started (UTC)", true);
    for (int s = 0; s < strategy_count; s++)
        if (has_figures(trend, s)) table_add_column(&table, strategies[s].title, false);
    for (int i = 0; i < trend->count; i++) {
        const struct point *point = &trend->points[i];
        struct table_row *row = table_add_row(&table);
        *row = (struct table_row){.cells = {xasprintf("%lld", (long long)point->id),
                                            xstrdup(point->revision), xstrdup(point->started)}};
        int column = 3;
        for (int s = 0; s < strategy_count; s++)
            if (has_figures(trend, s)) row->cells[column++] = cell(trend, point, s);
    }
    table_lay_out(stdout, &table);
    table_free(&table);
}

static void print_changes(const struct trend *trend) {
    char before[HUMAN_SIZE], after[HUMAN_SIZE];
    const char *unit = trend->id.kind->unit;
    int count = 0;
    for (int i = 0; i < trend->count; i++)
        for (int s = 0; s < strategy_count; s++) {
            const struct change_point *change = trend->points[i].changes[s];
            if (change == NULL) continue;
            char share[32] = "";
            if (change->before != 0)
                snprintf(share, sizeof(share), " by %+.1f %%",
                         100 * (change->after / change->before - 1));
            char *line =
                xasprintf("%s changed%s at experiment %lld, revision %s: %s before, %s since"
                          " (means; by chance in %.2g of such series)",
                          strategies[s].title, share, (long long)trend->points[i].id,
                          trend->points[i].revision, human_metric(before, change->before, unit),
                          human_metric(after, change->after, unit), change->p);
            human_wrap(stdout, 0, line);
            free(line);
            count++;
        }
    if (trend->count < 2 * CHANGE_SIDE)
        printf("These are too few to tell a change: it takes %d on either side.\n", CHANGE_SIDE);
    else if (count == 0)
        printf("Nothing changed.\n");
}

/* --- the chart -------------------------------------------------------------------------------- */

/* Of a strategy's figures; NAN when there is none. */
static double median_of(const struct trend *trend, int s) {
    double *values = xcalloc((size_t)trend->count + 1, sizeof(*values));
    int count = 0;
    for (int i = 0; i < trend->count; i++)
        if (!isnan(trend->points[i].values[s])) values[count++] = trend->points[i].values[s];
    double middle = median(values, count);
    free(values);
    return middle;
}

/* Lays the points where a chart's query finds them, each strategy's by its own median. */
static int lay_out(const struct trend *trend) {
    int status =
        sql_execute(trend->db, "CREATE TEMP TABLE trend (strategy, number, experiment, value,"
                               " low, high, believed, changed)");
    for (int s = 0; s < strategy_count; s++) {
        double middle = median_of(trend, s);
        for (int i = 0; status == 0 && i < trend->count; i++) {
            const struct point *point = &trend->points[i];
            if (isnan(point->values[s]) || middle == 0) continue;
            status = sql_run(
                sql_bind(trend->db, "INSERT INTO temp.trend VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                         "tiidddii", strategies[s].key, (int64_t)i + 1, point->id,
                         point->values[s] / middle, point->low[s] / middle, point->high[s] / middle,
                         (int64_t)point->believed[s], (int64_t)(point->changes[s] != NULL)));
        }
    }
    return status;
}

static int draw(const struct trend *trend, const char *results, int formats) {
    char *version = chart_gnuplot_version();
    if (version == NULL) {
        log_warn("gnuplot is not installed, so there is no chart: install gnuplot-nox");
        return 0;
    }
    free(version);
    int error = directory_create(results), failed = 0;
    char *real = error == 0 ? realpath(results, NULL) : NULL, title[METRIC_NAME_SIZE];
    if (real == NULL)
        log_error("cannot create the directory %s: %s", results,
                  strerror(error != 0 ? error : errno));
    char *charts = charts_directory();
    struct chart chart = {
        .directory = charts,
        .name = (char *)"trend",
        .title = xasprintf("%s of %s, experiment by experiment", metric_title(title, trend->id),
                           trend->scenario),
        .metric = (char *)trend->metric,
        .query = (char *)"SELECT strategy, number, experiment, value, low, high, believed, changed"
                         " FROM temp.trend",
    };
    struct chart_context context = {trend->db, trend->points[trend->count - 1].id, real, formats};
    char *picture = real == NULL || chart_write_styles(real) != 0
                        ? NULL
                        : chart_draw(&chart, &context, &failed);
    if (picture != NULL) printf("The chart is %s/trend.svg\n", results);
    free(picture);
    free(chart.title);
    free(charts);
    free(real);
    return error == 0 && failed == 0 ? 0 : -1;
}

/* --- the whole -------------------------------------------------------------------------------- */

int trend_tell(sqlite3 *db, const char *metric, const char *scenario, const char *results,
               int formats) {
    struct trend trend = {.db = db, .metric = metric};
    if (!metric_find(metric, &trend.id))
        die(EXIT_USAGE, "%s is no metric: `pushpull metrics` lists them", metric);
    int status = sql_extend(db) != 0 ? -1 : trend_read(&trend, scenario);
    if (status == 0) {
        char title[METRIC_NAME_SIZE];
        char *head = xasprintf("%s of %s: %d experiment%s on machines like the newest one's (%s)",
                               metric_title(title, trend.id), trend.scenario, trend.count,
                               plural(trend.count), trend.machine);
        human_wrap(stdout, 0, head);
        if (trend.elsewhere > 0)
            printf("(%d more, of other machines or with other --set and --only, are left out)\n",
                   trend.elsewhere);
        printf("\n");
        print_table(&trend);
        print_changes(&trend);
        free(head);
        fflush(stdout);
        if (formats != 0 && (lay_out(&trend) != 0 || draw(&trend, results, formats) != 0))
            status = -1;
    }
    trend_free(&trend);
    return status == 0 ? 0 : 1;
}

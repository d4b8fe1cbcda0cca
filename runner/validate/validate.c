/* Predictions against measurements: see validate.h. In order: what is known of a cell, reading it, the table, what
 * is too far off, the whole. */
#include "validate/validate.h"

#include "base/log.h"
#include "base/median.h"
#include "base/memory.h"
#include "report/table.h"
#include "report/table_print.h"
#include "store/sql.h"
#include "system/human.h"
#include "validate/again.h"
#include "validate/bounds.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define METRICS_MAX 8
#define REPEATS_MAX 1000 /* of a scenario */
#define OWN_NS 10000000  /* a machine's own affairs take less than that */

/* One cell of one experiment. */
struct compared {
    char *scenario, *strategy, *parameters, *setting;
    enum place place;
    /* By metric: medians over the repeats; NAN where nothing was measured that may be believed. */
    double predicted[METRICS_MAX], measured[METRICS_MAX];
    double distance; /* of the two distributions of latency */
    double shape; /* the same with tolerance; NAN where the latency is this machine's own affair */
};

struct validation {
    sqlite3 *db;
    const struct validate_options *options;
    struct deviations deviations;
    struct compared *cells;
    int cell_count;
};

static double off_by(const struct compared *cell, int metric) {
    double measured = cell->measured[metric], predicted = cell->predicted[metric];
    if (isnan(measured) || isnan(predicted)) return NAN;
    return measured == 0 ? (predicted == 0 ? 0 : NAN) : predicted / measured - 1;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* The figures of the trials of a cell, until it is complete. */
struct gathered {
    double predicted[METRICS_MAX][REPEATS_MAX], measured[METRICS_MAX][REPEATS_MAX];
    int counts[METRICS_MAX];
    struct histogram *live, *simulated; /* latency, of all repeats */
};

/* A figure that was measured and may be believed, or NAN. */
static double measured_figure(sqlite3 *db, int64_t trial_id, const char *metric) {
    sqlite3_stmt *statement =
        sql_query(db, "SELECT value FROM figure WHERE trial_id = ? AND name = ? AND believed", "it",
                  trial_id, metric);
    double value = sql_next(statement) == 1 ? sql_number(statement, 0) : NAN;
    sqlite3_finalize(statement);
    return value;
}

static void add_live_latency(sqlite3 *db, int64_t trial_id, struct histogram *into) {
    sqlite3_stmt *statement = sql_query(
        db, "SELECT buckets FROM histogram WHERE trial_id = ? AND name = 'delivery_latency'", "i",
        trial_id);
    if (sql_next(statement) == 1)
        histogram_deserialise(into, sqlite3_column_blob(statement, 0),
                              (size_t)sqlite3_column_bytes(statement, 0));
    sqlite3_finalize(statement);
}

static void add_simulated_latency(const struct result *result, struct histogram *into) {
    const struct histogram *latency = result_histogram(result, "delivery_latency");
    struct buffer bytes = {0};
    if (latency == NULL) return;
    histogram_serialise(latency, &bytes);
    histogram_deserialise(into, bytes.data, bytes.length);
    buffer_free(&bytes);
}

static void gather(struct gathered *gathered, sqlite3 *db, int64_t trial_id,
                   const struct result *simulated) {
    for (int m = 0; bounded[m].metric != NULL; m++) {
        double measured = measured_figure(db, trial_id, bounded[m].metric);
        double predicted = result_value(simulated, bounded[m].metric);
        const char *needs = bounded[m].needs;
        if (isnan(measured) || isnan(predicted) || gathered->counts[m] == REPEATS_MAX) continue;
        if (needs != NULL && isnan(measured_figure(db, trial_id, needs))) continue;
        gathered->measured[m][gathered->counts[m]] = measured;
        gathered->predicted[m][gathered->counts[m]++] = predicted;
    }
    if (isnan(measured_figure(db, trial_id, "delivery_latency_p50_us"))) return;
    add_live_latency(db, trial_id, gathered->live);
    add_simulated_latency(simulated, gathered->simulated);
}

static enum place place_of(const struct cell *cell) {
    const struct link_setup *link = &cell->link;
    if (!link_setup_is_any(link)) return NEAR;
    for (int i = 0; i < link->count; i++)
        if (strcmp(link->settings[i].key, "burst_loss") == 0 && *link->settings[i].value != '\0')
            return LOSSY;
    return link_setup_number(link, "loss_percent") > 0 ? LOSSY : FAR;
}

static void close_cell(struct compared *compared, struct gathered *gathered) {
    for (int m = 0; bounded[m].metric != NULL; m++) {
        int count = gathered->counts[m];
        compared->measured[m] = count == 0 ? NAN : median(gathered->measured[m], count);
        compared->predicted[m] = count == 0 ? NAN : median(gathered->predicted[m], count);
        gathered->counts[m] = 0;
    }
    compared->distance = histogram_distance(gathered->live, gathered->simulated, 0);
    if (histogram_quantile(gathered->live, 0.5) > OWN_NS)
        compared->shape = histogram_distance(gathered->live, gathered->simulated, SHAPE_TOLERANCE);
    histogram_reset(gathered->live);
    histogram_reset(gathered->simulated);
}

/* Columns of a trial's row. */
enum { ID, SCENARIO, STRATEGY, PARAMETERS, SETTING, SEED };

static struct compared *open_cell(struct validation *v, sqlite3_stmt *trial) {
    v->cells = xgrow(v->cells, (size_t)v->cell_count, sizeof(*v->cells));
    struct compared *compared = &v->cells[v->cell_count++];
    *compared = (struct compared){
        .scenario = sql_copy(trial, SCENARIO),
        .strategy = sql_copy(trial, STRATEGY),
        .parameters = sql_copy(trial, PARAMETERS),
        .setting = xstrdup(sql_column(trial, SETTING)),
        .shape = NAN,
    };
    return compared;
}

static bool is_of(const struct compared *compared, sqlite3_stmt *trial) {
    return compared != NULL && strcmp(compared->strategy, sql_column(trial, STRATEGY)) == 0 &&
           strcmp(compared->parameters, sql_column(trial, PARAMETERS)) == 0;
}

/* Every trial that was measured, cell by cell. */
static int walk_trials(struct validation *v, const struct again *again, struct gathered *gathered) {
    sqlite3_stmt *trials = sql_prepare(
        v->db,
        "SELECT t.id, e.scenario, t.strategy, t.parameters, " SQL_SETTING(
            "t") ", t.seed"
                 " FROM trial t JOIN experiment e ON e.id = t.experiment_id"
                 " WHERE t.experiment_id = :experiment AND t.variant = '' AND t.status = 'done'"
                 " ORDER BY t.strategy, t.parameters, t.repeat",
        again->experiment_id);
    struct compared *compared = NULL;
    const struct cell *cell = NULL;
    int row;
    while ((row = sql_next(trials)) == 1) {
        struct result simulated = {0};
        if (!is_of(compared, trials)) {
            if (compared != NULL) close_cell(compared, gathered);
            cell = again_cell(again, sql_column(trials, STRATEGY), sql_column(trials, PARAMETERS));
            if (cell == NULL) break;
            compared = open_cell(v, trials);
            compared->place = place_of(cell);
        }
        again_simulate(again, sqlite3_column_int64(trials, ID), cell,
                       sqlite3_column_int64(trials, SEED), &simulated);
        gather(gathered, v->db, sqlite3_column_int64(trials, ID), &simulated);
        result_free(&simulated);
    }
    sqlite3_finalize(trials);
    if (compared != NULL) close_cell(compared, gathered);
    return row == 0 ? 0 : -1;
}

static int read_experiment(struct validation *v, int64_t id) {
    struct again again;
    struct catalog *catalog = catalog_new(v->options->programs);
    struct gathered *gathered = xcalloc(1, sizeof(*gathered));
    gathered->live = histogram_new();
    gathered->simulated = histogram_new();
    int status = again_open(&again, v->db, id, catalog);
    if (status == 0) status = walk_trials(v, &again, gathered);
    again_close(&again);
    catalog_free(catalog);
    histogram_free(gathered->live);
    histogram_free(gathered->simulated);
    free(gathered);
    return status;
}

/* --- the table -------------------------------------------------------------------------------- */

static bool is_in(const struct compared *cell, const struct strategy *strategy, enum place place) {
    return cell->place == place && strcmp(cell->strategy, strategy->key) == 0;
}

static char *percent(double share) {
    double value = 100 * share;
    return isnan(share) ? xstrdup("–")
                        : xasprintf(fabs(value) < 9.95 ? "%.1f %%" : "%.0f %%", value);
}

/* "0.3 % (2.1 %)": the median of how far its cells are off, and the most. */
static char *off_text(const struct validation *v, const struct strategy *strategy, enum place place,
                      int metric) {
    double *offs = xcalloc((size_t)v->cell_count, sizeof(*offs)), most = 0;
    int count = 0;
    for (int i = 0; i < v->cell_count; i++) {
        double off = is_in(&v->cells[i], strategy, place) ? off_by(&v->cells[i], metric) : NAN;
        if (isnan(off)) continue;
        offs[count++] = fabs(off);
        most = fmax(most, fabs(off));
    }
    char *middle = percent(count == 0 ? NAN : median(offs, count)), *worst = percent(most);
    char *text = count == 0 ? xstrdup("–") : xasprintf("%s (%s)", middle, worst);
    free(offs);
    free(middle);
    free(worst);
    return text;
}

static char *distance_text(const struct validation *v, const struct strategy *strategy,
                           enum place place) {
    double *distances = xcalloc((size_t)v->cell_count, sizeof(*distances));
    int count = 0;
    for (int i = 0; i < v->cell_count; i++)
        if (is_in(&v->cells[i], strategy, place) && !isnan(v->cells[i].distance))
            distances[count++] = v->cells[i].distance;
    char *text = count == 0 ? xstrdup("–") : xasprintf("%.2f", median(distances, count));
    free(distances);
    return text;
}

static void add_row(struct table *table, const struct validation *v,
                    const struct strategy *strategy, enum place place) {
    int cells = 0, column = 0;
    for (int i = 0; i < v->cell_count; i++) cells += is_in(&v->cells[i], strategy, place);
    if (cells == 0) return;
    struct table_row *row = table_add_row(table);
    row->cells[column++] = xstrdup(strategy->title);
    row->cells[column++] = xstrdup(place_names[place]);
    row->cells[column++] = xasprintf("%d", cells);
    for (int m = 0; bounded[m].metric != NULL; m++)
        row->cells[column++] = off_text(v, strategy, place, m);
    row->cells[column] = distance_text(v, strategy, place);
    row->floor = strategy->floor;
}

static void print_table(const struct validation *v) {
    struct table table = {.key_count = 2};
    table_add_column(&table, "strategy", true);
    table_add_column(&table, "where", true);
    table_add_column(&table, "cells", false);
    for (int m = 0; bounded[m].metric != NULL; m++)
        table_add_column(&table, bounded[m].heading, false);
    table_add_column(&table, "K distance", false);
    for (const struct strategy *strategy = strategies; strategy->key != NULL; strategy++)
        for (int place = NEAR; place < PLACE_COUNT; place++)
            add_row(&table, v, strategy, (enum place)place);
    table_lay_out(stdout, &table);
    table_free(&table);
    human_wrap(
        stdout, 0,
        "How far predictions are off: the median over the cells (and the most). K distance: the"
        " greatest difference between the two distributions of latency, median over the cells.");
}

/* --- what is too far off ------------------------------------------------------------------------ */

/* How each line begins: "  known     quick, sse subscribers=10: ". */
static void print_place(const char *verdict, const struct compared *cell) {
    printf("  %-9s %s, %s%s%s: ", verdict, cell->scenario, cell->strategy,
           *cell->setting == '\0' ? "" : " ", cell->setting);
}

static void print_figure(const struct compared *cell, int metric, double off, const char *verdict) {
    struct metric_id id;
    char predicted[HUMAN_SIZE], measured[HUMAN_SIZE];
    const char *unit = metric_find(bounded[metric].metric, &id) ? id.kind->unit : "count";
    human_metric(predicted, cell->predicted[metric], unit);
    human_metric(measured, cell->measured[metric], unit);
    print_place(verdict, cell);
    printf("%s predicted %s, measured %s, %+.1f %% (at most %.0f %%)\n", bounded[metric].heading,
           predicted, measured, 100 * off, 100 * bounded[metric].most[cell->place]);
}

struct tally {
    int held, known, unknown;
};

/* Counts a figure that is so far off; returns the word for it. */
static const char *judge(struct validation *v, const struct compared *cell, const char *heading,
                         double off, double most, struct tally *tally) {
    if (fabs(off) <= most) {
        tally->held++;
        return "held";
    }
    struct deviation *row = deviation_of(&v->deviations, cell->scenario, cell->strategy,
                                         cell->place, cell->setting, heading, off);
    if (row == NULL) {
        tally->unknown++;
        return "BROKEN";
    }
    row->used++;
    tally->known++;
    return "known";
}

static void judge_shape(struct validation *v, const struct compared *cell, struct tally *tally) {
    if (isnan(cell->shape)) return;
    const char *verdict = judge(v, cell, SHAPE_HEADING, cell->shape, SHAPE_MOST, tally);
    if (strcmp(verdict, "held") == 0 && !v->options->all) return;
    print_place(verdict, cell);
    printf(SHAPE_HEADING ", K distance %.2f beyond %.0f %% of the latency (at most %.2f)\n",
           cell->shape, 100 * SHAPE_TOLERANCE, SHAPE_MOST);
}

/* Prints what breaks its bound. Returns how many of these are not known. */
static int print_broken(struct validation *v) {
    struct tally tally = {0};
    printf("\n");
    for (int i = 0; i < v->cell_count; i++) {
        const struct compared *cell = &v->cells[i];
        for (int m = 0; bounded[m].metric != NULL; m++) {
            double off = off_by(cell, m);
            if (isnan(off)) continue;
            const char *verdict =
                judge(v, cell, bounded[m].heading, off, bounded[m].most[cell->place], &tally);
            if (strcmp(verdict, "held") != 0 || v->options->all)
                print_figure(cell, m, off, verdict);
        }
        judge_shape(v, cell, &tally);
    }
    printf("\n%d figures: %d within their bounds, %d further off for a known cause, %d broken\n",
           tally.held + tally.known + tally.unknown, tally.held, tally.known, tally.unknown);
    return tally.unknown;
}

/* --- the whole -------------------------------------------------------------------------------- */

static void release(struct validation *v) {
    for (int i = 0; i < v->cell_count; i++) {
        free(v->cells[i].scenario);
        free(v->cells[i].strategy);
        free(v->cells[i].parameters);
        free(v->cells[i].setting);
    }
    free(v->cells);
    deviations_free(&v->deviations);
}

int validate_experiments(sqlite3 *db, const int64_t *ids, int count,
                         const struct validate_options *options) {
    struct validation v = {.db = db, .options = options};
    int status =
        *options->deviations == '\0' ? 0 : deviations_read(&v.deviations, options->deviations);
    for (int i = 0; i < count && status == 0; i++) status = read_experiment(&v, ids[i]);
    if (status == 0) {
        print_table(&v);
        status = print_broken(&v) > 0;
    }
    release(&v);
    return status == 0 ? 0 : 1;
}

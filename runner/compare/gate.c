/* Reading a paired run and judging it. See gate.h. */
#include "compare/gate.h"

#include "base/log.h"
#include "base/median.h"
#include "base/memory.h"
#include "figures/verdict.h"
#include "scenario/plan.h"
#include "store/sql.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FROM_NOTHING 50    /* the logarithm that stands for a ratio to 0 */
#define ENOUGH 0.75        /* the share of pairs with events enough that a figure needs to decide */
#define CONTROL_MOVED 0.05 /* what is timed of the floor, the base against itself */
#define VISITED_MAX 0.1    /* the share of pairs beside another run that what is timed can bear */
#define CONTROL_COUNT 0.01 /* what is counted of it */

const char *const gate_verdicts[] = {[NO_REGRESSION] = "no regression",
                                     [REGRESSION] = "regression",
                                     [INCONCLUSIVE] = "inconclusive"};

/* --- the pairs of one cell and metric --------------------------------------------------------- */

/* What was read of them. */
struct pairs {
    double *base, *candidate;
    int *batches;
    int count, enough;
};

static void add_pair(struct pairs *pairs, int batch, double base, double candidate) {
    size_t count = (size_t)pairs->count;
    pairs->base = xgrow(pairs->base, count, sizeof(*pairs->base));
    pairs->candidate = xgrow(pairs->candidate, count, sizeof(*pairs->candidate));
    pairs->batches = xgrow(pairs->batches, count, sizeof(*pairs->batches));
    pairs->base[pairs->count] = base;
    pairs->candidate[pairs->count] = candidate;
    pairs->batches[pairs->count++] = batch;
}

static void pairs_free(struct pairs *pairs) {
    free(pairs->base);
    free(pairs->candidate);
    free(pairs->batches);
}

/* Those of which both trials have a figure. A verdict takes none of them away: the two of a pair were measured
 * alike, and what disturbed them can hide a difference, but favours neither. */
static int read_values(struct pairs *pairs, sqlite3 *db, const struct gate *gate,
                       const struct gate_item *item) {
    char name[METRIC_NAME_SIZE];
    sqlite3_stmt *rows = sql_query(
        db,
        "SELECT p.batch, b.value, c.value, b.enough AND c.enough FROM pair p"
        " JOIN figure b ON b.trial_id = p.base_trial AND b.name = ?4"
        " JOIN figure c ON c.trial_id = p.candidate_trial AND c.name = ?4"
        " WHERE p.experiment_id = ?1 AND p.strategy = ?2 AND p.parameters = ?3 ORDER BY p.position",
        "ittt", gate->experiment, item->strategy->key, item->parameters,
        metric_name(name, item->metric));
    int row;
    while ((row = sql_next(rows)) == 1) {
        add_pair(pairs, sqlite3_column_int(rows, 0), sql_number(rows, 1), sql_number(rows, 2));
        pairs->enough += sqlite3_column_int(rows, 3);
    }
    sqlite3_finalize(rows);
    return row;
}

/* Trials that failed are counted as such, and have no figures. */
static int read_failures(struct pairs *pairs, sqlite3 *db, const struct gate *gate,
                         const struct gate_item *item) {
    sqlite3_stmt *rows = sql_query(
        db,
        "SELECT batch, base_status = 'failed', candidate_status = 'failed' FROM pair"
        " WHERE experiment_id = ?1 AND strategy = ?2 AND parameters = ?3 ORDER BY position",
        "itt", gate->experiment, item->strategy->key, item->parameters);
    int row;
    while ((row = sql_next(rows)) == 1)
        add_pair(pairs, sqlite3_column_int(rows, 0), sql_number(rows, 1), sql_number(rows, 2));
    sqlite3_finalize(rows);
    pairs->enough = pairs->count;
    return row;
}

/* --- from pairs to differences ---------------------------------------------------------------- */

static double sum(const double *values, int count) {
    double all = 0;
    for (int i = 0; i < count; i++) all += values[i];
    return all;
}

/* What can be below 0 (an overhead, by its error) has no ratio then. */
static double log_ratio(double candidate, double base) {
    if (candidate == base || (candidate <= 0 && base <= 0)) return 0;
    if (base <= 0) return FROM_NOTHING;
    return candidate <= 0 ? -FROM_NOTHING : log(candidate / base);
}

static bool more_is_better(const struct gate_item *item) {
    return item->metric.kind != NULL && item->metric.kind->better == MORE;
}

static double difference(const struct gate_item *item, double base, double candidate) {
    double up = item->decided->mishap ? candidate - base : log_ratio(candidate, base);
    return more_is_better(item) ? -up : up;
}

static void take_pairs(struct gate_item *item, const struct pairs *pairs) {
    struct decide_item *decided = item->decided;
    double base_mishaps[GATE_BATCHES] = {0};
    for (int b = 0; b < GATE_BATCHES; b++)
        decided->batches[b].differences =
            xcalloc((size_t)pairs->count + 1, sizeof(*decided->batches[b].differences));
    for (int i = 0; i < pairs->count; i++) {
        struct decide_batch *batch = &decided->batches[pairs->batches[i] > 1 ? 1 : 0];
        batch->differences[batch->count++] = difference(item, pairs->base[i], pairs->candidate[i]);
        base_mishaps[batch - decided->batches] += pairs->base[i];
    }
    for (int b = 0; b < GATE_BATCHES; b++) decided->batches[b].base_has_none = base_mishaps[b] == 0;
    double (*typical)(const double *, int) = decided->mishap ? sum : median;
    item->base = typical(pairs->base, pairs->count);
    item->candidate = typical(pairs->candidate, pairs->count);
    item->silent = pairs->count > 0 && sum(pairs->base, pairs->count) == 0 &&
                   sum(pairs->candidate, pairs->count) == 0;
    double least = item->base > 0                            ? item->tolerance.least / item->base
                   : item->candidate > item->tolerance.least ? 0
                                                             : INFINITY;
    decided->tolerance = log1p(fmax(item->tolerance.share, least));
}

/* How many pairs of the item's cell were run in each batch, with figures or without. */
static int count_run(sqlite3 *db, const struct gate *gate, struct gate_item *item) {
    sqlite3_stmt *rows =
        sql_query(db,
                  "SELECT batch, count(*) FROM pair WHERE experiment_id = ?1 AND strategy = ?2"
                  " AND parameters = ?3 GROUP BY batch",
                  "itt", gate->experiment, item->strategy->key, item->parameters);
    int row;
    while ((row = sql_next(rows)) == 1)
        item->decided->batches[sqlite3_column_int(rows, 0) > 1 ? 1 : 0].run =
            sqlite3_column_int(rows, 1);
    sqlite3_finalize(rows);
    return row;
}

/* Whether trials of the item's cell were done with both builds, and not one has the figure: the strategy has none. */
static bool has_none(sqlite3 *db, const struct gate *gate, const struct gate_item *item) {
    char name[METRIC_NAME_SIZE];
    sqlite3_stmt *row = sql_query(
        db,
        "SELECT count(DISTINCT t.variant = 'base'), count(m.value) FROM trial t LEFT JOIN metric m"
        " ON m.trial_id = t.id AND m.name = ?4 WHERE experiment_id = ?1"
        " AND strategy = ?2 AND parameters = ?3 AND status = 'done'",
        "ittt", gate->experiment, item->strategy->key, item->parameters,
        metric_name(name, item->metric));
    bool none =
        sql_next(row) == 1 && sqlite3_column_int(row, 0) == 2 && sqlite3_column_int(row, 1) == 0;
    sqlite3_finalize(row);
    return none;
}

static int fill_item(sqlite3 *db, const struct gate *gate, struct gate_item *item) {
    struct pairs pairs = {0};
    item->decided->mishap = item->metric.kind == NULL || metric_is_mishap(item->metric);
    item->decided->count = item->metric.kind == NULL || metric_is_count(item->metric);
    int status = item->metric.kind == NULL ? read_failures(&pairs, db, gate, item)
                                           : read_values(&pairs, db, gate, item);
    take_pairs(item, &pairs);
    item->advisory = pairs.enough < ENOUGH * pairs.count;
    bool quantile = item->metric.kind != NULL && metric_fraction(item->metric) > 0;
    if (item->advisory && !quantile) item->silent = true; /* memory of few connections is none */
    if (item->metric.kind != NULL && pairs.count == 0 && has_none(db, gate, item))
        item->advisory = item->silent = true;
    pairs_free(&pairs);
    return status == 0 ? count_run(db, gate, item) : status;
}

/* --- which items ------------------------------------------------------------------------------ */

static void add_item(struct gate *gate, const struct gate_item *item) {
    gate->items = xgrow(gate->items, (size_t)gate->count, sizeof(*gate->items));
    struct gate_item *own = &gate->items[gate->count++];
    *own = *item;
    own->parameters = xstrdup(item->parameters);
    own->label = xstrdup(item->label);
}

/* The cells of the experiment, each with the metrics, and with the trials that failed. */
static int make_items(struct gate *gate, sqlite3 *db, const struct gated *gated) {
    sqlite3_stmt *rows =
        sql_query(db,
                  "SELECT c.strategy, c.parameters, " SQL_SETTING(
                      "c") " FROM cell c WHERE experiment_id = ? ORDER BY position",
                  "i", gate->experiment);
    int row;
    while ((row = sql_next(rows)) == 1) {
        struct gate_item item = {
            .strategy = strategy_find(sql_column(rows, 0)),
            .parameters = (char *)sql_column(rows, 1),
            .label = (char *)sql_column(rows, 2),
        };
        if (item.strategy == NULL) continue;
        for (int i = 0; i < gated->count; i++) {
            item.metric = gated->metrics[i].id;
            item.tolerance = gated->metrics[i].tolerance;
            add_item(gate, &item);
        }
        item.metric = (struct metric_id){0};
        item.tolerance = (struct tolerance){0};
        add_item(gate, &item);
    }
    sqlite3_finalize(rows);
    return row;
}

/* A strategy's place in the table; then the order in which the items were made. */
static int compare_items(const void *a, const void *b) {
    const struct gate_item *x = a, *y = b;
    int kind_x = x->advisory ? 2 : x->strategy->floor,
        kind_y = y->advisory ? 2 : y->strategy->floor;
    if (kind_x != kind_y) return kind_x - kind_y;
    if (x->strategy != y->strategy) return x->strategy < y->strategy ? -1 : 1;
    int parameters = strcmp(x->parameters, y->parameters);
    if (parameters != 0) return parameters;
    return (x->decided > y->decided) - (x->decided < y->decided);
}

/* Those that decide, the control's, the advisory ones; each with its decision beside it. */
static void sort_items(struct gate *gate) {
    size_t count = (size_t)gate->count;
    struct decide_item *sorted = xcalloc(count + 1, sizeof(*sorted));
    qsort(gate->items, count, sizeof(*gate->items), compare_items);
    for (size_t i = 0; i < count; i++) {
        sorted[i] = *gate->items[i].decided;
        gate->items[i].decided = &sorted[i];
        gate->gated += !gate->items[i].advisory && !gate->items[i].strategy->floor;
        gate->controls += !gate->items[i].advisory && gate->items[i].strategy->floor;
    }
    free(gate->decided);
    gate->decided = sorted;
}

static int read_items(struct gate *gate, sqlite3 *db, const struct gated *gated) {
    int status = make_items(gate, db, gated);
    gate->decided = xcalloc((size_t)gate->count + 1, sizeof(*gate->decided));
    for (int i = 0; i < gate->count; i++) gate->items[i].decided = &gate->decided[i];
    for (int i = 0; status == 0 && i < gate->count; i++)
        status = fill_item(db, gate, &gate->items[i]);
    if (status == 0) sort_items(gate);
    return status;
}

/* --- the experiment --------------------------------------------------------------------------- */

/* What an experiment that is no paired run can not be asked. */
static int read_head(struct gate *gate, sqlite3 *db, char **text) {
    sqlite3_stmt *row = sql_query(
        db,
        "SELECT scenario, git_revision, scenario_text,"
        " json_extract(environment, '$.base_revision'), json_extract(overrides, '$.pairs')"
        " FROM experiment WHERE id = ?",
        "i", gate->experiment);
    bool there = sql_next(row) == 1;
    if (there) {
        gate->scenario = sql_copy(row, 0);
        gate->candidate_revision = sql_copy(row, 1);
        *text = sql_copy(row, 2);
        gate->base_revision = sql_copy(row, 3);
        gate->rules.pairs = sqlite3_column_int(row, 4);
        gate->rules.limit = 2 * gate->rules.pairs;
    }
    sqlite3_finalize(row);
    if (there && gate->rules.pairs > 0) return 0;
    log_error(there ? "experiment %lld was not run in pairs: only `run --base` makes such"
                    : "there is no experiment %lld",
              (long long)gate->experiment);
    return -1;
}

static int count_visits(struct gate *gate, sqlite3 *db) {
    sqlite3_stmt *row = sql_query(db,
                                  "SELECT count(*), coalesce(sum(EXISTS (SELECT 1 FROM doubt d"
                                  " WHERE d.trial_id IN (p.base_trial, p.candidate_trial)"
                                  " AND d.reason LIKE '" REASON_VISITED
                                  "%')), 0) FROM pair p WHERE experiment_id = ?",
                                  "i", gate->experiment);
    bool good = sql_next(row) == 1;
    if (good) {
        gate->pairs = sqlite3_column_int(row, 0);
        gate->visited = sqlite3_column_int(row, 1);
        gate->crowded = gate->visited > VISITED_MAX * gate->pairs;
    }
    sqlite3_finalize(row);
    return good ? 0 : -1;
}

/* --- names and changes, for people ------------------------------------------------------------ */

char *gate_item_name(const struct gate_item *item) {
    char title[METRIC_NAME_SIZE];
    return xasprintf("%s of %s%s%s",
                     item->metric.kind == NULL ? "failed trials"
                                               : metric_title(title, item->metric),
                     item->strategy->title, *item->label == '\0' ? "" : " ", item->label);
}

const struct decide_batch *gate_batch(const struct gate_item *item) {
    return &item->decided->batches[item->decided->batches[1].count > 0 ? 1 : 0];
}

double gate_change(const struct gate_item *item, double difference) {
    return expm1(more_is_better(item) ? -difference : difference);
}

struct shift gate_changes(const struct gate_item *item, const struct decide_batch *batch) {
    bool turned = more_is_better(item);
    struct shift changes = {
        .value = batch->count > 0 ? gate_change(item, batch->shift.value) : NAN,
        .low = gate_change(item, turned ? batch->shift.high : batch->shift.low),
        .high = gate_change(item, turned ? batch->shift.low : batch->shift.high),
    };
    if (isinf(batch->shift.low) || isinf(batch->shift.high)) changes.low = changes.high = NAN;
    return changes;
}

/* --- the verdict ------------------------------------------------------------------------------ */

/* The control moved when the base differs from itself: something on the machine favours one of the two. */
static void judge_control(struct gate *gate) {
    struct buffer says = {0};
    int timed = 0;
    free(gate->control);
    gate->counts_moved = false;
    for (int i = gate->gated; i < gate->gated + gate->controls; i++) {
        const struct gate_item *item = &gate->items[i];
        timed += !item->decided->count && item->decided->decision != CANNOT_SAY;
        double least = log1p(item->decided->count ? CONTROL_COUNT : CONTROL_MOVED);
        for (int b = 0; b < GATE_BATCHES; b++) {
            const struct decide_batch *batch = &item->decided->batches[b];
            if (item->decided->mishap || batch->p > GATE_MAYBE) continue;
            if (fabs(batch->shift.value) <= least) continue;
            char *name = gate_item_name(item);
            buffer_printf(&says, "%s%s by %+.1f %%", says.length > 0 ? ", " : "", name,
                          100 * gate_change(item, batch->shift.value));
            free(name);
            gate->counts_moved |= item->decided->count;
        }
    }
    bool asked = false; /* for something that is timed */
    for (int i = 0; i < gate->gated; i++) asked |= !gate->items[i].decided->count;
    if (gate->controls > 0 && asked && timed == 0) buffer_printf(&says, "it has no figures");
    gate->control = says.data;
}

/* Whether what was found in it is to be believed, in spite of the control and of other runs. */
static bool is_sound(const struct gate *gate, const struct gate_item *item) {
    if (item->decided->mishap) return true;
    if (item->decided->count) return !gate->counts_moved;
    return gate->control == NULL && !gate->crowded;
}

bool gate_is_regression(const struct gate *gate, const struct gate_item *item) {
    return item->decided->decision == WORSE && !item->advisory && !item->strategy->floor &&
           is_sound(gate, item);
}

bool gate_is_open(const struct gate *gate, const struct gate_item *item) {
    enum decision d = item->decided->decision;
    return d == UNSURE || d == SUSPECT || d == CANNOT_SAY || (d == WORSE && !is_sound(gate, item));
}

static void judge(struct gate *gate) {
    bool open = gate->control != NULL || gate->crowded;
    gate->verdict = NO_REGRESSION;
    gate->decided_early = false;
    for (int i = 0; i < gate->gated; i++) {
        const struct gate_item *item = &gate->items[i];
        if (gate_is_regression(gate, item)) gate->verdict = REGRESSION;
        gate->decided_early |= item->decided->decision == UNSURE && !item->decided->count &&
                               item->decided->batches[0].run < gate->rules.pairs;
        open |= gate_is_open(gate, item);
    }
    if (gate->verdict == NO_REGRESSION && (open || gate->gated == 0)) gate->verdict = INCONCLUSIVE;
}

void gate_decide(struct gate *gate) {
    decide(gate->decided, gate->gated, &gate->rules);
    for (int i = gate->gated; i < gate->count; i++) decide(&gate->decided[i], 1, &gate->rules);
    judge_control(gate);
    judge(gate);
}

int gate_read(struct gate *gate, sqlite3 *db, int64_t experiment_id) {
    struct gated gated = {0};
    char *text = NULL;
    *gate = (struct gate){.experiment = experiment_id};
    int status = read_head(gate, db, &text);
    if (status == 0) status = gated_read(&gated, text, "the stored scenario") == 0 ? 0 : -1;
    if (status == 0) status = read_items(gate, db, &gated);
    if (status == 0) status = count_visits(gate, db);
    if (status == 0) gate_decide(gate);
    gated_free(&gated);
    free(text);
    return status;
}

int gate_asks(const struct gate *gate, const struct strategy *strategy, const char *parameters,
              int batch) {
    int most = 0;
    for (int i = 0; i < gate->gated; i++) {
        const struct gate_item *item = &gate->items[i];
        bool meant = strategy->floor ||
                     (item->strategy == strategy && strcmp(item->parameters, parameters) == 0);
        if (meant && item->decided->more_batch == batch && item->decided->more_pairs > most)
            most = item->decided->more_pairs;
    }
    return most;
}

void gate_free(struct gate *gate) {
    for (int i = 0; i < gate->count; i++) {
        for (int b = 0; gate->decided != NULL && b < GATE_BATCHES; b++)
            free(gate->decided[i].batches[b].differences);
        free(gate->items[i].parameters);
        free(gate->items[i].label);
    }
    free(gate->items);
    free(gate->decided);
    free(gate->scenario);
    free(gate->base_revision);
    free(gate->candidate_revision);
    free(gate->control);
    *gate = (struct gate){0};
}

int gate_status(const struct gate *gate) {
    static const int statuses[] = {
        [NO_REGRESSION] = 0, [REGRESSION] = EXIT_REGRESSION, [INCONCLUSIVE] = EXIT_INCONCLUSIVE};
    return statuses[gate->verdict];
}

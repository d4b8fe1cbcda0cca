/* A verdict for programs: JSON in three shapes. See formats.h. */
#include "compare/formats.h"

#include "base/memory.h"
#include "store/sql.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* JSON knows no infinity and no NAN. */
static json_t *number(double value) { return isfinite(value) ? json_real(value) : json_null(); }

static void dump(FILE *out, json_t *json) {
    json_dumpf(json, out, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    fputc('\n', out);
    json_decref(json);
}

/* --- our own ---------------------------------------------------------------------------------- */

static json_t *batch_json(const struct gate_item *item, int number_of_batch) {
    const struct decide_batch *batch = &item->decided->batches[number_of_batch];
    if (batch->run == 0) return json_null();
    json_t *json = json_object();
    json_object_set_new(json, "pairs", json_integer(batch->run));
    json_object_set_new(json, "p", batch->count > 0 ? json_real(batch->p) : json_null());
    json_object_set_new(json, "significant", json_boolean(batch->significant));
    if (item->decided->mishap) return json;
    struct shift changes = gate_changes(item, batch);
    json_object_set_new(json, "change", number(changes.value));
    json_object_set_new(json, "low", number(changes.low));
    json_object_set_new(json, "high", number(changes.high));
    return json;
}

static json_t *item_json(const struct gate *gate, const struct gate_item *item) {
    char name[METRIC_NAME_SIZE];
    const struct metric_kind *kind = item->metric.kind;
    json_t *json = json_object();
    json_object_set_new(json, "strategy", json_string(item->strategy->key));
    json_object_set_new(json, "parameters", json_loads(item->parameters, 0, NULL));
    json_object_set_new(
        json, "metric",
        json_string(kind == NULL ? "failed_trials" : metric_name(name, item->metric)));
    json_object_set_new(json, "unit", json_string(kind == NULL ? "count" : kind->unit));
    json_object_set_new(json, "base", number(item->base));
    json_object_set_new(json, "candidate", number(item->candidate));
    json_object_set_new(json, "tolerance", number(expm1(item->decided->tolerance)));
    json_object_set_new(json, "would_be_found", number(format_finds(gate, item)));
    json_object_set_new(json, "decision", json_string(gate_word(gate, item)));
    json_object_set_new(json, "regression", json_boolean(gate_is_regression(gate, item)));
    json_object_set_new(json, "role",
                        json_string(item->advisory          ? "advisory"
                                    : item->strategy->floor ? "control"
                                                            : "gated"));
    json_object_set_new(json, "first", batch_json(item, 0));
    json_object_set_new(json, "second", batch_json(item, 1));
    return json;
}

void format_json(FILE *out, const struct gate *gate, sqlite3 *db) {
    char *sentence = gate_sentence(gate);
    json_t *json = json_object(), *figures = json_array();
    (void)db;
    for (int i = 0; i < gate->count; i++)
        json_array_append_new(figures, item_json(gate, &gate->items[i]));
    json_object_set_new(json, "verdict", json_string(gate_verdicts[gate->verdict]));
    json_object_set_new(json, "exit_status", json_integer(gate_status(gate)));
    json_object_set_new(json, "sentence", json_string(sentence));
    json_object_set_new(json, "scenario", json_string(gate->scenario));
    json_object_set_new(json, "experiment", json_integer(gate->experiment));
    json_object_set_new(json, "base_revision", json_string(gate->base_revision));
    if (gate->base_revision == NULL) json_object_set_new(json, "base_revision", json_null());
    json_object_set_new(json, "candidate_revision", json_string(gate->candidate_revision));
    json_object_set_new(json, "pairs", json_integer(gate->pairs));
    json_object_set_new(json, "control",
                        gate->controls == 0     ? json_null()
                        : gate->control == NULL ? json_string("steady")
                                                : json_string(gate->control));
    json_object_set_new(json, "figures", figures);
    dump(out, json);
    free(sentence);
}

/* --- the candidate's figures ------------------------------------------------------------------ */

/* One figure that other tools keep. */
struct kept {
    const char *strategy, *label, *metric, *unit;
    double value, low, high;
};

/* What is gated is what is worth keeping. */
static void each_kept(const struct gate *gate, sqlite3 *db,
                      void (*take)(void *, const struct kept *), void *data) {
    char name[METRIC_NAME_SIZE];
    for (int i = 0; i < gate->gated; i++) {
        const struct gate_item *item = &gate->items[i];
        if (item->metric.kind == NULL) continue;
        sqlite3_stmt *row = sql_query(db,
                                      "SELECT value, low, high FROM summary WHERE experiment_id = ?"
                                      " AND strategy = ? AND parameters = ? AND metric = ?",
                                      "ittt", gate->experiment, item->strategy->key,
                                      item->parameters, metric_name(name, item->metric));
        if (sql_next(row) == 1) {
            struct kept kept = {
                .strategy = item->strategy->key,
                .label = item->label,
                .metric = name,
                .unit = item->metric.kind->unit,
                .value = sql_number(row, 0),
                .low = sql_number(row, 1),
                .high = sql_number(row, 2),
            };
            take(data, &kept);
        }
        sqlite3_finalize(row);
    }
}

/* "delivery_latency_p50_us" -> "latency", which Bencher knows; others are measures of their own, without a unit in
 * their names: "server_cpu_us_per_delivery" -> "server-cpu-per-delivery". */
static char *measure_of(const struct kept *kept) {
    if (strcmp(kept->metric, "delivery_latency_p50_us") == 0) return xstrdup("latency");
    struct buffer name = {0};
    char *words = xstrdup(kept->metric), *rest = words, *word;
    while ((word = strsep(&rest, "_")) != NULL)
        if (strcmp(word, "us") != 0)
            buffer_printf(&name, "%s%s", name.length == 0 ? "" : "-", word);
    free(words);
    return name.data;
}

struct bmf {
    const char *scenario;
    json_t *all;
};

static void take_bmf(void *data, const struct kept *kept) {
    struct bmf *bmf = data;
    double factor = strcmp(kept->unit, "us") == 0 ? 1000 : 1;
    char *key = xasprintf("%s/%s%s%s", kept->strategy, bmf->scenario,
                          *kept->label == '\0' ? "" : "/", kept->label);
    json_t *benchmark = json_object_get(bmf->all, key), *measure = json_object();
    if (benchmark == NULL) {
        benchmark = json_object();
        json_object_set_new(bmf->all, key, benchmark);
    }
    json_object_set_new(measure, "value", json_real(kept->value * factor));
    if (!isnan(kept->low))
        json_object_set_new(measure, "lower_value", json_real(kept->low * factor));
    if (!isnan(kept->high))
        json_object_set_new(measure, "upper_value", json_real(kept->high * factor));
    char *name = measure_of(kept);
    json_object_set_new(benchmark, name, measure);
    free(name);
    free(key);
}

void format_bmf(FILE *out, const struct gate *gate, sqlite3 *db) {
    struct bmf bmf = {gate->scenario, json_object()};
    each_kept(gate, db, take_bmf, &bmf);
    dump(out, bmf.all);
}

/* What it keeps is better when it is less. */
static void take_action(void *all, const struct kept *kept) {
    struct metric_id id;
    if (!metric_find(kept->metric, &id) || id.kind->better != LESS) return;
    struct gate_item item = {.metric = id};
    char figure[METRIC_NAME_SIZE];
    json_t *json = json_object();
    json_object_set_new(json, "name",
                        json_sprintf("%s %s%s%s", kept->strategy, format_figure(figure, &item),
                                     *kept->label == '\0' ? "" : " ", kept->label));
    json_object_set_new(json, "unit", json_string(kept->unit));
    json_object_set_new(json, "value", json_real(kept->value));
    if (!isnan(kept->low) && !isnan(kept->high)) {
        json_object_set_new(json, "range", json_sprintf("%.3g", (kept->high - kept->low) / 2));
        json_object_set_new(
            json, "extra",
            json_sprintf("%s, 95 %% between %.6g and %.6g", kept->metric, kept->low, kept->high));
    }
    json_array_append_new(all, json);
}

void format_benchmark_action(FILE *out, const struct gate *gate, sqlite3 *db) {
    json_t *all = json_array();
    each_kept(gate, db, take_action, all);
    dump(out, all);
}

/* The plan. Strategies alternate fastest, so that whatever drifts on the machine touches all of
 * them alike; a strategy's own parameters (polling.interval_ms) multiply its cells alone. */
#include "scenario/plan.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"
#include "system/human.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SUBSCRIBERS_DEFAULT 100
#define SIMULATED_SECONDS 0.1 /* that a simulated trial takes */

/* Streams of random_derive. */
#define STREAM_SHUFFLE 1
#define STREAM_TRIALS 2
#define STREAM_BATCH 3
#define STREAM_PAIRS 4

/* --- combinations ----------------------------------------------------------------------------- */

/* Whether a parameter takes part in the product of one strategy's own parameters (`only`), or in
 * that of the common ones (NULL). */
static bool takes_part(const struct parameter *p, const struct strategy *only) {
    return p->only == only && !(only == NULL && strcmp(p->key, "strategy") == 0);
}

/* At most TRIALS_MAX + 1, so that products do not overflow. */
static int combination_count(const struct scenario *scenario, const struct strategy *only) {
    int count = 1;
    for (int i = 0; i < scenario->parameter_count && count <= TRIALS_MAX; i++)
        if (takes_part(&scenario->parameters[i], only)) count *= scenario->parameters[i].count;
    return count > TRIALS_MAX ? TRIALS_MAX + 1 : count;
}

/* Adds combination `index` to the cell: a number in a mixed radix, the last parameter its lowest
 * digit, so cells come in the order in which one reads the file. */
static void add_combination(struct cell *cell, const struct scenario *scenario,
                            const struct strategy *only, int index) {
    int radix = combination_count(scenario, only);
    for (int i = 0; i < scenario->parameter_count; i++) {
        const struct parameter *p = &scenario->parameters[i];
        if (!takes_part(p, only)) continue;
        radix /= p->count;
        cell->settings[cell->setting_count++] = (struct setting){p, p->values[index / radix]};
        index %= radix;
    }
}

/* --- cells ------------------------------------------------------------------------------------ */

static int setting_integer(const struct cell *cell, const char *key, int fallback) {
    for (int i = 0; i < cell->setting_count; i++)
        if (strcmp(cell->settings[i].parameter->key, key) == 0)
            return (int)strtol(cell->settings[i].value, NULL, 10);
    return fallback;
}

/* A link's options: what the path says of them, then what the scenario does. */
static void set_link(struct cell *cell, const struct paths *paths) {
    for (int i = 0; i < cell->setting_count; i++) {
        struct scenario_lines lines;
        if (strcmp(cell->settings[i].parameter->key, KEY_PATH) != 0) continue;
        paths_lines(paths, cell->settings[i].value, &lines);
        for (int k = 0; k < lines.count; k++)
            link_setup_set(&cell->link, lines.lines[k].key, lines.lines[k].value);
        scenario_lines_free(&lines);
    }
    for (int i = 0; i < cell->setting_count; i++) {
        const char *key = scenario_link_key(cell->settings[i].parameter->key);
        if (key != NULL) link_setup_set(&cell->link, key, cell->settings[i].value);
    }
}

/* A value as JSON: whole numbers without a point, so that 1 and 1.0 are the same cell. */
static json_t *setting_json(const struct setting *setting) {
    enum option_kind kind = setting->parameter->kind;
    if (kind != OPTION_INTEGER && kind != OPTION_NUMBER) return json_string(setting->value);
    double number = strtod(setting->value, NULL);
    int64_t whole = (int64_t)number;
    return (double)whole == number ? json_integer(whole) : json_real(number);
}

static char *parameters_json(const struct cell *cell) {
    json_t *object =
        json_pack("{s:i, s:i, s:i}", "subscribers", cell->subscribers, "server_processes",
                  cell->processes[ROLE_SERVER], "client_processes", cell->processes[ROLE_CLIENT]);
    for (int i = 0; i < cell->setting_count; i++)
        json_object_set_new(object, cell->settings[i].parameter->key,
                            setting_json(&cell->settings[i]));
    char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(15));
    json_decref(object);
    return text;
}

static char *label(const struct cell *cell) {
    struct buffer out = {0};
    buffer_append(&out, "", 0);
    for (int i = 0; i < cell->setting_count; i++)
        if (cell->settings[i].parameter->count > 1)
            buffer_printf(&out, "%s%s=%s", out.length == 0 ? "" : " ",
                          cell->settings[i].parameter->key, cell->settings[i].value);
    return out.data;
}

static void add_cell(struct plan *plan, const struct strategy *strategy, int combination,
                     int own_combination) {
    const struct scenario *scenario = plan->scenario;
    struct cell *cell = &plan->cells[plan->cell_count++];
    *cell = (struct cell){.strategy = strategy, .combination = combination};
    cell->settings = xcalloc((size_t)scenario->parameter_count, sizeof(*cell->settings));
    add_combination(cell, scenario, NULL, combination);
    add_combination(cell, scenario, strategy, own_combination);
    cell->subscribers = setting_integer(cell, "subscribers", SUBSCRIBERS_DEFAULT);
    cell->processes[ROLE_SERVER] = setting_integer(cell, "server_processes", 1);
    cell->processes[ROLE_CLIENT] = setting_integer(cell, "client_processes", 1);
    set_link(cell, &scenario->paths);
    cell->processes[ROLE_LINK] = link_setup_is_any(&cell->link) ? 1 : 0;
    cell->parameters = parameters_json(cell);
    cell->label = label(cell);
}

static int64_t cell_count(const struct scenario *scenario) {
    int64_t own = 0;
    for (int i = 0; i < scenario->strategy_count; i++)
        own += combination_count(scenario, scenario->strategies[i]);
    return own * combination_count(scenario, NULL);
}

static void make_cells(struct plan *plan) {
    const struct scenario *scenario = plan->scenario;
    int common = combination_count(scenario, NULL);
    plan->cells = xcalloc((size_t)cell_count(scenario), sizeof(*plan->cells));
    for (int combination = 0; combination < common; combination++)
        for (int i = 0; i < scenario->strategy_count; i++) {
            int count = combination_count(scenario, scenario->strategies[i]);
            for (int k = 0; k < count; k++) add_cell(plan, scenario->strategies[i], combination, k);
        }
}

/* --- trials ----------------------------------------------------------------------------------- */

const char *const mode_names[] = {
    [MODE_LIVE] = "live", [MODE_SIMULATED] = "simulated", [MODE_BOTH] = "both"};

const char *const variant_names[] = {[ORDINARY] = "",
                                     [BASE] = "base",
                                     [CANDIDATE] = "candidate",
                                     [CONTROL] = "control",
                                     [SIMULATED] = "simulated"};

/* A second batch has schedules of its own. */
static int64_t trial_seed(const struct scenario *scenario, const struct cell *cell, int batch,
                          int repeat) {
    uint64_t trials = random_derive((uint64_t)scenario->settings.seed, STREAM_TRIALS);
    uint64_t combination = random_derive(trials, (uint64_t)cell->combination);
    uint64_t of_batch = combination;
    for (int i = 1; i < batch; i++) of_batch = random_derive(of_batch, STREAM_BATCH);
    return (int64_t)(random_derive(of_batch, (uint64_t)repeat) >> 12); /* exact in JSON */
}

static void add_trial(struct plan *plan, const struct cell *cell, enum variant variant, int batch,
                      int repeat) {
    plan->trials = xgrow(plan->trials, (size_t)plan->trial_count, sizeof(*plan->trials));
    plan->trials[plan->trial_count++] = (struct planned_trial){
        cell, variant, batch, repeat, trial_seed(plan->scenario, cell, batch, repeat)};
}

/* Fisher and Yates, within one repeat: each repeat is a block of all cells. */
static void shuffle(struct planned_trial *trials, int count, struct random *random) {
    for (int i = count - 1; i > 0; i--) {
        int k = (int)random_below(random, (uint64_t)i + 1);
        struct planned_trial other = trials[k];
        trials[k] = trials[i];
        trials[i] = other;
    }
}

static void shuffle_repeats(struct plan *plan) {
    struct random random;
    random_seed(&random, random_derive((uint64_t)plan->scenario->settings.seed, STREAM_SHUFFLE));
    for (int first = 0; first < plan->trial_count; first += plan->cell_count)
        shuffle(plan->trials + first, plan->cell_count, &random);
}

/* Repeat by repeat; or, when the order is fixed, cell by cell. */
static void make_trials(struct plan *plan) {
    int repeats = (int)plan->scenario->settings.repeats, total = plan->cell_count * repeats;
    bool fixed = plan->scenario->settings.order == ORDER_FIXED;
    for (int i = 0; i < total; i++) {
        int cell = fixed ? i / repeats : i % plan->cell_count;
        int repeat = fixed ? i % repeats : i / plan->cell_count;
        add_trial(plan, &plan->cells[cell], ORDINARY, 1, repeat + 1);
    }
    if (plan->scenario->settings.order == ORDER_SHUFFLED) shuffle_repeats(plan);
}

static int check_count(const struct scenario *scenario, int64_t trials) {
    if (trials <= TRIALS_MAX) return 0;
    log_error("%s: what it varies makes %" PRId64 " trials or more; at most %d are run",
              scenario->path, trials, TRIALS_MAX);
    return -1;
}

int plan_make(struct plan *plan, const struct scenario *scenario) {
    *plan = (struct plan){.scenario = scenario};
    if (check_count(scenario, cell_count(scenario) * scenario->settings.repeats) != 0) return -1;
    make_cells(plan);
    make_trials(plan);
    return 0;
}

/* --- simulated trials ------------------------------------------------------------------------- */

/* Each trial, and behind it the same once more in virtual time. */
static void add_twins(struct plan *plan) {
    struct planned_trial *both = xcalloc(2 * (size_t)plan->trial_count, sizeof(*both));
    for (int i = 0; i < plan->trial_count; i++) {
        both[2 * i] = both[2 * i + 1] = plan->trials[i];
        both[2 * i + 1].variant = SIMULATED;
    }
    free(plan->trials);
    plan->trials = both;
    plan->trial_count *= 2;
}

int plan_set_mode(struct plan *plan, enum mode mode) {
    plan->mode = mode;
    if (mode != MODE_BOTH) return 0;
    if (check_count(plan->scenario, 2 * (int64_t)plan->trial_count) != 0) return -1;
    add_twins(plan);
    return 0;
}

bool plan_simulates(const struct plan *plan, const struct planned_trial *trial) {
    return plan->mode == MODE_SIMULATED || trial->variant == SIMULATED;
}

/* --- pairs ------------------------------------------------------------------------------------ */

/* The two trials of a cell, the first of them by lot. */
static void add_pair(struct plan *plan, const struct cell *cell, int batch, int pair,
                     struct random *random) {
    enum variant other = cell->strategy->floor ? CONTROL : CANDIDATE;
    bool base_first = random_below(random, 2) == 0;
    add_trial(plan, cell, base_first ? BASE : other, batch, pair);
    add_trial(plan, cell, base_first ? other : BASE, batch, pair);
}

/* The cells of one pair number, in an order that the lot decides too unless it is fixed. */
static void add_round(struct plan *plan, const bool *wanted, int batch, int pair) {
    struct random random;
    uint64_t stream = random_derive((uint64_t)plan->scenario->settings.seed, STREAM_PAIRS);
    random_seed(&random, random_derive(random_derive(stream, (uint64_t)batch), (uint64_t)pair));
    int *order = xcalloc((size_t)plan->cell_count, sizeof(*order));
    for (int i = 0; i < plan->cell_count; i++) order[i] = i;
    for (int i = plan->cell_count - 1; i > 0; i--) {
        int k = (int)random_below(&random, (uint64_t)i + 1), other = order[k];
        if (plan->scenario->settings.order == ORDER_FIXED) break;
        order[k] = order[i];
        order[i] = other;
    }
    for (int i = 0; i < plan->cell_count; i++)
        if (wanted == NULL || wanted[order[i]])
            add_pair(plan, &plan->cells[order[i]], batch, pair, &random);
    free(order);
}

int plan_add_pairs(struct plan *plan, const bool *wanted, int batch, int first, int count) {
    int64_t cells = 0;
    for (int i = 0; i < plan->cell_count; i++) cells += wanted == NULL || wanted[i];
    if (check_count(plan->scenario, plan->trial_count + 2 * cells * count) != 0) return -1;
    for (int i = 0; i < count; i++) add_round(plan, wanted, batch, first + i);
    return 0;
}

int plan_make_pairs(struct plan *plan, const struct scenario *scenario, int pairs) {
    *plan = (struct plan){.scenario = scenario};
    if (check_count(scenario, cell_count(scenario)) != 0) return -1;
    make_cells(plan);
    return plan_add_pairs(plan, NULL, 1, 1, pairs);
}

bool plan_add_stored(struct plan *plan, const char *strategy, const char *parameters,
                     const char *variant, int batch, int repeat) {
    for (int i = 0; i < plan->cell_count; i++) {
        const struct cell *cell = &plan->cells[i];
        if (strcmp(cell->strategy->key, strategy) != 0 || strcmp(cell->parameters, parameters) != 0)
            continue;
        for (int v = ORDINARY; v <= CONTROL; v++)
            if (strcmp(variant_names[v], variant) == 0) {
                add_trial(plan, cell, (enum variant)v, batch, repeat);
                return true;
            }
    }
    return false;
}

void plan_free(struct plan *plan) {
    for (int i = 0; i < plan->cell_count; i++) {
        free(plan->cells[i].settings);
        link_setup_free(&plan->cells[i].link);
        free(plan->cells[i].parameters);
        free(plan->cells[i].label);
    }
    free(plan->cells);
    free(plan->trials);
    *plan = (struct plan){0};
}

/* --- limits and times ------------------------------------------------------------------------- */

static int64_t divided_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

/* Checks one side of a cell. */
static bool side_fits(const struct cell *cell, const char *side, int processes, int64_t limit) {
    int64_t needed = divided_up(cell->subscribers, processes) + PLAN_SPARE_FILES;
    if (needed <= limit) return true;
    if (limit <= PLAN_SPARE_FILES) {
        log_error("%s: a process may open only %" PRId64 " files here: raise the hard limit"
                  " (ulimit -Hn)",
                  cell->strategy->key, limit);
        return false;
    }
    log_error(
        "%s: %d subscriber%s need%s %" PRId64 " files in each of %d %s process%s, and %" PRId64
        " is the limit here (ulimit -Hn): set %s_processes to %" PRId64 " or more",
        cell->strategy->key, cell->subscribers, plural(cell->subscribers),
        cell->subscribers == 1 ? "s" : "", needed, processes, side, processes == 1 ? "" : "es",
        limit, side, divided_up(cell->subscribers, limit - PLAN_SPARE_FILES));
    return false;
}

static bool sides_fit(const struct cell *cell, int64_t files_a_process) {
    return side_fits(cell, "server", cell->processes[ROLE_SERVER], files_a_process) &&
           side_fits(cell, "client", cell->processes[ROLE_CLIENT], files_a_process);
}

bool plan_fits(const struct plan *plan, int64_t files_a_process) {
    for (int i = 0; i < plan->cell_count; i++) {
        const struct cell *cell = &plan->cells[i];
        if (link_setup_loses_twice(&cell->link)) {
            log_error(
                "%s: link.loss_percent and link.burst_loss cannot be together: set one of them"
                " to nothing (--set link.loss_percent=0)",
                cell->strategy->key);
            return false;
        }
        if (plan->mode != MODE_SIMULATED && !sides_fit(cell, files_a_process)) return false;
        if (cell->processes[ROLE_CLIENT] > cell->subscribers) {
            log_error("%s: %d client processes cannot share %d subscriber%s: at least one each",
                      cell->strategy->key, cell->processes[ROLE_CLIENT], cell->subscribers,
                      plural(cell->subscribers));
            return false;
        }
    }
    return true;
}

bool plan_has_links(const struct plan *plan) {
    for (int i = 0; i < plan->cell_count; i++)
        if (plan->cells[i].processes[ROLE_LINK] > 0) return true;
    return false;
}

/* A client that does something every so often is warm after once, and drained after once more. */
static double interval_seconds(const struct cell *cell) {
    for (int i = 0; i < cell->setting_count; i++)
        if (strcmp(cell->settings[i].parameter->key, "interval_ms") == 0)
            return strtod(cell->settings[i].value, NULL) / 1000;
    return 0;
}

/* Measuring it, connecting over it, and the last ones' way. */
static double link_seconds(const struct cell *cell) {
    double round_trip = link_setup_number(&cell->link, "rtt_ms") / 1000;
    return cell->processes[ROLE_LINK] == 0 ? 0 : 0.6 + 6 * round_trip;
}

/* Starting and stopping programs, and connecting some thousands of subscribers per second. Virtual time takes
 * hardly any of ours. */
double plan_trial_seconds(const struct plan *plan, const struct planned_trial *trial) {
    const struct settings *settings = &plan->scenario->settings;
    const struct cell *cell = trial->cell;
    if (plan_simulates(plan, trial)) return SIMULATED_SECONDS;
    double interval = interval_seconds(cell);
    return fmax(settings->warmup_seconds, interval) + settings->measure_seconds + interval + 0.2 +
           cell->subscribers / 4000.0 + link_seconds(cell);
}

double plan_seconds(const struct plan *plan) {
    double seconds = 0;
    for (int i = 0; i < plan->trial_count; i++)
        seconds += plan_trial_seconds(plan, &plan->trials[i]);
    return seconds;
}

/* "2 pairs", "3 repeats, each once more in virtual time": how often each cell is run. */
static void print_times(const struct plan *plan, FILE *out) {
    bool paired = plan->trial_count > 0 && plan->trials[0].variant != ORDINARY;
    bool two = paired || plan->mode == MODE_BOTH;
    int times = plan->trial_count / plan->cell_count / (two ? 2 : 1);
    fprintf(out, "%d cell%s x %d %s%s%s", plan->cell_count, plural(plan->cell_count), times,
            paired ? "pair" : "repeat", plural(times),
            plan->mode == MODE_BOTH ? ", each once more in virtual time," : "");
}

void plan_print(const struct plan *plan, FILE *out) {
    const struct settings *settings = &plan->scenario->settings;
    fprintf(out, "%s: %s\n\n", plan->scenario->name, settings->title);
    for (int i = 0; i < plan->cell_count; i++)
        fprintf(out, "  %-14s %s\n", plan->cells[i].strategy->key, plan->cells[i].parameters);
    fprintf(out, "\n");
    print_times(plan, out);
    fprintf(out, " = %d trial%s of %g s after %g s of warm-up%s: about ", plan->trial_count,
            plural(plan->trial_count), settings->measure_seconds, settings->warmup_seconds,
            plan->mode == MODE_SIMULATED ? ", in virtual time" : "");
    double seconds = plan_seconds(plan);
    if (seconds < 120)
        fprintf(out, "%.0f second%s\n", seconds, plural(rint(seconds)));
    else
        fprintf(out, "%.0f minutes\n", seconds / 60);
}

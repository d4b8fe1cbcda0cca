/* `pushpull run`: read, plan, store the plan, run trial by trial, store each, report. */
#include "run.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/resources.h"
#include "compare/gate.h"
#include "compare/verdict.h"
#include "diagram/trace.h"
#include "experiment.h"
#include "page/page.h"
#include "report/prediction.h"
#include "report/table_print.h"
#include "scenario/check.h"
#include "scenario/find.h"
#include "scenario/load.h"
#include "store/open.h"
#include "system/directory.h"
#include "system/human.h"
#include "system/neighbour.h"
#include "trial/simulated.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_REFUTED 4

/* --- reporting -------------------------------------------------------------------------------- */

/* A cell whose trials all failed is a failure of the run, told after everything is stored. A doubt is
 * none: it is told with the trial. */
static int check_cells(const struct run *run) {
    char *name;
    int count = store_failed_cells(run->db, run->experiment_id, &name);
    if (count > 0)
        log_error("%d of %d cell%s failed in every repeat, the first of them %s: see the"
                  " reasons above, and the programs' own words in %s/logs/%" PRId64 "-*",
                  count, run->plan.cell_count, plural(run->plan.cell_count), name,
                  run->options->results, run->experiment_id);
    free(name);
    return count == 0 ? 0 : 1;
}

/* What the scenario predicted: EXIT_REFUTED when that was wrong and it matters. */
static int check_expectations(const struct run *run) {
    const struct run_options *options = run->options;
    struct expect_result result;
    int status = expectations_evaluate(&result, run->db, run->experiment_id, &options->expects);
    if (status != 0) status = options->check ? EXIT_UNDECIDED : 1;
    if (status == 0) expectations_print(&result, stdout);
    if (status == 0 && run->options->check) status = expectations_status(&result);
    if (run->options->strict && expectations_count(&result, REFUTED) > 0) status = EXIT_REFUTED;
    expectations_free(&result);
    return status;
}

/* A cell that failed decides nothing that is checked, and takes nothing back that was refuted. */
static int failed_status(const struct run *run, int status) {
    return !run->options->check ? 1 : status == 1 ? 1 : EXIT_UNDECIDED;
}

static int write_report(const struct run *run) {
    int formats = run->options->chart_formats;
    return formats == 0 ? 0
                        : page_write(run->db, run->experiment_id, run->options->results, formats);
}

/* The verdict stands, whether the report can be written or not. */
static int report_pairs(const struct run *run) {
    printf("\n");
    int status =
        verdict_tell(run->db, run->experiment_id, run->options->results, run->options->formats);
    write_report(run);
    return status;
}

/* The table, and beside it what was predicted. */
static int print_tables(const struct run *run) {
    int status = table_print(run->db, run->experiment_id, stdout);
    if (status == 0) status = prediction_print(run->db, run->experiment_id, stdout);
    return status;
}

static int report(const struct run *run) {
    printf("\n");
    int failed = run->options->check ? EXIT_UNDECIDED : 1;
    int status = print_tables(run) == 0 ? 0 : failed;
    if (status == 0) status = check_expectations(run);
    fflush(stdout);
    if (check_cells(run) != 0) status = failed_status(run, status);
    if (write_report(run) != 0) status = failed;
    return status;
}

/* --- the whole -------------------------------------------------------------------------------- */

/* Adds to the overrides what else the command line said of the trials: a run is resumed and repeated by them. */
static void note(struct run *run, const char *key, json_t *value) {
    json_t *overrides = json_loads(run->scenario.overrides, 0, NULL);
    json_object_set_new(overrides, key, value);
    free(run->scenario.overrides);
    run->scenario.overrides = json_dumps(overrides, JSON_COMPACT);
    json_decref(overrides);
}

/* All pairs are planned first, to see that they can be; a run begins with those that counts need. */
static int prepare_base(struct run *run) {
    int status = scenario_check_base(&run->scenario, run->catalog, run->base);
    if (status != 0) return EXIT_USAGE;
    note(run, "base", json_string(run->options->base));
    note(run, "pairs", json_integer(run->options->pairs));
    if (plan_make_pairs(&run->plan, &run->scenario, run->options->pairs) != 0) return EXIT_USAGE;
    if (run->options->dry_run || run->options->pairs <= GATE_COUNT_PAIRS) return 0;
    plan_free(&run->plan);
    return plan_make_pairs(&run->plan, &run->scenario, GATE_COUNT_PAIRS) == 0 ? 0 : EXIT_USAGE;
}

/* Whether there are models of all cells, before anything runs. */
static bool models_fit(const struct run *run) {
    for (int i = 0; i < run->plan.cell_count; i++)
        if (!simulated_fits(&run->plan.cells[i], run->catalog)) return false;
    return true;
}

static int prepare_mode(struct run *run) {
    enum mode mode = run->options->mode;
    if (plan_make(&run->plan, &run->scenario) != 0) return EXIT_USAGE;
    if (mode == MODE_LIVE) return 0;
    note(run, "mode", json_string(mode_names[mode]));
    return plan_set_mode(&run->plan, mode) == 0 && models_fit(run) ? 0 : EXIT_USAGE;
}

static int check_gate(const struct run *run) {
    struct gated gated;
    int status = gated_read(&gated, run->scenario.text, run->scenario.path);
    gated_free(&gated);
    return status;
}

/* Reads the scenario and makes its plan; *go_on is false when the status is final. */
static int prepare_plan(struct run *run) {
    char *own = directory_of_program();
    char *path = scenario_find(run->options->scenario, own);
    free(own);
    if (path == NULL) return EXIT_USAGE;
    int status = scenario_load(&run->scenario, path, &run->options->overrides, run->catalog);
    free(path);
    if (status != 0) return status;
    status = run->base != NULL ? prepare_base(run) : prepare_mode(run);
    if (status != 0) return status;
    if (expectations_check(&run->plan, &run->options->expects) != 0) return EXIT_USAGE;
    if (check_gate(run) != 0) return EXIT_USAGE;
    return plan_fits(&run->plan, resources_raise_file_limit()) ? 0 : EXIT_USAGE;
}

static int prepare_store(struct run *run) {
    char *logs = xasprintf("%s/logs", run->options->results);
    int error = directory_create(logs);
    if (error != 0) log_error("cannot create the directory %s: %s", logs, strerror(error));
    free(logs);
    if (error != 0) return 1;
    run->lock = store_lock(run->options->database);
    if (run->lock < 0) return 1;
    if (run->plan.mode != MODE_SIMULATED) neighbour_announce();
    run->db = store_open(run->options->database);
    return run->db != NULL && experiment_prepare(run) == 0 ? 0 : 1;
}

static const char *const in_virtual_time[] = {[MODE_LIVE] = "",
                                              [MODE_SIMULATED] = " in virtual time",
                                              [MODE_BOTH] = ", half of them in virtual time"};

static int execute(struct run *run) {
    int status = prepare_store(run);
    if (status != 0) return status;
    double left = plan_seconds(&run->plan) * run->pending / run->plan.trial_count;
    if (run->base != NULL && run->options->pairs > GATE_COUNT_PAIRS && !run->options->resume)
        left *= (double)run->options->pairs / GATE_COUNT_PAIRS; /* the others follow */
    int seconds = (int)left;
    char *name = xasprintf("Experiment %" PRId64 ", %s: %s", run->experiment_id, run->scenario.name,
                           run->scenario.settings.title);
    human_wrap(stdout, 0, name);
    free(name);
    if (run->base != NULL)
        printf("%d pairs of each cell, about %d:%02d minutes unless something looks worse\n\n",
               run->options->pairs, seconds / 60, seconds % 60);
    else
        printf("%d trial%s%s, about %d:%02d minutes\n\n", run->pending, plural(run->pending),
               in_virtual_time[run->plan.mode], seconds / 60, seconds % 60);
    if (run->options->trace) trace_tell(stdout, &run->plan, run->catalog, run->machine);
    fflush(stdout);
    status = run->base != NULL ? experiment_run_pairs(run) : experiment_run_trials(run);
    if (status == 0 && store_experiment_finished(run->db, run->experiment_id) != 0) status = 1;
    return status;
}

/* Whoever waits for a gate must not take for an answer what went wrong. */
static int no_answer(const struct run *run, int status) {
    return status == 1 && (run->base != NULL || run->options->check) ? EXIT_INCONCLUSIVE : status;
}

int run_experiment(const struct run_options *options) {
    struct run run = {
        .options = options,
        .catalog = catalog_new(options->programs),
        .base = options->base == NULL ? NULL : catalog_new(options->base),
        .lock = -1,
    };
    signal(SIGPIPE, SIG_IGN); /* a program that died, or a closed terminal, is no reason to die */
    int status = prepare_plan(&run);
    if (status == 0 && options->dry_run)
        plan_print(&run.plan, stdout);
    else if (status == 0)
        status = execute(&run);
    status = no_answer(&run, status);
    if (status == 0 && !options->dry_run)
        status = run.base != NULL ? report_pairs(&run) : report(&run);
    if (run.db != NULL) store_close(run.db);
    if (run.lock >= 0) close(run.lock);
    plan_free(&run.plan);
    scenario_free(&run.scenario);
    catalog_free(run.catalog);
    if (run.base != NULL) catalog_free(run.base);
    free(run.positions);
    free(run.ids);
    free(run.revision);
    free(run.programs);
    free(run.machine);
    return status;
}

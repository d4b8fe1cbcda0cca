/* An experiment's rows, and running its trials one by one. See experiment.h. */
#include "experiment.h"

#include "base/log.h"
#include "base/memory.h"
#include "report/progress.h"
#include "report/story.h"
#include "store/environment.h"
#include "system/hint.h"
#include "system/human.h"
#include "system/interrupt.h"
#include "trial/simulated.h"
#include "trial/trial.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the experiment's rows -------------------------------------------------------------------- */

/* Those of the plan from this one on. */
struct store_trial *experiment_rows(const struct plan *plan, int first) {
    struct store_trial *rows = xcalloc((size_t)(plan->trial_count - first) + 1, sizeof(*rows));
    for (int i = first; i < plan->trial_count; i++) {
        const struct planned_trial *trial = &plan->trials[i];
        rows[i - first] = (struct store_trial){
            .strategy = trial->cell->strategy->key,
            .parameters = trial->cell->parameters,
            .variant = variant_names[trial->variant],
            .batch = trial->batch,
            .repeat = trial->repeat,
            .position = i + 1,
            .seed = trial->seed,
        };
    }
    return rows;
}

/* The digest of all programs that take part, this one first: it judges what the others report. */
static char *programs_digest(const struct run *run) {
    int count = 0;
    char **paths =
        xcalloc((size_t)(3 + 2 * SIDE_COUNT * run->scenario.strategy_count), sizeof(*paths));
    const struct catalog *catalogs[] = {run->catalog, run->base};
    paths[count++] = xstrdup("/proc/self/exe");
    for (int c = 0; c < 2 && catalogs[c] != NULL; c++)
        for (int i = 0; i < run->scenario.strategy_count; i++)
            for (int role = 0; role < SIDE_COUNT; role++)
                paths[count++] =
                    catalog_program(catalogs[c], run->scenario.strategies[i], (enum role)role);
    if (plan_has_links(&run->plan)) {
        paths[count++] = catalog_program(run->catalog, NULL, ROLE_LINK);
        paths[count++] = catalog_enter(run->catalog);
    }
    char *digest = environment_digest((const char *const *)paths, count);
    for (int i = 0; i < count; i++) free(paths[i]);
    free(paths);
    return digest;
}

/* What simulated trials will know of this machine, as JSON; or NULL: there are none. */
static char *simulator_text(const struct run *run) {
    if (run->plan.mode == MODE_LIVE) return NULL;
    char *calibration = store_calibration_dated(run->db);
    return calibration != NULL ? calibration : xstrdup("\"defaults\"");
}

/* Stores a new experiment with all its trials. */
static int store_new(struct run *run, struct store_trial *rows) {
    const struct run_options *options = run->options;
    char *base = run->base == NULL ? NULL : environment_revision(options->base);
    char *simulator = simulator_text(run);
    char *environment =
        environment_describe(run->programs, options->scenario,
                             options->other_programs ? options->programs : NULL, base, simulator);
    free(base);
    free(simulator);
    struct store_experiment experiment = {
        .scenario = run->scenario.name,
        .scenario_text = run->scenario.text,
        .overrides = run->scenario.overrides,
        .mode = mode_names[run->plan.mode],
        .seed = run->scenario.settings.seed,
        .git_revision = run->revision,
        .environment = environment,
        .label = options->label,
    };
    int status = store_plan(run->db, &experiment, rows, run->plan.trial_count, &run->experiment_id);
    free(environment);
    return status;
}

/* Whether a revision tells what was built. */
static bool is_definite(const char *revision) {
    size_t length = strlen(revision), dirty = strlen("-dirty");
    return strcmp(revision, "unknown") != 0 &&
           (length < dirty || strcmp(revision + length - dirty, "-dirty") != 0);
}

/* Figures of two builds are no experiment. Where an older pushpull stored no digest, the revision
 * must do. */
static int check_build(const struct run *run) {
    char *revision, *programs;
    int status = store_build(run->db, run->experiment_id, &revision, &programs);
    bool telling = status == 0 && (programs != NULL || is_definite(revision));
    bool same = telling && (programs != NULL ? strcmp(programs, run->programs) == 0
                                             : strcmp(revision, run->revision) == 0);
    if (status == 0 && !telling)
        log_error("experiment %" PRId64 " does not tell the programs that it was begun with"
                  " (revision %s): run it anew without --resume",
                  run->experiment_id, revision);
    if (telling && !same)
        log_error("experiment %" PRId64
                  " was begun with other programs (revision %s, these are of %s):"
                  " run it anew without --resume, or build that revision again and resume with it",
                  run->experiment_id, revision, run->revision);
    free(revision);
    free(programs);
    return same ? 0 : -1;
}

/* Finds the experiment to go on with. */
static int find_old(struct run *run) {
    if (store_find_unfinished(run->db, run->scenario.text, run->scenario.overrides,
                              &run->experiment_id) != 0)
        return -1;
    if (run->experiment_id != 0) return check_build(run);
    log_error("there is nothing to resume: %s has no unfinished experiment of %s with this text"
              " and these --set, --only%s",
              run->options->database, run->scenario.name,
              run->base == NULL ? " and --mode" : ", --base and --pairs");
    return -1;
}

/* Finds the trials that are still to be run. */
int experiment_find_pending(struct run *run) {
    size_t room = (size_t)run->plan.trial_count;
    run->positions = xrealloc(run->positions, (room + 1) * sizeof(*run->positions));
    run->ids = xrealloc(run->ids, (room + 1) * sizeof(*run->ids));
    struct store_trial *rows = experiment_rows(&run->plan, 0);
    run->pending = store_pending(run->db, run->experiment_id, rows, run->plan.trial_count,
                                 run->positions, run->ids);
    free(rows);
    return run->pending < 0 ? -1 : 0;
}

static bool take_stored(void *plan, const struct store_trial *trial) {
    return plan_add_stored(plan, trial->strategy, trial->parameters, trial->variant, trial->batch,
                           trial->repeat);
}

/* The pairs that a paired run has asked for since it began belong to its plan. */
static int go_on(struct run *run) {
    if (find_old(run) != 0) return -1;
    return run->base == NULL ? 0
                             : store_planned(run->db, run->experiment_id, run->plan.trial_count + 1,
                                             take_stored, &run->plan);
}

static int begin(struct run *run) {
    struct store_trial *rows = experiment_rows(&run->plan, 0);
    int status = store_new(run, rows);
    free(rows);
    return status;
}

int experiment_prepare(struct run *run) {
    run->revision = environment_revision(run->options->programs);
    run->programs = programs_digest(run);
    if (run->programs == NULL) return -1;
    int status = run->options->resume ? go_on(run) : begin(run);
    if (status == 0) run->machine = store_calibration_of(run->db, run->experiment_id);
    return status == 0 ? experiment_find_pending(run) : -1;
}

/* --- running ---------------------------------------------------------------------------------- */

/* Simulates a trial, with the times of its live twin where it has one. Returns 0, or 1 when these cannot be read. */
static int simulate(const struct run *run, int64_t id, struct trial_setup *setup,
                    struct result *result) {
    struct result twin = {0};
    int status = 0;
    if (run->plan.mode == MODE_BOTH && store_twin_reports(run->db, id, &twin) != 0) status = 1;
    setup->simulated = true;
    setup->twin = twin.report_count > 0 ? &twin : NULL;
    setup->machine = run->machine;
    if (status == 0) trial_simulate(setup, result);
    result_free(&twin);
    return status;
}

/* Runs one trial live. Returns 0, or the status of an interrupt. */
static int measure(const struct run *run, int64_t id, const struct trial_setup *setup,
                   struct result *result) {
    if (trial_run(setup, result) != TRIAL_INTERRUPTED) return 0;
    store_trial_interrupted(run->db, id);
    return EXIT_INTERRUPTED;
}

/* Runs one trial and stores it. Returns 0, or an exit status that ends the run. */
static int run_trial(struct run *run, int index, struct progress *progress) {
    const struct planned_trial *trial = &run->plan.trials[run->positions[index] - 1];
    char *log_prefix = xasprintf("%s/logs/%" PRId64 "-%" PRId64, run->options->results,
                                 run->experiment_id, run->ids[index]);
    struct trial_setup setup = {
        .cell = trial->cell,
        .seed = trial->seed,
        .settings = &run->scenario.settings,
        .catalog = trial->variant == BASE || trial->variant == CONTROL ? run->base : run->catalog,
        .links = run->catalog,
        .watch_neighbours = run->base != NULL,
        .log_prefix = log_prefix,
        .beat = progress_beat,
        .data = progress,
    };
    struct result result = {0};
    int64_t id = run->ids[index];
    int status = store_trial_started(run->db, id) == 0 ? 0 : 1;
    progress_trial(progress, trial);
    if (status == 0)
        status = plan_simulates(&run->plan, trial) ? simulate(run, id, &setup, &result)
                                                   : measure(run, id, &setup, &result);
    if (status == 0 && store_trial_finished(run->db, id, &result) != 0) status = 1;
    if (status == 0) progress_result(progress, &result);
    result_free(&result);
    free(log_prefix);
    return status;
}

static void say_how_to_resume(const struct run *run, int done) {
    const struct run_options *options = run->options;
    struct buffer command = {0};
    hint_begin(&command, "run");
    story_add_scenario(&command, options->scenario);
    story_add_overrides(&command, run->scenario.overrides);
    buffer_printf(&command, " --resume");
    if (options->other_programs) hint_option(&command, "--bin", options->programs);
    if (strcmp(options->charts, "svg") != 0) hint_option(&command, "--charts", options->charts);
    if (run->base != NULL && strcmp(options->formats, "text") != 0)
        hint_option(&command, "--format", options->formats);
    hint_end(&command);
    fprintf(stderr,
            "\nInterrupted: %d of %d trial%s %s stored as experiment %" PRId64
            ". To run the rest:\n\n  %s\n\n",
            run->plan.trial_count - run->pending + done, run->plan.trial_count,
            plural(run->plan.trial_count), run->plan.trial_count == 1 ? "is" : "are",
            run->experiment_id, command.data);
    buffer_free(&command);
}

static void on_interrupt(void *interrupted) { *(bool *)interrupted = true; }

/* A trial hears of an interrupt itself; this watch is for those that come between two. */
int experiment_run_trials(struct run *run) {
    uv_loop_t loop;
    struct interrupt interrupt;
    bool interrupted = false;
    int status = 0, done = 0;
    struct progress *progress = progress_new(&run->plan, run->plan.trial_count - run->pending);
    uv_loop_init(&loop);
    interrupt_watch(&interrupt, &loop, on_interrupt, &interrupted);
    while (status == 0 && done < run->pending) {
        if ((status = run_trial(run, done, progress)) == 0) done++;
        uv_run(&loop, UV_RUN_NOWAIT);
        if (status == 0 && interrupted && done < run->pending) status = EXIT_INTERRUPTED;
    }
    interrupt_close(&interrupt);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    progress_free(progress);
    if (status != 0) say_how_to_resume(run, done);
    return status;
}

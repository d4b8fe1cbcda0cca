/* `pushpull run`: read, plan, store the plan, run trial by trial, store each, report. */
#include "run.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/resources.h"
#include "expect/expect.h"
#include "page/page.h"
#include "report/progress.h"
#include "report/story.h"
#include "report/table_print.h"
#include "scenario/find.h"
#include "scenario/load.h"
#include "scenario/plan.h"
#include "store/environment.h"
#include "store/open.h"
#include "store/store.h"
#include "system/directory.h"
#include "system/hint.h"
#include "system/human.h"
#include "system/interrupt.h"
#include "trial/trial.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_REFUTED 4
#define EXIT_INTERRUPTED 130 /* as a shell would say of SIGINT */

struct run {
    const struct run_options *options;
    struct catalog *catalog;
    struct scenario scenario;
    struct plan plan;
    sqlite3 *db;
    int64_t experiment_id;
    char *revision, *programs; /* of what runs: the tree's, and the programs' digest */
    int *positions;            /* of the trials to run: 1, 2, ... */
    int64_t *ids;              /* their rows */
    int pending;
};

/* --- the experiment's rows -------------------------------------------------------------------- */

static struct store_trial *trial_rows(const struct plan *plan) {
    struct store_trial *rows = xcalloc((size_t)plan->trial_count, sizeof(*rows));
    for (int i = 0; i < plan->trial_count; i++) {
        const struct planned_trial *trial = &plan->trials[i];
        rows[i] = (struct store_trial){
            .strategy = trial->cell->strategy->key,
            .parameters = trial->cell->parameters,
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
    char **paths = xcalloc((size_t)(1 + ROLE_COUNT * run->scenario.strategy_count), sizeof(*paths));
    paths[count++] = xstrdup("/proc/self/exe");
    for (int i = 0; i < run->scenario.strategy_count; i++)
        for (int role = 0; role < ROLE_COUNT; role++)
            paths[count++] =
                catalog_program(run->catalog, run->scenario.strategies[i], (enum role)role);
    char *digest = environment_digest((const char *const *)paths, count);
    for (int i = 0; i < count; i++) free(paths[i]);
    free(paths);
    return digest;
}

/* Stores a new experiment with all its trials. */
static int store_new(struct run *run, struct store_trial *rows) {
    const struct run_options *options = run->options;
    char *environment = environment_describe(run->programs, options->scenario,
                                             options->other_programs ? options->programs : NULL);
    struct store_experiment experiment = {
        .scenario = run->scenario.name,
        .scenario_text = run->scenario.text,
        .overrides = run->scenario.overrides,
        .mode = "live",
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
              " and these --set and --only",
              run->options->database, run->scenario.name);
    return -1;
}

static int prepare_rows(struct run *run) {
    size_t room = (size_t)run->plan.trial_count;
    run->positions = xcalloc(room, sizeof(*run->positions));
    run->ids = xcalloc(room, sizeof(*run->ids));
    run->revision = environment_revision(run->options->programs);
    run->programs = programs_digest(run);
    if (run->programs == NULL) return -1;
    struct store_trial *rows = trial_rows(&run->plan);
    int status = run->options->resume ? find_old(run) : store_new(run, rows);
    run->pending = status != 0 ? -1
                               : store_pending(run->db, run->experiment_id, rows,
                                               run->plan.trial_count, run->positions, run->ids);
    free(rows);
    return run->pending < 0 ? -1 : 0;
}

/* --- running ---------------------------------------------------------------------------------- */

/* Runs one trial and stores it. Returns 0, or an exit status that ends the run. */
static int run_trial(struct run *run, int index, struct progress *progress) {
    const struct planned_trial *trial = &run->plan.trials[run->positions[index] - 1];
    char *log_prefix = xasprintf("%s/logs/%" PRId64 "-%" PRId64, run->options->results,
                                 run->experiment_id, run->ids[index]);
    struct trial_setup setup = {
        .cell = trial->cell,
        .seed = trial->seed,
        .settings = &run->scenario.settings,
        .catalog = run->catalog,
        .log_prefix = log_prefix,
        .beat = progress_beat,
        .data = progress,
    };
    struct result result = {0};
    int status = store_trial_started(run->db, run->ids[index]) == 0 ? 0 : 1;
    progress_trial(progress, trial->cell, trial->repeat);
    if (status == 0 && trial_run(&setup, &result) == TRIAL_INTERRUPTED) {
        store_trial_interrupted(run->db, run->ids[index]);
        status = EXIT_INTERRUPTED;
    }
    if (status == 0 && store_trial_finished(run->db, run->ids[index], &result) != 0) status = 1;
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
static int run_trials(struct run *run) {
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
    if (status == 0 && store_experiment_finished(run->db, run->experiment_id) != 0) status = 1;
    if (status != 0) say_how_to_resume(run, done);
    return status;
}

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
    struct expect_result result;
    int status = expectations_evaluate(&result, run->db, run->experiment_id) == 0 ? 0 : 1;
    if (status == 0) expectations_print(&result, stdout);
    if (run->options->strict && expectations_count(&result, REFUTED) > 0) status = EXIT_REFUTED;
    expectations_free(&result);
    return status;
}

static int report(const struct run *run) {
    printf("\n");
    int status = table_print(run->db, run->experiment_id, stdout) == 0 ? 0 : 1;
    if (status == 0) status = check_expectations(run);
    fflush(stdout);
    if (check_cells(run) != 0) status = 1;
    int formats = run->options->chart_formats;
    if (formats != 0 &&
        page_write(run->db, run->experiment_id, run->options->results, formats) != 0)
        status = 1;
    return status;
}

/* --- the whole -------------------------------------------------------------------------------- */

/* Reads the scenario and makes its plan; *go_on is false when the status is final. */
static int prepare_plan(struct run *run) {
    char *own = directory_of_program();
    char *path = scenario_find(run->options->scenario, own);
    free(own);
    if (path == NULL) return EXIT_USAGE;
    int status = scenario_load(&run->scenario, path, &run->options->overrides, run->catalog);
    free(path);
    if (status != 0) return status;
    if (plan_make(&run->plan, &run->scenario) != 0) return EXIT_USAGE;
    if (expectations_check(&run->plan) != 0) return EXIT_USAGE;
    return plan_fits(&run->plan, resources_raise_file_limit()) ? 0 : EXIT_USAGE;
}

static int prepare_store(struct run *run) {
    char *logs = xasprintf("%s/logs", run->options->results);
    int error = directory_create(logs);
    if (error != 0) log_error("cannot create the directory %s: %s", logs, strerror(error));
    free(logs);
    if (error != 0) return 1;
    if (store_lock(run->options->database) != 0) return 1;
    run->db = store_open(run->options->database);
    return run->db != NULL && prepare_rows(run) == 0 ? 0 : 1;
}

static int execute(struct run *run) {
    int status = prepare_store(run);
    if (status != 0) return status;
    int seconds = (int)(plan_seconds(&run->plan) * run->pending / run->plan.trial_count);
    char *name = xasprintf("Experiment %" PRId64 ", %s: %s", run->experiment_id, run->scenario.name,
                           run->scenario.settings.title);
    human_wrap(stdout, 0, name);
    free(name);
    printf("%d trial%s, about %d:%02d minutes\n\n", run->pending, plural(run->pending),
           seconds / 60, seconds % 60);
    fflush(stdout);
    status = run_trials(run);
    return status == 0 ? report(run) : status;
}

int run_experiment(const struct run_options *options) {
    struct run run = {.options = options, .catalog = catalog_new(options->programs)};
    signal(SIGPIPE, SIG_IGN); /* a program that died, or a closed terminal, is no reason to die */
    int status = prepare_plan(&run);
    if (status == 0 && options->dry_run)
        plan_print(&run.plan, stdout);
    else if (status == 0)
        status = execute(&run);
    if (run.db != NULL) store_close(run.db);
    plan_free(&run.plan);
    scenario_free(&run.scenario);
    catalog_free(run.catalog);
    free(run.positions);
    free(run.ids);
    free(run.revision);
    free(run.programs);
    return status;
}

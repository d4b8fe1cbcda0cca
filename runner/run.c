/* `pushpull run`: read, plan, store the plan, run trial by trial, store each, report. */
#include "run.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/resources.h"
#include "compare/gate.h"
#include "compare/verdict.h"
#include "expect/expect.h"
#include "page/page.h"
#include "report/progress.h"
#include "report/story.h"
#include "report/table_print.h"
#include "scenario/check.h"
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
#include "system/neighbour.h"
#include "trial/trial.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_REFUTED 4
#define EXIT_INTERRUPTED 130 /* as a shell would say of SIGINT */

struct run {
    const struct run_options *options;
    struct catalog *catalog, *base; /* base: NULL unless this is a paired run */
    struct scenario scenario;
    struct plan plan;
    sqlite3 *db;
    int64_t experiment_id;
    char *revision, *programs; /* of the candidate, what runs: the tree's, and the programs' digest */
    int *positions;            /* of the trials to run: 1, 2, ... */
    int64_t *ids;              /* their rows */
    int pending;
};

/* --- the experiment's rows -------------------------------------------------------------------- */

/* Those of the plan from this one on. */
static struct store_trial *trial_rows(const struct plan *plan, int first) {
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
        xcalloc((size_t)(1 + 2 * ROLE_COUNT * run->scenario.strategy_count), sizeof(*paths));
    const struct catalog *catalogs[] = {run->catalog, run->base};
    paths[count++] = xstrdup("/proc/self/exe");
    for (int c = 0; c < 2 && catalogs[c] != NULL; c++)
        for (int i = 0; i < run->scenario.strategy_count; i++)
            for (int role = 0; role < ROLE_COUNT; role++)
                paths[count++] =
                    catalog_program(catalogs[c], run->scenario.strategies[i], (enum role)role);
    char *digest = environment_digest((const char *const *)paths, count);
    for (int i = 0; i < count; i++) free(paths[i]);
    free(paths);
    return digest;
}

/* Stores a new experiment with all its trials. */
static int store_new(struct run *run, struct store_trial *rows) {
    const struct run_options *options = run->options;
    char *base = run->base == NULL ? NULL : environment_revision(options->base);
    char *environment = environment_describe(
        run->programs, options->scenario, options->other_programs ? options->programs : NULL, base);
    free(base);
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

/* Finds the trials that are still to be run. */
static int find_pending(struct run *run) {
    size_t room = (size_t)run->plan.trial_count;
    run->positions = xrealloc(run->positions, (room + 1) * sizeof(*run->positions));
    run->ids = xrealloc(run->ids, (room + 1) * sizeof(*run->ids));
    struct store_trial *rows = trial_rows(&run->plan, 0);
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
    struct store_trial *rows = trial_rows(&run->plan, 0);
    int status = store_new(run, rows);
    free(rows);
    return status;
}

static int prepare_rows(struct run *run) {
    run->revision = environment_revision(run->options->programs);
    run->programs = programs_digest(run);
    if (run->programs == NULL) return -1;
    int status = run->options->resume ? go_on(run) : begin(run);
    return status == 0 ? find_pending(run) : -1;
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
        .catalog = trial->variant == BASE || trial->variant == CONTROL ? run->base : run->catalog,
        .watch_neighbours = run->base != NULL,
        .log_prefix = log_prefix,
        .beat = progress_beat,
        .data = progress,
    };
    struct result result = {0};
    int status = store_trial_started(run->db, run->ids[index]) == 0 ? 0 : 1;
    progress_trial(progress, trial);
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
    if (status != 0) say_how_to_resume(run, done);
    return status;
}

/* --- pairs ------------------------------------------------------------------------------------ */

/* The number of the last pair of a batch, of any cell. */
static int last_pair(const struct plan *plan, int batch) {
    int last = 0;
    for (int i = 0; i < plan->trial_count; i++)
        if (plan->trials[i].batch == batch && plan->trials[i].repeat > last)
            last = plan->trials[i].repeat;
    return last;
}

/* Plans the pairs that the gate asks for in a batch, round by round. Returns how many, or -1. */
static int plan_more(struct run *run, const struct gate *gate, int batch) {
    struct plan *plan = &run->plan;
    bool *wanted = xcalloc((size_t)plan->cell_count, sizeof(*wanted));
    int first = last_pair(plan, batch) + 1, added = 0, cells = 1;
    for (int round = 0; cells > 0 && added >= 0; round++) {
        cells = 0;
        for (int i = 0; i < plan->cell_count; i++) {
            const struct cell *cell = &plan->cells[i];
            wanted[i] = gate_asks(gate, cell->strategy, cell->parameters, batch) > round;
            cells += wanted[i];
        }
        added = plan_add_pairs(plan, wanted, batch, first + round, 1) == 0 ? added + cells : -1;
    }
    free(wanted);
    return added;
}

/* Stores what the gate asks for as planned. Returns how many pairs it is, or -1. */
static int extend(struct run *run, const struct gate *gate) {
    int before = run->plan.trial_count, more[GATE_BATCHES];
    for (int b = 0; b < GATE_BATCHES; b++)
        if ((more[b] = plan_more(run, gate, b + 1)) < 0) return -1;
    struct store_trial *rows = trial_rows(&run->plan, before);
    int count = run->plan.trial_count - before;
    int status = count == 0 ? 0 : store_extend(run->db, run->experiment_id, rows, count);
    free(rows);
    if (status == 0 && more[1] > 0)
        printf("%d more pair%s to confirm what looks worse\n", more[1], plural(more[1]));
    else if (status == 0 && more[0] > 0)
        printf("%d more pair%s\n", more[0], plural(more[0]));
    return status == 0 ? more[0] + more[1] : -1;
}

/* Runs pairs until the gate asks for no more. */
static int run_pairs(struct run *run) {
    int status = 0, more = 1;
    while (status == 0 && more > 0) {
        struct gate gate;
        status = run_trials(run);
        if (status != 0) break;
        more = gate_read(&gate, run->db, run->experiment_id) == 0 ? extend(run, &gate) : -1;
        gate_free(&gate);
        if (more < 0 || find_pending(run) != 0) status = 1;
    }
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
    int status =
        expectations_evaluate(&result, run->db, run->experiment_id, &run->options->expects) == 0 ? 0 : 1;
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

static int report_pairs(const struct run *run) {
    printf("\n");
    return verdict_tell(run->db, run->experiment_id, run->options->results, run->options->formats);
}

static int report(const struct run *run) {
    printf("\n");
    int status = table_print(run->db, run->experiment_id, stdout) == 0 ? 0 : 1;
    if (status == 0) status = check_expectations(run);
    fflush(stdout);
    if (check_cells(run) != 0) status = failed_status(run, status);
    int formats = run->options->chart_formats;
    if (formats != 0 &&
        page_write(run->db, run->experiment_id, run->options->results, formats) != 0)
        status = 1;
    return status;
}

/* --- the whole -------------------------------------------------------------------------------- */

/* What makes a run a paired one is kept with its overrides: it is resumed and repeated by them. */
static void note_base(struct run *run) {
    json_t *overrides = json_loads(run->scenario.overrides, 0, NULL);
    json_object_set_new(overrides, "base", json_string(run->options->base));
    json_object_set_new(overrides, "pairs", json_integer(run->options->pairs));
    free(run->scenario.overrides);
    run->scenario.overrides = json_dumps(overrides, JSON_COMPACT);
    json_decref(overrides);
}

static int prepare_base(struct run *run) {
    int pairs = run->options->pairs;
    int status = scenario_check_base(&run->scenario, run->catalog, run->base);
    if (status != 0) return EXIT_USAGE;
    note_base(run);
    if (pairs > GATE_COUNT_PAIRS) pairs = GATE_COUNT_PAIRS;
    return plan_make_pairs(&run->plan, &run->scenario, pairs) == 0 ? 0 : EXIT_USAGE;
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
    if (run->base != NULL) {
        status = prepare_base(run);
        if (status != 0) return status;
    } else if (plan_make(&run->plan, &run->scenario) != 0)
        return EXIT_USAGE;
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
    if (store_lock(run->options->database) != 0) return 1;
    run->db = store_open(run->options->database);
    return run->db != NULL && prepare_rows(run) == 0 ? 0 : 1;
}

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
        printf("%d trial%s, about %d:%02d minutes\n\n", run->pending, plural(run->pending),
               seconds / 60, seconds % 60);
    fflush(stdout);
    status = run->base != NULL ? run_pairs(run) : run_trials(run);
    if (status == 0 && store_experiment_finished(run->db, run->experiment_id) != 0) status = 1;
    return status;
}

/* Whoever waits for a gate must not take for a regression what went wrong. */
static int execute_and_report(struct run *run) {
    int status = execute(run);
    if (status == 0) return run->base != NULL ? report_pairs(run) : report(run);
    return status == 1 && (run->base != NULL || run->options->check) ? EXIT_INCONCLUSIVE : status;
}

int run_experiment(const struct run_options *options) {
    struct run run = {
        .options = options,
        .catalog = catalog_new(options->programs),
        .base = options->base == NULL ? NULL : catalog_new(options->base),
    };
    neighbour_announce();
    signal(SIGPIPE, SIG_IGN); /* a program that died, or a closed terminal, is no reason to die */
    int status = prepare_plan(&run);
    if (status == 0 && options->dry_run)
        plan_print(&run.plan, stdout);
    else if (status == 0)
        status = execute_and_report(&run);
    if (run.db != NULL) store_close(run.db);
    plan_free(&run.plan);
    scenario_free(&run.scenario);
    catalog_free(run.catalog);
    if (run.base != NULL) catalog_free(run.base);
    free(run.positions);
    free(run.ids);
    free(run.revision);
    free(run.programs);
    return status;
}

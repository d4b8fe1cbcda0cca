/* One trial on a libuv loop of its own: its beginning, how its programs end, and its end. It walks through
 * stages (stages.c): a message (messages.c) or a deadline moves it on. */
#include "trial/trial.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "figures/metrics.h"
#include "figures/verdict.h"
#include "system/neighbour.h"
#include "trial/messages.h"
#include "trial/stages.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- the beat --------------------------------------------------------------------------------- */

static void on_beat(uv_timer_t *timer) {
    struct trial *trial = timer->data;
    trial_stood_still(trial);
    if (trial->setup->beat != NULL) trial->setup->beat(trial->setup->data);
}

/* --- the end of a program --------------------------------------------------------------------- */

/* How a program ended, where that is not as it should be; else NULL. The caller frees it. */
static char *bad_end(const struct trial *trial, const struct member *member) {
    const struct program *program = &member->program;
    if (program->exit_signal != 0)
        return xasprintf("was killed by signal %d (%s)", program->exit_signal,
                         strsignal(program->exit_signal));
    if (program->exit_status != 0)
        return xasprintf("exited with status %" PRId64, program->exit_status);
    bool may = trial->setup->settings->may_end_early[member->role];
    if (trial->stage != STOPPING && !may) return xstrdup("exited before it was asked to");
    if (!member->reported) return xstrdup("exited without a report");
    return NULL;
}

/* In order, before it was asked to, and the scenario said that it may: the trial goes on with the others. */
static void go_on_without(struct trial *trial, struct member *member) {
    const char *role = role_names[member->role];
    buffer_printf(&trial->ended_early, "%s%s %d", trial->ended_early.length > 0 ? ", " : "", role,
                  member->index);
    member->answered = true;
    if (cast_is_left(&trial->cast, member->role))
        trial_advance(trial);
    else
        trial_fail(trial, "%s ended early, and no %s is left", member->program.name, role);
}

static void close_own_handles(struct trial *trial) {
    uv_close((uv_handle_t *)&trial->deadline, NULL);
    uv_close((uv_handle_t *)&trial->beat, NULL);
    interrupt_close(&trial->interrupt);
}

static void program_ended(struct program *program) {
    struct trial *trial = program->data;
    struct member *member = cast_member(program);
    member->ended = true;
    char *what = trial->interrupted ? NULL : bad_end(trial, member);
    if (what != NULL)
        trial_fail_member(trial, member, what);
    else if (trial->stage != STOPPING)
        go_on_without(trial, member);
    if (trial->stage == STOPPING) trial_stop_link(trial);
    if (trial->stage == STOPPING && cast_is_over(&trial->cast)) close_own_handles(trial);
    free(what);
}

static const struct program_handler programs = {trial_said, program_ended};

/* --- running ---------------------------------------------------------------------------------- */

/* The first signal stops in order; a second one at once. */
static void on_interrupt(void *data) {
    struct trial *trial = data;
    if (trial->interrupted) {
        trial->firmness = 1;
        trial_insist(trial);
        return;
    }
    trial->interrupted = true;
    if (trial->stage != STOPPING || trial->firmness == 0) trial_stop(trial);
}

static void init(struct trial *trial) {
    uv_loop_init(&trial->loop);
    uv_timer_init(&trial->loop, &trial->deadline);
    uv_timer_init(&trial->loop, &trial->beat);
    trial->deadline.data = trial->beat.data = trial;
    uv_timer_start(&trial->beat, on_beat, TRIAL_BEAT_MS, TRIAL_BEAT_MS);
    trial_beat_follows(trial);
    interrupt_watch(&trial->interrupt, &trial->loop, on_interrupt, trial);
    cast_init(&trial->cast, trial->setup->cell->processes);
}

static void judge(struct trial *trial) {
    struct trial_facts facts = {
        .subscribers = trial->setup->cell->subscribers,
        .kernel_bytes = trial->kernel_bytes,
        .ended_early = trial->ended_early.data,
        .visited = trial->visited,
        .failure = trial->failure,
    };
    metrics_derive(trial->result, &facts);
    verdict_give(trial->result, &facts);
}

static void finish(struct trial *trial) {
    int error = uv_loop_close(&trial->loop);
    if (error != 0) log_error("the trial's loop is still in use: %s", uv_strerror(error));
    if (!trial->interrupted) judge(trial);
    cast_free(&trial->cast);
    buffer_free(&trial->ended_early);
    free(trial->failure);
}

enum trial_outcome trial_run(const struct trial_setup *setup, struct result *result) {
    int64_t began_ns = clock_now_ns();
    struct trial trial = {
        .setup = setup,
        .programs = &programs,
        .warmup_seconds = setup->settings->warmup_seconds,
        .result = result,
        .kernel_before = -1,
        .kernel_bytes = NAN,
    };
    init(&trial);
    trial.visited = setup->watch_neighbours && neighbour_is_there();
    trial_begin(&trial);
    uv_run(&trial.loop, UV_RUN_DEFAULT);
    trial.visited = trial.visited || (setup->watch_neighbours && neighbour_is_there());
    finish(&trial);
    result->seconds = (double)(clock_now_ns() - began_ns) / NS_PER_SECOND;
    return trial.interrupted ? TRIAL_INTERRUPTED : TRIAL_ENDED;
}

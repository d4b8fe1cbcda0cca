/* The stages of a trial: what each begins with, whom it waits for, and how long. A failure or an
 * interruption leads to the last one at once, where whoever does not go is told more and more firmly: stop,
 * SIGTERM, SIGKILL.
 *
 *   starting servers -> connecting clients -> measuring -> draining -> stopping -> (all ended) */
#include "trial/stages.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "model/conversation.h"
#include "system/kernel_memory.h"
#include "trial/command_line.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define READY_SECONDS 10.0
#define LATE_SECONDS 10.0 /* a window or a drain that should have ended */
#define STOP_SECONDS 10.0
#define ESCALATE_SECONDS 2.0
#define STILL_NS NS_PER_SECOND /* a beat that is so late: this process did not run */
#define STILL_SECONDS 10.0     /* what the programs get then to stop */
#define LEAD_NS_MOST (20 * (int64_t)NS_PER_MS)
#define START_DELAY_NS (100 * (int64_t)NS_PER_MS) /* for the commands to arrive before START */

static void enter_starting(struct trial *trial);
static void enter_connecting(struct trial *trial);
static void enter_measuring(struct trial *trial);
static void enter_draining(struct trial *trial);
static void enter_stopping(struct trial *trial);

/* A stage ends when each member of a role has sent its message. */
static const struct {
    void (*enter)(struct trial *);
    enum role waits_for;
    const char *message;
    /* What is said of a member that has not, when the time is over. NULL: the trial goes on, and the
     * reports say what came. */
    const char *overdue;
} stages[] = {
    [STARTING] = {enter_starting, ROLE_SERVER, MESSAGE_READY, "was not ready in time"},
    [CONNECTING] = {enter_connecting, ROLE_CLIENT, MESSAGE_CONNECTED,
                    "did not connect all its subscribers in time"},
    [MEASURING] = {enter_measuring, ROLE_SERVER, MESSAGE_WINDOW,
                   "did not tell which events fell into the window"},
    [DRAINING] = {enter_draining, ROLE_CLIENT, MESSAGE_DRAINED, NULL},
    [STOPPING] = {enter_stopping, ROLE_SERVER, NULL, NULL},
};

/* --- failing ---------------------------------------------------------------------------------- */

void trial_fail(struct trial *trial, const char *format, ...) {
    va_list values;
    va_start(values, format);
    char *sentence = xvasprintf(format, values);
    va_end(values);
    utf8_clean(sentence); /* it may quote a program's words */
    if (trial->failure == NULL)
        trial->failure = sentence;
    else
        free(sentence);
    if (trial->stage != STOPPING) trial_stop(trial);
}

void trial_fail_member(struct trial *trial, const struct member *member, const char *what) {
    char *words = program_last_words(&member->program);
    const char *name = member->program.name;
    if (words != NULL)
        trial_fail(trial, "%s %s: \"%s\"", name, what, words);
    else
        trial_fail(trial, "%s %s, and wrote nothing to stderr", name, what);
    free(words);
}

/* --- standing still --------------------------------------------------------------------------- */

void trial_beat_follows(struct trial *trial) {
    trial->beat_ns = clock_now_ns() + TRIAL_BEAT_MS * (int64_t)NS_PER_MS;
}

bool trial_stood_still(struct trial *trial) {
    int64_t late_ns = clock_now_ns() - trial->beat_ns;
    trial_beat_follows(trial);
    if (late_ns < STILL_NS) return false;
    if (trial->stage == STOPPING) /* the figures are made; give the programs their time */
        trial_deadline(trial, STILL_SECONDS);
    else
        trial_fail(trial,
                   "the runner itself stood still for %.1f s (was it stopped, or its terminal?)",
                   (double)late_ns / NS_PER_SECOND);
    return true;
}

/* --- from stage to stage ---------------------------------------------------------------------- */

static void enter(struct trial *trial, enum stage stage) {
    trial->stage = stage;
    cast_await(&trial->cast, stages[stage].waits_for);
    stages[stage].enter(trial);
}

void trial_begin(struct trial *trial) { enter(trial, STARTING); }

void trial_stop(struct trial *trial) { enter(trial, STOPPING); }

void trial_advance(struct trial *trial) {
    bool awaits = cast_awaited(&trial->cast, stages[trial->stage].waits_for) != NULL;
    if (trial->stage != STOPPING && !awaits) enter(trial, trial->stage + 1);
}

bool trial_answered(struct trial *trial, struct member *member, const char *type) {
    const char *message = stages[trial->stage].message;
    bool awaited = message != NULL && strcmp(message, type) == 0 &&
                   member->role == stages[trial->stage].waits_for && !member->answered;
    if (awaited) member->answered = true;
    return awaited;
}

static void deadline_passed(uv_timer_t *timer) {
    struct trial *trial = timer->data;
    const char *overdue = stages[trial->stage].overdue;
    if (trial_stood_still(trial)) return;
    if (trial->stage == STOPPING)
        trial_insist(trial);
    else if (overdue == NULL)
        trial_stop(trial);
    else
        trial_fail_member(trial, cast_awaited(&trial->cast, stages[trial->stage].waits_for),
                          overdue);
}

void trial_deadline(struct trial *trial, double seconds) {
    uv_timer_start(&trial->deadline, deadline_passed, (uint64_t)(seconds * 1000), 0);
}

/* --- starting and connecting ------------------------------------------------------------------ */

static void start_member(struct trial *trial, struct member *member, const char *servers) {
    const struct trial_setup *setup = trial->setup;
    const char *role = role_names[member->role];
    struct program *program = &member->program;
    program->data = trial;
    program->handler = trial->programs;
    program->name = xasprintf("%s_%s %d", setup->cell->strategy->key, role, member->index);
    program->log_path = xasprintf("%s-%s-%d.log", setup->log_prefix, role, member->index);
    program->part = (int)member->role;
    program->parts = setup->settings->apart ? ROLE_COUNT : 0;
    char **line = command_line(setup, member, servers);
    member->started = true;
    int error = program_start(program, &trial->loop, line);
    if (error != 0) trial_fail(trial, "cannot start %s: %s", line[0], uv_strerror(error));
    command_line_free(line);
    trial_beat_follows(trial); /* starting many takes its time */
}

static void start_role(struct trial *trial, enum role role, const char *servers) {
    struct member *member = NULL;
    while (trial->failure == NULL && (member = cast_next(&trial->cast, role, member)) != NULL)
        start_member(trial, member, servers);
}

static void enter_starting(struct trial *trial) {
    trial_deadline(trial, READY_SECONDS);
    start_role(trial, ROLE_SERVER, NULL);
}

static void enter_connecting(struct trial *trial) {
    char *servers = cast_addresses(&trial->cast, ROLE_SERVER);
    trial->kernel_before = kernel_memory_bytes();
    trial_deadline(trial,
                   READY_SECONDS + (double)trial->setup->cell->subscribers / CONNECTS_PER_SECOND);
    start_role(trial, ROLE_CLIENT, servers);
    free(servers);
}

/* --- measuring and draining ------------------------------------------------------------------- */

/* Tells every member of the role. Who has gone does not hear it. */
static void tell(struct trial *trial, enum role role, const char *command) {
    for (struct member *m = NULL; (m = cast_next(&trial->cast, role, m)) != NULL;)
        if (m->started) program_send(&m->program, "%s", command);
}

/* The window opens between two events, half a gap before the next and 20 ms at most: one that is due as it
 * opens would be on its way while the books are opened. */
static int64_t lead_ns(const struct cell *cell) {
    double rate = 1; /* the publisher's own, where the scenario says nothing */
    for (int i = 0; i < cell->setting_count; i++)
        if (strcmp(cell->settings[i].parameter->key, "events_per_second") == 0)
            rate = strtod(cell->settings[i].value, NULL);
    double half_gap_ns = rate > 0 ? NS_PER_SECOND / rate / 2 : 0;
    return half_gap_ns < LEAD_NS_MOST ? (int64_t)half_gap_ns : LEAD_NS_MOST;
}

static void enter_measuring(struct trial *trial) {
    const struct settings *settings = trial->setup->settings;
    int64_t kernel = kernel_memory_bytes();
    if (kernel >= 0 && trial->kernel_before >= 0)
        trial->kernel_bytes = (double)(kernel - trial->kernel_before);
    if (trial->settle_seconds > trial->warmup_seconds)
        trial->warmup_seconds = trial->settle_seconds;
    int64_t publish_ns = clock_now_ns() + START_DELAY_NS;
    trial->start_ns =
        publish_ns + (int64_t)(trial->warmup_seconds * NS_PER_SECOND) - lead_ns(trial->setup->cell);
    trial->end_ns = trial->start_ns + (int64_t)(settings->measure_seconds * NS_PER_SECOND);
    char *measure =
        xasprintf(COMMAND_MEASURE " %" PRId64 " %" PRId64, trial->start_ns, trial->end_ns);
    char *publish = xasprintf(COMMAND_PUBLISH " %" PRId64, publish_ns);
    for (int role = 0; role < ROLE_COUNT; role++) tell(trial, (enum role)role, measure);
    tell(trial, ROLE_SERVER, publish);
    trial_deadline(trial, trial->warmup_seconds + settings->measure_seconds + LATE_SECONDS);
    free(measure);
    free(publish);
}

/* Patience begins when everybody has asked once more. */
static void enter_draining(struct trial *trial) {
    double drain_seconds = trial->settle_seconds + trial->setup->settings->drain_seconds;
    int64_t until = clock_now_ns() + (int64_t)(drain_seconds * NS_PER_SECOND);
    char *drain = xasprintf(COMMAND_DRAIN " %" PRId64 " %" PRId64 " %" PRId64, trial->first,
                            trial->last, until);
    tell(trial, ROLE_CLIENT, drain);
    trial_deadline(trial, drain_seconds + LATE_SECONDS);
    free(drain);
}

/* --- stopping --------------------------------------------------------------------------------- */

static void enter_stopping(struct trial *trial) {
    bool in_order = trial->failure == NULL && !trial->interrupted;
    for (int role = 0; role < ROLE_COUNT; role++) tell(trial, (enum role)role, COMMAND_STOP);
    trial_deadline(trial, in_order ? STOP_SECONDS : ESCALATE_SECONDS);
}

void trial_insist(struct trial *trial) {
    int number = trial->firmness++ == 0 ? SIGTERM : SIGKILL;
    for (int i = 0; i < trial->cast.count; i++) {
        struct member *member = &trial->cast.members[i];
        if (!member->started) continue;
        program_abandon(&member->program);
        if (!member->program.running) continue;
        if (!trial->interrupted) trial_fail_member(trial, member, "did not stop when asked to");
        program_signal(&member->program, number);
    }
    trial_deadline(trial, ESCALATE_SECONDS);
}

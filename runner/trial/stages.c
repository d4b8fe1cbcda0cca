/* The stages of a trial: what each begins with, whom it waits for, and how long. A failure or an
 * interruption leads to the last one at once, where whoever does not go is told more and more firmly: stop,
 * SIGTERM, SIGKILL.
 *
 *   linking (where servers and clients are apart) -> starting servers -> connecting clients -> measuring
 *     -> draining -> stopping -> (all ended) */
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
#define LINK_SECONDS 60.0   /* until it is made and measured, three times if need be */
#define LINK_ROUND_TRIPS 15 /* ... and so many of its own */
#define FAR_ROUND_TRIPS 10  /* what connecting, or its end, takes, with some lost on the way */
#define LOSS_SECONDS 30.0   /* a SYN that is lost comes again after 1, 2, 4, 8 seconds */
#define LATE_SECONDS 10.0   /* a window or a drain that should have ended */
#define STOP_SECONDS 10.0
#define ESCALATE_SECONDS 2.0
#define STILL_NS NS_PER_SECOND /* a beat that is so late: this process did not run */
#define STILL_SECONDS 10.0     /* what the programs get then to stop */
#define LEAD_NS_MOST (20 * (int64_t)NS_PER_MS)

static void enter_linking(struct trial *trial);
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
    [LINKING] = {enter_linking, ROLE_LINK, MESSAGE_READY, "was not ready in time"},
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

void trial_stop(struct trial *trial) { enter(trial, STOPPING); }

void trial_advance(struct trial *trial) {
    bool awaits = cast_awaited(&trial->cast, stages[trial->stage].waits_for) != NULL;
    if (trial->stage != STOPPING && !awaits) enter(trial, trial->stage + 1);
}

/* Most trials have no link, and do not wait for one. */
void trial_begin(struct trial *trial) {
    enter(trial, LINKING);
    trial_advance(trial);
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

char *trial_log_path(const struct trial_setup *setup, enum role role, int index) {
    return xasprintf("%s-%s-%d.log", setup->log_prefix, role_names[role], index);
}

static void start_member(struct trial *trial, struct member *member, const char *servers) {
    const struct trial_setup *setup = trial->setup;
    const char *role = role_names[member->role];
    struct program *program = &member->program;
    program->data = trial;
    program->handler = trial->programs;
    program->name = member->role == ROLE_LINK
                        ? xstrdup(role)
                        : xasprintf("%s_%s %d", setup->cell->strategy->key, role, member->index);
    program->log_path = trial_log_path(setup, member->role, member->index);
    program->part = (int)member->role;
    program->parts = setup->settings->apart && member->role != ROLE_LINK ? SIDE_COUNT : 0;
    int64_t place = member->role == ROLE_LINK ? 0 : trial->places[member->role];
    char **line = command_line(setup, member, servers, place);
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

static bool is_far(const struct trial *trial) {
    return cast_next(&trial->cast, ROLE_LINK, NULL) != NULL;
}

/* How much longer it may take over a link. */
static double far_seconds(const struct trial *trial, double round_trips) {
    const struct link_setup *link = &trial->setup->cell->link;
    double round_trip_ms =
        link_setup_number(link, "rtt_ms") + 2 * link_setup_number(link, "jitter_ms");
    return is_far(trial) ? round_trips * round_trip_ms / 1000 : 0;
}

static void enter_linking(struct trial *trial) {
    trial_deadline(trial, LINK_SECONDS + far_seconds(trial, LINK_ROUND_TRIPS));
    start_role(trial, ROLE_LINK, NULL);
}

static void enter_starting(struct trial *trial) {
    if (trial->server_address[0] != '\0') cast_servers_at(&trial->cast, trial->server_address);
    trial_deadline(trial, READY_SECONDS);
    start_role(trial, ROLE_SERVER, NULL);
}

static void enter_connecting(struct trial *trial) {
    char *servers = cast_addresses(&trial->cast, ROLE_SERVER);
    trial->kernel_before = kernel_memory_bytes();
    trial_deadline(trial,
                   READY_SECONDS + (double)trial->setup->cell->subscribers / CONNECTS_PER_SECOND +
                       far_seconds(trial, FAR_ROUND_TRIPS) + (is_far(trial) ? LOSS_SECONDS : 0));
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
int64_t trial_lead_ns(const struct cell *cell) {
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
    trial->start_ns = publish_ns + (int64_t)(trial->warmup_seconds * NS_PER_SECOND) -
                      trial_lead_ns(trial->setup->cell);
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

static double patience(const struct trial *trial) {
    return trial->failure == NULL && !trial->interrupted ? STOP_SECONDS : ESCALATE_SECONDS;
}

static void enter_stopping(struct trial *trial) {
    for (int side = 0; side < SIDE_COUNT; side++) tell(trial, (enum role)side, COMMAND_STOP);
    trial_deadline(trial, patience(trial));
    trial_stop_link(trial);
}

static bool sides_are_left(const struct trial *trial) {
    return cast_is_left(&trial->cast, ROLE_SERVER) || cast_is_left(&trial->cast, ROLE_CLIENT);
}

/* It has its own time for that, however long the others took. */
void trial_stop_link(struct trial *trial) {
    if (trial->link_told || !is_far(trial) || sides_are_left(trial)) return;
    trial->link_told = true;
    tell(trial, ROLE_LINK, COMMAND_STOP);
    if (trial->firmness == 0) trial_deadline(trial, patience(trial));
}

void trial_insist(struct trial *trial) {
    int number = trial->firmness++ == 0 ? SIGTERM : SIGKILL;
    for (int i = 0; i < trial->cast.count; i++) {
        struct member *member = &trial->cast.members[i];
        if (!member->started || (member->role == ROLE_LINK && sides_are_left(trial))) continue;
        program_abandon(&member->program);
        if (!member->program.running) continue;
        if (!trial->interrupted) trial_fail_member(trial, member, "did not stop when asked to");
        program_signal(&member->program, number);
    }
    trial_deadline(trial, ESCALATE_SECONDS);
}

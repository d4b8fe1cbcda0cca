/* Watching one user of a trial: see watch.h. In order: what the simulator tells, as it tells it, and put in order; a live
 * trial. */
#include "trial/watch.h"

#include "base/log.h"
#include "base/memory.h"
#include "model/conversation.h"
#include "trial/joined.h"
#include "trial/simulated.h"
#include "trial/trial.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- what is told ------------------------------------------------------------------------------- */

static void on_published(void *data, uint64_t number, int64_t due_ns, int64_t at_ns) {
    struct watch *watch = data;
    watch->events = xgrow(watch->events, watch->event_count, sizeof(*watch->events));
    watch->events[number - 1] =
        (struct watched_event){due_ns, at_ns, WATCH_NEVER, WATCH_NEVER, WATCH_NEVER};
    watch->event_count = number;
}

/* A line that knows which event it carries. */
static void carries(struct watched_event *event, const struct watched_message *message) {
    if (event->sent_ns == WATCH_NEVER) event->sent_ns = message->sent_ns;
    if (message->arrived_ns < event->arrived_ns) event->arrived_ns = message->arrived_ns;
}

static void on_saw(void *data, const struct sighting *seen) {
    struct watch *watch = data;
    struct watched_message message = {
        .direction = seen->direction,
        .sent_ns = seen->sent_ns,
        .arrived_ns = seen->arrived_ns < 0 ? WATCH_NEVER : seen->arrived_ns,
        .bytes = seen->bytes,
        .what = seen->what,
        .losses = seen->losses,
        .first = seen->number,
        .last = seen->number,
        .order = watch->message_count,
    };
    watch->messages = xgrow(watch->messages, watch->message_count, sizeof(message));
    watch->messages[watch->message_count++] = message;
    if (seen->number > 0) carries(&watch->events[seen->number - 1], &message);
}

/* A message is told before the events that it brings. It may have been lost, and gone out again. */
static void brings(struct watch *watch, uint64_t number) {
    struct watched_event *event = &watch->events[number - 1];
    for (size_t i = watch->message_count; i > 0; i--) {
        struct watched_message *message = &watch->messages[i - 1];
        if (message->direction == LINK_UP || message->bytes == 0) continue;
        if (message->first == 0) message->first = number;
        message->last = number;
        if (message->arrived_ns < event->arrived_ns) event->arrived_ns = message->arrived_ns;
        event->sent_ns = message->sent_ns;
        if (message->what != NULL) return;
    }
}

static void on_received(void *data, uint64_t number, int64_t due_ns, int64_t at_ns) {
    struct watch *watch = data;
    struct watched_event *event = &watch->events[number - 1];
    (void)due_ns;
    if (event->sent_ns == WATCH_NEVER) brings(watch, number);
    if (at_ns < event->received_ns) event->received_ns = at_ns;
}

static void on_noted(void *data, enum moment what, int64_t at_ns) {
    struct watch *watch = data;
    watch->moments = xgrow(watch->moments, watch->moment_count, sizeof(*watch->moments));
    watch->moments[watch->moment_count++] = (struct watched_moment){what, at_ns};
}

/* --- a simulated trial -------------------------------------------------------------------------- */

static int by_time(const void *a, const void *b) {
    const struct watched_message *one = a, *other = b;
    if (one->sent_ns != other->sent_ns) return one->sent_ns < other->sent_ns ? -1 : 1;
    return one->order < other->order ? -1 : 1;
}

static void watch_sort(struct watch *watch) {
    if (watch->message_count > 0)
        qsort(watch->messages, watch->message_count, sizeof(*watch->messages), by_time);
}

void trial_watch(const struct trial_setup *setup, uint32_t user, struct watch *watch) {
    struct simulated simulated;
    struct simulation_reports reports;
    simulated_prepare(&simulated, setup);
    struct conditions *conditions = &simulated.conditions;
    *watch = (struct watch){
        .publish_ns = conditions->publish_ns,
        .window = conditions->window,
        .users = conditions->subscribers,
    };
    conditions->saw = on_saw;
    conditions->published = on_published;
    conditions->received = on_received;
    conditions->noted = on_noted;
    conditions->watcher = watch;
    conditions->watched = user;
    simulation_run(conditions, &reports);
    simulation_reports_free(&reports);
    simulated_release(&simulated);
    watch_sort(watch);
}

/* --- live --------------------------------------------------------------------------------------- */

/* What the programs write for people is read when one of them fails, and not kept. */
static void remove_logs(const char *directory, const struct cell *cell) {
    for (int role = 0; role < ROLE_COUNT; role++)
        for (int i = 0; i < cell->processes[role]; i++) {
            char *path = xasprintf("%s/trial-%s-%d.log", directory, role_names[role], i);
            unlink(path);
            free(path);
        }
    rmdir(directory);
}

static int run(struct trial_setup *setup, struct result *result) {
    const char *place = getenv("TMPDIR");
    char *directory = xasprintf("%s/pushpull.XXXXXX", place == NULL ? "/tmp" : place);
    if (mkdtemp(directory) == NULL) {
        log_error("cannot make a directory in %s: %s", place == NULL ? "/tmp" : place,
                  strerror(errno));
        free(directory);
        return 1;
    }
    char *prefix = xasprintf("%s/trial", directory);
    setup->log_prefix = prefix;
    bool interrupted = trial_run(setup, result) == TRIAL_INTERRUPTED;
    remove_logs(directory, setup->cell);
    free(prefix);
    free(directory);
    if (interrupted) return EXIT_INTERRUPTED;
    if (strcmp(result->status, "failed") != 0) return 0;
    log_error("the trial of %s failed: %s", setup->cell->strategy->title, result->reason);
    return 1;
}

static int64_t told_ns(const struct result *result, enum role role, const char *field) {
    return json_integer_value(json_object_get(result_report_of(result, role_names[role]), field));
}

static void say_left_out(const json_t *traces) {
    size_t i;
    json_int_t count = 0;
    const json_t *trace;
    json_array_foreach(traces, i, trace) count +=
        json_integer_value(json_object_get(trace, FIELD_LEFT_OUT));
    if (count > 0)
        log_warn("more was said than a trace keeps: the last %lld pieces are not in it",
                 (long long)count);
}

int trial_watch_live(const struct trial_setup *asked, struct watch *watch) {
    struct trial_setup setup = *asked;
    struct result result = {0};
    setup.traces = json_array();
    int status = run(&setup, &result);
    *watch = (struct watch){.users = (uint32_t)setup.cell->subscribers, .words = setup.traces};
    if (status == 0) {
        say_left_out(setup.traces);
        watch->publish_ns = told_ns(&result, ROLE_SERVER, FIELD_PUBLISHED_FROM_NS);
        watch->window.start_ns = told_ns(&result, ROLE_CLIENT, FIELD_START_NS);
        watch->window.end_ns = told_ns(&result, ROLE_CLIENT, FIELD_END_NS);
        watch_join(watch, setup.traces);
        watch_sort(watch);
    }
    result_free(&result);
    return status;
}

void watch_free(struct watch *watch) {
    json_decref(watch->words);
    free(watch->messages);
    free(watch->events);
    free(watch->moments);
}

/* Watching one user of a trial: see watch.h. What the simulator tells, as it tells it, and put in order. (A live trial:
 * watch_live.c.) */
#include "trial/watch.h"

#include "base/memory.h"
#include "trial/simulated.h"

#include <stdlib.h>

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

void watch_sort(struct watch *watch) {
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

void watch_free(struct watch *watch) {
    json_decref(watch->words);
    free(watch->messages);
    free(watch->events);
    free(watch->moments);
}

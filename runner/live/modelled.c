/* Lanes from models: see modelled.h. */
#include "live/modelled.h"

#include "base/clock.h"
#include "model/conversation.h"
#include "trial/simulated.h"
#include "trial/watch.h"

#include <inttypes.h>
#include <stdlib.h>

#define AHEAD_SECONDS 120

/* One lane: what was simulated, and how far it is told. */
struct reel {
    struct trial_setup setup;
    struct watch watch;
    size_t messages, published, received, moments; /* told of each */
    uint64_t before;                               /* events of the reels before this one */
    uint64_t requests, empty, bytes, deliveries;   /* so far, of this user */
};

struct modelled {
    struct settings settings; /* the scenario's, with a window of AHEAD_SECONDS */
    struct reel reels[STRATEGIES_MAX];
    int count;
    int64_t start_ns;   /* when what is simulated begins to happen */
    int64_t counted_ns; /* when counts were last told */
};

bool modelled_fits(const struct plan *plan, const struct catalog *catalog) {
    for (int i = 0; i < plan->cell_count; i++)
        if (!simulated_fits(&plan->cells[i], catalog)) return false;
    return true;
}

/* All lanes from the same seed: an event is due in all of them at once. */
static void simulate(struct modelled *models, int64_t start_ns) {
    models->start_ns = start_ns;
    for (int i = 0; i < models->count; i++) {
        struct reel *reel = &models->reels[i];
        reel->before += reel->watch.event_count;
        watch_free(&reel->watch);
        reel->messages = reel->published = reel->received = reel->moments = 0;
        reel->setup.seed++;
        trial_watch(&reel->setup, 0, &reel->watch);
    }
}

struct modelled *modelled_new(const struct trial_setup *setups, int count) {
    struct modelled *models = xcalloc(1, sizeof(*models));
    models->count = count;
    models->settings = *setups[0].settings;
    models->settings.measure_seconds = AHEAD_SECONDS;
    for (int i = 0; i < count; i++) {
        models->reels[i].setup = setups[i];
        models->reels[i].setup.settings = &models->settings;
        models->reels[i].setup.simulated = true;
    }
    simulate(models, clock_now_ns());
    return models;
}

void modelled_free(struct modelled *models) {
    if (models == NULL) return;
    for (int i = 0; i < models->count; i++) watch_free(&models->reels[i].watch);
    free(models);
}

/* Up to then, in the reel's own time. `shift_ns` makes the present of it. */
static void pour_messages(struct reel *reel, struct lane *lane, int64_t until_ns,
                          int64_t shift_ns) {
    const struct watch *watch = &reel->watch;
    for (; reel->messages < watch->message_count; reel->messages++) {
        const struct watched_message *message = &watch->messages[reel->messages];
        if (message->sent_ns > until_ns) return;
        bool down = message->direction == LINK_DOWN;
        reel->bytes += message->bytes;
        reel->requests += message->what != NULL && !down && message->bytes > 0;
        reel->empty += message->what != NULL && down && message->first == 0 && message->bytes > 0;
        if (message->arrived_ns == WATCH_NEVER) continue; /* it comes again */
        struct paired_message told = {
            .down = down,
            .sent_ns = message->sent_ns + shift_ns,
            .came_ns = message->arrived_ns + shift_ns,
            .bytes = message->bytes,
            .what = message->what == NULL ? "" : message->what,
            .first = message->first == 0 ? 0 : message->first + reel->before,
            .last = message->last == 0 ? 0 : message->last + reel->before,
        };
        lane_message(lane, &told);
    }
}

static void pour_events(struct reel *reel, struct lane *lane, int64_t until_ns, int64_t shift_ns) {
    const struct watch *watch = &reel->watch;
    for (; reel->published < watch->event_count; reel->published++) {
        const struct watched_event *event = &watch->events[reel->published];
        if (event->due_ns > until_ns) break;
        lane_published(lane, reel->before + reel->published + 1, event->due_ns + shift_ns,
                       event->published_ns + shift_ns);
    }
    for (; reel->received < reel->published; reel->received++) {
        const struct watched_event *event = &watch->events[reel->received];
        if (event->received_ns > until_ns) return;
        reel->deliveries++;
        lane_received(lane, reel->before + reel->received + 1, event->due_ns + shift_ns,
                      event->received_ns + shift_ns);
    }
}

static void pour_moments(struct reel *reel, struct lane *lane, int64_t until_ns, int64_t shift_ns) {
    static const char *const names[] = {
        [MOMENT_DUE] = NOTE_DUE,
        [MOMENT_SKIPPED] = NOTE_SKIPPED,
        [MOMENT_PARKED] = NOTE_PARKED,
        [MOMENT_PATIENCE] = NULL,
    };
    const struct watch *watch = &reel->watch;
    for (; reel->moments < watch->moment_count; reel->moments++) {
        const struct watched_moment *moment = &watch->moments[reel->moments];
        if (moment->at_ns > until_ns) return;
        const char *name = names[moment->what];
        if (name != NULL) lane_note(lane, name, moment->at_ns + shift_ns);
    }
}

/* As the ticks of a client say it: of all users together, of whom one is like the other. Segments are not counted. */
static void tell_counts(const struct reel *reel, struct lane *lane, int64_t since_ns) {
    double users = reel->watch.users;
    buffer_printf(&lane->news.counts,
                  "%s\"t_ms\":%" PRId64 ",\"total_requests\":%.0f,\"total_empty_responses\":%.0f,"
                  "\"total_bytes\":%.0f,\"deliveries\":%.0f",
                  lane->news.counts.length > 0 ? "," : "", since_ns / NS_PER_MS,
                  users * (double)reel->requests, users * (double)reel->empty,
                  users * (double)reel->bytes, users * (double)reel->deliveries);
}

void modelled_pour(struct modelled *models, struct lane *lanes, int count, int64_t now_ns) {
    if (now_ns - models->start_ns > AHEAD_SECONDS * NS_PER_SECOND) simulate(models, now_ns);
    bool counts = now_ns - models->counted_ns >= NS_PER_SECOND;
    if (counts) models->counted_ns = now_ns;
    for (int i = 0; i < count; i++) {
        struct reel *reel = &models->reels[i];
        int64_t shift_ns = models->start_ns - reel->watch.publish_ns;
        pour_messages(reel, &lanes[i], now_ns - shift_ns, shift_ns);
        pour_events(reel, &lanes[i], now_ns - shift_ns, shift_ns);
        pour_moments(reel, &lanes[i], now_ns - shift_ns, shift_ns);
        if (counts) tell_counts(reel, &lanes[i], now_ns - lanes[i].zero_ns);
    }
}

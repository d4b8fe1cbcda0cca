/* The story of one user: see trace.h. In order: sentences, what makes them, the whole. */
#include "diagram/trace.h"

#include "base/clock.h"
#include "base/memory.h"
#include "diagram/subjects.h"
#include "trial/watch.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SENTENCES_MOST 40
#define USER 0

/* --- sentences ------------------------------------------------------------------------------------ */

/* Things of the same time stand in this order, which is that of their causes. */
enum rank { RANK_DUE, RANK_MOMENT, RANK_PUBLISHED, RANK_SENT, RANK_ARRIVED, RANK_READ };

struct sentence {
    int64_t at_ns;
    enum rank rank;
    size_t order;
    const char *who;
    char *text;
};

struct story {
    struct sentence *sentences;
    size_t count;
};

/* Takes the text. */
static void add(struct story *story, int64_t at_ns, enum rank rank, const char *who, char *text) {
    story->sentences = xgrow(story->sentences, story->count, sizeof(*story->sentences));
    story->sentences[story->count] = (struct sentence){at_ns, rank, story->count, who, text};
    story->count++;
}

static int by_time(const void *a, const void *b) {
    const struct sentence *one = a, *other = b;
    if (one->at_ns != other->at_ns) return one->at_ns < other->at_ns ? -1 : 1;
    if (one->rank != other->rank) return one->rank < other->rank ? -1 : 1;
    return one->order < other->order ? -1 : 1;
}

/* --- what makes them ------------------------------------------------------------------------------ */

static const char *const sides[] = {[LINK_DOWN] = "server", [LINK_UP] = "user"};

/* "event 13", "events 13 to 22"; or nothing. The caller frees it. */
static char *events_text(const struct watched_message *message) {
    if (message->first == 0) return xstrdup("");
    return message->first == message->last
               ? xasprintf("event %" PRIu64, message->first)
               : xasprintf("events %" PRIu64 " to %" PRIu64, message->first, message->last);
}

/* Of SSE, say, a message is an event; an HTTP answer brings some. */
static bool is_event(const struct watched_message *message) {
    return message->what != NULL && strcmp(message->what, "event") == 0;
}

/* "200", "event 13", "what was lost". The caller frees it. */
static char *name_of(const struct watched_message *message) {
    if (is_event(message)) return events_text(message);
    return xstrdup(message->what == NULL ? "what was lost" : message->what);
}

static double ms(int64_t ns) { return (double)ns / NS_PER_MS; }

/* ": event 13, 40.2 ms after it was due", or nothing. The caller frees it. */
static char *latency_text(const struct watch *watch, const struct watched_message *message) {
    if (message->first == 0) return xstrdup("");
    double oldest = ms(message->arrived_ns - watch->events[message->first - 1].due_ns);
    double newest = ms(message->arrived_ns - watch->events[message->last - 1].due_ns);
    char *events = events_text(message);
    const char *which = is_event(message) ? "" : events, *colon = *which == '\0' ? "" : ": ";
    char *text =
        message->first == message->last
            ? xasprintf("%s%s, %.3f ms after it was due", colon, which, oldest)
            : xasprintf("%s%s, %.3f to %.3f ms after they were due", colon, which, oldest, newest);
    free(events);
    return text;
}

static void tell_sending(struct story *story, const struct watched_message *message) {
    char *name = name_of(message);
    bool brings = message->first > 0 && message->what != NULL && !is_event(message);
    char *events = brings ? events_text(message) : xstrdup("");
    const char *losses = message->arrived_ns == WATCH_NEVER ? ", and is lost"
                         : message->losses > 0              ? ", and a part of it is lost"
                                                            : "";
    add(story, message->sent_ns, RANK_SENT, sides[message->direction],
        xasprintf("%s goes out%s%s%s, %" PRIu64 " bytes%s", name,
                  message->what == NULL ? " again" : "", brings ? ": " : "", events, message->bytes,
                  losses));
    free(events);
    free(name);
}

static void tell_message(struct story *story, const struct watch *watch,
                         const struct watched_message *message) {
    tell_sending(story, message);
    if (message->arrived_ns == WATCH_NEVER) return;
    char *name = name_of(message), *latency = latency_text(watch, message);
    add(story, message->arrived_ns, RANK_ARRIVED,
        sides[message->direction == LINK_DOWN ? LINK_UP : LINK_DOWN],
        xasprintf("%s arrives%s", name, latency));
    free(latency);
    free(name);
}

static void tell_event(struct story *story, uint64_t number, const struct watched_event *event) {
    int64_t late_ns = event->published_ns - event->due_ns;
    add(story, event->published_ns, RANK_PUBLISHED, sides[LINK_DOWN],
        late_ns < NS_PER_MS
            ? xasprintf("event %" PRIu64 " is published", number)
            : xasprintf("event %" PRIu64 " is published, %.3f ms late", number, ms(late_ns)));
    if (event->received_ns != WATCH_NEVER && event->received_ns > event->arrived_ns)
        add(story, event->received_ns, RANK_READ, sides[LINK_UP],
            xasprintf("event %" PRIu64 " can be read at last, %.3f ms after it was due: one before"
                      " it had been lost",
                      number, ms(event->received_ns - event->due_ns)));
}

static const struct {
    enum rank rank;
    enum link_direction who;
    const char *text;
} moments[] = {
    [MOMENT_DUE] = {RANK_DUE, LINK_UP, "a poll is due"},
    [MOMENT_WAITS] = {RANK_MOMENT, LINK_UP, "it waits for the answer to the last one"},
    [MOMENT_SKIPPED] = {RANK_MOMENT, LINK_UP, "it is left out: another one waits already"},
    [MOMENT_PARKED] = {RANK_MOMENT, LINK_DOWN, "the request is parked: there is nothing new"},
    [MOMENT_PATIENCE] = {RANK_MOMENT, LINK_DOWN, "the request has been parked for long enough"},
};

static void tell_moment(struct story *story, const struct watched_moment *moment) {
    add(story, moment->at_ns, moments[moment->what].rank, sides[moments[moment->what].who],
        xstrdup(moments[moment->what].text));
}

/* --- the whole ------------------------------------------------------------------------------------ */

static void print_sentence(FILE *out, const struct watch *watch, const struct sentence *sentence) {
    fprintf(out, "%12.6f s  %-6s  %s\n",
            (double)(sentence->at_ns - watch->publish_ns) / NS_PER_SECOND, sentence->who,
            sentence->text);
}

static void print_story(FILE *out, const struct cell *cell, const struct watch *watch) {
    struct story story = {0};
    for (size_t i = 0; i < watch->message_count; i++)
        tell_message(&story, watch, &watch->messages[i]);
    for (size_t i = 0; i < watch->event_count; i++) tell_event(&story, i + 1, &watch->events[i]);
    for (size_t i = 0; i < watch->moment_count; i++) tell_moment(&story, &watch->moments[i]);
    if (story.count > 0) qsort(story.sentences, story.count, sizeof(*story.sentences), by_time);
    fprintf(out,
            "%s: what happens first to user %d of %" PRIu32
            "; 0 s is when publishing begins, the window opens at %.3f s\n\n",
            cell->strategy->title, USER + 1, watch->users,
            (double)(watch->window.start_ns - watch->publish_ns) / NS_PER_SECOND);
    for (size_t i = 0; i < story.count; i++) {
        if (i < SENTENCES_MOST) print_sentence(out, watch, &story.sentences[i]);
        free(story.sentences[i].text);
    }
    free(story.sentences);
    fprintf(out, "\n");
}

void trace_tell(FILE *out, const struct plan *plan, const struct catalog *catalog,
                const char *machine) {
    const struct planned_trial *trials[STRATEGIES_MAX];
    int count = subjects_of(plan, trials);
    for (int i = 0; i < count; i++) {
        struct watch watch;
        struct trial_setup setup = {
            .cell = trials[i]->cell,
            .seed = trials[i]->seed,
            .settings = &plan->scenario->settings,
            .catalog = catalog,
            .links = catalog,
            .simulated = true,
            .machine = machine,
        };
        trial_watch(&setup, USER, &watch);
        print_story(out, trials[i]->cell, &watch);
        watch_free(&watch);
    }
}

/* Lanes and arrows: see lanes.h. In order: what waits at the server, messages, events, the whole. */
#include "diagram/lanes.h"

#include "diagram/label.h"
#include "diagram/picture.h"
#include "page/html.h"

#include <stdlib.h>

#define VISIBLE 0.3 /* a box that is less wide is none */
#define PARKED_HEIGHT 6.0
#define WAITING_STEP_MOST 4.0
#define BEHIND_HEIGHT 5.0
#define MARK_HALF 4.0
#define NUMBER_FONT 10.0
#define LABEL_OVERHANG 12.0 /* into the margin */

/* A box from one time to another, as far as it is shown. Returns whether there is anything to see. */
static bool draw_span(struct buffer *out, const struct lanes *lanes, int64_t from_ns, int64_t to_ns,
                      double y, double height, const char *attributes) {
    if (!axis_shows(lanes->axis, from_ns, to_ns)) return false;
    double x1 = axis_x(lanes->axis, axis_clip(lanes->axis, from_ns));
    double x2 = axis_x(lanes->axis, axis_clip(lanes->axis, to_ns));
    if (x2 - x1 < VISIBLE) return false;
    picture_box(out, x1, y, x2 - x1, height, attributes);
    return true;
}

/* --- what waits at the server ------------------------------------------------------------------- */

/* One event more or less that waits. */
struct change {
    int64_t at_ns;
    int by;
};

static int by_time(const void *a, const void *b) {
    const struct change *one = a, *other = b;
    if (one->at_ns != other->at_ns) return one->at_ns < other->at_ns ? -1 : 1;
    return one->by - other->by;
}

/* Two per event. The caller frees them. */
static struct change *changes_of(const struct watch *watch) {
    struct change *changes = xcalloc(2 * watch->event_count + 1, sizeof(*changes));
    for (size_t i = 0; i < watch->event_count; i++) {
        changes[2 * i] = (struct change){watch->events[i].published_ns, 1};
        changes[2 * i + 1] = (struct change){watch->events[i].sent_ns, -1};
    }
    qsort(changes, 2 * watch->event_count, sizeof(*changes), by_time);
    return changes;
}

/* What one of them is high: so that the most of them that are shown have room. */
static double waiting_step(const struct lanes *lanes, const struct change *changes) {
    int waiting = 0, most = 1;
    for (size_t i = 0; i + 1 < 2 * lanes->watch->event_count; i++) {
        waiting += changes[i].by;
        if (waiting > most && axis_shows(lanes->axis, changes[i].at_ns, changes[i + 1].at_ns))
            most = waiting;
    }
    double step = lanes->waiting_height / most;
    return step < WAITING_STEP_MOST ? step : WAITING_STEP_MOST;
}

/* Steps on the server's lane: the more events this user could have, the higher. */
static void draw_waiting(struct buffer *out, const struct lanes *lanes) {
    struct change *changes = changes_of(lanes->watch);
    double step = waiting_step(lanes, changes);
    char *attributes = xasprintf("class='waiting' fill='%s' fill-opacity='0.4'", lanes->colour);
    int waiting = 0;
    for (size_t i = 0; i + 1 < 2 * lanes->watch->event_count; i++) {
        waiting += changes[i].by;
        double height = waiting * step;
        if (waiting > 0 && draw_span(out, lanes, changes[i].at_ns, changes[i + 1].at_ns,
                                     lanes->server_y - height, height, attributes))
            lanes->drawn->waits = true;
    }
    free(attributes);
    free(changes);
}

/* When the server next says something to the user. */
static int64_t next_answer_ns(const struct watch *watch, int64_t after_ns) {
    for (size_t i = 0; i < watch->message_count; i++) {
        const struct watched_message *message = &watch->messages[i];
        if (message->direction == LINK_DOWN && message->sent_ns >= after_ns &&
            message->what != NULL)
            return message->sent_ns;
    }
    return WATCH_NEVER;
}

static void draw_parked(struct buffer *out, const struct lanes *lanes) {
    char *attributes = xasprintf("class='parked' fill='white' stroke='%s'", lanes->colour);
    for (size_t i = 0; i < lanes->watch->moment_count; i++) {
        const struct watched_moment *moment = &lanes->watch->moments[i];
        if (moment->what == MOMENT_PARKED &&
            draw_span(out, lanes, moment->at_ns, next_answer_ns(lanes->watch, moment->at_ns),
                      lanes->server_y, PARKED_HEIGHT, attributes))
            lanes->drawn->parked = true;
    }
    free(attributes);
}

/* --- messages ----------------------------------------------------------------------------------- */

/* How long what is not lost is on its way at least. */
static int64_t way_ns(const struct watch *watch, enum link_direction direction) {
    int64_t least_ns = WATCH_NEVER;
    for (size_t i = 0; i < watch->message_count; i++) {
        const struct watched_message *message = &watch->messages[i];
        if (message->direction == direction && message->arrived_ns != WATCH_NEVER &&
            message->arrived_ns - message->sent_ns < least_ns)
            least_ns = message->arrived_ns - message->sent_ns;
    }
    return least_ns == WATCH_NEVER ? 0 : least_ns;
}

static int64_t end_ns(const struct watch *watch, const struct watched_message *message) {
    return message->arrived_ns != WATCH_NEVER
               ? message->arrived_ns
               : message->sent_ns + way_ns(watch, message->direction) / 2;
}

static bool is_shown(const struct watch *watch, const struct axis *axis,
                     const struct watched_message *message) {
    return axis_shows(axis, message->sent_ns, end_ns(watch, message));
}

int lanes_messages(const struct watch *watch, const struct axis *axis) {
    int count = 0;
    for (size_t i = 0; i < watch->message_count; i++)
        count += is_shown(watch, axis, &watch->messages[i]);
    return count;
}

uint64_t lanes_bytes(const struct watch *watch, const struct axis *axis) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < watch->message_count; i++)
        if (is_shown(watch, axis, &watch->messages[i])) bytes += watch->messages[i].bytes;
    return bytes;
}

/* As far as it is shown; `ends` says whether its end is. */
static struct arrow arrow_of(const struct lanes *lanes, const struct watched_message *message,
                             bool *ends) {
    bool down = message->direction == LINK_DOWN, lost = message->arrived_ns == WATCH_NEVER;
    double from_y = down ? lanes->server_y : lanes->user_y;
    double to_y = down ? lanes->user_y : lanes->server_y;
    int64_t sent_ns = message->sent_ns, arrived_ns = end_ns(lanes->watch, message);
    int64_t from_ns = axis_clip(lanes->axis, sent_ns), to_ns = axis_clip(lanes->axis, arrived_ns);
    if (lost) to_y = (from_y + to_y) / 2;
    double slope = arrived_ns == sent_ns ? 0 : (to_y - from_y) / (double)(arrived_ns - sent_ns);
    *ends = to_ns == arrived_ns;
    return (struct arrow){
        .x1 = axis_x(lanes->axis, from_ns),
        .y1 = from_y + slope * (double)(from_ns - sent_ns),
        .x2 = axis_x(lanes->axis, to_ns),
        .y2 = *ends ? to_y : from_y + slope * (double)(to_ns - sent_ns),
    };
}

static void draw_message(struct buffer *out, const struct lanes *lanes,
                         const struct watched_message *message) {
    bool ends;
    struct arrow arrow = arrow_of(lanes, message, &ends);
    bool again = message->what == NULL, lost = message->arrived_ns == WATCH_NEVER;
    char *attributes = xasprintf("stroke='%s' stroke-width='1.4'%s", lanes->colour,
                                 again || lost ? " stroke-dasharray='4 3'" : "");
    char *story = label_story(message, lanes->axis->zero_ns);
    buffer_printf(out, "<g class='message'><title>");
    html_text(out, story);
    buffer_printf(out, "</title>\n");
    picture_line(out, arrow.x1, arrow.y1, arrow.x2, arrow.y2, attributes);
    if (ends && lost)
        picture_cross(out, arrow.x2, arrow.y2);
    else if (ends)
        picture_arrow_head(out, arrow.x1, arrow.y1, arrow.x2, arrow.y2, lanes->colour);
    if (message->losses > 0 && !lost) /* a part of it, which is drawn where it goes out again */
        picture_cross(out, (arrow.x1 + arrow.x2) / 2, (arrow.y1 + arrow.y2) / 2);
    buffer_printf(out, "</g>\n");
    lanes->drawn->lost |= lost || message->losses > 0;
    lanes->drawn->again |= again;
    free(story);
    free(attributes);
}

static int draw_labels(struct buffer *out, const struct lanes *lanes,
                       const struct watched_message *const *messages, int count) {
    struct labels labels;
    int left_out = 0;
    bool ends;
    labels_init(&labels, lanes->server_y + PARKED_HEIGHT + 1, lanes->user_y - 1, lanes->axis->left,
                lanes->axis->left + lanes->axis->width + LABEL_OVERHANG);
    for (int i = 0; i < count; i++)
        labels.arrows[labels.arrow_count++] = arrow_of(lanes, messages[i], &ends);
    for (int i = 0; i < count; i++) {
        char *text = label_text(messages[i]);
        left_out += !label_place(out, &labels, &labels.arrows[i], text);
        free(text);
    }
    return left_out;
}

static int draw_messages(struct buffer *out, const struct lanes *lanes) {
    const struct watched_message *shown[LABELS_MOST];
    int count = 0;
    for (size_t i = 0; i < lanes->watch->message_count; i++) {
        const struct watched_message *message = &lanes->watch->messages[i];
        if (!is_shown(lanes->watch, lanes->axis, message)) continue;
        draw_message(out, lanes, message);
        if (count < LABELS_MOST) shown[count] = message;
        count++;
    }
    return count > LABELS_MOST ? count : draw_labels(out, lanes, shown, count);
}

/* --- events ------------------------------------------------------------------------------------- */

/* A mark when it is published, and its number where there is room for it. */
static void draw_published(struct buffer *out, const struct lanes *lanes, double number_y) {
    double free_from = lanes->axis->left - NUMBER_FONT;
    for (size_t i = 0; i < lanes->watch->event_count; i++) {
        int64_t at_ns = lanes->watch->events[i].published_ns;
        if (!axis_shows(lanes->axis, at_ns, at_ns)) continue;
        double x = axis_x(lanes->axis, at_ns);
        char *number = xasprintf("%zu", i + 1);
        double half = picture_text_width(number, NUMBER_FONT) / 2;
        picture_line(out, x, lanes->server_y - MARK_HALF, x, lanes->server_y + MARK_HALF,
                     "class='published' stroke='" PICTURE_TEXT "' stroke-width='1.6'");
        if (x - half >= free_from) {
            picture_text(out, x, number_y,
                         "text-anchor='middle' font-size='10' fill='" PICTURE_TEXT "'", number);
            free_from = x + half + 3;
        }
        free(number);
        lanes->drawn->published = true;
    }
}

/* What has come waits behind what was lost. */
static void draw_behind(struct buffer *out, const struct lanes *lanes) {
    for (size_t i = 0; i < lanes->watch->event_count; i++) {
        const struct watched_event *event = &lanes->watch->events[i];
        if (event->arrived_ns < event->received_ns &&
            draw_span(out, lanes, event->arrived_ns, event->received_ns, lanes->user_y,
                      BEHIND_HEIGHT, "class='behind' fill='" PICTURE_LOST "' fill-opacity='0.35'"))
            lanes->drawn->behind = true;
    }
}

static void draw_skipped(struct buffer *out, const struct lanes *lanes) {
    for (size_t i = 0; i < lanes->watch->moment_count; i++) {
        const struct watched_moment *moment = &lanes->watch->moments[i];
        if (moment->what != MOMENT_SKIPPED ||
            !axis_shows(lanes->axis, moment->at_ns, moment->at_ns))
            continue;
        buffer_printf(out, "<circle cx='%.1f' cy='%.1f' r='3' fill='white' stroke='%s'/>\n",
                      axis_x(lanes->axis, moment->at_ns), lanes->user_y, lanes->colour);
        lanes->drawn->skipped = true;
    }
}

/* --- the whole ---------------------------------------------------------------------------------- */

static void draw_lane(struct buffer *out, const struct axis *axis, double y, const char *name) {
    picture_line(out, axis->left, y, axis->left + axis->width, y, "stroke='#777777'");
    picture_text(out, axis->left - 6, y + 4, "text-anchor='end' fill='" PICTURE_TEXT "'", name);
}

#define NUMBERS_ABOVE 20.0 /* the server's lane: what waits is drawn between */

int lanes_draw(struct buffer *out, const struct lanes *lanes) {
    draw_waiting(out, lanes);
    draw_parked(out, lanes);
    draw_behind(out, lanes);
    draw_lane(out, lanes->axis, lanes->server_y, "server");
    draw_lane(out, lanes->axis, lanes->user_y, "user");
    draw_published(out, lanes, lanes->server_y - NUMBERS_ABOVE);
    int left_out = draw_messages(out, lanes);
    draw_skipped(out, lanes);
    return left_out;
}

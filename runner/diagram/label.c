/* What stands beside an arrow: see label.h. */
#include "diagram/label.h"

#include "base/clock.h"
#include "diagram/picture.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FONT 11.0
#define ROW_HEIGHT 13.0
#define BASELINE 10.0 /* of a row */
#define SAME 1.0      /* pixels */
#define GAP 4.0       /* between an arrow and its label */

/* --- what --------------------------------------------------------------------------------------- */

/* ": 13", ": 13–22", or nothing: which events it brings. */
static char *events_text(const struct watched_message *message) {
    if (message->first == 0) return xstrdup("");
    return message->first == message->last
               ? xasprintf(" %" PRIu64, message->first)
               : xasprintf(" %" PRIu64 "–%" PRIu64, message->first, message->last);
}

char *label_text(const struct watched_message *message) {
    if (message->bytes == 0) return xstrdup(message->what);
    if (message->what == NULL) return xasprintf("again, %" PRIu64 " B", message->bytes);
    bool is_event = strcmp(message->what, "event") == 0;
    char *events = events_text(message);
    char *text =
        xasprintf("%s%s%s%s %" PRIu64 " B", message->what, *events != '\0' && !is_event ? ":" : "",
                  events, *events != '\0' ? "," : "", message->bytes);
    free(events);
    return text;
}

char *label_story(const struct watched_message *message, int64_t zero_ns) {
    char *text = label_text(message), *story;
    double sent = (double)(message->sent_ns - zero_ns) / NS_PER_SECOND;
    const char *way = message->direction == LINK_DOWN ? "to the user" : "to the server";
    if (message->arrived_ns == WATCH_NEVER)
        story = xasprintf("%s, %s: sent %.6f s, and lost", text, way, sent);
    else
        story = xasprintf("%s, %s: sent %.6f s, there %.6f s", text, way, sent,
                          (double)(message->arrived_ns - zero_ns) / NS_PER_SECOND);
    free(text);
    return story;
}

/* --- where -------------------------------------------------------------------------------------- */

void labels_init(struct labels *labels, double top, double bottom, double left, double right) {
    *labels = (struct labels){.top = top, .left = left, .right = right};
    labels->rows = (int)((bottom - top) / ROW_HEIGHT);
}

static double row_top(const struct labels *labels, int row) {
    return labels->top + ROW_HEIGHT * row;
}

/* What an arrow takes of a row, from x to x; false: it does not come there. */
static bool crosses(const struct arrow *arrow, double top, double *left, double *right) {
    double high = fmin(arrow->y1, arrow->y2), low = fmax(arrow->y1, arrow->y2);
    double from = fmax(high, top), to = fmin(low, top + ROW_HEIGHT);
    if (from > to || low == high) return false;
    double slope = (arrow->x2 - arrow->x1) / (arrow->y2 - arrow->y1);
    double a = arrow->x1 + slope * (from - arrow->y1), b = arrow->x1 + slope * (to - arrow->y1);
    *left = fmin(a, b);
    *right = fmax(a, b);
    return true;
}

static bool covers_label(const struct labels *labels, const struct label *label) {
    for (int i = 0; i < labels->placed_count; i++) {
        const struct label *other = &labels->placed[i];
        if (other->row == label->row && label->left < other->right && other->left < label->right)
            return true;
    }
    return false;
}

/* Whether another arrow goes through this part of a row. Those that lie on each other are near enough. */
static bool covers_arrow(const struct labels *labels, const struct arrow *own, int row, double from,
                         double to) {
    double left, right;
    for (int i = 0; i < labels->arrow_count; i++)
        if (&labels->arrows[i] != own &&
            crosses(&labels->arrows[i], row_top(labels, row), &left, &right) && left < to - SAME &&
            right > from + SAME)
            return true;
    return false;
}

/* Beside its arrow, in this row and on this side. Returns whether it can stand there: over others only to the right,
 * where it begins beside its own. */
static bool try(const struct labels *labels, const struct arrow *arrow, bool over_arrows,
                double width, struct label *label, bool to_the_left) {
    double left, right;
    if (!crosses(arrow, row_top(labels, label->row), &left, &right)) return false;
    if (over_arrows && to_the_left && right + GAP + width <= labels->right) return false;
    label->left = to_the_left ? left - GAP - width : right + GAP;
    label->right = label->left + width;
    if (label->left < labels->left || label->right > labels->right) return false;
    if (covers_label(labels, label)) return false;
    return over_arrows || !covers_arrow(labels, arrow, label->row, fmin(label->left, right),
                                        fmax(label->right, left));
}

static void write_label(struct buffer *out, struct labels *labels, const struct label *label,
                        bool to_the_left, const char *text) {
    char *attributes = xasprintf("class='label' text-anchor='%s' fill='" PICTURE_TEXT
                                 "' stroke='white' stroke-width='3' "
                                 "stroke-linejoin='round' paint-order='stroke'",
                                 to_the_left ? "end" : "start");
    picture_text(out, to_the_left ? label->right : label->left,
                 row_top(labels, label->row) + BASELINE, attributes, text);
    free(attributes);
    labels->placed[labels->placed_count++] = *label;
}

bool label_place(struct buffer *out, struct labels *labels, const struct arrow *arrow,
                 const char *text) {
    double width = picture_text_width(text, FONT);
    bool down = arrow->y2 > arrow->y1;
    for (int over_arrows = 0; over_arrows < 2; over_arrows++)
        for (int i = 0; i < 2 * labels->rows; i++) {
            bool to_the_left = i % 2 == 1;
            struct label label = {.row = down ? i / 2 : labels->rows - 1 - i / 2};
            if (!try(labels, arrow, over_arrows, width, &label, to_the_left)) continue;
            write_label(out, labels, &label, to_the_left, text);
            return true;
        }
    return false;
}

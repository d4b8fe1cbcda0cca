/* What stands beside an arrow, and where. */
#ifndef PUSHPULL_LABEL_H
#define PUSHPULL_LABEL_H

#include "base/memory.h"
#include "trial/watch.h"

#include <stdbool.h>

/* "200: 13–22, 1542 B", "GET 148 B", "event 13, 245 B", "again, 245 B". The caller frees it. */
char *label_text(const struct watched_message *);
/* The same in whole, for whoever points at the arrow: with its times in seconds since `zero_ns`. */
char *label_story(const struct watched_message *, int64_t zero_ns);

/* Messages of a panel that has labels: more of them overlap, or stand nowhere near. */
#define LABELS_MOST 25

/* An arrow that may have one. */
struct arrow {
    double x1, y1, x2, y2;
};

/* Rows between two lanes, the arrows that cross them, and the labels that stand there already. */
struct labels {
    double top, left, right;
    int rows;
    struct arrow arrows[LABELS_MOST];
    struct label {
        int row;
        double left, right;
    } placed[LABELS_MOST];
    int arrow_count, placed_count;
};
void labels_init(struct labels *, double top, double bottom, double left, double right);

/* Puts a text beside one of the arrows, as near as can be to where that begins: in a row and on a side where it covers
 * nothing; or at least no other text. Returns false when there is no place. */
bool label_place(struct buffer *, struct labels *, const struct arrow *, const char *text);

#endif

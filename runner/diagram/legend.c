/* What the marks mean: see legend.h. */
#include "diagram/legend.h"

#include "diagram/picture.h"

#include <stddef.h>

#define GREY "#555555"
#define LINE 17.0
#define GLYPH_WIDTH 26.0 /* of the samples, and the gap behind them */

/* Samples, each in a box of 20 x 10 pixels around its middle. */

static void published(struct buffer *out, double x, double y) {
    picture_line(out, x, y - 4, x, y + 4, "stroke='" PICTURE_TEXT "' stroke-width='1.6'");
}

static void waits(struct buffer *out, double x, double y) {
    picture_box(out, x - 10, y, 10, 4, "fill='" GREY "' fill-opacity='0.4'");
    picture_box(out, x, y - 4, 10, 8, "fill='" GREY "' fill-opacity='0.4'");
}

static void parked(struct buffer *out, double x, double y) {
    picture_box(out, x - 10, y - 3, 20, 6, "fill='white' stroke='" GREY "'");
}

static void lost(struct buffer *out, double x, double y) { picture_cross(out, x, y); }

static void again(struct buffer *out, double x, double y) {
    picture_line(out, x - 10, y, x + 10, y,
                 "stroke='" GREY "' stroke-width='1.4' stroke-dasharray='4 3'");
    picture_arrow_head(out, x - 10, y, x + 10, y, GREY);
}

static void behind(struct buffer *out, double x, double y) {
    picture_box(out, x - 10, y - 2.5, 20, 5, "fill='" PICTURE_LOST "' fill-opacity='0.35'");
}

static void skipped(struct buffer *out, double x, double y) {
    buffer_printf(out, "<circle cx='%.1f' cy='%.1f' r='3' fill='white' stroke='" GREY "'/>\n", x,
                  y);
}

static void age(struct buffer *out, double x, double y) {
    buffer_printf(out,
                  "<polyline points='%.1f,%.1f %.1f,%.1f %.1f,%.1f %.1f,%.1f' fill='none' "
                  "stroke='" GREY "' stroke-width='1.6'/>\n",
                  x - 10, y + 3, x, y - 4, x, y + 3, x + 10, y - 4);
}

double legend_draw(struct buffer *out, const struct lanes_drawn *drawn, double left, double top,
                   double right) {
    const struct {
        bool drawn;
        void (*sample)(struct buffer *, double x, double y);
        const char *text;
    } entries[] = {
        {drawn->published, published, "an event is published, with its number"},
        {drawn->waits, waits, "events wait at the server: the higher, the more"},
        {drawn->parked, parked, "a request waits at the server for an event"},
        {drawn->lost, lost, "a segment is lost"},
        {drawn->again, again, "what was lost goes out again"},
        {drawn->behind, behind, "an event is there, and waits for one before it"},
        {drawn->skipped, skipped, "a poll is left out: another one waits already"},
        {true, age, "age of what the user knows; grey: knowing at once"},
    };
    double column = (right - left) / 2;
    int shown = 0;
    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
        if (!entries[i].drawn) continue;
        double x = left + column * (shown % 2), y = top + LINE * (shown / 2);
        entries[i].sample(out, x + 10, y - 4);
        picture_text(out, x + GLYPH_WIDTH, y, "fill='" PICTURE_TEXT "'", entries[i].text);
        shown++;
    }
    return top + LINE * ((shown + 1) / 2);
}

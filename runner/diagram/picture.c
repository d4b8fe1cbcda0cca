/* The pieces of an SVG picture: see picture.h. */
#include "diagram/picture.h"

#include "page/html.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define GLYPH_SHARE 0.57 /* of the font's size that a letter is wide: of DejaVu Sans, a wide one */
#define HEAD_LENGTH 7.0
#define HEAD_HALF 2.6
#define CROSS_HALF 4.0
#define LINE_SHARE 1.4 /* of the font's size from line to line */

void picture_open(struct buffer *out, double width, double height, const char *title) {
    buffer_printf(out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
                  "viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\" font-size=\"11\">\n<title>",
                  width, height, width, height);
    html_text(out, title);
    buffer_printf(out, "</title>\n");
    picture_box(out, 0, 0, width, height, "fill='white'");
}

void picture_close(struct buffer *out) { buffer_printf(out, "</svg>\n"); }

void picture_text(struct buffer *out, double x, double y, const char *attributes,
                  const char *text) {
    buffer_printf(out, "<text x='%.1f' y='%.1f' %s>", x, y, attributes);
    html_text(out, text);
    buffer_printf(out, "</text>\n");
}

void picture_line(struct buffer *out, double x1, double y1, double x2, double y2,
                  const char *attributes) {
    buffer_printf(out, "<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' %s/>\n", x1, y1, x2, y2,
                  attributes);
}

void picture_box(struct buffer *out, double x, double y, double width, double height,
                 const char *attributes) {
    buffer_printf(out, "<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' %s/>\n", x, y, width,
                  height, attributes);
}

void picture_arrow_head(struct buffer *out, double x1, double y1, double x2, double y2,
                        const char *colour) {
    double length = hypot(x2 - x1, y2 - y1);
    double along_x = (x2 - x1) / length, along_y = (y2 - y1) / length;
    double back_x = x2 - HEAD_LENGTH * along_x, back_y = y2 - HEAD_LENGTH * along_y;
    buffer_printf(out, "<polygon points='%.1f,%.1f %.1f,%.1f %.1f,%.1f' fill='%s'/>\n", x2, y2,
                  back_x - HEAD_HALF * along_y, back_y + HEAD_HALF * along_x,
                  back_x + HEAD_HALF * along_y, back_y - HEAD_HALF * along_x, colour);
}

void picture_cross(struct buffer *out, double x, double y) {
    static const char attributes[] = "stroke='" PICTURE_LOST "' stroke-width='2'";
    picture_line(out, x - CROSS_HALF, y - CROSS_HALF, x + CROSS_HALF, y + CROSS_HALF, attributes);
    picture_line(out, x - CROSS_HALF, y + CROSS_HALF, x + CROSS_HALF, y - CROSS_HALF, attributes);
}

double picture_text_width(const char *text, double font_size) {
    int glyphs = 0;
    for (; *text != '\0'; text++) glyphs += (*text & 0xc0) != 0x80; /* UTF-8 */
    return glyphs * font_size * GLYPH_SHARE;
}

/* How many bytes of the text fit into one line: whole words, at least one. */
static size_t line_length(const char *text, double width, double font_size) {
    size_t fits = 0;
    for (size_t end = 0;; end++) {
        if (text[end] != ' ' && text[end] != '\0') continue;
        char *line = xmemdup(text, end);
        bool too_wide = picture_text_width(line, font_size) > width;
        free(line);
        if (too_wide && fits > 0) return fits;
        fits = end;
        if (text[end] == '\0') return fits;
    }
}

double picture_paragraph(struct buffer *out, double x, double y, double width, double font_size,
                         const char *attributes, const char *text) {
    while (*text != '\0') {
        size_t length = line_length(text, width, font_size);
        char *line = xmemdup(text, length),
             *all = xasprintf("font-size='%g' %s", font_size, attributes);
        picture_text(out, x, y, all, line);
        free(line);
        free(all);
        y += LINE_SHARE * font_size;
        text += length + (text[length] == ' ');
    }
    return y;
}

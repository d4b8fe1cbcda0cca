/* The pieces of an SVG picture: text, lines, boxes, arrows. Everything is an attribute of its element, so that a
 * picture can stand in a page without changing it. Coordinates are pixels, from the left and from the top. */
#ifndef PUSHPULL_PICTURE_H
#define PUSHPULL_PICTURE_H

#include "base/memory.h"

#define PICTURE_TEXT "#222222"  /* what is to be read */
#define PICTURE_FAINT "#5f5f5f" /* what is beside it: dark enough on white (WCAG AA) */
#define PICTURE_RULE "#dddddd"
#define PICTURE_LOST "#c00000"

void picture_open(struct buffer *, double width, double height, const char *title);
void picture_close(struct buffer *);

/* `attributes` are SVG's own, as many as one likes: "fill='#222222' font-size='11'". */
void picture_text(struct buffer *, double x, double y, const char *attributes, const char *text);
void picture_line(struct buffer *, double x1, double y1, double x2, double y2,
                  const char *attributes);
void picture_box(struct buffer *, double x, double y, double width, double height,
                 const char *attributes);
/* The head of an arrow that ends at x2, y2. */
void picture_arrow_head(struct buffer *, double x1, double y1, double x2, double y2,
                        const char *colour);
/* "It did not come." */
void picture_cross(struct buffer *, double x, double y);

/* About how wide a text is; nobody knows which font there will be, so rather too wide. */
double picture_text_width(const char *text, double font_size);
/* A paragraph: lines that fit. Returns where the next line would be. */
double picture_paragraph(struct buffer *, double x, double y, double width, double font_size,
                         const char *attributes, const char *text);

#endif

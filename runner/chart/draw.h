/* Drawing charts with gnuplot. */
#ifndef PUSHPULL_CHART_DRAW_H
#define PUSHPULL_CHART_DRAW_H

#include "base/memory.h"
#include "chart/data.h"

/* Writes DIRECTORY/styles.gp from the strategy table: titles, colours and markers. */
int chart_write_styles(const char *directory);

/* The formats of pictures, as bits. "svg,png" in words; "off" is 0. -1 for what is neither. */
enum { CHART_SVG = 1, CHART_PNG = 2, CHART_PDF = 4 };
int chart_formats_parse(const char *text);

/* Draws a chart into DIRECTORY/NAME.svg, and into NAME.png and NAME.pdf when the context asks for them.
 * Returns the SVG, which the caller frees; or NULL when it has no data or could not be drawn. *failed is -1
 * when a picture could not be drawn, after a line on stderr, else 0. */
char *chart_draw(const struct chart *, const struct chart_context *, int *failed);

/* Adds NAME='value'; to the variables of a chart, quoted as gnuplot wants it: an apostrophe is written twice. */
void chart_assign(struct buffer *variables, const char *name, const char *value);

/* The version of the gnuplot that is installed ("5.4 patchlevel 4"), or NULL. */
char *chart_gnuplot_version(void);

#endif

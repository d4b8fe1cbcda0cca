/* Drawing charts with gnuplot. */
#ifndef PUSHPULL_CHART_DRAW_H
#define PUSHPULL_CHART_DRAW_H

#include "chart/data.h"

/* Writes DIRECTORY/styles.gp from the strategy table: titles, colours and markers. */
int chart_write_styles(const char *directory);

/* Draws a chart into DIRECTORY/NAME.svg. Returns the picture, which the caller frees; or NULL with
 * *failed 0 (it has no data) or -1 (after a line on stderr). */
char *chart_draw(const struct chart *, const struct chart_context *, int *failed);

/* The version of the gnuplot that is installed ("5.4 patchlevel 4"), or NULL. */
char *chart_gnuplot_version(void);

#endif

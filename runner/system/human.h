/* Figures for people: three digits that count and a unit one can picture. */
#ifndef PUSHPULL_HUMAN_H
#define PUSHPULL_HUMAN_H

#include <stddef.h>
#include <stdio.h>

#define HUMAN_SIZE 48 /* room for every text made here */

/* All write into `out`, which they return. NAN is "–". */

/* "304 µs", "1.24 ms", "12.3 s" */
const char *human_time(char out[HUMAN_SIZE], double microseconds);
/* "412 B", "5.02 kB", "1.31 MB": powers of 1000 */
const char *human_bytes(char out[HUMAN_SIZE], double bytes);
/* "0", "0.25", "12.3", "1200", "1.25 M" */
const char *human_number(char out[HUMAN_SIZE], double value);
/* By the unit a metric is stored with. */
const char *human_metric(char out[HUMAN_SIZE], double value, const char *unit);

/* The unit that axes are drawn in for a metric's unit: a figure times `factor` is in `symbol`s. */
struct human_base {
    double factor;
    const char *symbol; /* "s", "B", "" */
};
struct human_base human_base(const char *unit);

/* How many columns UTF-8 text takes in a terminal (of the letters used here: one each). */
int human_width(const char *text);

/* How many columns what is printed there should fit: $COLUMNS, else those of the terminal, else 80; at least 20. */
int human_columns(FILE *);

/* Prints the words in lines that fit, of at most 80 columns, each after `indent` blanks. A longer word has a
 * line of its own. */
void human_wrap(FILE *, int indent, const char *text);
/* The same, with the label in front of the first line: "revision     0d99644". */
void human_wrap_labelled(FILE *, const char *label, int indent, const char *text);

/* "1 event", "2 events" */
static inline const char *plural(double count) { return count == 1 ? "" : "s"; }

#endif

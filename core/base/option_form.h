/* Forms of texts: what OPTION_TEXT must look like where not every text will do. A form has a name, so
 * that a program can tell it to the runner (--options), which checks with the same code. */
#ifndef PUSHPULL_OPTION_FORM_H
#define PUSHPULL_OPTION_FORM_H

#include <stdbool.h>

struct option_form {
    const char *name;
    const char *wanted; /* "AT_MS:FOR_MS, e.g. 1000:500, ..." */
    bool (*fits)(const char *text);
};

/* The form of this name, or NULL. */
const struct option_form *option_form_find(const char *name);

/* Reads exactly `count` decimal numbers divided by colons. */
bool option_form_numbers(const char *text, double *numbers, int count);
/* Reads the forms "stall" (a cut has it as well), AT_MS:FOR_MS, and "delay", LEAST_MS:MOST_MS:PERIOD_MS. No text is no fault:
 * all numbers are 0. Returns false when the text is something else. */
bool option_form_stall(const char *text, double numbers[2]);
bool option_form_delay(const char *text, double numbers[3]);
/* Reads the form "burst", P:R:H:K, four numbers from 0 to 1. No text is no bursts: all are 0. */
bool option_form_burst(const char *text, double numbers[4]);

#endif

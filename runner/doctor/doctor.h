/* `pushpull doctor`: has this machine what a run takes, and what is to be changed where not? */
#ifndef PUSHPULL_DOCTOR_H
#define PUSHPULL_DOCTOR_H

#include "doctor/checks.h"

#include <stdio.h>

/* Prints one line per check: `ok`, `note` or `bad`, what was looked at, its figure, and advice. Returns the exit
 * status: 1 when something is bad, else 0. Takes about a second. */
int doctor_examine(const struct patient *, FILE *);

#endif

/* The final table on a terminal. */
#ifndef PUSHPULL_TABLE_PRINT_H
#define PUSHPULL_TABLE_PRINT_H

#include "report/table.h"

#include <stdio.h>

/* What is said of figures that are all simulated. */
#define TABLE_SIMULATED "Simulated, in virtual time: nothing of this was measured."
/* Where what models take for a piece of work comes from: a calibration, or, when there was none, how to make one.
 * The caller frees it. */
char *table_machine(sqlite3 *, int64_t experiment_id);
/* The same, printed in lines that fit the terminal. */
void table_print_machine(FILE *, sqlite3 *, int64_t experiment_id);

/* Prints the columns and rows, in parts that fit the terminal; groups and rules as its rows say. */
void table_lay_out(FILE *, const struct table *);

/* What the columns mean. */
void table_legend(FILE *, const struct table *);

/* Prints the table of an experiment and its legend. What is wider than the terminal goes on below, with the
 * strategy and what varies in front again. Returns 0, or -1 after a line on stderr. */
int table_print(sqlite3 *, int64_t experiment_id, FILE *);

#endif

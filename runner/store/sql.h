/* SQLite in a few verbs, for everybody who writes into the database or reads from it.
 *
 * Writing is quiet: whoever does it knows what it was for, and says so. Reading says what failed in one
 * line on stderr, wherever it happens, and the rows that came until then are no answer. */
#ifndef PUSHPULL_SQL_H
#define PUSHPULL_SQL_H

#include "figures/metric_kinds.h"

#include <sqlite3.h>
#include <stdint.h>

/* SQL for "subscribers=10 interval_ms=500": what varies within the strategy of a row of `trial` or
 * `outcome` whose alias is given; NULL when nothing does. */
#define SQL_SETTING(row)                                                                           \
    "(SELECT group_concat(p.name || '=' || p.value, ' ') FROM parameter p"                         \
    " JOIN varying v USING (experiment_id, strategy, name)"                                        \
    " WHERE p.experiment_id = " row ".experiment_id AND p.strategy = " row ".strategy"             \
    " AND p.parameters = " row ".parameters)"

/* SQL for what a row of `doubt` takes, in words. */
#define SQL_TAKES                                                                                  \
    "iif(metric_group = '" METRIC_TAILS "', '99th percentiles and maxima', metric_group)"

/* --- both ------------------------------------------------------------------------------------- */

/* Prepares `text` and binds its values in order, by `types`: i an int64_t; d a double (NAN: NULL);
 * t a text or NULL; b bytes and their size_t. Texts and bytes must last until the statement is finalized.
 * Returns NULL when that cannot be. */
sqlite3_stmt *sql_bind(sqlite3 *, const char *text, const char *types, ...);

/* --- writing ---------------------------------------------------------------------------------- */

/* Runs a statement that has no rows, and finalizes it. Returns 0, or -1, also for NULL. */
int sql_run(sqlite3_stmt *);
/* Runs statements without values. Returns 0 or -1. */
int sql_execute(sqlite3 *, const char *text);
/* The answer of a query with one whole number, or -1. */
int sql_ask(sqlite3 *, const char *text);

/* --- reading ---------------------------------------------------------------------------------- */

/* Prepares `text` and binds :experiment, the first value in it, if it stands there. The caller
 * finalizes. Returns NULL after a line on stderr. */
sqlite3_stmt *sql_prepare(sqlite3 *, const char *text, int64_t experiment_id);
/* The same with values of any kind: see sql_bind. */
sqlite3_stmt *sql_query(sqlite3 *, const char *text, const char *types, ...);

/* Steps: 1 a row, 0 the end, -1 after a line on stderr (and for a NULL statement). */
int sql_next(sqlite3_stmt *);

/* How many queries of this process have failed: those who print many rows ask once, at their end. */
int sql_failures(void);

/* A column as a new string, NULL where it is NULL. */
char *sql_copy(sqlite3_stmt *, int column);

/* A column as text, "" where it is NULL; valid until the next step. */
const char *sql_column(sqlite3_stmt *, int column);

/* A column as a number, NAN where it is NULL. */
double sql_number(sqlite3_stmt *, int column);

/* The first column of the first row as a new string, or NULL when there is none. */
char *sql_one_text(sqlite3 *, const char *text, int64_t experiment_id);

/* The same as a whole number, or `otherwise`. */
int64_t sql_one_integer(sqlite3 *, const char *text, int64_t experiment_id, int64_t otherwise);

/* The experiment itself, or the newest when it is 0; 0 after a line on stderr when there is none. */
int64_t sql_experiment(sqlite3 *, int64_t experiment_id);

/* Gives this connection what the queries of table, charts and report use beside the views; harmless
 * when it is there. Returns 0 or -1.
 *   temp.strategy(key, title, rank, floor)  the strategy table, ranked from 1 in its order
 *   human(value, unit)                      a figure with its unit, see human.h */
int sql_extend(sqlite3 *);

/* Puts tables in front of the views, under their names, with the rows of one experiment: for those
 * who ask many questions of it. Takes them away again. */
int sql_snapshot(sqlite3 *, int64_t experiment_id);
void sql_snapshot_end(sqlite3 *);

#endif

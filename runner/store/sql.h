/* Reading from the database: the few lines that table, browse, charts and report share. */
#ifndef PUSHPULL_SQL_H
#define PUSHPULL_SQL_H

#include <sqlite3.h>
#include <stdint.h>

/* SQL for "subscribers=10 interval_ms=500": what varies within the strategy of a row of `trial` or
 * `outcome` whose alias is given; NULL when nothing does. */
#define SQL_SETTING(row)                                                                           \
    "(SELECT group_concat(p.name || '=' || p.value, ' ') FROM parameter p"                         \
    " JOIN varying v USING (experiment_id, strategy, name)"                                        \
    " WHERE p.experiment_id = " row ".experiment_id AND p.strategy = " row ".strategy"             \
    " AND p.parameters = " row ".parameters)"

/* Prepares `text` and binds :experiment where it stands in it. The caller finalizes. Returns NULL
 * after a line on stderr. */
sqlite3_stmt *sql_prepare(sqlite3 *, const char *text, int64_t experiment_id);

/* Steps: 1 a row, 0 the end, -1 after a line on stderr (and for a NULL statement). */
int sql_next(sqlite3_stmt *);

/* How many queries of this process have failed: those who print many rows ask once, at their end. */
int sql_failures(void);

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

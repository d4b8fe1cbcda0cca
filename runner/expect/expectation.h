/* A line of a scenario's [expect]: what it predicts.
 *
 *     half the interval = polling.delivery_latency_mean_us = 500 * interval_ms  within 5 %
 *     sse is cheap      = sse.wire_bytes_per_delivery < 1.25 * tcp.wire_bytes_per_delivery  where payload_bytes < 1000
 *     nothing is lost   = lost = 0
 *
 * A name, two expressions of SQLite's language and a comparison between them: < <= > >= = !=. In an expression
 * a name is a key that the scenario sets, or else a metric, of the cell at hand; with a strategy's prefix it
 * is that of the strategy's cell. `within P %` (of the right side, with =) says how near is equal, `where` for
 * which cells the line is meant. */
#ifndef PUSHPULL_EXPECTATION_H
#define PUSHPULL_EXPECTATION_H

#include "scenario/strategies.h"

#include <jansson.h>
#include <sqlite3.h>
#include <stdbool.h>

enum comparison { LESS_THAN, AT_MOST, MORE_THAN, AT_LEAST, EQUAL, NOT_EQUAL, COMPARISON_COUNT };

/* A figure or a key that the line names: the statement's parameter of its number, from 1. */
struct reference {
    char *name;
    const struct strategy *strategy; /* its prefix, or NULL */
    const char *unit;                /* of a metric; NULL: it is a key */
};

/* Zeroed is empty. */
struct expectation {
    char *name, *text; /* the two sides of the line's first = */
    char *sides[2];    /* what stands left and right of the comparison */
    enum comparison comparison;
    const char *sign; /* of it, as it was written; static text */
    double within;    /* a share of the right side: 0.05 */
    struct reference *references;
    int reference_count;
    sqlite3_stmt *statement; /* of three columns: left, right, where */
};

/* What cells have been given keys: a JSON object each, KEY -> value, in `parameters`. */
struct expect_keys {
    const json_t *const *parameters;
    int count;
};

/* Reads a line. `db` is any database: nothing in it can be read by the expressions. Returns 0, or -1 with a
 * sentence in *mistake, which the caller frees. Free the expectation in either case. */
int expectation_read(struct expectation *, sqlite3 *db, const char *name, const char *text,
                     const struct expect_keys *, char **mistake);
void expectation_free(struct expectation *);

/* Whether the line names no strategy: it is then meant for the cells of each. */
bool expectation_for_each(const struct expectation *);

/* -1 the left side is less, 0 they are equal (as far as the line says), 1 it is more. */
int expectation_compare(const struct expectation *, double left, double right);
/* Whether that is what the line says. */
bool expectation_agrees(const struct expectation *, int compared);

#endif

/* A scenario: what to vary, what to hold, how often to repeat. An INI file that people write:
 *
 *     [scenario]  title, repeats, order, seed, warmup_seconds, measure_seconds, drain_seconds
 *     [hold]      a key and its one value
 *     [vary]      a key and its values, separated by commas; `strategy` is one of the keys
 *     [expect]    a name and what is predicted (runner/expect reads it)
 *     [gate]      a metric and how much worse it may be than another build's (runner/compare reads it)
 *
 * A key is `subscribers`, `server_processes`, `client_processes`, `path` (paths.h), an option of the link
 * between servers and clients (link.rtt_ms), or an option that the programs of every strategy in the scenario
 * know. With a strategy's prefix (polling.interval_ms) it is for that strategy alone, and in [vary] it
 * multiplies only that strategy's cells. */
#ifndef PUSHPULL_SCENARIO_H
#define PUSHPULL_SCENARIO_H

#include "scenario/catalog.h"
#include "scenario/paths.h"
#include "scenario/settings.h"
#include "scenario/strategies.h"

#include <stdbool.h>
#include <stdint.h>

#define LINK_PREFIX "link."
#define KEY_PATH "path"

/* One line of [hold] or [vary]. */
struct parameter {
    char *key;                   /* without a strategy's prefix: interval_ms, link.rtt_ms */
    const struct strategy *only; /* the prefix; NULL: for all strategies */
    char **values;               /* as written; [hold] has one */
    int count;
    enum option_kind kind; /* known after the check */
    char *where;           /* "scenarios/quick.ini:12", or "--set": for error messages */
};

struct scenario {
    char *path, *name; /* name is the file's stem */
    char *text;        /* the file, as stored: without indentation */
    char *overrides;   /* of the command line: {"set":{"subscribers":"7"},"only":"sse,tcp"} */
    char *only;        /* "sse,tcp": the strategies to keep; NULL: all */
    struct settings settings;
    struct parameter *parameters;
    int parameter_count;
    const struct strategy **strategies; /* in the order of the table's use, after `only` */
    int strategy_count;
    struct paths paths; /* read where a path is named */
};

/* What the command line says about a scenario. */
struct scenario_overrides {
    const char *const *sets; /* "key=value[,value...]" */
    int set_count;
    const char *only; /* "sse,websocket", or NULL */
};

void scenario_free(struct scenario *);

/* What stands behind the strategy's prefix of a key, where it has one; *prefix_length says how long that is
 * without its dot, 0: there is none. link. is no such prefix. */
const char *scenario_bare_key(const char *key, size_t *prefix_length);
/* The name of a link's option in a key ("rtt_ms" of "link.rtt_ms"), or NULL. */
const char *scenario_link_key(const char *key);

/* Takes its values away, and where they stood. */
void parameter_clear(struct parameter *);
/* The parameter of this key for one strategy (NULL: for all), or NULL. */
struct parameter *scenario_parameter(const struct scenario *, const char *key,
                                     const struct strategy *only);

#endif

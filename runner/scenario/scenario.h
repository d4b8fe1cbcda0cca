/* A scenario: what to vary, what to hold, how often to repeat. An INI file that people write:
 *
 *     [scenario]  title, repeats, order, seed, warmup_seconds, measure_seconds, drain_seconds
 *     [hold]      a key and its one value
 *     [vary]      a key and its values, separated by commas; `strategy` is one of the keys
 *
 * A key is `subscribers`, `server_processes`, `client_processes`, or an option that the programs of
 * every strategy in the scenario know. With a strategy's prefix (polling.interval_ms) it is for
 * that strategy alone, and in [vary] it multiplies only that strategy's cells. */
#ifndef PUSHPULL_SCENARIO_H
#define PUSHPULL_SCENARIO_H

#include "scenario/catalog.h"
#include "scenario/strategies.h"

#include <stdbool.h>
#include <stdint.h>

#define EXIT_USAGE 2

/* One line of [hold] or [vary]. */
struct parameter {
    char *key;                   /* without prefix */
    const struct strategy *only; /* the prefix; NULL: for all strategies */
    char **values;               /* as written; [hold] has one */
    int count;
    enum option_kind kind; /* known after the check */
    char *where;           /* "scenarios/quick.ini:12", or "--set": for error messages */
};

enum scenario_order { ORDER_INTERLEAVED, ORDER_SHUFFLED, ORDER_FIXED };

/* The [scenario] section. */
struct settings {
    char *title;
    int64_t repeats;
    enum scenario_order order;
    int64_t seed;
    double warmup_seconds, measure_seconds, drain_seconds;
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
};

/* What the command line says about a scenario. */
struct scenario_overrides {
    const char *const *sets; /* "key=value[,value...]" */
    int set_count;
    const char *only; /* "sse,websocket", or NULL */
};

/* Finds the file of a scenario: a path, or a name in scenarios/ (below the working directory,
 * beside the source tree of `program_directory`, or installed with it). Returns NULL after a line
 * on stderr that suggests the nearest name; the caller frees the path. */
char *scenario_find(const char *name, const char *program_directory);

/* Reads a scenario and applies the overrides, then checks every key and value against the
 * programs' own tables. Returns 0; or, after one sentence on stderr, EXIT_USAGE for a mistake in
 * the scenario or 1 when something could not be read or run. Free it in either case. */
int scenario_load(struct scenario *, const char *path, const struct scenario_overrides *,
                  struct catalog *);
void scenario_free(struct scenario *);

/* --- parts of it, for scenario*.c --- */

/* Reads file text and overrides into `scenario`, without knowing the programs. `path` is for
 * messages. Returns 0 or EXIT_USAGE. */
int scenario_read(struct scenario *, const char *path, const char *text,
                  const struct scenario_overrides *);
/* Checks keys and values, and keeps the strategies of `only`. Returns 0, 1 or EXIT_USAGE. */
int scenario_check(struct scenario *, struct catalog *);
/* One of [scenario]'s keys: checks and stores. Returns 0, -1 when there is no such key, or
 * EXIT_USAGE after a line on stderr. */
int settings_set(struct settings *, const char *key, const char *value, const char *where);
void settings_defaults(struct settings *);
/* The runner's own parameters: subscribers, server_processes, client_processes, or NULL. */
const struct option *runner_option(const char *key);
/* The keys of [scenario], for suggestions. */
extern const char *const settings_names[];
extern const int settings_name_count;
/* The strategy called `word`, or NULL after a line on stderr with the nearest name. */
const struct strategy *scenario_strategy(const char *word, const char *where);
/* The parameter of this key for one strategy (NULL: for all), or NULL. */
struct parameter *scenario_parameter(const struct scenario *, const char *key,
                                     const struct strategy *only);

#endif

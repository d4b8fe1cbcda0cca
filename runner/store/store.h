/* The store: the SQLite database that experiments leave behind (schema.sql has its shape).
 *
 * A trial is planned, running, then done or failed. Its outcome is written in one transaction, so
 * a crash at any moment leaves trials that are either complete or to be run again. */
#ifndef PUSHPULL_STORE_H
#define PUSHPULL_STORE_H

#include "figures/result.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* A row of `experiment` that is to be inserted. */
struct store_experiment {
    const char *scenario, *scenario_text, *overrides;
    const char *mode; /* "live", "simulated", "both" */
    int64_t seed;
    const char *git_revision, *environment;
    const char *label; /* "": none */
};

/* A row of `trial`. */
struct store_trial {
    int64_t id; /* set by the store */
    const char *strategy, *parameters, *variant;
    int batch, repeat, position;
    int64_t seed;
};

/* The time of day as it is stored: "2026-01-31T12:00:00Z". Returns `out`. */
#define STORE_TIME_SIZE 32
const char *store_now(char out[STORE_TIME_SIZE]);

/* All of these return 0, or -1 after a line on stderr. */

/* Inserts the experiment and all its trials as planned, in one transaction. Sets *id and each
 * trial's id. */
int store_plan(sqlite3 *, const struct store_experiment *, struct store_trial *, int count,
               int64_t *id);
/* Inserts more trials of an experiment as planned, in one transaction, and sets each one's id. */
int store_extend(sqlite3 *, int64_t experiment_id, struct store_trial *, int count);
int store_trial_started(sqlite3 *, int64_t trial_id);
/* It was interrupted: as if it had never started. */
int store_trial_interrupted(sqlite3 *, int64_t trial_id);
/* Status, verdict, reason, doubts, metrics, histograms, series and reports, in one transaction. */
int store_trial_finished(sqlite3 *, int64_t trial_id, const struct result *);
int store_experiment_finished(sqlite3 *, int64_t experiment_id);
/* Metrics and histograms alone, inside a transaction of the caller's, who says what failed. */
int store_figures(sqlite3 *, int64_t trial_id, const struct result *);

/* The newest experiment of this scenario and these overrides that was not finished; *id is 0 when
 * there is none. All of its trials may have run. */
int store_find_unfinished(sqlite3 *, const char *scenario_text, const char *overrides, int64_t *id);
/* What an experiment was run with: the revision, and the digest of the programs (NULL: not stored).
 * The caller frees both, in any case. Returns 0 or -1. */
int store_build(sqlite3 *, int64_t experiment_id, char **revision, char **programs);
/* The positions of its trials that are planned or were interrupted, in order, each with its row's
 * id; there is room for `count`. Returns how many; or -1, also when the experiment's trials are not
 * the `count` in `trials`. */
int store_pending(sqlite3 *, int64_t experiment_id, const struct store_trial *trials, int count,
                  int *positions, int64_t *ids);

/* Walks the trials of an experiment from this position on, in order, as they were planned. The texts are
 * valid while it runs. Stops when `take` returns false. Returns 0 or -1. */
int store_planned(sqlite3 *, int64_t experiment_id, int position,
                  bool (*take)(void *data, const struct store_trial *), void *data);

/* Adds the reports of a trial to `result`. Returns 0 or -1. */
int store_reports(sqlite3 *, int64_t trial_id, struct result *);
/* Adds the reports of the live twin of a simulated trial to `result`; none where it failed. Returns 0 or -1. */
int store_twin_reports(sqlite3 *, int64_t simulated_trial_id, struct result *);

/* Keeps what this machine takes; both texts are JSON objects. Returns 0 or -1. */
int store_calibration_save(sqlite3 *, const char *figures, const char *environment);
/* The figures that were saved last, or NULL. The caller frees the text. */
char *store_calibration_newest(sqlite3 *);
/* The same as an experiment's environment has them: with `calibrated_at`. */
char *store_calibration_dated(sqlite3 *);
/* The figures that an experiment's environment has, those that were the newest when it was begun; or NULL. The
 * caller frees the text. */
char *store_calibration_of(sqlite3 *, int64_t experiment_id);

/* How many cells of the experiment failed in every repeat, measured or simulated, or -1; *name is the first of them ("sse {...}";
 * the caller frees it) or NULL. */
int store_failed_cells(sqlite3 *, int64_t experiment_id, char **name);

#endif

/* Calibration: see calibrate.h. The runs are experiments like others, of scenarios/calibrate.ini, and stay in the
 * database: whoever doubts a figure finds what it was made of. */
#include "calibrate.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "run.h"
#include "scenario/strategies.h"
#include "simulator/machine.h"
#include "store/open.h"
#include "store/sql.h"
#include "store/store.h"
#include "system/human.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCENARIO "calibrate"
#define MANY 100  /* subscribers, as the scenario says */
#define PLACES 64 /* webhooks under way at most: the server's default */
#define SMALL_BYTES 100
#define LARGE_BYTES 8192
#define FEW 10
#define FAR_MS 10

/* --- the runs --------------------------------------------------------------------------------- */

struct runs {
    sqlite3 *db;
    int64_t near, webhooks, cold, large, far; /* experiments; 0: it could not be run */
};

/* Runs the scenario with these settings. Returns the experiment, or 0. */
static int64_t run(const struct run_options *options, const char *only, const char *const *sets,
                   int set_count) {
    struct run_options own = *options;
    own.scenario = SCENARIO;
    own.overrides = (struct scenario_overrides){sets, set_count, only};
    own.charts = "off";
    if (run_experiment(&own) != 0) return 0;
    sqlite3 *db = store_open_to_read(options->database);
    int64_t id = db == NULL ? 0 : sql_one_integer(db, "SELECT max(id) FROM experiment", 0, 0);
    if (db != NULL) store_close(db);
    return id;
}

/* --- their figures ---------------------------------------------------------------------------- */

/* Whether an event waits in the server for longer than until the next one: in a queue, then, which tells nothing of
 * what a piece of work takes. */
static bool queues(sqlite3 *db, int64_t experiment_id, const char *strategy) {
    sqlite3_stmt *statement = sql_query(
        db,
        "SELECT max(value * json_extract(parameters, '$.events_per_second') > 1e6) FROM summary"
        " WHERE experiment_id = ? AND strategy = ? AND metric = 'server_work_p50_us'",
        "it", experiment_id, strategy);
    bool yes = sql_next(statement) == 1 && sql_number(statement, 0) == 1;
    sqlite3_finalize(statement);
    return yes;
}

/* A metric of the only cell of a strategy, in ns; NAN where there is none, or events queued. */
static double figure_ns(sqlite3 *db, int64_t experiment_id, const char *strategy, int subscribers,
                        const char *metric) {
    if (queues(db, experiment_id, strategy)) return NAN;
    sqlite3_stmt *statement = sql_query(
        db,
        "SELECT value FROM summary WHERE experiment_id = ? AND strategy = ? AND metric = ?"
        " AND json_extract(parameters, '$.subscribers') = ?",
        "itti", experiment_id, strategy, metric, (int64_t)subscribers);
    double value = sql_next(statement) == 1 ? sql_number(statement, 0) : NAN;
    sqlite3_finalize(statement);
    return 1000 * value;
}

/* Where a strategy had many subscribers. */
static int64_t with_many(const struct runs *runs, const char *strategy) {
    return strcmp(strategy, "webhook") == 0 ? runs->webhooks : runs->near;
}

static double near_ns(const struct runs *runs, const char *strategy, const char *metric) {
    return figure_ns(runs->db, with_many(runs, strategy), strategy, MANY, metric);
}

/* The subscriber in the middle waits for half of the others. */
static double one_ns(sqlite3 *db, int64_t experiment_id, const char *strategy) {
    return figure_ns(db, experiment_id, strategy, MANY, "server_work_p50_us") / (MANY / 2);
}

/* Processor time per delivery of somebody who is busy with many is what one takes. */
static double server_ns(const struct runs *runs, const char *strategy) {
    return near_ns(runs, strategy, "server_cpu_us_per_delivery");
}

static double client_ns(const struct runs *runs, const char *strategy) {
    return near_ns(runs, strategy, "client_cpu_us_per_delivery");
}

static double cold_ns(const struct runs *runs, const char *metric) {
    return figure_ns(runs->db, runs->cold, "tcp", FEW, metric);
}

static double far_ns(const struct runs *runs, const char *metric) {
    return runs->far == 0 ? NAN : figure_ns(runs->db, runs->far, "tcp", FEW, metric);
}

/* By medians: the mean of 25 events is off by half a millisecond where the host stood still once for ten. */
static double one_way_ns(const struct runs *runs) {
    return far_ns(runs, "delivery_latency_p50_us") - far_ns(runs, "schedule_lag_p50_us") -
           far_ns(runs, "server_work_p50_us");
}

/* A hundred webhooks: as many as there are places are signed before the first one goes out; the one in the middle goes
 * out behind half of the others. */
static double post_of(const struct runs *runs, double sign_ns) {
    return (near_ns(runs, "webhook", "delivery_latency_p50_us") -
            near_ns(runs, "webhook", "schedule_lag_p50_us") - PLACES * sign_ns) /
           (MANY / 2);
}

/* What the programs did tells what each piece took. What cannot be told is NAN. */
static void derive(const struct runs *runs, double found[]) {
    enum {
#define NUMBER(name, usual, what) name,
        MACHINE_FIGURES(NUMBER)
#undef NUMBER
    };
    found[wake_ns] = near_ns(runs, "tcp", "schedule_lag_p50_us");
    found[write_ns] = one_ns(runs->db, runs->near, "tcp");
    found[answer_ns] = one_ns(runs->db, runs->near, "long_polling");
    found[request_ns] = server_ns(runs, "long_polling") - found[answer_ns];
    found[read_ns] = client_ns(runs, "tcp");
    found[ask_ns] = client_ns(runs, "long_polling") - found[read_ns];
    found[sign_ns] = one_ns(runs->db, runs->webhooks, "webhook");
    found[post_ns] = post_of(runs, found[sign_ns]);
    found[confirm_ns] = server_ns(runs, "webhook") - found[sign_ns] - found[post_ns];
    found[receive_ns] = client_ns(runs, "webhook") - found[read_ns];
    found[byte_ps] = (one_ns(runs->db, runs->large, "tcp") - found[write_ns]) * 1000 /
                     (LARGE_BYTES - SMALL_BYTES);
    found[cold_percent] = 100 * (cold_ns(runs, "schedule_lag_p50_us") / found[wake_ns] - 1);
    found[start_ns] = cold_ns(runs, "server_work_p50_us") - found[write_ns] * FEW / 2;
    found[turn_ns] = (far_ns(runs, "server_cpu_us_per_delivery") - found[write_ns]) * FEW;
    found[tick_ns] = (double)clock_tick_ns();
    found[relay_ns] = one_way_ns(runs) - FAR_MS * 1e6 / 2 - found[write_ns];
}

/* --- telling and keeping ---------------------------------------------------------------------- */

static const struct {
    const char *name, *what;
    int64_t usual;
} rows[] = {
#define ROW(name, usual, what) {#name, what, usual},
    MACHINE_FIGURES(ROW)
#undef ROW
};
#define ROW_COUNT ((int)(sizeof(rows) / sizeof(rows[0])))

/* What could not be measured, or came out as nothing, stays as the defaults have it. */
static json_t *keep_good(const double found[]) {
    json_t *figures = json_object();
    printf("\nThis machine takes\n\n");
    for (int i = 0; i < ROW_COUNT; i++) {
        bool good = isfinite(found[i]) && found[i] > 0;
        if (good) json_object_set_new(figures, rows[i].name, json_integer(llround(found[i])));
        printf("  %-10s %8.0f %s %s\n", rows[i].name, good ? found[i] : (double)rows[i].usual,
               good ? "        " : "(usual) ", rows[i].what);
    }
    return figures;
}

static int keep(const struct run_options *options, const double found[], const char *environment) {
    json_t *figures = keep_good(found);
    char *text = json_dumps(figures, JSON_COMPACT);
    sqlite3 *db = store_open(options->database);
    int status = db == NULL ? -1 : store_calibration_save(db, text, environment);
    if (db != NULL && store_close(db) != 0) status = -1;
    if (status == 0)
        printf("\nKept in %s: simulated trials of new experiments take these.\n",
               options->database);
    free(text);
    json_decref(figures);
    return status == 0 ? 0 : 1;
}

int calibrate(const struct run_options *options) {
    /* 7,500 signed POSTs a second, half of what a slow machine can do. */
    static const char *const rested[] = {"events_per_second=75"};
    static const char *const cold[] = {"subscribers=10", "events_per_second=25"};
    static const char *const large[] = {"payload_bytes=8192", "repeats=1"};
    static const char *const far[] = {"subscribers=10", "events_per_second=25", "link.rtt_ms=10"};
    struct runs runs = {
        .near = run(options, "tcp,long_polling", NULL, 0),
        .webhooks = run(options, "webhook", rested, 1),
        .cold = run(options, "tcp", cold, 2),
        .large = run(options, "tcp", large, 2),
        .far = run(options, "tcp", far, 3),
    };
    if (runs.near == 0 || runs.webhooks == 0 || runs.cold == 0 || runs.large == 0) {
        log_error("this machine could not be calibrated: what went wrong stands above");
        return 1;
    }
    if (runs.far == 0)
        log_warn("links cannot be made here: what the relay takes stays as it usually is");
    runs.db = store_open_to_read(options->database);
    if (runs.db == NULL) return 1;
    for (const struct strategy *s = strategies; s->key != NULL; s++)
        if (queues(runs.db, with_many(&runs, s->key), s->key))
            log_warn("%s's server could not keep up in experiment %" PRId64
                     ", so what it takes stays as it usually is: calibrate again when the machine"
                     " has less to do",
                     s->title, with_many(&runs, s->key));
    double found[ROW_COUNT];
    derive(&runs, found);
    char *environment = sql_one_text(
        runs.db, "SELECT environment FROM experiment WHERE id = :experiment", runs.near);
    store_close(runs.db); /* before it is written to */
    int status = keep(options, found, environment);
    free(environment);
    return status;
}

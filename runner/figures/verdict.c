/* The verdict: a table of rules, the first that applies counts. Each says why in words and numbers. */
#include "figures/verdict.h"

#include "base/clock.h"
#include "base/memory.h"
#include "figures/stationarity.h"
#include "model/conversation.h"
#include "system/human.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT_CORE_MAX 0.8   /* a load generator needs a fifth of a core idle */
#define CLIENT_WAIT_MAX 0.2   /* of the time: something else wants its processor */
#define CLIENT_WAIT_SOME 0.02 /* of the time: below that it hardly matters how it compares */
#define LOOP_LAG_MAX_NS (10 * (int64_t)NS_PER_MS)
#define SERVER_CORE_MAX 0.95 /* above that a single thread is the limit */
#define EVENTS_MIN 40        /* for an interval of the median that is worth the name */

/* The process of a role with the most of `field` (ns) per time: which, and how much, in cores. */
static double busiest(const struct result *result, const char *role, const char *field,
                      int *process) {
    double most = 0;
    *process = 0;
    for (int i = 0; i < result->report_count; i++) {
        const struct process_report *report = &result->reports[i];
        double seconds = json_number_value(json_object_get(report->json, FIELD_SECONDS));
        double used_ns = json_number_value(json_object_get(report->json, field));
        if (json_is_true(json_object_get(report->json, FIELD_SPINS)))
            continue; /* busy in any case */
        if (strcmp(report->role, role) != 0 || seconds <= 0) continue;
        double used = used_ns / NS_PER_SECOND / seconds;
        if (used <= most) continue;
        most = used;
        *process = report->process;
    }
    return most;
}

static char *failed(const struct result *result, const struct trial_facts *facts) {
    (void)result;
    return facts->failure == NULL ? NULL : xstrdup(facts->failure);
}

static char *client_busy(const struct result *result, const struct trial_facts *facts) {
    int process;
    double used = busiest(result, "client", FIELD_CPU_NS, &process);
    (void)facts;
    if (used <= CLIENT_CORE_MAX) return NULL;
    return xasprintf("client %d used %.2f of a core, above %.2f: it measured itself", process, used,
                     CLIENT_CORE_MAX);
}

static char *client_starved(const struct result *result, const struct trial_facts *facts) {
    int process, busy;
    double waited = busiest(result, "client", FIELD_CPU_WAIT_NS, &process);
    double used = busiest(result, "client", FIELD_CPU_NS, &busy);
    (void)facts;
    if (waited > CLIENT_WAIT_MAX)
        return xasprintf("client %d waited for a processor %.0f %% of the time, above %.0f %%: "
                         "something else was running",
                         process, 100 * waited, 100 * CLIENT_WAIT_MAX);
    if (waited > CLIENT_WAIT_SOME && waited > used)
        return xasprintf("client %d waited for a processor longer than it ran (%.1f %% of the time "
                         "against %.1f %%): something else was running",
                         process, 100 * waited, 100 * used);
    return NULL;
}

/* The 90th percentile: ten thousand deliveries at once keep any loop busy for a moment. */
static char *client_late(const struct result *result, const struct trial_facts *facts) {
    const struct histogram *lag = result_histogram(result, HISTOGRAM_LOOP_LAG);
    (void)facts;
    if (lag == NULL || histogram_quantile(lag, 0.9) <= LOOP_LAG_MAX_NS) return NULL;
    return xasprintf(
        "the client's own loop lagged by %.1f ms at the 90th percentile, above %.0f ms",
        (double)histogram_quantile(lag, 0.9) / NS_PER_MS, (double)LOOP_LAG_MAX_NS / NS_PER_MS);
}

/* --- our own doing ---------------------------------------------------------------------------- */

/* Begins one more cause: "; client 1 " */
static void begin_cause(struct buffer *causes, const struct process_report *report) {
    buffer_printf(causes, "%s%s %d ", causes->length > 0 ? "; " : "", report->role,
                  report->process);
}

/* What a program says of faults that it was told to make, and of its troubles. */
static void add_causes(struct buffer *causes, const struct process_report *report) {
    const char *faults = json_string_value(json_object_get(report->json, FIELD_FAULTS)), *name;
    json_t *count;
    if (faults != NULL) {
        begin_cause(causes, report);
        buffer_printf(causes, "was told %s", faults);
    }
    json_object_foreach(json_object_get(report->json, FIELD_TROUBLES), name, count) {
        if (!(json_number_value(count) > 0) || strcmp(name, TROUBLE_MISSED) == 0) continue;
        begin_cause(causes, report);
        buffer_printf(causes, "counted %s=%.0f", name, json_number_value(count));
    }
}

/* Losses say something about a strategy only when nothing but load explains them. */
static char *lost_by_us(const struct result *result, const struct trial_facts *facts) {
    double lost = result_value(result, "lost"), expected = result_value(result, "expected");
    struct buffer causes = {0};
    if (!(lost > 0)) return NULL;
    if (facts->ended_early != NULL) buffer_printf(&causes, "%s ended early", facts->ended_early);
    for (int i = 0; i < result->report_count; i++) add_causes(&causes, &result->reports[i]);
    if (causes.length == 0) return NULL;
    char *reason = xasprintf("%.0f of %.0f deliveries did not come, and not for want of speed: %s",
                             lost, expected, causes.data);
    buffer_free(&causes);
    return reason;
}

/* A feed is a limit of ours, and too small when events fall out of it before they are asked for. Where
 * a processor is busy it is the speed that is wanting. */
static char *lost_by_feed(const struct result *result, const struct trial_facts *facts) {
    double lost = result_value(result, "lost"), missed = 0;
    int process;
    (void)facts;
    if (!(lost > 0) || busiest(result, "server", FIELD_CPU_NS, &process) > SERVER_CORE_MAX)
        return NULL;
    for (int i = 0; i < result->report_count; i++)
        missed += json_number_value(json_object_get(
            json_object_get(result->reports[i].json, FIELD_TROUBLES), TROUBLE_MISSED));
    if (!(missed > 0)) return NULL;
    return xasprintf("%.0f of %.0f deliveries did not come, and not for want of speed: subscribers"
                     " were told that %.0f events had fallen out of the feed (feed_events)",
                     lost, result_value(result, "expected"), missed);
}

/* --- the strategy's limits -------------------------------------------------------------------- */

static char *undelivered(const struct result *result, const struct trial_facts *facts) {
    double lost = result_value(result, "lost"), expected = result_value(result, "expected");
    (void)facts;
    if (!(lost > 0)) return NULL;
    return xasprintf("%.0f of %.0f deliveries had not come when the drain ended", lost, expected);
}

static char *server_busy(const struct result *result, const struct trial_facts *facts) {
    int process;
    double used = busiest(result, "server", FIELD_CPU_NS, &process);
    (void)facts;
    if (used <= SERVER_CORE_MAX) return NULL;
    return xasprintf("server %d used %.2f of a core, above %.2f", process, used, SERVER_CORE_MAX);
}

static char *few_events(const struct result *result, const struct trial_facts *facts) {
    double events = result_value(result, "events");
    (void)facts;
    if (events >= EVENTS_MIN) return NULL;
    return xasprintf(
        "%.0f event%s in the window, fewer than %d: believe the mean and the median only", events,
        plural(events), EVENTS_MIN);
}

/* The slots of all clients together, as mean latencies; empty ones are left out. */
static int slot_means(const struct result *result, double *means) {
    double deliveries[STATIONARITY_SLOTS_MAX] = {0}, seconds[STATIONARITY_SLOTS_MAX] = {0};
    int count = 0;
    for (int i = 0; i < result->report_count; i++) {
        const json_t *slots = json_object_get(result->reports[i].json, FIELD_SLOTS), *slot;
        size_t k;
        json_array_foreach(slots, k, slot) {
            if (k == STATIONARITY_SLOTS_MAX) break;
            deliveries[k] += json_number_value(json_array_get(slot, 0));
            seconds[k] += json_number_value(json_array_get(slot, 1));
        }
    }
    for (int k = 0; k < STATIONARITY_SLOTS_MAX; k++)
        if (deliveries[k] > 0) means[count++] = seconds[k] / deliveries[k];
    return count;
}

static char *unsteady(const struct result *result, const struct trial_facts *facts) {
    double means[STATIONARITY_SLOTS_MAX];
    struct trend trend;
    (void)facts;
    if (!stationarity_trend(means, slot_means(result, means), &trend)) return NULL;
    if (!stationarity_broken(&trend)) return NULL;
    return xasprintf("latency %s by %.0f %% of its median over the window (Mann-Kendall z = %.1f)",
                     trend.drift > 0 ? "rose" : "fell", 100 * fabs(trend.drift), trend.z);
}

static const struct {
    const char *verdict;
    char *(*reason)(const struct result *, const struct trial_facts *);
} rules[] = {
    {"failed", failed},
    {"faulty", lost_by_us},
    {"generator_bound", client_busy},
    {"generator_bound", client_late},
    {"generator_bound", client_starved},
    {"faulty", lost_by_feed},
    {"saturated", undelivered},
    {"saturated", server_busy},
    {"not_stationary", unsteady},
    {"too_few_samples", few_events},
};

void verdict_give(struct result *result, const struct trial_facts *facts) {
    result->status = facts->failure == NULL ? "done" : "failed";
    result->verdict = "valid";
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        char *reason = rules[i].reason(result, facts);
        if (reason == NULL) continue;
        result->verdict = rules[i].verdict;
        result->reason = reason;
        return;
    }
}

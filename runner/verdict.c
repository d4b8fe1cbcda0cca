/* The verdict: a table of rules, the first that applies counts. Each says why in words and numbers. */
#include "verdict.h"

#include "clock.h"
#include "memory.h"

#include <math.h>
#include <string.h>

#define CLIENT_CORE_MAX 0.8 /* a load generator needs a fifth of a core idle */
#define LOOP_LAG_MAX_NS (10 * (int64_t)NS_PER_MS)
#define SERVER_CORE_MAX 0.95 /* above that a single thread is the limit */
#define EVENTS_MIN 40        /* for an interval of the median that is worth the name */

/* The busiest process of a role: which, and how much of a core it used. */
static double busiest(const struct result *result, const char *role, int *process) {
    double most = 0;
    *process = 0;
    for (int i = 0; i < result->report_count; i++) {
        const struct process_report *report = &result->reports[i];
        double seconds = json_number_value(json_object_get(report->json, "seconds"));
        double cpu_ns = json_number_value(json_object_get(report->json, "cpu_ns"));
        if (strcmp(report->role, role) != 0 || seconds <= 0) continue;
        double used = cpu_ns / NS_PER_SECOND / seconds;
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
    double used = busiest(result, "client", &process);
    (void)facts;
    if (used <= CLIENT_CORE_MAX) return NULL;
    return xasprintf("client %d used %.2f of a core, above %.2f: it measured itself", process, used,
                     CLIENT_CORE_MAX);
}

static char *client_late(const struct result *result, const struct trial_facts *facts) {
    const struct histogram *lag = result_histogram(result, "loop_lag");
    (void)facts;
    if (lag == NULL || histogram_quantile(lag, 0.99) <= LOOP_LAG_MAX_NS) return NULL;
    return xasprintf(
        "the client's own loop lagged by %.1f ms at the 99th percentile, above %.0f ms",
        (double)histogram_quantile(lag, 0.99) / NS_PER_MS, (double)LOOP_LAG_MAX_NS / NS_PER_MS);
}

static char *undelivered(const struct result *result, const struct trial_facts *facts) {
    double lost = result_value(result, "lost"), expected = result_value(result, "expected");
    (void)facts;
    if (!(lost > 0)) return NULL;
    return xasprintf("%.0f of %.0f deliveries had not come when the drain ended", lost, expected);
}

static char *server_busy(const struct result *result, const struct trial_facts *facts) {
    int process;
    double used = busiest(result, "server", &process);
    (void)facts;
    if (used <= SERVER_CORE_MAX) return NULL;
    return xasprintf("server %d used %.2f of a core, above %.2f", process, used, SERVER_CORE_MAX);
}

static char *few_events(const struct result *result, const struct trial_facts *facts) {
    double events = result_value(result, "events");
    (void)facts;
    if (events >= EVENTS_MIN) return NULL;
    return xasprintf(
        "%.0f events in the window, fewer than %d: believe the mean and the median only", events,
        EVENTS_MIN);
}

/* `not_stationary` is in the schema and has no rule yet. */
static const struct {
    const char *verdict;
    char *(*reason)(const struct result *, const struct trial_facts *);
} rules[] = {
    {"failed", failed},         {"generator_bound", client_busy}, {"generator_bound", client_late},
    {"saturated", undelivered}, {"saturated", server_busy},       {"too_few_samples", few_events},
};

void verdict_give(struct result *result, const struct trial_facts *facts) {
    result->status = facts->failure == NULL ? "done" : "failed";
    result->verdict = "valid";
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        char *reason = rules[i].reason(result, facts);
        if (reason == NULL) continue;
        result->verdict = rules[i].verdict;
        result->reason = reason;
        return;
    }
}

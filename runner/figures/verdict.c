/* The verdict: a table of rules, at the end. Each that applies names the figures that it takes away, and
 * says why in words and numbers; the first of them is the trial's. */
#include "figures/verdict.h"

#include "base/clock.h"
#include "base/memory.h"
#include "figures/metric_kinds.h"
#include "figures/stationarity.h"
#include "figures/statistics.h"
#include "model/conversation.h"
#include "system/human.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT_CORE_MAX 0.8  /* a load generator needs a fifth of a core idle */
#define SERVER_CORE_MAX 0.95 /* above that a single thread is the limit */
#define EVENTS_MIN 40        /* for an interval of the median that is worth the name */

/* Shares of the window. Chosen by trials on an idle and on a disturbed machine (docs/metrics.md has both
 * rates; scripts/false-alarms measures them). */
#define WAIT_MAX 0.2 /* for a processor */
#define STANDSTILL_MAX 0.01
#define STOLEN_MAX 0.05 /* of a processor */
#define STAMPS_MAX 0.01 /* of the deliveries: without a stamp that can be true, or with another's */
#define LINK_LATE_MAX_NS                                                                           \
    (3 * (double)NS_PER_MS / 10) /* of the relay, and this share of the round trip */
#define LINK_LATE_MAX 0.02
#define LOOP_LAG_MAX_NS (10 * (int64_t)NS_PER_MS)

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

/* --- the link --------------------------------------------------------------------------------- */

/* It is not what was asked for. The link says so itself, of what it measured before anybody used it. */
static char *link_off(const struct result *result, const struct trial_facts *facts) {
    struct buffer all = {0};
    const json_t *entry;
    size_t i;
    (void)facts;
    json_array_foreach(json_object_get(result_report_of(result, "link"), FIELD_CALIBRATION), i,
                       entry) {
        if (!json_is_true(json_object_get(entry, FIELD_OFF))) continue;
        const char *sentence = json_string_value(json_object_get(entry, FIELD_IN_WORDS));
        buffer_printf(&all, "%s%s", all.length > 0 ? "; " : "",
                      sentence == NULL ? "it is not what was asked for" : sentence);
    }
    if (all.length == 0) return NULL;
    char *reason = xasprintf("the link is not what was asked for: %s", all.data);
    buffer_free(&all);
    return reason;
}

/* How much the relay may add to half a round trip, in ns: as much as the calibration lets pass. */
static double lateness_allowed(const struct result *result, double ways) {
    const json_t *asked = json_object_get(result_report_of(result, "link"), FIELD_ASKED);
    double rtt_ns = json_number_value(json_object_get(asked, "rtt_ms")) * NS_PER_MS;
    return LINK_LATE_MAX_NS + LINK_LATE_MAX * rtt_ns * ways / 2;
}

/* The relay falls behind. What it adds on average is in every latency. */
static char *link_slow(const struct result *result, const struct trial_facts *facts) {
    const struct histogram *lateness = result_histogram(result, HISTOGRAM_LINK_LATENESS);
    double overrun = result_value(result, "link_overrun");
    (void)facts;
    if (overrun > 0)
        return xasprintf("the relay between servers and clients was too slow for %.0f frames",
                         overrun);
    if (lateness == NULL) return NULL;
    double late_ns = histogram_mean(lateness), most_ns = lateness_allowed(result, 1);
    if (late_ns <= most_ns) return NULL;
    return xasprintf("the relay between servers and clients passed frames on %.2f ms late on"
                     " average, above %.2f ms",
                     late_ns / NS_PER_MS, most_ns / NS_PER_MS);
}

/* It falls behind now and then: that is in no mean and no median, but in what is rare. */
static char *link_late(const struct result *result, const struct trial_facts *facts) {
    const struct histogram *lateness = result_histogram(result, HISTOGRAM_LINK_LATENESS);
    (void)facts;
    if (lateness == NULL) return NULL;
    double late_ns = (double)histogram_quantile(lateness, 0.99);
    double most_ns = lateness_allowed(result, 2);
    if (late_ns <= most_ns) return NULL;
    return xasprintf("the relay between servers and clients passed one frame of a hundred on %.2f"
                     " ms late or more, above %.2f ms: believe means and medians only",
                     late_ns / NS_PER_MS, most_ns / NS_PER_MS);
}

/* --- the load generator ----------------------------------------------------------------------- */

/* Where subscribers must ask, or answer, before the next event can come, a client that is late makes
 * deliveries late. Where the server pushes it does not, and the kernel's stamps say when they came. */
static bool client_delays(const struct result *result) {
    return result_value(result, "requests") > 0 ||
           result_histogram(result, HISTOGRAM_CLIENT_QUEUE) == NULL;
}

static char *client_busy(const struct result *result, const struct trial_facts *facts) {
    int process;
    double used = busiest(result, "client", FIELD_CPU_NS, &process);
    (void)facts;
    if (used <= CLIENT_CORE_MAX) return NULL;
    return xasprintf("client %d used %.2f of a core, above %.2f: it measured itself", process, used,
                     CLIENT_CORE_MAX);
}

static char *starved(const struct result *result, const char *role) {
    int process;
    double waited = busiest(result, role, FIELD_CPU_WAIT_NS, &process);
    if (waited <= WAIT_MAX) return NULL;
    return xasprintf("%s %d waited for a processor %.0f %% of the time, above %.0f %%: "
                     "others had it",
                     role, process, 100 * waited, 100 * WAIT_MAX);
}

/* A server that was told to stall does what it was told. */
static bool told_to_stall(const struct result *result) {
    for (int i = 0; i < result->report_count; i++) {
        const json_t *faults = json_object_get(result->reports[i].json, FIELD_FAULTS);
        if (json_is_string(faults) && strstr(json_string_value(faults), "stall") != NULL)
            return true;
    }
    return false;
}

static char *stood_still(const struct result *result, const char *role) {
    int process;
    double stood = busiest(result, role, FIELD_STOOD_NS, &process);
    if (stood <= STANDSTILL_MAX) return NULL;
    return xasprintf("%s %d stood still for %.1f %% of the time, above %.0f %%: it was stopped, or "
                     "others had its processor",
                     role, process, 100 * stood, 100 * STANDSTILL_MAX);
}

/* The 90th percentile: ten thousand deliveries at once keep any loop busy for a moment. */
static char *client_lagged(const struct result *result) {
    const struct histogram *lag = result_histogram(result, HISTOGRAM_LOOP_LAG);
    if (lag == NULL || histogram_quantile(lag, 0.9) <= LOOP_LAG_MAX_NS) return NULL;
    return xasprintf(
        "the client's own loop lagged by %.1f ms at the 90th percentile, above %.0f ms",
        (double)histogram_quantile(lag, 0.9) / NS_PER_MS, (double)LOOP_LAG_MAX_NS / NS_PER_MS);
}

/* A model of clients has all the processors it wants. */
static bool is_simulated(const struct result *result) {
    return json_is_true(json_object_get(result_report_of(result, "client"), FIELD_SIMULATED));
}

/* What is wrong with the client, the first that applies. */
static char *client_poor(const struct result *result, const struct trial_facts *facts) {
    if (is_simulated(result)) return NULL;
    char *reason = client_busy(result, facts);
    if (reason == NULL) reason = starved(result, "client");
    if (reason == NULL) reason = stood_still(result, "client");
    return reason == NULL ? client_lagged(result) : reason;
}

static char *client_late(const struct result *result, const struct trial_facts *facts) {
    return client_delays(result) ? client_poor(result, facts) : NULL;
}

static char *client_late_alone(const struct result *result, const struct trial_facts *facts) {
    return client_delays(result) ? NULL : client_poor(result, facts);
}

static char *stamps_shared(const struct result *result, const struct trial_facts *facts) {
    double shared = result_value(result, "stamps_shared");
    double deliveries = result_value(result, "deliveries");
    (void)facts;
    if (!(shared > STAMPS_MAX * deliveries)) return NULL;
    return xasprintf("%.0f of %.0f deliveries, above %.0f %%, were read together with later ones: "
                     "the client came too late to tell when they arrived",
                     shared, deliveries, 100 * STAMPS_MAX);
}

/* --- the machine ------------------------------------------------------------------------------ */

static char *clock_set(const struct result *result, const struct trial_facts *facts) {
    double dropped = result_value(result, "stamps_dropped");
    double deliveries = result_value(result, "deliveries");
    (void)facts;
    if (!(dropped > STAMPS_MAX * deliveries)) return NULL;
    return xasprintf(
        "%.0f of %.0f deliveries, above %.0f %%, have no stamp that can be true: somebody "
        "set the wall clock",
        dropped, deliveries, 100 * STAMPS_MAX);
}

static char *visited(const struct result *result, const struct trial_facts *facts) {
    (void)result;
    if (!facts->visited) return NULL;
    return xstrdup(REASON_VISITED " measured on this machine at the same time");
}

static char *suspended(const struct result *result, const struct trial_facts *facts) {
    double most = 0;
    (void)facts;
    for (int i = 0; i < result->report_count; i++)
        most = fmax(
            most, json_number_value(json_object_get(result->reports[i].json, FIELD_SUSPENDED_NS)));
    if (most < NS_PER_MS) return NULL;
    return xasprintf("the machine slept for %.1f s", most / NS_PER_SECOND);
}

static char *stolen(const struct result *result, const struct trial_facts *facts) {
    int server, client;
    double share = fmax(busiest(result, "server", FIELD_STOLEN_NS, &server),
                        busiest(result, "client", FIELD_STOLEN_NS, &client));
    (void)facts;
    if (share <= STOLEN_MAX) return NULL;
    return xasprintf("this machine's host took %.1f %% of a processor for others, above %.0f %%",
                     100 * share, 100 * STOLEN_MAX);
}

static char *server_disturbed(const struct result *result, const struct trial_facts *facts) {
    (void)facts;
    char *reason = starved(result, "server");
    if (reason != NULL || told_to_stall(result)) return reason;
    return stood_still(result, "server");
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
static char *lost_by_feed(const struct result *result) {
    double lost = result_value(result, "lost"), missed = 0;
    int process;
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

/* What was lost by us, or by nobody but the load. */
static char *lost_for_a_reason(const struct result *result, const struct trial_facts *facts) {
    char *reason = lost_by_us(result, facts);
    return reason == NULL ? lost_by_feed(result) : reason;
}

static char *undelivered(const struct result *result, const struct trial_facts *facts) {
    double lost = result_value(result, "lost"), expected = result_value(result, "expected");
    char *other = lost_for_a_reason(result, facts);
    bool explained = other != NULL;
    free(other);
    if (!(lost > 0) || explained) return NULL;
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
    double events = result_value(result, "events"), low, high;
    (void)facts;
    if (events >= EVENTS_MIN) return NULL;
    bool some = quantile_interval(events, 0.5, &low, &high) == 0;
    return xasprintf("%.0f event%s in the window, fewer than %d: believe %s", events,
                     plural(events), EVENTS_MIN,
                     some ? "the mean and the median only" : "no latency, not even the mean");
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

/* --- the rules -------------------------------------------------------------------------------- */

#define TIMES "latency|parts|freshness"

/* The gravest first. What takes nothing is a result, or a remark; a quantile that its events do not bear
 * out has no interval, and that says it (views.sql). */
static const struct rule {
    const char *verdict;
    char *(*reason)(const struct result *, const struct trial_facts *); /* NULL: does not apply */
    const char *takes;                                                  /* of METRIC_GROUPS */
} rules[] = {
    {"failed", failed, METRIC_GROUPS},
    {"faulty", lost_for_a_reason, TIMES "|generator|bytes|work|server_cpu|client_cpu|ledger"},
    {"link_off", link_off, METRIC_GROUPS},
    {"disturbed", suspended, TIMES "|generator|server_cpu|client_cpu|connections"},
    {"disturbed", visited, TIMES "|generator|server_cpu|client_cpu"},
    {"disturbed", clock_set, TIMES "|generator"},
    {"disturbed", stolen, TIMES "|generator|server_cpu|client_cpu"},
    {"disturbed", server_disturbed, TIMES},
    {"link_bound", link_slow, TIMES "|generator|connections"},
    {"generator_bound", stamps_shared, TIMES},
    {"generator_bound", client_late, TIMES "|generator|client_cpu"},
    {"generator_bound", client_late_alone, "generator|client_cpu"},
    {"saturated", undelivered, ""},
    {"saturated", server_busy, ""},
    {"not_stationary", unsteady, TIMES},
    {"link_bound", link_late, METRIC_TAILS},
    {"too_few_samples", few_events, ""},
};

static void add_doubt(struct result *result, const struct rule *rule, char *reason) {
    result->doubts = xgrow(result->doubts, (size_t)result->doubt_count, sizeof(*result->doubts));
    result->doubts[result->doubt_count++] =
        (struct doubt){.verdict = rule->verdict, .takes = rule->takes, .reason = reason};
}

/* "client 0 used ...; saturated: server 0 used ...": the first verdict stands before it. */
static char *all_reasons(const struct result *result) {
    struct buffer all = {0};
    const char *last = result->verdict;
    for (int i = 0; i < result->doubt_count; i++) {
        const struct doubt *doubt = &result->doubts[i];
        buffer_printf(&all, "%s", i == 0 ? "" : "; ");
        if (strcmp(doubt->verdict, last) != 0) buffer_printf(&all, "%s: ", doubt->verdict);
        buffer_printf(&all, "%s", doubt->reason);
        last = doubt->verdict;
    }
    return all.data;
}

/* Of what failed nothing else is worth saying. */
void verdict_give(struct result *result, const struct trial_facts *facts) {
    bool failed = facts->failure != NULL;
    for (size_t i = 0; i < (failed ? 1 : sizeof(rules) / sizeof(rules[0])); i++) {
        char *reason = rules[i].reason(result, facts);
        if (reason != NULL) add_doubt(result, &rules[i], reason);
    }
    result->status = failed ? "failed" : "done";
    result->verdict = result->doubt_count == 0 ? "valid" : result->doubts[0].verdict;
    result->reason = all_reasons(result);
}

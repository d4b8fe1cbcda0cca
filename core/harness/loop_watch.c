/* Does the loop come when something is due? See loop_watch.h. */
#include "harness/loop_watch.h"

#include "base/clock.h"
#include "base/list.h"
#include "harness/report.h"
#include "model/conversation.h"

#define PROBE_NS (10 * NS_PER_MS)
#define STANDSTILL_NS (10 * NS_PER_MS) /* less is what any busy machine does */

static void count_standstill(struct loop_watch *watch, int64_t late_ns) {
    int64_t cpu_ns = clock_cpu_ns(), stood_ns = late_ns - (cpu_ns - watch->cpu_ns);
    watch->cpu_ns = cpu_ns;
    if (stood_ns <= STANDSTILL_NS) return;
    watch->stood_ns += stood_ns;
    if (stood_ns > watch->longest_standstill_ns) watch->longest_standstill_ns = stood_ns;
}

static void probe(struct pacer *pacer) {
    struct loop_watch *watch = list_entry(pacer, struct loop_watch, pacer);
    int64_t now_ns = clock_now_ns();
    watch->late_ns = now_ns - watch->due_ns;
    watch->late_at = uv_now(pacer->poll.loop);
    count_standstill(watch, watch->late_ns);
    for (; watch->due_ns <= now_ns && watch->due_ns < watch->end_ns; watch->due_ns += PROBE_NS)
        histogram_record(watch->lag, now_ns - watch->due_ns);
    if (watch->due_ns < watch->end_ns) pacer_arm(pacer, watch->due_ns);
}

int loop_watch_init(struct loop_watch *watch, uv_loop_t *loop) {
    *watch = (struct loop_watch){.lag = histogram_new()};
    return pacer_init(&watch->pacer, loop, probe);
}

void loop_watch_window(struct loop_watch *watch, int64_t start_ns, int64_t end_ns) {
    watch->end_ns = end_ns;
    watch->due_ns = start_ns;
    watch->cpu_ns = clock_cpu_ns();
    pacer_arm(&watch->pacer, start_ns);
}

/* The probe is one of many that are ready at once: it has been called already, or will be. (Turns within one
 * millisecond look like one: rather too late than too early.) */
int64_t loop_watch_lateness(const struct loop_watch *watch, int64_t now_ns) {
    if (watch->late_ns > 0 && watch->late_at == uv_now(watch->pacer.poll.loop))
        return watch->late_ns;
    return watch->due_ns < watch->end_ns && now_ns > watch->due_ns ? now_ns - watch->due_ns : 0;
}

void loop_watch_report(const struct loop_watch *watch, json_t *message) {
    report_number(message, FIELD_STOOD_NS, (uint64_t)watch->stood_ns);
    report_number(message, FIELD_LONGEST_STANDSTILL_NS, (uint64_t)watch->longest_standstill_ns);
}

void loop_watch_close(struct loop_watch *watch) { pacer_close(&watch->pacer); }

void loop_watch_free(struct loop_watch *watch) { histogram_free(watch->lag); }

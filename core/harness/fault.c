/* Faults on purpose: see fault.h. */
#include "harness/fault.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/option_form.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define AT(field) offsetof(struct fault, field)

const struct option fault_options[] = {
    {"stall", OPTION_TEXT, AT(stall_text), "", .form = "stall",
     .help =
         "stand still once, AT_MS after the window opens (by hand: after the start), for FOR_MS"},
    {"cut", OPTION_TEXT, AT(cut_text), "", .form = "stall",
     .help = "close every connection once, AT_MS after the window opens (by hand: after the "
             "start), and take no new one for FOR_MS"},
    {"delay", OPTION_TEXT, AT(delay_text), "", .form = "delay",
     .help = "publish late: a delay that goes up and down between two values"},
    {"drop_every", OPTION_INTEGER, AT(drop_every), "0", 0, 1e9, .unit = "events",
     .help = "never publish every n-th event"},
    {"duplicate_every", OPTION_INTEGER, AT(duplicate_every), "0", 0, 1e9, .unit = "events",
     .help = "publish every n-th event twice"},
    {"swap_every", OPTION_INTEGER, AT(swap_every), "0", 0, 1e9, .unit = "events",
     .help = "publish every n-th event after the one that follows it"},
    {NULL},
};

void fault_init(struct fault *fault) {
    double stall[2], cut[2], delay[3];
    if (!option_form_stall(fault->stall_text, stall) || !option_form_stall(fault->cut_text, cut) ||
        !option_form_delay(fault->delay_text, delay))
        die(2,
            "--stall, --cut or --delay is of no use"); /* the option table has said how they look */
    fault->stall_at_ms = stall[0];
    fault->stall_for_ms = stall[1];
    fault->cut_at_ms = cut[0];
    fault->cut_for_ms = cut[1];
    fault->delay_least_ms = delay[0];
    fault->delay_most_ms = delay[1];
    fault->delay_period_ms = delay[2];
}

static bool in_ns(double at_ms, double for_ms, int64_t *at_ns, int64_t *for_ns) {
    *at_ns = (int64_t)(at_ms * NS_PER_MS);
    *for_ns = (int64_t)(for_ms * NS_PER_MS);
    return *for_ns > 0;
}

bool fault_stall(const struct fault *fault, int64_t *at_ns, int64_t *for_ns) {
    return in_ns(fault->stall_at_ms, fault->stall_for_ms, at_ns, for_ns);
}

bool fault_cut(const struct fault *fault, int64_t *at_ns, int64_t *for_ns) {
    return in_ns(fault->cut_at_ms, fault->cut_for_ms, at_ns, for_ns);
}

void fault_stand_still(int64_t for_ns) {
    int64_t until = clock_now_ns() + for_ns;
    struct timespec time = {until / NS_PER_SECOND, until % NS_PER_SECOND};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) != 0) continue;
}

int64_t fault_delay_ns(const struct fault *fault, int64_t since_start_ns) {
    if (fault->delay_period_ms <= 0) return 0;
    int64_t period_ns = (int64_t)(fault->delay_period_ms * NS_PER_MS);
    double phase = (double)(since_start_ns % period_ns) / (double)period_ns;
    double height = phase < 0.5 ? 2 * phase : 2 - 2 * phase;
    double range_ms = fault->delay_most_ms - fault->delay_least_ms;
    return (int64_t)((fault->delay_least_ms + range_ms * height) * NS_PER_MS);
}

static bool is_nth(uint64_t number, int64_t every) {
    return every > 0 && number % (uint64_t)every == 0;
}

enum fault_fate fault_fate(const struct fault *fault, uint64_t number) {
    if (is_nth(number, fault->drop_every)) return FATE_DROP;
    if (is_nth(number, fault->duplicate_every)) return FATE_DUPLICATE;
    if (is_nth(number, fault->swap_every)) return FATE_SWAP_WITH_NEXT;
    return FATE_PUBLISH;
}

char *fault_description(const struct fault *fault) {
    const struct {
        const char *name;
        int64_t every;
    } counts[] = {
        {"drop_every", fault->drop_every},
        {"duplicate_every", fault->duplicate_every},
        {"swap_every", fault->swap_every},
    };
    struct buffer text = {0};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        if (counts[i].every > 0)
            buffer_printf(&text, " %s=%" PRId64, counts[i].name, counts[i].every);
    if (fault->stall_text[0] != '\0') buffer_printf(&text, " stall=%s", fault->stall_text);
    if (fault->cut_text[0] != '\0') buffer_printf(&text, " cut=%s", fault->cut_text);
    if (fault->delay_text[0] != '\0') buffer_printf(&text, " delay=%s", fault->delay_text);
    char *description = text.length == 0 ? NULL : xstrdup(text.data + 1);
    buffer_free(&text);
    return description;
}

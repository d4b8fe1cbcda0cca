/* The law of a link: see link.h. */
#include "model/link.h"

#include "base/clock.h"
#include "base/option_form.h"

#include <math.h>

#define BITS_PER_MBIT 1e6
#define LEAST_HOLD_MS 1.0

/* --- what was asked for ----------------------------------------------------------------------- */

const char *link_settings_read(struct link_settings *settings) {
    settings->bursts = settings->burst_text != NULL && settings->burst_text[0] != '\0';
    if (!settings->bursts) return NULL;
    if (!option_form_burst(settings->burst_text, settings->burst))
        return "--burst-loss is of no use"; /* the option table has said how it looks */
    if (settings->loss_percent > 0)
        return "--loss-percent and --burst-loss exclude each other: the first is loss without "
               "bursts";
    return NULL;
}

/* In the long run the chain is in its bad state for p / (p + r) of the frames. */
double link_loss_share(const struct link_settings *settings) {
    if (!settings->bursts) return settings->loss_percent / 100;
    double p = settings->burst[0], r = settings->burst[1];
    double bad = p > 0 ? p / (p + r) : 0;
    return bad * (1 - settings->burst[2]) + (1 - bad) * (1 - settings->burst[3]);
}

static double share(double value) { return fmin(fmax(value, 0), 1); }

static void set_loss(struct link_law *law, const struct link_settings *settings, double times) {
    double bad = settings->bursts ? 1 - settings->burst[2] : 0;
    double good = settings->bursts ? 1 - settings->burst[3] : settings->loss_percent / 100;
    law->to_bad = settings->bursts ? settings->burst[0] : 0;
    law->to_good = settings->bursts ? settings->burst[1] : 1;
    law->pass_bad = 1 - share(bad * times);
    law->pass_good = 1 - share(good * times);
}

static int64_t ns_of_ms(double ms) { return llround(ms * NS_PER_MS); }

struct link_law link_law_make(const struct link_settings *settings, enum link_direction direction,
                              const struct link_faults *faults) {
    double mbit = direction == LINK_DOWN ? settings->down_mbit : settings->up_mbit;
    struct link_law law = {
        .delay_ns = ns_of_ms(settings->rtt_ms / 2),
        .jitter_ns = ns_of_ms(settings->jitter_ms),
        .reorder = settings->reorder_percent / 100,
        .hold_ns = ns_of_ms(fmax(settings->rtt_ms / 4, LEAST_HOLD_MS)),
        .bits_per_second = mbit * BITS_PER_MBIT * faults->rate_times,
        .queue_ns = ns_of_ms(settings->queue_ms),
    };
    set_loss(&law, settings, faults->loss_times);
    return law;
}

/* --- one frame -------------------------------------------------------------------------------- */

void link_way_init(struct link_way *way, const struct link_law *law, enum link_direction direction,
                   uint64_t seed) {
    uint64_t own = random_derive(seed, direction);
    *way = (struct link_way){.law = *law, .free_ns = INT64_MIN, .last_ns = INT64_MIN};
    random_seed(&way->loss, random_derive(own, 0));
    random_seed(&way->jitter, random_derive(own, 1));
    random_seed(&way->reorder, random_derive(own, 2));
}

/* The chain moves first, so that a burst begins with the frame that the move comes with. Two numbers per
 * frame whatever the law: the same frames meet the same luck under another one. */
static bool lose(struct link_way *way) {
    const struct link_law *law = &way->law;
    double move = random_unit(&way->loss), luck = random_unit(&way->loss);
    if (move < (way->bad ? law->to_good : law->to_bad)) way->bad = !way->bad;
    return luck >= (way->bad ? law->pass_bad : law->pass_good);
}

int64_t link_line_ns(const struct link_law *law, size_t ip_bytes) {
    if (law->bits_per_second <= 0) return 0;
    return llround((double)ip_bytes * 8 * NS_PER_SECOND / law->bits_per_second);
}

/* When its last bit has gone over the narrow line; or -1: there is no room to wait. */
static int64_t leave_line_ns(struct link_way *way, int64_t at_ns, size_t ip_bytes) {
    if (way->law.bits_per_second <= 0) return at_ns;
    int64_t start_ns = way->free_ns > at_ns ? way->free_ns : at_ns;
    if (start_ns - at_ns > way->law.queue_ns) return -1;
    return way->free_ns = start_ns + link_line_ns(&way->law, ip_bytes);
}

static int64_t jitter_ns(struct link_way *way) {
    return (int64_t)(random_unit(&way->jitter) * (double)way->law.jitter_ns);
}

struct link_verdict link_way_take(struct link_way *way, int64_t at_ns, size_t ip_bytes) {
    struct link_verdict verdict = {.fate = LINK_LOST};
    if (lose(way)) return verdict;
    verdict.fate = LINK_DROPPED;
    int64_t left_ns = leave_line_ns(way, at_ns, ip_bytes);
    if (left_ns < 0) return verdict;
    verdict.fate = LINK_PASSES;
    verdict.pass_ns = left_ns + way->law.delay_ns + jitter_ns(way);
    if (verdict.pass_ns < way->last_ns) verdict.pass_ns = way->last_ns;
    verdict.held = way->law.reorder > 0 && random_unit(&way->reorder) < way->law.reorder;
    if (verdict.held)
        verdict.pass_ns += way->law.hold_ns;
    else
        way->last_ns = verdict.pass_ns;
    return verdict;
}

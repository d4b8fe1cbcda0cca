/* What a link should measure as: see link_bounds.h. */
#include "model/link_bounds.h"

#include "base/clock.h"
#include "base/median.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

#define TAIL 0.0005      /* of a distribution, beyond either end of what passes */
#define TOLERANCE 0.02   /* of a time or a rate */
#define TOLERANCE_US 300 /* of a time, on top: the relay has to wake up */
/* Twice as many is then further than 3.3 deviations of one and 2.3 of the other. */
#define LOSSES_TO_EXPECT 60
#define PROBES_OF_NO_LOSS 1000
#define WORK 1000000 /* frames that the law is given for one figure, so some tenth of a second */
#define ROUNDS_LEAST 100
#define ROUNDS_MOST 1000

bool link_range_holds(const struct link_range *range, double got) {
    return got >= range->least && got <= range->most;
}

/* --- loss ------------------------------------------------------------------------------------- */

static double binomial_chance(uint64_t trials, double chance, uint64_t count) {
    double n = (double)trials, k = (double)count;
    return exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(chance) +
               (n - k) * log1p(-chance));
}

/* The sum runs from the lower end, where rounding is worst, and is over once it has reached the
 * upper tail. */
void binomial_interval(uint64_t trials, double chance, uint64_t *low, uint64_t *high) {
    *low = *high = chance < 1 ? 0 : trials;
    if (chance <= 0 || chance >= 1) return;
    double up_to = 0;
    for (uint64_t count = 0; count <= trials; count++) {
        up_to += binomial_chance(trials, chance, count);
        if (up_to <= TAIL) *low = count + 1;
        *high = count;
        if (up_to >= 1 - TAIL) return;
    }
}

/* The variance of a sum over a stationary chain: that of each, and twice the covariances, which
 * shrink by c with every frame between two. */
double link_loss_inflation(const struct link_settings *settings) {
    double lost = link_loss_share(settings);
    if (!settings->bursts || lost <= 0 || lost >= 1) return 1;
    double p = settings->burst[0], r = settings->burst[1];
    double bad = p > 0 ? p / (p + r) : 0, c = 1 - p - r;
    double contrast = settings->burst[3] - settings->burst[2];
    if (c >= 1) return 1; /* the chain never moves */
    return 1 + 2 * bad * (1 - bad) * contrast * contrast * c / (1 - c) / (lost * (1 - lost));
}

/* A chain that goes to and fro, one lost and one not, loses a count that hardly varies: it is judged as if it
 * varied a little. */
#define INFLATION_LEAST 0.05

uint64_t link_loss_probes(const struct link_settings *settings) {
    double lost = link_loss_share(settings);
    if (lost <= 0) return PROBES_OF_NO_LOSS;
    double probes = LOSSES_TO_EXPECT * fmax(link_loss_inflation(settings), 1) / lost;
    return (uint64_t)fmin(fmax(probes, PROBES_OF_NO_LOSS), 1e9);
}

/* Probes in bursts say as much as fewer independent ones: the interval is that of so many, in
 * proportion. */
struct link_range link_range_of_loss(const struct link_settings *settings, uint64_t probes) {
    double lost = link_loss_share(settings);
    double inflation = fmax(link_loss_inflation(settings), INFLATION_LEAST);
    uint64_t independent = (uint64_t)llround((double)probes / inflation);
    if (independent == 0) independent = 1;
    uint64_t low, high;
    binomial_interval(independent, lost, &low, &high);
    double percent = 100.0 / (double)independent;
    return (struct link_range){100 * lost, percent * (double)low, percent * (double)high};
}

/* --- the figures ------------------------------------------------------------------------------ */

double link_probes_delay_us(const struct link_probe *probes, size_t count) {
    double *delays = xcalloc(count + 1, sizeof(*delays));
    size_t arrived = 0;
    for (size_t i = 0; i < count; i++)
        if (probes[i].arrived_ns != 0)
            delays[arrived++] = (double)(probes[i].arrived_ns - probes[i].sent_ns) / NS_PER_US;
    double middle = median(delays, (int)arrived);
    free(delays);
    return middle;
}

static int by_arrival(const void *a, const void *b) {
    int64_t x = ((const struct link_probe *)a)->arrived_ns;
    int64_t y = ((const struct link_probe *)b)->arrived_ns;
    return (x > y) - (x < y);
}

/* Those that arrived, in that order; the caller frees them. */
static struct link_probe *arrivals(const struct link_probe *probes, size_t count, size_t *arrived) {
    struct link_probe *some = xcalloc(count + 1, sizeof(*some));
    *arrived = 0;
    for (size_t i = 0; i < count; i++)
        if (probes[i].arrived_ns != 0) some[(*arrived)++] = probes[i];
    qsort(some, *arrived, sizeof(*some), by_arrival);
    return some;
}

/* From each in the first half to the one that is half of all behind it: what came after the one,
 * up to the other. */
double link_probes_mbit(const struct link_probe *probes, size_t count) {
    size_t arrived, half, pairs = 0, bytes = 0;
    struct link_probe *some = arrivals(probes, count, &arrived);
    double *rates = xcalloc(arrived + 1, sizeof(*rates));
    half = arrived / 2;
    for (size_t i = 1; i <= half; i++) bytes += some[i].ip_bytes;
    for (size_t i = 0; half > 0 && i + half < arrived; i++) {
        int64_t took_ns = some[i + half].arrived_ns - some[i].arrived_ns;
        if (took_ns > 0) rates[pairs++] = (double)bytes * 8 * NS_PER_US / (double)took_ns;
        bytes += some[i + half + 1].ip_bytes - some[i + 1].ip_bytes;
    }
    double middle = median(rates, (int)pairs);
    free(rates);
    free(some);
    return middle;
}

/* --- what the law makes of the same frames ---------------------------------------------------- */

struct ways {
    struct link_way down, up;
};

static void ways_init(struct ways *ways, const struct link_settings *settings, uint64_t seed) {
    static const struct link_faults none = {.loss_times = 1, .rate_times = 1};
    struct link_law down = link_law_make(settings, LINK_DOWN, &none);
    struct link_law up = link_law_make(settings, LINK_UP, &none);
    link_way_init(&ways->down, &down, LINK_DOWN, seed);
    link_way_init(&ways->up, &up, LINK_UP, seed);
}

/* When it arrives; 0: never. */
static int64_t pass(struct link_way *way, int64_t at_ns, size_t ip_bytes) {
    struct link_verdict verdict = link_way_take(way, at_ns, ip_bytes);
    return verdict.fate == LINK_PASSES ? verdict.pass_ns : 0;
}

static void send_one_way(struct link_way *way, struct link_probe *probes, size_t count) {
    for (size_t i = 0; i < count; i++)
        probes[i].arrived_ns = pass(way, probes[i].sent_ns, probes[i].ip_bytes);
}

static void send_down(struct ways *ways, struct link_probe *probes, size_t count) {
    send_one_way(&ways->down, probes, count);
}

static void send_up(struct ways *ways, struct link_probe *probes, size_t count) {
    send_one_way(&ways->up, probes, count);
}

/* What a handshake sends next, and when. */
struct handshake {
    int64_t at_ns; /* INT64_MAX: nothing any more */
    enum { SYN, ANSWER, LAST_WORD, OVER } next;
};

static void shake_hand(struct ways *ways, struct handshake *handshake, struct link_probe *probe) {
    struct link_way *way = handshake->next == ANSWER ? &ways->down : &ways->up;
    size_t ip_bytes = handshake->next == LAST_WORD ? LINK_ACK_BYTES : LINK_SYN_BYTES;
    int64_t there_ns = pass(way, handshake->at_ns, ip_bytes);
    if (handshake->next == ANSWER) probe->arrived_ns = there_ns;
    handshake->next++;
    handshake->at_ns = there_ns == 0 || handshake->next == OVER ? INT64_MAX : there_ns;
}

/* In the order of time, for what one sends is in the way of the others. */
static void shake_hands(struct ways *ways, struct link_probe *probes, size_t count) {
    struct handshake *handshakes = xcalloc(count + 1, sizeof(*handshakes));
    size_t first;
    for (size_t i = 0; i < count; i++) {
        handshakes[i].at_ns = probes[i].sent_ns;
        probes[i].arrived_ns = 0;
    }
    handshakes[count].at_ns = INT64_MAX;
    do {
        first = count;
        for (size_t i = 0; i < count; i++)
            if (handshakes[i].at_ns < handshakes[first].at_ns) first = i;
        if (first < count) shake_hand(ways, &handshakes[first], &probes[first]);
    } while (first < count);
    free(handshakes);
}

/* The figure, over and over with other luck: the mean, the least and the most. */
static struct link_range try_often(const struct link_settings *settings,
                                   void (*send)(struct ways *, struct link_probe *, size_t),
                                   double (*figure)(const struct link_probe *, size_t),
                                   const struct link_probe *sent, size_t count, uint64_t seed) {
    size_t rounds = WORK / (count + 1), known = 0;
    if (rounds < ROUNDS_LEAST) rounds = ROUNDS_LEAST;
    if (rounds > ROUNDS_MOST) rounds = ROUNDS_MOST;
    struct link_probe *probes = xcalloc(count + 1, sizeof(*probes));
    struct link_range range = {0, INFINITY, -INFINITY};
    for (size_t i = 0; i < count; i++) probes[i] = sent[i];
    for (size_t round = 0; round < rounds; round++) {
        struct ways ways;
        ways_init(&ways, settings, random_derive(seed, round));
        send(&ways, probes, count);
        double value = figure(probes, count);
        if (isnan(value)) continue;
        known++;
        range.asked += value;
        range.least = fmin(range.least, value);
        range.most = fmax(range.most, value);
    }
    free(probes);
    if (2 * known < rounds) return (struct link_range){NAN, NAN, NAN};
    range.asked /= (double)known;
    return range;
}

static struct link_range widen(struct link_range range, double more) {
    return (struct link_range){
        .asked = range.asked,
        .least = fmax(range.least - TOLERANCE * range.asked - more, 0),
        .most = range.most + TOLERANCE * range.asked + more,
    };
}

struct link_range link_range_of_delay(const struct link_settings *settings,
                                      enum link_direction direction,
                                      const struct link_probe *probes, size_t count,
                                      uint64_t seed) {
    return widen(try_often(settings, direction == LINK_DOWN ? send_down : send_up,
                           link_probes_delay_us, probes, count, seed),
                 TOLERANCE_US);
}

struct link_range link_range_of_rate(const struct link_settings *settings,
                                     enum link_direction direction, const struct link_probe *probes,
                                     size_t count, uint64_t seed) {
    return widen(try_often(settings, direction == LINK_DOWN ? send_down : send_up, link_probes_mbit,
                           probes, count, seed),
                 0);
}

struct link_range link_range_of_handshake(const struct link_settings *settings,
                                          const struct link_probe *probes, size_t count,
                                          uint64_t seed) {
    return widen(try_often(settings, shake_hands, link_probes_delay_us, probes, count, seed),
                 TOLERANCE_US);
}

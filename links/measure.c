/* The measuring of a link: see measure.h. First what is sent for each figure, then how it is
 * judged and said, then the order of it all. */
#include "measure.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "model/conversation.h"
#include "model/link_bounds.h"
#include "probe.h"

#include <math.h>
#include <stdlib.h>
#include <uv.h>

#define ATTEMPTS 3
#define GAP_NS (2 * NS_PER_MS)        /* between probes, where nothing asks for another */
#define JITTER_GAP_NS (5 * NS_PER_MS) /* at most; with jitter they wait for each other */
#define LINGER_NS (150 * NS_PER_MS)   /* so much later than it should a probe still arrives */
#define DELAY_BYTES 48
#define DELAYS 40            /* probes, where all take equally long */
#define DELAYS_BY_CHANCE 200 /* where they do not: a median of so many is near */
#define DELAYS_MOST 400
#define HANDSHAKES 15
#define HANDSHAKES_BY_CHANCE 60
#define HANDSHAKES_MOST 100
#define STAGE_NS (2 * NS_PER_SECOND) /* no train takes longer */
#define LOSS_GAP_NS (66 * NS_PER_US) /* 15,000 per second are no trouble to the relay */
#define LOSS_LOAD 0.7                /* of a narrow line: no queue, so nothing is dropped */
#define RATE_LOAD 1.25               /* of one whose rate is measured: it never idles */
#define RATE_NS (100 * NS_PER_MS)
#define RATE_FRAMES 8                 /* at least */
#define RATE_HEAD_NS (50 * NS_PER_MS) /* at once into the queue, for this process may be held up */
#define RATE_HEAD 200                 /* frames of these, at most */
#define RATE_BUSY 0.97                /* of its rate: a line that has carried less has idled */

/* Figures in the order in which they are said. */
enum what { HANDSHAKE, DELAY_DOWN, DELAY_UP, RATE_DOWN, RATE_UP, LOSS_DOWN, LOSS_UP, FIGURES };

/* How a figure is said: "A frame from servers to clients takes" 25.1 "ms". */
static const struct {
    const char *name, *subject, *unit;
    double per_unit;
} words[FIGURES] = {
    [HANDSHAKE] = {"round_trip_us", "a TCP handshake takes", "ms", 1000},
    [DELAY_DOWN] = {"delay_down_us", "a frame from servers to clients takes", "ms", 1000},
    [DELAY_UP] = {"delay_up_us", "a frame from clients to servers takes", "ms", 1000},
    [RATE_DOWN] = {"down_mbit", "the line from servers to clients carries", "Mbit/s", 1},
    [RATE_UP] = {"up_mbit", "the line from clients to servers carries", "Mbit/s", 1},
    [LOSS_DOWN] = {"loss_down_percent", "loss from servers to clients is", "%", 1},
    [LOSS_UP] = {"loss_up_percent", "loss from clients to servers is", "%", 1},
};

struct figure {
    bool wanted, off;
    bool again; /* what was sent says little */
    double got;
    struct link_range range;
    size_t sent;  /* probes */
    int attempts; /* to measure it */
    int error;    /* 0, or the libuv error that kept it from being measured */
};

struct measuring {
    const struct link_settings *settings;
    struct link_law laws[2]; /* by enum link_direction */
    struct prober prober;
    struct figure figures[FIGURES];
    uint64_t seed;
    int64_t until_ns;
};

/* --- what is sent ----------------------------------------------------------------------------- */

static int64_t max_ns(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t min_ns(int64_t a, int64_t b) { return a < b ? a : b; }

/* How long a frame may take that meets no queue, and then some. */
static int64_t linger_ns(const struct link_law *law) {
    return law->delay_ns + law->jitter_ns + law->hold_ns + LINGER_NS;
}

static bool by_chance(const struct link_law *law) { return law->jitter_ns > 0 || law->reorder > 0; }

/* So many that `wanted` should arrive. */
static size_t enough(size_t wanted, double passing, size_t most) {
    double count = passing > 0 ? (double)wanted / passing : (double)most;
    return count < (double)most ? (size_t)ceil(count) : most;
}

/* No more than fit into the time. */
static size_t in_time(size_t count, int64_t gap_ns) {
    size_t most = (size_t)(STAGE_NS / gap_ns) + 2;
    return count < most ? count : most;
}

static double passing(const struct measuring *measuring) {
    return 1 - link_loss_share(measuring->settings);
}

static struct probe_train delay_train(const struct measuring *measuring,
                                      enum link_direction direction) {
    const struct link_law *law = &measuring->laws[direction];
    int64_t gap_ns = max_ns(GAP_NS, min_ns(law->jitter_ns / 2, JITTER_GAP_NS));
    gap_ns = max_ns(gap_ns, 2 * link_line_ns(law, DELAY_BYTES));
    size_t count = by_chance(law) ? DELAYS_BY_CHANCE : DELAYS;
    return (struct probe_train){
        .direction = direction,
        .ip_bytes = DELAY_BYTES,
        .gap_ns = gap_ns,
        .count = in_time(enough(count, passing(measuring), DELAYS_MOST), gap_ns),
    };
}

/* More than the line carries, so that it always has something to carry, and the rate is what
 * comes out of it. What finds no room is dropped, which does not matter. Where frames of full
 * size would not find room, shorter ones. */
static struct probe_train rate_train(const struct measuring *measuring,
                                     enum link_direction direction) {
    const struct link_law *law = &measuring->laws[direction];
    double room = (double)law->queue_ns / NS_PER_SECOND * law->bits_per_second / 8;
    double load = RATE_LOAD / fmax(passing(measuring), 0.1);
    size_t ip_bytes = (size_t)fmin(fmax(room, PROBE_BYTES_LEAST), (double)measuring->settings->mtu);
    int64_t frame_ns = max_ns(link_line_ns(law, ip_bytes), 1);
    int64_t took_ns = max_ns(RATE_NS, min_ns(30 * law->jitter_ns, STAGE_NS / 2));
    took_ns = min_ns(max_ns(took_ns, RATE_FRAMES * frame_ns), STAGE_NS);
    return (struct probe_train){
        .direction = direction,
        .ip_bytes = ip_bytes,
        .at_once = (size_t)min_ns(min_ns(law->queue_ns / 2, RATE_HEAD_NS) / frame_ns, RATE_HEAD),
        .gap_ns = max_ns((int64_t)((double)frame_ns / load), 1),
        .catch_up_ns = STAGE_NS,
        .count = (size_t)((double)took_ns / (double)frame_ns * load) + 2,
    };
}

/* On a narrow line one that is late does not catch up: two at once could find the queue full. */
static struct probe_train loss_train(const struct measuring *measuring,
                                     enum link_direction direction) {
    const struct link_law *law = &measuring->laws[direction];
    int64_t narrow_ns = (int64_t)((double)link_line_ns(law, PROBE_BYTES_LEAST) / LOSS_LOAD);
    int64_t gap_ns = max_ns(LOSS_GAP_NS, narrow_ns);
    return (struct probe_train){
        .direction = direction,
        .ip_bytes = PROBE_BYTES_LEAST,
        .gap_ns = gap_ns,
        .catch_up_ns = narrow_ns > 0 ? 0 : NS_PER_MS,
        .count = in_time(link_loss_probes(measuring->settings), gap_ns),
    };
}

/* --- what is made of it ----------------------------------------------------------------------- */

static void judge(struct figure *figure, double got, struct link_range range, size_t sent) {
    figure->got = got;
    figure->range = range;
    figure->sent = sent;
    figure->wanted = !isnan(range.asked);
    figure->off = figure->wanted && !link_range_holds(&range, got);
    figure->again = false;
}

static void fail(struct figure *figure, int error) {
    figure->error = error;
    figure->off = true;
}

static bool to_measure(const struct figure *figure) {
    return figure->wanted && (figure->off || figure->again);
}

/* Trains that run together, and the figures that each stands for. */
struct run {
    struct probe_train trains[2];
    struct figure *figures[2];
    int count;
};

static void add_train(struct run *run, struct figure *figure, struct probe_train train) {
    if (!to_measure(figure)) return;
    train.probes = xcalloc(train.count, sizeof(*train.probes));
    run->figures[run->count] = figure;
    run->trains[run->count++] = train;
}

static void send_trains(struct measuring *measuring, struct run *run, int64_t wait_ns) {
    int64_t over_ns = min_ns(clock_now_ns() + STAGE_NS + STAGE_NS / 2, measuring->until_ns);
    if (run->count == 0) return;
    prober_run(&measuring->prober, run->trains, run->count, wait_ns, over_ns);
    for (int i = 0; i < run->count; i++) {
        run->figures[i]->error = run->trains[i].error;
        if (run->trains[i].error != 0) fail(run->figures[i], run->trains[i].error);
    }
}

static void free_trains(struct run *run) {
    for (int i = 0; i < run->count; i++) free(run->trains[i].probes);
}

static void measure_delays(struct measuring *measuring) {
    struct run run = {0};
    add_train(&run, &measuring->figures[DELAY_DOWN], delay_train(measuring, LINK_DOWN));
    add_train(&run, &measuring->figures[DELAY_UP], delay_train(measuring, LINK_UP));
    send_trains(measuring, &run, linger_ns(&measuring->laws[LINK_DOWN]));
    for (int i = 0; i < run.count; i++) {
        struct probe_train *train = &run.trains[i];
        if (train->error != 0) continue;
        judge(run.figures[i], link_probes_delay_us(train->probes, train->sent),
              link_range_of_delay(measuring->settings, train->direction, train->probes, train->sent,
                                  measuring->seed),
              train->sent);
    }
    free_trains(&run);
}

/* Whether the line of a law could carry all the time, and by what was sent did not: this process
 * was held up. */
static bool idled(const struct link_law *law, const struct probe_train *train, double mbit) {
    return law->queue_ns >= link_line_ns(law, train->ip_bytes) &&
           mbit * 1e6 < RATE_BUSY * law->bits_per_second;
}

/* One line after the other: either is work. */
static void measure_rate(struct measuring *measuring, enum what what,
                         enum link_direction direction) {
    const struct link_law *law = &measuring->laws[direction];
    struct figure *figure = &measuring->figures[what];
    struct run run = {0};
    if (!to_measure(figure)) return;
    add_train(&run, figure, rate_train(measuring, direction));
    struct probe_train *train = &run.trains[0];
    int64_t queue_ns = min_ns(law->queue_ns, STAGE_NS) + link_line_ns(law, train->ip_bytes);
    send_trains(measuring, &run, linger_ns(law) + queue_ns);
    if (train->error == 0) {
        judge(figure, link_probes_mbit(train->probes, train->sent),
              link_range_of_rate(measuring->settings, direction, train->probes, train->sent,
                                 measuring->seed),
              train->sent);
        figure->again = idled(law, train, figure->range.asked);
    }
    free_trains(&run);
}

static void measure_losses(struct measuring *measuring) {
    struct run run = {0};
    add_train(&run, &measuring->figures[LOSS_DOWN], loss_train(measuring, LINK_DOWN));
    add_train(&run, &measuring->figures[LOSS_UP], loss_train(measuring, LINK_UP));
    send_trains(measuring, &run, linger_ns(&measuring->laws[LINK_DOWN]));
    for (int i = 0; i < run.count; i++) {
        struct probe_train *train = &run.trains[i];
        double came = (double)(train->arrived + train->overflowed);
        if (train->error != 0 || train->sent == 0) continue;
        judge(run.figures[i], 100 * (1 - came / (double)train->sent),
              link_range_of_loss(measuring->settings, train->sent), train->sent);
    }
    free_trains(&run);
}

/* The words of one on a narrow line are not in the way of the next. */
static void measure_handshake(struct measuring *measuring) {
    const struct link_law *down = &measuring->laws[LINK_DOWN], *up = &measuring->laws[LINK_UP];
    struct figure *figure = &measuring->figures[HANDSHAKE];
    struct link_probe probes[HANDSHAKES_MOST] = {{0}};
    if (!to_measure(figure)) return;
    int64_t gap_ns = max_ns(GAP_NS, min_ns(up->jitter_ns / 2, JITTER_GAP_NS));
    gap_ns = max_ns(gap_ns, 2 * link_line_ns(down, LINK_SYN_BYTES));
    gap_ns = max_ns(gap_ns, 2 * link_line_ns(up, LINK_SYN_BYTES + LINK_ACK_BYTES));
    size_t count = enough(by_chance(up) ? HANDSHAKES_BY_CHANCE : HANDSHAKES,
                          passing(measuring) * passing(measuring), HANDSHAKES_MOST);
    count = in_time(count, gap_ns);
    int error = prober_shake_hands(&measuring->prober, probes, count, gap_ns,
                                   linger_ns(up) + linger_ns(down));
    figure->error = error;
    if (error != 0)
        fail(figure, error);
    else
        judge(figure, link_probes_delay_us(probes, count),
              link_range_of_handshake(measuring->settings, probes, count, measuring->seed), count);
}

/* --- what is said ----------------------------------------------------------------------------- */

static char *sentence_of(enum what what, const struct figure *figure) {
    const char *subject = words[what].subject, *unit = words[what].unit;
    double per = words[what].per_unit, asked = figure->range.asked / per, got = figure->got / per;
    if (figure->error != 0)
        return xasprintf("whether %s what was asked for cannot be measured: %s", subject,
                         uv_strerror(figure->error));
    if (figure->sent == 0)
        return xasprintf("whether %s what was asked for cannot be measured: the time was over",
                         subject);
    if (isnan(got))
        return xasprintf("whether %s %.4g %s cannot be measured: of %zu probes too few arrived",
                         subject, asked, unit, figure->sent);
    if (!figure->off)
        return xasprintf("%s %.4g %s, and %.4g were asked for", subject, got, unit, asked);
    bool more = figure->got > figure->range.most;
    return xasprintf("%s %.4g %s, but %.4g were asked for, and no %s than %.4g can pass for that",
                     subject, got, unit, asked, more ? "more" : "less",
                     (more ? figure->range.most : figure->range.least) / per);
}

/* JSON has no NAN. */
static json_t *number(double value) {
    return isfinite(value) ? json_real(round(value * 1e6) / 1e6) : json_null();
}

static json_t *told(enum what what, const struct figure *figure) {
    char *sentence = sentence_of(what, figure);
    json_t *object = json_object();
    json_object_set_new(object, FIELD_NAME, json_string(words[what].name));
    json_object_set_new(object, FIELD_ASKED, number(figure->range.asked));
    json_object_set_new(object, FIELD_GOT, number(figure->got));
    json_object_set_new(object, FIELD_LEAST, number(figure->range.least));
    json_object_set_new(object, FIELD_MOST, number(figure->range.most));
    json_object_set_new(object, "attempts", json_integer(figure->attempts));
    json_object_set_new(object, FIELD_OFF, json_boolean(figure->off));
    json_object_set_new(object, FIELD_IN_WORDS, json_string(sentence));
    free(sentence);
    return object;
}

/* For people who wonder why it takes so long. */
static void tell_again(const struct measuring *measuring) {
    for (enum what what = 0; what < FIGURES; what++) {
        const struct figure *figure = &measuring->figures[what];
        if (!to_measure(figure)) continue;
        char *sentence = sentence_of(what, figure);
        log_info("measured again: %s", sentence);
        free(sentence);
    }
}

/* --- all of it -------------------------------------------------------------------------------- */

static void start(struct measuring *measuring) {
    static const struct link_faults none = {.loss_times = 1, .rate_times = 1};
    for (int i = 0; i < 2; i++)
        measuring->laws[i] = link_law_make(measuring->settings, (enum link_direction)i, &none);
    for (enum what what = 0; what < FIGURES; what++) {
        measuring->figures[what] =
            (struct figure){.wanted = true, .off = true, .got = NAN, .range = {NAN, NAN, NAN}};
    }
    measuring->figures[RATE_DOWN].wanted = measuring->laws[LINK_DOWN].bits_per_second > 0;
    measuring->figures[RATE_UP].wanted = measuring->laws[LINK_UP].bits_per_second > 0;
}

/* Whatever is off, which at first is everything. Returns whether something still is. */
static bool attempt(struct measuring *measuring) {
    bool off = false;
    for (enum what what = 0; what < FIGURES; what++)
        measuring->figures[what].attempts += to_measure(&measuring->figures[what]) ? 1 : 0;
    measure_delays(measuring);
    measure_handshake(measuring);
    measure_rate(measuring, RATE_DOWN, LINK_DOWN);
    measure_rate(measuring, RATE_UP, LINK_UP);
    measure_losses(measuring);
    for (enum what what = 0; what < FIGURES; what++) off |= to_measure(&measuring->figures[what]);
    return off;
}

json_t *measure_link(const struct namespaces *namespaces, const struct link_settings *asked,
                     uint64_t seed, int64_t until_ns, int *error) {
    struct measuring measuring = {.settings = asked, .seed = seed, .until_ns = until_ns};
    *error = prober_open(&measuring.prober, namespaces);
    if (*error != 0) return NULL;
    start(&measuring);
    int64_t took_ns = 0;
    for (int i = 0; i < ATTEMPTS && clock_now_ns() + took_ns < until_ns; i++) {
        int64_t began_ns = clock_now_ns();
        if (!attempt(&measuring)) break;
        if (i + 1 < ATTEMPTS) tell_again(&measuring);
        took_ns = max_ns(took_ns, clock_now_ns() - began_ns);
    }
    json_t *list = json_array();
    for (enum what what = 0; what < FIGURES; what++)
        if (measuring.figures[what].wanted)
            json_array_append_new(list, told(what, &measuring.figures[what]));
    return list;
}

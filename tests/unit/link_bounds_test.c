/* core/model/link_bounds */
#include "model/link_bounds.h"

#include "base/clock.h"
#include "test.h"

#include <math.h>

#define NEAR(value, expected, tolerance) assert_true(fabs((value) - (expected)) <= (tolerance))

static const struct link_faults NONE = {.loss_times = 1, .rate_times = 1};

static struct link_settings settings_of(const char *burst_text) {
    struct link_settings settings = {.burst_text = burst_text, .queue_ms = 100, .mtu = 1500};
    assert_null(link_settings_read(&settings));
    return settings;
}

/* --- loss ------------------------------------------------------------------------------------- */

/* Counted in whole fractions by another program: the sums of C(n, k) p^k (1-p)^(n-k) against
 * 1/2000. */
static void binomial_by_the_book(void **state) {
    static const struct {
        uint64_t trials;
        double chance;
        uint64_t low, high;
    } cases[] = {
        {1, 0.5, 0, 1},       {10, 0.5, 0, 10},     {100, 0.5, 34, 66},    {40, 0.1, 0, 11},
        {1000, 0.001, 0, 6},  {2000, 0.03, 37, 87}, {1200, 0.05, 37, 86},  {500, 0.99, 486, 500},
        {6000, 0.01, 36, 87}, {1000, 0, 0, 0},      {1000, 1, 1000, 1000}, {0, 0.5, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t low, high;
        binomial_interval(cases[i].trials, cases[i].chance, &low, &high);
        assert_int_equal(low, cases[i].low);
        assert_int_equal(high, cases[i].high);
    }
}

/* What a link that loses so many times what was asked for loses of so many probes, in percent. */
static double percent_lost(const struct link_settings *settings, double times, uint64_t probes,
                           uint64_t seed) {
    struct link_faults faults = {.loss_times = times, .rate_times = 1};
    struct link_law law = link_law_make(settings, LINK_DOWN, &faults);
    struct link_way way;
    uint64_t lost = 0;
    link_way_init(&way, &law, LINK_DOWN, seed);
    for (uint64_t i = 0; i < probes; i++)
        lost += link_way_take(&way, (int64_t)i * NS_PER_MS, 100).fate == LINK_LOST;
    return 100 * (double)lost / (double)probes;
}

/* How many of 1,000 links are within the range. */
static int within(const struct link_settings *settings, double times) {
    uint64_t probes = link_loss_probes(settings);
    struct link_range range = link_range_of_loss(settings, probes);
    int found = 0;
    for (uint64_t seed = 0; seed < 1000; seed++)
        found += link_range_holds(&range, percent_lost(settings, times, probes, seed));
    return found;
}

static void twice_the_loss_is_told_from_once(void **state) {
    static const double percents[] = {1, 3, 5, 20};
    (void)state;
    for (size_t i = 0; i < sizeof(percents) / sizeof(percents[0]); i++) {
        struct link_settings settings = settings_of("");
        settings.loss_percent = percents[i];
        assert_in_range(within(&settings, 1), 996, 1000);
        assert_in_range(within(&settings, 2), 0, 10);
        assert_in_range(within(&settings, 0.25), 0, 10);
        assert_in_range(within(&settings, 0), 0, 0);
    }
}

static void also_in_bursts(void **state) {
    static const char *const bursts[] = {"0.01:0.3:0:1", "0.002:0.1:0.2:1", "0.05:0.5:0.5:0.99"};
    (void)state;
    for (size_t i = 0; i < sizeof(bursts) / sizeof(bursts[0]); i++) {
        struct link_settings settings = settings_of(bursts[i]);
        assert_in_range(within(&settings, 1), 993, 1000);
        assert_in_range(within(&settings, 0), 0, 0);
    }
    struct link_settings settings = settings_of("0.05:0.5:0.5:0.99");
    assert_in_range(within(&settings, 2), 0, 10);
}

static void the_variance_of_bursts(void **state) {
    struct link_settings settings = settings_of("0.01:0.3:0:1");
    (void)state;
    NEAR(link_loss_inflation(&settings), 1.69 / 0.31, 1e-9);
    settings = settings_of("0.4:0.6:0:1"); /* the next state does not depend on this one */
    NEAR(link_loss_inflation(&settings), 1, 1e-9);
    settings = settings_of("0.9:0.8:0:1"); /* states take turns: less than by chance */
    NEAR(link_loss_inflation(&settings), 0.3 / 1.7, 1e-9);
    settings = settings_of("0:0.3:0:0.9"); /* it never gets bad */
    NEAR(link_loss_inflation(&settings), 1, 1e-9);
    settings = settings_of("");
    settings.loss_percent = 3;
    NEAR(link_loss_inflation(&settings), 1, 1e-9);
}

/* Of bursts as they are drawn. */
static void the_variance_as_drawn(void **state) {
    enum { LINKS = 3000, PROBES = 2000 };
    struct link_settings settings = settings_of("0.02:0.2:0.3:0.98");
    double sum = 0, squares = 0, share = link_loss_share(&settings);
    (void)state;
    for (uint64_t seed = 0; seed < LINKS; seed++) {
        double lost = percent_lost(&settings, 1, PROBES, seed) / 100 * PROBES;
        sum += lost;
        squares += lost * lost;
    }
    double variance = squares / LINKS - sum / LINKS * (sum / LINKS);
    NEAR(sum / LINKS / PROBES / share, 1, 0.02);
    NEAR(variance / (PROBES * share * (1 - share)) / link_loss_inflation(&settings), 1, 0.1);
}

static void no_loss_is_none(void **state) {
    struct link_settings settings = settings_of("");
    struct link_range range = link_range_of_loss(&settings, link_loss_probes(&settings));
    (void)state;
    assert_true(link_loss_probes(&settings) >= 1000);
    assert_true(link_range_holds(&range, 0));
    assert_false(link_range_holds(&range, 0.1));
    assert_false(link_range_holds(&range, NAN));
    settings.loss_percent = 100;
    range = link_range_of_loss(&settings, 1000);
    assert_true(link_range_holds(&range, 100));
    assert_false(link_range_holds(&range, 99.9));
}

/* --- times ------------------------------------------------------------------------------------ */

enum { PROBES = 200, SMALL = 48 };

static void send_evenly(struct link_probe *probes, size_t count, int64_t gap_ns, size_t ip_bytes) {
    for (size_t i = 0; i < count; i++)
        probes[i] =
            (struct link_probe){.sent_ns = 1000 + (int64_t)i * gap_ns, .ip_bytes = ip_bytes};
}

static struct link_range delay_of(const struct link_settings *settings, int64_t gap_ns) {
    struct link_probe probes[PROBES];
    send_evenly(probes, PROBES, gap_ns, SMALL);
    return link_range_of_delay(settings, LINK_DOWN, probes, PROBES, 1);
}

static void a_way_takes_half_the_round_trip(void **state) {
    struct link_settings settings = settings_of("");
    (void)state;
    settings.rtt_ms = 50;
    struct link_range range = delay_of(&settings, 2 * NS_PER_MS);
    NEAR(range.asked, 25000, 0.01);
    NEAR(range.least, 25000 * 0.98 - 300, 0.01);
    NEAR(range.most, 25000 * 1.02 + 300, 0.01);
    settings.loss_percent = 5; /* what is lost has no delay */
    NEAR(delay_of(&settings, 2 * NS_PER_MS).asked, 25000, 0.01);
    settings.rtt_ms = 0;
    NEAR(delay_of(&settings, 2 * NS_PER_MS).asked, 0, 0.01);
    NEAR(delay_of(&settings, 2 * NS_PER_MS).most, 300, 0.01);
}

static void and_the_line_its_time(void **state) {
    struct link_settings settings = settings_of("");
    (void)state;
    settings.rtt_ms = 50;
    settings.down_mbit = 0.4;
    NEAR(delay_of(&settings, 2 * NS_PER_MS).asked, 25000 + SMALL * 8 / 0.4, 0.01);
    /* Ten times as fast as it goes: those that get through wait up to as long as they may. */
    NEAR(delay_of(&settings, NS_PER_MS / 10).asked, 25000 + 100000 / 2, 10000);
    settings.down_mbit = 0;
    settings.up_mbit = 0.4; /* the other way's is not its affair */
    NEAR(delay_of(&settings, 2 * NS_PER_MS).asked, 25000, 0.01);
}

/* Far apart each has its own: the median of uniform ones. Close together the order is kept, and
 * all wait for the slowest before them. */
static void jitter_by_its_median(void **state) {
    struct link_settings settings = settings_of("");
    (void)state;
    settings.rtt_ms = 20;
    settings.jitter_ms = 10;
    struct link_range range = delay_of(&settings, 10 * NS_PER_MS);
    NEAR(range.asked, 15000, 100);
    double chance = 3.2905 * 10000 / 2 / sqrt(PROBES); /* of such a median, 99.9 % */
    NEAR(range.most - range.asked - 0.02 * range.asked - 300, chance, 0.25 * chance);
    NEAR(range.asked - range.least - 0.02 * range.asked - 300, chance, 0.25 * chance);
    assert_true(delay_of(&settings, NS_PER_MS / 10).asked > 18000);
}

static void held_back_ones_are_few(void **state) {
    struct link_settings settings = settings_of("");
    (void)state;
    settings.rtt_ms = 20;
    settings.reorder_percent = 10;
    NEAR(delay_of(&settings, 2 * NS_PER_MS).asked, 10000, 0.01);
    settings.reorder_percent = 90;
    NEAR(delay_of(&settings, 2 * NS_PER_MS).asked, 15000, 0.01);
}

static void where_nothing_comes_nothing_is_asked(void **state) {
    struct link_settings settings = settings_of("");
    (void)state;
    settings.loss_percent = 100;
    assert_true(isnan(delay_of(&settings, NS_PER_MS).asked));
}

static void a_handshake_is_there_and_back(void **state) {
    struct link_settings settings = settings_of("");
    struct link_probe probes[15];
    (void)state;
    send_evenly(probes, 15, 20 * NS_PER_MS, LINK_SYN_BYTES);
    settings.rtt_ms = 50;
    NEAR(link_range_of_handshake(&settings, probes, 15, 1).asked, 50000, 0.01);
    settings.down_mbit = 1.6;
    settings.up_mbit = 0.768;
    NEAR(link_range_of_handshake(&settings, probes, 15, 1).asked,
         50000 + LINK_SYN_BYTES * 8 / 1.6 + LINK_SYN_BYTES * 8 / 0.768, 0.01);
    settings.jitter_ms = 10; /* one for each way */
    NEAR(link_range_of_handshake(&settings, probes, 15, 1).asked, 61000, 500);
    /* The last words of the handshakes before take the line when SYNs would. */
    settings = settings_of("");
    settings.rtt_ms = 20;
    settings.up_mbit = 0.1;
    assert_true(link_range_of_handshake(&settings, probes, 15, 1).asked >
                20000 + LINK_SYN_BYTES * 8 / 0.1 - 1);
}

/* --- the figures of probes -------------------------------------------------------------------- */

static void the_median_of_those_that_arrived(void **state) {
    struct link_probe probes[] = {
        {1000, 4000, 100}, {2000, 0, 100}, {3000, 4000, 100}, {4000, 12000, 100}, {5000, 0, 100}};
    (void)state;
    NEAR(link_probes_delay_us(probes, 5), 3, 1e-9);
    NEAR(link_probes_delay_us(probes, 3), 2, 1e-9);
    assert_true(isnan(link_probes_delay_us(probes + 1, 1)));
    assert_true(isnan(link_probes_delay_us(probes, 0)));
}

static void the_rate_of_what_comes_behind(void **state) {
    struct link_probe two[] = {{0, 3 * NS_PER_MS, 500}, {0, 0, 900}, {0, 1 * NS_PER_MS, 100}};
    struct link_probe even[100];
    (void)state;
    NEAR(link_probes_mbit(two, 3), 500 * 8 / 0.002 / 1e6, 1e-9);
    assert_true(isnan(link_probes_mbit(two, 1)));
    assert_true(isnan(link_probes_mbit(two, 0)));
    for (int i = 0; i < 100; i++)
        even[i] = (struct link_probe){.arrived_ns = (i + 1) * NS_PER_MS, .ip_bytes = 1000};
    NEAR(link_probes_mbit(even, 100), 8, 1e-9);
    even[0].arrived_ns += 900 * NS_PER_US; /* late ones at the edges */
    even[99].arrived_ns += 20 * NS_PER_MS;
    NEAR(link_probes_mbit(even, 100), 8, 1e-9);
}

static struct link_range rate_of(const struct link_settings *settings, struct link_probe *probes,
                                 size_t count) {
    return link_range_of_rate(settings, LINK_UP, probes, count, 1);
}

static void a_rate_is_that_of_the_line(void **state) {
    struct link_settings settings = settings_of("");
    struct link_probe probes[PROBES];
    (void)state;
    settings.rtt_ms = 100;
    settings.up_mbit = 10;
    send_evenly(probes, PROBES, NS_PER_MS, 1500); /* 12 Mbit/s */
    struct link_range range = rate_of(&settings, probes, PROBES);
    NEAR(range.asked, 10, 0.01);
    NEAR(range.least, 9.8, 0.01);
    NEAR(range.most, 10.2, 0.01);
    send_evenly(probes, PROBES, 2 * NS_PER_MS, 1500); /* a sender that is slower than the line */
    NEAR(rate_of(&settings, probes, PROBES).asked, 6, 0.01);
    settings.queue_ms =
        0; /* the line idles: every other one is dropped, and it is free too early */
    send_evenly(probes, PROBES, NS_PER_MS, 1500);
    NEAR(rate_of(&settings, probes, PROBES).asked, 6, 0.01);
}

/* --- faults are outside ----------------------------------------------------------------------- */

static void a_faulty_link_is_outside(void **state) {
    struct link_settings settings = settings_of("");
    struct link_faults fast = {.loss_times = 1, .rate_times = 1.5};
    struct link_probe probes[PROBES];
    struct link_way way;
    (void)state;
    settings.rtt_ms = 50;
    settings.up_mbit = 1.6;
    send_evenly(probes, PROBES, 5 * NS_PER_MS, 1500);
    struct link_range range = rate_of(&settings, probes, PROBES);
    for (int faulty = 0; faulty < 2; faulty++) {
        struct link_law law = link_law_make(&settings, LINK_UP, faulty ? &fast : &NONE);
        link_way_init(&way, &law, LINK_UP, 7);
        for (int i = 0; i < PROBES; i++) {
            struct link_verdict verdict = link_way_take(&way, probes[i].sent_ns, 1500);
            probes[i].arrived_ns = verdict.fate == LINK_PASSES ? verdict.pass_ns : 0;
        }
        assert_int_equal(link_range_holds(&range, link_probes_mbit(probes, PROBES)), !faulty);
    }
    settings.up_mbit = 0;
    send_evenly(probes, PROBES, 5 * NS_PER_MS, SMALL);
    range = link_range_of_delay(&settings, LINK_UP, probes, PROBES, 1);
    for (int i = 0; i < PROBES; i++) probes[i].arrived_ns = probes[i].sent_ns + 28 * NS_PER_MS;
    assert_false(link_range_holds(&range, link_probes_delay_us(probes, PROBES)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binomial_by_the_book),
        cmocka_unit_test(twice_the_loss_is_told_from_once),
        cmocka_unit_test(also_in_bursts),
        cmocka_unit_test(the_variance_of_bursts),
        cmocka_unit_test(the_variance_as_drawn),
        cmocka_unit_test(no_loss_is_none),
        cmocka_unit_test(a_way_takes_half_the_round_trip),
        cmocka_unit_test(and_the_line_its_time),
        cmocka_unit_test(jitter_by_its_median),
        cmocka_unit_test(held_back_ones_are_few),
        cmocka_unit_test(where_nothing_comes_nothing_is_asked),
        cmocka_unit_test(a_handshake_is_there_and_back),
        cmocka_unit_test(the_median_of_those_that_arrived),
        cmocka_unit_test(the_rate_of_what_comes_behind),
        cmocka_unit_test(a_rate_is_that_of_the_line),
        cmocka_unit_test(a_faulty_link_is_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

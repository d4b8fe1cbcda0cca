/* core/model/link */
#include "model/link.h"

#include "base/clock.h"
#include "test.h"

#include <math.h>
#include <string.h>

#define FRAMES 200000
#define assert_near(got, wanted, margin) assert_true(fabs((double)(got) - (wanted)) <= (margin))

static const struct link_faults no_faults = {.loss_times = 1, .rate_times = 1};

static struct link_settings settings_of(const char *burst_text) {
    return (struct link_settings){.queue_ms = 100, .burst_text = burst_text, .mtu = 1500};
}

static struct link_way way_of(const struct link_settings *settings, uint64_t seed) {
    struct link_way way;
    struct link_law law = link_law_make(settings, LINK_DOWN, &no_faults);
    link_way_init(&way, &law, LINK_DOWN, seed);
    return way;
}

/* --- delay and the narrow line ---------------------------------------------------------------- */

static void each_way_takes_half_the_round_trip(void **state) {
    (void)state;
    struct link_settings settings = settings_of("");
    settings.rtt_ms = 40.5;
    struct link_way way = way_of(&settings, 1);
    for (int64_t at_ns = 1000; at_ns < 100 * NS_PER_MS; at_ns += 777777) {
        struct link_verdict verdict = link_way_take(&way, at_ns, 1500);
        assert_int_equal(verdict.fate, LINK_PASSES);
        assert_int_equal(verdict.pass_ns, at_ns + 20250 * NS_PER_US);
        assert_false(verdict.held);
    }
}

/* At 8 Mbit/s a byte takes a microsecond. */
static void bits_go_one_after_the_other(void **state) {
    (void)state;
    struct link_settings settings = settings_of("");
    settings.rtt_ms = 10;
    settings.down_mbit = 8;
    struct link_way way = way_of(&settings, 1);
    assert_int_equal(link_way_take(&way, 0, 1500).pass_ns, 1500 * NS_PER_US + 5 * NS_PER_MS);
    assert_int_equal(link_way_take(&way, 0, 40).pass_ns, 1540 * NS_PER_US + 5 * NS_PER_MS);
    assert_int_equal(link_way_take(&way, NS_PER_MS, 60).pass_ns, 1600 * NS_PER_US + 5 * NS_PER_MS);
    int64_t later_ns = 10 * NS_PER_MS; /* the line has been free since */
    assert_int_equal(link_way_take(&way, later_ns, 100).pass_ns,
                     later_ns + 100 * NS_PER_US + 5 * NS_PER_MS);
}

static void each_direction_has_its_rate(void **state) {
    (void)state;
    struct link_settings settings = settings_of("");
    settings.down_mbit = 2;
    settings.up_mbit = 0.5;
    struct link_faults faults = {.loss_times = 1, .rate_times = 1.5};
    assert_near(link_law_make(&settings, LINK_DOWN, &no_faults).bits_per_second, 2e6, 0);
    assert_near(link_law_make(&settings, LINK_UP, &no_faults).bits_per_second, 5e5, 0);
    assert_near(link_law_make(&settings, LINK_UP, &faults).bits_per_second, 7.5e5, 0);
}

/* 8 Mbit/s, and 10 ms of queue: frames of a millisecond each that come at once. The eleventh waits ten
 * milliseconds, and the twelfth would wait eleven. */
static void who_would_wait_too_long_is_dropped(void **state) {
    (void)state;
    struct link_settings settings = settings_of("");
    settings.down_mbit = 8;
    settings.queue_ms = 10;
    struct link_way way = way_of(&settings, 1);
    for (int i = 1; i <= 11; i++)
        assert_int_equal(link_way_take(&way, 0, 1000).pass_ns, i * NS_PER_MS);
    for (int i = 0; i < 5; i++) assert_int_equal(link_way_take(&way, 0, 1000).fate, LINK_DROPPED);
    assert_int_equal(link_way_take(&way, 0, 40).fate, LINK_DROPPED);
    struct link_verdict verdict = link_way_take(&way, NS_PER_MS, 1000);
    assert_int_equal(verdict.fate, LINK_PASSES);
    assert_int_equal(verdict.pass_ns, 12 * NS_PER_MS);
}

/* Offered twice what it carries, a line carries its rate. */
static void a_full_line_carries_its_rate(void **state) {
    (void)state;
    struct link_settings settings = settings_of("");
    settings.down_mbit = 1.6;
    struct link_way way = way_of(&settings, 1);
    uint64_t passed = 0;
    for (int64_t at_ns = 0; at_ns < 100 * NS_PER_SECOND;
         at_ns += 1500 * 8 * NS_PER_SECOND / 3200000)
        passed += link_way_take(&way, at_ns, 1500).fate == LINK_PASSES;
    assert_near((double)passed * 1500 * 8 / 1e6, 160, 0.5);
}

/* --- loss ------------------------------------------------------------------------------------- */

static uint64_t count_lost(struct link_way *way) {
    uint64_t lost = 0;
    for (int64_t i = 0; i < FRAMES; i++)
        lost += link_way_take(way, i * NS_PER_US, 100).fate == LINK_LOST;
    return lost;
}

/* Within four standard deviations of a binomial count. */
static void losses_are_as_many_as_asked_for(void **state) {
    (void)state;
    const double percents[] = {0, 0.1, 1, 20, 100};
    for (size_t i = 0; i < sizeof(percents) / sizeof(percents[0]); i++) {
        struct link_settings settings = settings_of("");
        settings.loss_percent = percents[i];
        struct link_way way = way_of(&settings, 7);
        double share = percents[i] / 100, wanted = FRAMES * share;
        assert_near((double)count_lost(&way), wanted, 4 * sqrt(wanted * (1 - share)));
        assert_near(link_loss_share(&settings), share, 0);
    }
}

/* A lost frame says nothing about the next: of those behind a lost one as many are lost as of all. */
static void losses_are_independent(void **state) {
    (void)state;
    struct link_settings settings = settings_of("");
    settings.loss_percent = 10;
    struct link_way way = way_of(&settings, 3);
    double behind = 0, lost_behind = 0;
    bool before = false;
    for (int i = 0; i < FRAMES; i++) {
        bool lost = link_way_take(&way, i, 100).fate == LINK_LOST;
        behind += before;
        lost_behind += before && lost;
        before = lost;
    }
    assert_near(lost_behind / behind, 0.1, 4 * sqrt(0.1 * 0.9 / behind));
}

/* With h = 0 and k = 1 bursts are runs of lost frames: 1 / r long, and p / (p + r) of all frames. */
static void bursts_are_as_long_as_asked_for(void **state) {
    (void)state;
    struct link_settings settings = settings_of("0.01:0.25:0:1");
    assert_null(link_settings_read(&settings));
    struct link_way way = way_of(&settings, 5);
    double lost = 0, runs = 0;
    bool before = false;
    for (int i = 0; i < FRAMES; i++) {
        bool now = link_way_take(&way, i, 100).fate == LINK_LOST;
        lost += now;
        runs += now && !before;
        before = now;
    }
    double share = 0.01 / 0.26, inflation = (2 - 0.26) / 0.26; /* (1 + rho) / (1 - rho) */
    assert_near(link_loss_share(&settings), share, 1e-12);
    assert_near(lost / FRAMES, share, 4 * sqrt(share * (1 - share) * inflation / FRAMES));
    assert_near(lost / runs, 4, 4 * sqrt(12 / runs)); /* geometric: variance (1 - r) / r^2 */
}

/* Some pass in bursts, and some are lost outside. */
static void both_states_have_a_loss_of_their_own(void **state) {
    (void)state;
    struct link_settings settings = settings_of("0.02:0.1:0.4:0.99");
    assert_null(link_settings_read(&settings));
    struct link_way way = way_of(&settings, 11);
    double bad = 0.02 / 0.12, share = bad * 0.6 + (1 - bad) * 0.01;
    double inflation = (2 - 0.12) / 0.12;
    assert_near(link_loss_share(&settings), share, 1e-12);
    assert_near((double)count_lost(&way) / FRAMES, share,
                4 * sqrt(share * (1 - share) * inflation / FRAMES));
}

static void a_fault_loses_twice_as_many(void **state) {
    (void)state;
    struct link_settings settings = settings_of("");
    struct link_faults faults = {.loss_times = 2, .rate_times = 1};
    settings.loss_percent = 2;
    struct link_law law = link_law_make(&settings, LINK_UP, &faults);
    assert_near(law.pass_good, 0.96, 1e-12);
    settings.loss_percent = 80;
    assert_near(link_law_make(&settings, LINK_UP, &faults).pass_good, 0, 0);
}

static void a_lost_frame_takes_no_time_on_the_line(void **state) {
    (void)state;
    struct link_settings settings = settings_of("");
    settings.down_mbit = 8;
    settings.loss_percent = 50;
    struct link_way way = way_of(&settings, 2);
    int64_t passed = 0;
    for (int i = 0; i < 40; i++) {
        struct link_verdict verdict = link_way_take(&way, 0, 1000);
        if (verdict.fate == LINK_PASSES) assert_int_equal(verdict.pass_ns, ++passed * NS_PER_MS);
    }
    assert_in_range(passed, 8, 32);
}

static void two_kinds_of_loss_are_refused(void **state) {
    (void)state;
    struct link_settings settings = settings_of("0.01:0.3:0.5:1");
    settings.loss_percent = 1;
    assert_non_null(strstr(link_settings_read(&settings), "exclude each other"));
    settings.loss_percent = 0;
    assert_null(link_settings_read(&settings));
    assert_near(settings.burst[1], 0.3, 0);
    struct link_settings none = settings_of("");
    assert_null(link_settings_read(&none));
    assert_false(none.bursts);
}

/* --- jitter and reordering -------------------------------------------------------------------- */

/* Far apart, each frame has its own delay: evenly between none and all of the jitter. */
static void jitter_is_even(void **state) {
    (void)state;
    struct link_settings settings = settings_of("");
    settings.rtt_ms = 20;
    settings.jitter_ms = 4;
    struct link_way way = way_of(&settings, 1);
    double sum = 0, squares = 0, n = 20000;
    for (int64_t i = 0; (double)i < n; i++) {
        int64_t at_ns = i * NS_PER_SECOND;
        double extra = (double)(link_way_take(&way, at_ns, 100).pass_ns - at_ns) / NS_PER_MS - 10;
        assert_true(extra >= 0 && extra < 4);
        sum += extra;
        squares += extra * extra;
    }
    double deviation = 4 / sqrt(12);
    assert_near(sum / n, 2, 4 * deviation / sqrt(n));
    assert_near(sqrt(squares / n - sum / n * (sum / n)), deviation, 0.02);
}

static void jitter_keeps_the_order(void **state) {
    (void)state;
    struct link_settings settings = settings_of("");
    settings.jitter_ms = 5;
    struct link_way way = way_of(&settings, 1);
    int64_t before_ns = 0;
    uint64_t pushed = 0;
    for (int64_t i = 0; i < 20000; i++) {
        struct link_verdict verdict = link_way_take(&way, i * 100 * NS_PER_US, 100);
        assert_true(verdict.pass_ns >= before_ns);
        assert_false(verdict.held);
        pushed += verdict.pass_ns == before_ns;
        before_ns = verdict.pass_ns;
    }
    assert_true(pushed > 0); /* or the order was never in danger */
}

/* Those held back leave a quarter of the round trip later; the others as if nothing were. */
static void held_frames_are_overtaken(void **state) {
    (void)state;
    struct link_settings settings = settings_of("");
    settings.rtt_ms = 40;
    settings.reorder_percent = 5;
    struct link_way way = way_of(&settings, 1);
    uint64_t held = 0;
    for (int64_t i = 0; i < FRAMES; i++) {
        struct link_verdict verdict = link_way_take(&way, i * NS_PER_MS, 100);
        int64_t delay_ns = (verdict.held ? 30 : 20) * NS_PER_MS;
        assert_int_equal(verdict.pass_ns, i * NS_PER_MS + delay_ns);
        held += verdict.held;
    }
    assert_near((double)held, FRAMES * 0.05, 4 * sqrt(FRAMES * 0.05 * 0.95));
}

static void on_a_short_link_they_are_held_for_a_millisecond(void **state) {
    (void)state;
    struct link_settings settings = settings_of("");
    settings.rtt_ms = 1;
    assert_int_equal(link_law_make(&settings, LINK_UP, &no_faults).hold_ns, NS_PER_MS);
    settings.rtt_ms = 8;
    assert_int_equal(link_law_make(&settings, LINK_UP, &no_faults).hold_ns, 2 * NS_PER_MS);
}

/* --- chance ----------------------------------------------------------------------------------- */

static bool same(struct link_way *a, struct link_way *b) {
    uint64_t different = 0;
    for (int64_t i = 0; i < 2000; i++) {
        struct link_verdict x = link_way_take(a, i * NS_PER_MS, 500);
        struct link_verdict y = link_way_take(b, i * NS_PER_MS, 500);
        different += x.fate != y.fate || x.pass_ns != y.pass_ns || x.held != y.held;
    }
    return different == 0;
}

static void a_seed_gives_the_same_fates(void **state) {
    (void)state;
    struct link_settings settings = settings_of("0.05:0.3:0.2:0.99");
    settings.jitter_ms = 3;
    settings.reorder_percent = 10;
    settings.down_mbit = settings.up_mbit = 5;
    assert_null(link_settings_read(&settings));
    struct link_law law = link_law_make(&settings, LINK_UP, &no_faults);
    struct link_way a = way_of(&settings, 9), b = way_of(&settings, 9), c = way_of(&settings, 10);
    struct link_way up, down = way_of(&settings, 9);
    link_way_init(&up, &law, LINK_UP, 9);
    assert_true(same(&a, &b));
    a = way_of(&settings, 9);
    assert_false(same(&a, &c));
    assert_false(same(&down, &up));
}

/* What is lost does not depend on the rest of the law. */
static void each_purpose_has_numbers_of_its_own(void **state) {
    (void)state;
    struct link_settings plain = settings_of(""), rich = settings_of("");
    plain.loss_percent = rich.loss_percent = 20;
    rich.jitter_ms = 7;
    rich.reorder_percent = 30;
    struct link_way a = way_of(&plain, 4), b = way_of(&rich, 4);
    for (int64_t i = 0; i < 2000; i++)
        assert_int_equal(link_way_take(&a, i * NS_PER_MS, 500).fate,
                         link_way_take(&b, i * NS_PER_MS, 500).fate);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_way_takes_half_the_round_trip),
        cmocka_unit_test(bits_go_one_after_the_other),
        cmocka_unit_test(each_direction_has_its_rate),
        cmocka_unit_test(who_would_wait_too_long_is_dropped),
        cmocka_unit_test(a_full_line_carries_its_rate),
        cmocka_unit_test(losses_are_as_many_as_asked_for),
        cmocka_unit_test(losses_are_independent),
        cmocka_unit_test(bursts_are_as_long_as_asked_for),
        cmocka_unit_test(both_states_have_a_loss_of_their_own),
        cmocka_unit_test(a_fault_loses_twice_as_many),
        cmocka_unit_test(a_lost_frame_takes_no_time_on_the_line),
        cmocka_unit_test(two_kinds_of_loss_are_refused),
        cmocka_unit_test(jitter_is_even),
        cmocka_unit_test(jitter_keeps_the_order),
        cmocka_unit_test(held_frames_are_overtaken),
        cmocka_unit_test(on_a_short_link_they_are_held_for_a_millisecond),
        cmocka_unit_test(a_seed_gives_the_same_fates),
        cmocka_unit_test(each_purpose_has_numbers_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

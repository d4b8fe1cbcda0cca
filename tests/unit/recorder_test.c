/* core/model/recorder */
#include "model/recorder.h"

#include "base/clock.h"
#include "base/random.h"
#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MS NS_PER_MS
#define START (1000 * MS)
#define END (2000 * MS)

/* One event for one subscriber. */
static bool receive_event(struct recorder *recorder, struct account *account, uint64_t seq,
                          int64_t due_ns, int64_t lag_ns, struct receipt receipt) {
    struct event_view view = {
        .seq = seq,
        .due_ns = due_ns,
        .lag_ns = lag_ns,
        .payload = "x",
        .payload_length = 10,
    };
    return recorder_receive(recorder, account, &view, &receipt);
}

static bool receive_late(struct recorder *recorder, struct account *account, uint64_t seq,
                         int64_t due_ns, int64_t lag_ns, int64_t now_ns) {
    return receive_event(recorder, account, seq, due_ns, lag_ns,
                         (struct receipt){.handled_ns = now_ns});
}

static bool receive(struct recorder *recorder, struct account *account, uint64_t seq) {
    return receive_late(recorder, account, seq, START, 0, START);
}

static void open_recorder(struct recorder *recorder) {
    recorder_init(recorder);
    recorder_window(recorder, START, END);
}

/* --- the ledger ------------------------------------------------------------------------------- */

static void in_order_costs_nothing(void **state) {
    (void)state;
    struct recorder recorder;
    struct account account = {0};
    open_recorder(&recorder);
    for (uint64_t seq = 1; seq <= 1000; seq++) assert_true(receive(&recorder, &account, seq));
    assert_int_equal(account.ledger.highest, 1000);
    assert_null(account.ledger.gaps);
    assert_int_equal(account.ledger.received, 1000);
    assert_int_equal(recorder.deliveries, 1000);
    assert_int_equal(recorder.payload_bytes, 10000);
    assert_int_equal(recorder.duplicates + recorder.reordered, 0);
    recorder_free(&recorder);
}

static void the_first_event_starts_the_ledger(void **state) {
    (void)state;
    struct recorder recorder;
    struct account account = {0};
    open_recorder(&recorder);
    assert_true(receive(&recorder, &account, 500));
    assert_int_equal(account.ledger.gap_count, 0);
    assert_false(receive(&recorder, &account, 499));
    assert_int_equal(account.ledger.highest, 500);
    recorder_free(&recorder);
}

static void assert_gaps(const struct account *account, const struct ledger_gap *gaps,
                        uint32_t count) {
    assert_int_equal(account->ledger.gap_count, count);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(account->ledger.gaps[i].first, gaps[i].first);
        assert_int_equal(account->ledger.gaps[i].last, gaps[i].last);
    }
}

static void gaps_open_shrink_split_and_close(void **state) {
    (void)state;
    struct recorder recorder;
    struct account account = {0};
    open_recorder(&recorder);
    receive(&recorder, &account, 1);
    receive(&recorder, &account, 10);
    receive(&recorder, &account, 12);
    assert_gaps(&account, (struct ledger_gap[]){{2, 9}, {11, 11}}, 2);
    assert_true(receive(&recorder, &account, 5));
    assert_gaps(&account, (struct ledger_gap[]){{2, 4}, {6, 9}, {11, 11}}, 3);
    assert_true(receive(&recorder, &account, 2));
    assert_true(receive(&recorder, &account, 9));
    assert_gaps(&account, (struct ledger_gap[]){{3, 4}, {6, 8}, {11, 11}}, 3);
    assert_true(receive(&recorder, &account, 11));
    assert_gaps(&account, (struct ledger_gap[]){{3, 4}, {6, 8}}, 2);
    assert_false(receive(&recorder, &account, 11));
    assert_false(receive(&recorder, &account, 5));
    for (uint64_t seq = 1; seq <= 12; seq++) receive(&recorder, &account, seq);
    assert_gaps(&account, NULL, 0);
    assert_null(account.ledger.gaps);
    assert_int_equal(account.ledger.received, 12);
    assert_int_equal(recorder.deliveries, 12);
    assert_int_equal(recorder.reordered, 9);
    assert_int_equal(recorder.duplicates, 2 + 7);
    assert_int_equal(account.ledger.highest, 12);
    recorder_free(&recorder);
}

/* The same events are booked in a account and in a plain array of flags. Events are lost, repeated
 * and come late by up to `reach`. */
static void compare_with_flags(uint64_t seed, uint64_t reach) {
    enum { EVENTS = 3000 };
    bool seen[EVENTS + 1] = {false};
    uint64_t highest = 0, first = 0, reordered = 0, duplicates = 0, distinct = 0;
    struct recorder recorder;
    struct account account = {0};
    struct random random;
    random_seed(&random, seed);
    open_recorder(&recorder);
    for (uint64_t step = 1; step <= EVENTS; step++) {
        uint64_t back = random_below(&random, reach);
        uint64_t seq = step > back ? step - back : 1;
        bool expected = seq > highest || (!seen[seq] && seq > first);
        assert_int_equal(receive(&recorder, &account, seq), expected);
        if (first == 0) first = seq;
        distinct += expected;
        duplicates += !expected;
        reordered += expected && seq < highest;
        seen[seq] = true;
        if (seq > highest) highest = seq;
    }
    assert_int_equal(account.ledger.highest, highest);
    assert_int_equal(account.ledger.received, distinct);
    assert_int_equal(recorder.deliveries, distinct);
    assert_int_equal(recorder.duplicates, duplicates);
    assert_int_equal(recorder.reordered, reordered);
    uint64_t missing = 0;
    for (uint32_t i = 0; i < account.ledger.gap_count; i++) {
        for (uint64_t seq = account.ledger.gaps[i].first; seq <= account.ledger.gaps[i].last;
             seq++) {
            assert_false(seen[seq]);
            missing++;
        }
    }
    assert_int_equal(missing + distinct, highest - first + 1);
    ledger_free(&account.ledger);
    recorder_free(&recorder);
}

static void a_ledger_agrees_with_an_array_of_flags(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 100; seed++) compare_with_flags(seed, 1 + seed * 3);
}

/* --- the window ------------------------------------------------------------------------------- */

static void nothing_counts_before_the_window_is_known(void **state) {
    (void)state;
    struct recorder recorder;
    struct account account = {0};
    recorder_init(&recorder);
    receive_late(&recorder, &account, 1, 0, 0, 100);
    receive_late(&recorder, &account, 4, 50, 0, 200);
    receive_late(&recorder, &account, 4, 50, 0, 300);
    assert_int_equal(account.ledger.highest, 4);
    assert_gaps(&account, (struct ledger_gap[]){{2, 3}}, 1);
    assert_int_equal(recorder.deliveries + recorder.duplicates + recorder.reordered, 0);
    assert_int_equal(account.ledger.received, 0);
    assert_true(recorder.age.seconds == 0 && recorder.age.peaks == 0);
    assert_int_equal(histogram_count(recorder.delivery_latency), 0);
    assert_int_equal(histogram_count(recorder.tick_latency), 2);
    ledger_free(&account.ledger);
    recorder_free(&recorder);
}

static void what_was_due_in_the_window_counts(void **state) {
    (void)state;
    static const struct {
        int64_t due_ns, now_ns;
        bool counts;
    } cases[] = {
        {START - 1, START + 5, false},
        {START, START + 5, true},
        {END - 1, END + 900 * MS, true},
        {END, END + 900 * MS, false},
    };
    struct recorder recorder;
    struct account account = {0};
    open_recorder(&recorder);
    for (uint64_t i = 0; i < 4; i++) {
        uint64_t before = recorder.deliveries;
        receive_late(&recorder, &account, i + 1, cases[i].due_ns, 0, cases[i].now_ns);
        assert_int_equal(recorder.deliveries - before, cases[i].counts);
        before = recorder.duplicates;
        receive_late(&recorder, &account, i + 1, cases[i].due_ns, 0, cases[i].now_ns);
        assert_int_equal(recorder.duplicates - before, cases[i].counts);
    }
    assert_int_equal(account.ledger.received, 2);
    assert_int_equal(histogram_count(recorder.delivery_latency), 2);
    recorder_free(&recorder);
}

static void receive_stamped(struct recorder *recorder, struct account *account, uint64_t seq,
                            int64_t due_ns, int64_t arrived_ns, int64_t handled_ns) {
    receive_event(recorder, account, seq, due_ns, 0,
                  (struct receipt){.handled_ns = handled_ns, .arrived_ns = arrived_ns});
}

/* What the sockets carried goes by the arrival, and by when they were asked; what was delivered by the due
 * time. A client that is late finds, after its second reading, what had come before it. */
static void what_arrived_while_the_books_were_open_was_carried(void **state) {
    const int64_t opened = START + 3, closed = END + 30 * MS;
    struct recorder recorder;
    struct account account = {0};
    (void)state;
    open_recorder(&recorder);
    receive_late(&recorder, &account, 1, START, 0, opened - 1);
    assert_int_equal(recorder.arrivals, 0);
    recorder_open_books(&recorder, opened);
    receive_stamped(&recorder, &account, 2, START, opened - 1, opened + 1);
    receive_stamped(&recorder, &account, 3, START - 1, opened, opened + 1);
    receive_late(&recorder, &account, 3, START - 1, 0, END - 1); /* once more */
    receive_late(&recorder, &account, 4, END + 1, 0, closed - 1);
    recorder_close_books(&recorder, closed);
    receive_stamped(&recorder, &account, 5, END + 1, closed - 1, closed + MS);
    receive_stamped(&recorder, &account, 6, END + 2, closed, closed + MS);
    assert_int_equal(recorder.arrivals, 3);
    assert_int_equal(recorder.carried_payload_bytes, 40);
    assert_int_equal(recorder.deliveries, 2);
    assert_int_equal(recorder.payload_bytes, 20);
    recorder_free(&recorder);
}

static void opening_forgets_all_but_positions(void **state) {
    (void)state;
    struct recorder recorder;
    struct account account = {0};
    recorder_init(&recorder);
    receive_late(&recorder, &account, 7, START - 10 * MS, 0, START - 9 * MS);
    recorder.malformed = 3;
    recorder_window(&recorder, START, END);
    assert_int_equal(recorder.malformed, 0);
    assert_int_equal(account.ledger.highest, 7);
    assert_true(receive(&recorder, &account, 8));
    assert_int_equal(recorder.deliveries, 1);
    recorder_free(&recorder);
}

/* --- latency ---------------------------------------------------------------------------------- */

static void latency_runs_from_the_due_time(void **state) {
    (void)state;
    struct recorder recorder;
    struct account account = {0};
    open_recorder(&recorder);
    receive_late(&recorder, &account, 1, START, 300, START + 1000);
    assert_int_equal(histogram_max(recorder.delivery_latency), 1000);
    assert_int_equal(histogram_max(recorder.service_latency), 700);
    assert_int_equal(histogram_max(recorder.tick_latency), 1000);
    receive_late(&recorder, &account, 1, START, 300, START + 9000); /* a duplicate is no delivery */
    assert_int_equal(histogram_count(recorder.delivery_latency), 1);
    assert_int_equal(histogram_count(recorder.tick_latency), 1);
    receive_late(&recorder, &account, 2, END, 0, END + 2000); /* outside: for the tick alone */
    assert_int_equal(histogram_count(recorder.delivery_latency), 1);
    assert_int_equal(histogram_max(recorder.tick_latency), 2000);
    recorder_free(&recorder);
}

static void hostile_times_do_no_harm(void **state) {
    (void)state;
    static const int64_t times[] = {INT64_MIN, -1, 0, START, INT64_MAX};
    struct recorder recorder;
    struct account account = {0};
    uint64_t seq = 0;
    open_recorder(&recorder);
    for (int due = 0; due < 5; due++) {
        for (int lag = 0; lag < 5; lag++) {
            receive_late(&recorder, &account, ++seq, times[due], times[lag], START + 5);
        }
    }
    receive_late(&recorder, &account, UINT64_MAX, 0, 0, START + 6);
    assert_true(receive_late(&recorder, &account, UINT64_MAX - 1, 0, 0, START + 6));
    assert_false(receive_late(&recorder, &account, UINT64_MAX, 0, 0, START + 6));
    recorder_settle(&recorder, &account);
    assert_true(isfinite(recorder.age.integral));
    ledger_free(&account.ledger);
    recorder_free(&recorder);
}

/* --- age -------------------------------------------------------------------------------------- */

static void assert_close(double value, double expected) {
    if (fabs(value - expected) > 1e-9 * fabs(expected))
        fail_msg("%.12g, not %.12g", value, expected);
}

static double age_mean(const struct recorder *recorder) {
    return recorder->age.integral / recorder->age.seconds;
}
static double age_peak(const struct recorder *recorder) {
    return recorder->age.peak_sum / (double)recorder->age.peaks;
}

/* Events every T, each delayed by d, from long before the window to long after: the mean age is
 * T/2 + d, the peak T + d, wherever in the period the window begins. */
static void assert_closed_form(int64_t period, int64_t delay, int64_t phase) {
    enum { SUBSCRIBERS = 3 };
    struct recorder recorder;
    struct account accounts[SUBSCRIBERS] = {{{0}}};
    int64_t start = 1000 * NS_PER_SECOND, end = start + 500 * period;
    int64_t warm_up = delay / period + 5; /* events before the window */
    recorder_init(&recorder);
    recorder_window(&recorder, start, end);
    for (int64_t k = 0; k < warm_up + 505; k++) {
        int64_t due = start + phase % period + (k - warm_up) * period;
        for (int i = 0; i < SUBSCRIBERS; i++) {
            receive_late(&recorder, &accounts[i], (uint64_t)k + 1, due, 0, due + delay);
        }
    }
    for (int i = 0; i < SUBSCRIBERS; i++) recorder_settle(&recorder, &accounts[i]);
    double t = (double)period / NS_PER_SECOND, d = (double)delay / NS_PER_SECOND;
    assert_close(recorder.age.seconds, 500 * t * SUBSCRIBERS);
    assert_close(age_mean(&recorder), t / 2 + d);
    assert_close(age_peak(&recorder), t + d);
    assert_int_equal(recorder.age.peaks, 500 * SUBSCRIBERS);
    recorder_free(&recorder);
}

static void the_age_agrees_with_its_closed_form(void **state) {
    (void)state;
    static const int64_t periods[] = {100 * MS, 1 * MS, 333333333};
    static const int64_t delays[] = {0, 7 * MS, 12345, 450 * MS};
    static const int64_t phases[] = {0, 1, 3 * MS, 99999999};
    for (int p = 0; p < 3; p++) {
        for (int d = 0; d < 4; d++) {
            for (int f = 0; f < 4; f++) assert_closed_form(periods[p], delays[d], phases[f]);
        }
    }
}

/* Deliveries at random: each piece of the sawtooth is added up by the schoolbook. */
static void the_age_agrees_with_a_sum_of_triangles(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 9);
    struct recorder recorder;
    struct account account = {0};
    open_recorder(&recorder);
    long double integral = 0, peaks = 0;
    int64_t now = 500 * MS, due = 0;
    for (uint64_t seq = 1; now < END + 50 * MS; seq++) {
        int64_t next_now = now + (int64_t)random_exponential(&random, 5e6);
        int64_t next_due = next_now - (int64_t)random_below(&random, 4000000);
        if (next_due < due) next_due = due;
        if (seq > 1) {
            int64_t from = now > START ? now : START, to = next_now < END ? next_now : END;
            if (from < to) {
                long double a = from - due, b = to - due;
                integral += (b * b - a * a) / 2;
            }
            if (next_now >= START && next_now < END) peaks += (long double)(next_now - due);
        }
        now = next_now;
        due = next_due;
        receive_late(&recorder, &account, seq, due, 0, now);
    }
    recorder_settle(&recorder, &account);
    assert_close(recorder.age.integral, (double)(integral / 1e18L));
    assert_close(recorder.age.peak_sum, (double)(peaks / 1e9L));
    assert_close(recorder.age.seconds, 1);
    recorder_free(&recorder);
}

static void the_age_begins_with_the_first_event(void **state) {
    (void)state;
    struct recorder recorder;
    struct account account = {0}, none = {0}, after = {0};
    open_recorder(&recorder);
    receive_late(&recorder, &account, 1, START + 300 * MS, 0, START + 400 * MS);
    assert_int_equal(recorder.age.peaks, 0); /* there was no age to peak */
    receive_late(&recorder, &after, 1, START + 300 * MS, 0, END + 400 * MS);
    recorder_settle(&recorder, &account);
    recorder_settle(&recorder, &none);
    recorder_settle(&recorder, &after);
    assert_close(recorder.age.seconds, 0.6); /* at 100 to 700 ms of age */
    assert_close(recorder.age.integral, 0.6 * 0.4);
    recorder_free(&recorder);
}

static void an_event_of_the_warm_up_ages_in_the_window(void **state) {
    (void)state;
    struct recorder recorder;
    struct account account = {0};
    recorder_init(&recorder);
    receive_late(&recorder, &account, 1, START - 300 * MS, 0, START - 200 * MS);
    recorder_window(&recorder, START, END);
    recorder_settle(&recorder, &account);
    assert_close(recorder.age.seconds, 1);
    assert_close(recorder.age.integral, 1 * 0.8);
    recorder_settle(&recorder, &account); /* once is enough */
    assert_close(recorder.age.seconds, 1);
    recorder_free(&recorder);
}

static void an_older_event_does_not_rejuvenate(void **state) {
    (void)state;
    struct recorder with, without;
    struct account a = {0}, b = {0};
    open_recorder(&with);
    open_recorder(&without);
    receive_late(&with, &a, 1, START, 0, START + 10 * MS);
    receive_late(&without, &b, 1, START, 0, START + 10 * MS);
    receive_late(&with, &a, 3, START + 200 * MS, 0, START + 210 * MS);
    receive_late(&without, &b, 3, START + 200 * MS, 0, START + 210 * MS);
    receive_late(&with, &a, 2, START + 100 * MS, 0, START + 500 * MS); /* late */
    receive_late(&with, &a, 3, START + 200 * MS, 0, START + 600 * MS); /* again */
    recorder_settle(&with, &a);
    recorder_settle(&without, &b);
    assert_true(with.age.integral == without.age.integral);
    assert_true(with.age.seconds == without.age.seconds);
    assert_int_equal(with.age.peaks, 1);
    assert_close(with.age.peak_sum, 0.21);
    ledger_free(&b.ledger);
    recorder_free(&with);
    recorder_free(&without);
}

/* Numbers begin anew with the server; what is missing of its old life stays so, and the age goes on. */
static void a_new_life_makes_no_duplicates(void **state) {
    (void)state;
    struct recorder recorder;
    struct account account = {0};
    open_recorder(&recorder);
    receive(&recorder, &account, 7);
    receive(&recorder, &account, 9);
    ledger_new_life(&account.ledger);
    for (uint64_t seq = 1; seq <= 3; seq++)
        assert_true(receive_late(&recorder, &account, seq, START + 100 * MS, 0, START + 110 * MS));
    assert_int_equal(recorder.duplicates + recorder.reordered, 0);
    assert_int_equal(recorder.deliveries, 5);
    assert_int_equal(account.ledger.gap_count, 0);
    recorder_settle(&recorder, &account);
    assert_true(recorder.age.seconds > 0.999 && recorder.age.seconds < 1.001);
    recorder_free(&recorder);
}

/* --- arrival ---------------------------------------------------------------------------------- */

/* Due at START, published 1 ms later, handled at 5 ms; stamped at `arrived`. */
static void stamp(struct recorder *recorder, int64_t arrived_ns) {
    struct event_view view = {.seq = 1, .due_ns = START, .lag_ns = MS};
    struct account account = {0};
    struct receipt receipt = {.handled_ns = START + 5 * MS, .arrived_ns = arrived_ns};
    assert_true(recorder_receive(recorder, &account, &view, &receipt));
}

static int64_t near_ns(const struct histogram *histogram) {
    return (histogram_max(histogram) + MS / 200) / (MS / 100) * (MS / 100);
}

static void latency_ends_at_the_arrival(void **state) {
    (void)state;
    struct recorder recorder;
    open_recorder(&recorder);
    recorder.stamps = true;
    stamp(&recorder, START + 2 * MS);
    assert_int_equal(near_ns(recorder.delivery_latency), 2 * MS);
    assert_int_equal(near_ns(recorder.service_latency), MS);
    assert_int_equal(near_ns(recorder.handled_latency), 5 * MS);
    assert_int_equal(near_ns(recorder.client_queue), 3 * MS);
    assert_int_equal(near_ns(recorder.tick_latency), 2 * MS);
    assert_int_equal(recorder.stamps_dropped, 0);
    recorder_free(&recorder);
}

/* The age falls when an event arrives, not when the load generator comes to it. */
static void the_age_ends_at_the_arrival(void **state) {
    (void)state;
    struct recorder recorder;
    struct account account = {0};
    struct event_view first = {.seq = 1, .due_ns = START}, second = {.seq = 2, .due_ns = START};
    struct receipt at_once = {.handled_ns = START},
                   late = {.handled_ns = START + 9 * MS, .arrived_ns = START + 4 * MS};
    open_recorder(&recorder);
    recorder_receive(&recorder, &account, &first, &at_once);
    recorder_receive(&recorder, &account, &second, &late);
    assert_close(recorder.age.peak_sum, 0.004);
    recorder_free(&recorder);
}

static void stamps_that_cannot_be_true_are_dropped(void **state) {
    (void)state;
    struct recorder recorder;
    open_recorder(&recorder);
    recorder.stamps = true;
    stamp(&recorder, START + 60000 * MS); /* the wall clock was put forward */
    stamp(&recorder, START - 900 * MS);   /* and back */
    stamp(&recorder, START + 3 * MS / 4); /* more than the clocks drift before it was published */
    stamp(&recorder, 1);
    stamp(&recorder, INT64_MAX);
    stamp(&recorder, INT64_MIN);
    stamp(&recorder, 0); /* asked for, and none came */
    assert_int_equal(histogram_count(recorder.client_queue), 0);
    assert_int_equal(recorder.stamps_dropped, 7);
    assert_int_equal(histogram_count(recorder.delivery_latency), 7);
    assert_int_equal(histogram_min(recorder.delivery_latency) / MS, 5); /* when it was handled */
    recorder_window(&recorder, START, END);
    assert_int_equal(recorder.stamps_dropped, 0);
    stamp(&recorder, START + 5 * MS + MS / 20); /* the clocks' own drift */
    stamp(&recorder, START + MS - MS / 20);
    assert_int_equal(histogram_count(recorder.client_queue), 2);
    assert_int_equal(recorder.stamps_dropped, 0);
    assert_int_equal(histogram_min(recorder.client_queue), 0);
    assert_int_equal(near_ns(recorder.delivery_latency), 5 * MS);
    assert_int_equal(near_ns(recorder.client_queue), 4 * MS); /* not before it was published */
    recorder.stamps = false;
    stamp(&recorder, 0); /* none was asked for */
    assert_int_equal(recorder.stamps_dropped, 0);
    recorder_free(&recorder);
}

/* An answer cannot arrive before the question was sent. */
static void a_stamp_before_the_question_is_dropped(void **state) {
    (void)state;
    struct recorder recorder;
    struct account account = {0};
    struct event_view view = {.seq = 1, .due_ns = START};
    struct receipt receipt = {
        .handled_ns = START + 5 * MS,
        .arrived_ns = START + 2 * MS,
        .asked_ns = START + 3 * MS,
    };
    open_recorder(&recorder);
    recorder.stamps = true;
    recorder_receive(&recorder, &account, &view, &receipt);
    assert_int_equal(recorder.stamps_dropped, 1);
    assert_int_equal(near_ns(recorder.ask_wait), 3 * MS);
    recorder_free(&recorder);
}

/* Event `seq`, published `at` ms after START and due then, arrives with this stamp and is handled at 100. */
static void push(struct recorder *recorder, struct account *account, uint64_t seq, double at,
                 double arrived, int64_t asked_ns) {
    int64_t due_ns = START + (int64_t)(at * MS);
    struct event_view view = {.seq = seq, .due_ns = due_ns};
    struct receipt receipt = {
        .handled_ns = START + 100 * MS,
        .arrived_ns = START + (int64_t)(arrived * MS),
        .asked_ns = asked_ns,
    };
    recorder_receive(recorder, account, &view, &receipt);
}

/* What was missed while there was no connection is read together when there is one: none came earlier. */
static void what_is_caught_up_after_a_break_shares_no_stamp(void **state) {
    (void)state;
    struct recorder recorder;
    struct account account = {0};
    open_recorder(&recorder);
    for (uint64_t seq = 1; seq <= 5; seq++) {
        struct event_view view = {.seq = seq, .due_ns = START + (int64_t)seq * 10 * MS};
        struct receipt receipt = {
            .handled_ns = START + 100 * MS,
            .arrived_ns = START + 60 * MS,
            .since_ns = START + 59 * MS,
        };
        recorder_receive(&recorder, &account, &view, &receipt);
    }
    assert_int_equal(recorder.stamps_shared, 0);
    recorder_free(&recorder);
}

static void events_that_bear_the_stamp_of_a_later_one_are_counted(void **state) {
    (void)state;
    struct recorder recorder;
    struct account account = {0}, other = {0};
    open_recorder(&recorder);
    for (uint64_t seq = 1; seq <= 3; seq++) push(&recorder, &account, seq, (double)seq, 60, 0);
    assert_int_equal(recorder.stamps_shared, 0); /* of 59 ms at most 2 are too much */
    for (uint64_t seq = 4; seq <= 5; seq++) push(&recorder, &account, seq, (double)seq, 60, 0);
    assert_int_equal(recorder.stamps_shared, 4); /* 4 of 59 are */
    for (uint64_t seq = 6; seq <= 10; seq++) push(&recorder, &account, seq, 6 * (double)seq, 70, 0);
    assert_int_equal(recorder.stamps_shared, 8);
    push(&recorder, &account, 11, 71, 72, 0);
    push(&recorder, &other, 1, 60, 72, 0); /* another's */
    push(&recorder, &other, 2, 71, 73, 0); /* another moment */
    assert_int_equal(recorder.stamps_shared, 8);
    for (uint64_t seq = 12; seq <= 14; seq++) /* one answer to one question */
        push(&recorder, &account, seq, 6 * (double)seq, 90, START);
    assert_int_equal(recorder.stamps_shared, 8);
    assert_int_equal(recorder.deliveries, 16);
    recorder_free(&recorder);
}

/* A client that stood still for long: from one event to the next is little of what the first of them waited,
 * from the first to the last is all of it. And the last may be due after the window. */
static void the_first_of_many_that_share_a_stamp_is_far_off(void **state) {
    (void)state;
    struct recorder recorder;
    struct account account = {0};
    open_recorder(&recorder);
    recorder_window(&recorder, START, START + 90 * MS);
    for (uint64_t seq = 0; seq < 100; seq++) push(&recorder, &account, seq + 1, (double)seq, 99, 0);
    assert_int_equal(recorder.deliveries, 90);
    assert_int_equal(recorder.stamps_shared, 90);
    recorder_free(&recorder);
}

/* It stood still for as long, and the last came just before it went on. */
static void a_fresh_stamp_is_no_proof_that_the_client_came_at_once(void **state) {
    (void)state;
    struct recorder recorder;
    struct account account = {0};
    open_recorder(&recorder);
    for (uint64_t seq = 0; seq < 100; seq++) {
        struct event_view view = {.seq = seq + 1, .due_ns = START + (int64_t)seq * MS};
        struct receipt receipt = {
            .arrived_ns = START + 99 * MS,
            .handled_ns = START + 99 * MS + MS / 10,
            .late_ns = 95 * MS,
        };
        recorder_receive(&recorder, &account, &view, &receipt);
    }
    assert_int_equal(recorder.stamps_shared, 99); /* all but the last */
    recorder_free(&recorder);
}

/* Two that TCP brought together, and a client that came at once; then one that was late. */
static void what_came_together_is_not_the_clients_fault(void **state) {
    (void)state;
    struct recorder recorder;
    struct account account = {0};
    open_recorder(&recorder);
    for (uint64_t seq = 1; seq <= 4; seq++) {
        struct event_view view = {.seq = seq, .due_ns = START + (int64_t)seq * MS};
        struct receipt receipt = {.arrived_ns = START + (seq <= 2 ? 6 : 10) * MS};
        receipt.handled_ns = receipt.arrived_ns + (seq <= 2 ? 4 : 6) * MS / 10;
        recorder_receive(&recorder, &account, &view, &receipt);
        assert_int_equal(recorder.stamps_shared, seq == 4);
    }
    recorder_free(&recorder);
}

/* Behind a lost segment: the stamp is of 2 ms, and it could be read, and was, at 5. */
static void what_was_held_up_arrives_when_it_is_handled(void **state) {
    (void)state;
    struct recorder recorder;
    struct event_view view = {.seq = 1, .due_ns = START, .lag_ns = MS};
    struct account account = {0};
    struct receipt receipt = {
        .handled_ns = START + 5 * MS,
        .arrived_ns = START + 2 * MS,
        .held_up = true,
    };
    open_recorder(&recorder);
    recorder.stamps = true;
    assert_true(recorder_receive(&recorder, &account, &view, &receipt));
    assert_false(recorder_receive(&recorder, &account, &view, &receipt)); /* again: no delivery */
    assert_int_equal(recorder.held_up, 1);
    assert_int_equal(near_ns(recorder.delivery_latency), 5 * MS);
    assert_int_equal(near_ns(recorder.tick_latency), 5 * MS);
    assert_int_equal(histogram_count(recorder.client_queue), 0); /* nobody knows it */
    assert_int_equal(recorder.stamps_dropped + recorder.stamps_shared, 0);
    recorder_window(&recorder, START, END);
    assert_int_equal(recorder.held_up, 0);
    recorder_free(&recorder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order_costs_nothing),
        cmocka_unit_test(the_first_event_starts_the_ledger),
        cmocka_unit_test(gaps_open_shrink_split_and_close),
        cmocka_unit_test(a_ledger_agrees_with_an_array_of_flags),
        cmocka_unit_test(nothing_counts_before_the_window_is_known),
        cmocka_unit_test(what_was_due_in_the_window_counts),
        cmocka_unit_test(what_arrived_while_the_books_were_open_was_carried),
        cmocka_unit_test(opening_forgets_all_but_positions),
        cmocka_unit_test(latency_runs_from_the_due_time),
        cmocka_unit_test(hostile_times_do_no_harm),
        cmocka_unit_test(the_age_agrees_with_its_closed_form),
        cmocka_unit_test(the_age_agrees_with_a_sum_of_triangles),
        cmocka_unit_test(the_age_begins_with_the_first_event),
        cmocka_unit_test(an_event_of_the_warm_up_ages_in_the_window),
        cmocka_unit_test(an_older_event_does_not_rejuvenate),
        cmocka_unit_test(a_new_life_makes_no_duplicates),
        cmocka_unit_test(latency_ends_at_the_arrival),
        cmocka_unit_test(the_age_ends_at_the_arrival),
        cmocka_unit_test(stamps_that_cannot_be_true_are_dropped),
        cmocka_unit_test(a_stamp_before_the_question_is_dropped),
        cmocka_unit_test(what_is_caught_up_after_a_break_shares_no_stamp),
        cmocka_unit_test(events_that_bear_the_stamp_of_a_later_one_are_counted),
        cmocka_unit_test(the_first_of_many_that_share_a_stamp_is_far_off),
        cmocka_unit_test(a_fresh_stamp_is_no_proof_that_the_client_came_at_once),
        cmocka_unit_test(what_came_together_is_not_the_clients_fault),
        cmocka_unit_test(what_was_held_up_arrives_when_it_is_handled),
    };
    return cmocka_run_group_tests_name("recorder", tests, NULL, NULL);
}

/* simulator/network: segments, rounds, losses, acknowledgements; and timer.h, when timers fire */
#include "simulator/network.h"

#include "base/memory.h"
#include "model/link_bounds.h"
#include "places.h"
#include "simulator/timer.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_WINDOW 10

/* --- segments --------------------------------------------------------------------------------- */

static void a_message_is_cut_into_segments(void **state) {
    (void)state;
    const int64_t bytes[] = {1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, 10 * SEGMENT, 10 * SEGMENT + 1};
    const uint64_t segments[] = {1, 1, 2, 2, 10, 11};
    for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
        struct place place = far_away();
        say(&place, LINK_DOWN, 0, bytes[i]);
        assert_int_equal(place.traffic.data_segments, segments[i]);
        assert_int_equal(place.traffic.segments[LINK_DOWN], segments[i]);
        assert_int_equal(place.traffic.bytes[LINK_DOWN], bytes[i]);
        assert_int_equal(place.traffic.bytes[LINK_UP], 0);
    }
}

static void a_smaller_packet_holds_less(void **state) {
    (void)state;
    struct link_settings settings = settings_of(100);
    settings.mtu = 576;
    struct place place = place_of(&settings, 1, 0);
    say(&place, LINK_UP, 0, 525);
    assert_int_equal(place.traffic.segments[LINK_UP], 2); /* 524 and 1 */
}

/* On the link a segment is its bytes and the headers of IP and TCP; what Ethernet adds does not count. */
static void the_link_sees_headers(void **state) {
    (void)state;
    struct place place = far_away();
    say(&place, LINK_DOWN, 0, 2 * SEGMENT + 100);
    assert_int_equal(place.network.frames[LINK_DOWN], 3);
    assert_int_equal(place.network.frame_bytes[LINK_DOWN], 1500 + 1500 + 152);
    assert_int_equal(place.network.frames[LINK_UP], 3); /* acknowledgements */
    assert_int_equal(place.network.frame_bytes[LINK_UP], 3 * LINK_ACK_BYTES);
}

static void what_lies_outside_the_window_is_not_counted(void **state) {
    (void)state;
    struct link_settings settings = settings_of(100);
    struct place place = {0};
    struct window window = {1000 * MS, 2000 * MS};
    network_make(&place.network, &settings, 1, &window, 0, 0);
    say(&place, LINK_DOWN, 949 * MS, 10);  /* arrives before it */
    say(&place, LINK_UP, 999 * MS, 10);    /* is sent before it */
    say(&place, LINK_DOWN, 1960 * MS, 10); /* arrives after it */
    assert_int_equal(place.traffic.bytes[LINK_DOWN] + place.traffic.bytes[LINK_UP], 0);
    say(&place, LINK_DOWN, 1940 * MS, 3);
    say(&place, LINK_UP, 1999 * MS, 4);
    assert_int_equal(place.traffic.bytes[LINK_DOWN], 3);
    assert_int_equal(place.traffic.bytes[LINK_UP], 4);
}

/* --- rounds ----------------------------------------------------------------------------------- */

/* d + (k - 1) R, with the least k for which 10 * 1448 * (2^k - 1) bytes are enough. */
static void a_long_message_takes_rounds(void **state) {
    (void)state;
    const struct {
        int64_t bytes, took_ms;
    } cells[] = {
        {1, 50},      {14000, 50},   {14480, 50},   {14481, 150},  {15000, 150},  {43440, 150},
        {43441, 250}, {100000, 250}, {101360, 250}, {101361, 350}, {217200, 350}, {217201, 450},
    };
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        struct place down = far_away(), up = far_away();
        assert_int_equal(say(&down, LINK_DOWN, 7, cells[i].bytes), 7 + cells[i].took_ms * MS);
        assert_int_equal(say(&up, LINK_UP, 7, cells[i].bytes), 7 + cells[i].took_ms * MS);
    }
}

/* A relay adds to each way, and so twice to a round. */
static void a_relay_adds_to_each_way(void **state) {
    (void)state;
    struct link_settings settings = settings_of(100);
    struct place one = place_of(&settings, 1, 2 * MS), two = place_of(&settings, 1, 2 * MS);
    assert_int_equal(one.network.round_ns, 104 * MS);
    assert_int_equal(say(&one, LINK_DOWN, 0, 14480), 52 * MS);
    assert_int_equal(say(&two, LINK_DOWN, 0, 14481), 52 * MS + 104 * MS);
}

/* Bits go one after the other: at 11.584 Mbit/s a byte takes 1000 / 1448 us. */
static void a_narrow_line_takes_its_time(void **state) {
    (void)state;
    struct link_settings settings = settings_of(100);
    settings.down_mbit = 12;
    struct place place = place_of(&settings, 1, 0);
    assert_int_equal(say(&place, LINK_DOWN, 0, 3 * SEGMENT), 50 * MS + 3 * MS);
}

static void what_comes_later_does_not_arrive_before(void **state) {
    (void)state;
    struct place place = far_away();
    assert_int_equal(say(&place, LINK_DOWN, 0, 43441), 250 * MS);
    assert_int_equal(say(&place, LINK_DOWN, 10 * MS, 1), 250 * MS);
    assert_int_equal(say(&place, LINK_UP, 10 * MS, 1), 60 * MS); /* the other way is another */
}

/* --- idle ------------------------------------------------------------------------------------- */

/* Two windows that were full: 10, 20, and now 40 segments may be under way. */
static int64_t wide(struct place *place) {
    say(place, LINK_DOWN, 0, 10 * SEGMENT);
    say(place, LINK_DOWN, 100 * MS, 20 * SEGMENT);
    return 100 * MS;
}

static void assert_window(int64_t idle_ns, int64_t segments) {
    struct place all = far_away(), more = far_away();
    int64_t all_ns = wide(&all) + idle_ns, more_ns = wide(&more) + idle_ns;
    assert_int_equal(say(&all, LINK_DOWN, all_ns, segments * SEGMENT) - all_ns, 50 * MS);
    assert_int_equal(say(&more, LINK_DOWN, more_ns, segments * SEGMENT + 1) - more_ns, 150 * MS);
}

/* By half per timer, which is a round trip and 200 ms; not below what one begins with. */
static void a_window_that_is_idle_shrinks(void **state) {
    (void)state;
    assert_window(100 * MS, 40);
    assert_window(300 * MS, 40);
    assert_window(300 * MS + 1, 20);
    assert_window(600 * MS, 20);
    assert_window(600 * MS + 1, FIRST_WINDOW);
    assert_window(100 * NS_PER_SECOND, FIRST_WINDOW);
}

static void small_messages_do_not_widen_a_window(void **state) {
    (void)state;
    struct place place = far_away();
    for (int64_t i = 0; i < 50; i++) say(&place, LINK_DOWN, i * 100 * MS, 100);
    assert_int_equal(say(&place, LINK_DOWN, 5000 * MS, 10 * SEGMENT), 5050 * MS);
    struct place other = far_away();
    for (int64_t i = 0; i < 50; i++) say(&other, LINK_DOWN, i * 100 * MS, 100);
    assert_int_equal(say(&other, LINK_DOWN, 5000 * MS, 10 * SEGMENT + 1), 5150 * MS);
}

/* --- loss ------------------------------------------------------------------------------------- */

/* Nothing behind it tells of it: the timer does, a round trip and 200 ms. */
static void a_lone_segment_that_is_lost_waits_for_the_timer(void **state) {
    (void)state;
    struct place place = unlucky(50, "x-");
    assert_int_equal(say(&place, LINK_DOWN, 0, 100), 250 * MS + 25 * MS);
    assert_int_equal(place.network.lost, 1);
    assert_int_equal(place.network.again, 1);
    assert_int_equal(place.network.frames[LINK_DOWN], 2); /* the link saw both */
    assert_int_equal(place.network.frame_bytes[LINK_DOWN], 2 * 152);
    assert_int_equal(place.traffic.segments[LINK_DOWN], 1); /* the client one */
    assert_int_equal(place.traffic.bytes[LINK_DOWN], 100);
}

/* Those behind it tell of it: it comes again a round trip and a quarter after it was sent. */
static void one_in_the_middle_is_noticed(void **state) {
    (void)state;
    struct place place = unlucky(100, "-x--");
    assert_int_equal(say(&place, LINK_DOWN, 0, 2 * SEGMENT + 10), 125 * MS + 50 * MS);
    assert_int_equal(place.traffic.bytes[LINK_DOWN], 2 * SEGMENT + 10);
    assert_int_equal(place.traffic.segments[LINK_DOWN], 3);
}

static void the_last_of_several_waits_for_the_timer(void **state) {
    (void)state;
    struct place place = unlucky(100, "--x-");
    assert_int_equal(say(&place, LINK_DOWN, 0, 2 * SEGMENT + 10), 300 * MS + 50 * MS);
    assert_int_equal(place.traffic.bytes[LINK_DOWN], 2 * SEGMENT + 10);
}

/* --- acknowledgements ------------------------------------------------------------------------- */

static void settle(struct place *place, int64_t now_ns) {
    line_settle(&place->network, &place->line, &place->traffic, now_ns);
}

/* A question and its answer so much later. Returns when that has arrived; what it leaves owed is settled. */
static int64_t converse(struct place *place, int64_t at_ns, int64_t think_ns) {
    int64_t asked_ns = say(place, LINK_UP, at_ns, 200);
    int64_t answered_ns = say(place, LINK_DOWN, asked_ns + think_ns, 300);
    settle(place, answered_ns + 40 * MS);
    return answered_ns;
}

/* The server has answered at once: from now on it waits with an acknowledgement for what it will say. Returns when all
 * is quiet, with books that are empty. */
static int64_t get_used(struct place *place) {
    int64_t quiet_ns = converse(place, 1, 0) + NS_PER_SECOND;
    place->traffic = (struct traffic){0};
    return quiet_ns;
}

static void the_first_is_acknowledged_at_once(void **state) {
    (void)state;
    struct place far = far_away(), near = near_by();
    converse(&far, 1, 0);
    assert_segments(&far, 2, 2, 2);
    assert_int_equal(far.traffic.bytes[LINK_UP], 200);
    assert_int_equal(far.traffic.bytes[LINK_DOWN], 300);
    converse(&near, 1, 0);
    assert_segments(&near, 2, 2, 2);
}

/* The server has answered soon, and waits the next time; the client asks again after a pause. */
static void who_answered_soon_waits_the_next_time(void **state) {
    (void)state;
    struct place soon = far_away(), late = far_away(), near = near_by();
    converse(&soon, 1, 39 * MS);
    converse(&soon, NS_PER_SECOND, 39 * MS);
    assert_segments(&soon, 4, 2 + 1, 4);
    converse(&late, 1, 41 * MS);
    converse(&late, NS_PER_SECOND, 39 * MS); /* that it will be soon it did not know */
    assert_segments(&late, 4, 4, 4);
    converse(&near, 1, 39 * MS);
    converse(&near, NS_PER_SECOND, 39 * MS);
    assert_segments(&near, 4, 2 + 1, 4);
}

static void after_40_ms_it_goes_alone(void **state) {
    (void)state;
    struct place place = far_away();
    int64_t arrived_ns = say(&place, LINK_UP, get_used(&place), 200);
    settle(&place, arrived_ns + 40 * MS - 1);
    assert_segments(&place, 1, 0, 1);
    settle(&place, arrived_ns + 40 * MS);
    assert_segments(&place, 1, 1, 1);
    settle(&place, arrived_ns + 80 * MS);
    assert_segments(&place, 1, 1, 1); /* once */
    say(&place, LINK_UP, arrived_ns + NS_PER_SECOND, 200);
    assert_segments(&place, 2, 2, 2); /* and who waited in vain does not wait again */
}

/* In turns, without a pause, each acknowledges the one before it; but for the first of each, and the last. */
static void in_turns_nothing_is_sent_but_words(void **state) {
    (void)state;
    struct place place = far_away();
    int64_t at_ns = 1;
    for (int i = 0; i < 100; i++) {
        at_ns = say(&place, LINK_UP, at_ns, 200);
        at_ns = say(&place, LINK_DOWN, at_ns, 300);
    }
    assert_segments(&place, 101, 101, 200);
    settle(&place, at_ns + NS_PER_SECOND);
    assert_segments(&place, 102, 101, 200);
}

/* Of a long message every second segment is acknowledged at once, by one who waits; else each of the first sixteen. */
static void a_long_message_has_many_acknowledgements(void **state) {
    (void)state;
    struct place even = far_away(), odd = far_away(), fresh = far_away(), more = far_away();
    say(&even, LINK_UP, get_used(&even), 10 * SEGMENT);
    assert_segments(&even, 10, 5, 10);
    assert_int_equal(even.line.owed_ns, 0);
    int64_t at_ns = get_used(&odd);
    say(&odd, LINK_UP, at_ns, 9 * SEGMENT);
    assert_segments(&odd, 9, 4, 9);
    assert_int_equal(odd.line.owed_ns, at_ns + 50 * MS + 40 * MS);
    say(&fresh, LINK_DOWN, 0, 9 * SEGMENT);
    assert_segments(&fresh, 9, 9, 9);
    say(&more, LINK_DOWN, 0, 36 * SEGMENT);
    assert_segments(&more, 16 + 10, 36, 36);
}

/* Whoever has read pushes says so at once, be it one segment. */
static void what_is_read_is_acknowledged(void **state) {
    (void)state;
    struct place far = far_away(), near = near_by();
    line_acknowledge(&far.network, &far.line, &far.traffic, LINK_UP, 1, 1);
    assert_segments(&far, 1, 0, 0);
    line_acknowledge(&far.network, &far.line, &far.traffic, LINK_UP, 1, 5 * SEGMENT);
    assert_segments(&far, 1 + 5, 0, 0);
    line_acknowledge(&near.network, &near.line, &near.traffic, LINK_UP, 1, 200);
    assert_segments(&near, 1, 0, 0);
}

/* --- loopback --------------------------------------------------------------------------------- */

static void on_loopback_a_segment_is_large_and_there_at_once(void **state) {
    (void)state;
    struct place one = near_by(), two = near_by();
    assert_int_equal(say(&one, LINK_DOWN, 5, 65483), 5);
    assert_int_equal(one.traffic.segments[LINK_DOWN], 1);
    assert_int_equal(say(&two, LINK_DOWN, 5, 65484), 5);
    assert_int_equal(two.traffic.segments[LINK_DOWN], 2);
    assert_int_equal(two.traffic.bytes[LINK_DOWN], 65484);
    assert_int_equal(two.network.frames[LINK_DOWN], 0); /* there is no link */
}

/* --- beginning and end ------------------------------------------------------------------------ */

static void a_handshake_is_three_segments(void **state) {
    (void)state;
    struct place place = far_away();
    assert_int_equal(line_open(&place.network, &place.line, &place.traffic, LINK_UP, 3),
                     3 + 100 * MS);
    assert_segments(&place, 2, 1, 0);
    assert_int_equal(place.traffic.opened, 1);
    assert_int_equal(place.traffic.bytes[LINK_UP] + place.traffic.bytes[LINK_DOWN], 0);
    assert_int_equal(place.network.frame_bytes[LINK_UP], LINK_SYN_BYTES + LINK_ACK_BYTES);
    assert_int_equal(place.network.frame_bytes[LINK_DOWN], LINK_SYN_BYTES);
    struct place back = far_away(), near = near_by();
    line_open(&back.network, &back.line, &back.traffic, LINK_DOWN, 3);
    assert_segments(&back, 1, 2, 0);
    assert_int_equal(line_open(&near.network, &near.line, &near.traffic, LINK_UP, 3), 3);
    assert_segments(&near, 2, 1, 0);
}

static void an_end_is_three_segments(void **state) {
    (void)state;
    struct place place = far_away();
    line_close(&place.network, &place.line, &place.traffic, LINK_DOWN, 3);
    assert_segments(&place, 1, 2, 0);
    assert_int_equal(place.traffic.closed, 1);
    assert_int_equal(place.network.frame_bytes[LINK_DOWN], 2 * LINK_ACK_BYTES);
    assert_int_equal(place.network.frame_bytes[LINK_UP], LINK_ACK_BYTES);
}

/* What is owed rides on the FIN; what was due before it went alone. */
static void what_is_owed_at_the_end_rides_on_it(void **state) {
    (void)state;
    struct place soon = far_away(), late = far_away();
    int64_t at_ns = say(&soon, LINK_UP, get_used(&soon), 10);
    line_close(&soon.network, &soon.line, &soon.traffic, LINK_DOWN, at_ns + 30 * MS);
    assert_segments(&soon, 1 + 1, 2, 1);
    settle(&soon, INT64_MAX);
    assert_segments(&soon, 1 + 1, 2, 1);
    at_ns = say(&late, LINK_UP, get_used(&late), 10);
    line_close(&late.network, &late.line, &late.traffic, LINK_DOWN, at_ns + 50 * MS);
    assert_segments(&late, 1 + 1, 1 + 2, 1);
}

static void a_new_connection_begins_anew(void **state) {
    (void)state;
    struct place place = far_away();
    int64_t wide_ns = wide(&place) + 100 * MS;
    line_close(&place.network, &place.line, &place.traffic, LINK_DOWN, wide_ns);
    int64_t open_ns = line_open(&place.network, &place.line, &place.traffic, LINK_UP, wide_ns);
    assert_int_equal(say(&place, LINK_DOWN, open_ns, 14481) - open_ns, 150 * MS);
}

/* --- who watches ------------------------------------------------------------------------------ */

static struct sighting seen[8];
static size_t seen_count;

static void see(void *data, const struct sighting *sighting) {
    assert_ptr_equal(data, seen);
    seen[seen_count++] = *sighting;
}

static void whoever_watches_a_line_is_told_of_it(void **state) {
    (void)state;
    struct place place = unlucky(50, "x-");
    struct line other = {0};
    seen_count = 0;
    place.network.watched = &place.line;
    place.network.saw = see;
    place.network.data = seen;
    say(&place, LINK_DOWN, 5, 100);
    line_say(&place.network, &other, &place.traffic, LINK_DOWN, 1, 10, "to another");
    assert_int_equal(seen_count, 2);
    assert_int_equal(seen[0].sent_ns, 5);
    assert_int_equal(seen[0].arrived_ns, -1);
    assert_int_equal(seen[0].bytes, 100);
    assert_int_equal(seen[0].losses, 1);
    assert_string_equal(seen[0].what, "words");
    assert_int_equal(seen[1].sent_ns, 250 * MS + 5); /* it goes out again */
    assert_int_equal(seen[1].arrived_ns, 275 * MS + 5);
    assert_null(seen[1].what);
}

/* --- what comes again ---------------------------------------------------------------------------- */

/* What goes out first is a probe: Linux then sets the timer as it was, and doubles it from there on. */
static void the_timer_doubles(void **state) {
    (void)state;
    struct place place = unlucky(50, "xxx-");
    assert_int_equal(say(&place, LINK_DOWN, 0, 100), (250 + 250 + 500 + 25) * MS);
    struct place more = unlucky(50, "xx-");
    assert_int_equal(say(&more, LINK_DOWN, 0, 100), (250 + 250 + 25) * MS);
}

/* Computed by hand from kernel/time/timer.c, in ticks: armed at, for, fires at. */
static void timers_wait_for_ticks(void **state) {
    (void)state;
    static const int64_t ticks[][3] = {
        {0, 1, 2},     {0, 62, 63},     {10, 62, 73},    {0, 63, 64},     {1, 63, 72},
        {7, 63, 72},   {9, 63, 80},     {0, 503, 504},   {0, 504, 512},   {63, 504, 576},
        {8, 504, 576}, {0, 4031, 4032}, {0, 4032, 4096}, {500, 126, 632},
    };
    for (size_t i = 0; i < sizeof(ticks) / sizeof(ticks[0]); i++)
        assert_int_equal(timer_fires_ns(4 * MS, ticks[i][0] * 4 * MS + 1, ticks[i][1] * 4 * MS - 1),
                         ticks[i][2] * 4 * MS);
    assert_int_equal(timer_fires_ns(0, 7, 250 * MS), 250 * MS + 7);
}

/* A timer of 250 ms is one of 63 ticks, which waits for the next eighth. */
static void a_machine_has_ticks(void **state) {
    (void)state;
    struct place place = unlucky(50, "xx-");
    place.network.tick_ns = 4 * MS;
    assert_int_equal(say(&place, LINK_DOWN, 0, 100), (256 + 256 + 25) * MS);
}

/* Nothing comes back in time: the timer fires for nothing. It learns how long it took since the first time. */
static void an_acknowledgement_may_be_lost(void **state) {
    (void)state;
    struct place place = unlucky_both_ways(50, "----", "x---");
    assert_int_equal(say(&place, LINK_DOWN, MS, 100), MS + WAY);
    say(&place, LINK_UP, 500 * MS, 30);
    assert_int_equal(place.network.again, 1);
    assert_int_equal(place.line.smoothed_ns[LINK_DOWN], RTO + R);
    assert_int_equal(place.traffic.bytes[LINK_DOWN], 100);
    assert_segments(
        &place, 3, 3,
        3); /* up: both acknowledgements, and what is said; whose acknowledgement is the third down */
    struct place next = unlucky_both_ways(50, "----", "x---");
    say(&next, LINK_DOWN, MS, 100);
    say(&next, LINK_UP, 101 * MS, 30); /* in time: it acknowledges what came */
    assert_int_equal(next.network.again, 0);
    assert_int_equal(next.line.smoothed_ns[LINK_DOWN], 100 * MS + WAY);
}

/* The answer that would have acknowledged the question is lost: both sides' timers fire, the first one for nothing. */
static void what_it_rides_on_may_be_lost(void **state) {
    (void)state;
    struct place place = unlucky_both_ways(50, "x---", "----");
    place.line.prompt[LINK_DOWN] = true; /* it waits with an acknowledgement for its answer */
    int64_t asked_ns = say(&place, LINK_UP, 0, 30);
    assert_int_equal(say(&place, LINK_DOWN, asked_ns + MS, 300), asked_ns + MS + RTO + WAY);
    assert_int_equal(place.network.again, 2);
    assert_int_equal(place.line.smoothed_ns[LINK_UP], RTO + R);
}

static void whole_segments_are_counted_when_they_come_again(void **state) {
    (void)state;
    struct place place = unlucky(50, "x-");
    say(&place, LINK_DOWN, 0, SEGMENT);
    assert_int_equal(place.traffic.bytes[LINK_DOWN], SEGMENT);
}

static void what_was_lost_at_the_end_all_comes_again(void **state) {
    (void)state;
    struct place place = unlucky(50, "xx--");
    say(&place, LINK_DOWN, 0, SEGMENT + 100);
    assert_int_equal(place.traffic.bytes[LINK_DOWN], SEGMENT + 100);
}

static void the_second_of_two_waits_for_the_first(void **state) {
    (void)state;
    struct place place = unlucky(50, "xx--");
    assert_int_equal(say(&place, LINK_DOWN, 0, SEGMENT + 100), RTO + R + WAY);
}

static void a_window_grows_by_what_was_acknowledged(void **state) {
    (void)state;
    struct place place = far_away();
    say(&place, LINK_DOWN, 0, 10 * SEGMENT + 1);
    int64_t at_ns = 250 * MS;
    assert_int_equal(say(&place, LINK_DOWN, at_ns, 22 * SEGMENT) - at_ns, 150 * MS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_cut_into_segments),
        cmocka_unit_test(a_smaller_packet_holds_less),
        cmocka_unit_test(the_link_sees_headers),
        cmocka_unit_test(what_lies_outside_the_window_is_not_counted),
        cmocka_unit_test(a_long_message_takes_rounds),
        cmocka_unit_test(a_relay_adds_to_each_way),
        cmocka_unit_test(a_narrow_line_takes_its_time),
        cmocka_unit_test(what_comes_later_does_not_arrive_before),
        cmocka_unit_test(a_window_that_is_idle_shrinks),
        cmocka_unit_test(small_messages_do_not_widen_a_window),
        cmocka_unit_test(a_lone_segment_that_is_lost_waits_for_the_timer),
        cmocka_unit_test(one_in_the_middle_is_noticed),
        cmocka_unit_test(the_last_of_several_waits_for_the_timer),
        cmocka_unit_test(the_first_is_acknowledged_at_once),
        cmocka_unit_test(who_answered_soon_waits_the_next_time),
        cmocka_unit_test(after_40_ms_it_goes_alone),
        cmocka_unit_test(in_turns_nothing_is_sent_but_words),
        cmocka_unit_test(a_long_message_has_many_acknowledgements),
        cmocka_unit_test(what_is_read_is_acknowledged),
        cmocka_unit_test(on_loopback_a_segment_is_large_and_there_at_once),
        cmocka_unit_test(a_handshake_is_three_segments),
        cmocka_unit_test(an_end_is_three_segments),
        cmocka_unit_test(what_is_owed_at_the_end_rides_on_it),
        cmocka_unit_test(a_new_connection_begins_anew),
        cmocka_unit_test(whoever_watches_a_line_is_told_of_it),
        cmocka_unit_test(the_timer_doubles),
        cmocka_unit_test(timers_wait_for_ticks),
        cmocka_unit_test(an_acknowledgement_may_be_lost),
        cmocka_unit_test(what_it_rides_on_may_be_lost),
        cmocka_unit_test(a_machine_has_ticks),
        cmocka_unit_test(whole_segments_are_counted_when_they_come_again),
        cmocka_unit_test(what_was_lost_at_the_end_all_comes_again),
        cmocka_unit_test(the_second_of_two_waits_for_the_first),
        cmocka_unit_test(a_window_grows_by_what_was_acknowledged),
    };
    return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}

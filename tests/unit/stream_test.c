/* simulator/stream: who notices a hole, who waits behind it, and what is kept until it is filled */
#include "simulator/stream.h"

#include "base/memory.h"
#include "places.h"

#define EVENTS 8

/* One connection on which events are pushed, and when each was there. */
struct river {
    struct place place;
    struct engine engine;
    struct streams streams;
    int64_t arrived_ns[EVENTS + 1]; /* by number; 0: it has not */
    uint64_t count;                 /* so many have */
};

static struct traffic *traffic_of(void *data, uint32_t user) {
    struct river *river = data;
    assert_int_equal(user, 0);
    return &river->place.traffic;
}

static void deliver(void *data, uint32_t user, uint64_t number, int64_t arrived_ns) {
    struct river *river = data;
    assert_int_equal(user, 0);
    assert_int_equal(number, ++river->count); /* in order, and once */
    river->arrived_ns[number] = arrived_ns;
}

/* The frames of the first events and of what goes out again meet this luck, and the acknowledgements that come back. */
static void open_river_both_ways(struct river *river, const char *down, const char *up) {
    *river = (struct river){.place = unlucky_both_ways(50, down, up)};
    engine_init(&river->engine, 0);
    river->streams.network = &river->place.network;
    river->streams.lines = &river->place.line;
    river->streams.traffic_of = traffic_of;
    river->streams.deliver = deliver;
    river->streams.data = river;
    streams_init(&river->streams, &river->engine, 1);
}

static void open_river(struct river *river, const char *fates) {
    open_river_both_ways(river, fates, "--------");
}

static void close_river(struct river *river) {
    streams_free(&river->streams, 1);
    engine_free(&river->engine);
}

static void push(struct river *river, uint64_t number, int64_t at_ns, uint64_t bytes) {
    engine_run(&river->engine, at_ns);
    stream_push(&river->streams, 0, number, at_ns, bytes);
}

/* So many events, one every so often; then until all is quiet. */
static void push_all(struct river *river, uint64_t events, int64_t gap_ns) {
    for (uint64_t number = 1; number <= events; number++)
        push(river, number, (int64_t)(number - 1) * gap_ns, 100);
    engine_run(&river->engine, 100 * NS_PER_SECOND);
    assert_int_equal(river->count, events);
}

static void nothing_is_held_up_that_is_not_lost(void **state) {
    (void)state;
    struct river river;
    open_river(&river, "-----");
    push_all(&river, 5, 10 * MS);
    for (int64_t k = 1; k <= 5; k++) assert_int_equal(river.arrived_ns[k], (k - 1) * 10 * MS + WAY);
    assert_segments(&river.place, 5, 5, 5); /* each is acknowledged for itself */
    assert_int_equal(river.engine.fired, 0);
    close_river(&river);
}

/* g + R + d, where the next event comes g after it. It tells of the loss, and arrives with it. */
static void a_later_event_tells_of_a_hole(void **state) {
    (void)state;
    struct river river;
    int64_t gap_ns = 100 * MS, filled_ns = gap_ns + R + WAY;
    open_river(&river, "x---");
    push_all(&river, 3, gap_ns);
    assert_int_equal(river.arrived_ns[1], filled_ns);
    assert_int_equal(river.arrived_ns[2], filled_ns);
    assert_int_equal(river.arrived_ns[3], 2 * gap_ns + WAY);
    assert_int_equal(river.place.network.lost, 1);
    assert_int_equal(river.place.network.again, 1);
    assert_segments(&river.place, 3, 3, 3);
    assert_int_equal(river.place.traffic.bytes[LINK_DOWN], 300);
    close_river(&river);
}

static void all_behind_a_hole_arrive_at_one_instant(void **state) {
    (void)state;
    struct river river;
    int64_t gap_ns = 20 * MS, filled_ns = gap_ns + R + WAY;
    open_river(&river, "x------");
    push_all(&river, 6, gap_ns);
    for (int k = 1; k <= 4; k++) assert_int_equal(river.arrived_ns[k], filled_ns);
    /* What was lost is sent again at 70 ms, in place of the fifth one: that goes out when the third is acknowledged. */
    assert_int_equal(river.arrived_ns[5], 2 * gap_ns + R + WAY);
    assert_int_equal(river.arrived_ns[6], 5 * gap_ns + WAY);
    close_river(&river);
}

/* What comes at once behind it may have overtaken it: the sender waits for a quarter of a round trip more, and the 2 ms
 * without which it sets no timer. */
static void what_was_only_overtaken_has_a_chance(void **state) {
    (void)state;
    struct river river;
    open_river(&river, "x---");
    push_all(&river, 3, MS);
    for (int k = 1; k <= 3; k++) assert_int_equal(river.arrived_ns[k], R + R / 4 + 2 * MS + WAY);
    close_river(&river);
}

static void without_a_later_event_the_timer_fires(void **state) {
    (void)state;
    struct river river, rare;
    open_river(&river, "x-");
    push_all(&river, 1, MS);
    assert_int_equal(river.arrived_ns[1], RTO + WAY);
    close_river(&river);
    open_river(&rare, "x--");
    push_all(&rare, 2, 300 * MS); /* too late to tell */
    assert_int_equal(rare.arrived_ns[1], RTO + WAY);
    assert_int_equal(rare.arrived_ns[2], 300 * MS + WAY);
    close_river(&rare);
}

static void a_repair_may_be_lost_as_well(void **state) {
    (void)state;
    struct river river;
    open_river(&river, "xx-");
    push_all(&river, 1, MS);
    assert_int_equal(river.arrived_ns[1], RTO + RTO + WAY);
    assert_int_equal(river.place.network.again, 2);
    close_river(&river);
}

/* Both are sent again at once when a third one tells of them. */
static void two_in_a_row_are_one_hole(void **state) {
    (void)state;
    struct river river;
    int64_t gap_ns = 80 * MS, filled_ns = 2 * gap_ns + R + WAY;
    open_river(&river, "xx---");
    push_all(&river, 3, gap_ns);
    for (int k = 1; k <= 3; k++) assert_int_equal(river.arrived_ns[k], filled_ns);
    assert_int_equal(river.place.network.again, 2);
    assert_int_equal(river.place.traffic.bytes[LINK_DOWN], 300);
    close_river(&river);
}

/* The second event tells of the first, but is not heard; the third is. */
static void who_tells_of_a_hole_may_not_be_heard(void **state) {
    (void)state;
    struct river river;
    int64_t gap_ns = 100 * MS;
    open_river_both_ways(&river, "x----", "x-----");
    push_all(&river, 4, gap_ns);
    for (int k = 1; k <= 3; k++) assert_int_equal(river.arrived_ns[k], 2 * gap_ns + R + WAY);
    assert_int_equal(river.arrived_ns[4], 3 * gap_ns + WAY);
    close_river(&river);
}

/* Where what went out again is acknowledged in vain, the sender does not know that it came: it keeps all that is new
 * until its timer has fired, and what goes out then for nothing is acknowledged. */
static void what_closes_a_hole_may_not_be_heard(void **state) {
    (void)state;
    struct river river;
    int64_t gap_ns = 100 * MS, again_ns = gap_ns + R, heard_ns = again_ns + RTO + R;
    open_river_both_ways(&river, "x--------", "-x------");
    push_all(&river, 6, gap_ns);
    for (int k = 1; k <= 2; k++) assert_int_equal(river.arrived_ns[k], again_ns + WAY);
    for (int k = 3; k <= 5; k++) assert_int_equal(river.arrived_ns[k], heard_ns + WAY);
    assert_int_equal(river.arrived_ns[6], 5 * gap_ns + WAY);
    assert_int_equal(river.place.network.again, 2); /* one for nothing */
    assert_int_equal(river.place.traffic.bytes[LINK_DOWN], 600);
    assert_segments(&river.place, 7, 7, 7);
    close_river(&river);
}

static void holes_of_one_do_not_hold_up_another(void **state) {
    (void)state;
    struct river river;
    open_river(&river, "x----");
    push(&river, 1, 0, 100);
    assert_int_equal(river.count, 0);
    struct line other = {0};
    struct traffic traffic = {0};
    int64_t at_ns = line_say(&river.place.network, &other, &traffic, LINK_DOWN, 0, 100, "other");
    assert_int_equal(at_ns, WAY);
    close_river(&river); /* with a hole that nobody fills */
}

static void the_rest_of_a_long_event_is_counted(void **state) {
    (void)state;
    struct river river;
    open_river(&river, "--x--");
    push(&river, 1, 0, 2 * SEGMENT + 104);
    engine_run(&river.engine, 10 * NS_PER_SECOND);
    assert_int_equal(river.arrived_ns[1], RTO + WAY);
    assert_int_equal(river.place.traffic.bytes[LINK_DOWN], 2 * SEGMENT + 104);
    close_river(&river);
}

static void a_timer_of_an_old_hole_does_not_repair_a_new_one(void **state) {
    (void)state;
    struct river river;
    open_river(&river, "x--x-");
    push_all(&river, 3, 100 * MS);
    assert_int_equal(river.arrived_ns[1], 100 * MS + R + WAY);
    assert_int_equal(river.arrived_ns[3], 200 * MS + RTO + WAY);
    close_river(&river);
}

static void each_hole_is_told_of_by_the_event_behind_it(void **state) {
    (void)state;
    struct river river;
    int64_t gap_ns = 20 * MS;
    open_river(&river, "x-x---");
    push_all(&river, 4, gap_ns);
    assert_int_equal(river.arrived_ns[1], gap_ns + R + WAY);
    assert_int_equal(river.arrived_ns[2], gap_ns + R + WAY);
    assert_int_equal(river.arrived_ns[3], 3 * gap_ns + R + WAY);
    assert_int_equal(river.arrived_ns[4], 3 * gap_ns + R + WAY);
    close_river(&river);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_held_up_that_is_not_lost),
        cmocka_unit_test(a_later_event_tells_of_a_hole),
        cmocka_unit_test(all_behind_a_hole_arrive_at_one_instant),
        cmocka_unit_test(what_was_only_overtaken_has_a_chance),
        cmocka_unit_test(without_a_later_event_the_timer_fires),
        cmocka_unit_test(a_repair_may_be_lost_as_well),
        cmocka_unit_test(two_in_a_row_are_one_hole),
        cmocka_unit_test(holes_of_one_do_not_hold_up_another),
        cmocka_unit_test(who_tells_of_a_hole_may_not_be_heard),
        cmocka_unit_test(what_closes_a_hole_may_not_be_heard),
        cmocka_unit_test(the_rest_of_a_long_event_is_counted),
        cmocka_unit_test(a_timer_of_an_old_hole_does_not_repair_a_new_one),
        cmocka_unit_test(each_hole_is_told_of_by_the_event_behind_it),
    };
    return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}

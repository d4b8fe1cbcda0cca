/* runner/trial/joined: what a link's relay saw, laid beside what both sides tell: losses, repetitions, handshakes */
#include "traces.h"

/* --- a connection's ends -------------------------------------------------------------------------- */

static void a_connection_begins_and_ends(void **state) {
    struct watch watch;
    (void)state;
    join(&watch,
         &(struct sides){
             .frames = {OPENS(999), FIN("true", 500, 510, 1000), FIN("false", 520, 530, 500)},
         });
    assert_int_equal(watch.message_count, 4);
    check(sent_at(&watch, LINK_UP, 10), 20, 0, "SYN", 0);
    check(sent_at(&watch, LINK_DOWN, 30), 40, 0, "SYN, ACK", 0);
    check(sent_at(&watch, LINK_DOWN, 500), 510, 0, "FIN", 0);
    check(sent_at(&watch, LINK_UP, 520), 530, 0, "FIN, ACK", 0);
    watch_free(&watch);
}

static void a_syn_may_be_lost(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .frames = {BARE("false", 5, -1, 499, "true", "false", "false"), OPENS(999)},
                 });
    assert_int_equal(watch.message_count, 3);
    check(sent_at(&watch, LINK_UP, 5), WATCH_NEVER, 0, "SYN", 1);
    assert_int_equal(sent_at(&watch, LINK_UP, 10)->arrived_ns, 20);
    watch_free(&watch);
}

/* A FIN may be in a segment with data: it is an end all the same. */
static void a_fin_with_data_ends_a_side(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 50, "200", 0, 0)},
                     .client = {HEARD(1300, 50)},
                     .frames = {OPENS(999) ",['7-80',true,1000,1300,1000,50,false,true,true]",
                                FIN("false", 1310, 1320, 500)},
                 });
    check(sent_at(&watch, LINK_DOWN, 1000), 1300, 50, "200", 0);
    check(sent_at(&watch, LINK_UP, 1310), 1320, 0, "FIN, ACK", 0);
    watch_free(&watch);
}

/* Who ended first does not end second because its FIN goes out again. */
static void a_fin_that_goes_out_again_is_the_same(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .frames = {OPENS(999), FIN("true", 500, 510, 1000),
                                FIN("false", 520, 530, 500), FIN("true", 700, 710, 1000)},
                 });
    const struct watched_message *again = sent_at(&watch, LINK_DOWN, 700);
    assert_true(again->what == NULL || strcmp(again->what, "FIN") == 0);
    watch_free(&watch);
}

/* --- what is lost --------------------------------------------------------------------------------- */

static void nothing_is_lost(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 50, "event", 1, 1)},
                     .client = {HEARD(1300, 50)},
                     .frames = {OPENS(999), DOWN(1000, 1299, 1000, 50)},
                     .published = "[1,900,950]",
                     .received = "[1,900,1300]",
                 });
    assert_int_equal(watch.message_count, 3);
    check(sent_at(&watch, LINK_DOWN, 1000), 1300, 50, "event", 0);
    check_event(&watch, 1, 1000, 1300, 1300);
    watch_free(&watch);
}

/* Behind a loss, say, TCP sends less at a time. */
static void it_is_kept_for_a_while(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 50, "event", 1, 1)},
                     .client = {HEARD(1800, 50)},
                     .frames = {OPENS(999), DOWN(1500, 1799, 1000, 50)},
                     .published = "[1,900,950]",
                     .received = "[1,900,1800]",
                 });
    check(sent_at(&watch, LINK_DOWN, 1500), 1800, 50, "event", 0);
    check_event(&watch, 1, 1500, 1800, 1800);
    watch_free(&watch);
}

static void what_was_lost_goes_out_again(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 50, "event", 1, 1)},
                     .client = {HEARD(2300, 50)},
                     .frames = {OPENS(999), DOWN(1000, -1, 1000, 50), DOWN(2000, 2299, 1000, 50)},
                     .published = "[1,900,950]",
                     .received = "[1,900,2300]",
                 });
    assert_int_equal(watch.message_count, 4);
    const struct watched_message *message = sent_at(&watch, LINK_DOWN, 1000);
    check(message, WATCH_NEVER, 50, "event", 1);
    check_events(message, 1, 1);
    const struct watched_message *again = sent_at(&watch, LINK_DOWN, 2000);
    check(again, 2299, 50, NULL, 0);
    check_events(again, 1, 1);
    check_event(&watch, 1, 1000, 2300, 2300);
    watch_free(&watch);
}

static void the_tail_of_a_message_is_lost(void **state) {
    struct watch watch;
    (void)state;
    join(&watch,
         &(struct sides){
             .server = {SAID(1000, 250, "200", 1, 1)},
             .client = {HEARD(1300, 200), HEARD(2300, 50)},
             .frames = {OPENS(999), DOWN(1000, 1298, 1000, 100), DOWN(1002, 1299, 1100, 100),
                        DOWN(1003, -1, 1200, 50), DOWN(2000, 2299, 1200, 50)},
             .published = "[1,900,950]",
             .received = "[1,900,2300]",
         });
    check(sent_at(&watch, LINK_DOWN, 1000), WATCH_NEVER, 250, "200", 1);
    check(sent_at(&watch, LINK_DOWN, 2000), 2299, 50, NULL, 0);
    check_event(&watch, 1, 1000, 2300, 2300);
    watch_free(&watch);
}

/* Its last byte comes in time, and has come when the middle has. */
static void the_middle_of_a_message_is_lost(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 250, "200", 1, 1)},
                     .client = {HEARD(1300, 100), HELD_UP(2310, 150)},
                     .frames = {OPENS(999), DOWN(1000, 1298, 1000, 100), DOWN(1002, -1, 1100, 100),
                                DOWN(1003, 1299, 1200, 50), DOWN(2000, 2299, 1100, 100)},
                     .published = "[1,900,950]",
                     .received = "[1,900,2310]",
                 });
    const struct watched_message *message = sent_at(&watch, LINK_DOWN, 1000);
    assert_in_range(message->arrived_ns, 2299, 2310);
    check(message, message->arrived_ns, 250, "200", 1);
    check(sent_at(&watch, LINK_DOWN, 2000), 2299, 100, NULL, 0);
    assert_in_range(watch.events[0].arrived_ns, 2299, 2310);
    assert_int_equal(watch.events[0].received_ns, 2310);
    watch_free(&watch);
}

static void several_segments_of_one_message_are_lost(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 300, "200", 0, 0)},
                     .client = {HELD_UP(2310, 300)},
                     .frames = {OPENS(999), DOWN(1000, -1, 1000, 100), DOWN(1002, -1, 1100, 100),
                                DOWN(1003, 1299, 1200, 100), DOWN(2000, 2298, 1000, 100),
                                DOWN(2001, 2299, 1100, 100)},
                 });
    const struct watched_message *message = sent_at(&watch, LINK_DOWN, 1000);
    assert_in_range(message->arrived_ns, 2299, 2310);
    check(message, message->arrived_ns, 300, "200", 2);
    check(sent_at(&watch, LINK_DOWN, 2000), 2298, 100, NULL, 0);
    check(sent_at(&watch, LINK_DOWN, 2001), 2299, 100, NULL, 0);
    watch_free(&watch);
}

/* Event 2 comes in time, and cannot be read before event 1 has come. */
static void an_event_waits_for_the_one_before(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 50, "event", 1, 1), SAID(1100, 60, "event", 2, 2)},
                     .client = {HELD_UP(2310, 110)},
                     .frames = {OPENS(999), DOWN(1000, -1, 1000, 50), DOWN(1100, 1399, 1050, 60),
                                DOWN(2000, 2299, 1000, 50)},
                     .published = "[1,900,950],[2,1000,1050]",
                     .received = "[1,900,2310],[2,1000,2310]",
                 });
    check(sent_at(&watch, LINK_DOWN, 1000), WATCH_NEVER, 50, "event", 1);
    check(sent_at(&watch, LINK_DOWN, 1100), 1399, 60, "event", 0);
    check(sent_at(&watch, LINK_DOWN, 2000), 2299, 50, NULL, 0);
    assert_in_range(watch.events[0].arrived_ns, 2299, 2310);
    check_event(&watch, 2, 1100, 1399, 2310);
    watch_free(&watch);
}

static void it_went_out_again_for_nothing(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 50, "event", 1, 1), SAID(5000, 60, "event", 2, 2)},
                     .client = {HEARD(1300, 50), HEARD(5300, 60)},
                     .frames = {OPENS(999), DOWN(1000, 1299, 1000, 50), DOWN(2000, 2299, 1000, 50),
                                DOWN(5000, 5299, 1050, 60)},
                     .published = "[1,900,950],[2,4900,4950]",
                     .received = "[1,900,1300],[2,4900,5300]",
                 });
    assert_int_equal(watch.message_count, 5);
    check(sent_at(&watch, LINK_DOWN, 1000), 1300, 50, "event", 0);
    check(sent_at(&watch, LINK_DOWN, 2000), 2299, 50, NULL, 0);
    check(sent_at(&watch, LINK_DOWN, 5000), 5300, 60, "event", 0);
    check_event(&watch, 1, 1000, 1300, 1300);
    check_event(&watch, 2, 5000, 5300, 5300);
    watch_free(&watch);
}

static void what_goes_out_again_is_lost_again(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 50, "event", 1, 1)},
                     .client = {HEARD(4300, 50)},
                     .frames = {OPENS(999), DOWN(1000, -1, 1000, 50), DOWN(2000, -1, 1000, 50),
                                DOWN(4000, 4299, 1000, 50)},
                     .published = "[1,900,950]",
                     .received = "[1,900,4300]",
                 });
    assert_int_equal(watch.message_count, 5);
    check(sent_at(&watch, LINK_DOWN, 1000), WATCH_NEVER, 50, "event", 1);
    const struct watched_message *again = sent_at(&watch, LINK_DOWN, 2000);
    assert_int_equal(again->arrived_ns, WATCH_NEVER);
    assert_null(again->what);
    check(sent_at(&watch, LINK_DOWN, 4000), 4299, 50, NULL, 0);
    check_event(&watch, 1, 1000, 4300, 4300);
    watch_free(&watch);
}

/* The link's list is full first: what it did not see is not lost, when it has been read. */
static void the_relay_saw_only_some_of_it(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 250, "200", 1, 1)},
                     .client = {HELD_UP(2310, 250)},
                     .frames = {OPENS(999), DOWN(1000, 1299, 1000, 100)},
                     .published = "[1,900,950]",
                     .received = "[1,900,2310]",
                 });
    check(sent_at(&watch, LINK_DOWN, 1000), 2310, 250, "200", 0);
    check_event(&watch, 1, 1000, 2310, 2310);
    watch_free(&watch);
}

static void it_is_lost_for_good(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 50, "event", 1, 1)},
                     .frames = {OPENS(999), DOWN(1000, -1, 1000, 50), DOWN(2000, -1, 1000, 50)},
                     .published = "[1,900,950]",
                 });
    check(sent_at(&watch, LINK_DOWN, 1000), WATCH_NEVER, 50, "event", 1);
    check_event(&watch, 1, 1000, WATCH_NEVER, WATCH_NEVER);
    watch_free(&watch);
}

/* At the end of a trial: it came, and nobody read it any more. */
static void it_came_and_was_not_read(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 50, "event", 1, 1)},
                     .frames = {OPENS(999), DOWN(1000, 1299, 1000, 50)},
                     .published = "[1,900,950]",
                 });
    check(sent_at(&watch, LINK_DOWN, 1000), 1299, 50, "event", 0); /* NEVER: it was lost */
    check_event(&watch, 1, 1000, 1299, WATCH_NEVER);
    watch_free(&watch);
}

/* Two writes in one segment, which is lost: both are. */
static void a_segment_of_two_messages_is_lost(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 50, "event", 1, 1), SAID(1100, 60, "event", 2, 2)},
                     .client = {HEARD(2300, 110)},
                     .frames = {OPENS(999), DOWN(1100, -1, 1000, 110), DOWN(2000, 2299, 1000, 110)},
                     .published = "[1,900,950],[2,1000,1050]",
                     .received = "[1,900,2300],[2,1000,2300]",
                 });
    for (size_t i = watch.message_count - 3; i < watch.message_count - 1; i++) {
        assert_int_equal(watch.messages[i].sent_ns, 1100); /* the first had been kept */
        assert_int_equal(watch.messages[i].arrived_ns, WATCH_NEVER);
        assert_int_equal(watch.messages[i].losses, 1);
    }
    check(sent_at(&watch, LINK_DOWN, 2000), 2299, 110, NULL, 0);
    watch_free(&watch);
}

/* One frame: one message, which brings the events of both. */
static void two_messages_go_out_again_in_one_segment(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 50, "event", 1, 1), SAID(1100, 60, "event", 2, 2)},
                     .client = {HEARD(2300, 110)},
                     .frames = {OPENS(999), DOWN(1000, -1, 1000, 50), DOWN(1100, -1, 1050, 60),
                                DOWN(2000, 2299, 1000, 110)},
                     .published = "[1,900,950],[2,1000,1050]",
                     .received = "[1,900,2300],[2,1000,2300]",
                 });
    assert_int_equal(watch.message_count, 5);
    const struct watched_message *again = sent_at(&watch, LINK_DOWN, 2000);
    check(again, 2299, 110, NULL, 0);
    check_events(again, 1, 2);
    watch_free(&watch);
}

static void half_a_message_goes_out_again(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 50, "304", 0, 0), SAID(1100, 60, "event", 2, 2)},
                     .client = {HEARD(1300, 50), HEARD(2300, 60)},
                     .frames = {OPENS(999), DOWN(1000, 1299, 1000, 50), DOWN(1100, -1, 1050, 60),
                                DOWN(2000, 2298, 1050, 30), DOWN(2001, 2299, 1080, 30)},
                     .published = "[1,900,950],[2,1000,1050]",
                 });
    assert_int_equal(watch.message_count, 6);
    check(sent_at(&watch, LINK_DOWN, 1000), 1300, 50, "304", 0);
    check(sent_at(&watch, LINK_DOWN, 1100), WATCH_NEVER, 60, "event", 1);
    check(sent_at(&watch, LINK_DOWN, 2000), 2298, 30, NULL, 0);
    check(sent_at(&watch, LINK_DOWN, 2001), 2299, 30, NULL, 0);
    check_events(sent_at(&watch, LINK_DOWN, 2000), 2, 2);
    check_events(sent_at(&watch, LINK_DOWN, 2001), 2, 2);
    watch_free(&watch);
}

/* The end of one message and the beginning of the next: it is repeated for both. */
static void it_goes_out_again_across_a_border(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 150, "event", 1, 1), SAID(1001, 150, "event", 2, 2)},
                     .client = {HEARD(1300, 100), HELD_UP(2310, 200)},
                     .frames = {OPENS(999), DOWN(1002, 1298, 1000, 100), DOWN(1003, -1, 1100, 100),
                                DOWN(1004, 1299, 1200, 100), DOWN(2000, 2299, 1100, 100)},
                     .published = "[1,900,950],[2,900,951]",
                     .received = "[1,900,2310],[2,900,2310]",
                 });
    check(sent_at(&watch, LINK_DOWN, 1002), WATCH_NEVER, 150, "event", 1);
    assert_int_equal(sent_at(&watch, LINK_DOWN, 1003)->losses, 1);
    assert_in_range(sent_at(&watch, LINK_DOWN, 1003)->arrived_ns, 2299, 2310);
    const struct watched_message *again = sent_at(&watch, LINK_DOWN, 2000);
    check(again, 2299, 100, NULL, 0);
    check_events(again, 1, 2);
    watch_free(&watch);
}

static void on_the_way_up_things_get_lost_too(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {HEARD(2300, 30)},
                     .client = {SAID(1000, 30, "GET", 0, 0)},
                     .frames = {OPENS(999) ",['7-80',false,1000,-1,500,30,false,false,true],"
                                           "['7-80',false,2000,2299,500,30,false,false,true]"},
                 });
    check(sent_at(&watch, LINK_UP, 1000), WATCH_NEVER, 30, "GET", 1);
    check(sent_at(&watch, LINK_UP, 2000), 2299, 30, NULL, 0);
    watch_free(&watch);
}

/* --- sequence numbers ----------------------------------------------------------------------------- */

/* They begin anywhere: here the 7th byte of data is number 0. */
static void sequence_numbers_go_round(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 4, "event", 1, 1), SAID(1100, 6, "event", 2, 2),
                                SAID(1200, 5, "event", 3, 3)},
                     .client = {HEARD(1300, 4), HELD_UP(2310, 11)},
                     .frames = {OPENS(4294967289), DOWN(1000, 1299, 4294967290, 4),
                                DOWN(1100, -1, 4294967294, 6), DOWN(1200, 1499, 4, 5),
                                DOWN(2000, 2299, 4294967294, 6)},
                     .published = "[1,900,950],[2,1000,1050],[3,1100,1150]",
                     .received = "[1,900,1300],[2,1000,2310],[3,1100,2310]",
                 });
    assert_int_equal(watch.message_count, 6);
    check(sent_at(&watch, LINK_DOWN, 1000), 1300, 4, "event", 0);
    check(sent_at(&watch, LINK_DOWN, 1100), WATCH_NEVER, 6, "event", 1);
    check(sent_at(&watch, LINK_DOWN, 1200), 1499, 5, "event", 0);
    check(sent_at(&watch, LINK_DOWN, 2000), 2299, 6, NULL, 0);
    check_event(&watch, 3, 1200, 1499, 2310);
    watch_free(&watch);
}

/* More than 4 GiB: the segment across the border, and one just before it, go out again behind it. */
static void a_connection_carries_more_than_numbers_go(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 4294967000, "200", 0, 0), SAID(1100, 200, "event", 1, 1),
                                SAID(1200, 200, "event", 2, 2), SAID(1300, 200, "event", 3, 3)},
                     .client = {HEARD(1400, 4294967000), HELD_UP(2310, 600)},
                     .frames = {OPENS(999), DOWN(1000, 1399, 1000, 2147483500),
                                DOWN(1002, 1400, 2147484500, 2147483500), DOWN(1100, -1, 704, 200),
                                DOWN(1200, -1, 904, 200), DOWN(1300, 1499, 1104, 200),
                                DOWN(2000, 2298, 704, 200), DOWN(2001, 2299, 904, 200)},
                     .published = "[1,900,950],[2,1000,1050],[3,1100,1150]",
                     .received = "[1,900,2310],[2,1000,2310],[3,1100,2310]",
                 });
    assert_int_equal(watch.message_count, 8);
    check(sent_at(&watch, LINK_DOWN, 1000), 1400, 4294967000, "200", 0);
    check(sent_at(&watch, LINK_DOWN, 1100), WATCH_NEVER, 200, "event", 1);
    check(sent_at(&watch, LINK_DOWN, 1200), WATCH_NEVER, 200, "event", 1);
    check(sent_at(&watch, LINK_DOWN, 1300), 1499, 200, "event", 0);
    check(sent_at(&watch, LINK_DOWN, 2000), 2298, 200, NULL, 0);
    check_events(sent_at(&watch, LINK_DOWN, 2000), 1, 1);
    check(sent_at(&watch, LINK_DOWN, 2001), 2299, 200, NULL, 0);
    check_events(sent_at(&watch, LINK_DOWN, 2001), 2, 2);
    watch_free(&watch);
}

/* Polling without keep-alive takes ports at random, and may take one again. Nothing is lost here. */
static void a_pair_of_ports_is_used_again(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 50, "200", 1, 1), SAID(5000, 50, "200", 2, 2)},
                     .client = {HEARD(1300, 50), HEARD(5300, 50)},
                     .frames = {OPENS(999), DOWN(1000, 1299, 1000, 50),
                                FIN("true", 2000, 2010, 1050), FIN("false", 2020, 2030, 500),
                                BARE("false", 4000, 4005, 88887, "true", "false", "false"),
                                BARE("true", 4010, 4015, 77776, "true", "false", "true"),
                                DOWN(5000, 5299, 77777, 50), FIN("true", 6000, 6010, 77827)},
                     .published = "[1,900,950],[2,4900,4950]",
                     .received = "[1,900,1300],[2,4900,5300]",
                 });
    check(sent_at(&watch, LINK_DOWN, 1000), 1300, 50, "200", 0);
    check(sent_at(&watch, LINK_DOWN, 5000), 5300, 50, "200", 0);
    check(sent_at(&watch, LINK_UP, 2020), 2030, 0, "FIN, ACK", 0);
    check(sent_at(&watch, LINK_DOWN, 6000), 6010, 0, "FIN", 0);
    assert_int_equal(watch.message_count, 9); /* and none that goes out again */
    watch_free(&watch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_begins_and_ends),
        cmocka_unit_test(a_syn_may_be_lost),
        cmocka_unit_test(a_fin_with_data_ends_a_side),
        cmocka_unit_test(a_fin_that_goes_out_again_is_the_same),
        cmocka_unit_test(nothing_is_lost),
        cmocka_unit_test(it_is_kept_for_a_while),
        cmocka_unit_test(what_was_lost_goes_out_again),
        cmocka_unit_test(the_tail_of_a_message_is_lost),
        cmocka_unit_test(the_middle_of_a_message_is_lost),
        cmocka_unit_test(several_segments_of_one_message_are_lost),
        cmocka_unit_test(an_event_waits_for_the_one_before),
        cmocka_unit_test(it_went_out_again_for_nothing),
        cmocka_unit_test(what_goes_out_again_is_lost_again),
        cmocka_unit_test(the_relay_saw_only_some_of_it),
        cmocka_unit_test(it_is_lost_for_good),
        cmocka_unit_test(it_came_and_was_not_read),
        cmocka_unit_test(a_segment_of_two_messages_is_lost),
        cmocka_unit_test(two_messages_go_out_again_in_one_segment),
        cmocka_unit_test(half_a_message_goes_out_again),
        cmocka_unit_test(it_goes_out_again_across_a_border),
        cmocka_unit_test(on_the_way_up_things_get_lost_too),
        cmocka_unit_test(sequence_numbers_go_round),
        cmocka_unit_test(a_connection_carries_more_than_numbers_go),
        cmocka_unit_test(a_pair_of_ports_is_used_again),
    };
    return cmocka_run_group_tests_name("joined_frames", tests, NULL, NULL);
}

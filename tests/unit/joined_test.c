/* runner/trial/joined: the two sides of a line, made up, and what is to come out when they are laid together */
#include "traces.h"

/* --- writes and reads --------------------------------------------------------------------------- */

static void a_write_is_read(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 50, "event", 1, 1)},
                     .client = {HEARD(1300, 50)},
                     .published = "[1,900,950]",
                     .received = "[1,900,1300]",
                 });
    assert_int_equal(watch.message_count, 1);
    const struct watched_message *message = sent_at(&watch, LINK_DOWN, 1000);
    check(message, 1300, 50, "event", 0);
    check_events(message, 1, 1);
    assert_int_equal(message->order, 0);
    assert_int_equal(watch.event_count, 1);
    assert_int_equal(watch.events[0].due_ns, 900);
    assert_int_equal(watch.events[0].published_ns, 950);
    check_event(&watch, 1, 1000, 1300, 1300);
    watch_free(&watch);
}

static void a_write_in_two_reads_has_come_with_the_second(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 50, "200", 0, 0)},
                     .client = {HEARD(1300, 20), HEARD(1400, 30)},
                 });
    assert_int_equal(watch.message_count, 1);
    check(sent_at(&watch, LINK_DOWN, 1000), 1400, 50, "200", 0);
    watch_free(&watch);
}

static void two_writes_come_in_one_read(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 50, "event", 1, 1), SAID(1100, 60, "event", 2, 2)},
                     .client = {HEARD(1300, 110)},
                     .published = "[1,900,950],[2,1000,1050]",
                     .received = "[1,900,1300],[2,1000,1300]",
                 });
    assert_int_equal(watch.message_count, 2);
    check(sent_at(&watch, LINK_DOWN, 1000), 1300, 50, "event", 0);
    check(sent_at(&watch, LINK_DOWN, 1100), 1300, 60, "event", 0);
    check_event(&watch, 1, 1000, 1300, 1300);
    check_event(&watch, 2, 1100, 1300, 1300);
    watch_free(&watch);
}

/* A read that ends within a write: what came before has come with it, the rest with the next. */
static void reads_and_writes_end_anywhere(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 50, "200", 0, 0), SAID(1100, 60, "304", 0, 0)},
                     .client = {HEARD(1300, 70), HEARD(1400, 40)},
                 });
    check(sent_at(&watch, LINK_DOWN, 1000), 1300, 50, "200", 0);
    check(sent_at(&watch, LINK_DOWN, 1100), 1400, 60, "304", 0);
    watch_free(&watch);
}

static void what_is_never_read_never_comes(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 50, "event", 1, 1), SAID(1100, 60, "event", 2, 2)},
                     .client = {HEARD(1300, 109)},
                     .published = "[1,900,950],[2,1000,1050]",
                     .received = "[1,900,1300]",
                 });
    check(sent_at(&watch, LINK_DOWN, 1000), 1300, 50, "event", 0);
    check(sent_at(&watch, LINK_DOWN, 1100), WATCH_NEVER, 60, "event", 0);
    check_event(&watch, 2, 1100, WATCH_NEVER, WATCH_NEVER);
    watch_free(&watch);
}

static void what_no_event_says_is_called_so(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){.server = {SAID(1000, 3, "", 0, 0)}, .client = {HEARD(1300, 3)}});
    const struct watched_message *message = sent_at(&watch, LINK_DOWN, 1000);
    assert_non_null(message->what); /* NULL: it goes out again */
    assert_true(*message->what != '\0');
    check_events(message, 0, 0);
    watch_free(&watch);
}

static void both_ways(void **state) {
    struct watch watch;
    (void)state;
    join(&watch,
         &(struct sides){
             .server = {HEARD(1200, 30), SAID(1300, 50, "200", 0, 0), HEARD(1700, 31)},
             .client = {SAID(1000, 30, "GET", 0, 0), HEARD(1500, 50), SAID(1600, 31, "GET", 0, 0)},
         });
    assert_int_equal(watch.message_count, 3);
    check(sent_at(&watch, LINK_UP, 1000), 1200, 30, "GET", 0);
    check(sent_at(&watch, LINK_DOWN, 1300), 1500, 50, "200", 0);
    check(sent_at(&watch, LINK_UP, 1600), 1700, 31, "GET", 0);
    watch_free(&watch);
}

/* The first is cut off with bytes unread; the third begins before the second has ended. */
static void each_connection_counts_its_own_bytes(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {ROW("7-80", "true", 1000, 50, "false", "200", 0, 0),
                                ROW("8-80", "true", 2000, 60, "false", "200", 0, 0),
                                ROW("9-80", "true", 2100, 70, "false", "200", 0, 0),
                                ROW("8-80", "true", 2200, 61, "false", "304", 0, 0)},
                     .client = {ROW("7-80", "false", 1300, 49, "false", "", 0, 0),
                                ROW("8-80", "false", 2300, 60, "false", "", 0, 0),
                                ROW("9-80", "false", 2400, 70, "false", "", 0, 0),
                                ROW("8-80", "false", 2500, 61, "false", "", 0, 0)},
                 });
    check(sent_at(&watch, LINK_DOWN, 1000), WATCH_NEVER, 50, "200", 0);
    check(sent_at(&watch, LINK_DOWN, 2000), 2300, 60, "200", 0);
    check(sent_at(&watch, LINK_DOWN, 2100), 2400, 70, "200", 0);
    check(sent_at(&watch, LINK_DOWN, 2200), 2500, 61, "304", 0);
    watch_free(&watch);
}

/* The server's stamp is taken before the write, and the kernel's of the arrival is on another clock. */
static void nothing_comes_before_it_is_sent(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(100000, 50, "event", 1, 1)},
                     .client = {HEARD(97000, 50)},
                     .published = "[1,90000,95000]",
                     .received = "[1,90000,97000]",
                 });
    const struct watched_message *message = sent_at(&watch, LINK_DOWN, 100000);
    check(message, 100000, 50, "event", 0);
    assert_true(watch.events[0].arrived_ns <= watch.events[0].received_ns);
    watch_free(&watch);
}

/* --- events and moments ------------------------------------------------------------------------- */

static void an_answer_brings_several_events(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 90, "200", 2, 4)},
                     .client = {HEARD(1300, 90)},
                     .published = "[1,100,101],[2,200,201],[3,300,301],[4,400,401],[5,500,501]",
                     .received = "[2,200,1300],[3,300,1301],[4,400,1302]",
                 });
    assert_int_equal(watch.event_count, 5);
    check_events(sent_at(&watch, LINK_DOWN, 1000), 2, 4);
    check_event(&watch, 1, WATCH_NEVER, WATCH_NEVER, WATCH_NEVER);
    check_event(&watch, 2, 1000, 1300, 1300);
    check_event(&watch, 3, 1000, 1301, 1301);
    check_event(&watch, 4, 1000, 1302, 1302);
    check_event(&watch, 5, WATCH_NEVER, WATCH_NEVER, WATCH_NEVER);
    assert_int_equal(watch.events[4].due_ns, 500);
    assert_int_equal(watch.events[4].published_ns, 501);
    watch_free(&watch);
}

/* After a reconnect the server says it again: the first time counts of each. */
static void an_event_that_is_said_twice(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 50, "event", 1, 1),
                                ROW("8-80", "true", 2000, 50, "false", "event", 1, 1)},
                     .client = {ROW("8-80", "false", 2300, 50, "false", "", 0, 0)},
                     .published = "[1,900,950]",
                     .received = "[1,900,2300],[1,900,2400]",
                 });
    check_event(&watch, 1, 1000, 2300, 2300);
    watch_free(&watch);
}

/* Only a server brings events. */
static void what_a_client_says_carries_none(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {HEARD(1200, 30)},
                     .client = {SAID(1000, 30, "POST", 1, 1)},
                     .published = "[1,900,950]",
                 });
    check_event(&watch, 1, WATCH_NEVER, WATCH_NEVER, WATCH_NEVER);
    watch_free(&watch);
}

static void only_the_first_of_several_processes_tells_of_events(void **state) {
    struct watch watch;
    (void)state;
    join_text(&watch,
              "[{'role':'client','process':1,'pieces':[],'events':[[1,900,7777],[3,1,1]]},"
              "{'role':'server','process':1,'pieces':[],'events':[[1,901,955],[3,1,1]]},"
              "{'role':'client','process':0,'pieces':[" HEARD(
                  1300, 50) "],'events':[[1,900,1300]]},"
                            "{'role':'server','process':0,'pieces':[" SAID(
                                1000, 50, "event", 1, 1) "],'events':[[1,900,950],[2,910,960]]}]");
    assert_int_equal(watch.event_count, 2);
    assert_int_equal(watch.events[0].due_ns, 900);
    assert_int_equal(watch.events[0].published_ns, 950);
    check_event(&watch, 1, 1000, 1300, 1300);
    check_event(&watch, 2, WATCH_NEVER, WATCH_NEVER, WATCH_NEVER);
    check(sent_at(&watch, LINK_DOWN, 1000), 1300, 50, "event", 0);
    watch_free(&watch);
}

static void notes_are_moments(void **state) {
    struct watch watch;
    (void)state;
    join_text(&watch, "[{'role':'server','process':0,'notes':[['parked',5],['sleeps',6]]},"
                      "{'role':'client','process':0,'notes':[['due',7],['skipped',8],['',9]]}]");
    assert_int_equal(watch.moment_count, 3);
    static const struct watched_moment expected[] = {
        {MOMENT_PARKED, 5},
        {MOMENT_DUE, 7},
        {MOMENT_SKIPPED, 8},
    };
    for (size_t i = 0; i < watch.moment_count; i++) {
        assert_int_equal(watch.moments[i].what, expected[i].what);
        assert_int_equal(watch.moments[i].at_ns, expected[i].at_ns);
    }
    watch_free(&watch);
}

/* --- odd input ---------------------------------------------------------------------------------- */

static void no_trace_is_no_message(void **state) {
    struct watch watch = {0};
    (void)state;
    watch_join(&watch, NULL);
    assert_int_equal(watch.message_count + watch.event_count + watch.moment_count, 0);
    static const char *const texts[] = {
        "[]",
        "{}",
        "[{}]",
        "[null, 7, 'server', []]",
        "[{'role':'server','process':0}]",
        "[{'role':'server','process':0,'pieces':7,'events':'','notes':{},'frames':null}]",
        "[{'role':'server','process':0,'notes':[[],7,null,[5,'parked']]}]",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        join_text(&watch, texts[i]);
        assert_int_equal(watch.message_count + watch.event_count + watch.moment_count, 0);
        watch_free(&watch);
    }
}

/* A row that says nothing has no place in the rows of others. */
static void rows_without_fields_do_no_harm(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {"[],7,null,['7-80'],['7-80',true]," SAID(1000, 50, "event", 1, 1)},
                     .client = {"[],['7-80',false]," HEARD(1300, 50)},
                     .frames = {"[],7,['7-80'],['7-80',true]," OPENS(999)},
                     .published = "[1,900,950]",
                     .received = "[],[1],[1,900,1300]",
                 });
    check(sent_at(&watch, LINK_DOWN, 1000), 1300, 50, "event", 0);
    watch_free(&watch);
}

/* Events are 1, 2, ...; a row without a number is none. */
static void an_event_without_a_number_is_none(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){.published = "[0,900,950],[],[1,900,950]", .received = "[0,1,2]"});
    assert_int_equal(watch.event_count, 1);
    check_event(&watch, 1, WATCH_NEVER, WATCH_NEVER, WATCH_NEVER);
    watch_free(&watch);
}

/* A trace keeps only so many, of each kind: pieces and receipts may name events that were left out. Whoever draws
 * looks a message's events up: number k is events[k - 1]. */
static void events_that_nobody_published(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 90, "200", 1, 3), SAID(1100, 50, "event", 9, 9)},
                     .client = {HEARD(1300, 140)},
                     .published = "[1,900,950],[2,910,960]",
                     .received = "[1,900,1300],[2,910,1300],[3,920,1300],[9,930,1300]",
                 });
    check_event(&watch, 1, 1000, 1300, 1300);
    check_event(&watch, 2, 1000, 1300, 1300);
    for (size_t i = 0; i < watch.message_count; i++) {
        assert_true(watch.messages[i].first <= watch.event_count);
        assert_true(watch.messages[i].last <= watch.event_count);
    }
    watch_free(&watch);
}

/* Frames of a connection that was there before the relay looked, and of one nobody told of. */
static void frames_of_unknown_connections(void **state) {
    struct watch watch;
    (void)state;
    join(&watch, &(struct sides){
                     .server = {SAID(1000, 50, "200", 0, 0)},
                     .client = {HEARD(1300, 50)},
                     .frames = {DOWN(1000, 1299, 123456, 50) ",['9-80',true,1,2,3,4,false,false,"
                                                             "true]"},
                 });
    assert_int_equal(watch.message_count, 1);
    check(sent_at(&watch, LINK_DOWN, 1000), 1300, 50, "200", 0);
    watch_free(&watch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_write_is_read),
        cmocka_unit_test(a_write_in_two_reads_has_come_with_the_second),
        cmocka_unit_test(two_writes_come_in_one_read),
        cmocka_unit_test(reads_and_writes_end_anywhere),
        cmocka_unit_test(what_is_never_read_never_comes),
        cmocka_unit_test(what_no_event_says_is_called_so),
        cmocka_unit_test(both_ways),
        cmocka_unit_test(each_connection_counts_its_own_bytes),
        cmocka_unit_test(nothing_comes_before_it_is_sent),
        cmocka_unit_test(an_answer_brings_several_events),
        cmocka_unit_test(an_event_that_is_said_twice),
        cmocka_unit_test(what_a_client_says_carries_none),
        cmocka_unit_test(only_the_first_of_several_processes_tells_of_events),
        cmocka_unit_test(notes_are_moments),
        cmocka_unit_test(no_trace_is_no_message),
        cmocka_unit_test(rows_without_fields_do_no_harm),
        cmocka_unit_test(events_that_nobody_published),
        cmocka_unit_test(frames_of_unknown_connections),
        cmocka_unit_test(an_event_without_a_number_is_none),
    };
    return cmocka_run_group_tests_name("joined", tests, NULL, NULL);
}

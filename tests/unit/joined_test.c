/* runner/trial/joined: the two sides of a line, made up, and what is to come out when they are laid together */
#include "trial/joined.h"

#include "base/memory.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

/* One connection, of port 7 at the user's address. JSON with single quotes: `parse` turns them. */
#define ROW(line, said, at, bytes, held, what, first, last)                                        \
    "['" line "'," said "," #at "," #bytes "," held ",'" what "'," #first "," #last "]"
#define SAID(at, bytes, what, first, last)                                                         \
    ROW("7-80", "true", at, bytes, "false", what, first, last)
#define HEARD(at, bytes) ROW("7-80", "false", at, bytes, "false", "", 0, 0)
#define HELD_UP(at, bytes) ROW("7-80", "false", at, bytes, "true", "", 0, 0)

/* What the relay saw. -1: it was lost. The first byte of data on the way down is number 1000. */
#define DOWN(at, pass, sequence, bytes)                                                            \
    "['7-80',true," #at "," #pass "," #sequence "," #bytes ",false,false,true]"
#define BARE(down, at, pass, sequence, syn, fin, ack)                                              \
    "['7-80'," down "," #at "," #pass "," #sequence ",0," syn "," fin "," ack "]"
#define OPENS(sequence)                                                                            \
    BARE("false", 10, 20, 499, "true", "false", "false")                                           \
    "," BARE("true", 30, 40, sequence, "true", "false", "true")
#define FIN(down, at, pass, sequence) BARE(down, at, pass, sequence, "false", "true", "true")

#define ROWS_MOST 12

struct sides {
    const char *server[ROWS_MOST], *client[ROWS_MOST], *frames[ROWS_MOST];
    const char *published, *received; /* any number of rows */
};

static json_t *parse(const char *text) {
    char *copy = xstrdup(text);
    for (char *at = copy; *at != '\0'; at++)
        if (*at == '\'') *at = '"';
    json_error_t error;
    json_t *value = json_loads(copy, 0, &error);
    if (value == NULL) fail_msg("%s in %s", error.text, copy);
    free(copy);
    return value;
}

static void join_text(struct watch *watch, const char *text) {
    memset(watch, 0, sizeof(*watch));
    watch->words = parse(text);
    watch_join(watch, watch->words);
}

static void append_rows(struct buffer *text, const char *begin, const char *const *rows) {
    buffer_printf(text, "%s", begin);
    for (int i = 0; i < ROWS_MOST && rows[i] != NULL; i++)
        buffer_printf(text, "%s%s", i == 0 ? "" : ",", rows[i]);
}

static const char *or_none(const char *rows) { return rows == NULL ? "" : rows; }

static void join(struct watch *watch, const struct sides *sides) {
    struct buffer text = {0};
    append_rows(&text, "[{'role':'server','process':0,'pieces':[", sides->server);
    buffer_printf(&text, "],'events':[%s]},", or_none(sides->published));
    append_rows(&text, "{'role':'client','process':0,'pieces':[", sides->client);
    buffer_printf(&text, "],'events':[%s]},", or_none(sides->received));
    append_rows(&text, "{'role':'link','process':0,'frames':[", sides->frames);
    buffer_printf(&text, "]}]");
    join_text(watch, text.data);
    buffer_free(&text);
}

/* The one message that was sent this way then. */
static const struct watched_message *sent_at(const struct watch *watch,
                                             enum link_direction direction, int64_t at_ns) {
    const struct watched_message *found = NULL;
    for (size_t i = 0; i < watch->message_count; i++) {
        const struct watched_message *message = &watch->messages[i];
        if (message->direction != direction || message->sent_ns != at_ns) continue;
        assert_null(found);
        found = message;
    }
    if (found == NULL) fail_msg("nothing was sent at %lld", (long long)at_ns);
    return found;
}

static void check(const struct watched_message *message, int64_t arrived_ns, uint64_t bytes,
                  const char *what, int losses) {
    assert_int_equal(message->arrived_ns, arrived_ns);
    assert_int_equal(message->bytes, bytes);
    assert_int_equal(message->losses, losses);
    if (what == NULL)
        assert_null(message->what);
    else
        assert_string_equal(message->what, what);
}

static void check_events(const struct watched_message *message, uint64_t first, uint64_t last) {
    assert_int_equal(message->first, first);
    assert_int_equal(message->last, last);
}

static void check_event(const struct watch *watch, size_t number, int64_t sent_ns,
                        int64_t arrived_ns, int64_t received_ns) {
    assert_in_range(number, 1, watch->event_count);
    const struct watched_event *event = &watch->events[number - 1];
    assert_int_equal(event->sent_ns, sent_ns);
    assert_int_equal(event->arrived_ns, arrived_ns);
    assert_int_equal(event->received_ns, received_ns);
}

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

/* --- over a link: a connection's ends ----------------------------------------------------------- */

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

/* --- over a link: what is lost ------------------------------------------------------------------ */

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

/* --- over a link: sequence numbers -------------------------------------------------------------- */

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
        cmocka_unit_test(no_trace_is_no_message),
        cmocka_unit_test(rows_without_fields_do_no_harm),
        cmocka_unit_test(events_that_nobody_published),
        cmocka_unit_test(frames_of_unknown_connections),
        cmocka_unit_test(an_event_without_a_number_is_none),
    };
    return cmocka_run_group_tests_name("joined", tests, NULL, NULL);
}

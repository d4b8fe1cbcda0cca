/* core/harness/subscriber: when it comes back. A strategy that does nothing, and a clock that is read only to
 * compare pauses: what is waited for is looked up, not waited out. */
#include "harness/subscriber.h"

#include "base/clock.h"
#include "base/log.h"

#include "test.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* What a client would do is noted here instead. */
static int gave_up, everyone_up;
static char reason_given[256];

static void give_up(struct subscribers *all, const char *reason) {
    (void)all;
    gave_up++;
    snprintf(reason_given, sizeof(reason_given), "%s", reason);
}
static void all_up(struct subscribers *all) { everyone_up += all->first_up == all->count; }
static void delivered(struct subscribers *all) { (void)all; }

static int subscribed, unsubscribed, subscribe_error;

static int subscribe(struct subscriber *s) {
    (void)s;
    subscribed++;
    return subscribe_error;
}
static void unsubscribe(struct subscriber *s) {
    unsubscribed++;
    subscriber_down(s, UV_ETIMEDOUT);
}
/* Its window is always open. */
static struct program program;
static struct network network;
static struct subscribers all;

static int begin(uint32_t subscribers) {
    memset(&all, 0, sizeof(all));
    memset(&program, 0, sizeof(program));
    program.at_start.at_ns = 1;
    all.handler = (struct subscribers_handler){subscribe, unsubscribe, all_up, delivered, give_up};
    all.program = &program;
    all.network = &network;
    all.servers[0].host = xstrdup("127.0.0.1:8080");
    all.server_count = 1;
    subscribed = unsubscribed = subscribe_error = gave_up = everyone_up = 0;
    subscribers_make(&all, subscribers, sizeof(struct subscriber), 0, 64);
    subscribers_connect(&all);
    return 0;
}

static void end(void) {
    program.stopping = true;
    subscribers_free(&all);
}

static struct subscriber *first(void) { return subscriber_find(&all, 0); }

/* How long it will stay away from now on, in ms. */
static double pause_ms(void) {
    return (double)(first()->attempt_ns - clock_now_ns()) / (double)NS_PER_MS;
}

/* Its pause is over. */
static void come_back(void) {
    int before = subscribed;
    subscribers_retry(&all, INT64_MAX);
    assert_int_equal(subscribed, before + 1);
}

static void assert_pause(double least, double most) {
    double pause = pause_ms();
    if (pause < least - 60 || pause > most) fail_msg("%g ms, not %g to %g", pause, least, most);
}

static void pauses_double_up_to_ten_seconds(void **state) {
    (void)state;
    begin(1);
    for (double most = 100; most < 300000; most *= 2) {
        double bound = most < 10000 ? most : 10000;
        subscriber_down(first(), UV_ECONNREFUSED);
        assert_pause(bound / 2, bound);
        come_back();
    }
    end();
}

/* A server that says yes and hangs up is not asked ten times per second for ever. */
static void a_yes_alone_does_not_forget_failures(void **state) {
    (void)state;
    begin(1);
    for (int i = 0; i < 8; i++) {
        subscriber_up(first());
        subscriber_down(first(), UV_EOF);
        come_back();
    }
    subscriber_up(first());
    subscriber_down(first(), UV_EOF);
    assert_pause(5000, 10000);
    assert_int_equal(everyone_up, 1);
    end();
}

static void an_event_forgets_them(void **state) {
    (void)state;
    static const char event[] = "{\"seq\":1,\"due_ns\":1,\"lag_ns\":0,\"payload\":\"x\"}";
    begin(1);
    for (int i = 0; i < 8; i++) {
        subscriber_down(first(), UV_EOF);
        come_back();
    }
    subscriber_up(first());
    assert_true(subscriber_receive(first(), event, strlen(event)));
    subscriber_down(first(), UV_EOF);
    assert_pause(50, 100);
    come_back();
    assert_false(subscriber_receive(first(), event, strlen(event))); /* a repeated one does not */
    subscriber_down(first(), UV_EOF);
    assert_pause(100, 200);
    end();
}

static void ten_seconds_up_forget_them(void **state) {
    (void)state;
    begin(1);
    for (int i = 0; i < 8; i++) {
        subscriber_down(first(), UV_EOF);
        come_back();
    }
    subscriber_up(first());
    first()->up_ns -= 11 * (int64_t)NS_PER_SECOND;
    subscriber_down(first(), UV_EOF);
    assert_pause(50, 100);
    end();
}

static void refuse_and_fall(const char *retry_after) {
    subscriber_refused(first(), 503, retry_after, false);
    subscriber_down(first(), 0);
}

static void retry_after_is_honoured_once(void **state) {
    (void)state;
    char date[64], rfc850[64], asctime_text[64];
    time_t soon = (time_t)clock_unix_seconds() + 40;
    struct tm utc;
    gmtime_r(&soon, &utc);
    strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &utc);
    strftime(rfc850, sizeof(rfc850), "%A, %d-%b-%y %H:%M:%S GMT", &utc);
    strftime(asctime_text, sizeof(asctime_text), "%a %b %e %H:%M:%S %Y", &utc);
    const struct {
        const char *text;
        double least, most;
    } cases[] = {
        {"30", 30000, 45100},
        {date, 38000, 60100},
        {rfc850, 38000, 60100},
        {asctime_text, 38000, 60100},
        {"1000000000000", 3600000, 5400100},
        {"99999999999999999999999", 3600000, 5400100},
        {"Fri, 31 Dec 9999 23:59:59 GMT", 3600000, 5400100},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        begin(1);
        refuse_and_fall(cases[i].text);
        assert_pause(cases[i].least, cases[i].most);
        come_back();
        subscriber_down(first(), UV_EOF); /* only once */
        assert_pause(100, 200);
        assert_int_equal(all.counters.refusals, 1);
        end();
    }
}

static void a_retry_after_that_is_none_is_passed_over(void **state) {
    (void)state;
    static const char *const cases[] = {
        NULL,
        "",
        "-5",
        "1.5",
        "soon",
        "0",
        "30 s",
        "0x10",
        "Fri, 31 Dec 1999 23:59:59 GMT",
        "Friday, 31-Dec-99 23:59:59 GMT",
        "Fri Dec 31 23:59:59 1999",
        "Fri Dec 31 23:59:59 9999 GMT",
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        begin(1);
        refuse_and_fall(cases[i]);
        assert_pause(50, 100);
        end();
    }
}

/* A hundred that went down at the same moment, and were all asked for the same pause. */
static void those_that_went_together_do_not_return_together(void **state) {
    (void)state;
    for (int by_refusal = 0; by_refusal < 2; by_refusal++) {
        int64_t first_ns = INT64_MAX, last_ns = 0, now_ns;
        begin(100);
        for (uint32_t i = 0; i < 100; i++) subscriber_up(subscriber_find(&all, i));
        now_ns = clock_now_ns();
        for (uint32_t i = 0; i < 100; i++) {
            struct subscriber *s = subscriber_find(&all, i);
            if (by_refusal)
                subscriber_refused(s, 503, "2", false);
            else
                s->pause_ns = 2 * NS_PER_SECOND;
            subscriber_down(s, UV_EOF);
            if (s->attempt_ns < first_ns) first_ns = s->attempt_ns;
            if (s->attempt_ns > last_ns) last_ns = s->attempt_ns;
        }
        assert_true(first_ns >= now_ns + 2 * NS_PER_SECOND);        /* as long as was asked for */
        assert_true(last_ns - first_ns > 500 * (int64_t)NS_PER_MS); /* and spread */
        end();
    }
}

static void told_for_good_it_stays_away(void **state) {
    (void)state;
    begin(2);
    subscriber_up(subscriber_find(&all, 0));
    subscriber_up(subscriber_find(&all, 1));
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(gave_up, 0);
        subscriber_refused(subscriber_find(&all, i), 204, NULL, true);
        subscriber_down(subscriber_find(&all, i), 0);
    }
    subscribers_retry(&all, INT64_MAX);
    assert_int_equal(subscribed, 2);
    assert_int_equal(gave_up, 1);
    assert_non_null(strstr(reason_given, "204"));
    end();
}

/* One that will never begin keeps all others from being measured. */
static void told_for_good_before_it_began_is_the_end(void **state) {
    (void)state;
    begin(2);
    subscriber_up(subscriber_find(&all, 0));
    subscriber_refused(subscriber_find(&all, 1), 404, NULL, true);
    assert_int_equal(gave_up, 1);
    assert_non_null(strstr(reason_given, "404"));
    end();
}

static void a_deadline_lets_go(void **state) {
    (void)state;
    begin(1);
    subscriber_expect(first(), NS_PER_SECOND);
    subscribers_check_deadlines(&all, clock_now_ns());
    assert_int_equal(unsubscribed, 0);
    subscribers_check_deadlines(&all, clock_now_ns() + 2 * NS_PER_SECOND);
    assert_int_equal(unsubscribed, 1);
    subscribers_check_deadlines(&all, INT64_MAX);
    assert_int_equal(unsubscribed, 1);
    end();
}

static void what_this_side_ends_is_an_error_once(void **state) {
    (void)state;
    begin(1);
    subscriber_up(first());
    subscriber_fail(first(), "it sent nonsense");
    assert_int_equal(unsubscribed, 1);
    assert_int_equal(all.counters.errors, 1);
    come_back();
    subscriber_down(first(), 0);
    assert_int_equal(all.counters.errors, 1);
    end();
}

static void another_life_is_counted_and_begins_anew(void **state) {
    (void)state;
    static const char event[] = "{\"seq\":1,\"due_ns\":1,\"lag_ns\":0,\"payload\":\"x\"}";
    static const char begins[] = "{\"after\":\"5c1f09ab-0\",\"reset\":true}";
    begin(1);
    subscriber_at(first(), "\"5c1f09aa-7\"", 12);
    assert_int_equal(first()->cursor.number, 7);
    assert_true(subscriber_receive(first(), event, strlen(event)));
    assert_int_equal(first()->cursor.number, 8);
    assert_false(subscriber_receive(first(), "{\"missed\":3}", 12));
    assert_int_equal(first()->cursor.number, 11);
    assert_int_equal(all.counters.missed, 3);
    assert_int_equal(all.counters.resets, 0);
    assert_false(subscriber_receive(first(), begins, strlen(begins)));
    assert_int_equal(all.counters.resets, 1);
    assert_int_equal(first()->cursor.epoch, 0x5c1f09ab);
    assert_true(subscriber_receive(first(), event, strlen(event))); /* no duplicate */
    subscriber_at(first(), "nonsense", 8);
    assert_int_equal(first()->cursor.number, 1);
    assert_int_equal(all.recorder.malformed, 0);
    end();
}

static void lines_are_events_and_empty_ones_are_not(void **state) {
    (void)state;
    static const char lines[] =
        "\n{\"seq\":1,\"due_ns\":1,\"lag_ns\":0,\"payload\":\"x\"}\n\n{\"seq";
    begin(1);
    assert_int_equal(subscriber_receive_lines(first(), lines, strlen(lines)), strlen(lines) - 5);
    assert_int_equal(all.recorder.malformed, 0);
    assert_int_equal(first()->account.ledger.highest, 1);
    end();
}

/* A stream that is cut after every byte, and one whose line never ends. */
static void a_stream_may_be_cut_anywhere(void **state) {
    (void)state;
    static const char lines[] = "{\"after\":\"5c1f09aa-0\"}\n"
                                "{\"seq\":1,\"due_ns\":1,\"lag_ns\":0,\"payload\":\"x\"}\n\n"
                                "{\"seq\":2,\"due_ns\":1,\"lag_ns\":0,\"payload\":\"x\"}\n{\"seq";
    size_t length = strlen(lines);
    for (size_t step = 1; step <= length; step++) {
        struct buffer rest = {0};
        begin(1);
        for (size_t at = 0; at < length; at += step) {
            size_t part = length - at < step ? length - at : step;
            assert_int_equal(subscriber_receive_stream(first(), &rest, lines + at, part), 0);
        }
        assert_int_equal(first()->account.ledger.highest, 2);
        assert_int_equal(first()->cursor.number, 2);
        assert_int_equal(all.recorder.malformed, 0);
        assert_string_equal(rest.data, "{\"seq");
        buffer_free(&rest);
        end();
    }
}

static void a_line_without_end_is_given_up(void **state) {
    (void)state;
    static char piece[65536];
    struct buffer rest = {0};
    int error = 0;
    memset(piece, 'x', sizeof(piece));
    begin(1);
    for (int i = 0; error == 0 && i < 1000; i++)
        error = subscriber_receive_stream(first(), &rest, piece, sizeof(piece));
    assert_int_equal(error, UV_EMSGSIZE);
    assert_true(rest.length < 8 * 1024 * 1024);
    buffer_free(&rest);
    end();
}

/* --- where they come from --------------------------------------------------------------------- */

/* The source of the subscriber with this index to a server at this address; "" for the kernel's choice. */
static const char *source_of(const char *server, uint32_t index) {
    static char text[INET6_ADDRSTRLEN];
    if (uv_ip4_addr(server, 8080, (struct sockaddr_in *)&all.servers[0].name) != 0)
        uv_ip6_addr(server, 8080, (struct sockaddr_in6 *)&all.servers[0].name);
    first()->index = index;
    const struct sockaddr *source = subscriber_source(first());
    if (source == NULL) return "";
    assert_int_equal(((const struct sockaddr_in *)(const void *)source)->sin_port, 0);
    uv_ip_name(source, text, sizeof(text));
    return text;
}

static void each_further_20000_have_a_source_of_their_own(void **state) {
    (void)state;
    begin(1);
    assert_string_equal(source_of("127.0.0.1", 0), "");
    assert_string_equal(source_of("127.0.0.1", 19999), "");
    assert_string_equal(source_of("127.0.0.1", 20000), "127.0.0.2");
    assert_string_equal(source_of("127.1.2.3", 63 * 20000), "127.0.0.64");
    assert_string_equal(source_of("127.0.0.1", 64 * 20000), "");
    assert_string_equal(source_of("198.18.0.1", 19999), "");
    assert_string_equal(source_of("198.18.0.1", 20000), "198.18.1.2");
    assert_string_equal(source_of("198.19.255.1", 19 * 20000), "198.18.1.20");
    assert_string_equal(source_of("198.18.0.1", 20 * 20000), "");
    assert_string_equal(source_of("198.20.0.1", 20000), "");
    assert_string_equal(source_of("192.0.2.1", 20000), "");
    assert_string_equal(source_of("::1", 20000), "");
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_further_20000_have_a_source_of_their_own),
        cmocka_unit_test(pauses_double_up_to_ten_seconds),
        cmocka_unit_test(a_yes_alone_does_not_forget_failures),
        cmocka_unit_test(an_event_forgets_them),
        cmocka_unit_test(ten_seconds_up_forget_them),
        cmocka_unit_test(retry_after_is_honoured_once),
        cmocka_unit_test(a_retry_after_that_is_none_is_passed_over),
        cmocka_unit_test(those_that_went_together_do_not_return_together),
        cmocka_unit_test(told_for_good_it_stays_away),
        cmocka_unit_test(told_for_good_before_it_began_is_the_end),
        cmocka_unit_test(a_deadline_lets_go),
        cmocka_unit_test(what_this_side_ends_is_an_error_once),
        cmocka_unit_test(another_life_is_counted_and_begins_anew),
        cmocka_unit_test(lines_are_events_and_empty_ones_are_not),
        cmocka_unit_test(a_stream_may_be_cut_anywhere),
        cmocka_unit_test(a_line_without_end_is_given_up),
    };
    return cmocka_run_group_tests_name("subscriber", tests, NULL, NULL);
}

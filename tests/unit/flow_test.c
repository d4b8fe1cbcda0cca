/* simulator/flow */
#include "simulator/flow.h"

#include "base/memory.h"
#include "base/random.h"
#include "test.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What has arrived, in its order. */
struct book {
    struct engine engine;
    struct flow flow;
    struct flight *arrived;
    size_t count;
};

static void arrive(struct flow *flow, const struct flight *flight) {
    struct book *book = flow->data;
    assert_int_equal(book->engine.now_ns, flight->at_ns);
    book->arrived = xgrow(book->arrived, book->count, sizeof(*flight));
    book->arrived[book->count++] = *flight;
}

static void open_book(struct book *book) {
    *book = (struct book){0};
    engine_init(&book->engine, 0);
    flow_init(&book->flow, &book->engine, arrive, book);
}

static void close_book(struct book *book) {
    flow_free(&book->flow);
    engine_free(&book->engine);
    free(book->arrived);
}

static void add(struct book *book, int64_t at_ns, uint64_t number) {
    struct flight flight = {.at_ns = at_ns, .number = number};
    flow_add(&book->flow, &flight);
}

static void assert_arrived(const struct book *book, const char *numbers) {
    assert_int_equal(book->count, strlen(numbers));
    for (size_t i = 0; i < book->count; i++)
        assert_int_equal(book->arrived[i].number, numbers[i] - '0');
}

static void what_is_sent_in_order_arrives_in_order(void **state) {
    (void)state;
    struct book book;
    open_book(&book);
    add(&book, 10, 1);
    add(&book, 20, 2);
    add(&book, 20, 3);
    add(&book, 30, 4);
    assert_int_equal(book.flow.late, 0);
    assert_int_equal(book.engine.count, 1); /* one source, however many are under way */
    engine_run(&book.engine, 30);
    assert_arrived(&book, "123");
    engine_run(&book.engine, 31);
    assert_arrived(&book, "1234");
    assert_int_equal(book.engine.count, 0);
    close_book(&book);
}

static void a_flight_arrives_as_it_was_sent(void **state) {
    (void)state;
    struct book book;
    struct flight early = {10, 3, 7, 5}, late = {8, 4, UINT64_MAX, UINT32_MAX};
    open_book(&book);
    flow_add(&book.flow, &early);
    flow_add(&book.flow, &late);
    engine_run(&book.engine, 100);
    assert_int_equal(book.count, 2);
    assert_int_equal(book.arrived[0].sent_ns, 4);
    assert_true(book.arrived[0].number == UINT64_MAX);
    assert_int_equal(book.arrived[0].user, UINT32_MAX);
    assert_int_equal(book.arrived[1].sent_ns, 3);
    assert_int_equal(book.arrived[1].number, 7);
    assert_int_equal(book.arrived[1].user, 5);
    close_book(&book);
}

static void what_overtakes_arrives_before(void **state) {
    (void)state;
    struct book book;
    open_book(&book);
    add(&book, 50, 6);
    add(&book, 30, 4);
    add(&book, 10, 2);
    add(&book, 40, 5);
    add(&book, 20, 3);
    add(&book, 60, 7);
    add(&book, 5, 1);
    assert_int_equal(book.flow.late, 5);
    assert_int_equal(book.engine.count, 1);
    engine_run(&book.engine, 100);
    assert_arrived(&book, "1234567");
    close_book(&book);
}

/* More than there is room for at first, while the ring's beginning is somewhere in its middle. */
static void a_full_ring_grows(void **state) {
    (void)state;
    struct book book;
    open_book(&book);
    for (int64_t i = 0; i < 5000; i++) {
        add(&book, 1000 + 10 * i, (uint64_t)i);
        if (i % 3 == 0) engine_run(&book.engine, 1000 + 5 * i);
    }
    assert_true(book.flow.count > 2000 && book.flow.room >= book.flow.count);
    engine_run(&book.engine, INT64_MAX);
    assert_int_equal(book.count, 5000);
    for (size_t i = 0; i < book.count; i++) assert_int_equal(book.arrived[i].number, i);
    close_book(&book);
}

/* --- against a sort --------------------------------------------------------------------------- */

#define FLIGHTS 30000

static struct random dice;
static uint64_t sent;

/* Most behind all others, some before them. */
static void send_some(struct book *book) {
    static int64_t last_ns;
    if (sent == 0) last_ns = 0;
    for (uint64_t left = random_below(&dice, 4); left > 0 && sent < FLIGHTS; left--) {
        bool late = random_below(&dice, 4) == 0;
        int64_t soon_ns = book->engine.now_ns + (int64_t)random_below(&dice, 200);
        if (last_ns < book->engine.now_ns) last_ns = book->engine.now_ns;
        if (!late) last_ns += (int64_t)random_below(&dice, 3);
        add(book, late ? soon_ns : last_ns, sent++);
    }
}

/* What arrives has others sent, as an answer has the next question. */
static void arrive_and_send(struct flow *flow, const struct flight *flight) {
    struct book *book = flow->data;
    arrive(flow, flight);
    if (book->count % 3 > 0) send_some(book);
}

static void all_arrive_once_and_sorted(void **state) {
    (void)state;
    struct book book;
    bool *seen = xcalloc(FLIGHTS, sizeof(*seen));
    open_book(&book);
    book.flow.arrive = arrive_and_send;
    random_seed(&dice, 5);
    size_t most_late = 0;
    for (sent = 0; sent < FLIGHTS || book.engine.count > 0;) {
        send_some(&book);
        engine_run(&book.engine, book.engine.now_ns + (int64_t)random_below(&dice, 20));
        if (book.flow.late > most_late) most_late = book.flow.late;
        assert_true(book.engine.count <= 1);
        assert_int_equal(book.flow.count + book.flow.late + book.count, sent);
    }
    assert_true(most_late > 20);
    for (size_t i = 0; i < FLIGHTS; i++) {
        const struct flight *flight = &book.arrived[i];
        if (i > 0) assert_true(flight->at_ns >= flight[-1].at_ns);
        assert_false(seen[flight->number]);
        seen[flight->number] = true;
    }
    free(seen);
    close_book(&book);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sent_in_order_arrives_in_order),
        cmocka_unit_test(a_flight_arrives_as_it_was_sent),
        cmocka_unit_test(what_overtakes_arrives_before),
        cmocka_unit_test(a_full_ring_grows),
        cmocka_unit_test(all_arrive_once_and_sorted),
    };
    return cmocka_run_group_tests_name("flow", tests, NULL, NULL);
}

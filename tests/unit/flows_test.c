/* links/flows, links/queue, links/ring */
#include "../../links/flows.h"

#include "../../links/queue.h"
#include "../../links/ring.h"
#include "base/clock.h"
#include "base/limits.h"
#include "test.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define HEADERS 40
#define SYN 0x02
#define ACK 0x10

/* --- flows ------------------------------------------------------------------------------------ */

struct shown {
    enum link_direction direction;
    uint16_t client_port;
    uint8_t flags;
    uint32_t sequence;
    uint16_t data_bytes;
};

/* Shows a packet between 198.18.0.1:8080 and 198.18.1.1:client_port. */
static void show(struct flows *flows, double at_seconds, struct shown shown) {
    unsigned char packet[HEADERS + 1500] = {0x45};
    const unsigned char addresses[2][4] = {{198, 18, 0, 1}, {198, 18, 1, 1}};
    uint16_t total = htons((uint16_t)(HEADERS + shown.data_bytes));
    uint16_t ports[2] = {htons(8080), htons(shown.client_port)};
    uint32_t sequence = htonl(shown.sequence);
    int from = shown.direction == LINK_DOWN ? 0 : 1;
    memcpy(packet + 2, &total, 2);
    packet[9] = 6;
    memcpy(packet + 12, addresses[from], 4);
    memcpy(packet + 16, addresses[1 - from], 4);
    memcpy(packet + 20, &ports[from], 2);
    memcpy(packet + 22, &ports[1 - from], 2);
    memcpy(packet + 24, &sequence, 4);
    packet[32] = 5 << 4;
    packet[33] = shown.flags;
    flows_see(flows, packet, (size_t)HEADERS + shown.data_bytes,
              (int64_t)(at_seconds * NS_PER_SECOND), shown.direction);
}

static struct flows from_to(double start_seconds, double end_seconds) {
    struct flows flows = {0};
    flows_measure(&flows, (struct window){(int64_t)(start_seconds * NS_PER_SECOND),
                                          (int64_t)(end_seconds * NS_PER_SECOND)});
    return flows;
}

static void what_was_sent_before_is_sent_again(void **state) {
    (void)state;
    struct flows flows = from_to(0, 100);
    show(&flows, 1, (struct shown){LINK_DOWN, 5000, ACK, 1000, 100});
    show(&flows, 2, (struct shown){LINK_DOWN, 5000, ACK, 1100, 100});
    assert_int_equal(flows.retransmissions, 0);
    show(&flows, 3, (struct shown){LINK_DOWN, 5000, ACK, 1100, 100}); /* the last one */
    show(&flows, 3, (struct shown){LINK_DOWN, 5000, ACK, 1000, 100}); /* an older one */
    show(&flows, 3, (struct shown){LINK_DOWN, 5000, ACK, 1050, 20});  /* a part */
    assert_int_equal(flows.retransmissions, 3);
    show(&flows, 4, (struct shown){LINK_DOWN, 5000, ACK, 1150, 100}); /* half of it is new */
    show(&flows, 4, (struct shown){LINK_DOWN, 5000, ACK, 1250, 10});
    assert_int_equal(flows.retransmissions, 3);
    flows_free(&flows);
}

static void what_carries_no_data_is_not(void **state) {
    (void)state;
    struct flows flows = from_to(0, 100);
    show(&flows, 1, (struct shown){LINK_UP, 5000, SYN, 999, 0});
    show(&flows, 2, (struct shown){LINK_UP, 5000, SYN, 999, 0});
    for (int i = 0; i < 3; i++) show(&flows, 3, (struct shown){LINK_UP, 5000, ACK, 1000, 0});
    assert_int_equal(flows.retransmissions, 0);
    flows_free(&flows);
}

/* Directions, ports, and lives of a pair of ports each have numbers of their own. */
static void numbers_of_others_are_not_compared(void **state) {
    (void)state;
    struct flows flows = from_to(0, 100);
    show(&flows, 1, (struct shown){LINK_DOWN, 5000, ACK, 1000, 100});
    show(&flows, 1, (struct shown){LINK_UP, 5000, ACK, 1000, 100});
    show(&flows, 1, (struct shown){LINK_DOWN, 5001, ACK, 1000, 100});
    show(&flows, 2, (struct shown){LINK_DOWN, 5000, SYN | ACK, 499, 0});
    show(&flows, 2, (struct shown){LINK_DOWN, 5000, ACK, 500, 100});
    assert_int_equal(flows.retransmissions, 0);
    show(&flows, 3, (struct shown){LINK_DOWN, 5000, ACK, 500, 100});
    assert_int_equal(flows.retransmissions, 1);
    flows_free(&flows);
}

static void numbers_go_round(void **state) {
    (void)state;
    struct flows flows = from_to(0, 100);
    show(&flows, 1, (struct shown){LINK_DOWN, 5000, ACK, UINT32_MAX - 49, 100});
    show(&flows, 1, (struct shown){LINK_DOWN, 5000, ACK, 50, 100});
    assert_int_equal(flows.retransmissions, 0);
    show(&flows, 2, (struct shown){LINK_DOWN, 5000, ACK, UINT32_MAX - 49, 100});
    assert_int_equal(flows.retransmissions, 1);
    flows_free(&flows);
}

static void the_window_counts(void **state) {
    (void)state;
    struct flows flows = from_to(10, 20);
    const double times[] = {9.99, 10, 19.99, 20};
    show(&flows, 1, (struct shown){LINK_DOWN, 5000, ACK, 1000, 100});
    for (int i = 0; i < 4; i++)
        show(&flows, times[i], (struct shown){LINK_DOWN, 5000, ACK, 1000, 100});
    assert_int_equal(flows.retransmissions, 2);
    flows_free(&flows);
}

static void the_radio_sleeps_after_five_seconds(void **state) {
    (void)state;
    struct flows flows = from_to(0, 1000);
    show(&flows, 10, (struct shown){LINK_DOWN, 5000, ACK, 1, 1});   /* 10 ... 15 */
    show(&flows, 12, (struct shown){LINK_UP, 5000, ACK, 1, 0});     /* ... 17 */
    show(&flows, 16.5, (struct shown){LINK_DOWN, 5000, ACK, 2, 1}); /* ... 21.5 */
    show(&flows, 30, (struct shown){LINK_DOWN, 5000, ACK, 3, 1});   /* 30 ... 35 */
    assert_int_equal(flows.wakeups, 2);
    assert_int_equal(flows.users, 1);
    assert_int_equal(flows.awake_ns, 16.5 * NS_PER_SECOND);
    show(&flows, 31, (struct shown){LINK_UP, 5001, ACK, 1, 0}); /* somebody else: 31 ... 36 */
    assert_int_equal(flows.wakeups, 3);
    assert_int_equal(flows.users, 2);
    assert_int_equal(flows.awake_ns, 21.5 * NS_PER_SECOND);
    flows_free(&flows);
}

/* What came before it keeps the radio awake into the window, and its end cuts off the rest. */
static void the_radio_is_awake_before_the_window(void **state) {
    (void)state;
    struct flows flows = {0};
    show(&flows, 8, (struct shown){LINK_DOWN, 5000, ACK, 1, 1});
    show(&flows, 1, (struct shown){LINK_DOWN, 5001, ACK, 1, 1});
    flows_measure(&flows, (struct window){10 * NS_PER_SECOND, 20 * NS_PER_SECOND});
    assert_int_equal(flows.awake_ns, 3 * NS_PER_SECOND);
    show(&flows, 9, (struct shown){LINK_DOWN, 5000, ACK, 2, 1}); /* ... 14 */
    assert_int_equal(flows.users, 0);
    show(&flows, 12, (struct shown){LINK_DOWN, 5000, ACK, 3, 1}); /* ... 17 */
    show(&flows, 18, (struct shown){LINK_DOWN, 5000, ACK, 4, 1}); /* 18 ... 20 */
    show(&flows, 21, (struct shown){LINK_DOWN, 5002, ACK, 4, 1});
    assert_int_equal(flows.awake_ns, 9 * NS_PER_SECOND);
    assert_int_equal(flows.wakeups, 1);
    assert_int_equal(flows.users, 1);
    flows_free(&flows);
}

/* Stopped before its end was due, the window has been shorter. */
static void nobody_is_awake_behind_its_end(void **state) {
    (void)state;
    struct flows flows = from_to(0, 1000);
    show(&flows, 10, (struct shown){LINK_DOWN, 5000, ACK, 1, 1});
    show(&flows, 2, (struct shown){LINK_DOWN, 5001, ACK, 1, 1});
    assert_int_equal(flows.awake_ns, 10 * NS_PER_SECOND);
    flows_end(&flows, 12 * NS_PER_SECOND);
    assert_int_equal(flows.awake_ns, 7 * NS_PER_SECOND);
    flows_end(&flows, 13 * NS_PER_SECOND);
    show(&flows, 12.5, (struct shown){LINK_DOWN, 5000, ACK, 1, 1});
    assert_int_equal(flows.awake_ns, 7 * NS_PER_SECOND);
    assert_int_equal(flows.retransmissions, 0);
    flows_free(&flows);
}

static void thousands_of_them_are_told_apart(void **state) {
    (void)state;
    struct flows flows = from_to(0, 100);
    for (int round = 0; round < 3; round++)
        for (uint16_t port = 1024; port < 21024; port++)
            show(&flows, 1, (struct shown){LINK_DOWN, port, ACK, 1000, round < 2 ? 10 : 20});
    assert_int_equal(flows.users, 20000);
    assert_int_equal(flows.wakeups, 20000);
    assert_int_equal(flows.retransmissions, 20000);
    flows_free(&flows);
}

/* Every cut of a packet, and lengths that lie: nothing is read beyond its end (sanitizers watch). */
static void broken_packets_are_passed_over(void **state) {
    (void)state;
    unsigned char whole[HEADERS] = {0x45};
    struct flows flows = from_to(0, 100);
    whole[3] = HEADERS;
    whole[9] = 6;
    whole[32] = 5 << 4;
    for (size_t length = 0; length <= HEADERS; length++) {
        unsigned char *cut = malloc(length + 1);
        memcpy(cut, whole, length);
        unsigned char *exact = realloc(cut, length > 0 ? length : 1);
        flows_see(&flows, exact, length, NS_PER_SECOND, LINK_DOWN);
        free(exact);
    }
    assert_int_equal(flows.users, 1); /* the whole one */
    for (int at = 0; at < HEADERS; at++) {
        for (int value = 0; value < 256; value++) {
            unsigned char *lies = malloc(HEADERS);
            memcpy(lies, whole, HEADERS);
            lies[at] = (unsigned char)value;
            flows_see(&flows, lies, HEADERS, NS_PER_SECOND, LINK_UP);
            free(lies);
        }
    }
    flows_free(&flows);
}

/* --- the queue -------------------------------------------------------------------------------- */

static void add(struct frame_queue *queue, int64_t pass_ns, bool held) {
    assert_true(frame_queue_add(queue, &pass_ns, sizeof(pass_ns), pass_ns, held));
}

static void frames_leave_when_they_are_due(void **state) {
    (void)state;
    const int64_t order[] = {5, 10, 11, 12, 20, 30, 31, 40};
    struct frame_queue queue;
    frame_queue_init(&queue);
    assert_null(frame_queue_first(&queue));
    add(&queue, 10, false);
    add(&queue, 30, true);
    add(&queue, 12, false);
    add(&queue, 11, false); /* stamped a little too late */
    add(&queue, 31, true);
    add(&queue, 20, false);
    add(&queue, 5, true);
    add(&queue, 40, false);
    for (int i = 0; i < 8; i++) {
        struct frame *frame = frame_queue_first(&queue);
        assert_int_equal(frame->pass_ns, order[i]);
        assert_memory_equal(frame->bytes, &order[i], sizeof(order[i]));
        frame_queue_remove(&queue, frame);
        free(frame);
    }
    assert_null(frame_queue_first(&queue));
    assert_int_equal(queue.held_bytes, 0);
}

static void equals_keep_their_order(void **state) {
    (void)state;
    struct frame_queue queue;
    frame_queue_init(&queue);
    for (char name = 'a'; name <= 'e'; name++)
        assert_true(frame_queue_add(&queue, &name, 1, 7, false));
    for (char name = 'a'; name <= 'e'; name++) {
        struct frame *frame = frame_queue_first(&queue);
        assert_int_equal(frame->bytes[0], name);
        frame_queue_remove(&queue, frame);
        free(frame);
    }
}

static void a_full_queue_says_so(void **state) {
    (void)state;
    static unsigned char large[1024 * 1024];
    struct frame_queue queue;
    size_t taken = 0;
    frame_queue_init(&queue);
    while (taken < 1000 && frame_queue_add(&queue, large, sizeof(large), (int64_t)taken, false))
        taken++;
    assert_int_equal(taken, LINK_QUEUE_BYTES / (sizeof(large) + sizeof(struct frame)));
    frame_queue_clear(&queue);
    assert_int_equal(queue.held_bytes, 0);
    add(&queue, 1, false);
    frame_queue_clear(&queue);
}

/* --- the ring --------------------------------------------------------------------------------- */

/* Somebody sets the wall clock by an hour, forwards or back, between a stamp and its reading. */
static void stamps_of_a_clock_that_was_set_do_not_fit(void **state) {
    (void)state;
    int64_t empty_ns = 9000 * NS_PER_SECOND, now_ns = empty_ns + 5 * NS_PER_MS;
    assert_true(ring_stamp_fits(now_ns, empty_ns, now_ns));
    assert_true(ring_stamp_fits(empty_ns, empty_ns, now_ns));
    assert_true(ring_stamp_fits(empty_ns - NS_PER_MS, empty_ns, now_ns)); /* it was being written */
    assert_false(ring_stamp_fits(now_ns + 1, empty_ns, now_ns));
    assert_false(ring_stamp_fits(now_ns + 3600 * NS_PER_SECOND, empty_ns, now_ns));
    assert_false(ring_stamp_fits(now_ns - 3600 * NS_PER_SECOND, empty_ns, now_ns));
    assert_false(ring_stamp_fits(-1764000000 * NS_PER_SECOND, empty_ns, now_ns)); /* no stamp */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sent_before_is_sent_again),
        cmocka_unit_test(what_carries_no_data_is_not),
        cmocka_unit_test(numbers_of_others_are_not_compared),
        cmocka_unit_test(numbers_go_round),
        cmocka_unit_test(the_window_counts),
        cmocka_unit_test(the_radio_sleeps_after_five_seconds),
        cmocka_unit_test(the_radio_is_awake_before_the_window),
        cmocka_unit_test(nobody_is_awake_behind_its_end),
        cmocka_unit_test(thousands_of_them_are_told_apart),
        cmocka_unit_test(broken_packets_are_passed_over),
        cmocka_unit_test(frames_leave_when_they_are_due),
        cmocka_unit_test(equals_keep_their_order),
        cmocka_unit_test(a_full_queue_says_so),
        cmocka_unit_test(stamps_of_a_clock_that_was_set_do_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

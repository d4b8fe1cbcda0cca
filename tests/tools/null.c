/* What the instrument itself costs: events are encoded, and booked for many subscribers, in one
 * process with no network in between: what core/harness/subscriber.c does with the bytes of an event.
 *
 *     null SUBSCRIBERS EVENTS ROUNDS
 *
 * Prints nanoseconds per recorded delivery: the median over the rounds. */
#include "base/clock.h"
#include "base/memory.h"
#include "model/event.h"
#include "model/recorder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char payload[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"
                              "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwx";

/* One subscriber gets the text of one event. */
static void deliver(struct recorder *recorder, struct account *account, const struct buffer *text) {
    struct event_view event;
    if (event_parse(text->data, text->length, &event) != 0) abort();
    int64_t now = clock_now_ns();
    struct receipt receipt = {.handled_ns = now, .arrived_ns = now - NS_PER_US};
    recorder_receive(recorder, account, &event, &receipt);
}

/* Nanoseconds per delivery. */
static double play_round(long subscribers, long events) {
    struct recorder recorder;
    struct account *accounts = xcalloc((size_t)subscribers, sizeof(*accounts));
    struct buffer text = {0};
    recorder_init(&recorder);
    int64_t start = clock_now_ns();
    recorder_window(&recorder, start, start + 3600 * NS_PER_SECOND);
    for (long i = 1; i <= events; i++) {
        buffer_clear(&text);
        event_encode(&text, (uint64_t)i, clock_now_ns(), 0, payload, sizeof(payload) - 1);
        for (long k = 0; k < subscribers; k++) deliver(&recorder, &accounts[k], &text);
    }
    double ns = (double)(clock_now_ns() - start) / (double)(subscribers * events);
    if (recorder.deliveries != (uint64_t)(subscribers * events)) abort();
    for (long k = 0; k < subscribers; k++) ledger_free(&accounts[k].ledger);
    free(accounts);
    buffer_free(&text);
    recorder_free(&recorder);
    return ns;
}

static int compare(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

int main(int argc, char **argv) {
    long numbers[3] = {0};
    for (int i = 1; i < argc && i < 4; i++) numbers[i - 1] = atol(argv[i]);
    if (argc != 4 || numbers[0] < 1 || numbers[1] < 1 || numbers[2] < 1) {
        fprintf(stderr, "usage: null SUBSCRIBERS EVENTS ROUNDS\n");
        return 2;
    }
    size_t rounds = (size_t)numbers[2];
    double *costs = xcalloc(rounds, sizeof(*costs));
    for (size_t i = 0; i < rounds; i++) costs[i] = play_round(numbers[0], numbers[1]);
    qsort(costs, rounds, sizeof(*costs), compare);
    printf("%.1f\n", costs[rounds / 2]);
    free(costs);
    return 0;
}

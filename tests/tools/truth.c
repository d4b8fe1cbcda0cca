/* What a correct instrument must find when a server makes a known mistake (core/harness/fault.h): computed
 * from the schedule and the mistake alone. Nothing of pushpull's is linked to this file, so that a
 * mistake of its own cannot be on both sides of a comparison.
 *
 *     truth stall EVENTS_PER_SECOND WINDOW_MS AT_MS FOR_MS
 *         The latencies of the window's events: "NANOSECONDS 1", rising, one line per event. An event
 *         that is due while the server stands still waits for the rest of that; others do not wait. The
 *         first is due half a gap after the window opens.
 *
 *     truth delay EVENTS_PER_SECOND WINDOW_MS LEAST_MS MOST_MS PERIOD_MS
 *         The same for a delay that goes evenly up and down between two values.
 *
 *     truth loss FIRST LAST DROP_EVERY DUPLICATE_EVERY SWAP_EVERY
 *         How many of the events FIRST to LAST each subscriber loses, gets twice, and gets after a
 *         newer one. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_MS 1e6
#define EVENTS_MAX 10000000

/* --- latencies -------------------------------------------------------------------------------- */

/* The latency of an event that is due this long after the window opened. */
typedef double latency_rule(double at_ms, const double *numbers);

/* numbers: AT_MS FOR_MS */
static double stalled_ms(double at_ms, const double *numbers) {
    double end_ms = numbers[0] + numbers[1];
    return at_ms >= numbers[0] && at_ms < end_ms ? end_ms - at_ms : 0;
}

/* numbers: LEAST_MS MOST_MS PERIOD_MS */
static double delayed_ms(double at_ms, const double *numbers) {
    double period = numbers[2], rest = at_ms - period * (double)(int64_t)(at_ms / period);
    double half = period / 2, height = rest < half ? rest / half : (period - rest) / half;
    return numbers[0] + (numbers[1] - numbers[0]) * height;
}

static int compare(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* `first_ms`: when the first event is due, after the rule's beginning. */
static int print_latencies(latency_rule *rule, double rate, double window_ms, double first_ms,
                           const double *numbers) {
    size_t count = (size_t)(rate * window_ms / 1000 + 0.5);
    if (count == 0 || count > EVENTS_MAX) return 1;
    double *latencies = malloc(count * sizeof(*latencies));
    if (latencies == NULL) return 1;
    for (size_t i = 0; i < count; i++)
        latencies[i] = rule(first_ms + (double)i * 1000 / rate, numbers);
    qsort(latencies, count, sizeof(*latencies), compare);
    for (size_t i = 0; i < count; i++) printf("%.0f 1\n", latencies[i] * NS_PER_MS);
    free(latencies);
    return 0;
}

/* --- losses ----------------------------------------------------------------------------------- */

struct losses {
    int64_t lost, duplicates, reordered;
};

static bool every(int64_t number, double n) { return n > 0 && number % (int64_t)n == 0; }

/* Events are numbered from 1. The first rule that fits decides: drop, double, swap. An event that is to
 * be swapped with one that is dropped is in order all the same. numbers: FIRST LAST DROP DUPLICATE
 * SWAP */
static int print_losses(const double *numbers) {
    struct losses losses = {0, 0, 0};
    bool held = false;
    for (int64_t number = 1; number <= (int64_t)numbers[1]; number++) {
        bool counts = number >= (int64_t)numbers[0];
        bool drop = every(number, numbers[2]);
        bool twice = !drop && every(number, numbers[3]);
        bool swap = !drop && !twice && !held && every(number, numbers[4]);
        losses.lost += counts && drop;
        losses.duplicates += counts && twice;
        losses.reordered += counts && swap && !every(number + 1, numbers[2]);
        held = swap;
    }
    printf("%" PRId64 " %" PRId64 " %" PRId64 "\n", losses.lost, losses.duplicates,
           losses.reordered);
    return 0;
}

int main(int argc, char **argv) {
    double numbers[5] = {0};
    for (int i = 2; i < argc && i < 7; i++) numbers[i - 2] = atof(argv[i]);
    if (argc == 6 && strcmp(argv[1], "stall") == 0)
        return print_latencies(stalled_ms, numbers[0], numbers[1], 500 / numbers[0], numbers + 2);
    if (argc == 7 && strcmp(argv[1], "delay") == 0)
        return print_latencies(delayed_ms, numbers[0], numbers[1], 0, numbers + 2);
    if (argc == 7 && strcmp(argv[1], "loss") == 0) return print_losses(numbers);
    fprintf(stderr, "usage: truth stall|delay|loss NUMBER... (the source says which)\n");
    return 2;
}

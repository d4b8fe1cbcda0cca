/* The books. Two questions are asked of every event: is it new to this subscriber (the ledger
 * knows), and was it due in the window (then it counts)? The age is a third matter: it runs on
 * between the events. */
#include "model/recorder.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

/* --- the ledger: which sequence numbers have come ----------------------------------------------
 * Nearly always they come in order, and then a ledger is a number and needs no memory. Only a skip
 * makes a gap. `gaps` has room for gap_count rounded up to a power of two: it must grow when one
 * more comes and gap_count is such a power. */

static bool is_power_of_two(uint32_t number) { return (number & (number - 1)) == 0; }

static void insert_gap(struct ledger *ledger, uint32_t position, struct ledger_gap gap) {
    if (ledger->gap_count == 0 || is_power_of_two(ledger->gap_count)) {
        size_t room = ledger->gap_count == 0 ? 1 : (size_t)ledger->gap_count * 2;
        ledger->gaps = xrealloc(ledger->gaps, room * sizeof gap);
    }
    struct ledger_gap *at = &ledger->gaps[position];
    memmove(at + 1, at, (ledger->gap_count - position) * sizeof gap);
    *at = gap;
    ledger->gap_count++;
}

static void remove_gap(struct ledger *ledger, uint32_t position) {
    struct ledger_gap *at = &ledger->gaps[position];
    ledger->gap_count--;
    memmove(at, at + 1, (ledger->gap_count - position) * sizeof *at);
    if (ledger->gap_count == 0) ledger_free(ledger);
}

/* The first gap that does not end before `seq`, by bisection. */
static uint32_t gap_position(const struct ledger *ledger, uint64_t seq) {
    uint32_t low = 0, high = ledger->gap_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (ledger->gaps[middle].last < seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* An event that is not newer than the newest came. Returns whether it was missing until now. */
static bool fill_gap(struct ledger *ledger, uint64_t seq) {
    uint32_t position = gap_position(ledger, seq);
    if (position == ledger->gap_count || ledger->gaps[position].first > seq) return false;
    struct ledger_gap *gap = &ledger->gaps[position];
    if (gap->first == gap->last) {
        remove_gap(ledger, position);
    } else if (gap->first == seq) {
        gap->first++;
    } else if (gap->last == seq) {
        gap->last--;
    } else {
        struct ledger_gap before = {gap->first, seq - 1};
        gap->first = seq + 1;
        insert_gap(ledger, position, before);
    }
    return true;
}

/* A newer event came. */
static void advance(struct ledger *ledger, uint64_t seq) {
    if (ledger->highest > 0 && seq > ledger->highest + 1) {
        insert_gap(ledger, ledger->gap_count, (struct ledger_gap){ledger->highest + 1, seq - 1});
    }
    ledger->highest = seq;
}

void ledger_free(struct ledger *ledger) {
    free(ledger->gaps);
    ledger->gaps = NULL;
    ledger->gap_count = 0;
}

void ledger_new_life(struct ledger *ledger) {
    ledger_free(ledger);
    ledger->highest = 0;
}

/* --- the age -----------------------------------------------------------------------------------
 *
 *   age |      /|     /|        It grows by a second a second, and falls to now - due when a newer
 *       |  /| / |    / |  /     event comes. The integral of a piece is its width times the age in
 *       | / |/  |   /  | /      its middle; a peak is the age just before it falls.
 *       |/      |  /   |/
 *       +-------------------> time
 */

/* a - b, kept in range: times come from the network. */
static int64_t minus(int64_t a, int64_t b) {
    int64_t difference;
    if (!__builtin_sub_overflow(a, b, &difference)) return difference;
    return a < b ? INT64_MIN : INT64_MAX;
}

static double seconds_between(int64_t from_ns, int64_t to_ns) {
    return (double)minus(to_ns, from_ns) / NS_PER_SECOND;
}

/* Accounts for the age from where it stood up to `to_ns`, as far as that lies in the window. */
static void account_age(struct recorder *recorder, struct ledger *ledger, int64_t to_ns) {
    int64_t from = ledger->age_from_ns;
    int64_t to = to_ns < recorder->end_ns ? to_ns : recorder->end_ns;
    if (from < recorder->start_ns) from = recorder->start_ns;
    if (ledger->started && from < to) {
        double width = seconds_between(from, to);
        double first = seconds_between(ledger->newest_due_ns, from);
        double last = seconds_between(ledger->newest_due_ns, to);
        recorder->age_integral += width * (first + last) / 2;
        recorder->age_seconds += width;
    }
    if (to_ns > ledger->age_from_ns) ledger->age_from_ns = to_ns;
}

static bool in_window(const struct recorder *recorder, int64_t at_ns) {
    return at_ns >= recorder->start_ns && at_ns < recorder->end_ns;
}

/* A newer event, due at `due_ns`, comes now: the age peaks and falls. */
static void renew_age(struct recorder *recorder, struct ledger *ledger, int64_t due_ns,
                      int64_t now_ns) {
    account_age(recorder, ledger, now_ns);
    if (ledger->started && in_window(recorder, now_ns)) {
        recorder->age_peak_sum += seconds_between(ledger->newest_due_ns, now_ns);
        recorder->age_peaks++;
    }
    ledger->newest_due_ns = due_ns;
    ledger->started = true;
}

/* --- the recorder ------------------------------------------------------------------------------ */

void recorder_init(struct recorder *recorder) {
    *recorder = (struct recorder){
        .delivery_latency = histogram_new(),
        .service_latency = histogram_new(),
        .ask_wait = histogram_new(),
        .client_queue = histogram_new(),
        .tick_latency = histogram_new(),
    };
}

void recorder_free(struct recorder *recorder) {
    histogram_free(recorder->delivery_latency);
    histogram_free(recorder->service_latency);
    histogram_free(recorder->ask_wait);
    histogram_free(recorder->client_queue);
    histogram_free(recorder->tick_latency);
    *recorder = (struct recorder){0};
}

void recorder_window(struct recorder *recorder, int64_t start_ns, int64_t end_ns) {
    histogram_reset(recorder->delivery_latency);
    histogram_reset(recorder->service_latency);
    histogram_reset(recorder->ask_wait);
    histogram_reset(recorder->client_queue);
    *recorder = (struct recorder){
        .start_ns = start_ns,
        .end_ns = end_ns,
        .delivery_latency = recorder->delivery_latency,
        .service_latency = recorder->service_latency,
        .ask_wait = recorder->ask_wait,
        .client_queue = recorder->client_queue,
        .tick_latency = recorder->tick_latency,
    };
}

static void count_in_slot(struct recorder *recorder, int64_t due_ns, int64_t latency_ns) {
    double place = (double)(due_ns - recorder->start_ns) /
                   (double)(recorder->end_ns - recorder->start_ns) * RECORDER_SLOTS;
    struct recorder_slot *slot =
        &recorder->slots[place < RECORDER_SLOTS ? (int)place : RECORDER_SLOTS - 1];
    slot->deliveries++;
    slot->latency_seconds += (double)latency_ns / NS_PER_SECOND;
}

/* Counts a new event that was due in the window. */
static void count_delivery(struct recorder *recorder, struct ledger *ledger,
                           const struct event_view *event, int64_t latency_ns) {
    recorder->deliveries++;
    recorder->payload_bytes += event->payload_length;
    ledger->received++;
    count_in_slot(recorder, event->due_ns, latency_ns);
    histogram_record(recorder->delivery_latency, latency_ns);
    histogram_record(recorder->service_latency, minus(latency_ns, event->lag_ns));
}

bool recorder_receive(struct recorder *recorder, struct ledger *ledger,
                      const struct event_view *event, int64_t now_ns) {
    bool newer = event->seq > ledger->highest;
    bool counts = in_window(recorder, event->due_ns);
    if (newer) {
        renew_age(recorder, ledger, event->due_ns, now_ns);
        advance(ledger, event->seq);
    } else if (!fill_gap(ledger, event->seq)) {
        recorder->duplicates += counts;
        return false;
    }
    int64_t latency_ns = minus(now_ns, event->due_ns);
    histogram_record(recorder->tick_latency, latency_ns);
    recorder->reordered += counts && !newer;
    if (counts) count_delivery(recorder, ledger, event, latency_ns);
    return true;
}

/* The distance of the two clocks is measured once a second; in between they drift apart by this. */
#define STAMP_SLACK_NS (NS_PER_MS / 2)

static void record_queue(struct recorder *recorder, const struct event_view *event,
                         int64_t arrived_ns, int64_t now_ns) {
    int64_t queued_ns = minus(now_ns, arrived_ns);
    int64_t travelled_ns = minus(minus(arrived_ns, event->due_ns), event->lag_ns);
    if (queued_ns < -STAMP_SLACK_NS || travelled_ns < -STAMP_SLACK_NS)
        recorder->stamps_dropped++;
    else
        histogram_record(recorder->client_queue, queued_ns);
}

void recorder_split(struct recorder *recorder, const struct event_view *event, int64_t asked_ns,
                    int64_t arrived_ns, int64_t now_ns) {
    if (!in_window(recorder, event->due_ns)) return;
    if (arrived_ns > 0) record_queue(recorder, event, arrived_ns, now_ns);
    if (asked_ns > 0)
        histogram_record(recorder->ask_wait, minus(minus(asked_ns, event->due_ns), event->lag_ns));
}

void recorder_settle(struct recorder *recorder, struct ledger *ledger) {
    account_age(recorder, ledger, recorder->end_ns);
}

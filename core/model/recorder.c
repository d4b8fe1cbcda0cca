/* The books. Two questions are asked of every event: is it new to this subscriber (the ledger
 * knows), and was it due in the window (then it counts)? The age is a third matter: it runs on
 * between the events. */
#include "model/recorder.h"

#include "base/clock.h"

void recorder_init(struct recorder *recorder) {
    *recorder = (struct recorder){
        .delivery_latency = histogram_new(),
        .handled_latency = histogram_new(),
        .client_queue = histogram_new(),
        .service_latency = histogram_new(),
        .ask_wait = histogram_new(),
        .tick_latency = histogram_new(),
    };
}

void recorder_free(struct recorder *recorder) {
    histogram_free(recorder->delivery_latency);
    histogram_free(recorder->handled_latency);
    histogram_free(recorder->client_queue);
    histogram_free(recorder->service_latency);
    histogram_free(recorder->ask_wait);
    histogram_free(recorder->tick_latency);
    *recorder = (struct recorder){0};
}

void recorder_window(struct recorder *recorder, int64_t start_ns, int64_t end_ns) {
    histogram_reset(recorder->delivery_latency);
    histogram_reset(recorder->handled_latency);
    histogram_reset(recorder->client_queue);
    histogram_reset(recorder->service_latency);
    histogram_reset(recorder->ask_wait);
    *recorder = (struct recorder){
        .window = {start_ns, end_ns},
        .stamps = recorder->stamps,
        .delivery_latency = recorder->delivery_latency,
        .handled_latency = recorder->handled_latency,
        .client_queue = recorder->client_queue,
        .service_latency = recorder->service_latency,
        .ask_wait = recorder->ask_wait,
        .tick_latency = recorder->tick_latency,
    };
}

void recorder_open_books(struct recorder *recorder, int64_t at_ns) {
    recorder->books = (struct window){at_ns, INT64_MAX};
}

void recorder_close_books(struct recorder *recorder, int64_t at_ns) {
    recorder->books.end_ns = at_ns;
}

/* --- arrival ---------------------------------------------------------------------------------- */

/* The distance of the two clocks is measured twenty times a second; meanwhile the wall clock is slewed by
 * 25 us at most (500 ppm), and whoever measures may be late. */
#define STAMP_SLACK_NS (NS_PER_MS / 10)

/* A client that is this late may have found more than one event, the last of which may just have come. One that
 * comes sooner, and finds two, was given two: over a distance TCP often delivers them together. */
#define LATE_NS (NS_PER_MS / 2)

static int64_t published_ns(const struct event_view *event) {
    return time_plus(event->due_ns, event->lag_ns);
}

/* Sets the arrival; returns whether the stamp can be true. Within the slack it is moved to where it can. */
static bool arrival(int64_t *at_ns, const struct event_view *event, const struct receipt *receipt) {
    int64_t earliest = published_ns(event), stamp = receipt->arrived_ns;
    if (receipt->asked_ns > earliest) earliest = receipt->asked_ns;
    bool possible = stamp != 0 && !receipt->held_up &&
                    time_minus(stamp, earliest) >= -STAMP_SLACK_NS &&
                    time_minus(stamp, receipt->handled_ns) <= STAMP_SLACK_NS;
    if (stamp < earliest) stamp = earliest;
    if (stamp > receipt->handled_ns) stamp = receipt->handled_ns;
    *at_ns = possible ? stamp : receipt->handled_ns;
    return possible;
}

int64_t recorder_arrival_ns(const struct event_view *event, const struct receipt *receipt) {
    int64_t at_ns;
    arrival(&at_ns, event, receipt);
    return at_ns;
}

/* A push with a stamp: do those before it bear the same? Then they may have come as much earlier as they were
 * published earlier (but not before there was a connection to come by): with the first of them all are told, once
 * that is too much of its latency. */
static void watch_sharing(struct recorder *recorder, const struct account *account,
                          const struct event_view *event, const struct receipt *receipt,
                          int64_t arrived_ns, bool counts) {
    struct sharing *sharing = &recorder->sharing;
    int64_t published = published_ns(event), stamp_ns = receipt->arrived_ns;
    if (published < receipt->since_ns) published = receipt->since_ns;
    bool late = receipt->late_ns > LATE_NS || time_minus(receipt->handled_ns, arrived_ns) > LATE_NS;
    if (sharing->account != account || sharing->stamp_ns != stamp_ns) {
        int64_t latency_ns = time_minus(arrived_ns, event->due_ns);
        *sharing = (struct sharing){account, stamp_ns, time_plus(published, latency_ns / 20), 0};
    } else if (late && published > sharing->borne_ns) {
        recorder->stamps_shared += sharing->untold;
        sharing->untold = 0;
    }
    sharing->untold += counts;
}

/* --- booking ---------------------------------------------------------------------------------- */

static void count_in_slot(struct recorder *recorder, int64_t due_ns, int64_t latency_ns) {
    double place = (double)(due_ns - recorder->window.start_ns) /
                   (double)(recorder->window.end_ns - recorder->window.start_ns) * RECORDER_SLOTS;
    struct recorder_slot *slot =
        &recorder->slots[place < RECORDER_SLOTS ? (int)place : RECORDER_SLOTS - 1];
    slot->deliveries++;
    slot->latency_seconds += (double)latency_ns / NS_PER_SECOND;
}

/* Counts a new event that was due in the window. */
static void count_delivery(struct recorder *recorder, struct account *account,
                           const struct event_view *event, const struct receipt *receipt,
                           int64_t latency_ns) {
    recorder->deliveries++;
    recorder->payload_bytes += event->payload_length;
    account->ledger.received++;
    count_in_slot(recorder, event->due_ns, latency_ns);
    histogram_record(recorder->delivery_latency, latency_ns);
    histogram_record(recorder->handled_latency, time_minus(receipt->handled_ns, event->due_ns));
    histogram_record(recorder->service_latency, time_minus(latency_ns, event->lag_ns));
    if (receipt->asked_ns != 0)
        histogram_record(recorder->ask_wait, time_minus(receipt->asked_ns, published_ns(event)));
}

bool recorder_receive(struct recorder *recorder, struct account *account,
                      const struct event_view *event, const struct receipt *receipt) {
    int64_t arrived_ns;
    bool stamped = arrival(&arrived_ns, event, receipt);
    enum ledger_entry entry = ledger_book(&account->ledger, event->seq);
    bool counts = window_has(&recorder->window, event->due_ns);
    bool carried = window_has(&recorder->books, arrived_ns);
    recorder->carried_payload_bytes += carried ? event->payload_length : 0;
    recorder->arrivals += carried && entry != LEDGER_AGAIN;
    if (entry == LEDGER_AGAIN) {
        recorder->duplicates += counts;
        return false;
    }
    if (entry == LEDGER_NEWER)
        age_renew(&account->age, &recorder->age, &recorder->window, event->due_ns, arrived_ns);
    int64_t latency_ns = time_minus(arrived_ns, event->due_ns);
    histogram_record(recorder->tick_latency, latency_ns);
    recorder->reordered += counts && entry == LEDGER_LATE;
    if (stamped && receipt->asked_ns == 0)
        watch_sharing(recorder, account, event, receipt, arrived_ns, counts);
    if (!counts) return true;
    count_delivery(recorder, account, event, receipt, latency_ns);
    if (stamped)
        histogram_record(recorder->client_queue, time_minus(receipt->handled_ns, arrived_ns));
    else if (receipt->held_up)
        recorder->held_up++;
    else
        recorder->stamps_dropped += recorder->stamps;
    return true;
}

void recorder_settle(struct recorder *recorder, struct account *account) {
    age_settle(&account->age, &recorder->age, &recorder->window);
}

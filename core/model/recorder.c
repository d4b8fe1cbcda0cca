/* The books. Two questions are asked of every event: is it new to this subscriber (the ledger
 * knows), and was it due in the window (then it counts)? The age is a third matter: it runs on
 * between the events. */
#include "model/recorder.h"

#include "base/clock.h"

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
        .window = {start_ns, end_ns},
        .delivery_latency = recorder->delivery_latency,
        .service_latency = recorder->service_latency,
        .ask_wait = recorder->ask_wait,
        .client_queue = recorder->client_queue,
        .tick_latency = recorder->tick_latency,
    };
}

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
                           const struct event_view *event, int64_t latency_ns) {
    recorder->deliveries++;
    recorder->payload_bytes += event->payload_length;
    account->ledger.received++;
    count_in_slot(recorder, event->due_ns, latency_ns);
    histogram_record(recorder->delivery_latency, latency_ns);
    histogram_record(recorder->service_latency, time_minus(latency_ns, event->lag_ns));
}

bool recorder_receive(struct recorder *recorder, struct account *account,
                      const struct event_view *event, int64_t now_ns) {
    enum ledger_entry entry = ledger_book(&account->ledger, event->seq);
    bool counts = window_has(&recorder->window, event->due_ns);
    if (entry == LEDGER_AGAIN) {
        recorder->duplicates += counts;
        return false;
    }
    if (entry == LEDGER_NEWER)
        age_renew(&account->age, &recorder->age, &recorder->window, event->due_ns, now_ns);
    int64_t latency_ns = time_minus(now_ns, event->due_ns);
    histogram_record(recorder->tick_latency, latency_ns);
    recorder->reordered += counts && entry == LEDGER_LATE;
    if (counts) count_delivery(recorder, account, event, latency_ns);
    return true;
}

/* The distance of the two clocks is measured once per second; in between they drift apart by this. */
#define STAMP_SLACK_NS (NS_PER_MS / 2)

static void record_queue(struct recorder *recorder, const struct event_view *event,
                         int64_t arrived_ns, int64_t now_ns) {
    int64_t queued_ns = time_minus(now_ns, arrived_ns);
    int64_t travelled_ns = time_minus(time_minus(arrived_ns, event->due_ns), event->lag_ns);
    if (queued_ns < -STAMP_SLACK_NS || travelled_ns < -STAMP_SLACK_NS)
        recorder->stamps_dropped++;
    else
        histogram_record(recorder->client_queue, queued_ns);
}

void recorder_split(struct recorder *recorder, const struct event_view *event, int64_t asked_ns,
                    int64_t arrived_ns, int64_t now_ns) {
    if (!window_has(&recorder->window, event->due_ns)) return;
    if (arrived_ns > 0) record_queue(recorder, event, arrived_ns, now_ns);
    if (asked_ns > 0)
        histogram_record(recorder->ask_wait,
                         time_minus(time_minus(asked_ns, event->due_ns), event->lag_ns));
}

void recorder_settle(struct recorder *recorder, struct account *account) {
    age_settle(&account->age, &recorder->age, &recorder->window);
}

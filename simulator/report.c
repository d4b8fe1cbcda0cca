/* The reports: see report.h. What a machine alone can know is not in them: memory, waiting for a processor. */
#include "report.h"

#include "base/clock.h"
#include "model/conversation.h"

#include <stdlib.h>

static void add_number(json_t *object, const char *key, uint64_t value) {
    json_object_set_new(object, key, json_integer((json_int_t)value));
}

static void add_real(json_t *object, const char *key, double value) {
    json_object_set_new(object, key, json_real(value));
}

static void add_histogram(json_t *histograms, const char *name, const struct histogram *histogram) {
    if (histogram_count(histogram) == 0) return;
    char *data = histogram_to_base64(histogram);
    json_object_set_new(histograms, name,
                        json_pack("{s:s, s:s}", "unit", "ns", FIELD_HISTOGRAM_DATA, data));
    free(data);
}

static json_t *begin(const struct simulation *s, const char *role, const struct host *host) {
    json_t *message = json_pack("{s:s, s:s, s:s}", FIELD_TYPE, MESSAGE_REPORT, FIELD_ROLE, role,
                                "strategy", s->model->name);
    int64_t length_ns = s->window.end_ns - s->window.start_ns;
    json_object_set_new(message, FIELD_SIMULATED, json_true());
    add_real(message, FIELD_SECONDS, (double)length_ns / NS_PER_SECOND);
    int64_t cpu_ns = host->busy_ns + (int64_t)host->wakes * s->machine.turn_ns;
    add_number(message, FIELD_CPU_NS, (uint64_t)cpu_ns);
    json_object_set_new(message, FIELD_TROUBLES, json_object());
    return message;
}

/* --- a server --------------------------------------------------------------------------------- */

static json_t *server_report(const struct simulation *s, const struct service *service) {
    json_t *message = begin(s, "server", &service->host), *histograms = json_object();
    bool any = s->first > 0;
    add_number(message, FIELD_FIRST, any ? s->first : s->before + 1);
    add_number(message, FIELD_LAST, any ? s->last : s->before);
    add_number(message, FIELD_EVENTS, any ? s->last - s->first + 1 : 0);
    add_number(message, FIELD_PUBLISHED_FROM_NS, (uint64_t)s->publish_ns);
    add_real(message, FIELD_LEAST_AGE_INTEGRAL, s->least_age.integral);
    add_real(message, FIELD_LEAST_AGE_SECONDS, s->least_age.seconds);
    add_number(message, "requests", service->requests);
    json_object_set_new(message, FIELD_COUNTERS,
                        json_pack("{s:I}", TROUBLE_MISSED, (json_int_t)service->missed));
    if (service->missed > 0)
        add_number(json_object_get(message, FIELD_TROUBLES), TROUBLE_MISSED, service->missed);
    add_histogram(histograms, HISTOGRAM_SCHEDULE_LAG, s->lag);
    add_histogram(histograms, HISTOGRAM_SERVER_WORK, service->work);
    json_object_set_new(message, FIELD_HISTOGRAMS, histograms);
    return message;
}

/* --- a client --------------------------------------------------------------------------------- */

#define SYN_EXTRA_BYTES 8 /* a SYN carries more options than other segments */

static uint64_t on_wire(const struct traffic *traffic, enum link_direction direction) {
    return traffic->bytes[direction] + traffic->segments[direction] * HEADER_BYTES +
           traffic->opened * SYN_EXTRA_BYTES;
}

static json_t *wire_report(const struct traffic *traffic) {
    json_t *wire = json_object();
    add_number(wire, FIELD_WIRE_BYTES_UP, on_wire(traffic, LINK_UP));
    add_number(wire, FIELD_WIRE_BYTES_DOWN, on_wire(traffic, LINK_DOWN));
    add_number(wire, FIELD_WIRE_DATA_UP, traffic->bytes[LINK_UP]);
    add_number(wire, FIELD_WIRE_DATA_DOWN, traffic->bytes[LINK_DOWN]);
    add_number(wire, FIELD_WIRE_DATA_HEADERS, traffic->data_segments * HEADER_BYTES);
    add_number(wire, FIELD_WIRE_SEGMENTS_UP, traffic->segments[LINK_UP]);
    add_number(wire, FIELD_WIRE_SEGMENTS_DOWN, traffic->segments[LINK_DOWN]);
    add_number(wire, "connections_opened", traffic->opened);
    add_number(wire, "connections_closed", traffic->closed);
    return wire;
}

static void add_ledger(json_t *message, const struct crowd *crowd) {
    const struct recorder *recorder = &crowd->recorder;
    add_number(message, "subscribers", crowd->count);
#define SAY(name) add_number(message, #name, recorder->name);
    COUNTS_OF_THE_RECORDER(SAY)
#undef SAY
#define SAY(name) add_number(message, #name, 0);
    COUNTS_OF_THE_CLIENT(SAY) /* nothing breaks here; what there is comes below */
#undef SAY
    add_number(message, "requests", crowd->requests);
    add_number(message, "empty_responses", crowd->empty_responses);
    add_number(message, "missed", crowd->missed);
    add_number(message, FIELD_PAYLOAD_BYTES, recorder->payload_bytes);
    add_number(message, FIELD_CARRIED_PAYLOAD_BYTES, recorder->carried_payload_bytes);
    add_real(message, FIELD_AGE_INTEGRAL, recorder->age.integral);
    add_real(message, FIELD_AGE_SECONDS, recorder->age.seconds);
    add_real(message, FIELD_AGE_PEAK_SUM, recorder->age.peak_sum);
    add_number(message, FIELD_AGE_PEAKS, recorder->age.peaks);
}

static json_t *client_histograms(const struct crowd *crowd) {
    const struct recorder *recorder = &crowd->recorder;
    json_t *histograms = json_object();
    add_histogram(histograms, HISTOGRAM_DELIVERY_LATENCY, recorder->delivery_latency);
    add_histogram(histograms, HISTOGRAM_HANDLED_LATENCY, recorder->handled_latency);
    add_histogram(histograms, HISTOGRAM_CLIENT_QUEUE, recorder->client_queue);
    add_histogram(histograms, HISTOGRAM_SERVICE_LATENCY, recorder->service_latency);
    add_histogram(histograms, HISTOGRAM_ASK_WAIT, recorder->ask_wait);
    add_histogram(histograms, HISTOGRAM_CONNECT, crowd->connect);
    add_histogram(histograms, HISTOGRAM_ROUND_TRIP, crowd->round_trip);
    add_histogram(histograms, HISTOGRAM_REQUEST_LAG, crowd->request_lag);
    return histograms;
}

static json_t *client_report(const struct simulation *s, const struct crowd *crowd) {
    json_t *message = begin(s, "client", &crowd->host), *slots = json_array();
    add_number(message, FIELD_START_NS, (uint64_t)s->window.start_ns);
    add_number(message, FIELD_END_NS, (uint64_t)s->window.end_ns);
    add_number(message, FIELD_CONNECTED_NS, (uint64_t)crowd->connected_ns);
    add_real(message, FIELD_CONNECT_SECONDS, (double)histogram_max(crowd->connect) / NS_PER_SECOND);
    add_ledger(message, crowd);
    json_object_set_new(message, FIELD_WIRE, wire_report(&crowd->traffic));
    for (int i = 0; i < RECORDER_SLOTS; i++)
        json_array_append_new(slots,
                              json_pack("[I, f]", (json_int_t)crowd->recorder.slots[i].deliveries,
                                        crowd->recorder.slots[i].latency_seconds));
    json_object_set_new(message, FIELD_SLOTS, slots);
    json_object_set_new(message, FIELD_COUNTERS,
                        crowd->skipped == 0
                            ? json_object()
                            : json_pack("{s:I}", "polls_skipped", (json_int_t)crowd->skipped));
    json_object_set_new(message, FIELD_HISTOGRAMS, client_histograms(crowd));
    return message;
}

/* --- the link --------------------------------------------------------------------------------- */

static json_t *link_report(const struct simulation *s) {
    const struct network *network = &s->network;
    json_t *message = begin(s, "link", &(struct host){0});
    add_number(message, "link_frames", network->frames[LINK_DOWN] + network->frames[LINK_UP]);
    add_number(message, "link_bytes",
               network->frame_bytes[LINK_DOWN] + network->frame_bytes[LINK_UP]);
    add_number(message, "link_lost", network->lost);
    add_number(message, "link_dropped", network->dropped);
    add_number(message, "link_overrun", 0);
    add_number(message, "retransmissions", network->again);
    add_number(message, "radio_wakeups", network->radio_wakeups);
    add_real(message, FIELD_RADIO_AWAKE_SECONDS, (double)network->radio_awake_ns / NS_PER_SECOND);
    add_number(message, FIELD_RADIO_USERS, s->model->shares_lines ? UINT32_MAX : s->users);
    json_object_set_new(message, FIELD_CALIBRATION,
                        json_pack("[{s:s, s:f}]", FIELD_NAME, "round_trip_us", FIELD_GOT,
                                  (double)network->round_ns / NS_PER_US));
    json_object_set_new(message, FIELD_COUNTERS, json_object());
    return message;
}

void report_make(struct simulation *s, struct simulation_reports *reports) {
    *reports = (struct simulation_reports){
        .servers = json_array(),
        .clients = json_array(),
        .link = s->network.far ? link_report(s) : NULL,
        .seconds = (double)(s->engine.now_ns - s->publish_ns) / NS_PER_SECOND,
        .fired = s->engine.fired,
    };
    for (int i = 0; i < s->services_count; i++)
        json_array_append_new(reports->servers, server_report(s, &s->services[i]));
    for (int i = 0; i < s->crowds_count; i++)
        json_array_append_new(reports->clients, client_report(s, &s->crowds[i]));
}

/* What every load-generating client has: see client.h. The order of this file: options, the measured
 * window, the drain, the report, the start, a client's life. The subscribers are in subscriber.c. */
#include "harness/client.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/log.h"
#include "base/memory.h"
#include "harness/report.h"
#include "model/conversation.h"
#include "model/cursor.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TICK_MS 50
#define WIRE_STEP 128 /* sockets asked for their figures in one turn of the loop */

/* --- options ---------------------------------------------------------------------------------- */

#define AT(field) offsetof(struct client_config, field)

static const struct option client_options[] = {
    {KEY_SERVERS, OPTION_TEXT, AT(servers), "127.0.0.1:8080",
     .help = "HOST:PORT of each server, separated by commas; subscribers are dealt out over them"},
    {KEY_SUBSCRIBERS, OPTION_INTEGER, AT(subscribers), "1", 1, 1000000,
     .help = "simulated users in this process"},
    {KEY_FIRST_SUBSCRIBER, OPTION_INTEGER, AT(first_subscriber), "0", 0, 1000000,
     .help = "number of the first of them, when several processes share the load"},
    {"connect_concurrency", OPTION_INTEGER, AT(connect_concurrency), "64", 1, 4096,
     .help = "how many subscribers connect at the same time"},
    {"kernel_stamps", OPTION_SWITCH, AT(kernel_stamps), "on",
     .help = "take the arrival of events from the kernel's receive stamps; off: it is when this "
             "client has them"},
    {KEY_SECONDS, OPTION_NUMBER, AT(seconds), "5", 0.1, 86400, .unit = "s",
     .help = "how long to measure when no runner is in charge"},
    {KEY_JSON, OPTION_FLAG, AT(json), NULL,
     .help = "print lines of JSON on a terminal as well, instead of a table"},
    {NULL},
};

static struct client *client_of(struct program *program) {
    return list_entry(program, struct client, program);
}

/* --- the window ------------------------------------------------------------------------------- */

static void on_wire_walk(uv_idle_t *idle) {
    struct client *c = list_entry(idle, struct client, wire_walk);
    bool ended = c->program.at_end.at_ns != 0;
    if (!wire_step(&c->meter, ended ? WIRE_AFTER : WIRE_INSIDE, WIRE_STEP)) uv_idle_stop(idle);
}

static void on_measure(struct program *program) {
    struct client *c = client_of(program);
    recorder_window(&c->subscribers.recorder, program->start_ns, program->end_ns);
}

static void walk_sockets(struct client *c) {
    if (!c->program.stopping) uv_idle_start(&c->wire_walk, on_wire_walk);
}

static void on_open(struct program *program) {
    struct client *c = client_of(program);
    recorder_open_books(&c->subscribers.recorder, program->at_start.at_ns);
    walk_sockets(c);
}

static void on_close(struct program *program) {
    struct client *c = client_of(program);
    recorder_close_books(&c->subscribers.recorder, program->at_end.at_ns);
    walk_sockets(c);
}

static void report_quantile_us(json_t *message, const char *name, const struct histogram *histogram,
                               double quantile) {
    json_object_set_new(message, name,
                        json_real((double)histogram_quantile(histogram, quantile) / NS_PER_US));
}

/* By hand nobody else is there to lose patience: half a minute, and longer for many. */
static void lose_patience(struct client *c, int64_t now_ns) {
    int64_t patience_ns =
        (CONNECT_SECONDS + c->config.subscribers / CONNECTS_PER_SECOND) * NS_PER_SECOND;
    if (c->program.config.supervised || c->connected_ns != 0) return;
    if (now_ns - c->connecting_since_ns > patience_ns)
        program_give_up(&c->program,
                        "not all subscribers could connect in time: what went wrong stands above");
}

static void on_tick(struct program *program, int64_t now_ns) {
    struct client *c = client_of(program);
    c->network.realtime_offset_ns = clock_realtime_offset_ns();
    subscribers_retry(&c->subscribers, now_ns);
}

/* For somebody who looks on: what was counted since the window opened. */
static void report_totals(json_t *tick, const struct client *c) {
    const struct client_counters *counters = &c->subscribers.counters;
    struct wire_meter so_far = wire_so_far(&c->meter);
    report_number(tick, "total_requests", counters->requests);
    report_number(tick, "total_empty_responses", counters->empty_responses);
    report_number(tick, "total_reconnects", counters->reconnects);
    report_number(tick, "total_bytes", wire_bytes_out(&so_far) + wire_bytes_in(&so_far));
    report_number(tick, "total_segments", so_far.total.segments_out + so_far.total.segments_in);
}

static void on_second(struct program *program, json_t *tick) {
    struct client *c = client_of(program);
    struct histogram *latency = c->subscribers.recorder.tick_latency;
    int64_t now_ns = clock_now_ns();
    subscribers_check_deadlines(&c->subscribers, now_ns);
    lose_patience(c, now_ns);
    report_number(tick, "deliveries", histogram_count(latency));
    if (histogram_count(latency) > 0) { /* of this second: a point of a series, not the metric */
        report_quantile_us(tick, "delivery_latency_p50_us", latency, 0.50);
        report_quantile_us(tick, "delivery_latency_p99_us", latency, 0.99);
    }
    histogram_reset(latency);
    if (c->network.trace_ms > 0) report_totals(tick, c);
}

/* Everyone is subscribed. Under a runner that is news for it; by hand the window opens now. */
static void all_up(struct subscribers *subscribers) {
    struct client *c = list_entry(subscribers, struct client, subscribers);
    struct program *program = &c->program;
    c->connected_ns = clock_now_ns();
    program->counts_troubles = true;
    program->resident_connected = resources_resident_bytes();
    json_t *message = program_message(program, MESSAGE_CONNECTED);
    report_number(message, "subscribers", subscribers->count);
    report_seconds(message, "seconds", c->connected_ns - c->connecting_since_ns);
    report_seconds(message, FIELD_SETTLE_SECONDS, c->settle_ns);
    report_number(message, "resident_bytes", (uint64_t)program->resident_connected);
    program_say(program, message);
    if (c->strategy->ready != NULL) c->strategy->ready(c);
    if (program->config.supervised) return;
    int64_t start_ns = clock_now_ns() + c->settle_ns;
    program_measure(program, start_ns, start_ns + (int64_t)(c->config.seconds * NS_PER_SECOND));
    /* By hand nobody knows what was published. */
    pacer_arm(&c->deadline, program->end_ns + NS_PER_SECOND);
}

/* --- the drain -------------------------------------------------------------------------------- */

static void say_drained(struct client *c, bool complete) {
    if (c->drained) return;
    c->drained = true;
    c->draining = false;
    c->program.counts_troubles = false;
    json_t *message = program_message(&c->program, MESSAGE_DRAINED);
    report_number(message, "deliveries", c->subscribers.recorder.deliveries);
    json_object_set_new(message, "complete", json_boolean(complete));
    program_say(&c->program, message);
}

static void delivered(struct subscribers *subscribers) {
    struct client *c = list_entry(subscribers, struct client, subscribers);
    if (c->draining && subscribers->recorder.deliveries >= c->drain_expected) say_drained(c, true);
}

static void drain(struct client *c, uint64_t first, uint64_t last, int64_t until_ns) {
    c->drain_expected = last >= first && first > 0 ? (last - first + 1) * c->subscribers.count : 0;
    c->draining = true;
    if (c->subscribers.recorder.deliveries >= c->drain_expected)
        say_drained(c, true);
    else
        pacer_arm(&c->deadline, until_ns);
}

/* The drain has lasted long enough. By hand that is the end; a runner decides for itself. */
static void at_deadline(struct pacer *pacer) {
    struct client *c = list_entry(pacer, struct client, deadline);
    if (c->program.config.supervised)
        say_drained(c, false);
    else
        program_stop(&c->program);
}

static bool on_command(struct program *program, const char *word, const int64_t *numbers,
                       int count) {
    struct client *c = client_of(program);
    if (strcmp(word, COMMAND_DRAIN) == 0 && count == 3)
        drain(c, (uint64_t)numbers[0], (uint64_t)numbers[1], numbers[2]);
    else if (strcmp(word, COMMAND_PAUSE) == 0 && count == 1 && numbers[0] >= 0 &&
             numbers[0] <= STALL_MAX_MS)
        network_pause(&c->network, numbers[0] * NS_PER_MS);
    else
        return false;
    return true;
}

/* --- the report ------------------------------------------------------------------------------- */

static json_t *wire_report(const struct client *c) {
    const struct wire_meter *meter = &c->meter;
    json_t *wire = json_object();
    report_number(wire, FIELD_WIRE_BYTES_UP, wire_bytes_out(meter));
    report_number(wire, FIELD_WIRE_BYTES_DOWN, wire_bytes_in(meter));
    report_number(wire, FIELD_WIRE_DATA_UP, meter->total.bytes_out);
    report_number(wire, FIELD_WIRE_DATA_DOWN, meter->total.bytes_in);
    report_number(wire, FIELD_WIRE_DATA_HEADERS, wire_data_header_bytes(meter));
    report_number(wire, FIELD_WIRE_SEGMENTS_UP, meter->total.segments_out);
    report_number(wire, FIELD_WIRE_SEGMENTS_DOWN, meter->total.segments_in);
    report_number(wire, "port", (uint64_t)c->wire_port);
    report_number(wire, "connections_opened", meter->opened);
    report_number(wire, "connections_closed", meter->closed);
    report_number(wire, "sockets_missed", meter->missed);
    return wire;
}

static void report_ledger(const struct subscribers *subscribers, json_t *message) {
    const struct recorder *recorder = &subscribers->recorder;
    const struct client_counters *counters = &subscribers->counters;
    report_number(message, "subscribers", subscribers->count);
#define SAY(name) report_number(message, #name, recorder->name);
    COUNTS_OF_THE_RECORDER(SAY)
#undef SAY
#define SAY(name) report_number(message, #name, counters->name);
    COUNTS_OF_THE_CLIENT(SAY)
#undef SAY
    report_number(message, FIELD_PAYLOAD_BYTES, recorder->payload_bytes);
    report_number(message, FIELD_CARRIED_PAYLOAD_BYTES, recorder->carried_payload_bytes);
    json_object_set_new(message, FIELD_AGE_INTEGRAL, json_real(recorder->age.integral));
    json_object_set_new(message, FIELD_AGE_SECONDS, json_real(recorder->age.seconds));
    json_object_set_new(message, FIELD_AGE_PEAK_SUM, json_real(recorder->age.peak_sum));
    report_number(message, FIELD_AGE_PEAKS, recorder->age.peaks);
}

static json_t *slots_report(const struct recorder *recorder) {
    json_t *slots = json_array();
    for (int i = 0; i < RECORDER_SLOTS; i++)
        json_array_append_new(slots, json_pack("[I, f]", (json_int_t)recorder->slots[i].deliveries,
                                               recorder->slots[i].latency_seconds));
    return slots;
}

static json_t *histograms_report(const struct client *c) {
    const struct recorder *recorder = &c->subscribers.recorder;
    json_t *histograms = json_object();
    report_histogram(histograms, HISTOGRAM_DELIVERY_LATENCY, recorder->delivery_latency);
    report_histogram(histograms, HISTOGRAM_HANDLED_LATENCY, recorder->handled_latency);
    report_histogram(histograms, HISTOGRAM_CLIENT_QUEUE, recorder->client_queue);
    report_histogram(histograms, HISTOGRAM_SERVICE_LATENCY, recorder->service_latency);
    report_histogram(histograms, HISTOGRAM_ASK_WAIT, recorder->ask_wait);
    report_histogram(histograms, HISTOGRAM_CONNECT, c->subscribers.connect_time);
    report_histogram(histograms, HISTOGRAM_LOOP_LAG, c->program.watch.lag);
    report_histogram(histograms, HISTOGRAM_ROUND_TRIP, c->round_trip);
    report_histogram(histograms, HISTOGRAM_REQUEST_LAG, c->request_lag);
    return histograms;
}

static void on_report(struct program *program, json_t *message) {
    struct client *c = client_of(program);
    struct recorder *recorder = &c->subscribers.recorder;
    json_t *counters = json_object();
    while (wire_step(&c->meter, WIRE_AFTER, WIRE_STEP)) continue;
    for (uint32_t i = 0; i < c->subscribers.count; i++)
        recorder_settle(recorder, &subscriber_find(&c->subscribers, i)->account);
    json_object_set_new(message, "congestion_control", json_string(c->network.congestion_control));
    report_number(message, FIELD_START_NS, (uint64_t)program->start_ns);
    report_number(message, FIELD_END_NS, (uint64_t)program->end_ns);
    report_number(message, FIELD_CONNECTED_NS, (uint64_t)c->connected_ns);
    report_seconds(message, FIELD_CONNECT_SECONDS,
                   c->connected_ns == 0 ? 0 : c->connected_ns - c->connecting_since_ns);
    report_ledger(&c->subscribers, message);
    json_object_set_new(message, FIELD_WIRE, wire_report(c));
    json_object_set_new(message, FIELD_SLOTS, slots_report(recorder));
    if (c->strategy->report != NULL) c->strategy->report(c, counters);
    json_object_set_new(message, FIELD_COUNTERS, counters);
    json_object_set_new(message, FIELD_HISTOGRAMS, histograms_report(c));
    program_say_trace(program);
}

/* The report once more, for a person. */
static double milliseconds(const struct histogram *histogram, double quantile) {
    return (double)histogram_quantile(histogram, quantile) / NS_PER_MS;
}

static void print_latency(const char *what, const struct histogram *latency) {
    printf("%-16s p50 %.3f ms, p90 %.3f ms, p99 %.3f ms, max %.3f ms\n", what,
           milliseconds(latency, 0.5), milliseconds(latency, 0.9), milliseconds(latency, 0.99),
           (double)histogram_max(latency) / NS_PER_MS);
}

static void print_summary(const struct client *c) {
    const struct recorder *recorder = &c->subscribers.recorder;
    double deliveries = (double)recorder->deliveries, seconds = c->config.seconds;
    double bytes = (double)(wire_bytes_out(&c->meter) + wire_bytes_in(&c->meter));
    printf("%-16s %u, for %g s\n", "subscribers", c->subscribers.count, seconds);
    printf("%-16s %.0f, %.4g per second; duplicates %llu, out of order %llu\n", "deliveries",
           deliveries, deliveries / seconds, (unsigned long long)recorder->duplicates,
           (unsigned long long)recorder->reordered);
    if (deliveries == 0) return;
    print_latency("latency", recorder->delivery_latency);
    print_latency("... handled here", recorder->handled_latency);
    printf("%-16s %.0f bytes per delivery, both ways, TCP and IP headers included\n", "on the wire",
           bytes / deliveries);
    printf("%-16s --json prints all figures\n", "");
}

static void on_stop(struct program *program) {
    struct client *c = client_of(program);
    if (program->silent) print_summary(c);
    subscribers_stop(&c->subscribers);
    if (c->strategy->stop != NULL) c->strategy->stop(c);
    pacer_close(&c->deadline);
    uv_close((uv_handle_t *)&c->wire_walk, NULL);
}

static const struct program_handler program_handler = {
    .role = "client",
    .commands = "measure, drain, pause, stop",
    .tick_ms = TICK_MS,
    .command = on_command,
    .measure = on_measure,
    .open = on_open,
    .close = on_close,
    .tick = on_tick,
    .second = on_second,
    .report = on_report,
    .stop = on_stop,
};

/* --- where the servers are -------------------------------------------------------------------- */

/* A name or an address, IPv6 in brackets, and a port. Returns false when it is something else. */
static bool parse_server(char *text, struct server_address *server) {
    char *colon = strrchr(text, ':'), *host = text;
    uint64_t port;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found;
    if (colon == NULL || !cursor_number(colon + 1, strlen(colon + 1), &port)) return false;
    if (port < 1 || port > 65535) return false;
    server->host = xstrdup(text);
    *colon = '\0';
    if (host[0] == '[' && colon > host + 1 && colon[-1] == ']') {
        colon[-1] = '\0';
        host++;
    } else if (strchr(host, ':') != NULL) {
        return false;
    }
    if (strcmp(host, "localhost") == 0) host = "127.0.0.1"; /* ours listen there by default */
    if (*host == '\0' || getaddrinfo(host, colon + 1, &hints, &found) != 0) return false;
    memcpy(&server->name, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return true;
}

/* Reads "HOST:PORT[,HOST:PORT...]". */
static void parse_servers(struct subscribers *subscribers, const char *list) {
    char *text = xstrdup(list), *rest = text, *part;
    while ((part = strsep(&rest, ",")) != NULL) {
        int count = subscribers->server_count;
        if (count == SERVERS_MAX || !parse_server(part, &subscribers->servers[count]))
            die(2,
                "--servers wants HOST:PORT[,HOST:PORT...], at most %d of them, e.g. "
                "127.0.0.1:8080 or [::1]:8080, with names that can be found, not \"%s\"",
                SERVERS_MAX, list);
        subscribers->server_count++;
    }
    free(text);
}

static void find_servers(struct client *c) {
    parse_servers(&c->subscribers, c->config.servers);
    const struct sockaddr_storage *first = &c->subscribers.servers[0].name;
    bool six = first->ss_family == AF_INET6;
    if (six) c->meter.ip_header_bytes = WIRE_IPV6_BYTES;
    c->wire_port = ntohs(six ? ((const struct sockaddr_in6 *)first)->sin6_port
                             : ((const struct sockaddr_in *)first)->sin_port);
}

/* --- its life --------------------------------------------------------------------------------- */

static void read_options(struct client *c, int argc, char **argv) {
    const struct client_strategy *strategy = c->strategy;
    char *program = xasprintf("%s_client", strategy->name);
    char *summary =
        xasprintf("Simulates users that receive events by %s, and measures.", strategy->name);
    struct option_set options = {
        program,
        summary,
        {
            {client_options, &c->config},
            {program_options, &c->program.config},
            {network_options, &c->network},
            {strategy->options, c},
        },
    };
    log_open(program);
    options_parse(&options, argc, argv);
    free(summary);
    free(program);
}

static void check_file_limit(const struct client *c) {
    int64_t limit = resources_raise_file_limit();
    if (c->config.subscribers + 64 <= limit) return;
    die(1,
        "%lld subscribers need more open files than the %lld this process may have; use more "
        "client processes, or raise the limit (ulimit -Hn)",
        (long long)c->config.subscribers, (long long)limit);
}

static void give_up(struct subscribers *subscribers, const char *reason) {
    program_give_up(subscribers->program, reason);
}

static void make_subscribers(struct client *c) {
    struct subscribers *subscribers = &c->subscribers;
    subscribers->handler = (struct subscribers_handler){
        .subscribe = c->strategy->subscribe,
        .unsubscribe = c->strategy->unsubscribe,
        .all_up = all_up,
        .delivered = delivered,
        .give_up = give_up,
    };
    subscribers->program = &c->program;
    subscribers->network = &c->network;
    find_servers(c);
    subscribers_make(subscribers, (uint32_t)c->config.subscribers, c->strategy->subscriber_size,
                     (uint32_t)c->config.first_subscriber, (uint32_t)c->config.connect_concurrency);
}

struct client *client_new(const struct client_strategy *strategy, uv_loop_t *loop, int argc,
                          char **argv) {
    struct client *c = xcalloc(1, strategy->size > 0 ? strategy->size : sizeof(*c));
    c->strategy = strategy;
    wire_meter_init(&c->meter);
    network_init(&c->network, loop, &c->meter);
    read_options(c, argc, argv);
    network_start(&c->network);
    c->program.trace = c->network.trace;
    c->program.trace_ms = c->network.trace_ms;
    program_init(&c->program, &program_handler, strategy->name, loop, argc, argv);
    c->program.silent =
        !c->program.config.supervised && !c->config.json && isatty(STDOUT_FILENO) == 1;
    check_file_limit(c);
    c->network.stamps = c->config.kernel_stamps;
    c->network.realtime_offset_ns = clock_realtime_offset_ns();
    c->round_trip = histogram_new();
    c->request_lag = histogram_new();
    make_subscribers(c);
    c->subscribers.recorder.stamps = c->config.kernel_stamps;
    uv_idle_init(loop, &c->wire_walk);
    if (pacer_init(&c->deadline, loop, at_deadline) != 0) die(1, "cannot go on without a timer");
    return c;
}

void client_start(struct client *c) {
    int error = c->strategy->start != NULL ? c->strategy->start(c) : 0;
    if (error == 0) error = program_start(&c->program, program_message(&c->program, MESSAGE_READY));
    if (error != 0) die(1, "cannot start: %s", uv_strerror(error));
    c->connecting_since_ns = clock_now_ns();
    subscribers_connect(&c->subscribers);
}

int client_free(struct client *c) {
    subscribers_free(&c->subscribers);
    histogram_free(c->round_trip);
    histogram_free(c->request_lag);
    network_free(&c->network);
    int status = program_free(&c->program);
    free(c);
    return status;
}

int client_main(int argc, char **argv, const struct client_strategy *strategy) {
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct client *client = client_new(strategy, &loop, argc, argv);
    client_start(client);
    uv_run(&loop, UV_RUN_DEFAULT);
    return program_end_loop(&loop, client_free(client));
}

/* What every load-generating client has: see client.h. The order of this file is a client's life:
 * options, the measured window, the drain, the report, the end. The subscribers are in subscriber.c. */
#include "harness/client_internal.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/resources.h"
#include "harness/control.h"
#include "harness/report.h"
#include "net/http/message.h"
#include "net/pacer.h"

#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICK_MS 50
#define TICKS_A_SECOND 20
#define LAG_PROBE_NS (10 * NS_PER_MS)
#define WIRE_STEP 128 /* sockets asked for their figures in one turn of the loop */
#define SERVERS_MAX 64
#define CONNECT_SECONDS 30
#define CONNECTS_PER_SECOND 200 /* slower than that is a failure */

/* --- options ----------------------------------------------------------------------------------- */

static struct {
    const char *servers;
    int64_t subscribers, first_subscriber, connect_concurrency, seed;
    double seconds;
    bool supervised, kernel_stamps;
} config;

static const struct option common_options[] = {
    {"servers", OPTION_TEXT, &config.servers, "127.0.0.1:8080",
     .help = "HOST:PORT of each server, separated by commas; subscribers are dealt out over them"},
    {"subscribers", OPTION_INTEGER, &config.subscribers, "1", 1, 1000000,
     .help = "simulated users in this process"},
    {"first_subscriber", OPTION_INTEGER, &config.first_subscriber, "0", 0, 1000000,
     .help = "number of the first of them, when several processes share the load"},
    {"connect_concurrency", OPTION_INTEGER, &config.connect_concurrency, "64", 1, 4096,
     .help = "how many subscribers connect at the same time"},
    {"kernel_stamps", OPTION_SWITCH, &config.kernel_stamps, "on",
     .help = "tell the time in this client's queue apart by the kernel's receive stamps, on a "
             "sixteenth of the connections"},
    {"seconds", OPTION_NUMBER, &config.seconds, "5", 0.1, 86400, .unit = "s",
     .help = "how long to measure when no runner is in charge"},
    {"seed", OPTION_INTEGER, &config.seed, "1", 0, 9e15, .help = "seed of everything random"},
    {"supervised", OPTION_FLAG, &config.supervised, NULL,
     .help = "take commands on stdin: a runner is in charge"},
    {NULL},
};

/* --- state ------------------------------------------------------------------------------------- */

static struct client client;
static int64_t connecting_since_ns, connected_ns;

static int64_t start_ns, end_ns; /* the window */
static struct resources at_start, at_end, last_tick;
static struct pacer *boundary, *lag_probe, *deadline; /* window edge; loop lag; end of the drain */
static int64_t lag_probe_due_ns;
static uv_idle_t wire_walk; /* asks the sockets for their figures, a few each turn of the loop */
static uv_timer_t ticker;
static uv_signal_t interrupt, terminate;
static int ticks;
static int argument_count; /* the command line, for the report */
static char **arguments;
static int64_t resident_ready, resident_connected;
static uint64_t drain_expected;
static bool draining, drained;
static bool gave_up;
static uv_async_t giving_up; /* stops from the loop, not from inside a subscriber's callback */
static struct histogram *loop_lag;
static json_t *troubles; /* counts, from when all are up until the drain has ended */

bool client_measuring(const struct client *c) {
    (void)c;
    int64_t now = clock_now_ns();
    return now >= start_ns && now < end_ns;
}

void client_count(struct client *c, uint64_t *counter) {
    if (client_measuring(c)) ++*counter;
}

void client_trouble(struct client *c, const char *name, uint64_t *counter, uint64_t times) {
    if (client_measuring(c)) *counter += times;
    if (connected_ns != 0 && !drained) report_add(troubles, name, times);
}

/* --- the window -------------------------------------------------------------------------------- */

static void on_wire_walk(uv_idle_t *idle) {
    bool ended = at_end.at_ns != 0;
    if (!wire_step(&client.meter, ended ? WIRE_AFTER : WIRE_INSIDE, WIRE_STEP)) uv_idle_stop(idle);
}

/* At the start of the window, and again at its end. */
static void at_boundary(void *data) {
    (void)data;
    if (at_start.at_ns == 0) resources_sample(&at_start);
    if (clock_now_ns() < end_ns)
        pacer_arm(boundary, end_ns);
    else
        resources_sample(&at_end);
    uv_idle_start(&wire_walk, on_wire_walk);
}

/* How late the loop comes to what is due: the client's own share of every latency it measures. */
static void probe_lag(void *data) {
    (void)data;
    int64_t now = clock_now_ns();
    if (now >= start_ns && now < end_ns) histogram_record(loop_lag, now - lag_probe_due_ns);
    if (now >= end_ns || client.stopping) return;
    while (lag_probe_due_ns <= now) lag_probe_due_ns += LAG_PROBE_NS;
    pacer_arm(lag_probe, lag_probe_due_ns);
}

static void measure(int64_t from_ns, int64_t to_ns) {
    start_ns = from_ns;
    end_ns = to_ns;
    recorder_window(&client.recorder, from_ns, to_ns);
    pacer_arm(boundary, from_ns);
    lag_probe_due_ns = from_ns;
    pacer_arm(lag_probe, lag_probe_due_ns);
}

static void send_tick(void) {
    struct resources now;
    struct histogram *latency = client.recorder.tick_latency;
    resources_sample(&now);
    if (config.supervised && start_ns != 0) {
        json_t *message = report_message("tick", "client", client.strategy->name);
        json_object_set_new(message, "t_ms", json_integer((now.at_ns - start_ns) / NS_PER_MS));
        report_number(message, "deliveries", histogram_count(latency));
        if (histogram_count(latency) > 0) {
            json_object_set_new(message, "delivery_latency_p50_us",
                                json_real((double)histogram_quantile(latency, 0.50) / NS_PER_US));
            json_object_set_new(message, "delivery_latency_p99_us",
                                json_real((double)histogram_quantile(latency, 0.99) / NS_PER_US));
        }
        json_object_set_new(message, "cpu_utilisation",
                            json_real(report_utilisation(&last_tick, &now)));
        control_send(message);
    }
    histogram_reset(latency);
    last_tick = now;
}

/* By hand nobody else is there to lose patience: half a minute, and longer for many. */
static int64_t patience_ns(void) {
    return (CONNECT_SECONDS + config.subscribers / CONNECTS_PER_SECOND) * NS_PER_SECOND;
}

static void on_tick(uv_timer_t *timer) {
    int64_t now = clock_now_ns();
    (void)timer;
    subscribers_retry(now);
    if (++ticks % TICKS_A_SECOND != 0) return;
    client.network.realtime_offset_ns = clock_realtime_offset_ns();
    subscribers_check_deadlines(now);
    if (!config.supervised && connected_ns == 0 && now - connecting_since_ns > patience_ns())
        client_give_up("not all subscribers could connect in time: what went wrong stands above");
    send_tick();
}

/* Everyone is subscribed. Under a runner that is news for it; by hand the window opens now. */
void client_everyone_is_up(void) {
    connected_ns = clock_now_ns();
    resident_connected = resources_resident_bytes();
    json_t *message = report_message("connected", "client", client.strategy->name);
    report_number(message, "subscribers", client.subscriber_count);
    json_object_set_new(message, "seconds",
                        json_real((double)(connected_ns - connecting_since_ns) / NS_PER_SECOND));
    json_object_set_new(message, "settle_seconds",
                        json_real((double)client.settle_ns / NS_PER_SECOND));
    report_number(message, "resident_bytes", (uint64_t)resident_connected);
    control_send(message);
    if (client.strategy->ready != NULL) client.strategy->ready(&client);
    if (config.supervised) return;
    int64_t start = clock_now_ns() + client.settle_ns;
    measure(start, start + (int64_t)(config.seconds * NS_PER_SECOND));
    pacer_arm(deadline, end_ns + NS_PER_SECOND); /* by hand nobody knows what was published */
}

/* --- the drain --------------------------------------------------------------------------------- */

static void send_drained(bool complete) {
    if (drained) return;
    drained = true;
    draining = false;
    json_t *message = report_message("drained", "client", client.strategy->name);
    report_number(message, "deliveries", client.recorder.deliveries);
    json_object_set_new(message, "complete", json_boolean(complete));
    control_send(message);
}

void client_delivered(void) {
    if (draining && client.recorder.deliveries >= drain_expected) send_drained(true);
}

static void drain(uint64_t first, uint64_t last, int64_t until_ns) {
    drain_expected = last >= first && first > 0 ? (last - first + 1) * client.subscriber_count : 0;
    draining = true;
    if (client.recorder.deliveries >= drain_expected)
        send_drained(true);
    else
        pacer_arm(deadline, until_ns);
}

/* --- the report -------------------------------------------------------------------------------- */

static json_t *wire_report(void) {
    const struct wire_meter *meter = &client.meter;
    json_t *wire = json_object();
    report_number(wire, "bytes_up", wire_bytes_out(meter));
    report_number(wire, "bytes_down", wire_bytes_in(meter));
    report_number(wire, "data_up", meter->total.bytes_out);
    report_number(wire, "data_down", meter->total.bytes_in);
    report_number(wire, "segments_up", meter->total.segments_out);
    report_number(wire, "segments_down", meter->total.segments_in);
    report_number(wire, "port", (uint64_t)client.wire_port);
    report_number(wire, "connections_opened", meter->opened);
    report_number(wire, "connections_closed", meter->closed);
    report_number(wire, "sockets_missed", meter->missed);
    return wire;
}

static void report_ledger(json_t *message) {
    const struct recorder *recorder = &client.recorder;
    report_number(message, "subscribers", client.subscriber_count);
    report_number(message, "deliveries", recorder->deliveries);
    report_number(message, "duplicates", recorder->duplicates);
    report_number(message, "reordered", recorder->reordered);
    report_number(message, "malformed", recorder->malformed);
    report_number(message, "stamps_dropped", recorder->stamps_dropped);
    report_number(message, "payload_bytes", recorder->payload_bytes);
    report_number(message, "requests", client.counters.requests);
    report_number(message, "empty_responses", client.counters.empty_responses);
    report_number(message, "reconnects", client.counters.reconnects);
    report_number(message, "errors", client.counters.errors);
    report_number(message, "refusals", client.counters.refusals);
    report_number(message, "missed", client.counters.missed);
    report_number(message, "resets", client.counters.resets);
    json_object_set_new(message, "age_integral", json_real(recorder->age_integral));
    json_object_set_new(message, "age_seconds", json_real(recorder->age_seconds));
    json_object_set_new(message, "age_peak_sum", json_real(recorder->age_peak_sum));
    report_number(message, "age_peaks", recorder->age_peaks);
}

static json_t *slots_report(void) {
    json_t *slots = json_array();
    for (int i = 0; i < RECORDER_SLOTS; i++)
        json_array_append_new(slots,
                              json_pack("[I, f]", (json_int_t)client.recorder.slots[i].deliveries,
                                        client.recorder.slots[i].latency_seconds));
    return slots;
}

static json_t *histograms_report(void) {
    json_t *histograms = json_object();
    report_histogram(histograms, "delivery_latency", client.recorder.delivery_latency);
    report_histogram(histograms, "service_latency", client.recorder.service_latency);
    report_histogram(histograms, "ask_wait", client.recorder.ask_wait);
    report_histogram(histograms, "client_queue", client.recorder.client_queue);
    report_histogram(histograms, "connect", subscribers_connect_time());
    report_histogram(histograms, "loop_lag", loop_lag);
    report_histogram(histograms, "round_trip", client.round_trip);
    report_histogram(histograms, "request_lag", client.request_lag);
    return histograms;
}

static void send_report(void) {
    json_t *message = report_message("report", "client", client.strategy->name);
    json_t *counters = json_object();
    if (at_end.at_ns == 0) resources_sample(&at_end);
    if (at_start.at_ns == 0) at_start = at_end; /* stopped before it opened: an empty window */
    while (wire_step(&client.meter, WIRE_AFTER, WIRE_STEP)) continue;
    for (uint32_t i = 0; i < client.subscriber_count; i++)
        recorder_settle(&client.recorder, &client_subscriber(&client, i)->ledger);
    report_command(message, argument_count, arguments);
    report_resources(message, &at_start, &at_end);
    report_number(message, "start_ns", (uint64_t)start_ns);
    report_number(message, "end_ns", (uint64_t)end_ns);
    report_number(message, "resident_bytes_ready", (uint64_t)resident_ready);
    report_number(message, "resident_bytes_connected", (uint64_t)resident_connected);
    int64_t connecting_ns = connected_ns == 0 ? 0 : connected_ns - connecting_since_ns;
    json_object_set_new(message, "connect_seconds",
                        json_real((double)connecting_ns / NS_PER_SECOND));
    report_ledger(message);
    json_object_set_new(message, "wire", wire_report());
    json_object_set_new(message, "slots", slots_report());
    if (client.strategy->report != NULL) client.strategy->report(&client, counters);
    json_object_set_new(message, "counters", counters);
    json_object_set(message, "troubles", troubles);
    json_object_set_new(message, "histograms", histograms_report());
    control_send(message);
}

/* The report once more, for a person. */
static void log_summary(void) {
    struct histogram *latency = client.recorder.delivery_latency;
    double deliveries = (double)client.recorder.deliveries;
    log_info("%u subscriber%s, %.0f deliver%s in %g s", client.subscriber_count,
             client.subscriber_count == 1 ? "" : "s", deliveries, deliveries == 1 ? "y" : "ies",
             config.seconds);
    if (deliveries == 0) return;
    log_info("latency p50 %.3f ms, p99 %.3f ms, max %.3f ms",
             (double)histogram_quantile(latency, 0.5) / NS_PER_MS,
             (double)histogram_quantile(latency, 0.99) / NS_PER_MS,
             (double)histogram_max(latency) / NS_PER_MS);
    log_info("%.0f bytes on the wire a delivery; duplicates %llu, out of order %llu",
             (double)(wire_bytes_out(&client.meter) + wire_bytes_in(&client.meter)) / deliveries,
             (unsigned long long)client.recorder.duplicates,
             (unsigned long long)client.recorder.reordered);
}

/* --- the end ----------------------------------------------------------------------------------- */

static void stop(void) {
    if (client.stopping) return;
    client.stopping = true;
    send_report();
    if (!config.supervised) log_summary();
    subscribers_stop();
    if (client.strategy->stop != NULL) client.strategy->stop(&client);
    pacer_close(boundary);
    pacer_close(lag_probe);
    pacer_close(deadline);
    uv_close((uv_handle_t *)&wire_walk, NULL);
    uv_close((uv_handle_t *)&ticker, NULL);
    uv_close((uv_handle_t *)&giving_up, NULL);
    uv_close((uv_handle_t *)&interrupt, NULL);
    uv_close((uv_handle_t *)&terminate, NULL);
    control_stop();
}

/* By hand and under a runner alike: a sentence, and exit status 1. */
void client_give_up(const char *reason) {
    if (client.stopping || gave_up) return;
    gave_up = true;
    log_warn("%s", reason);
    if (config.supervised) {
        json_t *message = report_message("failed", "client", client.strategy->name);
        json_object_set_new(message, "message", json_string(reason));
        control_send(message);
    }
    uv_async_send(&giving_up);
}

static void on_giving_up(uv_async_t *handle) {
    (void)handle;
    stop();
}

/* The drain has lasted long enough. By hand that is the end; a runner decides for itself. */
static void at_deadline(void *data) {
    (void)data;
    if (config.supervised)
        send_drained(false);
    else
        stop();
}

static void on_signal(uv_signal_t *handle, int number) {
    (void)handle;
    (void)number;
    stop();
}

static void on_command(void *data, const char *word, const int64_t *numbers, int count) {
    (void)data;
    if (strcmp(word, "measure") == 0 && count == 2)
        measure(numbers[0], numbers[1]);
    else if (strcmp(word, "drain") == 0 && count == 3)
        drain((uint64_t)numbers[0], (uint64_t)numbers[1], numbers[2]);
    else if (strcmp(word, "stop") == 0)
        stop();
    else
        log_warn("no such command: %s (measure, drain, stop)", word);
}

/* --- the start --------------------------------------------------------------------------------- */

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
static void parse_servers(void) {
    char *text = xstrdup(config.servers), *rest = text, *part;
    client.servers = xcalloc(SERVERS_MAX, sizeof *client.servers);
    while ((part = strsep(&rest, ",")) != NULL) {
        if (client.server_count == SERVERS_MAX ||
            !parse_server(part, &client.servers[client.server_count]))
            die(2,
                "--servers wants HOST:PORT[,HOST:PORT...], at most %d of them, e.g. "
                "127.0.0.1:8080 or [::1]:8080, with names that can be found, not \"%s\"",
                SERVERS_MAX, config.servers);
        client.server_count++;
    }
    free(text);
    const struct sockaddr_storage *first = &client.servers[0].name;
    if (first->ss_family == AF_INET6) client.meter.ip_header_bytes = WIRE_IPV6_BYTES;
    client.wire_port =
        ntohs(first->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)first)->sin6_port
                                           : ((const struct sockaddr_in *)first)->sin_port);
}

static void make_handles(void) {
    boundary = pacer_new(&client.loop, at_boundary, NULL);
    lag_probe = pacer_new(&client.loop, probe_lag, NULL);
    deadline = pacer_new(&client.loop, at_deadline, NULL);
    if (boundary == NULL || lag_probe == NULL || deadline == NULL)
        die(1, "cannot go on without a timer");
    uv_idle_init(&client.loop, &wire_walk);
    uv_async_init(&client.loop, &giving_up, on_giving_up);
    uv_timer_init(&client.loop, &ticker);
    uv_timer_start(&ticker, on_tick, TICK_MS, TICK_MS);
    uv_signal_init(&client.loop, &interrupt);
    uv_signal_init(&client.loop, &terminate);
    uv_signal_start(&interrupt, on_signal, SIGINT);
    uv_signal_start(&terminate, on_signal, SIGTERM);
}

static void init(const struct client_strategy *strategy) {
    uv_loop_init(&client.loop);
    wire_meter_init(&client.meter);
    network_init(&client.network, &client.loop, &client.meter);
    client.network.stamps = config.kernel_stamps;
    client.network.realtime_offset_ns = clock_realtime_offset_ns();
    recorder_init(&client.recorder);
    loop_lag = histogram_new();
    troubles = json_object();
    client.round_trip = histogram_new();
    client.request_lag = histogram_new();
    client.strategy = strategy;
    client.seed = (uint64_t)config.seed;
    parse_servers();
    client.subscriber_count = (uint32_t)config.subscribers;
    subscribers_make(&client, (uint32_t)config.first_subscriber,
                     (uint32_t)config.connect_concurrency);
    make_handles();
}

static void check_file_limit(void) {
    int64_t limit = resources_raise_file_limit();
    if (config.subscribers + 64 <= limit) return;
    die(1,
        "%lld subscribers need more open files than the %lld this process may have; use more "
        "client processes, or raise the limit (ulimit -Hn)",
        (long long)config.subscribers, (long long)limit);
}

static void announce(void) {
    json_t *message = report_message("ready", "client", client.strategy->name);
    resident_ready = resources_resident_bytes();
    report_number(message, "pid", (uint64_t)uv_os_getpid());
    report_number(message, "resident_bytes", (uint64_t)resident_ready);
    control_send(message);
}

static int finish(void) {
    subscribers_free();
    for (int i = 0; i < client.server_count; i++) free(client.servers[i].host);
    free(client.servers);
    recorder_free(&client.recorder);
    histogram_free(loop_lag);
    json_decref(troubles);
    histogram_free(client.round_trip);
    histogram_free(client.request_lag);
    network_free(&client.network);
    http_message_free_spares();
    int error = uv_loop_close(&client.loop);
    if (error != 0) log_error("something is still open at the end: %s", uv_strerror(error));
    return error == 0 && !gave_up ? 0 : 1;
}

int client_main(int argc, char **argv, const struct client_strategy *strategy) {
    char *program = xasprintf("%s_client", strategy->name);
    char *summary =
        xasprintf("Simulates users that receive events by %s, and measures.", strategy->name);
    struct option_set options = {program, summary, {common_options, strategy->options}};
    log_open(program);
    options_parse(&options, argc, argv);
    if (config.supervised) control_supervised("client", strategy->name);
    argument_count = argc;
    arguments = argv;
    signal(SIGPIPE, SIG_IGN);
    check_file_limit();
    init(strategy);
    int error = strategy->start != NULL ? strategy->start(&client) : 0;
    if (error == 0 && config.supervised) error = control_start(&client.loop, on_command, NULL);
    if (error != 0) die(1, "cannot start: %s", uv_strerror(error));
    announce();
    resources_sample(&last_tick);
    connecting_since_ns = clock_now_ns();
    subscribers_connect();
    uv_run(&client.loop, UV_RUN_DEFAULT);
    int status = finish();
    free(summary);
    free(program);
    return status;
}

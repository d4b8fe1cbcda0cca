/* What every server has: see server.h. The order of this file is a server's life: options, start,
 * publishing, the measured window, the report, the end. */
#include "harness/server.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/resources.h"
#include "base/utf8.h"
#include "harness/control.h"
#include "harness/fault.h"
#include "harness/report.h"
#include "model/event.h"
#include "model/histogram.h"
#include "model/schedule.h"
#include "net/http/message.h"
#include "net/pacer.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICK_MS 100
#define TICKS_A_SECOND 10
#define BURST_EVENTS 256 /* published at most before the sockets get their turn again */

/* --- options ----------------------------------------------------------------------------------- */

static struct {
    const char *address, *arrivals, *pacing, *allow_origin;
    int64_t port, payload_bytes, feed_events, seed;
    double events_per_second, ramp_to, ramp_seconds;
    bool supervised;
} config;

static const struct option common_options[] = {
    {"address", OPTION_TEXT, &config.address, "127.0.0.1", .help = "address to listen on"},
    {"port", OPTION_INTEGER, &config.port, "0", 0, 65535,
     .help = "port to listen on; 0: any free one"},
    {"events_per_second", OPTION_NUMBER, &config.events_per_second, "1", 0, 1e6, .unit = "events/s",
     .help = "rate of publication; 0: only what is sent to POST /publish"},
    {"arrivals", OPTION_CHOICE, &config.arrivals, "constant", .choices = "constant|poisson",
     .help = "gaps between events: all alike, or exponential"},
    {"ramp_to", OPTION_NUMBER, &config.ramp_to, "0", 0, 1e6, .unit = "events/s",
     .help = "let the rate change evenly to this one; 0: it stays as it is"},
    {"ramp_seconds", OPTION_NUMBER, &config.ramp_seconds, "10", 0.1, 86400, .unit = "s",
     .help = "how long that takes"},
    {"payload_bytes", OPTION_INTEGER, &config.payload_bytes, "100", 0, EVENT_PAYLOAD_MAX,
     .unit = "bytes", .help = "size of each event's payload"},
    {"feed_events", OPTION_INTEGER, &config.feed_events, "1024", 1, 1 << 24, .unit = "events",
     .help = "how many of the newest events the server keeps"},
    {"pacing", OPTION_CHOICE, &config.pacing, "timer", .choices = "timer|spin",
     .help = "how the publisher waits: asleep, or spinning on a core of its own"},
    {"allow_origin", OPTION_TEXT, &config.allow_origin, "", .form = "origin",
     .help = "origin whose web pages may read the answers; * for all"},
    {"seed", OPTION_INTEGER, &config.seed, "1", 0, 9e15, .help = "seed of everything random"},
    {"supervised", OPTION_FLAG, &config.supervised, NULL,
     .help = "take commands on stdin: a runner is in charge"},
    {NULL},
};

/* --- state ------------------------------------------------------------------------------------- */

/* The measured window, and what happened in it. */
struct window {
    int64_t start_ns, end_ns;
    bool told; /* the runner knows which events fell into it */
    uint64_t events, first, last;
    uint64_t before; /* the last event that was due before it */
    uint64_t requests_before, requests;
    struct resources at_start, at_end;
};

static struct server server;
static struct schedule schedule;
static struct window window;
static struct pacer *publisher, *boundary, *stall; /* next event; edge of the window; fault */
static struct histogram *schedule_lag, *server_work;
static struct resources last_tick;
static uint64_t numbered; /* events that were given a number */
static uint64_t missed;   /* events that subscribers were told are gone, inside the window */
static json_t *troubles;  /* counts, from when all are connected until the window has been told */
static uint64_t events_since_tick;
static int64_t resident_ready, resident_connected;
static uint64_t connections_connected;
static char *payload;
static uv_timer_t ticker;
static uv_signal_t interrupt, terminate;
static bool stopping;
static int ticks;
static int argument_count; /* the command line, for the report */
static char **arguments;

bool server_measuring(const struct server *s) {
    (void)s;
    int64_t now = clock_now_ns();
    return now >= window.start_ns && now < window.end_ns;
}

void server_count(struct server *s, uint64_t *counter) {
    if (server_measuring(s)) ++*counter;
}

/* Not in the drain: nobody tells a server when it ends, and then receivers go. */
void server_trouble(struct server *s, const char *name, uint64_t *counter) {
    server_count(s, counter);
    if (window.start_ns != 0 && !window.told) report_add(troubles, name, 1);
}

void server_sends(struct server *s, const struct event *event, int64_t since_ns) {
    (void)s;
    if (event->due_ns < window.start_ns || event->due_ns >= window.end_ns) return;
    histogram_record(server_work, clock_now_ns() - since_ns);
}

void server_sends_all(struct server *s, uint64_t after, uint64_t last, int64_t since_ns) {
    const struct event *event;
    for (; after < last && (event = feed_next(&s->feed, after, NULL)) != NULL; after = event->seq)
        server_sends(s, event, since_ns);
}

void server_missed(struct server *s, uint64_t events) {
    if (server_measuring(s)) missed += events;
}

/* --- cursors ----------------------------------------------------------------------------------- */

/* A browser sends back whatever id it was given, also another server's: that is no mistake of its. */
static int seat_by_last_id(struct server *s, const char *id, struct server_seat *seat) {
    int found = feed_seek(&s->feed, id, strlen(id), &seat->after);
    seat->reset = found != FEED_FOUND;
    if (seat->reset) seat->after = 0;
    return 0;
}

int server_seat(struct server *s, struct http_exchange *exchange, uint64_t otherwise,
                struct server_seat *seat) {
    size_t length;
    const char *last_id = http_request_header(exchange, "last-event-id");
    const char *after = http_request_parameter(exchange, "after", &length);
    *seat = (struct server_seat){.after = otherwise};
    if (last_id != NULL && *last_id != '\0') return seat_by_last_id(s, last_id, seat);
    if (after == NULL) return 0;
    int found = feed_seek(&s->feed, after, length, &seat->after);
    seat->reset = found == FEED_RESET;
    if (found >= 0) return 0;
    http_reply_text(exchange, 400,
                    "after= wants a cursor as the ETag or the id of an answer has it, e.g. "
                    "after=5c1f09aa-12, or the number of an event, e.g. after=12.");
    return UV_EINVAL;
}

const char *server_fields(struct server *s, char out[SERVER_FIELDS_SIZE], uint64_t after,
                          const struct server_seat *seat, uint64_t missed_events) {
    char etag[CURSOR_SIZE], gap[48] = "";
    if (missed_events > 0)
        snprintf(gap, sizeof gap, "Events-Missed: %" PRIu64 "\r\n", missed_events);
    snprintf(out, SERVER_FIELDS_SIZE, "ETag: \"%s\"\r\n%s%s%s",
             cursor_print(etag, feed_cursor(&s->feed, after)), gap,
             seat->reset ? "Events-Reset: ?1\r\n" : "",
             after < s->feed.newest ? "Events-More: ?1\r\n" : "");
    return out;
}

/* --- publishing -------------------------------------------------------------------------------- */

static void count_event(uint64_t number, int64_t due_ns) {
    events_since_tick++;
    if (due_ns < window.start_ns) window.before = number;
    if (due_ns < window.start_ns || due_ns >= window.end_ns) return;
    if (window.events++ == 0) window.first = number;
    window.last = number;
    histogram_record(schedule_lag, clock_now_ns() - due_ns);
}

/* The heart of every server: the event goes into the feed, and the strategy hands it on. */
static void publish(uint64_t number, int64_t due_ns, const char *text, size_t length) {
    struct event *event = feed_append(&server.feed, number, due_ns, clock_now_ns(), text, length);
    if (server.strategy->publish != NULL) server.strategy->publish(&server, event);
}

/* Publishes the next event of the schedule, unless it was told to make a mistake (core/harness/fault.h). */
static void publish_scheduled(int64_t due_ns) {
    static struct {
        uint64_t number;
        int64_t due_ns;
    } held; /* waits to be overtaken; 0: none */
    size_t length = (size_t)config.payload_bytes;
    uint64_t number = ++numbered;
    enum fault_fate fate = fault_fate(number);
    if (fate == FATE_SWAP_WITH_NEXT && held.number != 0) fate = FATE_PUBLISH; /* one at a time */
    count_event(number, due_ns);
    if (fate == FATE_PUBLISH || fate == FATE_DUPLICATE) publish(number, due_ns, payload, length);
    if (fate == FATE_DUPLICATE) publish(number, due_ns, payload, length);
    if (held.number != 0) publish(held.number, held.due_ns, payload, length);
    held.number = fate == FATE_SWAP_WITH_NEXT ? number : 0;
    held.due_ns = due_ns;
}

int64_t server_publish(struct server *s, const char *text, size_t length) {
    (void)s;
    if (length > EVENT_PAYLOAD_MAX) return UV_E2BIG;
    if (!utf8_valid(text, length)) return UV_EINVAL;
    int64_t now = clock_now_ns();
    count_event(++numbered, now);
    publish(numbered, now, text, length);
    return (int64_t)numbered;
}

/* The first and last event due in the window; without any, the last comes before the first. */
static void report_events(json_t *message) {
    report_number(message, "first", window.events > 0 ? window.first : window.before + 1);
    report_number(message, "last", window.events > 0 ? window.last : window.before);
    report_number(message, "events", window.events);
}

/* The window is over once it has ended and every event due in it was published. */
static void tell_window(void) {
    bool scheduled = schedule.events_per_second > 0;
    if (window.told || window.end_ns == 0 || clock_now_ns() < window.end_ns) return;
    if (scheduled && schedule.due_ns < window.end_ns) return;
    json_t *message = report_message("window", "server", server.strategy->name);
    report_events(message);
    control_send(message);
    window.told = true;
}

/* When the next event is to be published: when it is due, unless a delay was asked for. One that is
 * never due stays so. */
static int64_t wake_up_ns(void) {
    int64_t delay_ns = fault_delay_ns(schedule.due_ns - schedule.start_ns), at_ns;
    return __builtin_add_overflow(schedule.due_ns, delay_ns, &at_ns) ? INT64_MAX : at_ns;
}

/* Publishes all that is due. After a stall that can be much: the sockets get a turn in between. */
static void publish_due(void *data) {
    (void)data;
    for (int i = 0; i < BURST_EVENTS && wake_up_ns() <= clock_now_ns(); i++) {
        int64_t due_ns = schedule.due_ns;
        schedule_advance(&schedule);
        publish_scheduled(due_ns);
    }
    pacer_arm(publisher, wake_up_ns());
    tell_window();
}

static void start_schedule(int64_t start_ns) {
    if (config.events_per_second <= 0) return;
    schedule_init(&schedule, config.events_per_second, strcmp(config.arrivals, "poisson") == 0,
                  (uint64_t)config.seed, start_ns);
    if (config.ramp_to > 0) schedule_ramp(&schedule, config.ramp_to, config.ramp_seconds);
    pacer_arm(publisher, wake_up_ns());
}

/* --- the window -------------------------------------------------------------------------------- */

static void open_window(void) {
    if (window.at_start.at_ns != 0) return;
    resources_sample(&window.at_start);
    window.requests_before = http_server_requests(server.http);
}

static void close_window(void) {
    if (window.at_end.at_ns != 0) return;
    resources_sample(&window.at_end);
    window.requests = http_server_requests(server.http) - window.requests_before;
}

/* At the start of the window, and again at its end. */
static void at_boundary(void *data) {
    (void)data;
    open_window();
    if (clock_now_ns() < window.end_ns) {
        pacer_arm(boundary, window.end_ns);
        return;
    }
    close_window();
    tell_window();
}

static void at_stall(void *data) {
    int64_t at_ns, for_ns;
    (void)data;
    fault_stall(&at_ns, &for_ns);
    fault_stand_still(window.start_ns + at_ns + for_ns - clock_now_ns());
}

static void open_at(int64_t start_ns, int64_t end_ns) {
    int64_t stall_at_ns, stall_for_ns;
    window.start_ns = start_ns;
    window.end_ns = end_ns;
    if (fault_stall(&stall_at_ns, &stall_for_ns)) pacer_arm(stall, start_ns + stall_at_ns);
}

static void measure(int64_t start_ns, int64_t end_ns) {
    open_at(start_ns, end_ns);
    resident_connected = resources_resident_bytes();
    connections_connected = http_server_connections(server.http);
    window.before = numbered;
    pacer_arm(boundary, start_ns);
}

static void send_tick(void) {
    struct resources now;
    resources_sample(&now);
    if (config.supervised && window.start_ns != 0) {
        json_t *message = report_message("tick", "server", server.strategy->name);
        json_object_set_new(message, "t_ms",
                            json_integer((now.at_ns - window.start_ns) / NS_PER_MS));
        report_number(message, "events", events_since_tick);
        json_object_set_new(message, "cpu_utilisation",
                            json_real(report_utilisation(&last_tick, &now)));
        control_send(message);
    }
    events_since_tick = 0;
    last_tick = now;
}

static void on_tick(uv_timer_t *timer) {
    (void)timer;
    if (server.strategy->tick != NULL) server.strategy->tick(&server, clock_now_ns());
    if (++ticks % TICKS_A_SECOND == 0) send_tick();
}

/* --- the end ----------------------------------------------------------------------------------- */

static void send_report(void) {
    json_t *message = report_message("report", "server", server.strategy->name);
    json_t *histograms = json_object(), *counters = json_object();
    bool opened = window.at_start.at_ns != 0;
    open_window();
    if (!opened) window.at_end = window.at_start; /* stopped before it opened: an empty window */
    close_window();
    report_command(message, argument_count, arguments);
    report_resources(message, &window.at_start, &window.at_end);
    report_number(message, "resident_bytes_ready", (uint64_t)resident_ready);
    report_number(message, "resident_bytes_connected", (uint64_t)resident_connected);
    report_number(message, "connections", connections_connected);
    report_events(message);
    report_number(message, "requests", window.requests);
    report_number(counters, "missed", missed);
    char *faults = fault_description();
    if (faults != NULL) json_object_set_new(message, "faults", json_string(faults));
    free(faults);
    if (strcmp(config.pacing, "spin") == 0) json_object_set_new(message, "spins", json_true());
    json_object_set(message, "troubles", troubles);
    if (server.strategy->report != NULL) server.strategy->report(&server, counters);
    report_histogram(histograms, "schedule_lag", schedule_lag);
    report_histogram(histograms, "server_work", server_work);
    json_object_set_new(message, "counters", counters);
    json_object_set_new(message, "histograms", histograms);
    control_send(message);
}

static void stop(void) {
    if (stopping) return;
    stopping = true;
    send_report();
    if (server.strategy->stop != NULL) server.strategy->stop(&server);
    http_server_close(server.http);
    pacer_close(publisher);
    pacer_close(boundary);
    pacer_close(stall);
    uv_close((uv_handle_t *)&ticker, NULL);
    uv_close((uv_handle_t *)&interrupt, NULL);
    uv_close((uv_handle_t *)&terminate, NULL);
    control_stop();
}

static void on_signal(uv_signal_t *handle, int number) {
    (void)handle;
    (void)number;
    stop();
}

static void on_command(void *data, const char *word, const int64_t *numbers, int count) {
    (void)data;
    if (strcmp(word, "publish") == 0 && count == 1)
        start_schedule(numbers[0]);
    else if (strcmp(word, "measure") == 0 && count == 2)
        measure(numbers[0], numbers[1]);
    else if (strcmp(word, "stop") == 0)
        stop();
    else
        log_warn("no such command: %s (publish, measure, stop)", word);
}

/* --- the routes that every HTTP server has ------------------------------------------------------- */

static void get_help(struct http_exchange *exchange, void *data) {
    (void)data;
    http_reply(exchange, 200, "Content-Type: text/plain; charset=utf-8\r\n", server.strategy->help,
               strlen(server.strategy->help));
}

static void post_publish(struct http_exchange *exchange, void *data) {
    size_t length;
    char answer[64];
    (void)data;
    const char *body = http_request_body(exchange, &length);
    int64_t seq = server_publish(&server, body, length);
    if (seq == UV_E2BIG) {
        http_reply_text(exchange, 413, "An event's payload is at most 1 MiB.");
        return;
    }
    if (seq < 0) {
        http_reply_text(exchange, 400, "An event's payload is UTF-8 text; this body is not.");
        return;
    }
    int size = snprintf(answer, sizeof answer, "{\"seq\":%" PRId64 "}\n", seq);
    http_reply(exchange, 202, "Content-Type: application/json\r\n", answer, (size_t)size);
}

int server_listen_http(struct server *s) {
    http_server_route(s->http, "GET", "/", get_help, NULL);
    http_server_route(s->http, "POST", "/publish", post_publish, NULL);
    return http_server_listen(s->http, s->address, s->port);
}

/* --- the start --------------------------------------------------------------------------------- */

/* Letters that JSON need not escape, so that payload_bytes is what travels. */
static void make_payload(void) {
    payload = xmalloc((size_t)config.payload_bytes + 1);
    for (int64_t i = 0; i < config.payload_bytes; i++) payload[i] = (char)('a' + i % 26);
}

static void init(const struct server_strategy *strategy) {
    uv_loop_init(&server.loop);
    network_init(&server.network, &server.loop, NULL);
    uint32_t epoch;
    if (uv_random(NULL, NULL, &epoch, sizeof epoch, 0, NULL) != 0) die(1, "no random numbers");
    feed_init(&server.feed, (uint64_t)config.feed_events, epoch);
    server.http = http_server_new(&server.network);
    if (http_server_allow_origin(server.http, config.allow_origin) != 0)
        die(2, "--allow-origin is of no use"); /* the option table has said how it looks */
    server.strategy = strategy;
    server.address = config.address;
    server.port = (int)config.port;
    server.seed = (uint64_t)config.seed;
    server.supervised = config.supervised;
    schedule_lag = histogram_new();
    server_work = histogram_new();
    troubles = json_object();
    publisher = pacer_new(&server.loop, publish_due, NULL);
    boundary = pacer_new(&server.loop, at_boundary, NULL);
    stall = pacer_new(&server.loop, at_stall, NULL);
    if (publisher == NULL || boundary == NULL || stall == NULL)
        die(1, "cannot go on without a timer");
    if (strcmp(config.pacing, "spin") == 0) pacer_spin(publisher);
    uv_timer_init(&server.loop, &ticker);
    uv_timer_start(&ticker, on_tick, TICK_MS, TICK_MS);
    uv_signal_init(&server.loop, &interrupt);
    uv_signal_init(&server.loop, &terminate);
    uv_signal_start(&interrupt, on_signal, SIGINT);
    uv_signal_start(&terminate, on_signal, SIGTERM);
    make_payload();
}

static void announce(int port) {
    json_t *message = report_message("ready", "server", server.strategy->name);
    resident_ready = resources_resident_bytes();
    report_number(message, "port", (uint64_t)port);
    report_number(message, "pid", (uint64_t)uv_os_getpid());
    report_number(message, "resident_bytes", (uint64_t)resident_ready);
    control_send(message);
    log_info("listening on %s port %d", server.address, port);
}

static int finish(void) {
    feed_free(&server.feed);
    network_free(&server.network);
    histogram_free(schedule_lag);
    histogram_free(server_work);
    json_decref(troubles);
    free(payload);
    http_message_free_spares();
    int error = uv_loop_close(&server.loop);
    if (error != 0) log_error("something is still open at the end: %s", uv_strerror(error));
    return error == 0 ? 0 : 1;
}

int server_main(int argc, char **argv, const struct server_strategy *strategy) {
    char *program = xasprintf("%s_server", strategy->name);
    char *summary = xasprintf("Publishes events to subscribers by %s.", strategy->name);
    struct option_set options = {
        program, summary, {common_options, strategy->options, fault_options}};
    log_open(program);
    options_parse(&options, argc, argv);
    if (config.supervised) control_supervised("server", strategy->name);
    argument_count = argc;
    arguments = argv;
    fault_init();
    signal(SIGPIPE, SIG_IGN);
    resources_raise_file_limit();
    init(strategy);
    int port = strategy->start(&server);
    if (port < 0)
        die(1, "cannot listen on %s port %d: %s", server.address, server.port, uv_strerror(port));
    announce(port);
    resources_sample(&window.at_start);
    last_tick = window.at_start;
    if (config.supervised) {
        window.at_start.at_ns = 0; /* the runner says when */
        int error = control_start(&server.loop, on_command, NULL);
        if (error != 0) die(1, "cannot read commands from stdin: %s", uv_strerror(error));
    } else {
        int64_t now_ns = clock_now_ns();
        open_at(now_ns, INT64_MAX);
        window.told = true;
        start_schedule(now_ns);
    }
    uv_run(&server.loop, UV_RUN_DEFAULT);
    int status = finish();
    free(summary);
    free(program);
    return status;
}

/* What every server has: see server.h. The order of this file: options, what a strategy tells of its
 * work, cursors, publishing, the report, the routes that all have, and a server's life. */
#include "harness/server.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "harness/report.h"
#include "model/conversation.h"
#include "model/event.h"
#include "model/histogram.h"
#include "net/http/reply.h"
#include "net/http/request.h"
#include "net/http/routes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICK_MS 100

/* --- options ---------------------------------------------------------------------------------- */

#define AT(field) offsetof(struct server_config, field)

static const struct option server_options[] = {
    {KEY_ADDRESS, OPTION_TEXT, AT(address), "127.0.0.1", .help = "address to listen on"},
    {KEY_PORT, OPTION_INTEGER, AT(port), "0", 0, 65535,
     .help = "port to listen on; 0: any free one"},
    {"feed_events", OPTION_INTEGER, AT(feed_events), "1024", 1, 1 << 24, .unit = "events",
     .help = "how many of the newest events the server keeps"},
    {"allow_origin", OPTION_TEXT, AT(allow_origin), "", .form = "origin",
     .help = "origin whose web pages may read the answers; * for all"},
    {NULL},
};

static struct server *server_of(struct program *program) {
    return list_entry(program, struct server, program);
}

/* --- what a strategy tells of its work -------------------------------------------------------- */

void server_sends(struct server *s, const struct event *event, int64_t since_ns) {
    if (event->due_ns < s->program.start_ns || event->due_ns >= s->program.end_ns) return;
    histogram_record(s->work, clock_now_ns() - since_ns);
}

void server_sends_all(struct server *s, uint64_t after, uint64_t last, int64_t since_ns) {
    const struct event *event;
    for (; after < last && (event = feed_next(&s->feed, after, NULL)) != NULL; after = event->seq)
        server_sends(s, event, since_ns);
}

void server_missed(struct server *s, uint64_t events) {
    program_count(&s->program, &s->missed, events);
}

/* --- cursors ---------------------------------------------------------------------------------- */

/* A browser sends back whatever id it was given, also another server's: that is no mistake of its. */
static int seat_by_last_id(const struct server *s, const char *id, struct server_seat *seat) {
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
        snprintf(gap, sizeof(gap), "Events-Missed: %" PRIu64 "\r\n", missed_events);
    snprintf(out, SERVER_FIELDS_SIZE, "ETag: \"%s\"\r\n%s%s%s",
             cursor_print(etag, feed_cursor(&s->feed, after)), gap,
             seat->reset ? "Events-Reset: ?1\r\n" : "",
             after < s->feed.newest ? "Events-More: ?1\r\n" : "");
    return out;
}

/* --- publishing ------------------------------------------------------------------------------- */

/* The heart of every server: the event goes into the feed, and the strategy hands it on. */
static void publish(struct publisher *publisher, uint64_t number, int64_t due_ns,
                    const char *payload, size_t length) {
    struct server *s = list_entry(publisher, struct server, publisher);
    struct event *event = feed_append(&s->feed, number, due_ns, clock_now_ns(), payload, length);
    if (s->network.trace != NULL)
        trace_event(s->network.trace, number, due_ns, event->published_ns);
    if (s->strategy->publish != NULL) s->strategy->publish(s, event);
}

int64_t server_publish(struct server *s, const char *text, size_t length) {
    if (length > EVENT_PAYLOAD_MAX) return UV_E2BIG;
    if (!utf8_valid(text, length)) return UV_EINVAL;
    return (int64_t)publisher_publish(&s->publisher, text, length);
}

/* The window is over once it has ended and every event due in it was published. From then on nobody
 * tells a server when the drain ends, and receivers go: troubles count no more. */
static void tell_window(struct server *s) {
    if (s->told_window || !publisher_window_over(&s->publisher)) return;
    json_t *message = program_message(&s->program, MESSAGE_WINDOW);
    publisher_report_window(&s->publisher, message);
    program_say(&s->program, message);
    s->told_window = true;
    s->program.counts_troubles = false;
}

static void caught_up(struct publisher *publisher) {
    tell_window(list_entry(publisher, struct server, publisher));
}

static const struct publisher_handler publisher_handler = {
    .publish = publish,
    .caught_up = caught_up,
};

/* --- gone for a while, on purpose ------------------------------------------------------------- */

static void go_away(struct server *s, int64_t for_ns) {
    bool first = !s->away;
    s->away = true;
    if (first) http_server_cut(s->http);
    if (first && s->strategy->cut != NULL) s->strategy->cut(s, true);
    pacer_arm(&s->cut, clock_now_ns() + for_ns);
}

static void come_back(struct server *s) {
    int error = http_server_listen_again(s->http);
    if (error == 0 && s->strategy->cut != NULL) error = s->strategy->cut(s, false);
    s->away = error == UV_EBUSY;
    if (s->away) pacer_arm(&s->cut, clock_now_ns() + NS_PER_MS);
    if (error == 0 || s->away) return;
    program_give_up(&s->program, "it cannot listen on its port again after a cut: somebody else"
                                 " may have taken it");
}

static void at_cut(struct pacer *pacer) {
    struct server *s = list_entry(pacer, struct server, cut);
    int64_t at_ns, for_ns;
    if (s->away)
        come_back(s);
    else if (fault_cut(&s->publisher.fault, &at_ns, &for_ns))
        go_away(s, for_ns);
}

static void plan_cut(struct server *s) {
    int64_t at_ns, for_ns;
    if (fault_cut(&s->publisher.fault, &at_ns, &for_ns))
        pacer_arm(&s->cut, s->program.start_ns + at_ns);
}

/* --- the turns of a program's life ------------------------------------------------------------ */

static void on_publish(struct server *s, const int64_t *numbers) {
    publisher_start(&s->publisher, numbers[0], (uint64_t)s->program.config.seed);
}

static void on_emit(struct server *s, const int64_t *numbers) {
    publisher_emit(&s->publisher, numbers[0]);
}

static void on_rate(struct server *s, const int64_t *numbers) {
    publisher_rate(&s->publisher, (double)numbers[0] / 1000, numbers[1],
                   (uint64_t)s->program.config.seed);
}

static void on_payload(struct server *s, const int64_t *numbers) {
    if (numbers[0] <= EVENT_PAYLOAD_MAX) publisher_payload(&s->publisher, numbers[0]);
}

static void on_stall(struct server *s, const int64_t *numbers) {
    (void)s;
    if (numbers[0] <= STALL_MAX_MS) fault_stand_still(numbers[0] * NS_PER_MS);
}

static void on_cut(struct server *s, const int64_t *numbers) {
    if (numbers[0] <= STALL_MAX_MS) go_away(s, numbers[0] * NS_PER_MS);
}

static const struct {
    const char *word;
    void (*run)(struct server *, const int64_t *numbers);
    int count; /* of its numbers, none of which is negative */
} commands[] = {
    {COMMAND_PUBLISH, on_publish, 1}, {COMMAND_EMIT, on_emit, 1},   {COMMAND_RATE, on_rate, 2},
    {COMMAND_PAYLOAD, on_payload, 1}, {COMMAND_STALL, on_stall, 1}, {COMMAND_CUT, on_cut, 1},
};

static bool on_command(struct program *program, const char *word, const int64_t *numbers,
                       int count) {
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(commands[i].word, word) != 0 || commands[i].count != count) continue;
        for (int k = 0; k < count; k++)
            if (numbers[k] < 0) return false;
        commands[i].run(server_of(program), numbers);
        return true;
    }
    return false;
}

static void on_measure(struct program *program) {
    struct server *s = server_of(program);
    program->counts_troubles = true;
    program->resident_connected = resources_resident_bytes();
    s->connections = http_server_connections(s->http);
    publisher_measure(&s->publisher, program->start_ns, program->end_ns);
    plan_cut(s);
}

static void on_open(struct program *program) {
    struct server *s = server_of(program);
    s->requests_before = http_server_requests(s->http);
}

static void on_close(struct program *program) {
    struct server *s = server_of(program);
    s->requests = http_server_requests(s->http) - s->requests_before;
    if (!program->stopping) tell_window(s);
}

static void on_tick(struct program *program, int64_t now_ns) {
    struct server *s = server_of(program);
    if (s->network.stamps) s->network.realtime_offset_ns = clock_realtime_offset_ns();
    if (s->strategy->tick != NULL) s->strategy->tick(s, now_ns);
}

static void on_second(struct program *program, json_t *tick) {
    struct server *s = server_of(program);
    report_number(tick, FIELD_EVENTS, s->publisher.numbered - s->told_events);
    s->told_events = s->publisher.numbered;
}

static void report_faults(const struct publisher *publisher, json_t *message) {
    char *faults = fault_description(&publisher->fault);
    if (faults != NULL) json_object_set_new(message, FIELD_FAULTS, json_string(faults));
    free(faults);
    if (strcmp(publisher->config.pacing, "spin") == 0)
        json_object_set_new(message, FIELD_SPINS, json_true());
}

static void on_report(struct program *program, json_t *message) {
    struct server *s = server_of(program);
    json_t *histograms = json_object(), *counters = json_object();
    report_number(message, "connections", s->connections);
    json_object_set_new(message, "congestion_control", json_string(s->network.congestion_control));
    publisher_report_window(&s->publisher, message);
    report_number(message, FIELD_PUBLISHED_FROM_NS, (uint64_t)s->publisher.schedule.start_ns);
    publisher_report_least_age(&s->publisher, message);
    report_number(message, "requests", s->requests);
    report_faults(&s->publisher, message);
    report_number(counters, TROUBLE_MISSED, s->missed);
    if (s->strategy->report != NULL) s->strategy->report(s, counters);
    report_histogram(histograms, HISTOGRAM_SCHEDULE_LAG, s->publisher.lag);
    report_histogram(histograms, HISTOGRAM_SERVER_WORK, s->work);
    report_histogram(histograms, HISTOGRAM_SERVER_LOOP_LAG, program->watch.lag);
    json_object_set_new(message, FIELD_COUNTERS, counters);
    json_object_set_new(message, FIELD_HISTOGRAMS, histograms);
    program_say_trace(program);
}

static void on_stop(struct program *program) {
    struct server *s = server_of(program);
    if (s->strategy->stop != NULL) s->strategy->stop(s);
    http_server_close(s->http);
    publisher_close(&s->publisher);
    pacer_close(&s->cut);
}

static const struct program_handler program_handler = {
    .role = "server",
    .commands = "publish, measure, emit, rate, payload, stall, cut, stop",
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

/* --- the routes that every HTTP server has ---------------------------------------------------- */

static void get_help(struct http_exchange *exchange, void *data) {
    const struct server *s = data;
    http_reply(exchange, 200, "Content-Type: text/plain; charset=utf-8\r\n", s->strategy->help,
               strlen(s->strategy->help));
}

static void post_publish(struct http_exchange *exchange, void *data) {
    struct server *s = data;
    size_t length;
    char answer[64];
    const char *body = http_request_body(exchange, &length);
    int64_t seq = server_publish(s, body, length);
    if (seq == UV_E2BIG) {
        http_reply_text(exchange, 413, "An event's payload is at most 1 MiB.");
        return;
    }
    if (seq < 0) {
        http_reply_text(exchange, 400, "An event's payload is UTF-8 text; this body is not.");
        return;
    }
    int size = snprintf(answer, sizeof(answer), "{\"seq\":%" PRId64 "}\n", seq);
    http_reply(exchange, 202, "Content-Type: application/json\r\n", answer, (size_t)size);
}

int server_listen_http(struct server *s) {
    http_server_route(s->http, "GET", "/", get_help, s);
    http_server_route(s->http, "POST", "/publish", post_publish, s);
    return http_server_listen(s->http, s->config.address, (int)s->config.port);
}

/* --- its life --------------------------------------------------------------------------------- */

static void read_options(struct server *s, int argc, char **argv) {
    const struct server_strategy *strategy = s->strategy;
    char *program = xasprintf("%s_server", strategy->name);
    char *summary = xasprintf("Publishes events to subscribers by %s.", strategy->name);
    struct option_set options = {
        program,
        summary,
        {
            {server_options, &s->config},
            {publisher_options, &s->publisher.config},
            {program_options, &s->program.config},
            {strategy->options, s},
            {fault_options, &s->publisher.fault},
            {network_options, &s->network},
        },
    };
    log_open(program);
    options_parse(&options, argc, argv);
    free(summary);
    free(program);
}

struct server *server_new(const struct server_strategy *strategy, uv_loop_t *loop, int argc,
                          char **argv) {
    struct server *s = xcalloc(1, strategy->size);
    uint32_t epoch;
    s->strategy = strategy;
    network_init(&s->network, loop, NULL);
    read_options(s, argc, argv);
    network_start(&s->network);
    s->network.stamps = s->network.trace != NULL;
    s->program.trace = s->network.trace;
    s->program.trace_ms = s->network.trace_ms;
    s->network.realtime_offset_ns = clock_realtime_offset_ns();
    program_init(&s->program, &program_handler, strategy->name, loop, argc, argv);
    publisher_init(&s->publisher, &publisher_handler, loop);
    if (pacer_init(&s->cut, loop, at_cut) != 0) die(1, "cannot go on without a timer");
    if (uv_random(NULL, NULL, &epoch, sizeof(epoch), 0, NULL) != 0) die(1, "no random numbers");
    feed_init(&s->feed, (uint64_t)s->config.feed_events, epoch);
    s->work = histogram_new();
    s->http = http_server_new(&s->network);
    if (http_server_allow_origin(s->http, s->config.allow_origin) != 0)
        die(2, "--allow-origin is of no use"); /* the option table has said how it looks */
    return s;
}

/* By hand the window opens at once, and never ends. */
void server_start(struct server *s) {
    const struct server_config *config = &s->config;
    s->port = s->strategy->start(s);
    if (s->port < 0)
        die(1, "cannot listen on %s port %d: %s", config->address, (int)config->port,
            uv_strerror(s->port));
    json_t *message = program_message(&s->program, MESSAGE_READY);
    report_number(message, FIELD_PORT, (uint64_t)s->port);
    int error = program_start(&s->program, message);
    if (error != 0) die(1, "cannot read commands from stdin: %s", uv_strerror(error));
    log_info("listening on %s port %d", config->address, s->port);
    if (s->program.config.supervised) return;
    int64_t now_ns = clock_now_ns();
    program_measure(&s->program, now_ns, INT64_MAX);
    publisher_start(&s->publisher, now_ns, (uint64_t)s->program.config.seed);
}

int server_free(struct server *s) {
    feed_free(&s->feed);
    network_free(&s->network);
    publisher_free(&s->publisher);
    histogram_free(s->work);
    int status = program_free(&s->program);
    free(s);
    return status;
}

int server_main(int argc, char **argv, const struct server_strategy *strategy) {
    uv_loop_t loop;
    uv_loop_init(&loop);
    resources_raise_file_limit();
    struct server *server = server_new(strategy, &loop, argc, argv);
    server_start(server);
    uv_run(&loop, UV_RUN_DEFAULT);
    return program_end_loop(&loop, server_free(server));
}

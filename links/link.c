/* The link: a far, narrow or lossy network between servers and clients on one host.
 *
 *     link --rtt-ms 40            # says which processes stand at its ends, then relays
 *     enter PID sse_server --address 198.18.0.1 --port 8080
 *     enter PID curl -N http://198.18.0.1:8080/events
 *
 * It makes two network namespaces with a line from each to itself (namespaces.h), takes every frame off the
 * one, and sends it on over the other when, and if, the law of the link says so (model/link.h, relay.h).
 * All the rest, from the handshake to the retransmission, is the kernel's own TCP. Before it says that it is ready it
 * measures itself, from its places, as a client and a server would see it. */
#include "model/link.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/log.h"
#include "base/memory.h"
#include "calibrate.h"
#include "harness/program.h"
#include "harness/report.h"
#include "model/conversation.h"
#include "namespaces.h"
#include "relay.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <stdlib.h>
#include <uv.h>

#define TICK_MS 100

struct link {
    struct program program;
    struct link_settings settings;
    struct link_faults faults;
    bool check;
    const char *trace_address; /* "": nothing is traced */
    struct frames frames;
    struct namespaces namespaces;
    struct relay *relay;
    uv_poll_t guards[2];             /* whether the holders are still there */
    struct calibration *calibrating; /* NULL: it has not begun */
    json_t *calibration;
    uint64_t told_frames;
};

static struct link *link_of(struct program *program) {
    return list_entry(program, struct link, program);
}

/* --- options ---------------------------------------------------------------------------------- */

#define AT(field) offsetof(struct link_settings, field)

static const struct option link_options[] = {
    {"rtt_ms", OPTION_NUMBER, AT(rtt_ms), "0", 0, LINK_RTT_MAX_MS, .unit = "ms",
     .help = "round-trip time: both ways together, without waiting"},
    {"jitter_ms", OPTION_NUMBER, AT(jitter_ms), "0", 0, LINK_RTT_MAX_MS, .unit = "ms",
     .help = "each way takes up to so much longer, evenly; frames keep their order"},
    {"loss_percent", OPTION_NUMBER, AT(loss_percent), "0", 0, 100, .unit = "%",
     .help = "share of frames that are lost, each way, each for itself"},
    {"burst_loss", OPTION_TEXT, AT(burst_text), "", .form = "burst",
     .help = "loss in bursts (Gilbert-Elliott), P:R:H:K, instead"},
    {"reorder_percent", OPTION_NUMBER, AT(reorder_percent), "0", 0, 100, .unit = "%",
     .help = "share of frames that are held back, so that later ones overtake them"},
    {"down_mbit", OPTION_NUMBER, AT(down_mbit), "0", 0, LINK_MBIT_MAX, .unit = "Mbit/s",
     .help = "rate from servers to clients, of IP packets; 0: no limit"},
    {"up_mbit", OPTION_NUMBER, AT(up_mbit), "0", 0, LINK_MBIT_MAX, .unit = "Mbit/s",
     .help = "rate from clients to servers"},
    {"queue_ms", OPTION_NUMBER, AT(queue_ms), "100", 0, LINK_RTT_MAX_MS, .unit = "ms",
     .help = "so long a frame may wait where the rate is limited; then it is dropped"},
    {"mtu", OPTION_INTEGER, AT(mtu), "1500", 576, 9000, .unit = "bytes",
     .help = "the longest IP packet"},
    {NULL},
};
#undef AT

#define AT(field) offsetof(struct link_faults, field)
static const struct option fault_rows[] = {
    {"late_ms", OPTION_NUMBER, AT(late_ms), "0", 0, LINK_RTT_MAX_MS, .unit = "ms",
     .help = "fault on purpose: send everything so much too late"},
    {"loss_times", OPTION_NUMBER, AT(loss_times), "1", 0, 100,
     .help = "fault on purpose: lose so many times what was asked for"},
    {"rate_times", OPTION_NUMBER, AT(rate_times), "1", 0.01, 100,
     .help = "fault on purpose: a line so many times as fast as was asked for"},
    {NULL},
};
#undef AT

static const struct option other_options[] = {
    {"check", OPTION_FLAG, offsetof(struct link, check), NULL,
     .help = "only try whether links can be made here"},
    {KEY_TRACE, OPTION_TEXT, offsetof(struct link, trace_address), "",
     .help = "tell at the end which frames went to and came from this IPv4 address"},
    {NULL},
};

static bool is_traced(const struct link *link) { return *link->trace_address != '\0'; }

static void read_options(struct link *link, int argc, char **argv) {
    const struct option_set options = {
        "link",
        "Makes a far, narrow or lossy network between servers and clients on this host.",
        {
            {link_options, &link->settings},
            {fault_rows, &link->faults},
            {other_options, link},
            {program_options, &link->program.config},
        },
    };
    options_parse(&options, argc, argv);
    const char *sentence = link_settings_read(&link->settings);
    if (sentence != NULL) die(2, "%s", sentence);
    if (is_traced(link) && inet_pton(AF_INET, link->trace_address, &link->frames.address) != 1)
        die(2, "--trace wants an IPv4 address, e.g. " TRACE_ADDRESS_FAR ", not \"%s\"",
            link->trace_address);
}

/* --- the turns of its life -------------------------------------------------------------------- */

static bool on_command(struct program *program, const char *word, const int64_t *numbers,
                       int count) {
    (void)program;
    (void)word;
    (void)numbers;
    (void)count;
    return false;
}

static void on_measure(struct program *program) {
    program->resident_connected = resources_resident_bytes();
    relay_measure(link_of(program)->relay, (struct window){program->start_ns, program->end_ns});
}

static void on_open(struct program *program) { relay_settle(link_of(program)->relay, false); }

static void on_close(struct program *program) { relay_settle(link_of(program)->relay, true); }

static void on_tick(struct program *program, int64_t now_ns) {
    (void)program;
    (void)now_ns;
}

static void on_second(struct program *program, json_t *tick) {
    struct link *link = link_of(program);
    uint64_t frames = relay_frames(link->relay);
    report_number(tick, "link_frames", frames - link->told_frames);
    report_number(tick, "on_their_way", relay_on_their_way(link->relay));
    link->told_frames = frames;
}

static json_t *asked(const struct link_settings *settings) {
    json_t *object = json_object();
    json_object_set_new(object, "rtt_ms", json_real(settings->rtt_ms));
    json_object_set_new(object, "jitter_ms", json_real(settings->jitter_ms));
    json_object_set_new(object, "loss_percent", json_real(settings->loss_percent));
    json_object_set_new(object, "burst_loss", json_string(settings->burst_text));
    json_object_set_new(object, "reorder_percent", json_real(settings->reorder_percent));
    json_object_set_new(object, "down_mbit", json_real(settings->down_mbit));
    json_object_set_new(object, "up_mbit", json_real(settings->up_mbit));
    json_object_set_new(object, "queue_ms", json_real(settings->queue_ms));
    json_object_set_new(object, "mtu", json_integer(settings->mtu));
    return object;
}

static json_t *counters(const struct relay_counts *counts) {
    json_t *object = json_object();
    report_number(object, "frames_down", counts->frames[LINK_DOWN]);
    report_number(object, "frames_up", counts->frames[LINK_UP]);
    report_number(object, "bytes_down", counts->bytes[LINK_DOWN]);
    report_number(object, "bytes_up", counts->bytes[LINK_UP]);
    report_number(object, "stamps_dropped", counts->stamps_dropped);
    report_number(object, "flows_untold", counts->flows_untold);
    return object;
}

static json_t *frame_report(const struct traced_frame *frame) {
    const struct segment *segment = &frame->segment;
    char *line =
        xasprintf(TRACE_LINE, ntohs(segment->ends.ports[0]), ntohs(segment->ends.ports[1]));
    json_t *row = json_pack("[s, b, I, I, I, I, b, b, b]", line, frame->direction == LINK_DOWN,
                            (json_int_t)frame->at_ns, (json_int_t)frame->pass_ns,
                            (json_int_t)segment->sequence, (json_int_t)segment->data_bytes,
                            segment->syn, segment->fin, segment->ack);
    free(line);
    return row;
}

static void say_trace(struct link *link) {
    json_t *message = program_message(&link->program, MESSAGE_TRACE), *rows = json_array();
    for (size_t i = 0; i < link->frames.count; i++)
        json_array_append_new(rows, frame_report(&link->frames.list[i]));
    json_object_set_new(message, FIELD_FRAMES, rows);
    report_number(message, FIELD_LEFT_OUT, link->frames.left_out);
    program_say(&link->program, message);
}

static void on_report(struct program *program, json_t *message) {
    struct link *link = link_of(program);
    struct relay_counts counts = relay_counts(link->relay);
    json_t *histograms = json_object();
#define REPORT_COUNT(name) report_number(message, #name, counts.name);
    COUNTS_OF_THE_LINK(REPORT_COUNT)
#undef REPORT_COUNT
    json_object_set_new(message, FIELD_RADIO_AWAKE_SECONDS, json_real(counts.radio_awake_seconds));
    report_number(message, FIELD_RADIO_USERS, counts.radio_users);
    json_object_set_new(message, FIELD_ASKED, asked(&link->settings));
    json_object_set(message, FIELD_CALIBRATION, link->calibration);
    json_object_set_new(message, FIELD_COUNTERS, counters(&counts));
    report_histogram(histograms, HISTOGRAM_LINK_LATENESS, relay_lateness(link->relay));
    json_object_set_new(message, FIELD_HISTOGRAMS, histograms);
    if (is_traced(link)) say_trace(link);
}

static void on_stop(struct program *program) {
    struct link *link = link_of(program);
    calibration_stop(link->calibrating);
    relay_close(link->relay);
    for (int i = 0; i < 2; i++) uv_close((uv_handle_t *)&link->guards[i], NULL);
}

static const struct program_handler program_handler = {
    .role = "link",
    .commands = "measure, stop",
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

/* --- the start -------------------------------------------------------------------------------- */

/* Whoever joins a side stands beside its holder. By hand the window opens at once, and never ends. */
static void say_ready(void *data, json_t *calibration) {
    struct link *link = data;
    const pid_t *holder = link->namespaces.holder;
    json_t *message = program_message(&link->program, MESSAGE_READY);
    link->calibration = calibration;
    relay_begin(link->relay, (uint64_t)link->program.config.seed);
    if (is_traced(link)) relay_trace(link->relay, &link->frames);
    link->told_frames = relay_frames(link->relay);
    json_object_set_new(message, FIELD_PLACES,
                        json_pack("{s:i, s:i}", "server", (int)holder[PLACE_SERVER], "client",
                                  (int)holder[PLACE_CLIENT]));
    json_object_set_new(message, FIELD_SERVER_ADDRESS, json_string(LINK_SERVER_ADDRESS));
    json_object_set(message, FIELD_CALIBRATION, calibration);
    int error = program_start(&link->program, message);
    if (error != 0) die(1, "cannot read commands from stdin: %s", uv_strerror(error));
    log_info("servers: enter %d PROGRAM --address %s; clients: enter %d PROGRAM",
             (int)holder[PLACE_SERVER], LINK_SERVER_ADDRESS, (int)holder[PLACE_CLIENT]);
    if (!link->program.config.supervised)
        program_measure(&link->program, clock_now_ns(), INT64_MAX);
}

/* A holder says nothing more: there is something to read when it ends. */
static void on_holder_gone(uv_poll_t *poll, int status, int events) {
    struct link *link = poll->data;
    (void)status;
    (void)events;
    uv_poll_stop(poll);
    program_give_up(&link->program, "a side of the link is gone: its holder was ended");
}

static void guard(struct link *link, uv_loop_t *loop) {
    for (int i = 0; i < 2; i++) {
        link->guards[i].data = link;
        uv_poll_init(loop, &link->guards[i], link->namespaces.lifeline[i]);
        uv_poll_start(&link->guards[i], UV_READABLE, on_holder_gone);
    }
}

static void make_places(struct link *link) {
    char *sentence = namespaces_make(&link->namespaces, link->settings.mtu);
    if (sentence != NULL) die(1, "%s", sentence);
}

static void start(struct link *link, uv_loop_t *loop) {
    int error;
    make_places(link);
    link->relay = relay_new(loop, &link->namespaces, &link->settings, &link->faults,
                            (uint64_t)link->program.config.seed, &error);
    if (link->relay == NULL) die(1, "cannot relay frames: %s", uv_strerror(error));
    guard(link, loop);
    link->calibrating = calibration_start(loop, &link->namespaces, &link->settings,
                                          (uint64_t)link->program.config.seed, say_ready, link);
}

static int end(struct link *link) {
    relay_free(link->relay);
    frames_free(&link->frames);
    namespaces_free(&link->namespaces);
    json_decref(link->calibration);
    return program_free(&link->program);
}

int main(int argc, char **argv) {
    struct link link = {0};
    uv_loop_t loop;
    log_open("link");
    read_options(&link, argc, argv);
    if (link.check) {
        make_places(&link);
        namespaces_free(&link.namespaces);
        return 0;
    }
    uv_loop_init(&loop);
    program_init(&link.program, &program_handler, "link", &loop, argc, argv);
    start(&link, &loop);
    uv_run(&loop, UV_RUN_DEFAULT);
    return program_end_loop(&loop, end(&link));
}

/* What servers and clients are alike in: see program.h. The order of this file is a program's life:
 * options, saying something, the measured window, the tick, the report, the end; the start is last. */
#include "harness/program.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "harness/report.h"
#include "model/conversation.h"
#include "net/http/message.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

#define AT(field) offsetof(struct program_config, field)

const struct option program_options[] = {
    {KEY_SEED, OPTION_INTEGER, AT(seed), "1", 0, 9e15, .help = "seed of everything random"},
    {KEY_SUPERVISED, OPTION_FLAG, AT(supervised), NULL,
     .help = "take commands on stdin: a runner is in charge"},
    {NULL},
};

/* --- saying something ------------------------------------------------------------------------- */

json_t *program_message(const struct program *program, const char *type) {
    return json_pack("{s:s, s:s, s:s}", FIELD_TYPE, type, FIELD_ROLE, program->handler->role,
                     "strategy", program->strategy);
}

void program_say(struct program *program, json_t *message) {
    if (program->silent)
        json_decref(message);
    else if (!control_say(program->output, message))
        die(1, "nobody reads what this program reports: %s", strerror(errno));
}

void program_say_trace(struct program *program) {
    if (program->trace == NULL) return;
    json_t *message = program_message(program, MESSAGE_TRACE);
    report_trace(message, program->trace);
    program_say(program, message);
    trace_told(program->trace);
}

static void on_teller(uv_timer_t *teller) {
    struct program *program = list_entry(teller, struct program, teller);
    if (trace_has_news(program->trace)) program_say_trace(program);
}

/* Where nobody listens any more, nothing is lost either. */
static void say_failed(void *data, const char *sentence) {
    struct program *program = data;
    json_t *message = program_message(program, MESSAGE_FAILED);
    json_object_set_new(message, FIELD_SENTENCE, json_string(sentence));
    control_say(program->output, message);
}

/* --- the window ------------------------------------------------------------------------------- */

bool program_measuring(const struct program *program) {
    return program->at_start.at_ns != 0 && program->at_end.at_ns == 0;
}

void program_count(const struct program *program, uint64_t *counter, uint64_t times) {
    if (program_measuring(program)) *counter += times;
}

void program_trouble(struct program *program, const char *name, uint64_t *counter, uint64_t times) {
    program_count(program, counter, times);
    if (program->counts_troubles) report_add(program->troubles, name, times);
}

static void open_window(struct program *program) {
    if (program->at_start.at_ns != 0) return;
    resources_sample(&program->at_start);
    program->handler->open(program);
}

/* Of one that was never open nothing was measured. */
static void close_window(struct program *program) {
    bool opened = program->at_start.at_ns != 0;
    if (program->at_end.at_ns != 0) return;
    open_window(program);
    if (opened)
        resources_sample(&program->at_end);
    else
        program->at_end = program->at_start;
    program->handler->close(program);
}

/* At the start of the window, and again at its end. */
static void at_boundary(struct pacer *pacer) {
    struct program *program = list_entry(pacer, struct program, boundary);
    open_window(program);
    if (clock_now_ns() < program->end_ns)
        pacer_arm(pacer, program->end_ns);
    else
        close_window(program);
}

void program_measure(struct program *program, int64_t start_ns, int64_t end_ns) {
    program->start_ns = start_ns;
    program->end_ns = end_ns;
    program->handler->measure(program);
    loop_watch_window(&program->watch, start_ns, end_ns);
    pacer_arm(&program->boundary, start_ns);
}

/* --- the tick --------------------------------------------------------------------------------- */

static void on_second(struct program *program) {
    struct resources now;
    json_t *message = program_message(program, MESSAGE_TICK);
    resources_sample(&now);
    json_object_set_new(message, FIELD_T_MS,
                        json_integer((now.at_ns - program->start_ns) / NS_PER_MS));
    program->handler->second(program, message);
    json_object_set_new(message, "cpu_utilisation",
                        json_real(report_utilisation(&program->at_tick, &now)));
    program->at_tick = now;
    if (program->config.supervised && program->start_ns != 0)
        program_say(program, message);
    else
        json_decref(message);
}

static void on_tick(uv_timer_t *ticker) {
    struct program *program = list_entry(ticker, struct program, ticker);
    program->ticks++;
    program->handler->tick(program, clock_now_ns());
    if (program->ticks < 1000 / program->handler->tick_ms || program->stopping) return;
    program->ticks = 0;
    on_second(program);
}

/* --- the report, and the end ------------------------------------------------------------------ */

static void say_report(struct program *program) {
    json_t *message = program_message(program, MESSAGE_REPORT);
    close_window(program);
    report_command(message, program->argument_count, program->arguments);
    report_resources(message, &program->at_start, &program->at_end);
    report_number(message, FIELD_RESIDENT_BYTES_READY, (uint64_t)program->resident_ready);
    report_number(message, FIELD_RESIDENT_BYTES_CONNECTED, (uint64_t)program->resident_connected);
    json_object_set(message, FIELD_TROUBLES, program->troubles);
    loop_watch_report(&program->watch, message);
    program->handler->report(program, message);
    program_say(program, message);
}

void program_stop(struct program *program) {
    if (program->stopping) return;
    program->stopping = true;
    say_report(program);
    program->handler->stop(program);
    pacer_close(&program->boundary);
    loop_watch_close(&program->watch);
    uv_close((uv_handle_t *)&program->ticker, NULL);
    uv_close((uv_handle_t *)&program->teller, NULL);
    uv_close((uv_handle_t *)&program->interrupt, NULL);
    uv_close((uv_handle_t *)&program->terminate, NULL);
    uv_close((uv_handle_t *)&program->giving_up, NULL);
    control_stop(&program->control);
}

/* By hand and under a runner alike. */
void program_give_up(struct program *program, const char *sentence) {
    if (program->stopping || program->failed) return;
    program->failed = true;
    log_warn("%s", sentence);
    if (program->config.supervised) say_failed(program, sentence);
    uv_async_send(&program->giving_up);
}

static void on_giving_up(uv_async_t *async) {
    program_stop(list_entry(async, struct program, giving_up));
}

static void on_interrupt(uv_signal_t *signal, int number) {
    (void)number;
    program_stop(list_entry(signal, struct program, interrupt));
}

static void on_terminate(uv_signal_t *signal, int number) {
    (void)number;
    program_stop(list_entry(signal, struct program, terminate));
}

int program_free(struct program *program) {
    json_decref(program->troubles);
    loop_watch_free(&program->watch);
    if (program->config.supervised) log_on_failure(NULL, NULL);
    return program->failed ? 1 : 0;
}

int program_end_loop(uv_loop_t *loop, int status) {
    http_message_free_spares();
    int error = uv_loop_close(loop);
    if (error != 0) log_error("something is still open at the end: %s", uv_strerror(error));
    return error != 0 ? 1 : status;
}

/* --- the start -------------------------------------------------------------------------------- */

static void on_command(struct control *control, const char *word, const int64_t *numbers,
                       int count) {
    struct program *program = list_entry(control, struct program, control);
    if (strcmp(word, COMMAND_MEASURE) == 0 && count == 2)
        program_measure(program, numbers[0], numbers[1]);
    else if (strcmp(word, COMMAND_STOP) == 0)
        program_stop(program);
    else if (!program->handler->command(program, word, numbers, count))
        log_warn("no such command: %s (%s)", word, program->handler->commands);
}

void program_init(struct program *program, const struct program_handler *handler,
                  const char *strategy, uv_loop_t *loop, int argc, char **argv) {
    program->handler = handler;
    program->strategy = strategy;
    program->loop = loop;
    program->argument_count = argc;
    program->arguments = argv;
    if (program->output == NULL) program->output = stdout;
    program->troubles = json_object();
    program->control.command = on_command;
    signal(SIGPIPE, SIG_IGN);
    if (program->config.supervised) log_on_failure(say_failed, program);
    if (pacer_init(&program->boundary, loop, at_boundary) != 0 ||
        loop_watch_init(&program->watch, loop) != 0)
        die(1, "cannot go on without a timer");
    uv_async_init(loop, &program->giving_up, on_giving_up);
    uv_timer_init(loop, &program->ticker);
    uv_timer_init(loop, &program->teller);
    uv_signal_init(loop, &program->interrupt);
    uv_signal_init(loop, &program->terminate);
}

int program_start(struct program *program, json_t *message) {
    uint64_t tick_ms = (uint64_t)program->handler->tick_ms;
    program->resident_ready = resources_resident_bytes();
    report_number(message, "pid", (uint64_t)uv_os_getpid());
    report_number(message, "resident_bytes", (uint64_t)program->resident_ready);
    int error = program->config.supervised ? control_start(&program->control, program->loop) : 0;
    if (error != 0) {
        json_decref(message);
        return error;
    }
    program_say(program, message);
    resources_sample(&program->at_tick);
    uv_timer_start(&program->ticker, on_tick, tick_ms, tick_ms);
    if (program->trace != NULL && program->trace_ms > 0)
        uv_timer_start(&program->teller, on_teller, (uint64_t)program->trace_ms,
                       (uint64_t)program->trace_ms);
    uv_signal_start(&program->interrupt, on_interrupt, SIGINT);
    uv_signal_start(&program->terminate, on_terminate, SIGTERM);
    return 0;
}

/* One trial, as a walk through stages on a libuv loop:
 *
 *   starting servers -> connecting clients -> measuring -> draining -> stopping -> (all ended)
 *
 * A message or a deadline moves it on. A failure or an interruption moves it to stopping at once,
 * where whoever does not go is told more and more firmly: stop, SIGTERM, SIGKILL. */
#include "trial/trial.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "figures/metrics.h"
#include "figures/verdict.h"
#include "launch/program.h"
#include "system/interrupt.h"
#include "system/kernel_memory.h"

#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define READY_SECONDS 10.0
#define CONNECTS_PER_SECOND 200.0 /* slower than that is a failure */
#define LATE_SECONDS 10.0         /* a window or a drain that should have ended */
#define STOP_SECONDS 10.0
#define ESCALATE_SECONDS 2.0
#define START_DELAY_NS (100 * (int64_t)NS_PER_MS) /* for the commands to arrive before START */
#define BEAT_MS 200
#define STILL_NS NS_PER_SECOND /* a beat that is so late: this process did not run */
#define SERVER_ADDRESS "127.0.0.1"

enum stage { STARTING, CONNECTING, MEASURING, DRAINING, STOPPING };

struct trial {
    const struct trial_setup *setup;
    struct result *result;
    uv_loop_t loop;
    uv_timer_t deadline, beat;
    struct interrupt interrupt;
    struct program *programs; /* the servers, then the clients */
    int server_count, client_count;
    int started; /* programs that were spawned: programs[0 .. started - 1] */
    int ended;
    enum stage stage;
    int awaited;           /* messages that must still come before the stage is over */
    int firmness;          /* of stopping: 0 asked, 1 SIGTERM sent, 2 SIGKILL sent */
    double settle_seconds; /* until each user has done once what it does every so often */
    double warmup_seconds; /* as the scenario says, or as long as that */
    int64_t beat_ns;       /* when the next beat is due */
    bool interrupted;
    char *failure;            /* the first thing that went wrong */
    int64_t start_ns, end_ns; /* the window */
    int64_t first, last;      /* sequence numbers of the events due in it */
    int64_t kernel_before;
    double kernel_bytes; /* growth while connecting; NAN unknown */
};

static const struct program_handler trial_programs;
static void enter_stopping(struct trial *trial);

/* ============================== failing ============================== */

/* Notes why the trial failed, unless something failed before, and begins to stop. */
static void fail(struct trial *trial, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void fail(struct trial *trial, const char *format, ...) {
    char *sentence = NULL;
    va_list values;
    va_start(values, format);
    if (vasprintf(&sentence, format, values) < 0) abort();
    va_end(values);
    utf8_clean(sentence); /* it may quote a program's words */
    if (trial->failure == NULL)
        trial->failure = sentence;
    else
        free(sentence);
    if (trial->stage != STOPPING) enter_stopping(trial);
}

/* The same, about one program, with its own last words. */
static void fail_program(struct trial *trial, const struct program *program, const char *what) {
    char *words = program_last_words(program);
    if (words != NULL)
        fail(trial, "%s %s: \"%s\"", program->name, what, words);
    else
        fail(trial, "%s %s, and wrote nothing to stderr", program->name, what);
    free(words);
}

/* ============================== deadlines ============================== */

static void deadline_passed(uv_timer_t *timer);

static void set_deadline(struct trial *trial, double seconds) {
    uv_timer_start(&trial->deadline, deadline_passed, (uint64_t)(seconds * 1000), 0);
}

/* The first program of a role that has not done what the stage waits for. */
static const struct program *idle_program(const struct trial *trial) {
    for (int i = 0; i < trial->started; i++) {
        const struct program *p = &trial->programs[i];
        enum role awaited = trial->stage == CONNECTING ? ROLE_CLIENT : ROLE_SERVER;
        if (p->role == awaited && !p->answered) return p;
    }
    return &trial->programs[0];
}

/* Stopping takes too long: be firmer with those that still run. */
static void insist(struct trial *trial) {
    int number = trial->firmness++ == 0 ? SIGTERM : SIGKILL;
    for (int i = 0; i < trial->started; i++) {
        struct program *program = &trial->programs[i];
        program_abandon(program);
        if (!program->running) continue;
        if (!trial->interrupted) fail_program(trial, program, "did not stop when asked to");
        program_signal(program, number);
    }
    set_deadline(trial, ESCALATE_SECONDS);
}

static void beat_follows(struct trial *trial) {
    trial->beat_ns = clock_now_ns() + BEAT_MS * (int64_t)NS_PER_MS;
}

/* Whether this process stood still (stopped, or its terminal was): then nobody else is to blame for
 * what came late, and the trial's times are not those that were asked for. */
static bool stood_still(struct trial *trial) {
    int64_t late_ns = clock_now_ns() - trial->beat_ns;
    beat_follows(trial);
    if (late_ns < STILL_NS) return false;
    if (trial->stage == STOPPING)
        set_deadline(trial, STOP_SECONDS); /* the figures are made; give the programs their time */
    else
        fail(trial, "the runner itself stood still for %.1f s (was it stopped, or its terminal?)",
             (double)late_ns / NS_PER_SECOND);
    return true;
}

static void deadline_passed(uv_timer_t *timer) {
    struct trial *trial = timer->data;
    if (clock_now_ns() - trial->beat_ns >= STILL_NS && stood_still(trial)) return;
    switch (trial->stage) {
    case STARTING: fail_program(trial, idle_program(trial), "was not ready in time"); break;
    case CONNECTING:
        fail_program(trial, idle_program(trial), "did not connect all its subscribers in time");
        break;
    case MEASURING:
        fail_program(trial, idle_program(trial), "did not tell which events fell into the window");
        break;
    case DRAINING: enter_stopping(trial); break; /* its report still says what came */
    case STOPPING: insist(trial); break;
    }
}

/* ============================== stages ============================== */

static void start_program(struct trial *trial, enum role role, int index, const char *servers) {
    const struct cell *cell = trial->setup->cell;
    struct program *program = &trial->programs[trial->started++];
    program->owner = trial;
    program->handler = &trial_programs;
    program->role = role;
    program->index = index;
    program->name = xasprintf("%s_%s %d", cell->strategy->key, role_names[role], index);
    program->log_path =
        xasprintf("%s-%s-%d.log", trial->setup->log_prefix, role_names[role], index);
    char **arguments = trial_arguments(trial->setup, role, index, servers);
    int error = program_start(program, &trial->loop, arguments);
    if (error != 0) fail(trial, "cannot start %s: %s", arguments[0], uv_strerror(error));
    trial_arguments_free(arguments);
    beat_follows(trial); /* starting many takes its time */
}

/* The programs of one role must each send one more message. */
static void await(struct trial *trial, enum role role) {
    trial->awaited = role == ROLE_SERVER ? trial->server_count : trial->client_count;
    for (int i = 0; i < trial->started; i++) trial->programs[i].answered = false;
}

static void enter_starting(struct trial *trial) {
    await(trial, ROLE_SERVER);
    set_deadline(trial, READY_SECONDS);
    for (int i = 0; i < trial->server_count && trial->failure == NULL; i++)
        start_program(trial, ROLE_SERVER, i, NULL);
}

static void enter_connecting(struct trial *trial) {
    struct buffer servers = {0};
    for (int i = 0; i < trial->server_count; i++)
        buffer_printf(&servers, "%s" SERVER_ADDRESS ":%" PRId64, i == 0 ? "" : ",",
                      trial->programs[i].port);
    trial->stage = CONNECTING;
    trial->kernel_before = kernel_memory_bytes();
    await(trial, ROLE_CLIENT);
    set_deadline(trial, READY_SECONDS + trial->setup->cell->subscribers / CONNECTS_PER_SECOND);
    for (int i = 0; i < trial->client_count && trial->failure == NULL; i++)
        start_program(trial, ROLE_CLIENT, i, servers.data);
    buffer_free(&servers);
}

static void enter_measuring(struct trial *trial) {
    const struct settings *settings = trial->setup->settings;
    int64_t kernel = kernel_memory_bytes();
    if (kernel >= 0 && trial->kernel_before >= 0)
        trial->kernel_bytes = (double)(kernel - trial->kernel_before);
    if (trial->settle_seconds > trial->warmup_seconds)
        trial->warmup_seconds = trial->settle_seconds;
    int64_t publish_ns = clock_now_ns() + START_DELAY_NS;
    trial->start_ns = publish_ns + (int64_t)(trial->warmup_seconds * NS_PER_SECOND);
    trial->end_ns = trial->start_ns + (int64_t)(settings->measure_seconds * NS_PER_SECOND);
    trial->stage = MEASURING;
    await(trial, ROLE_SERVER);
    for (int i = 0; i < trial->started; i++) {
        struct program *program = &trial->programs[i];
        program_send(program, "measure %" PRId64 " %" PRId64, trial->start_ns, trial->end_ns);
        if (program->role == ROLE_SERVER) program_send(program, "publish %" PRId64, publish_ns);
    }
    set_deadline(trial, trial->warmup_seconds + settings->measure_seconds + LATE_SECONDS);
}

/* Patience begins when everybody has asked once more. */
static void enter_draining(struct trial *trial) {
    double drain = trial->settle_seconds + trial->setup->settings->drain_seconds;
    int64_t until = clock_now_ns() + (int64_t)(drain * NS_PER_SECOND);
    trial->stage = DRAINING;
    await(trial, ROLE_CLIENT);
    for (int i = 0; i < trial->started; i++)
        if (trial->programs[i].role == ROLE_CLIENT)
            program_send(&trial->programs[i], "drain %" PRId64 " %" PRId64 " %" PRId64,
                         trial->first, trial->last, until);
    set_deadline(trial, drain + LATE_SECONDS);
}

static void enter_stopping(struct trial *trial) {
    bool in_order = trial->failure == NULL && !trial->interrupted;
    trial->stage = STOPPING;
    trial->awaited = 0;
    for (int i = 0; i < trial->started; i++) program_send(&trial->programs[i], "stop");
    set_deadline(trial, in_order ? STOP_SECONDS : ESCALATE_SECONDS);
}

/* ============================== what programs say ============================== */

static int64_t integer(const json_t *message, const char *field) {
    return json_integer_value(json_object_get(message, field));
}

/* One of the awaited messages came. Returns whether it was the last one. */
static bool answered(struct trial *trial, struct program *program, enum stage stage,
                     enum role role) {
    if (trial->stage != stage || program->role != role || program->answered) return false;
    program->answered = true;
    return --trial->awaited == 0;
}

static void on_ready(struct trial *trial, struct program *program, json_t *message) {
    program->port = integer(message, "port");
    if (answered(trial, program, STARTING, ROLE_SERVER)) enter_connecting(trial);
}

static void on_connected(struct trial *trial, struct program *program, json_t *message) {
    double settle = json_number_value(json_object_get(message, "settle_seconds"));
    if (settle > trial->settle_seconds) trial->settle_seconds = settle;
    if (answered(trial, program, CONNECTING, ROLE_CLIENT)) enter_measuring(trial);
}

/* Same seed, same start: all servers have the same events in the window. */
static void on_window(struct trial *trial, struct program *program, json_t *message) {
    int64_t first = integer(message, "first"), last = integer(message, "last");
    if (trial->stage != MEASURING) return;
    if (trial->awaited < trial->server_count && (trial->first != first || trial->last != last)) {
        fail(trial,
             "%s published events %" PRId64 " to %" PRId64 ", another server %" PRId64
             " to %" PRId64,
             program->name, first, last, trial->first, trial->last);
        return;
    }
    trial->first = first;
    trial->last = last;
    if (answered(trial, program, MEASURING, ROLE_SERVER)) enter_draining(trial);
}

static void on_drained(struct trial *trial, struct program *program, json_t *message) {
    (void)message;
    if (answered(trial, program, DRAINING, ROLE_CLIENT)) enter_stopping(trial);
}

static void on_tick(struct trial *trial, struct program *program, json_t *message) {
    int64_t t_ms = integer(message, "t_ms");
    const char *field;
    json_t *value;
    json_object_foreach(message, field,
                        value) if (json_is_number(value) && strcmp(field, "t_ms") != 0)
        result_point(trial->result, t_ms, role_names[program->role], program->index, field,
                     json_number_value(value));
}

static void on_report(struct trial *trial, struct program *program, json_t *message) {
    if (program->reported) return;
    program->reported = true;
    result_report(trial->result, role_names[program->role], program->index, json_incref(message));
}

static void on_failed(struct trial *trial, struct program *program, json_t *message) {
    const char *sentence = json_string_value(json_object_get(message, "message"));
    fail(trial, "%s: %s", program->name, sentence == NULL ? "failed" : sentence);
}

static void program_said(struct program *program, const char *type, json_t *message) {
    static const struct {
        const char *type;
        void (*take)(struct trial *, struct program *, json_t *);
    } kinds[] = {{"ready", on_ready},     {"connected", on_connected}, {"window", on_window},
                 {"drained", on_drained}, {"tick", on_tick},           {"report", on_report},
                 {"failed", on_failed}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].type, type) == 0) {
            kinds[i].take(program->owner, program, message);
            return;
        }
    log_warn("%s sent a message of the unknown type %s", program->name, type);
}

/* ============================== the end ============================== */

/* Says how a program ended, when that is not as it should be. */
static void judge_end(struct trial *trial, const struct program *program) {
    char what[80];
    if (program->exit_signal != 0)
        snprintf(what, sizeof what, "was killed by signal %d (%s)", program->exit_signal,
                 strsignal(program->exit_signal));
    else if (program->exit_status != 0)
        snprintf(what, sizeof what, "exited with status %" PRId64, program->exit_status);
    else if (trial->stage != STOPPING)
        snprintf(what, sizeof what, "exited before it was asked to");
    else if (!program->reported)
        snprintf(what, sizeof what, "exited without a report");
    else
        return;
    fail_program(trial, program, what);
}

static void close_own_handles(struct trial *trial) {
    uv_close((uv_handle_t *)&trial->deadline, NULL);
    uv_close((uv_handle_t *)&trial->beat, NULL);
    interrupt_close(&trial->interrupt);
}

static void program_ended(struct program *program) {
    struct trial *trial = program->owner;
    trial->ended++;
    if (!trial->interrupted) judge_end(trial, program);
    if (trial->stage == STOPPING && trial->ended == trial->started) close_own_handles(trial);
}

static const struct program_handler trial_programs = {program_said, program_ended};

/* ============================== running ============================== */

/* The first signal stops in order; a second one at once. */
static void on_interrupt(void *data) {
    struct trial *trial = data;
    if (trial->interrupted) {
        trial->firmness = 1;
        insist(trial);
        return;
    }
    trial->interrupted = true;
    if (trial->stage != STOPPING || trial->firmness == 0) enter_stopping(trial);
}

static void on_beat(uv_timer_t *timer) {
    struct trial *trial = timer->data;
    stood_still(trial);
    if (trial->setup->beat != NULL) trial->setup->beat(trial->setup->data);
}

static void init(struct trial *trial) {
    uv_loop_init(&trial->loop);
    uv_timer_init(&trial->loop, &trial->deadline);
    uv_timer_init(&trial->loop, &trial->beat);
    trial->deadline.data = trial->beat.data = trial;
    uv_timer_start(&trial->beat, on_beat, BEAT_MS, BEAT_MS);
    beat_follows(trial);
    interrupt_watch(&trial->interrupt, &trial->loop, on_interrupt, trial);
    size_t count = (size_t)(trial->server_count + trial->client_count);
    trial->programs = xcalloc(count, sizeof *trial->programs);
}

static void finish(struct trial *trial) {
    int error = uv_loop_close(&trial->loop);
    if (error != 0) log_error("the trial's loop is still in use: %s", uv_strerror(error));
    for (int i = 0; i < trial->started; i++) program_free(&trial->programs[i]);
    free(trial->programs);
}

enum trial_outcome trial_run(const struct trial_setup *setup, struct result *result) {
    int64_t began_ns = clock_now_ns();
    struct trial trial = {
        .setup = setup,
        .warmup_seconds = setup->settings->warmup_seconds,
        .result = result,
        .server_count = setup->cell->server_processes,
        .client_count = setup->cell->client_processes,
        .kernel_before = -1,
        .kernel_bytes = NAN,
    };
    init(&trial);
    enter_starting(&trial);
    uv_run(&trial.loop, UV_RUN_DEFAULT);
    finish(&trial);
    struct trial_facts facts = {
        .subscribers = setup->cell->subscribers,
        .kernel_bytes = trial.kernel_bytes,
        .failure = trial.failure,
    };
    if (!trial.interrupted) {
        metrics_derive(result, &facts);
        verdict_give(result, &facts);
    }
    result->seconds = (double)(clock_now_ns() - began_ns) / NS_PER_SECOND;
    free(trial.failure);
    return trial.interrupted ? TRIAL_INTERRUPTED : TRIAL_ENDED;
}

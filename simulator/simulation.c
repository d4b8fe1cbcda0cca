/* A trial in virtual time: see simulation.h. In order: options, the parts that the models share, the publisher, the
 * run. */
#include "simulation.h"

#include "models.h"
#include "report.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/memory.h"
#include "base/option_form.h"
#include "base/random.h"
#include "model/event.h"

#include <stdlib.h>
#include <string.h>

static const struct model *const models[] = {
    &polling_model, &long_polling_model, &sse_model, &websocket_model, &webhook_model, &tcp_model,
};
#define MODEL_COUNT (sizeof(models) / sizeof(models[0]))

/* Options that every program has, and that mean something here. Those that concern a real machine alone are known, and
 * change nothing: how it waits, how it connects, where it listens. */
static const char *const common_options[] = {
    "subscribers",
    "events_per_second",
    "arrivals",
    "ramp_to",
    "ramp_seconds",
    "payload_bytes",
    "stall",
    "pacing",
    "feed_events",
    "kernel_stamps",
    "connect_concurrency",
    "congestion_control",
    NULL,
};

static const struct model *model_of(const char *strategy) {
    for (size_t i = 0; i < MODEL_COUNT; i++)
        if (strcmp(models[i]->name, strategy) == 0) return models[i];
    return NULL;
}

bool simulation_has(const char *strategy) { return model_of(strategy) != NULL; }

static bool lists(const char *const *names, const char *name) {
    for (; *names != NULL; names++)
        if (strcmp(*names, name) == 0) return true;
    return false;
}

bool simulation_knows(const char *strategy, const char *key) {
    return lists(common_options, key) || lists(model_of(strategy)->options, key);
}

/* --- options ---------------------------------------------------------------------------------- */

static const char *option(const struct simulation *s, const char *key) {
    const char *text = s->conditions->option(s->conditions->data, key);
    return text == NULL ? "" : text;
}

double simulation_number(const struct simulation *s, const char *key) {
    return strtod(option(s, key), NULL);
}

bool simulation_switch(const struct simulation *s, const char *key) {
    return strcmp(option(s, key), "on") == 0;
}

uint64_t simulation_seed(const struct simulation *s) { return s->conditions->seed; }

/* --- what the models share -------------------------------------------------------------------- */

/* Processes have equal shares, the first ones one user more. */
struct crowd *crowd_of(const struct simulation *s, uint32_t user) {
    uint32_t count = (uint32_t)s->crowds_count, each = s->users / count, rest = s->users % count;
    uint32_t larger = rest * (each + 1);
    return &s->crowds[user < larger ? user / (each + 1) : rest + (user - larger) / each];
}

int64_t bytes_cost_ns(const struct simulation *s, uint64_t bytes) {
    return (int64_t)bytes * s->machine.byte_ps / 1000;
}

uint64_t lines_bytes(const struct simulation *s, uint64_t after, uint64_t last) {
    if (after >= last) return 0;
    const struct published *newest = &s->events[last - 1];
    return newest->before + newest->bytes + 1 - s->events[after].before;
}

void simulation_sends(struct simulation *s, struct service *service, uint64_t number, int64_t at_ns,
                      int64_t since_ns) {
    if (window_has(&s->window, s->events[number - 1].due_ns))
        histogram_record(service->work, at_ns - since_ns);
}

int64_t crowd_comes_to(const struct simulation *s, const struct crowd *crowd, int64_t at_ns,
                       int64_t wake_ns) {
    return s->network.far ? at_ns + wake_ns + wake_ns * s->machine.cold_percent / 100
                          : host_comes_to(&crowd->host, at_ns, wake_ns);
}

int64_t crowd_works(struct simulation *s, struct crowd *crowd, int64_t from_ns, int64_t for_ns) {
    if (!s->network.far) return host_works(&crowd->host, from_ns, for_ns);
    if (window_has(&s->window, from_ns)) {
        crowd->host.busy_ns += for_ns;
        crowd->host.wakes++;
    }
    return from_ns + for_ns;
}

int64_t simulation_delivers(struct simulation *s, uint32_t user, uint64_t after, uint64_t last,
                            int64_t arrived_ns, int64_t asked_ns) {
    struct crowd *crowd = crowd_of(s, user);
    int64_t from_ns = s->network.far ? arrived_ns + s->machine.wake_ns
                                     : host_comes_to(&crowd->host, arrived_ns, s->machine.wake_ns);
    int64_t handled_ns = crowd_works(s, crowd, from_ns, s->machine.read_ns);
    for (uint64_t number = after + 1; number <= last; number++) {
        const struct published *event = &s->events[number - 1];
        struct event_view view = {number, event->due_ns, event->at_ns - event->due_ns, "",
                                  (size_t)s->payload_bytes};
        struct receipt receipt = {handled_ns, arrived_ns, asked_ns, 0, false, 0};
        recorder_receive(&crowd->recorder, &s->accounts[user], &view, &receipt);
        if (s->conditions->received != NULL && simulation_watches(s, user))
            s->conditions->received(s->conditions->watcher, number, event->due_ns, arrived_ns);
    }
    return handled_ns;
}

uint64_t simulation_seat(struct simulation *s, uint32_t user, uint64_t after) {
    if (s->event_count <= after + s->feed_events) return after;
    uint64_t missed = s->event_count - s->feed_events - after;
    service_of(s, user)->missed += missed;
    crowd_of(s, user)->missed += missed;
    return after + missed;
}

/* --- publishing ------------------------------------------------------------------------------- */

/* What is due in the window, as core/harness/publisher.c counts it. */
static void count_published(struct simulation *s, int64_t due_ns) {
    uint64_t number = s->event_count;
    if (due_ns > s->age.newest_due_ns)
        age_renew(&s->age, &s->least_age, &s->window, due_ns, due_ns);
    if (due_ns < s->window.start_ns) s->before = number;
    if (!window_has(&s->window, due_ns)) return;
    if (s->first == 0) s->first = number;
    s->last = number;
    histogram_record(s->lag, s->engine.now_ns - due_ns);
}

static uint64_t text_bytes(uint64_t number, int64_t due_ns, int64_t lag_ns, int64_t payload) {
    struct buffer text = {0};
    event_encode(&text, number, due_ns, lag_ns, "", 0);
    uint64_t bytes = text.length + (uint64_t)payload;
    buffer_free(&text);
    return bytes;
}

static void append(struct simulation *s, int64_t due_ns) {
    int64_t now_ns = s->engine.now_ns;
    uint64_t number = s->event_count + 1;
    const struct published *last = s->event_count == 0 ? NULL : &s->events[s->event_count - 1];
    struct published event = {
        .due_ns = due_ns,
        .at_ns = now_ns,
        .bytes = text_bytes(number, due_ns, now_ns - due_ns, s->payload_bytes),
        .before = last == NULL ? 0 : last->before + last->bytes + 1,
    };
    s->events = xgrow(s->events, s->event_count, sizeof(event));
    s->events[s->event_count++] = event;
}

/* A server that is busy with requests looks at its timers between two batches of them: 1,024, as libuv has it. One that
 * is writing an event to everybody has to come to the end of that. */
#define BATCH 1024
static int64_t timer_turn_ns(const struct simulation *s, const struct host *host, int64_t due_ns) {
    int64_t turn_ns = host_comes_to(host, due_ns, s->machine.wake_ns);
    int64_t batch_ns = BATCH * (s->machine.request_ns + s->machine.answer_ns);
    int64_t from_ns = due_ns > host->stands_ns ? due_ns : host->stands_ns;
    return s->model->alternates && turn_ns > from_ns + batch_ns ? from_ns + batch_ns : turn_ns;
}

/* When the publisher comes to the next event: when that is due, and the first of the servers comes to its timer. */
static int64_t wake_up_ns(const struct simulation *s) {
    int64_t due_ns = s->schedule.due_ns, first_ns = INT64_MAX;
    for (int i = 0; due_ns != INT64_MAX && i < s->services_count; i++) {
        int64_t at_ns = timer_turn_ns(s, &s->services[i].host, due_ns);
        if (at_ns < first_ns) first_ns = at_ns;
    }
    return first_ns;
}

static void on_publish(struct source *source) {
    struct simulation *s = list_entry(source, struct simulation, publisher);
    int64_t due_ns = s->schedule.due_ns;
    schedule_advance(&s->schedule);
    append(s, due_ns);
    count_published(s, due_ns);
    if (s->conditions->published != NULL)
        s->conditions->published(s->conditions->watcher, s->event_count, due_ns, s->engine.now_ns);
    if (s->model->publish != NULL) s->model->publish(s);
    engine_arm(&s->engine, source, wake_up_ns(s));
}

/* All servers stand still: what comes meanwhile, and what is due, waits. */
static void on_stall(struct source *source) {
    struct simulation *s = list_entry(source, struct simulation, stall);
    for (int i = 0; i < s->services_count; i++)
        host_stands_still(&s->services[i].host, s->engine.now_ns, s->stall_for_ns);
    if (s->schedule.due_ns != INT64_MAX) engine_arm(&s->engine, &s->publisher, wake_up_ns(s));
}

static void plan_stall(struct simulation *s) {
    double stall[2];
    s->stall.fire = on_stall;
    if (!option_form_stall(option(s, "stall"), stall) || stall[1] <= 0) return;
    s->stall_for_ns = (int64_t)(stall[1] * NS_PER_MS);
    engine_arm(&s->engine, &s->stall, s->window.start_ns + (int64_t)(stall[0] * NS_PER_MS));
}

static void start_publisher(struct simulation *s) {
    double rate = simulation_number(s, "events_per_second"), ramp = simulation_number(s, "ramp_to");
    bool poisson = strcmp(option(s, "arrivals"), "poisson") == 0;
    s->publisher.fire = on_publish;
    if (rate <= 0) return;
    schedule_init(&s->schedule, rate, poisson, s->conditions->seed, s->publish_ns);
    if (ramp > 0) schedule_ramp(&s->schedule, ramp, simulation_number(s, "ramp_seconds"));
    engine_arm(&s->engine, &s->publisher, wake_up_ns(s));
}

/* --- beginning and end ------------------------------------------------------------------------ */

static uint64_t power_of_two(double at_least) {
    uint64_t power = 1;
    while ((double)power < at_least) power *= 2;
    return power;
}

static struct host new_host(const struct simulation *s) {
    return (struct host){
        .window = &s->window,
        .cold_percent = s->machine.cold_percent,
        .start_ns = s->machine.start_ns,
    };
}

static void init_crowds(struct simulation *s) {
    const struct conditions *c = s->conditions;
    uint32_t count = (uint32_t)s->crowds_count, each = s->users / count, rest = s->users % count;
    for (uint32_t i = 0; i < count; i++) {
        struct crowd *crowd = &s->crowds[i];
        crowd->first = i * each + (i < rest ? i : rest);
        crowd->count = each + (i < rest);
        crowd->host = new_host(s);
        crowd->connected_ns =
            c->clients_connected_ns == NULL ? c->connected_ns : c->clients_connected_ns[i];
        crowd->round_trip = histogram_new();
        crowd->request_lag = histogram_new();
        crowd->connect = histogram_new();
        recorder_init(&crowd->recorder);
        crowd->recorder.stamps = true;
        recorder_window(&crowd->recorder, c->window.start_ns, c->window.end_ns);
        recorder_open_books(&crowd->recorder, c->window.start_ns);
        recorder_close_books(&crowd->recorder, c->window.end_ns);
    }
}

/* A handshake and a first word each, whichever the strategy. Left out: that they wait for each other. */
static void connect_all(struct simulation *s) {
    int64_t took_ns = 2 * s->network.round_ns + 3 * s->machine.wake_ns + s->machine.request_ns;
    for (int i = 0; i < s->crowds_count; i++)
        for (uint32_t k = 0; k < s->crowds[i].count; k++)
            histogram_record(s->crowds[i].connect, took_ns);
}

static void init(struct simulation *s, const struct conditions *c) {
    int64_t begin_ns = c->connected_ns < c->publish_ns ? c->connected_ns : c->publish_ns;
    *s = (struct simulation){
        .conditions = c,
        .model = model_of(c->strategy),
        .machine = c->machine,
        .window = c->window,
        .users = c->subscribers,
        .services_count = c->servers,
        .crowds_count = c->clients,
        .publish_ns = c->publish_ns,
    };
    engine_init(&s->engine, begin_ns);
    network_make(&s->network, c->link, c->seed, &s->window, s->machine.relay_ns,
                 s->machine.tick_ns);
    s->payload_bytes = (int64_t)simulation_number(s, "payload_bytes");
    s->feed_events = power_of_two(simulation_number(s, "feed_events"));
    s->accounts = xcalloc(s->users, sizeof(*s->accounts));
    s->lines = xcalloc(s->users, sizeof(*s->lines));
    s->services = xcalloc((size_t)s->services_count, sizeof(*s->services));
    s->crowds = xcalloc((size_t)s->crowds_count, sizeof(*s->crowds));
    s->lag = histogram_new();
    for (int i = 0; i < s->services_count; i++) {
        s->services[i].host = new_host(s);
        s->services[i].work = histogram_new();
    }
    init_crowds(s);
    connect_all(s);
    s->own = xcalloc(1, s->model->size);
    s->network.watched = c->saw == NULL ? NULL : &s->lines[c->watched];
    s->network.saw = c->saw;
    s->network.data = c->watcher;
}

static void release(struct simulation *s) {
    for (uint32_t user = 0; user < s->users; user++) ledger_free(&s->accounts[user].ledger);
    for (int i = 0; i < s->services_count; i++) histogram_free(s->services[i].work);
    for (int i = 0; i < s->crowds_count; i++) {
        recorder_free(&s->crowds[i].recorder);
        histogram_free(s->crowds[i].round_trip);
        histogram_free(s->crowds[i].request_lag);
        histogram_free(s->crowds[i].connect);
    }
    histogram_free(s->lag);
    engine_free(&s->engine);
    free(s->accounts);
    free(s->lines);
    free(s->services);
    free(s->crowds);
    free(s->events);
    free(s->own);
}

static bool all_delivered(const struct simulation *s) {
    uint64_t deliveries = 0, events = s->first == 0 ? 0 : s->last - s->first + 1;
    for (int i = 0; i < s->crowds_count; i++) deliveries += s->crowds[i].recorder.deliveries;
    return deliveries >= events * s->users;
}

#define DRAIN_STEP_NS (10 * (int64_t)NS_PER_MS)

/* As a live trial: to the end of the window, then until all have come, or patience is over. */
static void run(struct simulation *s) {
    int64_t settle_ns = s->model->settle_ns == NULL ? 0 : s->model->settle_ns(s);
    int64_t end_ns = s->window.end_ns + settle_ns + s->conditions->drain_ns;
    s->model->start(s);
    start_publisher(s);
    plan_stall(s);
    engine_run(&s->engine, s->window.end_ns);
    while (s->schedule.due_ns < s->window.end_ns && s->engine.now_ns < end_ns)
        engine_run(&s->engine, s->engine.now_ns + DRAIN_STEP_NS); /* a busy server publishes late */
    while (!all_delivered(s) && s->engine.now_ns < end_ns)
        engine_run(&s->engine, s->engine.now_ns + DRAIN_STEP_NS);
}

static void settle(struct simulation *s) {
    for (uint32_t user = 0; user < s->users; user++) {
        struct crowd *crowd = crowd_of(s, user);
        recorder_settle(&crowd->recorder, &s->accounts[user]);
        if (s->model->alternates)
            line_settle(&s->network, &s->lines[user], &crowd->traffic, s->window.end_ns);
    }
    age_settle(&s->age, &s->least_age, &s->window);
}

void simulation_run(const struct conditions *conditions, struct simulation_reports *reports) {
    struct simulation s;
    init(&s, conditions);
    run(&s);
    settle(&s);
    if (s.model->stop != NULL) s.model->stop(&s);
    report_make(&s, reports);
    release(&s);
}

void simulation_reports_free(struct simulation_reports *reports) {
    json_decref(reports->servers);
    json_decref(reports->clients);
    json_decref(reports->link);
}

/* A session: see session.h. In order: saying what has changed, starting, what programs say, how they end, its life. */
#include "live/session.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "live/modelled.h"
#include "model/conversation.h"
#include "trial/command_line.h"
#include "trial/setup.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRACE_MS 50               /* twenty times a second */
#define CONNECT_MS 30000          /* a lane that has not connected by then is left behind */
#define STOP_MS 3000              /* until SIGTERM, and until SIGKILL */
#define LEAD_NS (200 * NS_PER_MS) /* for the commands to arrive before the first event is due */
#define FOREVER_NS (INT64_MAX / 2)

struct session {
    struct session_setup setup;
    uv_loop_t *loop;
    uv_timer_t deadline;
    enum session_state state;
    struct lane lanes[STRATEGIES_MAX];
    int lane_count;
    struct cast far; /* the link, if there is one: one member */
    int64_t places[SIDE_COUNT];
    char server_address[64];
    json_t *traces; /* stays empty: that it is there makes programs trace */
    struct modelled *models;
    int firmness;
    bool closing;
};

/* --- which is which ------------------------------------------------------------------------------- */

static void changed(struct session *session) {
    session->setup.handler.changed(session->setup.handler.data);
}

static struct member *link_of(const struct session *session) {
    return session->far.count == 0 ? NULL : &session->far.members[0];
}

static struct trial_setup setup_of(const struct session *session, const struct lane *lane) {
    return (struct trial_setup){
        .cell = lane->trial->cell,
        .seed = lane->trial->seed,
        .settings = &session->setup.plan->scenario->settings,
        .catalog = session->setup.catalog,
        .links = session->setup.catalog,
        .traces = session->traces,
        .trace_ms = TRACE_MS,
    };
}

/* NULL: it is the link's. */
static struct lane *lane_of(struct session *session, const struct member *member) {
    for (int i = 0; i < session->lane_count; i++)
        for (int role = 0; role < SIDE_COUNT; role++)
            if (lane_member(&session->lanes[i], (enum role)role) == member)
                return &session->lanes[i];
    return NULL;
}

/* --- starting ------------------------------------------------------------------------------------- */

static const struct program_handler programs;

static void complain(struct session *session, struct lane *lane, const struct member *member,
                     const char *what) {
    char *words = program_last_words(&member->program);
    if (lane->complaint == NULL)
        lane->complaint = xasprintf("%s %s%s%s", member->program.name, what,
                                    words == NULL ? "" : ": ", words == NULL ? "" : words);
    log_warn("%s", lane->complaint);
    free(words);
    changed(session);
}

/* The lane gives the cell, also of the link's. */
static void start_member(struct session *session, struct lane *lane, struct member *member,
                         const char *servers) {
    struct trial_setup setup = setup_of(session, lane);
    struct program *program = &member->program;
    const char *key = member->role == ROLE_LINK ? "all" : lane->trial->cell->strategy->key;
    program->data = session;
    program->handler = &programs;
    program->name = xasprintf("%s_%s", key, role_names[member->role]);
    program->log_path = xasprintf("%s/%s.log", session->setup.logs, program->name);
    int64_t place = member->role == ROLE_LINK ? 0 : session->places[member->role];
    char **line = command_line(&setup, member, servers, place);
    member->started = true;
    int error = program_start(program, session->loop, line);
    if (error != 0) complain(session, lane, member, uv_strerror(error));
    command_line_free(line);
}

static void start_servers(struct session *session) {
    for (int i = 0; i < session->lane_count; i++) {
        struct lane *lane = &session->lanes[i];
        if (link_of(session) != NULL) cast_servers_at(&lane->cast, session->server_address);
        start_member(session, lane, lane_member(lane, ROLE_SERVER), NULL);
    }
}

/* The same instant and the same seed for all: an event is due in every lane at once. */
static void begin_publishing(struct session *session) {
    int64_t start_ns = clock_now_ns() + LEAD_NS;
    session->state = SESSION_RUNNING;
    uv_timer_stop(&session->deadline);
    for (int side = 0; side < SIDE_COUNT; side++)
        session_tell(session, (enum role)side, COMMAND_MEASURE " %" PRId64 " %" PRId64, start_ns,
                     FOREVER_NS);
    session_tell(session, ROLE_SERVER, COMMAND_PUBLISH " %" PRId64, start_ns);
    changed(session);
}

static void begin_if_all_are_up(struct session *session) {
    for (int i = 0; i < session->lane_count; i++)
        if (!session->lanes[i].connected && session->lanes[i].complaint == NULL) return;
    if (session->state == SESSION_STARTING) begin_publishing(session);
}

static void too_long(uv_timer_t *timer) {
    struct session *session = timer->data;
    if (session->state == SESSION_STOPPING)
        session_kill(session);
    else if (session->state == SESSION_STARTING)
        begin_publishing(session);
}

/* --- what programs say ---------------------------------------------------------------------------- */

static int64_t integer(const json_t *message, const char *field) {
    return json_integer_value(json_object_get(message, field));
}

static void link_ready(struct session *session, const json_t *message) {
    const json_t *places = json_object_get(message, FIELD_PLACES);
    const char *address = json_string_value(json_object_get(message, FIELD_SERVER_ADDRESS));
    for (int side = 0; side < SIDE_COUNT; side++)
        session->places[side] = integer(places, role_names[side]);
    snprintf(session->server_address, sizeof(session->server_address), "%s",
             address == NULL ? "" : address);
    start_servers(session);
}

static void server_ready(struct session *session, struct lane *lane, struct member *member,
                         const json_t *message) {
    member->port = integer(message, FIELD_PORT);
    char *servers = cast_addresses(&lane->cast, ROLE_SERVER);
    start_member(session, lane, lane_member(lane, ROLE_CLIENT), servers);
    free(servers);
}

static void said(struct program *program, const char *type, json_t *message) {
    struct session *session = program->data;
    struct member *member = cast_member(program);
    struct lane *lane = lane_of(session, member);
    if (session->state >= SESSION_STOPPING) return;
    if (strcmp(type, MESSAGE_READY) == 0 && member->role == ROLE_LINK)
        link_ready(session, message);
    else if (strcmp(type, MESSAGE_READY) == 0 && member->role == ROLE_SERVER)
        server_ready(session, lane, member, message);
    else if (strcmp(type, MESSAGE_CONNECTED) == 0 && lane != NULL)
        lane->connected = true;
    else if (strcmp(type, MESSAGE_TRACE) == 0 && lane != NULL)
        lane_take_trace(lane, member->role, message);
    else if (strcmp(type, MESSAGE_TICK) == 0 && lane != NULL)
        lane_take_tick(lane, member->role, message);
    begin_if_all_are_up(session);
}

/* --- how they end --------------------------------------------------------------------------------- */

static void deadline_closed(uv_handle_t *timer) {
    struct session *session = timer->data;
    session->state = SESSION_ENDED;
    session->setup.handler.ended(session->setup.handler.data);
}

static bool sides_are_left(const struct session *session) {
    for (int i = 0; i < session->lane_count; i++)
        if (!cast_is_over(&session->lanes[i].cast)) return true;
    return false;
}

/* The link goes last: whoever stands at its ends goes before. */
static void close_when_over(struct session *session) {
    struct member *link = link_of(session);
    if (session->state != SESSION_STOPPING || session->closing || sides_are_left(session)) return;
    if (link != NULL && link->started && !link->ended) {
        program_send(&link->program, COMMAND_STOP);
        return;
    }
    session->closing = true;
    uv_close((uv_handle_t *)&session->deadline, deadline_closed);
}

/* One that ends before it was asked to leaves its lane empty; the others go on. */
static void ended(struct program *program) {
    struct session *session = program->data;
    struct member *member = cast_member(program);
    struct lane *lane = lane_of(session, member);
    member->ended = true;
    bool early = session->state < SESSION_STOPPING;
    if (early && lane == NULL)
        for (int i = 0; i < session->lane_count; i++)
            complain(session, &session->lanes[i], member, "has ended, and with it the network");
    else if (early)
        complain(session, lane, member, "has ended");
    if (early) begin_if_all_are_up(session);
    close_when_over(session);
}

static const struct program_handler programs = {said, ended};

/* --- telling them --------------------------------------------------------------------------------- */

static void tell(struct session *session, enum role role, const char *line) {
    for (int i = 0; i < session->lane_count; i++) {
        struct member *member = lane_member(&session->lanes[i], role);
        if (member->started && !member->ended) program_send(&member->program, "%s", line);
    }
}

void session_tell(struct session *session, enum role role, const char *format, ...) {
    va_list values;
    va_start(values, format);
    char *line = xvasprintf(format, values);
    va_end(values);
    tell(session, role, line);
    free(line);
}

void session_pour(struct session *session, int64_t now_ns) {
    if (session->models != NULL && session->state == SESSION_RUNNING)
        modelled_pour(session->models, session->lanes, session->lane_count, now_ns);
}

/* --- its life ------------------------------------------------------------------------------------- */

static void start_models(struct session *session) {
    struct trial_setup setups[STRATEGIES_MAX];
    for (int i = 0; i < session->lane_count; i++) {
        setups[i] = setup_of(session, &session->lanes[i]);
        session->lanes[i].connected = true;
    }
    session->models = modelled_new(setups, session->lane_count);
    session->state = SESSION_RUNNING;
}

struct session *session_new(uv_loop_t *loop, const struct session_setup *setup) {
    struct session *session = xcalloc(1, sizeof(*session));
    const struct plan *plan = setup->plan;
    session->setup = *setup;
    session->loop = loop;
    session->traces = json_array();
    uv_timer_init(loop, &session->deadline);
    session->deadline.data = session;
    session->lane_count = plan->scenario->strategy_count;
    for (int i = 0; i < session->lane_count; i++) {
        const struct planned_trial *trial = plan->trials;
        while (trial->cell->strategy != plan->scenario->strategies[i]) trial++;
        lane_init(&session->lanes[i], trial, setup->zero_ns);
    }
    if (setup->modelled) {
        start_models(session);
        return session;
    }
    uv_timer_start(&session->deadline, too_long, CONNECT_MS, 0);
    if (!plan_has_links(plan)) {
        start_servers(session);
        return session;
    }
    cast_init(&session->far, (int[ROLE_COUNT]){[ROLE_LINK] = 1});
    start_member(session, &session->lanes[0], link_of(session), NULL);
    return session;
}

void session_stop(struct session *session) {
    if (session->state >= SESSION_STOPPING) return;
    session->state = SESSION_STOPPING;
    for (int side = 0; side < SIDE_COUNT; side++) tell(session, (enum role)side, COMMAND_STOP);
    struct member *link = link_of(session);
    if (link != NULL && !sides_are_left(session)) program_signal(&link->program, SIGTERM);
    uv_timer_start(&session->deadline, too_long, STOP_MS, STOP_MS);
    close_when_over(session);
}

void session_kill(struct session *session) {
    int number = session->firmness++ == 0 ? SIGTERM : SIGKILL;
    struct member *link = link_of(session);
    session_stop(session);
    for (int i = 0; i < session->lane_count; i++)
        for (int role = 0; role < SIDE_COUNT; role++) {
            struct member *member = lane_member(&session->lanes[i], (enum role)role);
            if (!member->started || member->ended) continue;
            program_abandon(&member->program);
            program_signal(&member->program, number);
        }
    if (link == NULL || !link->started || link->ended || sides_are_left(session)) return;
    program_abandon(&link->program);
    program_signal(&link->program, number);
}

/* With what the programs have written for people. */
void session_free(struct session *session) {
    for (int i = 0; i < session->lane_count; i++) {
        for (int role = 0; role < SIDE_COUNT; role++) {
            const char *path = lane_member(&session->lanes[i], (enum role)role)->program.log_path;
            if (path != NULL) unlink(path);
        }
        lane_free(&session->lanes[i]);
    }
    if (link_of(session) != NULL && link_of(session)->program.log_path != NULL)
        unlink(link_of(session)->program.log_path);
    cast_free(&session->far);
    modelled_free(session->models);
    json_decref(session->traces);
    free(session);
}

enum session_state session_state(const struct session *session) { return session->state; }
int session_lanes(const struct session *session) { return session->lane_count; }

struct lane *session_lane(const struct session *session, int index) {
    return (struct lane *)(uintptr_t)&session->lanes[index];
}

const char *session_network(const struct session *session) {
    return session->models != NULL ? "models" : link_of(session) != NULL ? "link" : "loopback";
}

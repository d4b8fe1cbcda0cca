/* `pushpull live`: see live.h. In order: sessions that follow each other, what pages are told, what they ask for, the
 * routes, the beginning and the end. */
#include "live/live.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/resources.h"
#include "live/audience.h"
#include "live/knobs.h"
#include "live/modelled.h"
#include "live/session.h"
#include "live/stored.h"
#include "model/conversation.h"
#include "net/connection.h"
#include "net/http/reply.h"
#include "net/http/request.h"
#include "net/http/routes.h"
#include "net/http/server.h"
#include "scenario/find.h"
#include "scenario/load.h"
#include "system/capture.h"
#include "system/directory.h"
#include "system/interrupt.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ADDRESS "127.0.0.1"
#define BEAT_MS 50                         /* so often pages are told what is new */
#define LEAD_NS (100 * (int64_t)NS_PER_MS) /* for a command to be there before its time */
#define REQUEST_MAX 1024                   /* bytes of what a page asks for */
#define LINK_CHECK_SECONDS 10

extern const char page_html[]; /* page.html, made into this by the Makefile */

/* What one session is made of, from the scenario's file to the plan. */
struct cast_list {
    struct scenario scenario;
    struct plan plan;
};

struct live {
    const struct live_options *options;
    char *path; /* of the scenario */
    uv_loop_t loop;
    uv_timer_t beat;
    struct interrupt interrupt;
    struct network network;
    struct http_server *http;
    int port;
    char *logs; /* a directory of its own */
    struct catalog *catalog;
    struct cast_list *list; /* of the present session */
    struct session *session;
    struct knobs knobs;
    struct audience audience;
    struct buffer text; /* scratch: what pages are told is put together here */
    int64_t zero_ns;
    const char *why_models; /* why there are no programs; NULL: there are */
    int64_t sessions;       /* so far: another one numbers its events anew */
    bool asked_for_links, has_links;
    bool restarts, ending;
    int interrupts, status;
};

/* --- one session after the other ------------------------------------------------------------------ */

static void tell_state(struct live *live);

static void list_free(struct cast_list *list) {
    if (list == NULL) return;
    plan_free(&list->plan);
    scenario_free(&list->scenario);
    free(list);
}

/* The scenario, with what was turned. NULL after a line on stderr; *status says what kind of mistake it was. */
static struct cast_list *list_new(struct live *live, const char *const *sets, int set_count,
                                  int *status) {
    struct cast_list *list = xcalloc(1, sizeof(*list));
    struct scenario_overrides overrides = {sets, set_count, live->options->overrides.only};
    *status = scenario_load(&list->scenario, live->path, &overrides, live->catalog);
    if (*status != 0) {
        scenario_free(&list->scenario);
        free(list);
        return NULL;
    }
    *status = EXIT_USAGE;
    if (plan_make(&list->plan, &list->scenario) == 0 &&
        plan_fits(&list->plan, resources_raise_file_limit())) {
        *status = 0;
        return list;
    }
    list_free(list);
    return NULL;
}

static struct cast_list *turned_list(struct live *live) {
    int count, status;
    char **sets = knobs_sets(&live->knobs, &live->list->plan, live->options->overrides.sets,
                             live->options->overrides.set_count, &count);
    struct cast_list *list = list_new(live, (const char *const *)sets, count, &status);
    knobs_free_sets(sets, count);
    return list;
}

/* Whether links can be made here; asked once. */
static bool links_can_be_had(struct live *live) {
    if (live->asked_for_links) return live->has_links;
    char *program = xasprintf("%s/link", live->options->programs);
    bool good = false;
    free(capture_complaint((char *[]){program, "--check", NULL}, LINK_CHECK_SECONDS, &good));
    free(program);
    live->asked_for_links = true;
    live->has_links = good;
    return good;
}

static void choose_network(struct live *live) {
    live->why_models = live->options->modelled ? "as --modelled asks for"
                       : plan_has_links(&live->list->plan) && !links_can_be_had(live)
                           ? "this machine makes no networks (link --check says why)"
                           : NULL;
}

static void on_changed(void *data) { tell_state(data); }
static void on_session_ended(void *data);

static void begin_session(struct live *live) {
    struct session_setup setup = {
        .plan = &live->list->plan,
        .catalog = live->catalog,
        .logs = live->logs,
        .zero_ns = live->zero_ns,
        .modelled = live->why_models != NULL,
        .handler = {on_changed, on_session_ended, live},
    };
    live->sessions++;
    live->session = session_new(&live->loop, &setup);
    tell_state(live);
}

static void close_all(struct live *live) {
    if (uv_is_closing((uv_handle_t *)&live->beat)) return;
    uv_close((uv_handle_t *)&live->beat, NULL);
    interrupt_close(&live->interrupt);
    http_server_close(live->http);
}

static void on_session_ended(void *data) {
    struct live *live = data;
    session_free(live->session);
    live->session = NULL;
    if (live->ending) {
        close_all(live);
        return;
    }
    live->restarts = false;
    struct cast_list *list = turned_list(live);
    if (list != NULL) {
        list_free(live->list);
        live->list = list;
    }
    choose_network(live);
    begin_session(live);
}

static void restart(struct live *live) {
    live->restarts = true;
    session_stop(live->session);
    tell_state(live);
}

/* --- what pages are told ---------------------------------------------------------------------------- */

static double now_ms(const struct live *live) {
    return (double)(clock_now_ns() - live->zero_ns) / NS_PER_MS;
}

/* A text of ours or a program's, as JSON has it. */
static void add_text(struct buffer *out, const char *text) {
    json_t *string = json_string(text);
    char *quoted = string == NULL ? NULL : json_dumps(string, JSON_ENCODE_ANY);
    buffer_printf(out, "%s", quoted == NULL ? "null" : quoted);
    free(quoted);
    json_decref(string);
}

static void add_lane(struct buffer *out, const struct lane *lane) {
    const struct strategy *strategy = lane->trial->cell->strategy;
    buffer_printf(out,
                  "{\"key\":\"%s\",\"title\":\"%s\",\"colour\":\"%s\",\"shape\":%d,\"floor\":%s,"
                  "\"complaint\":",
                  strategy->key, strategy->title, strategy->colour, (int)(strategy - strategies),
                  strategy->floor ? "true" : "false");
    if (lane->complaint == NULL)
        buffer_printf(out, "null}");
    else
        add_text(out, lane->complaint), buffer_printf(out, "}");
}

static const char *status_word(const struct live *live) {
    if (live->ending) return "ended";
    if (live->restarts || live->session == NULL) return "restarting";
    return session_state(live->session) == SESSION_RUNNING ? "running" : "starting";
}

static void write_state(struct live *live) {
    struct buffer *out = &live->text;
    buffer_clear(out);
    buffer_printf(out, "{\"status\":\"%s\",\"session\":%" PRId64 ",\"now\":%.3f,\"scenario\":",
                  status_word(live), live->sessions, now_ms(live));
    add_text(out, live->list->scenario.settings.title);
    buffer_printf(out, ",\"experiment\":%" PRId64 ",\"network\":\"%s\",\"why_models\":",
                  live->options->experiment,
                  live->session == NULL ? "" : session_network(live->session));
    if (live->why_models == NULL)
        buffer_printf(out, "null");
    else
        add_text(out, live->why_models);
    buffer_printf(out, ",\"knobs\":");
    knobs_tell(&live->knobs, out);
    buffer_printf(out, ",\"lanes\":[");
    int count = live->session == NULL ? 0 : session_lanes(live->session);
    for (int i = 0; i < count; i++) {
        buffer_printf(out, "%s", i == 0 ? "" : ",");
        add_lane(out, session_lane(live->session, i));
    }
    buffer_printf(out, "]}");
}

static void tell_state(struct live *live) {
    if (live->session == NULL && !live->ending) return;
    write_state(live);
    audience_tell(&live->audience, "state", live->text.data, live->text.length);
}

/* The lanes' news, each at its lane's place. */
static void tell_news(struct live *live) {
    struct buffer *out = &live->text;
    bool any = false;
    buffer_clear(out);
    buffer_printf(out, "{\"now\":%.3f,\"lanes\":[", now_ms(live));
    for (int i = 0; i < session_lanes(live->session); i++) {
        buffer_printf(out, "%s", i == 0 ? "" : ",");
        any |= lane_tell(session_lane(live->session, i), out);
    }
    buffer_printf(out, "]}");
    if (any) audience_tell(&live->audience, "news", out->data, out->length);
}

static void on_beat(uv_timer_t *timer) {
    struct live *live = timer->data;
    if (live->session == NULL) return;
    session_pour(live->session, clock_now_ns());
    if (live->audience.count > 0) {
        tell_news(live);
        return;
    }
    for (int i = 0; i < session_lanes(live->session); i++)
        lane_forget(session_lane(live->session, i));
}

/* --- what they ask for ------------------------------------------------------------------------------ */

static int64_t milliseconds(const json_t *asked) {
    return json_integer_value(json_object_get(asked, "ms"));
}

/* Each returns NULL, or what is wrong in a sentence that the caller frees. */

static char *do_publish(struct live *live, const json_t *asked) {
    (void)asked;
    session_tell(live->session, ROLE_SERVER, COMMAND_EMIT " %" PRId64, clock_now_ns());
    return NULL;
}

static char *tell_for_ms(struct live *live, const json_t *asked, enum role role,
                         const char *command) {
    int64_t ms = milliseconds(asked);
    if (ms < 1 || ms > 10000) return xasprintf("ms must be a whole number from 1 to 10000.");
    session_tell(live->session, role, "%s %" PRId64, command, ms);
    buffer_clear(&live->text);
    buffer_printf(&live->text, "{\"what\":\"%s\",\"from\":%.3f,\"ms\":%" PRId64 "}", command,
                  now_ms(live), ms);
    audience_tell(&live->audience, "fault", live->text.data, live->text.length);
    return NULL;
}

static char *do_stall(struct live *live, const json_t *asked) {
    return tell_for_ms(live, asked, ROLE_SERVER, COMMAND_STALL);
}

static char *do_cut(struct live *live, const json_t *asked) {
    return tell_for_ms(live, asked, ROLE_SERVER, COMMAND_CUT);
}

static char *do_pause(struct live *live, const json_t *asked) {
    return tell_for_ms(live, asked, ROLE_CLIENT, COMMAND_PAUSE);
}

static char *do_set(struct live *live, const json_t *asked) {
    bool at_once, other;
    char *wrong = knobs_take(&live->knobs, asked, &at_once, &other);
    if (wrong != NULL) return wrong;
    bool runs = session_state(live->session) == SESSION_RUNNING && !live->restarts;
    if (other || (at_once && (live->why_models != NULL || !runs))) {
        if (!live->restarts) restart(live); /* what begins anew will begin with it */
        return NULL;
    }
    if (!at_once) return NULL;
    session_tell(live->session, ROLE_SERVER, COMMAND_RATE " %lld %" PRId64,
                 llround(live->knobs.values[KNOB_RATE] * 1000), clock_now_ns() + LEAD_NS);
    session_tell(live->session, ROLE_SERVER, COMMAND_PAYLOAD " %lld",
                 llround(live->knobs.values[KNOB_PAYLOAD]));
    tell_state(live);
    return NULL;
}

static const struct {
    const char *name;
    char *(*run)(struct live *, const json_t *asked);
    bool programs; /* it takes programs: models have no such thing */
} deeds[] = {
    {"publish", do_publish, true}, {"stall", do_stall, true}, {"cut", do_cut, true},
    {"pause", do_pause, true},     {"set", do_set, false},
};

static char *obey(struct live *live, const json_t *asked) {
    const char *what = json_string_value(json_object_get(asked, "do"));
    for (size_t i = 0; what != NULL && i < sizeof(deeds) / sizeof(deeds[0]); i++) {
        if (strcmp(deeds[i].name, what) != 0) continue;
        bool runs = live->session != NULL && session_state(live->session) == SESSION_RUNNING;
        if (live->session == NULL || (!runs && deeds[i].programs))
            return xasprintf("The programs are not running yet: wait until they are.");
        if (deeds[i].programs && live->why_models != NULL)
            return xasprintf("Models are shown, which know of no such thing: %s.",
                             live->why_models);
        return deeds[i].run(live, asked);
    }
    return xasprintf("Wanted: {\"do\":\"publish\"}, or stall, cut, pause (each with ms), or set.");
}

/* --- the routes ------------------------------------------------------------------------------------- */

static void get_page(struct http_exchange *exchange, void *data) {
    static const char head[] =
        "Content-Type: text/html; charset=utf-8\r\nCache-Control: no-store\r\n"
        "Content-Security-Policy: default-src 'none'; script-src 'unsafe-inline'; style-src "
        "'unsafe-inline'; connect-src 'self'; img-src data: blob:; frame-ancestors 'none'\r\n";
    (void)data;
    http_reply(exchange, 200, head, page_html, strlen(page_html));
}

static void get_events(struct http_exchange *exchange, void *data) {
    struct live *live = data;
    if (!audience_join(&live->audience, exchange)) return;
    write_state(live);
    audience_tell_one(exchange, "state", live->text.data, live->text.length);
}

static void reply_json(struct http_exchange *exchange, int status, const char *text) {
    http_reply(exchange, status, "Content-Type: application/json\r\nCache-Control: no-store\r\n",
               text, strlen(text));
}

/* "127.0.0.1:8089", "localhost:8089", "[::1]:8089": the server has looked at the name, this is the port. */
static bool is_ours(const struct live *live, const struct http_exchange *exchange) {
    const char *host = http_request_header(exchange, "host");
    const char *colon = host == NULL ? NULL : strrchr(host, ':');
    return colon != NULL && strtol(colon + 1, NULL, 10) == live->port;
}

/* Host and Origin were judged before (core/net/http/request.c): a page of a stranger does not come here. And a form of
 * his cannot say that it sends JSON. */
static void post_control(struct http_exchange *exchange, void *data) {
    struct live *live = data;
    size_t length;
    const char *body = http_request_body(exchange, &length);
    if (!is_ours(live, exchange)) {
        http_reply_text(exchange, 403, "The Host field names another port than this page's.");
        return;
    }
    if (!http_request_is_json(exchange)) {
        http_reply_text(exchange, 415, "Wanted: a body of JSON, which says so.");
        return;
    }
    json_t *asked = json_loadb(body, length, 0, NULL);
    char *wrong = obey(live, asked);
    json_decref(asked);
    struct buffer answer = {0};
    buffer_printf(&answer, "{\"error\":");
    if (wrong == NULL)
        buffer_printf(&answer, "null");
    else
        add_text(&answer, wrong);
    buffer_printf(&answer, "}\n");
    reply_json(exchange, wrong == NULL ? 200 : 400, answer.data);
    buffer_free(&answer);
    free(wrong);
}

static void get_experiments(struct http_exchange *exchange, void *data) {
    struct live *live = data;
    char *text = stored_list(live->options->database);
    reply_json(exchange, 200, text);
    free(text);
}

static void get_experiment(struct http_exchange *exchange, void *data) {
    struct live *live = data;
    size_t length;
    const char *id = http_request_parameter(exchange, "id", &length);
    char *text = stored_experiment(live->options->database, id == NULL ? 0 : strtoll(id, NULL, 10));
    if (text == NULL)
        http_reply_text(exchange, 404, "There is no such experiment in %s.",
                        live->options->database);
    else
        reply_json(exchange, 200, text);
    free(text);
}

/* Browsers ask for it by themselves. */
static void get_icon(struct http_exchange *exchange, void *data) {
    (void)data;
    http_reply(exchange, 204, "", "", 0);
}

static int listen_for_pages(struct live *live) {
    http_server_route(live->http, "GET", "/", get_page, live);
    http_server_route(live->http, "GET", "/events", get_events, live);
    http_server_route(live->http, "GET", "/experiments", get_experiments, live);
    http_server_route(live->http, "GET", "/experiment", get_experiment, live);
    http_server_route(live->http, "GET", "/favicon.ico", get_icon, live);
    http_server_route(live->http, "POST", "/control", post_control, live);
    http_server_body_max(live->http, REQUEST_MAX);
    live->port = http_server_listen(live->http, ADDRESS, (int)live->options->port);
    if (live->port > 0) return 0;
    log_error("cannot serve the page on " ADDRESS " port %" PRId64
              ": %s (--port names another one, --port 0 takes any)",
              live->options->port, uv_strerror(live->port));
    return 1;
}

/* --- the beginning and the end ---------------------------------------------------------------------- */

/* The first time programs are asked to stop; the second time they are told more firmly. */
static void on_interrupt(void *data) {
    struct live *live = data;
    live->ending = true;
    live->status = 0;
    tell_state(live);
    if (live->interrupts++ == 0)
        session_stop(live->session);
    else
        session_kill(live->session);
}

static int find_scenario(struct live *live) {
    int status;
    char *own = directory_of_program();
    live->path = scenario_find(live->options->scenario, own);
    free(own);
    if (live->path == NULL) return EXIT_USAGE;
    live->catalog = catalog_new(live->options->programs);
    live->list =
        list_new(live, live->options->overrides.sets, live->options->overrides.set_count, &status);
    if (live->list == NULL) return status;
    knobs_read(&live->knobs, &live->list->plan);
    choose_network(live);
    return live->why_models == NULL || modelled_fits(&live->list->plan, live->catalog) ? 0
                                                                                       : EXIT_USAGE;
}

static int make_logs(struct live *live) {
    const char *place = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
    live->logs = xasprintf("%s/pushpull.XXXXXX", place);
    if (mkdtemp(live->logs) != NULL) return 0;
    log_error("cannot make a directory in %s: %s", place, strerror(errno));
    free(live->logs);
    live->logs = NULL;
    return 1;
}

static void run(struct live *live) {
    interrupt_watch(&live->interrupt, &live->loop, on_interrupt, live);
    uv_timer_init(&live->loop, &live->beat);
    live->beat.data = live;
    uv_timer_start(&live->beat, on_beat, BEAT_MS, BEAT_MS);
    begin_session(live);
    printf("The live page is http://" ADDRESS ":%d/ (Ctrl-C ends it)\n", live->port);
    fflush(stdout);
    uv_run(&live->loop, UV_RUN_DEFAULT);
}

static void free_all(struct live *live) {
    if (live->logs != NULL) rmdir(live->logs);
    list_free(live->list);
    if (live->catalog != NULL) catalog_free(live->catalog);
    buffer_free(&live->text);
    network_free(&live->network);
    free(live->logs);
    free(live->path);
}

int live_serve(const struct live_options *options) {
    struct live live = {.options = options, .zero_ns = clock_now_ns()};
    signal(SIGPIPE, SIG_IGN); /* a page that is closed is told of by the loop */
    uv_loop_init(&live.loop);
    network_init(&live.network, &live.loop, NULL);
    live.http = http_server_new(&live.network);
    audience_init(&live.audience);
    int status = find_scenario(&live);
    if (status == 0) status = listen_for_pages(&live);
    if (status == 0) status = make_logs(&live);
    if (status == 0) {
        run(&live);
        status = live.status;
    } else {
        http_server_close(live.http);
        uv_run(&live.loop, UV_RUN_DEFAULT);
    }
    uv_loop_close(&live.loop);
    free_all(&live);
    return status;
}

/* A simulated trial: see simulated.h. In order: what is asked for, the machine, the times, the link, the run. */
#include "trial/simulated.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "figures/metrics.h"
#include "figures/verdict.h"
#include "model/conversation.h"
#include "trial/stages.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Where virtual time begins when no live trial is replayed: an hour after a machine was started. Only the number of
 * its digits matters, which each event's text has. */
#define BEGIN_NS (3600 * (int64_t)NS_PER_SECOND)

/* --- what is asked for ------------------------------------------------------------------------ */

static const struct setting *setting_of(const struct cell *cell, const char *key) {
    for (int i = 0; i < cell->setting_count; i++)
        if (strcmp(cell->settings[i].parameter->key, key) == 0) return &cell->settings[i];
    return NULL;
}

/* An option of the programs: as the cell has it, else their default. */
static const char *option(const void *data, const char *key) {
    const struct trial_setup *setup = data;
    const struct setting *setting = setting_of(setup->cell, key);
    if (setting != NULL) return setting->value;
    for (int role = 0; role < SIDE_COUNT; role++) {
        const struct option *known =
            catalog_find(setup->catalog, setup->cell->strategy, (enum role)role, key);
        if (known != NULL && known->fallback != NULL) return known->fallback;
    }
    return NULL;
}

/* A value that is what the programs do anyway asks for nothing. */
static bool asks_for_something(const struct cell *cell, const struct catalog *catalog,
                               const struct setting *setting) {
    const char *key = setting->parameter->key;
    for (int role = 0; role < SIDE_COUNT; role++) {
        const struct option *known = catalog_find(catalog, cell->strategy, (enum role)role, key);
        if (known == NULL) continue;
        bool usual = known->fallback != NULL && strcmp(known->fallback, setting->value) == 0;
        if (!usual && !simulation_knows(cell->strategy->key, key)) return true;
    }
    return false;
}

bool simulated_fits(const struct cell *cell, const struct catalog *catalog) {
    const char *strategy = cell->strategy->key;
    if (!simulation_has(strategy)) {
        log_error("there is no model of %s in simulator/: run it with --mode live, or leave it out"
                  " (--only)",
                  strategy);
        return false;
    }
    for (int i = 0; i < cell->setting_count; i++) {
        const struct setting *setting = &cell->settings[i];
        if (!asks_for_something(cell, catalog, setting)) continue;
        log_error(
            "the model of %s knows nothing of %s=%s: run it with --mode live, or leave that out",
            strategy, setting->parameter->key, setting->value);
        return false;
    }
    return true;
}

/* --- the machine ------------------------------------------------------------------------------ */

/* As it was calibrated, else the defaults. */
static struct machine machine_of(const struct trial_setup *setup) {
    struct machine machine;
    json_t *figures = setup->machine == NULL ? NULL : json_loads(setup->machine, 0, NULL);
#define TAKE(name, usual, what)                                                                    \
    machine.name = json_is_number(json_object_get(figures, #name))                                 \
                       ? llround(json_number_value(json_object_get(figures, #name)))               \
                       : (usual);
    MACHINE_FIGURES(TAKE)
#undef TAKE
    json_decref(figures);
    return machine;
}

/* --- the times -------------------------------------------------------------------------------- */

/* Those of the live trial, so that the same events come at the same times. */
static bool replay_times(struct conditions *conditions, int64_t *connected_ns,
                         const struct result *twin) {
    conditions->publish_ns = result_told_ns(twin, ROLE_SERVER, 0, FIELD_PUBLISHED_FROM_NS);
    conditions->window.start_ns = result_told_ns(twin, ROLE_CLIENT, 0, FIELD_START_NS);
    conditions->window.end_ns = result_told_ns(twin, ROLE_CLIENT, 0, FIELD_END_NS);
    for (int i = 0; i < conditions->clients; i++) {
        connected_ns[i] = result_told_ns(twin, ROLE_CLIENT, i, FIELD_CONNECTED_NS);
        if (connected_ns[i] > conditions->connected_ns) conditions->connected_ns = connected_ns[i];
    }
    conditions->clients_connected_ns = connected_ns;
    return conditions->window.end_ns > 0 && conditions->connected_ns > 0;
}

/* Those that a live trial would have, if everything took no time. */
static void make_times(struct conditions *conditions, int64_t *connected_ns,
                       const struct trial_setup *setup) {
    const struct settings *settings = setup->settings;
    double settle = strtod(conditions->option(setup, "interval_ms") == NULL
                               ? "0"
                               : conditions->option(setup, "interval_ms"),
                           NULL) /
                    1000;
    double warmup = fmax(settings->warmup_seconds, settle);
    for (int i = 0; i < conditions->clients; i++) connected_ns[i] = BEGIN_NS;
    conditions->connected_ns = BEGIN_NS;
    conditions->publish_ns = BEGIN_NS + START_DELAY_NS;
    conditions->window.start_ns =
        conditions->publish_ns + (int64_t)(warmup * NS_PER_SECOND) - trial_lead_ns(setup->cell);
    conditions->window.end_ns =
        conditions->window.start_ns + (int64_t)(settings->measure_seconds * NS_PER_SECOND);
}

/* --- the link --------------------------------------------------------------------------------- */

static const char *link_text(const struct trial_setup *setup, const char *key) {
    const struct link_setup *link = &setup->cell->link;
    for (int i = 0; i < link->count; i++)
        if (strcmp(link->settings[i].key, key) == 0) return link->settings[i].value;
    const struct option *known = catalog_find_link(setup->links, key);
    return known == NULL || known->fallback == NULL ? "" : known->fallback;
}

static double link_number(const struct trial_setup *setup, const char *key) {
    return strtod(link_text(setup, key), NULL);
}

static struct link_settings link_of(const struct trial_setup *setup) {
    struct link_settings link = {
        .rtt_ms = link_number(setup, "rtt_ms"),
        .jitter_ms = link_number(setup, "jitter_ms"),
        .loss_percent = link_number(setup, "loss_percent"),
        .reorder_percent = link_number(setup, "reorder_percent"),
        .down_mbit = link_number(setup, "down_mbit"),
        .up_mbit = link_number(setup, "up_mbit"),
        .queue_ms = link_number(setup, "queue_ms"),
        .burst_text = link_text(setup, "burst_loss"),
        .mtu = (int64_t)link_number(setup, "mtu"),
    };
    link_settings_read(&link); /* the scenario was checked */
    return link;
}

/* --- the run ---------------------------------------------------------------------------------- */

void simulated_prepare(struct simulated *simulated, const struct trial_setup *setup) {
    const struct cell *cell = setup->cell;
    struct conditions *conditions = &simulated->conditions;
    *conditions = (struct conditions){
        .strategy = cell->strategy->key,
        .subscribers = (uint32_t)cell->subscribers,
        .servers = cell->processes[ROLE_SERVER],
        .clients = cell->processes[ROLE_CLIENT],
        .seed = (uint64_t)setup->seed,
        .option = option,
        .data = setup,
        .machine = machine_of(setup),
        .drain_ns = (int64_t)(setup->settings->drain_seconds * NS_PER_SECOND),
    };
    simulated->connected_ns =
        xcalloc((size_t)conditions->clients, sizeof(*simulated->connected_ns));
    if (!replay_times(conditions, simulated->connected_ns, setup->twin))
        make_times(conditions, simulated->connected_ns, setup);
    if (cell->processes[ROLE_LINK] == 0) return;
    simulated->link = link_of(setup);
    conditions->link = &simulated->link;
}

void simulated_release(struct simulated *simulated) { free(simulated->connected_ns); }

static void take_reports(struct result *result, struct simulation_reports *reports) {
    size_t i;
    json_t *report;
    json_array_foreach(reports->servers, i, report)
        result_report(result, role_names[ROLE_SERVER], (int)i, json_incref(report));
    json_array_foreach(reports->clients, i, report)
        result_report(result, role_names[ROLE_CLIENT], (int)i, json_incref(report));
    if (reports->link != NULL)
        result_report(result, role_names[ROLE_LINK], 0, json_incref(reports->link));
    result->seconds = reports->seconds;
}

void trial_simulate(const struct trial_setup *setup, struct result *result) {
    struct simulated simulated;
    struct simulation_reports reports;
    simulated_prepare(&simulated, setup);
    simulation_run(&simulated.conditions, &reports);
    take_reports(result, &reports);
    simulation_reports_free(&reports);
    simulated_release(&simulated);
    struct trial_facts facts = {.subscribers = setup->cell->subscribers, .kernel_bytes = NAN};
    metrics_derive(result, &facts);
    verdict_give(result, &facts);
}

/* A stored experiment, simulated once more: see again.h. */
#include "validate/again.h"

#include "base/log.h"
#include "base/memory.h"
#include "scenario/load.h"
#include "store/sql.h"
#include "store/store.h"
#include "trial/simulated.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* --- its scenario ----------------------------------------------------------------------------- */

/* The overrides of its command line, as the loader takes them; the caller frees the texts and the array. */
static struct scenario_overrides overrides_of(const json_t *all) {
    const char *key;
    json_t *value, *set = json_object_get(all, "set");
    char **sets = xcalloc(json_object_size(set) + 1, sizeof(*sets));
    int count = 0;
    json_object_foreach(set, key, value) sets[count++] =
        xasprintf("%s=%s", key, json_string_value(value));
    return (struct scenario_overrides){(const char *const *)sets, count,
                                       json_string_value(json_object_get(all, "only"))};
}

/* The text was a file when the experiment was run, and is one again for the loader: in memory. */
static int load(struct again *again, const char *text, const char *overrides_text) {
    int fd = memfd_create("scenario", MFD_CLOEXEC);
    size_t length = strlen(text);
    if (fd < 0 || write(fd, text, length) != (ssize_t)length) {
        log_error("cannot keep the scenario of experiment %" PRId64 " in memory",
                  again->experiment_id);
        if (fd >= 0) close(fd);
        return -1;
    }
    char *path = xasprintf("/proc/self/fd/%d", fd);
    json_t *all = json_loads(overrides_text, 0, NULL);
    struct scenario_overrides overrides = overrides_of(all);
    int status = scenario_load(&again->scenario, path, &overrides, again->catalog);
    for (int i = 0; i < overrides.set_count; i++) free((char *)overrides.sets[i]);
    free((void *)overrides.sets);
    json_decref(all);
    free(path);
    close(fd);
    return status == 0 ? 0 : -1;
}

int again_open(struct again *again, sqlite3 *db, int64_t experiment_id, struct catalog *catalog) {
    *again = (struct again){.db = db, .experiment_id = experiment_id, .catalog = catalog};
    char *text = sql_one_text(db, "SELECT scenario_text FROM experiment WHERE id = :experiment",
                              experiment_id);
    char *overrides =
        sql_one_text(db, "SELECT overrides FROM experiment WHERE id = :experiment", experiment_id);
    int status = text == NULL || overrides == NULL ? -1 : load(again, text, overrides);
    if (status == 0) status = plan_make(&again->plan, &again->scenario);
    again->machine = store_calibration_newest(db);
    free(text);
    free(overrides);
    return status;
}

void again_close(struct again *again) {
    plan_free(&again->plan);
    scenario_free(&again->scenario);
    free(again->machine);
}

/* --- its trials ------------------------------------------------------------------------------- */

const struct cell *again_cell(const struct again *again, const char *strategy,
                              const char *parameters) {
    for (int i = 0; i < again->plan.cell_count; i++) {
        const struct cell *cell = &again->plan.cells[i];
        if (strcmp(cell->strategy->key, strategy) == 0 && strcmp(cell->parameters, parameters) == 0)
            return simulated_fits(cell, again->catalog) ? cell : NULL;
    }
    log_error("experiment %" PRId64 " has a cell that its scenario does not make: %s %s",
              again->experiment_id, strategy, parameters);
    return NULL;
}

void again_simulate(const struct again *again, int64_t trial_id, const struct cell *cell,
                    int64_t seed, struct result *result) {
    struct result twin = {0};
    store_reports(again->db, trial_id, &twin);
    struct trial_setup setup = {
        .cell = cell,
        .seed = seed,
        .settings = &again->scenario.settings,
        .catalog = again->catalog,
        .links = again->catalog,
        .simulated = true,
        .twin = twin.report_count > 0 ? &twin : NULL,
        .machine = again->machine,
    };
    trial_simulate(&setup, result);
    result_free(&twin);
}

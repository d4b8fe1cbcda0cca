/* What speaks for an experiment, and what against it. Whoever changes a figure by hand breaks the seal; whoever seals it
 * anew has figures that do not follow from the reports; whoever makes reports has understood the lab. */
#include "lab/evidence.h"

#include "base/memory.h"
#include "figures/metrics.h"
#include "scenario/read.h"
#include "store/seal.h"
#include "store/sql.h"
#include "store/store.h"
#include "system/file.h"
#include "system/human.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- the figures ------------------------------------------------------------------------------ */

/* A figure that is stored and does not follow from the reports of its trial; NULL: there is none. The caller frees it. */
static char *figure_changed(sqlite3 *db, int64_t trial_id, int subscribers) {
    struct result derived = {0};
    struct trial_facts facts = {.subscribers = subscribers, .kernel_bytes = NAN};
    char *changed = NULL;
    if (store_reports(db, trial_id, &derived) == 0) metrics_derive(&derived, &facts);
    sqlite3_stmt *rows =
        sql_query(db, "SELECT name, value FROM metric WHERE trial_id = ?", "i", trial_id);
    while (changed == NULL && sql_next(rows) == 1) {
        double own = result_value(&derived, sql_column(rows, 0)), stored = sql_number(rows, 1);
        if (!isnan(own) && fabs(own - stored) > 1e-6 * fabs(own)) changed = sql_copy(rows, 0);
    }
    sqlite3_finalize(rows);
    result_free(&derived);
    return changed;
}

/* A sentence about the first one in the experiment, or NULL. */
static char *figures_changed(sqlite3 *db, int64_t experiment_id) {
    sqlite3_stmt *trials = sql_query(
        db,
        "SELECT id, position, strategy, json_extract(parameters, '$.subscribers') FROM trial"
        " WHERE experiment_id = ? AND status = 'done' ORDER BY position",
        "i", experiment_id);
    char *sentence = NULL;
    while (sentence == NULL && sql_next(trials) == 1) {
        char *name =
            figure_changed(db, sqlite3_column_int64(trials, 0), sqlite3_column_int(trials, 3));
        if (name != NULL)
            sentence = xasprintf("%s of trial %d (%s) does not follow from what its programs"
                                 " reported",
                                 name, sqlite3_column_int(trials, 1), sql_column(trials, 2));
        free(name);
    }
    sqlite3_finalize(trials);
    return sentence;
}

/* --- the experiment --------------------------------------------------------------------------- */

static bool same_scenario(const struct lab *lab, const char *stored) {
    char *path = lab_file(lab, "scenario.ini"), *text = file_read(path);
    char *own = text == NULL ? NULL : scenario_stored_text(text);
    bool same = own != NULL && strcmp(own, stored) == 0;
    free(own);
    free(text);
    free(path);
    return same;
}

static char *foreign(sqlite3 *db, const struct lab *lab, const struct lab_run *run,
                     sqlite3_stmt *row) {
    if (!same_scenario(lab, sql_column(row, 0)))
        return xstrdup("it is no run of this lab's scenario, as it is now");
    if (sqlite3_column_int(row, 1))
        return xstrdup("it was run with --set or --only, which is another experiment");
    char *seal = seal_experiment(db, run->experiment_id);
    bool same = seal != NULL && strcmp(seal, run->seal) == 0;
    free(seal);
    return same ? figures_changed(db, run->experiment_id)
                : xstrdup("it was changed after it had ended: its seal is broken");
}

/* "2 of 5": how many cells are so. */
static int count_cells(sqlite3 *db, int64_t experiment_id, const char *condition) {
    char *sql =
        xasprintf("SELECT count(*) FROM cell WHERE experiment_id = :experiment AND %s", condition);
    int count = (int)sql_one_integer(db, sql, experiment_id, 0);
    free(sql);
    return count;
}

static char *lack(sqlite3 *db, const struct lab_run *run) {
    int failed = count_cells(db, run->experiment_id,
                             "NOT EXISTS (SELECT 1 FROM trial t WHERE t.experiment_id ="
                             " cell.experiment_id AND t.strategy = cell.strategy AND t.parameters"
                             " = cell.parameters AND t.status = 'done')");
    if (failed == 0) return NULL;
    return xasprintf("%d of its cells failed or did not run: run it again, or with --recorded",
                     failed);
}

static char *remark(sqlite3 *db, const struct lab_run *run, const char *revision) {
    struct buffer text = {0};
    int doubted = count_cells(db, run->experiment_id, "believed = 0");
    if (doubted > 0)
        buffer_printf(&text, "%d of %d cells are in doubt, as their trials say", doubted,
                      count_cells(db, run->experiment_id, "1"));
    if (!run->recorded && strstr(revision, "-dirty") != NULL)
        buffer_printf(&text, "%sthe sources of its programs had been changed (%s)",
                      text.length > 0 ? "; " : "", revision);
    return text.data;
}

int evidence_examine(struct evidence *evidence, sqlite3 *db, const struct lab *lab,
                     const struct lab_run *run) {
    *evidence = (struct evidence){0};
    sqlite3_stmt *row = sql_query(db,
                                  "SELECT scenario_text, json_type(overrides, '$.set') IS NOT NULL"
                                  " OR json_type(overrides, '$.only') IS NOT NULL, mode,"
                                  " git_revision, started_at FROM experiment WHERE id = ?",
                                  "i", run->experiment_id);
    int found = sql_next(row);
    if (found == 1) {
        evidence->foreign = foreign(db, lab, run, row);
        evidence->lack = lack(db, run);
        evidence->source = run->recorded ? xstrdup("recorded") : sql_copy(row, 2);
        evidence->revision = sql_copy(row, 3);
        evidence->started_at = sql_copy(row, 4);
        evidence->remark = remark(db, run, evidence->revision);
    } else if (found == 0)
        evidence->foreign = xstrdup("it is not in the database");
    sqlite3_finalize(row);
    return found < 0 ? -1 : 0;
}

void evidence_free(struct evidence *evidence) {
    free(evidence->foreign);
    free(evidence->lack);
    free(evidence->source);
    free(evidence->revision);
    free(evidence->started_at);
    free(evidence->remark);
    *evidence = (struct evidence){0};
}

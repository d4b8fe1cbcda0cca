/* Looking at what is stored, in the terminal. */
#include "report/show.h"

#include "base/memory.h"
#include "expect/expect.h"
#include "report/prediction.h"
#include "report/story.h"
#include "report/table_print.h"
#include "report/told.h"
#include "store/sql.h"
#include "system/hint.h"
#include "system/human.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* --- list ------------------------------------------------------------------------------------- */

#define LIST_LINE "%4s  %-16s  %-12s  %8s  %8s" /* id, started, scenario, trials, believed */
#define LIST_INDENT 6

/* Its title and what was overridden stand behind its figures where there is room, else below. */
static void print_experiment(sqlite3_stmt *statement) {
    const char *label = sql_column(statement, 8);
    char *title = story_title(sql_column(statement, 2), sql_column(statement, 7));
    struct buffer text = {0};
    if (*label != '\0') buffer_printf(&text, "\"%s\" ", label);
    buffer_printf(&text, "%s", title == NULL ? "" : title);
    story_add_overrides(&text, sql_column(statement, 7));
    char *trials = xasprintf("%s/%s", sql_column(statement, 4), sql_column(statement, 5));
    char *head = xasprintf(LIST_LINE, sql_column(statement, 0), sql_column(statement, 3),
                           sql_column(statement, 1), trials, sql_column(statement, 6));
    printf("%s", head);
    if (human_width(head) + 2 + human_width(text.data) <= human_columns(stdout)) {
        printf("  %s\n", text.data);
    } else {
        printf("\n");
        human_wrap(stdout, LIST_INDENT, text.data);
    }
    free(head);
    buffer_free(&text);
    free(trials);
    free(title);
}

int show_list(sqlite3 *db) {
    sqlite3_stmt *statement =
        sql_prepare(db,
                    "SELECT e.id, scenario, scenario_text,"
                    " replace(substr(e.started_at, 1, 16), 'T', ' '), count(o.trial_id),"
                    " count(t.id), coalesce(sum(o.believed), 0), overrides, label"
                    " FROM experiment e"
                    " JOIN trial t ON t.experiment_id = e.id AND t.variant NOT IN"
                    " ('base', 'simulated')"
                    " LEFT JOIN outcome o ON o.trial_id = t.id GROUP BY e.id ORDER BY e.id",
                    0);
    int row, count = 0;
    while ((row = sql_next(statement)) == 1) {
        if (count++ == 0)
            printf(LIST_LINE "\n", "id", "started (UTC)", "scenario", "trials", "believed");
        print_experiment(statement);
    }
    sqlite3_finalize(statement);
    if (count == 0 && row == 0) {
        char *run = hint("run", "quick");
        printf("There are no experiments yet: %s\n", run);
        free(run);
    }
    return row;
}

/* --- show ------------------------------------------------------------------------------------- */

#define HEAD_INDENT 13

/* "Linux 6.1 x86_64, 2 cores of ..., 8.00 GB": what one wants to know first of the environment. */
static void print_environment(const char *text) {
    char memory[HUMAN_SIZE];
    json_t *environment = json_loads(text, 0, NULL);
    const char *kernel = json_string_value(json_object_get(environment, "kernel"));
    const char *model = json_string_value(json_object_get(environment, "cpu_model"));
    double cores = json_number_value(json_object_get(environment, "cores"));
    double bytes = json_number_value(json_object_get(environment, "memory_bytes"));
    char *line =
        xasprintf("%s, %.0f core%s (%s), %s of memory", kernel == NULL ? "unknown" : kernel, cores,
                  plural(cores), model == NULL ? "unknown" : model, human_bytes(memory, bytes));
    human_wrap_labelled(stdout, "environment", HEAD_INDENT, line);
    free(line);
    json_decref(environment);
}

static int print_head(sqlite3 *db, int64_t id) {
    sqlite3_stmt *statement =
        sql_prepare(db,
                    "SELECT scenario, scenario_text, CASE mode"
                    " WHEN 'simulated' THEN 'simulated (in virtual time: nothing was measured)'"
                    " WHEN 'both' THEN 'live, each trial once more simulated (in virtual time)'"
                    " ELSE mode END, seed, started_at,"
                    " coalesce(finished_at, 'not finished'), git_revision,"
                    " environment, overrides, label FROM experiment WHERE id = :experiment",
                    id);
    int row = sql_next(statement);
    if (row == 1) {
        char *title = story_title(sql_column(statement, 1), sql_column(statement, 8));
        char *name = xasprintf("%lld, %s: %s", (long long)id, sql_column(statement, 0),
                               title == NULL ? "" : title);
        human_wrap_labelled(stdout, "experiment", HEAD_INDENT, name);
        human_wrap_labelled(stdout, "label", HEAD_INDENT, sql_column(statement, 9));
        char *run =
            xasprintf("%s, seed %s, from %s to %s", sql_column(statement, 2),
                      sql_column(statement, 3), sql_column(statement, 4), sql_column(statement, 5));
        human_wrap_labelled(stdout, "run", HEAD_INDENT, run);
        human_wrap_labelled(stdout, "revision", HEAD_INDENT, sql_column(statement, 6));
        free(name);
        free(run);
        print_environment(sql_column(statement, 7));
        free(title);
    }
    sqlite3_finalize(statement);
    return row == 1 ? 0 : -1;
}

#define TRIAL_INDENT 9

/* A reason that several trials share is given with the first of them. */
static int print_trials(sqlite3 *db, int64_t id) {
    sqlite3_stmt *statement =
        sql_prepare(db,
                    "SELECT position, strategy, " SQL_SETTING(
                        "t") ", CASE variant WHEN '' THEN 'repeat ' || repeat"
                             " WHEN 'simulated' THEN 'repeat ' || repeat || ', simulated'"
                             " ELSE 'pair ' || repeat || iif(batch > 1, ' again', '') || ', ' ||"
                             " variant END,"
                             " coalesce(verdict, status), reason, t.id"
                             " FROM trial t WHERE experiment_id = :experiment ORDER BY position",
                    id);
    struct told told = {0};
    int row;
    printf("\nTrials, in the order they ran (logs: logs/%lld-ID-*)\n", (long long)id);
    while ((row = sql_next(statement)) == 1) {
        const char *varying = sql_column(statement, 2), *reason = sql_column(statement, 5);
        printf("%4s  id %-5s %-13s %s  %s\n", sql_column(statement, 0), sql_column(statement, 6),
               sql_column(statement, 1), sql_column(statement, 3), sql_column(statement, 4));
        human_wrap(stdout, TRIAL_INDENT, varying);
        if (*reason != '\0' && told_now(&told, reason)) human_wrap(stdout, TRIAL_INDENT, reason);
    }
    told_free(&told);
    sqlite3_finalize(statement);
    return row;
}

/* The whole, and its first cell as an example of one. */
static int print_repeat(sqlite3 *db, int64_t id) {
    sqlite3_stmt *statement = sql_prepare(db,
                                          "SELECT strategy, parameters FROM trial"
                                          " WHERE experiment_id = :experiment ORDER BY position",
                                          id);
    int row = sql_next(statement);
    char *whole = story_command(db, id);
    printf("\nAgain        %s\n", whole);
    if (row == 1) {
        char *one = story_trial_command(db, id, sql_column(statement, 0), sql_column(statement, 1));
        printf("one cell     %s\n", one);
        char *trial = hint("show", "--trial=ID");
        printf("one trial    %s  (its command lines, and all its figures)\n", trial);
        free(trial);
        free(one);
    }
    free(whole);
    sqlite3_finalize(statement);
    return row < 0 ? -1 : 0;
}

static int print_expectations(sqlite3 *db, int64_t id) {
    struct expect_result result;
    int status = expectations_evaluate(&result, db, id, NULL);
    if (status == 0) expectations_print(&result, stdout);
    expectations_free(&result);
    return status;
}

int show_experiment(sqlite3 *db, int64_t experiment_id) {
    int64_t id = sql_experiment(db, experiment_id);
    if (id == 0 || print_head(db, id) != 0) return -1;
    printf("\n");
    if (table_print(db, id, stdout) != 0 || prediction_print(db, id, stdout) != 0 ||
        print_expectations(db, id) != 0 || print_trials(db, id) != 0)
        return -1;
    return print_repeat(db, id);
}

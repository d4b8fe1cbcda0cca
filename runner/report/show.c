/* Looking at what is stored, in the terminal. */
#include "report/show.h"

#include "base/memory.h"
#include "expect/expect.h"
#include "report/story.h"
#include "report/table.h"
#include "store/sql.h"
#include "system/hint.h"
#include "system/human.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* --- list ------------------------------------------------------------------------------------- */

static void print_experiment(sqlite3_stmt *statement) {
    char *title = story_title(sql_column(statement, 2), sql_column(statement, 7));
    struct buffer overrides = {0};
    buffer_printf(&overrides, "%s", title == NULL ? "" : title);
    story_add_overrides(&overrides, sql_column(statement, 7));
    char *trials = xasprintf("%s/%s", sql_column(statement, 4), sql_column(statement, 5));
    printf("%4s  %-20s  %-14s  %8s  %9s  %s\n", sql_column(statement, 0), sql_column(statement, 3),
           sql_column(statement, 1), trials, sql_column(statement, 6), overrides.data);
    buffer_free(&overrides);
    free(trials);
    free(title);
}

int show_list(sqlite3 *db) {
    sqlite3_stmt *statement =
        sql_prepare(db,
                    "SELECT e.id, scenario, scenario_text, e.started_at, count(o.trial_id),"
                    " count(t.id), coalesce(sum(o.believed), 0), overrides FROM experiment e"
                    " JOIN trial t ON t.experiment_id = e.id"
                    " LEFT JOIN outcome o ON o.trial_id = t.id GROUP BY e.id ORDER BY e.id",
                    0);
    int row, count = 0;
    while ((row = sql_next(statement)) == 1) {
        if (count++ == 0)
            printf("%4s  %-20s  %-14s  %8s  %9s  %s\n", "id", "started (UTC)", "scenario", "trials",
                   "believed", "title");
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

/* "Linux 6.1 x86_64, 2 cores of ..., 8.00 GB": what one wants to know first of the environment. */
static void print_environment(const char *text) {
    char memory[HUMAN_SIZE];
    json_t *environment = json_loads(text, 0, NULL);
    const char *kernel = json_string_value(json_object_get(environment, "kernel"));
    const char *model = json_string_value(json_object_get(environment, "cpu_model"));
    double cores = json_number_value(json_object_get(environment, "cores"));
    double bytes = json_number_value(json_object_get(environment, "memory_bytes"));
    printf("environment  %s, %.0f core%s (%s), %s of memory\n", kernel == NULL ? "unknown" : kernel,
           cores, plural(cores), model == NULL ? "unknown" : model, human_bytes(memory, bytes));
    json_decref(environment);
}

static int print_head(sqlite3 *db, int64_t id) {
    sqlite3_stmt *statement =
        sql_prepare(db,
                    "SELECT scenario, scenario_text, mode, seed, started_at,"
                    " coalesce(finished_at, 'not finished'), git_revision,"
                    " environment, overrides FROM experiment WHERE id = :experiment",
                    id);
    int row = sql_next(statement);
    if (row == 1) {
        char *title = story_title(sql_column(statement, 1), sql_column(statement, 8));
        printf("experiment   %lld, %s: %s\n", (long long)id, sql_column(statement, 0),
               title == NULL ? "" : title);
        printf("run          %s, seed %s, from %s to %s\n", sql_column(statement, 2),
               sql_column(statement, 3), sql_column(statement, 4), sql_column(statement, 5));
        printf("revision     %s\n", sql_column(statement, 6));
        print_environment(sql_column(statement, 7));
        free(title);
    }
    sqlite3_finalize(statement);
    return row == 1 ? 0 : -1;
}

static int print_trials(sqlite3 *db, int64_t id) {
    sqlite3_stmt *statement =
        sql_prepare(db,
                    "SELECT position, strategy, " SQL_SETTING(
                        "t") ", repeat, coalesce(verdict, status), reason, t.id"
                             " FROM trial t WHERE experiment_id = :experiment ORDER BY position",
                    id);
    int row;
    printf("\nTrials, in the order they ran (logs: logs/%lld-ID-*)\n", (long long)id);
    while ((row = sql_next(statement)) == 1) {
        const char *varying = sql_column(statement, 2), *reason = sql_column(statement, 5);
        printf("%4s  id %-5s %-13s %s%srepeat %s  %s%s%s\n", sql_column(statement, 0),
               sql_column(statement, 6), sql_column(statement, 1), varying,
               *varying == '\0' ? "" : "  ", sql_column(statement, 3), sql_column(statement, 4),
               *reason == '\0' ? "" : ": ", reason);
    }
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
    int status = expectations_evaluate(&result, db, id);
    if (status == 0) expectations_print(&result, stdout);
    expectations_free(&result);
    return status;
}

int show_experiment(sqlite3 *db, int64_t experiment_id) {
    int64_t id = sql_experiment(db, experiment_id);
    if (id == 0 || print_head(db, id) != 0) return -1;
    printf("\n");
    if (table_print(db, id, stdout) != 0 || print_expectations(db, id) != 0 ||
        print_trials(db, id) != 0)
        return -1;
    return print_repeat(db, id);
}

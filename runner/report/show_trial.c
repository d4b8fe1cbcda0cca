/* One trial in the terminal: its verdict, the command lines that ran it, and all its figures. */
#include "report/show_trial.h"

#include "base/log.h"
#include "base/memory.h"
#include "model/conversation.h"
#include "store/sql.h"
#include "system/hint.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_PORT 8080 /* by hand a port must be known beforehand */

/* What a program was called with, kept in its report. */
struct program_call {
    const char *role;
    int process;
    const json_t *command;
};

static bool has_prefix(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* An argument as one would type it. */
static void print_argument(const char *text) {
    struct buffer quoted = {0};
    hint_argument(&quoted, text);
    printf("%s", quoted.data);
    buffer_free(&quoted);
}

static void print_servers(int count) {
    printf(" --servers=");
    for (int i = 0; i < count; i++) printf("%s127.0.0.1:%d", i == 0 ? "" : ",", FIRST_PORT + i);
}

/* The same call without a runner: on fixed ports, measuring by its own clock. */
static void print_by_hand(const struct program_call *call, int servers, double seconds) {
    size_t i;
    const json_t *argument;
    printf(" ");
    json_array_foreach(call->command, i, argument) {
        const char *text = json_string_value(argument);
        if (text == NULL || strcmp(text, "--supervised") == 0) continue;
        if (has_prefix(text, "--port="))
            printf(" --port=%d", FIRST_PORT + call->process);
        else if (has_prefix(text, "--servers="))
            print_servers(servers);
        else
            print_argument(text);
    }
    if (strcmp(call->role, "client") == 0) printf(" --seconds=%g", seconds);
    printf("\n");
}

static void print_as_run(const struct program_call *call) {
    size_t i;
    const json_t *argument;
    printf(" ");
    json_array_foreach(call->command, i, argument) if (json_is_string(argument))
        print_argument(json_string_value(argument));
    printf("\n");
}

/* Calls `print_one` for every program of the trial, servers first. Returns how many servers. */
static int each_call(sqlite3 *db, int64_t trial, bool by_hand, int servers, double seconds) {
    sqlite3_stmt *statement = sql_query(db,
                                        "SELECT role, process, json FROM report WHERE trial_id = ?"
                                        " ORDER BY role DESC, process",
                                        "i", trial);
    int count = 0;
    while (sql_next(statement) == 1) {
        json_t *report = json_loads(sql_column(statement, 2), 0, NULL);
        struct program_call call = {
            sql_column(statement, 0),
            (int)sql_number(statement, 1),
            json_object_get(report, FIELD_COMMAND),
        };
        count += strcmp(call.role, "server") == 0;
        if (by_hand && servers > 0) print_by_hand(&call, servers, seconds);
        if (!by_hand) print_as_run(&call);
        json_decref(report);
    }
    sqlite3_finalize(statement);
    return count;
}

static double measured_seconds(sqlite3 *db, int64_t trial) {
    char *text =
        sql_one_text(db,
                     "SELECT round(json_extract(json, '$." FIELD_SECONDS "'), 2) FROM report"
                     " WHERE role = 'client' AND trial_id = ?",
                     trial);
    double seconds = text != NULL ? strtod(text, NULL) : 0;
    free(text);
    return seconds;
}

static void print_calls(sqlite3 *db, int64_t trial) {
    double seconds = measured_seconds(db, trial);
    int servers = each_call(db, trial, true, 0, seconds);
    if (servers == 0) {
        printf("\nIt left no report: see the logs.\n");
        return;
    }
    printf("\nBy hand, each in a terminal of its own, servers first:\n");
    each_call(db, trial, true, servers, seconds);
    printf("\nAs the runner ran them, speaking docs/protocol.md with them on stdin and stdout:\n");
    each_call(db, trial, false, servers, seconds);
}

static int print_metrics(sqlite3 *db, int64_t trial) {
    sqlite3_stmt *statement =
        sql_query(db,
                  "SELECT name, metric.unit, printf('%.6g', value), printf('%.6g', low),"
                  " printf('%.6g', high), low IS NULL FROM metric"
                  " LEFT JOIN metric_kind k USING (name) WHERE trial_id = ?"
                  " ORDER BY k.rank IS NULL, k.rank, name",
                  "i", trial);
    int row;
    printf("\n%-40s %12s  %-8s %s\n", "metric", "value", "unit", "95 % interval");
    while ((row = sql_next(statement)) == 1) {
        bool bare = sql_number(statement, 5) > 0;
        printf("%-40s %12s  %-8s", sql_column(statement, 0), sql_column(statement, 2),
               sql_column(statement, 1));
        printf(bare ? "\n" : " %s to %s\n", sql_column(statement, 3), sql_column(statement, 4));
    }
    sqlite3_finalize(statement);
    return row;
}

int show_trial(sqlite3 *db, int64_t experiment_id, int64_t trial) {
    if (experiment_id != 0 && sql_experiment(db, experiment_id) == 0) return -1;
    sqlite3_stmt *statement = sql_query(
        db,
        "SELECT e.id, scenario, strategy, repeat, coalesce(verdict, status),"
        " reason, parameters, t.seed, (SELECT group_concat(" SQL_TAKES ", ', ') FROM"
        " (SELECT DISTINCT metric_group FROM doubt WHERE trial_id = t.id AND metric_group <> '')),"
        " mode = 'simulated' OR variant = 'simulated' FROM trial t"
        " JOIN experiment e ON e.id = t.experiment_id WHERE t.id = ?",
        "i", trial);
    int row = sql_next(statement);
    bool simulated = row == 1 && sqlite3_column_int(statement, 9) != 0;
    int64_t own = row == 1 ? sqlite3_column_int64(statement, 0) : 0;
    if (row == 1 && experiment_id != 0 && own != experiment_id) row = 0;
    if (row == 1) {
        const char *reason = sql_column(statement, 5);
        printf("trial        %" PRId64 " of experiment %s (%s): %s, repeat %s%s\n", trial,
               sql_column(statement, 0), sql_column(statement, 1), sql_column(statement, 2),
               sql_column(statement, 3), simulated ? ", simulated: in virtual time" : "");
        printf("verdict      %s%s%s\n", sql_column(statement, 4), *reason == '\0' ? "" : ": ",
               reason);
        if (*sql_column(statement, 8) != '\0')
            printf("not believed %s\n", sql_column(statement, 8));
        printf("parameters   %s, seed %s\n", sql_column(statement, 6), sql_column(statement, 7));
    }
    sqlite3_finalize(statement);
    if (row == 0) {
        char *number = xasprintf("%" PRId64, own), *show = hint("show", own == 0 ? NULL : number);
        if (own != 0)
            log_error("trial %" PRId64 " is one of experiment %s: `%s` has it", trial, number,
                      show);
        else
            log_error("there is no trial %" PRId64 ": `%s` has their ids", trial, show);
        free(number);
        free(show);
    }
    if (row != 1) return -1;
    if (!simulated) print_calls(db, trial); /* a model has no command line */
    return print_metrics(db, trial);
}

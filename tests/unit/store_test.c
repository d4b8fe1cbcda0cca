/* runner/store/store: the life of experiments and trials in the database */
#include "figures/role.h"
#include "store/open.h"
#include "store/store.h"

#include "capture.h"
#include "test.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static char directory[] = "/tmp/pushpull-store.XXXXXX";
static char path[64];

static int make_directory(void **state) {
    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/deep/er/x.sqlite", directory);
    return 0;
}

static int remove_directory(void **state) {
    char command[96];
    (void)state;
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command);
}

/* The first column of the first row, as text that lives until the next call. */
static const char *ask(sqlite3 *db, const char *sql) {
    static char answer[256];
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    const unsigned char *text = sqlite3_column_text(statement, 0);
    snprintf(answer, sizeof(answer), "%s", text == NULL ? "NULL" : (const char *)text);
    sqlite3_finalize(statement);
    return answer;
}

static int64_t plan_three(sqlite3 *db, const char *text, struct store_trial trials[3]) {
    struct store_experiment experiment = {"quick", text, "{}", "live", 7, "abc", "{}", "a word"};
    int64_t id;
    for (int i = 0; i < 3; i++)
        trials[i] =
            (struct store_trial){0, "sse", "{\"subscribers\":1}", "", 1, i + 1, i + 1, 40 + i};
    assert_int_equal(store_plan(db, &experiment, trials, 3, &id), 0);
    return id;
}

static void fill(struct result *result) {
    *result = (struct result){.status = "done", .verdict = "saturated", .seconds = 2.5};
    result->reason = xstrdup("a reason");
    result_metric(result, "lost", 3);
    result_metric_interval(result, "delivery_latency_p50_us", 5, 4, 6);
    histogram_record(result_histogram_add(result, "delivery_latency"), 5000);
    result_point(result, -200, "server", 0, "events", 9);
    result_point(result, -200, "server", 0, "events", 10);
    result_report(result, "server", 0, json_pack("{s:i}", "events", 1));
    result_report(result, "client", 1, json_pack("{s:i}", "events", 2));
}

static void directories_are_made(void **state) {
    (void)state;
    sqlite3 *db = store_open(path);
    assert_non_null(db);
    assert_string_equal(ask(db, "PRAGMA user_version"), "9");
    assert_string_equal(ask(db, "PRAGMA journal_mode"), "wal");
    assert_string_equal(ask(db, "PRAGMA foreign_keys"), "1");
    store_close(db);
    db = store_open(path); /* the second time changes nothing */
    assert_non_null(db);
    store_close(db);
}

static void trials_are_planned_first(void **state) {
    struct store_trial trials[3];
    (void)state;
    sqlite3 *db = store_open(path);
    int64_t id = plan_three(db, "planned", trials);
    assert_true(id > 0 && trials[0].id > 0 && trials[2].id == trials[0].id + 2);
    assert_string_equal(ask(db, "SELECT group_concat(status || coalesce(verdict, '')) FROM trial"),
                        "planned,planned,planned");
    store_close(db);
}

static void an_outcome_is_stored_whole(void **state) {
    struct store_trial trials[3];
    struct result result;
    (void)state;
    sqlite3 *db = store_open(path);
    plan_three(db, "whole", trials);
    fill(&result);
    assert_int_equal(store_trial_started(db, trials[0].id), 0);
    assert_int_equal(store_trial_finished(db, trials[0].id, &result), 0);
    assert_string_equal(
        ask(db, "SELECT verdict || reason || seconds FROM trial WHERE status = 'done'"),
        "saturateda reason2.5");
    assert_string_equal(
        ask(db, "SELECT count(*) || ' ' || sum(value) || ' ' || sum(low) FROM metric"),
        "2 8.0 4.0");
    assert_string_equal(ask(db, "SELECT count || ' ' || minimum || ' ' || (length(buckets) > 8)"
                                " FROM histogram"),
                        "1 5000 1");
    assert_string_equal(
        ask(db, "SELECT group_concat(role || process || name || value) FROM series"),
        "server0events10.0");
    assert_string_equal(ask(db, "SELECT group_concat(role || process || json) FROM report"),
                        "server0{\"events\":1},client1{\"events\":2}");
    result_free(&result);
    store_close(db);
}

static void half_an_outcome_is_none(void **state) {
    struct store_trial trials[3];
    struct result result;
    (void)state;
    sqlite3 *db = store_open(path);
    plan_three(db, "half", trials);
    fill(&result);
    result_report(&result, "client", 1, json_object()); /* twice: the last insert fails */
    assert_int_equal(store_trial_started(db, trials[0].id), 0);
    assert_int_equal(store_trial_finished(db, trials[0].id, &result), -1);
    char sql[96];
    snprintf(sql, sizeof(sql), "SELECT status FROM trial WHERE id = %d", (int)trials[0].id);
    assert_string_equal(ask(db, sql), "running");
    snprintf(sql, sizeof(sql), "SELECT count(*) FROM metric WHERE trial_id = %d",
             (int)trials[0].id);
    assert_string_equal(ask(db, sql), "0");
    result_free(&result);
    store_close(db);
}

static void what_is_left_can_be_resumed(void **state) {
    struct store_trial trials[3];
    struct result result;
    int positions[3];
    int64_t ids[3], found;
    (void)state;
    sqlite3 *db = store_open(path);
    plan_three(db, "resume", trials);
    int64_t newest = plan_three(db, "resume", trials);
    fill(&result);
    assert_int_equal(store_trial_finished(db, trials[1].id, &result), 0);
    assert_int_equal(store_trial_started(db, trials[2].id), 0); /* and then a crash */
    assert_int_equal(store_find_unfinished(db, "resume", "{}", &found), 0);
    assert_int_equal(found, newest);
    assert_int_equal(store_pending(db, newest, trials, 3, positions, ids), 2);
    assert_int_equal(positions[0], 1);
    assert_int_equal(positions[1], 3);
    assert_int_equal(ids[1], trials[2].id);
    assert_int_equal(store_find_unfinished(db, "resume", "{\"only\":\"sse\"}", &found), 0);
    assert_int_equal(found, 0);
    result_free(&result);
    store_close(db);
}

/* Killed after the last trial: what is left is to say so. */
static void what_has_run_to_its_end_can_be_finished(void **state) {
    struct store_trial trials[3];
    struct result result;
    int positions[3];
    int64_t ids[3], found;
    (void)state;
    sqlite3 *db = store_open(path);
    int64_t id = plan_three(db, "all done", trials);
    fill(&result);
    for (int i = 0; i < 3; i++)
        assert_int_equal(store_trial_finished(db, trials[i].id, &result), 0);
    assert_int_equal(store_find_unfinished(db, "all done", "{}", &found), 0);
    assert_int_equal(found, id);
    assert_int_equal(store_pending(db, id, trials, 3, positions, ids), 0);
    assert_int_equal(store_experiment_finished(db, id), 0);
    assert_int_equal(store_find_unfinished(db, "all done", "{}", &found), 0);
    assert_int_equal(found, 0);
    result_free(&result);
    store_close(db);
}

static void pending_other_trials(void *data) {
    struct store_trial trials[3];
    int positions[3];
    int64_t ids[3];
    sqlite3 *db = data;
    int64_t id = plan_three(db, "other trials", trials);
    if (store_pending(db, id, trials, 2, positions, ids) != -1) _exit(1);
    trials[1].parameters = "{\"subscribers\":2}";
    if (store_pending(db, id, trials, 3, positions, ids) != -1) _exit(2);
    trials[1].parameters = trials[0].parameters;
    trials[2].seed++;
    if (store_pending(db, id, trials, 3, positions, ids) != -1) _exit(3);
    trials[2].seed--;
    trials[0].strategy = "tcp";
    if (store_pending(db, id, trials, 3, positions, ids) != -1) _exit(4);
    _exit(0);
}

static void other_trials_are_not_resumed(void **state) {
    struct captured captured;
    (void)state;
    sqlite3 *db = store_open(path);
    capture(&captured, pending_other_trials, db);
    assert_int_equal(captured.status, 0);
    assert_non_null(strstr(captured.err, "are not those that would be run now"));
    store_close(db);
}

/* Three repeats of one cell, of which `good` come to their end. */
static void assert_failed_cells(sqlite3 *db, const char *text, int good, const char *expected) {
    struct store_trial trials[3];
    struct result result;
    char *name;
    int64_t id = plan_three(db, text, trials);
    fill(&result);
    for (int i = 0; i < 3; i++) {
        result.status = i < good ? "done" : "failed";
        assert_int_equal(store_trial_finished(db, trials[i].id, &result), 0);
    }
    assert_int_equal(store_failed_cells(db, id, &name), expected == NULL ? 0 : 1);
    if (expected != NULL) assert_string_equal(name, expected);
    free(name);
    result_free(&result);
}

static void cells_that_failed_in_every_repeat_are_found(void **state) {
    (void)state;
    sqlite3 *db = store_open(path);
    assert_failed_cells(db, "failing", 0, "sse {\"subscribers\":1}");
    assert_failed_cells(db, "failing once or twice", 1, NULL);
    store_close(db);
}

/* A row per group that is taken; a remark takes none. */
static void doubts_are_stored_by_what_they_take(void **state) {
    struct store_trial trials[3];
    struct result result;
    struct doubt doubts[] = {
        {"generator_bound", "latency|client_cpu", (char *)"it was late"},
        {"saturated", "", (char *)"it was slow"},
    };
    (void)state;
    sqlite3 *db = store_open(path);
    plan_three(db, "doubts", trials);
    fill(&result);
    result.doubts = doubts;
    result.doubt_count = 2;
    assert_int_equal(store_trial_finished(db, trials[0].id, &result), 0);
    assert_string_equal(
        ask(db, "SELECT group_concat(metric_group || '=' || verdict || ': ' || reason) FROM doubt"),
        "=saturated: it was slow,client_cpu=generator_bound: it was late,"
        "latency=generator_bound: it was late");
    result.doubts = NULL;
    result.doubt_count = 0;
    result_free(&result);
    store_close(db);
}

/* --- simulated trials ------------------------------------------------------------------------- */

/* Stores an outcome: reports of a server and a client. */
static void finish(sqlite3 *db, int64_t trial, const char *status) {
    struct result result;
    fill(&result);
    result.status = status;
    assert_int_equal(store_trial_finished(db, trial, &result), 0);
    result_free(&result);
}

/* Of the live trial of the same repeat, and only when it was done. */
static void a_twin_has_the_reports_of_the_live_trial(void **state) {
    struct store_trial trials[4];
    struct store_experiment experiment = {"quick", "twins", "{}", "both", 7, "abc", "{}", ""};
    int64_t id;
    (void)state;
    sqlite3 *db = store_open(path);
    for (int i = 0; i < 4; i++)
        trials[i] = (struct store_trial){0, "sse",     "{}",  i % 2 == 0 ? "" : "simulated",
                                         1, i / 2 + 1, i + 1, 9};
    assert_int_equal(store_plan(db, &experiment, trials, 4, &id), 0);
    finish(db, trials[0].id, "done");
    finish(db, trials[2].id, "failed");
    struct result twin = {0}, other = {0};
    assert_int_equal(store_twin_reports(db, trials[1].id, &twin), 0);
    assert_int_equal(twin.report_count, 2);
    assert_ptr_equal(twin.reports[0].role, role_names[ROLE_CLIENT]);
    assert_int_equal(twin.reports[0].process, 1);
    assert_int_equal(
        json_integer_value(json_object_get(result_report_of(&twin, "server"), "events")), 1);
    assert_int_equal(store_twin_reports(db, trials[3].id, &other), 0);
    assert_int_equal(other.report_count, 0);
    result_free(&twin);
    store_close(db);
}

static void assert_text(char *text, const char *expected) {
    if (expected == NULL)
        assert_null(text);
    else
        assert_string_equal(text, expected);
    free(text);
}

/* An experiment keeps the calibration that was the newest when it was begun. */
static void the_newest_calibration_counts(void **state) {
    struct store_trial none;
    struct store_experiment experiment = {"quick", "calibrated", "{}", "simulated",
                                          7,       "abc",        "",   ""};
    int64_t id;
    (void)state;
    sqlite3 *db = store_open(path);
    assert_text(store_calibration_newest(db), NULL);
    assert_text(store_calibration_dated(db), NULL);
    assert_int_equal(store_calibration_save(db, "{\"wake_us\":3}", "{}"), 0);
    assert_int_equal(store_calibration_save(db, "{\"wake_us\":4}", "{}"), 0);
    assert_text(store_calibration_newest(db), "{\"wake_us\":4}");
    char *dated = store_calibration_dated(db);
    assert_non_null(strstr(dated, "{\"calibrated_at\":\"20"));
    char *environment = xasprintf("{\"simulator\":%s}", dated);
    free(dated);
    experiment.environment = environment;
    assert_int_equal(store_plan(db, &experiment, &none, 0, &id), 0);
    assert_int_equal(store_calibration_save(db, "{}", "{}"), 0);
    assert_text(store_calibration_of(db, id), "{\"wake_us\":4}");
    experiment.environment = "{\"simulator\":\"defaults\"}";
    assert_int_equal(store_plan(db, &experiment, &none, 0, &id), 0);
    assert_text(store_calibration_of(db, id), NULL);
    assert_int_equal(store_calibration_save(db, "no JSON", "{}"), -1);
    free(environment);
    store_close(db);
}

static void open_newer(void *data) {
    (void)data;
    _exit(store_open(path) == NULL ? 1 : 0);
}

static void a_newer_database_is_left_alone(void **state) {
    struct captured captured;
    (void)state;
    sqlite3 *db = store_open(path);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
    capture(&captured, open_newer, NULL);
    assert_int_equal(captured.status, 1);
    assert_non_null(strstr(captured.err, "has version 99, and this program knows up to 9"));
    sqlite3_exec(db, "PRAGMA user_version = 9", NULL, NULL, NULL);
    store_close(db);
}

/* --- errors are no answers -------------------------------------------------------------------- */

static int give_up(void *data) {
    (void)data;
    return 1;
}

static void ask_while_interrupted(void *data) {
    sqlite3 *db = data;
    int positions[3] = {0};
    int64_t ids[3], id;
    char *name, *revision, *programs;
    sqlite3_progress_handler(db, 1, give_up, NULL);
    if (store_find_unfinished(db, "errors", "{}", &id) != -1) _exit(1);
    if (store_pending(db, 1, NULL, 0, positions, ids) != -1) _exit(2);
    if (store_failed_cells(db, 1, &name) != -1 || name != NULL) _exit(3);
    if (store_build(db, 1, &revision, &programs) != -1 || revision != NULL) _exit(4);
    _exit(0);
}

static void a_query_that_breaks_off_is_an_error(void **state) {
    struct store_trial trials[3];
    struct captured captured;
    (void)state;
    sqlite3 *db = store_open(path);
    plan_three(db, "errors", trials);
    capture(&captured, ask_while_interrupted, db);
    assert_int_equal(captured.status, 0);
    assert_non_null(strstr(captured.err, "cannot read the results in /"));
    store_close(db);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Everything about the files beside the database, as text. */
static void list_files(char *out, size_t size) {
    char command[160];
    snprintf(command, sizeof(command), "cd %s/deep/er && stat -c '%%n %%s %%y' . *", directory);
    FILE *listing = popen(command, "re");
    assert_non_null(listing);
    out[fread(out, 1, size - 1, listing)] = '\0';
    assert_int_equal(pclose(listing), 0);
}

static void reading_writes_nothing(void **state) {
    char before[1000], after[1000];
    (void)state;
    store_close(store_open(path)); /* the last to close takes the log away */
    list_files(before, sizeof(before));
    sqlite3 *db = store_open_to_read(path);
    assert_non_null(db);
    assert_string_equal(ask(db, "SELECT count(*) > 0 FROM cell"), "1");
    assert_int_equal(sqlite3_exec(db, "DELETE FROM trial", NULL, NULL, NULL), SQLITE_READONLY);
    list_files(after, sizeof(after));
    assert_int_equal(store_close(db), 0);
    assert_string_equal(before, after);
}

static void what_is_being_written_can_be_read(void **state) {
    struct store_trial trials[3];
    char sql[96];
    (void)state;
    sqlite3 *writer = store_open(path);
    int64_t id = plan_three(writer, "now", trials);
    sqlite3 *reader = store_open_to_read(path);
    assert_non_null(reader);
    snprintf(sql, sizeof(sql), "SELECT scenario_text FROM experiment WHERE id = %d", (int)id);
    assert_string_equal(ask(reader, sql), "now");
    assert_int_equal(store_close(reader), 0);
    store_close(writer);
}

static void write_while_read(void *data) {
    struct store_trial trials[3];
    (void)data;
    sqlite3 *reader = store_open_to_read(path);
    sqlite3 *writer = store_open(path);
    plan_three(writer, "meanwhile", trials);
    store_close(writer);
    _exit(store_close(reader) == -1 ? 0 : 1);
}

static void a_write_in_between_is_noticed(void **state) {
    struct captured captured;
    (void)state;
    capture(&captured, write_while_read, NULL);
    assert_int_equal(captured.status, 0);
    assert_non_null(strstr(captured.err, "was written to while it was read: ask once more"));
}

static void open_strangers(void *data) {
    _exit(store_open_to_read(data) == NULL && store_open(data) == NULL ? 0 : 1);
}

static void a_strangers_database_is_left_alone(void **state) {
    char other[96];
    struct captured captured;
    sqlite3 *db;
    (void)state;
    snprintf(other, sizeof(other), "%s/what?#%%41.sqlite", directory); /* no URI takes it apart */
    assert_int_equal(sqlite3_open(other, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE bookmarks (url)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    capture(&captured, open_strangers, other);
    assert_int_equal(captured.status, 0);
    assert_non_null(strstr(captured.err, "is not a database of pushpull: name another"));
}

static void ask_old_library(void *data) {
    (void)data;
    _exit(store_sqlite_suffices(3037000) == 0 && store_sqlite_suffices(3036000) == -1 ? 0 : 1);
}

static void an_old_library_is_refused(void **state) {
    struct captured captured;
    (void)state;
    capture(&captured, ask_old_library, NULL);
    assert_int_equal(captured.status, 0);
    assert_string_equal(captured.err,
                        "pushpull: SQLite 3.36 is too old: pushpull needs 3.37 or newer,"
                        " for STRICT tables\n");
}

static void lock_again(void *data) {
    (void)data;
    _exit(store_lock(path) >= 0 ? 0 : 1);
}

static void one_runs_at_a_time(void **state) {
    struct captured captured;
    (void)state;
    assert_true(store_lock(path) >= 0);
    capture(&captured, lock_again, NULL);
    assert_int_equal(captured.status, 1);
    assert_non_null(strstr(captured.err, "another pushpull is running an experiment into"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(directories_are_made),
        cmocka_unit_test(trials_are_planned_first),
        cmocka_unit_test(an_outcome_is_stored_whole),
        cmocka_unit_test(half_an_outcome_is_none),
        cmocka_unit_test(what_is_left_can_be_resumed),
        cmocka_unit_test(what_has_run_to_its_end_can_be_finished),
        cmocka_unit_test(other_trials_are_not_resumed),
        cmocka_unit_test(cells_that_failed_in_every_repeat_are_found),
        cmocka_unit_test(doubts_are_stored_by_what_they_take),
        cmocka_unit_test(a_twin_has_the_reports_of_the_live_trial),
        cmocka_unit_test(the_newest_calibration_counts),
        cmocka_unit_test(a_newer_database_is_left_alone),
        cmocka_unit_test(a_query_that_breaks_off_is_an_error),
        cmocka_unit_test(reading_writes_nothing),
        cmocka_unit_test(what_is_being_written_can_be_read),
        cmocka_unit_test(a_write_in_between_is_noticed),
        cmocka_unit_test(a_strangers_database_is_left_alone),
        cmocka_unit_test(an_old_library_is_refused),
        cmocka_unit_test(one_runs_at_a_time),
    };
    return cmocka_run_group_tests_name("store", tests, make_directory, remove_directory);
}

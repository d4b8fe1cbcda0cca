/* runner/store: the life of experiments and trials in the database */
#include "store.h"

#include "capture.h"
#include "test.h"

#include <math.h>
#include <string.h>

static char directory[] = "/tmp/pushpull-store.XXXXXX";
static char path[64];

static int make_directory(void **state) {
    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/deep/er/x.sqlite", directory);
    return 0;
}

static int remove_directory(void **state) {
    char command[96];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

/* The first column of the first row, as text that lives until the next call. */
static const char *ask(sqlite3 *db, const char *sql) {
    static char answer[256];
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    const unsigned char *text = sqlite3_column_text(statement, 0);
    snprintf(answer, sizeof answer, "%s", text == NULL ? "NULL" : (const char *)text);
    sqlite3_finalize(statement);
    return answer;
}

static int64_t plan_three(sqlite3 *db, const char *sha256, struct store_trial trials[3]) {
    struct store_experiment experiment = {"quick", "text", sha256, "live", 7, "abc", "{}"};
    int64_t id;
    for (int i = 0; i < 3; i++)
        trials[i] = (struct store_trial){0, "sse", "{\"subscribers\":1}", i + 1, i + 1, 40 + i};
    assert_int_equal(store_plan(db, &experiment, trials, 3, &id), 0);
    return id;
}

static void fill(struct result *result) {
    *result = (struct result){.status = "done", .verdict = "saturated", .seconds = 2.5};
    result->reason = xstrdup("a reason");
    result_metric(result, "lost", "count", 3);
    result_metric_interval(result, "delivery_latency_p50_us", "us", 5, 4, 6);
    histogram_record(result_histogram_add(result, "delivery_latency"), 5000);
    result_point(result, -200, xstrdup("server.0.events"), 9);
    result_point(result, -200, xstrdup("server.0.events"), 10);
    result_report(result, "server", 0, json_pack("{s:i}", "events", 1));
    result_report(result, "client", 1, json_pack("{s:i}", "events", 2));
}

static void directories_are_made(void **state) {
    (void)state;
    sqlite3 *db = store_open(path);
    assert_non_null(db);
    assert_string_equal(ask(db, "PRAGMA user_version"), "1");
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
    assert_string_equal(ask(db, "SELECT group_concat(value) FROM series"), "10.0");
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
    snprintf(sql, sizeof sql, "SELECT status FROM trial WHERE id = %d", (int)trials[0].id);
    assert_string_equal(ask(db, sql), "running");
    snprintf(sql, sizeof sql, "SELECT count(*) FROM metric WHERE trial_id = %d", (int)trials[0].id);
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
    assert_int_equal(store_find_unfinished(db, "resume", &found), 0);
    assert_int_equal(found, newest);
    assert_int_equal(store_pending(db, newest, positions, ids, 3), 2);
    assert_int_equal(positions[0], 1);
    assert_int_equal(positions[1], 3);
    assert_int_equal(ids[1], trials[2].id);
    assert_int_equal(store_find_unfinished(db, "something else", &found), 0);
    assert_int_equal(found, 0);
    result_free(&result);
    store_close(db);
}

static void cells_without_a_result_are_found(void **state) {
    struct store_trial trials[3];
    struct result result;
    char *name;
    (void)state;
    sqlite3 *db = store_open(path);
    int64_t id = plan_three(db, "unbelieved", trials);
    fill(&result);
    result.verdict = "generator_bound";
    assert_int_equal(store_trial_finished(db, trials[0].id, &result), 0);
    assert_int_equal(store_unbelieved(db, id, &name), 1);
    assert_string_equal(name, "sse {\"subscribers\":1}");
    free(name);
    result.verdict = "valid";
    assert_int_equal(store_trial_finished(db, trials[1].id, &result), 0);
    assert_int_equal(store_unbelieved(db, id, &name), 0);
    result_free(&result);
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
    assert_non_null(strstr(captured.err, "has version 99, and this program knows up to 1"));
    sqlite3_exec(db, "PRAGMA user_version = 1", NULL, NULL, NULL);
    store_close(db);
}

static void lock_again(void *data) {
    (void)data;
    _exit(store_lock(path) == 0 ? 0 : 1);
}

static void one_runs_at_a_time(void **state) {
    struct captured captured;
    (void)state;
    assert_int_equal(store_lock(path), 0);
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
        cmocka_unit_test(cells_without_a_result_are_found),
        cmocka_unit_test(a_newer_database_is_left_alone),
        cmocka_unit_test(one_runs_at_a_time),
    };
    return cmocka_run_group_tests_name("store", tests, make_directory, remove_directory);
}

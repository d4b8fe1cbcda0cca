/* Reading from the database: a failed query costs one line on stderr, wherever it happens. */
#include "store/sql.h"

#include "base/log.h"
#include "base/memory.h"
#include "scenario/strategies.h"
#include "system/hint.h"
#include "system/human.h"

#include <math.h>
#include <stdlib.h>

static int failures;

int sql_failures(void) { return failures; }

static void complain(sqlite3 *db, const char *text) {
    failures++;
    log_error("cannot read the results: %s, in: %s", sqlite3_errmsg(db), text);
}

sqlite3_stmt *sql_prepare(sqlite3 *db, const char *text, int64_t experiment_id) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(db, text, -1, &statement, NULL) != SQLITE_OK) {
        complain(db, text);
        return NULL;
    }
    int index = sqlite3_bind_parameter_index(statement, ":experiment");
    if (index > 0) sqlite3_bind_int64(statement, index, experiment_id);
    return statement;
}

int sql_next(sqlite3_stmt *statement) {
    if (statement == NULL) return -1;
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) return 1;
    if (code == SQLITE_DONE) return 0;
    complain(sqlite3_db_handle(statement), sqlite3_sql(statement));
    return -1;
}

const char *sql_column(sqlite3_stmt *statement, int column) {
    const unsigned char *text = sqlite3_column_text(statement, column);
    return text == NULL ? "" : (const char *)text;
}

double sql_number(sqlite3_stmt *statement, int column) {
    if (sqlite3_column_type(statement, column) == SQLITE_NULL) return NAN;
    return sqlite3_column_double(statement, column);
}

char *sql_one_text(sqlite3 *db, const char *text, int64_t experiment_id) {
    sqlite3_stmt *statement = sql_prepare(db, text, experiment_id);
    char *out = NULL;
    if (sql_next(statement) == 1 && sqlite3_column_type(statement, 0) != SQLITE_NULL)
        out = xstrdup(sql_column(statement, 0));
    sqlite3_finalize(statement);
    return out;
}

int64_t sql_one_integer(sqlite3 *db, const char *text, int64_t experiment_id, int64_t otherwise) {
    sqlite3_stmt *statement = sql_prepare(db, text, experiment_id);
    int64_t out = otherwise;
    if (sql_next(statement) == 1 && sqlite3_column_type(statement, 0) != SQLITE_NULL)
        out = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return out;
}

int64_t sql_experiment(sqlite3 *db, int64_t experiment_id) {
    const char *sql = experiment_id == 0 ? "SELECT max(id) FROM experiment"
                                         : "SELECT id FROM experiment WHERE id = :experiment";
    int before = failures;
    int64_t found = sql_one_integer(db, sql, experiment_id, 0);
    if (found == 0 && failures == before) {
        char *list = hint("list", NULL);
        log_error("there is no such experiment: `%s` has their numbers", list);
        free(list);
    }
    return found;
}

static int insert_strategy(sqlite3_stmt *insert, const struct strategy *strategy, int rank) {
    sqlite3_reset(insert);
    sqlite3_bind_text(insert, 1, strategy->key, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 2, strategy->title, -1, SQLITE_STATIC);
    sqlite3_bind_int(insert, 3, rank);
    sqlite3_bind_int(insert, 4, strategy->floor);
    return sql_next(insert);
}

static int fill_strategies(sqlite3 *db) {
    static const char create[] = "CREATE TEMP TABLE IF NOT EXISTS strategy ("
                                 "key TEXT PRIMARY KEY, title TEXT, rank INTEGER, floor INTEGER)";
    static const char fill[] = "INSERT OR REPLACE INTO temp.strategy VALUES (?, ?, ?, ?)";
    if (sqlite3_exec(db, create, NULL, NULL, NULL) != SQLITE_OK) {
        complain(db, create);
        return -1;
    }
    sqlite3_stmt *insert = sql_prepare(db, fill, 0);
    int status = insert == NULL ? -1 : 0;
    for (int i = 0; status == 0 && i < strategy_count; i++)
        status = insert_strategy(insert, &strategies[i], i + 1);
    sqlite3_finalize(insert);
    return status;
}

static void human_function(sqlite3_context *context, int count, sqlite3_value **values) {
    char text[HUMAN_SIZE];
    const unsigned char *unit = sqlite3_value_text(values[1]);
    double value =
        sqlite3_value_type(values[0]) == SQLITE_NULL ? NAN : sqlite3_value_double(values[0]);
    (void)count;
    human_metric(text, value, unit == NULL ? "" : (const char *)unit);
    sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}

int sql_extend(sqlite3 *db) {
    sqlite3_create_function(db, "human", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                            human_function, NULL, NULL);
    return fill_strategies(db);
}

/* ============================== snapshots ============================== */

/* Temporary tables come before views of the same name. */
static const char *const views[] = {"outcome", "cell",    "parameter", "varying",
                                    "place",   "summary", "baseline",  "sweep"};
#define VIEW_COUNT ((int)(sizeof views / sizeof views[0]))

void sql_snapshot_end(sqlite3 *db) {
    for (int i = 0; i < VIEW_COUNT; i++) {
        char *sql = xasprintf("DROP TABLE IF EXISTS temp.%s", views[i]);
        sqlite3_exec(db, sql, NULL, NULL, NULL);
        free(sql);
    }
}

static int snapshot(sqlite3 *db, const char *view, int64_t experiment_id) {
    char *sql = xasprintf("CREATE TEMP TABLE %s AS"
                          " SELECT * FROM main.%s WHERE experiment_id = :experiment",
                          view, view);
    sqlite3_stmt *statement = sql_prepare(db, sql, experiment_id);
    int status = sql_next(statement);
    sqlite3_finalize(statement);
    free(sql);
    return status;
}

int sql_snapshot(sqlite3 *db, int64_t experiment_id) {
    sql_snapshot_end(db);
    for (int i = 0; i < VIEW_COUNT; i++)
        if (snapshot(db, views[i], experiment_id) != 0) {
            sql_snapshot_end(db);
            return -1;
        }
    return 0;
}

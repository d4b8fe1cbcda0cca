/* SQLite in a few verbs. See sql.h. */
#include "store/sql.h"

#include "base/log.h"
#include "base/memory.h"
#include "scenario/strategies.h"
#include "system/hint.h"
#include "system/human.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>

/* --- both ------------------------------------------------------------------------------------- */

static void bind_value(sqlite3_stmt *statement, int index, char type, va_list *values) {
    if (type == 'i') sqlite3_bind_int64(statement, index, va_arg(*values, int64_t));
    if (type == 'd') sqlite3_bind_double(statement, index, va_arg(*values, double));
    if (type == 't')
        sqlite3_bind_text(statement, index, va_arg(*values, const char *), -1, SQLITE_STATIC);
    if (type == 'b') {
        const void *bytes = va_arg(*values, const void *);
        sqlite3_bind_blob64(statement, index, bytes, va_arg(*values, size_t), SQLITE_STATIC);
    }
}

static sqlite3_stmt *bind_all(sqlite3 *db, const char *text, const char *types, va_list *values) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(db, text, -1, &statement, NULL) != SQLITE_OK) return NULL;
    for (int i = 0; types[i] != '\0'; i++) bind_value(statement, i + 1, types[i], values);
    return statement;
}

sqlite3_stmt *sql_bind(sqlite3 *db, const char *text, const char *types, ...) {
    va_list values;
    va_start(values, types);
    sqlite3_stmt *statement = bind_all(db, text, types, &values);
    va_end(values);
    return statement;
}

/* --- writing ---------------------------------------------------------------------------------- */

int sql_run(sqlite3_stmt *statement) {
    if (statement == NULL) return -1;
    bool good = sqlite3_step(statement) == SQLITE_DONE;
    sqlite3_finalize(statement);
    return good ? 0 : -1;
}

int sql_execute(sqlite3 *db, const char *text) {
    return sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

int sql_ask(sqlite3 *db, const char *text) {
    sqlite3_stmt *statement = sql_bind(db, text, "");
    bool row = statement != NULL && sqlite3_step(statement) == SQLITE_ROW;
    int answer = row ? sqlite3_column_int(statement, 0) : -1;
    sqlite3_finalize(statement);
    return answer;
}

/* --- reading ---------------------------------------------------------------------------------- */

static int failures; /* of this process: main asks once, at its end */

int sql_failures(void) { return failures; }

static void complain(sqlite3 *db, const char *text) {
    const char *path = sqlite3_db_filename(db, "main");
    bool named = path != NULL && *path != '\0'; /* not a copy in memory */
    failures++;
    log_error("cannot read the results%s%s: %s, in: %s", named ? " in " : "", named ? path : "",
              sqlite3_errmsg(db), text);
}

sqlite3_stmt *sql_query(sqlite3 *db, const char *text, const char *types, ...) {
    va_list values;
    va_start(values, types);
    sqlite3_stmt *statement = bind_all(db, text, types, &values);
    va_end(values);
    if (statement == NULL) complain(db, text);
    return statement;
}

sqlite3_stmt *sql_prepare(sqlite3 *db, const char *text, int64_t experiment_id) {
    return sql_query(db, text, "i", experiment_id);
}

int sql_next(sqlite3_stmt *statement) {
    if (statement == NULL) return -1;
    int code = sqlite3_step(statement);
    if (code == SQLITE_ROW) return 1;
    if (code == SQLITE_DONE) return 0;
    complain(sqlite3_db_handle(statement), sqlite3_sql(statement));
    return -1;
}

char *sql_copy(sqlite3_stmt *statement, int column) {
    const unsigned char *text = sqlite3_column_text(statement, column);
    return text == NULL ? NULL : xstrdup((const char *)text);
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
    char *out = sql_next(statement) == 1 ? sql_copy(statement, 0) : NULL;
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

/* --- what queries use beside the views -------------------------------------------------------- */

static int insert_strategy(sqlite3 *db, const struct strategy *strategy, int rank) {
    return sql_run(sql_bind(db, "INSERT OR REPLACE INTO temp.strategy VALUES (?, ?, ?, ?)", "ttii",
                            strategy->key, strategy->title, (int64_t)rank,
                            (int64_t)strategy->floor));
}

static int fill_strategies(sqlite3 *db) {
    static const char create[] = "CREATE TEMP TABLE IF NOT EXISTS strategy ("
                                 "key TEXT PRIMARY KEY, title TEXT, rank INTEGER, floor INTEGER)";
    int status = sql_execute(db, create);
    for (int i = 0; status == 0 && i < strategy_count; i++)
        status = insert_strategy(db, &strategies[i], i + 1);
    if (status != 0) complain(db, create);
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

/* --- snapshots -------------------------------------------------------------------------------- */

/* Temporary tables come before views of the same name. */
static const char *const views[] = {
    "outcome", "cell", "parameter", "varying", "place", "summary", "baseline", "sweep",
};
#define VIEW_COUNT ((int)(sizeof(views) / sizeof(views[0])))

void sql_snapshot_end(sqlite3 *db) {
    for (int i = 0; i < VIEW_COUNT; i++) {
        char *sql = xasprintf("DROP TABLE IF EXISTS temp.%s", views[i]);
        sql_execute(db, sql);
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

/* What is shown of a stored experiment: see stored.h. SQLite makes the JSON. */
#include "live/stored.h"

#include "base/memory.h"
#include "store/open.h"
#include "store/sql.h"

#include <stdlib.h>
#include <unistd.h>

static const char list_sql[] =
    "SELECT json_object('experiments', json_group_array(json_object("
    "  'id', id, 'scenario', scenario, 'started', started_at)))"
    " FROM (SELECT * FROM experiment WHERE finished_at IS NOT NULL ORDER BY id DESC LIMIT 50)";

/* The first trial of each strategy: `min` picks the row that the other columns are of. */
static const char experiment_sql[] =
    "WITH first AS (SELECT id, strategy, parameters, verdict, min(position) FROM trial"
    "  WHERE experiment_id = :experiment AND status = 'done' GROUP BY strategy),"
    " told AS (SELECT json_object('key', strategy, 'parameters', json(parameters),"
    "   'verdict', verdict,"
    "   'metrics', (SELECT json(json_group_object(name, value)) FROM metric"
    "     WHERE trial_id = first.id AND (name LIKE 'delivery_latency%' OR name LIKE 'age%'"
    "       OR name LIKE 'wire_bytes_per%' OR name LIKE 'requests%' OR name = 'lost')),"
    "   'seconds', (SELECT json(json_group_array(json_array(t_ms, name, value))) FROM series"
    "     WHERE trial_id = first.id AND role = 'client' AND process = 0"
    "       AND name IN ('deliveries', 'delivery_latency_p50_us', 'delivery_latency_p99_us'))"
    "  ) AS trial FROM first)"
    "SELECT json_object('id', id, 'scenario', scenario, 'started', started_at,"
    "  'trials', (SELECT json(json_group_array(json(trial))) FROM told))"
    " FROM experiment WHERE id = :experiment";

/* The one text that a query gives, or NULL. */
static char *ask(const char *database, const char *sql, int64_t id) {
    if (access(database, R_OK) != 0) return NULL;
    sqlite3 *db = store_open_to_read(database);
    if (db == NULL) return NULL;
    sqlite3_stmt *query = sql_prepare(db, sql, id);
    char *text = sql_next(query) == 1 ? sql_copy(query, 0) : NULL;
    sqlite3_finalize(query);
    store_close(db);
    return text;
}

char *stored_list(const char *database) {
    char *text = ask(database, list_sql, 0);
    return text == NULL ? xstrdup("{\"experiments\":[]}") : text;
}

char *stored_experiment(const char *database, int64_t id) {
    return id <= 0 ? NULL : ask(database, experiment_sql, id);
}

/* What lies in the database beside the results, so that the views, and people with SQLite alone, know
 * what this program knows: the table of metrics and the ranks of intervals. */
#include "store/reference.h"

#include "figures/metric_kinds.h"
#include "figures/statistics.h"
#include "store/sql.h"

#define INTERVALS_TO 1000 /* repeats of a cell: more than anybody has the patience for */

/* A row is written only where it is not there yet, word for word: opening changes nothing otherwise. */
static int keep_kind(sqlite3 *db, struct metric_id id, int rank) {
    static const char *const better[] = {[LESS] = "less", [MORE] = "more", [NEITHER] = "neither"};
    char name[METRIC_NAME_SIZE], title[METRIC_NAME_SIZE];
    const struct metric_kind *kind = id.kind;
    return sql_run(sql_bind(
        db,
        "INSERT OR REPLACE INTO metric_kind SELECT ?1, ?2, ?3, ?4, ?5, nullif(?6, 0.0), ?7, ?8"
        " EXCEPT SELECT name, metric_group, unit, title, better, quantile, what, rank"
        " FROM metric_kind",
        "tttttdti", metric_name(name, id), kind->group, kind->unit, metric_title(title, id),
        better[kind->better], metric_fraction(id), kind->what, (int64_t)rank));
}

static int keep_kinds(sqlite3 *db) {
    struct metric_id id = {0};
    for (int rank = 1; metric_next(&id); rank++)
        if (keep_kind(db, id, rank) != 0) return -1;
    return 0;
}

static int keep_intervals(sqlite3 *db) {
    if (sql_ask(db, "SELECT count(*) FROM interval_rank") > 0) return 0;
    for (int n = 1, last = 0; n <= INTERVALS_TO; n++) {
        int k = median_interval_rank(n);
        if (k == last) continue;
        last = k;
        if (sql_run(sql_bind(db, "INSERT INTO interval_rank VALUES (?, ?)", "ii", (int64_t)n,
                             (int64_t)k)) != 0)
            return -1;
    }
    return 0;
}

int store_keep_reference(sqlite3 *db) {
    return keep_kinds(db) == 0 && keep_intervals(db) == 0 ? 0 : -1;
}

/* Comparing two experiments. See compare.h. */
#include "compare/compare.h"

#include "base/log.h"
#include "base/memory.h"
#include "figures/metric_kinds.h"
#include "figures/statistics.h"
#include "report/story.h"
#include "report/table_print.h"
#include "scenario/settings.h"
#include "store/open.h"
#include "store/sql.h"
#include "system/human.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define INDENT 13

/* --- the two ---------------------------------------------------------------------------------- */

struct side {
    sqlite3 *db;
    int64_t id;
};

static bool is_number(const char *text) {
    return *text != '\0' && strspn(text, "0123456789") == strlen(text);
}

/* Opens what an operand names. Returns 0, or a status after a line on stderr. */
static int open_side(struct side *side, const char *database, const char *operand) {
    const char *hash = strrchr(operand, '#');
    bool own = is_number(operand), numbered = hash != NULL && is_number(hash + 1);
    if (!own && hash != NULL && !numbered) {
        log_error("%s: behind # stands the number of an experiment, not \"%s\"", operand, hash + 1);
        return EXIT_USAGE;
    }
    char *path = own ? xstrdup(database)
                     : xmemdup(operand, numbered ? (size_t)(hash - operand) : strlen(operand));
    side->db = store_open_to_read(path);
    free(path);
    if (side->db == NULL || sql_extend(side->db) != 0) return 1;
    int64_t id = own ? strtoll(operand, NULL, 10) : numbered ? strtoll(hash + 1, NULL, 10) : 0;
    const char *which = "SELECT max(id) FROM experiment WHERE :experiment IN (0, id)";
    side->id = sql_one_integer(side->db, which, id, 0);
    if (side->id > 0) return 0;
    log_error("%s: there is no such experiment in %s", operand,
              sqlite3_db_filename(side->db, "main"));
    return 1;
}

/* Lays the figures of b beside those of a: a table that goes with the connection. */
static int bring_over(const struct side *a, const struct side *b) {
    if (sql_execute(a->db,
                    "CREATE TEMP TABLE other (strategy, parameters, metric, value, low, high,"
                    " believed, PRIMARY KEY (strategy, parameters, metric))") != 0)
        return -1;
    sqlite3_stmt *rows = sql_query(b->db,
                                   "SELECT strategy, parameters, metric, value, low, high, believed"
                                   " FROM summary WHERE experiment_id = ?",
                                   "i", b->id);
    int row, status = 0;
    while (status == 0 && (row = sql_next(rows)) == 1)
        status = sql_run(sql_bind(a->db, "INSERT INTO temp.other VALUES (?, ?, ?, ?, ?, ?, ?)",
                                  "tttdddi", sql_column(rows, 0), sql_column(rows, 1),
                                  sql_column(rows, 2), sql_number(rows, 3), sql_number(rows, 4),
                                  sql_number(rows, 5), sqlite3_column_int64(rows, 6)));
    sqlite3_finalize(rows);
    return status == 0 && row == 0 ? 0 : -1;
}

/* --- the head --------------------------------------------------------------------------------- */

static char *text_of(const struct side *side, const char *expression) {
    char *sql = xasprintf("SELECT %s FROM experiment WHERE id = :experiment", expression);
    char *text = sql_one_text(side->db, sql, side->id);
    free(sql);
    return text == NULL ? xstrdup("") : text;
}

static void print_side(const char *name, const struct side *side) {
    char *text =
        text_of(side, "id || ', ' || scenario || iif(label = '', '', ' \"' || label || '\"') ||"
                      " iif(mode = 'simulated', ' in virtual time', '') || ': revision ' || "
                      "git_revision || ', started ' ||"
                      " replace(replace(started_at, 'T', ' '), 'Z', ' UTC') ||"
                      " iif(finished_at IS NULL, ', not finished', '')");
    human_wrap_labelled(stdout, name, INDENT, text);
    free(text);
}

/* Notes a difference: "kernel (Linux 6.1, Linux 6.18)". */
static void add_difference(struct buffer *out, const char *key, const json_t *a, const json_t *b) {
    char *one = a == NULL ? xstrdup("unknown") : json_dumps(a, JSON_ENCODE_ANY | JSON_COMPACT);
    char *other = b == NULL ? xstrdup("unknown") : json_dumps(b, JSON_ENCODE_ANY | JSON_COMPACT);
    buffer_printf(out, "%s%s (%s, %s)", out->length > 0 ? "; " : "", key, one, other);
    free(one);
    free(other);
}

/* What of the environment says nothing about the two: it differs always, or is told elsewhere. */
static bool is_told(const char *key) {
    static const char *const keys[] = {"load_average",      "programs_sha256", "scenario_argument",
                                       "programs_argument", "base_revision",   NULL};
    for (int i = 0; keys[i] != NULL; i++)
        if (strcmp(keys[i], key) == 0) return true;
    return false;
}

static void add_differences(struct buffer *out, const json_t *a, const json_t *b) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)a, key, value) {
        const json_t *other = json_object_get(b, key);
        if (is_told(key) || json_equal(value, other)) continue;
        if (json_is_object(value) && json_is_object(other))
            add_differences(out, value, other);
        else
            add_difference(out, key, value, other);
    }
    json_object_foreach((json_t *)b, key,
                        value) if (!is_told(key) && json_object_get(a, key) == NULL)
        add_difference(out, key, NULL, value);
}

static void print_environment(const struct side *a, const struct side *b) {
    char *texts[] = {text_of(a, "environment"), text_of(b, "environment")};
    json_t *one = json_loads(texts[0], 0, NULL), *other = json_loads(texts[1], 0, NULL);
    struct buffer differences = {0};
    add_differences(&differences, one, other);
    human_wrap_labelled(stdout, "environment", INDENT,
                        differences.length == 0 ? "the same" : differences.data);
    buffer_free(&differences);
    json_decref(one);
    json_decref(other);
    free(texts[0]);
    free(texts[1]);
}

/* Whether texts or overrides differ; what differs in a cell makes it another one. */
static void print_scenario(const struct side *a, const struct side *b) {
    char *texts[] = {text_of(a, "scenario_text"), text_of(b, "scenario_text")};
    char *sets[] = {text_of(a, "overrides"), text_of(b, "overrides")};
    struct buffer says = {0};
    if (strcmp(texts[0], texts[1]) != 0) buffer_printf(&says, "the texts differ");
    if (strcmp(sets[0], sets[1]) != 0) {
        buffer_printf(&says, "%scommand lines:", says.length > 0 ? "; " : "");
        for (int i = 0; i < 2; i++) {
            struct buffer words = {0};
            buffer_append(&words, "", 0);
            story_add_overrides(&words, sets[i]);
            buffer_printf(&says, "%s%s", i > 0 ? "  against " : "",
                          words.length == 0 ? " (nothing)" : words.data);
            buffer_free(&words);
        }
    }
    human_wrap_labelled(stdout, "scenario", INDENT, says.length == 0 ? "the same" : says.data);
    buffer_free(&says);
    for (int i = 0; i < 2; i++) {
        free(texts[i]);
        free(sets[i]);
    }
}

/* --- figures ---------------------------------------------------------------------------------- */

struct counts {
    int better, worse, same, unknown;
};

/* Columns of the query. */
enum {
    TITLE,
    FLOOR,
    SETTING,
    METRIC,
    UNIT,
    A,
    A_LOW,
    A_HIGH,
    A_BELIEVED,
    B,
    B_LOW,
    B_HIGH,
    B_BELIEVED
};

/* What b is, compared with a, and counts it. */
static const char *judged(sqlite3_stmt *row, struct metric_id id, struct counts *counts) {
    double low = sql_number(row, A_LOW), high = sql_number(row, A_HIGH);
    double other_low = sql_number(row, B_LOW), other_high = sql_number(row, B_HIGH);
    bool believed =
        sqlite3_column_int(row, A_BELIEVED) > 0 && sqlite3_column_int(row, B_BELIEVED) > 0;
    if (!believed || isnan(low) || isnan(other_low)) {
        counts->unknown++;
        return "cannot say";
    }
    if (intervals_overlap(low, high, other_low, other_high)) {
        counts->same++;
        return "no measurable difference";
    }
    bool less = other_high < low, latency = strcmp(id.kind->group, "latency") == 0;
    if (id.kind->better == NEITHER) return less ? "less" : "more";
    bool better = less == (id.kind->better == LESS);
    *(better ? &counts->better : &counts->worse) += 1;
    if (latency) return better ? "faster" : "slower";
    return better ? "better" : "worse";
}

/* "1.20 (1.12 to 1.31)": b / a, from one end of the intervals to the other. */
static char *ratio(sqlite3_stmt *row) {
    double a = sql_number(row, A), b = sql_number(row, B);
    double low = sql_number(row, B_LOW) / sql_number(row, A_HIGH);
    double high = sql_number(row, B_HIGH) / sql_number(row, A_LOW);
    if (a == 0 && b == 0) return xstrdup("");
    if (!(a > 0)) return xstrdup("new");
    if (!isfinite(low) || !isfinite(high)) return xasprintf("%.3g", b / a);
    return xasprintf("%.3g (%.3g to %.3g)", b / a, low, high);
}

static char *figure(sqlite3_stmt *row, int column) {
    char text[HUMAN_SIZE];
    return xstrdup(human_metric(text, sql_number(row, column), sql_column(row, UNIT)));
}

static void add_row(struct table *table, sqlite3_stmt *row, bool all, struct counts *counts) {
    struct metric_id id;
    char title[METRIC_NAME_SIZE];
    if (!metric_find(sql_column(row, METRIC), &id)) return; /* a strategy's own counter */
    const char *word = judged(row, id, counts);
    bool differs = strcmp(word, "cannot say") != 0 && strcmp(word, "no measurable difference") != 0;
    if (!all && !differs && metric_shown(id)->heading == NULL) return;
    *table_add_row(table) = (struct table_row){
        .cells = {xasprintf("%s%s%s", sql_column(row, TITLE),
                            *sql_column(row, SETTING) == '\0' ? "" : " ", sql_column(row, SETTING)),
                  xstrdup(metric_title(title, id)), figure(row, A), figure(row, B), ratio(row),
                  xstrdup(word)},
        .floor = sqlite3_column_int(row, FLOOR) != 0,
    };
}

static int print_figures(const struct side *a, bool all) {
    struct table table = {.key_count = 2};
    struct counts counts = {0};
    sqlite3_stmt *row =
        sql_query(a->db,
                  "SELECT t.title, t.floor, " SQL_SETTING(
                      "s") ", s.metric, s.unit, s.value, s.low, s.high,"
                           " s.believed, o.value, o.low, o.high, o.believed"
                           " FROM summary s JOIN temp.other o USING (strategy, parameters, metric)"
                           " JOIN temp.strategy t ON t.key = s.strategy JOIN metric_kind k ON "
                           "k.name = s.metric"
                           " WHERE s.experiment_id = ? ORDER BY t.rank, s.parameters, k.rank",
                  "i", a->id);
    int status;
    table_add_column(&table, "strategy", true);
    table_add_column(&table, "figure", true);
    table_add_column(&table, "a", false);
    table_add_column(&table, "b", false);
    table_add_column(&table, "b / a (95 %)", false);
    table_add_column(&table, "b is", true);
    while ((status = sql_next(row)) == 1) add_row(&table, row, all, &counts);
    sqlite3_finalize(row);
    if (table.row_count > 0) table_lay_out(stdout, &table);
    if (status == 0 && counts.better + counts.worse + counts.same + counts.unknown == 0)
        printf("They have no cell in common.\n");
    else
        printf(
            "Of all figures of the common cells b has %d better, %d worse, %d without a measurable"
            " difference,\nand of %d it cannot be said.\n",
            counts.better, counts.worse, counts.same, counts.unknown);
    table_free(&table);
    return status;
}

/* --- the whole -------------------------------------------------------------------------------- */

int compare_experiments(const char *database, const char *a, const char *b, bool all) {
    struct side one = {0}, other = {0};
    int status = open_side(&one, database, a);
    if (status == 0) status = open_side(&other, database, b);
    if (status == 0) {
        print_side("a", &one);
        print_side("b", &other);
        print_scenario(&one, &other);
        print_environment(&one, &other);
        human_wrap_labelled(stdout, "advisory", INDENT,
                            "they were not run in pairs: what differs may be the machine at another"
                            " time. `run --base` compares two builds so that it can be decided");
        printf("\n");
        status = bring_over(&one, &other) == 0 && print_figures(&one, all) == 0 ? 0 : 1;
    }
    if (one.db != NULL && store_close(one.db) != 0) status = 1;
    if (other.db != NULL && store_close(other.db) != 0) status = 1;
    return status == 0 && sql_failures() > 0 ? 1 : status;
}

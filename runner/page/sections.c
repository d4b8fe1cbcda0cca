/* The sections of the report's page. A query that fails has said so on stderr; its section is then
 * short. */
#include "page/sections.h"

#include "chart/data.h"
#include "compare/formats.h"
#include "expect/expect.h"
#include "page/html.h"
#include "report/highlights.h"
#include "report/prediction.h"
#include "report/story.h"
#include "report/table_print.h"
#include "store/sql.h"
#include "system/hint.h"
#include "system/human.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* --- virtual time ----------------------------------------------------------------------------- */

#define WHAT_IS_SIMULATED                                                                          \
    "models of the same programs in virtual time. No process runs and no byte is sent: the model"  \
    " of a strategy says who sends what and when, and the clock jumps from one event to the next." \
    " Only how long this machine takes for a step is known beforehand, from a calibration;"        \
    " everything else follows from the models."

/* Where the times of this machine come from. */
static void add_calibration(struct buffer *out, sqlite3 *db, int64_t experiment_id) {
    char *text = table_machine(db, experiment_id);
    html_element(out, "p class=quiet", text);
    free(text);
}

/* Of an experiment that is simulated as a whole. */
static void add_simulated(struct buffer *out, sqlite3 *db, int64_t experiment_id) {
    buffer_printf(out, "<p>");
    html_element(out, "strong", TABLE_SIMULATED);
    html_text(out, " The figures are of " WHAT_IS_SIMULATED);
    buffer_printf(out, "</p>\n");
    add_calibration(out, db, experiment_id);
}

/* --- head and highlights ---------------------------------------------------------------------- */

static void add_story(struct buffer *out, const char *scenario_text) {
    struct story_paragraph paragraph;
    buffer_printf(out, "<div class=\"story\">\n");
    while (story_next(&scenario_text, &paragraph)) {
        buffer_printf(out, "<p>");
        if (paragraph.label != NULL) html_element(out, "strong", paragraph.label);
        if (!paragraph.commands) {
            buffer_printf(out, paragraph.label == NULL ? "" : " ");
            html_text(out, paragraph.text);
        }
        buffer_printf(out, "</p>\n");
        if (paragraph.commands) html_element(out, "pre", paragraph.text);
        story_paragraph_free(&paragraph);
    }
    buffer_printf(out, "</div>\n");
}

void page_head(struct buffer *out, sqlite3 *db, int64_t experiment_id) {
    sqlite3_stmt *statement = sql_prepare(
        db,
        "SELECT scenario, scenario_text, started_at, finished_at IS NULL,"
        " (SELECT count(*) FROM trial WHERE experiment_id = :experiment"
        "  AND variant NOT IN ('base', 'simulated')),"
        " (SELECT count(*) FROM outcome WHERE experiment_id = :experiment),"
        " CASE mode WHEN 'simulated' THEN 'simulated in virtual time'"
        " WHEN 'both' THEN 'live and simulated' ELSE mode END,"
        " overrides, (SELECT text FROM workload WHERE experiment_id = :experiment), label,"
        " mode = 'simulated'"
        " FROM experiment WHERE id = :experiment",
        experiment_id);
    if (sql_next(statement) == 1) {
        const char *text = sql_column(statement, 1);
        char *title = story_title(text, sql_column(statement, 7));
        html_open(out, title == NULL ? sql_column(statement, 0) : title);
        html_element(out, "h1", title == NULL ? sql_column(statement, 0) : title);
        if (*sql_column(statement, 9) != '\0')
            html_element(out, "p class=label", sql_column(statement, 9));
        buffer_printf(out, "\n<p class=\"quiet\">Scenario ");
        html_element(out, "code", sql_column(statement, 0));
        buffer_printf(out, ", experiment %lld, %s, ", (long long)experiment_id,
                      sql_column(statement, 6));
        html_text(out, sql_column(statement, 2));
        buffer_printf(out, ", %s of %s trial%s%s</p>\n", sql_column(statement, 5),
                      sql_column(statement, 4), sqlite3_column_int(statement, 4) == 1 ? "" : "s",
                      sqlite3_column_int(statement, 3) ? ": not finished" : "");
        if (*sql_column(statement, 8) != '\0') {
            buffer_printf(out, "<p class=\"quiet\">Load: ");
            html_text(out, sql_column(statement, 8));
            buffer_printf(out, "</p>\n");
        }
        if (sqlite3_column_int(statement, 10) != 0) add_simulated(out, db, experiment_id);
        add_story(out, text);
        free(title);
    }
    sqlite3_finalize(statement);
}

void page_highlights(struct buffer *out, sqlite3 *db, int64_t experiment_id) {
    struct highlights highlights;
    /* Of a lab they are what the student is to find. */
    const char *labs = "SELECT count(*) FROM lab_run WHERE experiment_id = :experiment";
    if (sql_one_integer(db, labs, experiment_id, 0) > 0) return;
    highlights_read(&highlights, db, experiment_id);
    char *held = chart_held(db, experiment_id, NULL);
    if (highlights.count > 0) html_heading(out, "In short");
    if (highlights.count > 0 && *held != '\0') {
        buffer_printf(out, "<p class=\"quiet\">With ");
        html_text(out, held);
        buffer_printf(out, ":</p>\n");
    }
    if (highlights.count > 0) buffer_printf(out, "<ul>\n");
    for (int i = 0; i < highlights.count; i++) {
        buffer_printf(out, "<li>");
        html_element(out, "strong", highlights.items[i].about);
        buffer_printf(out, ": ");
        html_text(out, highlights.items[i].text);
        buffer_printf(out, "</li>\n");
    }
    if (highlights.count > 0) buffer_printf(out, "</ul>\n");
    free(held);
    highlights_free(&highlights);
}

/* --- tables ----------------------------------------------------------------------------------- */

/* The headings; neighbours of one group share a cell above theirs. */
static void add_table_head(struct buffer *out, const struct table *table) {
    buffer_printf(out, "<thead><tr>");
    for (int i = 0; i < table->column_count;) {
        int span = 1;
        const char *group = table->columns[i].group;
        while (*group != '\0' && i + span < table->column_count &&
               strcmp(table->columns[i + span].group, group) == 0)
            span++;
        buffer_printf(out, "<th class=%s colspan=%d>", *group == '\0' ? "empty" : "group", span);
        html_text(out, group);
        buffer_printf(out, "</th>");
        i += span;
    }
    buffer_printf(out, "</tr>\n<tr>");
    for (int i = 0; i < table->column_count; i++)
        html_element(out, table->columns[i].text ? "th" : "th class=figure",
                     table->columns[i].heading);
    buffer_printf(out, "</tr></thead>\n");
}

/* The rows of one strategy have one heading. */
static void add_table_row(struct buffer *out, const struct table *table, int i) {
    const struct table_row *row = &table->rows[i];
    int span = 1;
    while (i + span < table->row_count && strcmp(row->cells[0], row[span].cells[0]) == 0) span++;
    bool begins = i == 0 || strcmp(row->cells[0], row[-1].cells[0]) != 0;
    buffer_printf(out, row->floor ? "<tr class=floor>" : "<tr>");
    if (begins) {
        buffer_printf(out, "<td class=name rowspan=%d>", span);
        html_text(out, row->cells[0]);
        buffer_printf(out, "</td>");
    }
    for (int j = 1; j < table->column_count; j++)
        html_element(out, table->columns[j].text ? "td class=name" : "td class=figure",
                     row->cells[j]);
    buffer_printf(out, "</tr>\n");
}

static void add_table(struct buffer *out, const struct table *table) {
    buffer_printf(out, "<div class=\"scroll tall\"><table>\n");
    add_table_head(out, table);
    for (int i = 0; i < table->row_count; i++) add_table_row(out, table, i);
    buffer_printf(out, "</table></div>\n");
}

void page_table(struct buffer *out, sqlite3 *db, int64_t experiment_id) {
    struct table table;
    table_read(&table, db, experiment_id);
    html_heading(out, "Results");
    if (table.simulated) html_element(out, "p", TABLE_SIMULATED);
    add_table(out, &table);
    buffer_printf(out, "<details class=quiet><summary>What the columns mean"
                       "</summary><pre>");
    char *legend = NULL;
    size_t length;
    FILE *text = open_memstream(&legend, &length);
    if (text != NULL) {
        table_legend(text, &table);
        fclose(text);
        html_text(out, legend);
    }
    free(legend);
    buffer_printf(out, "</pre></details>\n");
    table_free(&table);
}

void page_gate(struct buffer *out, sqlite3 *db, int64_t experiment_id) {
    const char *paired = "SELECT json_extract(overrides, '$.pairs') IS NOT NULL FROM experiment"
                         " WHERE id = :experiment";
    struct gate gate;
    if (sql_one_integer(db, paired, experiment_id, 0) == 0) return;
    if (gate_read(&gate, db, experiment_id) == 0) {
        struct table table;
        char *sentence = gate_sentence(&gate);
        html_heading(out, "Against the base");
        html_element(out, "p", sentence);
        html_element(out, "p class=quiet",
                     "The other sections are about the candidate's trials alone.");
        format_table(&table, &gate);
        add_table(out, &table);
        table_free(&table);
        free(sentence);
    }
    gate_free(&gate);
}

/* --- simulated against measured --------------------------------------------------------------- */

void page_prediction(struct buffer *out, sqlite3 *db, int64_t experiment_id) {
    struct table table;
    if (prediction_read(&table, db, experiment_id) == 0 && table.row_count > 0) {
        html_heading(out, PREDICTION_TITLE);
        buffer_printf(out, "<p>");
        html_element(out, "strong", "Live");
        html_text(out, ": real programs, which talk through the real kernel of this machine. What"
                       " happened was measured, with all that else went on here.");
        buffer_printf(out, "</p>\n<p>");
        html_element(out, "strong", "Simulated");
        html_text(out, ": " WHAT_IS_SIMULATED);
        buffer_printf(out, "</p>\n");
        html_element(out, "p",
                     "Where both agree, the model explains the figure. Where they do not, something"
                     " matters that the model does not know.");
        add_calibration(out, db, experiment_id);
        add_table(out, &table);
        html_element(out, "p class=quiet",
                     PREDICTION_LEGEND
                     " The charts show both; all other sections are about what was measured.");
    }
    table_free(&table);
}

/* --- all metrics ------------------------------------------------------------------------------ */

/* One figure with its interval below. Columns: value, low, high, unit, believed. */
static void add_figure(struct buffer *out, sqlite3_stmt *statement, int column) {
    char value[HUMAN_SIZE], low[HUMAN_SIZE], high[HUMAN_SIZE];
    const char *unit = sql_column(statement, column + 3);
    bool believed = sqlite3_column_int(statement, column + 4) > 0;
    human_metric(value, sql_number(statement, column), unit);
    buffer_printf(out, believed ? "<td class=figure>%s" : "<td class=figure>(%s)", value);
    double width = sql_number(statement, column + 2) - sql_number(statement, column + 1);
    if (width > 0)
        buffer_printf(out, "<span class=interval>%s – %s</span>",
                      human_metric(low, sql_number(statement, column + 1), unit),
                      human_metric(high, sql_number(statement, column + 2), unit));
    buffer_printf(out, "</td>");
}

/* A row that says which group of metrics follows. `group` is what went before: taken, and given anew. */
static char *add_group_row(struct buffer *out, char *group, const char *next, int columns) {
    if (group != NULL && strcmp(group, next) == 0) return group;
    free(group);
    buffer_printf(out, "<tr class=group><th colspan=%d>", columns);
    html_text(out, next);
    buffer_printf(out, "</th></tr>\n");
    return xstrdup(next);
}

/* The rows: a metric each, the strategies side by side. The query has one row for every metric
 * and strategy, also for those that are missing. */
static void add_metric_rows(struct buffer *out, sqlite3_stmt *statement, int columns) {
    char *metric = NULL, *group = NULL;
    while (sql_next(statement) == 1) {
        if (metric == NULL || strcmp(metric, sql_column(statement, 0)) != 0) {
            if (metric != NULL) buffer_printf(out, "</tr>\n");
            group = add_group_row(out, group, sql_column(statement, 7), columns);
            free(metric);
            metric = xstrdup(sql_column(statement, 0));
            buffer_printf(out, "<tr><td class=name title=\"");
            html_text(out, sql_column(statement, 6));
            buffer_printf(out, "\">");
            html_element(out, "code", metric);
            buffer_printf(out, "</td>");
        }
        if (sqlite3_column_type(statement, 1) == SQLITE_NULL)
            buffer_printf(out, "<td class=figure>–</td>");
        else
            add_figure(out, statement, 1);
    }
    if (metric != NULL) buffer_printf(out, "</tr>\n");
    free(metric);
    free(group);
}

#define EXPERIMENTS_STRATEGIES                                                                     \
    "(SELECT key, title, rank FROM temp.strategy WHERE key IN"                                     \
    " (SELECT strategy FROM baseline WHERE experiment_id = :experiment))"

void page_all_metrics(struct buffer *out, sqlite3 *db, int64_t experiment_id) {
    sqlite3_stmt *titles = sql_prepare(
        db, "SELECT title FROM " EXPERIMENTS_STRATEGIES " ORDER BY rank", experiment_id);
    sqlite3_stmt *figures = sql_prepare(
        db,
        "WITH b AS MATERIALIZED (SELECT * FROM baseline WHERE experiment_id = :experiment)"
        " SELECT m.metric, b.value, b.low, b.high, b.unit, b.believed, coalesce(k.what, ''),"
        " coalesce(replace(k.metric_group, '_', ' '), 'counters of a strategy''s own')"
        " FROM (SELECT DISTINCT metric FROM b) m CROSS JOIN " EXPERIMENTS_STRATEGIES " s"
        " LEFT JOIN b ON b.metric = m.metric AND b.strategy = s.key"
        " LEFT JOIN metric_kind k ON k.name = m.metric"
        " ORDER BY k.rank IS NULL, k.rank, m.metric, s.rank",
        experiment_id);
    html_heading(out, "All metrics");
    buffer_printf(out,
                  "<p>Rest the mouse on a name to read what it means; how it "
                  "is obtained is in "
                  "<code>docs/metrics.md</code>. Below each figure stands its interval: over "
                  "6 and more repeats one that holds the median with 95 %%, over 2 to 5 "
                  "repeats the least and the greatest, of a single trial one from its own "
                  "samples.</p>\n"
                  "<details><summary>Show all metrics</summary><div class=\"scroll tall\"><table>\n"
                  "<thead><tr><th>metric</th>");
    int columns = 1;
    for (; sql_next(titles) == 1; columns++)
        html_element(out, "th class=figure", sql_column(titles, 0));
    buffer_printf(out, "</tr></thead>\n");
    add_metric_rows(out, figures, columns);
    char *number = xasprintf("%lld", (long long)experiment_id), *export = hint("export", number);
    buffer_printf(out, "</table></div></details>\n<p class=\"quiet\">Every trial of every cell: ");
    html_element(out, "code", export);
    buffer_printf(out, "</p>\n");
    free(export);
    free(number);
    sqlite3_finalize(titles);
    sqlite3_finalize(figures);
}

/* --- expectations ----------------------------------------------------------------------------- */

static void add_expectation(struct buffer *out, const struct expect_line *line) {
    char *says = expect_says(line);
    buffer_printf(out, "<tr>");
    html_element(out, "td", expect_words[line->outcome]);
    buffer_printf(out, "<td class=words>");
    html_element(out, "strong", line->name);
    buffer_printf(out, "<br>");
    html_element(out, "code", line->text);
    buffer_printf(out, "<br>");
    html_text(out, says);
    buffer_printf(out, "</td></tr>\n");
    free(says);
}

void page_expectations(struct buffer *out, sqlite3 *db, int64_t experiment_id) {
    struct expect_result result;
    if (expectations_evaluate(&result, db, experiment_id, NULL) == 0 && result.count > 0) {
        html_heading(out, "Predictions");
        buffer_printf(out, "<div class=\"scroll\"><table>\n<thead><tr>"
                           "<th>outcome</th><th>prediction, and what its sides came to</th></tr>"
                           "</thead>\n");
        for (int i = 0; i < result.count; i++) add_expectation(out, &result.lines[i]);
        buffer_printf(out, "</table></div>\n");
    }
    expectations_free(&result);
}

/* --- verdicts --------------------------------------------------------------------------------- */

/* The trials that were told the same: how many, and which. */
static void add_trials(struct buffer *out, int count, const char *trials) {
    buffer_printf(out, count == 1 ? "<br><span class=quiet>" : "<details class=quiet><summary>");
    if (count > 1) buffer_printf(out, "%d trials</summary>", count);
    html_text(out, trials);
    buffer_printf(out, count == 1 ? "</span>" : "</details>");
}

/* Columns of the query: verdict, what it takes, why, of how many trials, which. */
static void add_verdict_rows(struct buffer *out, sqlite3_stmt *statement) {
    buffer_printf(out, "<div class=\"scroll tall\"><table>\n<thead><tr><th>verdict"
                       "</th><th>why</th></tr></thead>\n");
    do {
        const char *takes = sql_column(statement, 1);
        buffer_printf(out, "<tr><td>");
        html_element(out, "code", sql_column(statement, 0));
        buffer_printf(out, "<br><span class=quiet>");
        html_text(out, *takes == '\0' ? "nothing" : takes);
        buffer_printf(out, "</span></td><td class=words>");
        html_text(out, sql_column(statement, 2));
        add_trials(out, sqlite3_column_int(statement, 3), sql_column(statement, 4));
        buffer_printf(out, "</td></tr>\n");
    } while (sql_next(statement) == 1);
    buffer_printf(out, "</table></div>\n");
}

void page_verdicts(struct buffer *out, sqlite3 *db, int64_t experiment_id) {
    sqlite3_stmt *counts = sql_prepare(db,
                                       "SELECT coalesce(verdict, 'failed'), count(*) FROM outcome"
                                       " WHERE experiment_id = :experiment GROUP BY 1"
                                       " ORDER BY 2 DESC",
                                       experiment_id);
    /* A row per thing that was said, with all trials that it was said of. */
    sqlite3_stmt *others = sql_prepare(
        db,
        "WITH said AS (SELECT o.trial_id, coalesce(title, strategy) AS strategy, " SQL_SETTING(
            "o") " AS setting, d.verdict, group_concat(replace(" SQL_TAKES
                 ", '_', ' '), ', ') AS takes, d.reason"
                 " FROM outcome o JOIN doubt d USING (trial_id)"
                 " LEFT JOIN temp.strategy ON key = strategy"
                 " WHERE experiment_id = :experiment"
                 " GROUP BY o.trial_id, d.verdict, d.reason ORDER BY o.trial_id)"
                 " SELECT verdict, takes, reason, count(*), group_concat('trial ' || trial_id || "
                 "': '"
                 " || strategy || coalesce(' with ' || setting, ''), '; ')"
                 " FROM said GROUP BY verdict, takes, reason ORDER BY min(trial_id)",
        experiment_id);
    int kinds = 0;
    html_heading(out, "Verdicts");
    buffer_printf(out, "<p>May the trials be believed? ");
    for (; sql_next(counts) == 1; kinds++) {
        buffer_printf(out, "%s%s ", kinds > 0 ? ", " : "", sql_column(counts, 1));
        html_element(out, "code", sql_column(counts, 0));
    }
    buffer_printf(out, kinds > 0 ? ".</p>\n" : "None has ended yet.</p>\n");
    if (sql_next(others) == 1) add_verdict_rows(out, others);
    sqlite3_finalize(counts);
    sqlite3_finalize(others);
}

/* --- environment and repeating ---------------------------------------------------------------- */

/* The members of a JSON object as rows; those of an object inside it with "key." before. */
static void add_members(struct buffer *out, json_t *object, const char *before) {
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        char *name = xasprintf("%s%s", before, key);
        char *inner = xasprintf("%s.", name);
        char *text = json_is_string(value) ? xstrdup(json_string_value(value))
                                           : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        if (json_is_object(value)) {
            add_members(out, value, inner);
        } else {
            buffer_printf(out, "<tr>");
            html_element(out, "td class=name", name);
            html_element(out, "td", text == NULL ? "" : text);
            buffer_printf(out, "</tr>\n");
        }
        free(text);
        free(inner);
        free(name);
    }
}

void page_environment(struct buffer *out, sqlite3 *db, int64_t experiment_id) {
    sqlite3_stmt *statement = sql_prepare(db,
                                          "SELECT environment, git_revision, seed, started_at,"
                                          " finished_at FROM experiment WHERE id = :experiment",
                                          experiment_id);
    html_heading(out, "Environment");
    buffer_printf(out, "<p>Ratios travel from one machine to another; "
                       "absolute figures do not.</p>\n<details><summary>Show the environment"
                       "</summary><div class=\"scroll tall\"><table>\n");
    if (sql_next(statement) == 1) {
        json_t *own = json_pack("{s:s, s:s, s:s, s:s}", "revision", sql_column(statement, 1),
                                "seed", sql_column(statement, 2), "started",
                                sql_column(statement, 3), "finished", sql_column(statement, 4));
        json_t *environment = json_loads(sql_column(statement, 0), 0, NULL);
        add_members(out, own, "");
        add_members(out, environment, "");
        json_decref(own);
        json_decref(environment);
    }
    buffer_printf(out, "</table></div></details>\n");
    sqlite3_finalize(statement);
}

void page_repeat(struct buffer *out, sqlite3 *db, int64_t experiment_id) {
    char *command = story_command(db, experiment_id);
    char *text = sql_one_text(db, "SELECT scenario_text FROM experiment WHERE id = :experiment",
                              experiment_id);
    char *overrides =
        sql_one_text(db, "SELECT overrides FROM experiment WHERE id = :experiment", experiment_id);
    struct buffer changes = {0};
    story_add_overrides(&changes, overrides == NULL ? "" : overrides);
    html_heading(out, "Do it again");
    html_element(out, "pre", command);
    buffer_printf(out, "\n<details><summary>Show the scenario</summary>");
    html_element(out, "pre", text == NULL ? "" : text);
    if (changes.length > 0) {
        buffer_printf(out, "<p>Changed on the command line:");
        html_element(out, "code", changes.data);
        buffer_printf(out, "</p>\n");
    }
    buffer_printf(out, "</details>\n");
    buffer_free(&changes);
    free(overrides);
    free(command);
    free(text);
}

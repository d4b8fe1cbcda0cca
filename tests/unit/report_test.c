/* runner: table, browse, export, story, highlights, svg, html, chart and report, on a made-up
 * experiment */
#include "made_up.h"

#include "chart/draw.h"
#include "chart/predicted.h"
#include "page/html.h"
#include "page/page.h"
#include "page/svg.h"
#include "report/export.h"
#include "report/highlights.h"
#include "report/prediction.h"
#include "report/show.h"
#include "report/show_trial.h"
#include "report/story.h"
#include "report/table_print.h"
#include "store/sql.h"
#include "system/file.h"
#include "system/human.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void assert_contains(const char *text, const char *part) {
    if (strstr(text, part) == NULL) fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void assert_lacks(const char *text, const char *part) {
    if (strstr(text, part) != NULL) fail_msg("\"%s\" is in:\n%s", part, text);
}

static int occurrences(const char *text, const char *part) {
    int count = 0;
    while ((text = strstr(text, part)) != NULL) count++, text += strlen(part);
    return count;
}

/* --- figures and text ------------------------------------------------------------------------- */

static void figures_have_three_digits(void **state) {
    char out[HUMAN_SIZE];
    (void)state;
    assert_string_equal(human_time(out, 304.4), "304 µs");
    assert_string_equal(human_time(out, 1240), "1.24 ms");
    assert_string_equal(human_time(out, 999.7), "1.00 ms");
    assert_string_equal(human_time(out, 12.34e6), "12.3 s");
    assert_string_equal(human_time(out, 0), "0 µs");
    assert_string_equal(human_time(out, NAN), "–");
    assert_string_equal(human_bytes(out, 412), "412 B");
    assert_string_equal(human_bytes(out, 5020), "5.02 kB");
    assert_string_equal(human_number(out, 1200), "1200");
    assert_string_equal(human_number(out, 0.25), "0.250");
    assert_string_equal(human_metric(out, 0.5, "seconds"), "500 ms");
    assert_int_equal(human_width("304 µs"), 6);
}

static void html_is_escaped(void **state) {
    struct buffer out = {0};
    (void)state;
    html_element(&out, "td class=figure", "<a href=\"x\">'&'</a>");
    assert_string_equal(out.data, "<td class=figure>&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;"
                                  "&lt;/a&gt;</td>");
    buffer_free(&out);
}

static void pictures_share_a_page(void **state) {
    struct buffer out = {0};
    (void)state;
    svg_inline(
        &out,
        "<?xml version=\"1.0\"?>\n<svg viewBox=\"0 0 1 1\">\n<title>pop-up</title><g id=\"p1\">"
        "<use xlink:href='#p1' fill=\"black\" filter='url(#f)' stroke='black'/></g></svg>\n",
        "c1-", "A \"chart\"");
    assert_string_equal(
        out.data, "<svg role=\"img\" aria-label=\"A &quot;chart&quot;\" viewBox=\"0 0 1 1\">\n"
                  "<g id=\"c1-p1\"><use xlink:href='#c1-p1' fill=\"currentColor\""
                  " filter='url(#c1-f)' stroke='currentColor'/></g></svg>\n");
    buffer_free(&out);
}

static void a_scenario_tells_its_story(void **state) {
    const char *text =
        "; quick: all of them.\n;\n; Question   Which one,\n;            and why?\n;\n"
        "; Why so     As  it is,\n; few        and  was.\n;\n"
        "; Try next   build/pushpull run a \\\n;                --only sse\n"
        ";            build/pushpull run b\n"
        "[scenario]\ntitle = Side by side ; really\n; no part of it\n";
    static const struct {
        const char *label, *text;
    } expected[] = {
        {NULL, "quick: all of them."},
        {"Question", "Which one, and why?"},
        {"Why so few", "As  it is, and  was."},
        {"Try next", "build/pushpull run a \\\n    --only sse\nbuild/pushpull run b"},
    };
    struct story_paragraph paragraph;
    const char *cursor = text;
    char *title = story_title(text, "{}");
    (void)state;
    assert_string_equal(title, "Side by side");
    free(title);
    title = story_title(text, "{\"set\":{\"title\":\"Of the day\"}}");
    assert_string_equal(title, "Of the day");
    for (int i = 0; i < 4; i++) {
        assert_int_equal(story_next(&cursor, &paragraph), 1);
        assert_string_equal(paragraph.text, expected[i].text);
        if (expected[i].label == NULL)
            assert_null(paragraph.label);
        else
            assert_string_equal(paragraph.label, expected[i].label);
        assert_int_equal(paragraph.commands, i == 3);
        story_paragraph_free(&paragraph);
    }
    assert_int_equal(story_next(&cursor, &paragraph), 0);
    free(title);
}

static void a_cell_can_be_run_again(void **state) {
    sqlite3 *db = made_up_database();
    char *command =
        story_trial_command(db, 1, "polling", "{\"subscribers\":10,\"interval_ms\":200}");
    (void)state;
    assert_string_equal(command, "build/pushpull run made_up --set subscribers=10"
                                 " --set polling.interval_ms=200 --set repeats=1 --only polling");
    free(command);
    command = story_command(db, 1);
    assert_string_equal(command, "build/pushpull run made_up --set subscribers=10"
                                 " --set polling.interval_ms=100,200");
    free(command);
    sqlite3_close(db);
}

/* --- table, highlights, export ---------------------------------------------------------------- */

/* What a function writes to its file. */
static char *written(int (*write)(sqlite3 *, int64_t, FILE *), sqlite3 *db, int64_t id) {
    char *text = NULL;
    size_t length;
    FILE *file = open_memstream(&text, &length);
    assert_int_equal(write(db, id, file), 0);
    fclose(file);
    return text;
}

static void the_table_has_a_row_a_cell(void **state) {
    sqlite3 *db = made_up_database();
    char *text = written(table_print, db, 1);
    (void)state;
    assert_contains(text, "interval_ms");
    assert_lacks(text, "subscribers "); /* it does not vary */
    assert_contains(text, "Polling              100  (50.0 ms)  ");
    assert_contains(text, "Polling              200     100 ms  ");
    assert_contains(text, "p99 is left out: too few events for it");
    assert_lacks(text, "(400 ms)");
    assert_contains(text, "generator_bound");
    assert_contains(text, "TCP (floor)");
    assert_contains(text, "Medians over 2 repeats.");
    free(text);
    sqlite3_close(db);
}

/* With one row that has events enough the others stay in brackets. */
static void a_column_with_one_figure_is_whole(void **state) {
    sqlite3 *db = made_up_database();
    (void)state;
    run_sql(db, "UPDATE metric SET low = value, high = value WHERE trial_id = 1 AND"
                " name = 'delivery_latency_p99_us'");
    char *text = written(table_print, db, 1);
    assert_contains(text, "Polling              200     100 ms     400 ms");
    assert_contains(text, "(50.0 ms)   (200 ms)");
    assert_lacks(text, "p99 is left out");
    free(text);
    sqlite3_close(db);
}

static void the_table_of_nothing_is_empty(void **state) {
    sqlite3 *db = empty_database();
    struct table table;
    (void)state;
    add_experiment(db, 1);
    assert_int_equal(table_read(&table, db, 1), 0);
    assert_int_equal(table.row_count, 0);
    table_free(&table);
    sqlite3_close(db);
}

static void highlights_come_from_the_data(void **state) {
    sqlite3 *db = made_up_database();
    struct highlights highlights;
    (void)state;
    assert_int_equal(highlights_read(&highlights, db, 1), 0);
    assert_int_equal(highlights.count, 6); /* p99 may not be believed */
    assert_string_equal(highlights.items[0].about, "Median latency");
    assert_contains(highlights.items[0].text, "lowest with SSE, 302\u00a0µs, 1.50 times the floor");
    assert_contains(highlights.items[0].text,
                    "highest with Polling, 100\u00a0ms, 332 times as much");
    assert_string_equal(highlights.items[2].about, "Traffic per delivery");
    assert_contains(highlights.items[2].text,
                    "302\u00a0B, 1.50 times the floor, because 2 events share an answer; highest");
    assert_string_equal(
        highlights.items[4].text,
        "no measurable difference: 1.50\u00a0kB with Polling, 1.50\u00a0kB with SSE,"
        " and the intervals overlap.");
    assert_contains(highlights.items[5].text, "none");
    char *held = chart_held(db, 1, NULL), *free_of_it = chart_held(db, 1, "interval_ms");
    assert_string_equal(held, "interval_ms = 200");
    assert_string_equal(free_of_it, "");
    free(held);
    free(free_of_it);
    highlights_free(&highlights);
    sqlite3_close(db);
}

static int as_csv(sqlite3 *db, int64_t id, FILE *out) {
    return export_experiment(db, id, "long", out);
}
static int as_wide_csv(sqlite3 *db, int64_t id, FILE *out) {
    return export_experiment(db, id, "wide", out);
}
static int as_json(sqlite3 *db, int64_t id, FILE *out) {
    return export_experiment(db, id, "json", out);
}

static void the_scenarios_own_question_comes_first(void **state) {
    sqlite3 *db = made_up_database();
    struct highlights highlights;
    (void)state;
    run_sql(db, "UPDATE experiment SET overrides = '{\"set\":{\"question\":\"bytes\"}}'");
    assert_int_equal(highlights_read(&highlights, db, 1), 0);
    assert_string_equal(highlights.items[0].about, "Traffic per delivery");
    assert_string_equal(highlights.items[1].about, "Median latency");
    highlights_free(&highlights);
    sqlite3_close(db);
}

/* Of SSE's 1,000 B are 60 the event's text, as the floor carries it. Two events share the other 940; polling's
 * 1,500 less 60 are the same where 1.3 do, at 13 events/s. 100 kB no exchange costs, if each event has its own. */
static void sharing_turns_round_at_a_rate(void **state) {
    sqlite3 *db = made_up_database();
    struct highlights highlights;
    (void)state;
    run_sql(db,
            "UPDATE trial SET parameters = json_set(parameters, '$.events_per_second', 20.0);"
            "UPDATE metric SET value = 1000 WHERE name = 'wire_bytes_per_delivery' AND trial_id"
            " IN (SELECT id FROM trial WHERE strategy = 'sse');"
            "UPDATE metric SET value = 1 WHERE name = 'requests_per_delivery' AND trial_id IN"
            " (SELECT id FROM trial WHERE strategy = 'polling');"
            "INSERT INTO metric SELECT id, 'payload_bytes_per_delivery', 'bytes', 40, NULL, NULL"
            " FROM trial WHERE strategy = 'tcp';"
            "INSERT INTO metric SELECT id, 'framing_bytes_per_delivery', 'bytes', 20, NULL, NULL"
            " FROM trial WHERE strategy = 'tcp'");
    assert_int_equal(highlights_read(&highlights, db, 1), 0);
    assert_lacks(highlights.items[2].text, "it turns round");
    highlights_free(&highlights);
    run_sql(db, "UPDATE metric SET value = 1500 WHERE name = 'wire_bytes_per_delivery' AND trial_id"
                " IN (SELECT id FROM trial WHERE strategy = 'polling')");
    assert_int_equal(highlights_read(&highlights, db, 1), 0);
    assert_contains(highlights.items[2].text,
                    "because 2 events share an answer (at fewer than about 13 events/s it turns "
                    "round: Polling is lower then); highest");
    highlights_free(&highlights);
    run_sql(db, "UPDATE trial SET parameters = json_set(parameters, '$.ramp_to', 40)");
    assert_int_equal(highlights_read(&highlights, db, 1), 0);
    assert_lacks(highlights.items[2].text, "it turns round");
    highlights_free(&highlights);
    sqlite3_close(db);
}

/* Bytes of one repeat have no interval; its median latency has one from its events. */
static void one_repeat_makes_no_ratio(void **state) {
    sqlite3 *db = made_up_database();
    struct highlights highlights;
    (void)state;
    run_sql(db, "DELETE FROM metric WHERE trial_id IN (SELECT id FROM trial WHERE repeat = 2)");
    run_sql(db, "DELETE FROM trial WHERE repeat = 2");
    assert_int_equal(highlights_read(&highlights, db, 1), 0);
    assert_contains(highlights.items[0].text, "times as much");
    assert_string_equal(highlights.items[2].about, "Traffic per delivery");
    assert_contains(highlights.items[2].text, "lowest with SSE");
    assert_lacks(highlights.items[2].text, "times");
    highlights_free(&highlights);
    sqlite3_close(db);
}

static void csv_is_quoted(void **state) {
    sqlite3 *db = made_up_database();
    (void)state;
    run_sql(db, "UPDATE metric SET unit = 'a \"b\", c' WHERE trial_id = 1 AND name = 'lost'");
    char *text = written(as_csv, db, 0);
    assert_contains(
        text,
        "experiment,scenario,trial,strategy,interval_ms,subscribers,variant,batch,repeat,position,"
        "seed,verdict,metric,unit,value,low,high,believed\r\n");
    assert_contains(text, ",lost,\"a \"\"b\"\", c\",0.0,,,1\r\n");
    assert_int_equal(occurrences(text, "\r\n"), 1 + 8 * 12);
    free(text);
    sqlite3_close(db);
}

static void wide_csv_has_a_row_a_cell(void **state) {
    sqlite3 *db = made_up_database();
    (void)state;
    run_sql(db, "INSERT INTO metric SELECT id, 'subscribers', 'count', 10, NULL, NULL FROM trial");
    char *text = written(as_wide_csv, db, 0);
    assert_contains(text,
                    "experiment,scenario,label,strategy,interval_ms,subscribers,repeats,verdict,"
                    "delivery_latency_mean_us,delivery_latency_mean_us_low,");
    assert_contains(text,
                    "\r\n1,made_up,a <word>,polling,200,10,2,valid,100001.5,100001.0,100002.0,2,");
    assert_int_equal(occurrences(text, "\r\n"), 1 + 4);
    assert_int_equal(occurrences(text, ",subscribers,"), 1);
    free(text);
    sqlite3_close(db);
}

static void json_has_trials_and_metrics(void **state) {
    sqlite3 *db = made_up_database();
    char *text = written(as_json, db, 1);
    json_t *root = json_loads(text, 0, NULL);
    (void)state;
    json_t *trial = json_array_get(json_object_get(root, "trials"), 1);
    json_t *parameters = json_object_get(trial, "parameters");
    json_t *metric = json_object_get(json_object_get(trial, "metrics"), "delivery_latency_p50_us");
    assert_int_equal(json_integer_value(json_object_get(parameters, "interval_ms")), 100);
    assert_true(json_real_value(json_object_get(metric, "value")) == 50000);
    assert_string_equal(json_string_value(json_object_get(metric, "unit")), "us");
    json_decref(root);
    free(text);
    sqlite3_close(db);
}

/* --- charts and the report -------------------------------------------------------------------- */

static void a_chart_says_what_it_shows(void **state) {
    struct chart chart = {0};
    (void)state;
    chart_parse(&chart,
                "# title: A chart: of something\n# read: Lower\n#   is better.\n# over: x_ms\n"
                "# query:\n#   SELECT 1\n#   FROM t\n#\n# A remark.\n#   More of it.\n\n"
                "# title: too late\n");
    assert_string_equal(chart.title, "A chart: of something");
    assert_string_equal(chart.read, "Lower is better.");
    assert_string_equal(chart.query, "SELECT 1 FROM t");
    assert_string_equal(chart.over, "x_ms");
    assert_null(chart.needs);
    free(chart.title);
    free(chart.read);
    free(chart.query);
    free(chart.over);
}

/* A directory of our own; the caller removes it. */
static char *scratch_directory(void) {
    char *path = xasprintf("%s/pushpull-XXXXXX", P_tmpdir);
    assert_non_null(mkdtemp(path));
    return path;
}

static void remove_directory(char *path) {
    char *command = xasprintf("rm -rf '%s'", path);
    assert_int_equal(system(command), 0);
    free(command);
    free(path);
}

static char *read_in(const char *directory, const char *name) {
    char *path = xasprintf("%s/%s", directory, name);
    char *text = file_read(path);
    assert_non_null(text);
    free(path);
    return text;
}

static char *data_of(sqlite3 *db, const char *directory, struct chart *chart, char **series,
                     char **floors) {
    struct chart_context context = {db, 1, directory, CHART_SVG};
    chart->name = (char *)"chart";
    assert_true(chart_write_data(chart, &context, "tsv", false, series, floors) > 0);
    return read_in(directory, "chart.tsv");
}

static void data_comes_in_blocks(void **state) {
    sqlite3 *db = made_up_database();
    char *directory = scratch_directory(), *series, *floors;
    struct chart chart = {
        .query = (char *)"SELECT strategy, value, NULL FROM baseline WHERE"
                         " experiment_id = :experiment AND metric = 'lost'"
                         " ORDER BY strategy DESC",
    };
    char *text = data_of(db, directory, &chart, &series, &floors);
    (void)state;
    assert_string_equal(text, "# polling\npolling\t0.0\tNaN\n\n\n# sse\nsse\t0.0\tNaN\n\n\n"
                              "# tcp\ntcp\t0.0\tNaN\n");
    assert_string_equal(series, "polling sse");
    assert_string_equal(floors, "tcp");
    free(text);
    free(series);
    free(floors);
    remove_directory(directory);
    sqlite3_close(db);
}

/* 100 events a repeat: enough for the 90th percentile, not for the 99th. Sorted, the repeats are the ends of
 * the band, and the line runs in their middle. */
static void percentiles_end_where_events_do(void **state) {
    sqlite3 *db = made_up_database();
    char *directory = scratch_directory(), *series, *floors;
    struct chart chart = {
        .histogram = (char *)"delivery_latency",
        .query = (char *)"SELECT strategy, trial_id, 100, believed FROM outcome"
                         " WHERE experiment_id = :experiment AND strategy = 'sse'",
    };
    char *text = data_of(db, directory, &chart, &series, &floors);
    char *last = strrchr(text, 's');
    (void)state;
    while (strncmp(last, "sse\t", 4) != 0) last--;
    double x, median, low, high;
    assert_int_equal(sscanf(text, "# sse\nsse\t%lf\t%lf\t%lf\t%lf\t1\n", &x, &median, &low, &high),
                     4);
    assert_float_equal(x, 2, 0);
    assert_float_equal(low, 301e-6, 1e-6);
    assert_float_equal(high, 302e-6, 1e-6);
    assert_float_equal(median, (low + high) / 2, 1e-9);
    assert_true(strtod(last + 4, NULL) > 10);
    assert_true(strtod(last + 4, NULL) < 100);
    free(text);
    free(series);
    free(floors);
    remove_directory(directory);
    sqlite3_close(db);
}

static void a_chart_is_drawn_when_it_applies(void **state) {
    sqlite3 *db = made_up_database();
    struct chart_context context = {db, 1, ".", CHART_SVG};
    struct chart varying = {.over = (char *)"interval_ms"}, held = {.over = (char *)"subscribers"};
    struct chart needy = {.needs = (char *)"SELECT count(*) > 99 FROM trial"};
    (void)state;
    assert_int_equal(chart_applies(&varying, &context), 1);
    assert_int_equal(chart_applies(&held, &context), 0);
    assert_int_equal(chart_applies(&needy, &context), 0);
    sqlite3_close(db);
}

static void a_chart_says_where_it_stands(void **state) {
    sqlite3 *db = made_up_database();
    struct chart_context context = {db, 1, ".", CHART_SVG};
    struct chart bars = {0}, sweep = {.over = (char *)"interval_ms"},
                 all = {.cells = (char *)"all"};
    char *held = chart_place(&bars, &context), *swept = chart_place(&sweep, &context);
    char *none = chart_place(&all, &context);
    (void)state;
    assert_string_equal(held, "interval_ms = 200");
    assert_string_equal(swept, "");
    assert_string_equal(none, "");
    free(none);
    free(swept);
    free(held);
    sqlite3_close(db);
}

/* The whole, with the project's own charts; also where there is no gnuplot. */
static void the_report_is_one_safe_file(void **state) {
    sqlite3 *db = made_up_database();
    char *directory = scratch_directory();
    char *gnuplot = chart_gnuplot_version();
    (void)state;
    assert_int_equal(page_write(db, 0, directory, CHART_SVG), 0);
    char *page = read_in(directory, "report.html"), *copy = read_in(directory, "report-1.html");
    assert_string_equal(page, copy);
    assert_contains(page, "<h1>A &lt;b&gt;title&lt;/b&gt;</h1>");
    assert_contains(page, "Is 1 &lt; 2 &amp; 3 &gt; 2?");
    assert_contains(page, "Linux &lt;6&gt;");
    assert_contains(page, "<p class=label>a &lt;word&gt;</p>");
    assert_contains(page, "generator_bound");
    assert_contains(page, "a reason<details class=quiet><summary>2 trials</summary>trial ");
    assert_contains(page, ": Polling with interval_ms=100");
    assert_contains(page, "<td class=name rowspan=2>Polling</td>");
    assert_contains(page, "<tr class=group><th colspan=4>latency</th></tr>");
    assert_contains(page, "build/pushpull run made_up --set subscribers=10");
    assert_lacks(page, "<script");
    assert_lacks(page, "src=");
    assert_lacks(page, "<link");
    if (gnuplot != NULL) {
        assert_true(occurrences(page, "<svg ") >= 7);
        assert_contains(page, "Latency against the polling interval");
        assert_lacks(page, "id=\"gnuplot");
    }
    free(gnuplot);
    free(page);
    free(copy);
    remove_directory(directory);
    sqlite3_close(db);
}

static void without_a_trial_nothing_is_judged(void **state) {
    sqlite3 *db = empty_database();
    char *directory = scratch_directory();
    (void)state;
    add_experiment(db, 1);
    assert_int_equal(page_write(db, 0, directory, CHART_SVG), 0);
    char *page = read_in(directory, "report.html");
    assert_contains(page, "May the trials be believed? None has ended yet.</p>");
    free(page);
    remove_directory(directory);
    sqlite3_close(db);
}

static void an_unknown_experiment_is_said(void **state) {
    sqlite3 *db = made_up_database();
    (void)state;
    assert_int_equal(page_write(db, 99, "/nonexistent", CHART_SVG), -1);
    assert_int_equal(show_experiment(db, 99), -1);
    sqlite3_close(db);
}

/* --- simulated -------------------------------------------------------------------------------- */

/* The made-up experiment, each trial with a twin that is 10 % too slow. */
static sqlite3 *database_with_twins(void) {
    sqlite3 *db = made_up_database();
    run_sql(
        db,
        "UPDATE experiment SET mode = 'both', overrides = '{\"mode\":\"both\"}';"
        "INSERT INTO trial (experiment_id, strategy, parameters, repeat, position, seed, status,"
        " verdict, variant) SELECT experiment_id, strategy, parameters, repeat,"
        " position + 100000, seed, 'done', 'valid', 'simulated' FROM trial;"
        "INSERT INTO metric SELECT simulated_trial, name, unit, value * 1.1, NULL, NULL"
        " FROM twin JOIN metric ON trial_id = live_trial");
    return db;
}

static void predictions_stand_beside_measurements(void **state) {
    sqlite3 *db = database_with_twins();
    (void)state;
    setenv("COLUMNS", "200", 1);
    char *text = written(prediction_print, db, 1), *table = written(table_print, db, 1);
    assert_contains(text, "Simulated against measured\n");
    assert_contains(text, "Polling              100  (55.0 ms / 50.0 ms +10 %)");
    assert_contains(text, "Polling              200      110 ms / 100 ms +10 %");
    assert_contains(text, "  332 µs / 302 µs +10 %  ");
    assert_contains(text, "0.550 / 0.500 +10 %");
    assert_contains(text, "TCP (floor)");
    assert_contains(table, "Polling              200     100 ms  "); /* what was measured */
    assert_lacks(table, "virtual");
    unsetenv("COLUMNS");
    free(text);
    free(table);
    sqlite3_close(db);
}

static void without_twins_nothing_is_predicted(void **state) {
    sqlite3 *db = made_up_database();
    char *text = written(prediction_print, db, 1);
    (void)state;
    assert_string_equal(text, "");
    free(text);
    sqlite3_close(db);
}

/* A chart of each of two kinds, and one that draws no prediction. */
static struct chart predicting_charts[] = {
    {.name = (char *)"bars",
     .prediction = (char *)"how to read it",
     .query = (char *)"SELECT strategy, value, low, high FROM baseline WHERE experiment_id ="
                      " :experiment AND metric = 'delivery_latency_p50_us'"},
    {.name = (char *)"curve",
     .prediction = (char *)"how to read it",
     .histogram = (char *)"delivery_latency",
     .query = (char *)"SELECT strategy, trial_id, 100, believed FROM outcome"
                      " WHERE experiment_id = :experiment"},
    {.name = (char *)"other",
     .query = (char *)"SELECT strategy, value FROM baseline WHERE experiment_id = :experiment"},
};
static struct chart_set predicting = {predicting_charts, 3};

static void forget_predictions(void) {
    for (int i = 0; i < predicting.count; i++) {
        free(predicting_charts[i].predicted);
        free(predicting_charts[i].guessed);
        predicting_charts[i].predicted = predicting_charts[i].guessed = NULL;
    }
}

/* A row of the figures that were guessed; the others of its cell are missing. */
static void a_chart_is_asked_of_guesses(void **state) {
    sqlite3 *db = made_up_database();
    char *directory = scratch_directory();
    struct chart_context context = {db, 1, directory, CHART_SVG};
    struct chart two = {
        .name = (char *)"two",
        .prediction = (char *)"how to read it",
        .query = (char *)"SELECT strategy,"
                         " max(iif(metric = 'delivery_latency_p50_us', value, NULL)),"
                         " max(iif(metric = 'lost', value, NULL)) FROM baseline"
                         " WHERE experiment_id = :experiment GROUP BY strategy",
    };
    struct chart_set set = {&two, 1};
    (void)state;
    run_sql(db, "INSERT INTO guess SELECT DISTINCT 1, strategy, parameters, 'lost', 77.5"
                " FROM summary WHERE experiment_id = 1 AND metric = 'lost' AND strategy = 'sse'");
    assert_int_equal(sql_extend(db), 0);
    assert_int_equal(sql_snapshot(db, 1), 0);
    assert_int_equal(charts_predict(&set, &context), 0);
    assert_null(two.predicted);
    assert_string_equal(two.guessed, "sse ");
    char *text = read_in(directory, "two.guessed.tsv");
    assert_string_equal(text, "# sse\nsse\tNaN\t77.5\n");
    free(text);
    free(two.guessed);
    assert_int_equal(charts_predict(&predicting, &context), 0);
    assert_null(predicting_charts[0].guessed); /* nobody guessed its figure */
    assert_null(predicting_charts[2].guessed); /* it draws no prediction */
    forget_predictions();
    remove_directory(directory);
    sqlite3_close(db);
}

/* The same query, the same columns; what was measured is as it was when this is over. */
static void a_chart_is_asked_of_the_twins(void **state) {
    sqlite3 *db = database_with_twins();
    char *directory = scratch_directory(), *series, *floors;
    struct chart_context context = {db, 1, directory, CHART_SVG};
    (void)state;
    run_sql(db,
            "INSERT INTO histogram SELECT simulated_trial, name, unit, count, minimum, maximum,"
            " buckets FROM twin JOIN histogram ON trial_id = live_trial WHERE strategy <> 'tcp'");
    assert_int_equal(sql_extend(db), 0);
    assert_int_equal(sql_snapshot(db, 1), 0);
    assert_int_equal(charts_predict(&predicting, &context), 0);
    char *text = read_in(directory, "bars.predicted.tsv");
    assert_contains(text, "# polling\npolling\t110001.65");
    assert_contains(text, "\tNaN\tNaN\n\n\n# sse\nsse\t331.");
    assert_string_equal(predicting_charts[0].predicted, "polling sse tcp");
    assert_string_equal(predicting_charts[1].predicted, "polling sse ");
    assert_null(predicting_charts[2].predicted);
    free(text);
    text = data_of(db, directory, &predicting_charts[0], &series, &floors);
    assert_contains(text, "# polling\npolling\t100001.5\t");
    predicting_charts[0].name = (char *)"bars";
    assert_int_equal(sql_one_integer(db,
                                     "SELECT count(*) FROM outcome o JOIN trial t ON t.id ="
                                     " o.trial_id WHERE variant = 'simulated'",
                                     1, -1),
                     0);
    free(text);
    free(series);
    free(floors);
    forget_predictions();
    remove_directory(directory);
    sqlite3_close(db);
}

static void without_twins_no_chart_is_asked(void **state) {
    sqlite3 *db = made_up_database();
    struct chart_context context = {db, 1, "/nonexistent", CHART_SVG};
    (void)state;
    assert_int_equal(sql_snapshot(db, 1), 0);
    assert_int_equal(charts_predict(&predicting, &context), 0);
    assert_null(predicting_charts[0].predicted);
    sqlite3_close(db);
}

/* Each with a sentence; and all cells in one picture. */
static void the_report_draws_predictions(void **state) {
    sqlite3 *db = database_with_twins(), *alone = made_up_database();
    char *directory = scratch_directory();
    char *gnuplot = chart_gnuplot_version();
    (void)state;
    assert_int_equal(page_write(db, 1, directory, CHART_SVG), 0);
    char *page = read_in(directory, "report.html");
    if (gnuplot != NULL) {
        assert_contains(page, "<h3>Predicted against measured</h3>");
        assert_contains(page, "<p>The black strokes are what the models predict of the three");
        assert_contains(page, ">simulated</tspan>");
    }
    free(page);
    assert_int_equal(page_write(alone, 1, directory, CHART_SVG), 0);
    page = read_in(directory, "report.html");
    assert_lacks(page, "Predicted against measured");
    assert_lacks(page, "the models predict");
    assert_lacks(page, ">simulated</tspan>");
    free(page);
    free(gnuplot);
    remove_directory(directory);
    sqlite3_close(alone);
    sqlite3_close(db);
}

static void what_is_simulated_says_so(void **state) {
    sqlite3 *db = made_up_database();
    (void)state;
    run_sql(db, "UPDATE experiment SET mode = 'simulated'");
    char *text = written(table_print, db, 1);
    assert_contains(text, "Simulated, in virtual time: nothing of this was measured.\n\n");
    assert_contains(text, "This machine was not calibrated: its times are defaults");
    assert_contains(text, "simulated, but not to be believed");
    free(text);
    sqlite3_close(db);
}

static void the_report_explains_the_modes(void **state) {
    sqlite3 *db = database_with_twins();
    char *directory = scratch_directory();
    (void)state;
    page_write(db, 1, directory, CHART_SVG);
    char *page = read_in(directory, "report.html");
    assert_contains(page, "experiment 1, live and simulated, ");
    assert_contains(page, "<h2 id=\"simulated-against-measured\">");
    assert_contains(page,
                    "<strong>Simulated</strong>: models of the same programs in virtual time");
    assert_contains(page, "This machine was not calibrated: its times are defaults");
    assert_contains(page, "<td class=figure>110 ms / 100 ms +10 %</td>");
    free(page);
    run_sql(db, "UPDATE experiment SET mode = 'simulated', environment ="
                " '{\"simulator\":{\"calibrated_at\":\"2026-01-01T00:00:00Z\"}}';"
                "DELETE FROM trial WHERE variant = 'simulated'");
    page_write(db, 1, directory, CHART_SVG);
    page = read_in(directory, "report.html");
    assert_contains(page, "experiment 1, simulated in virtual time, ");
    assert_contains(page, "of the calibration of 2026-01-01T00:00:00Z");
    assert_contains(page, "nothing of this was measured");
    assert_lacks(page, "Simulated against measured");
    free(page);
    remove_directory(directory);
    sqlite3_close(db);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_have_three_digits),
        cmocka_unit_test(html_is_escaped),
        cmocka_unit_test(pictures_share_a_page),
        cmocka_unit_test(a_scenario_tells_its_story),
        cmocka_unit_test(a_cell_can_be_run_again),
        cmocka_unit_test(the_table_has_a_row_a_cell),
        cmocka_unit_test(a_column_with_one_figure_is_whole),
        cmocka_unit_test(the_table_of_nothing_is_empty),
        cmocka_unit_test(highlights_come_from_the_data),
        cmocka_unit_test(sharing_turns_round_at_a_rate),
        cmocka_unit_test(the_scenarios_own_question_comes_first),
        cmocka_unit_test(one_repeat_makes_no_ratio),
        cmocka_unit_test(csv_is_quoted),
        cmocka_unit_test(wide_csv_has_a_row_a_cell),
        cmocka_unit_test(json_has_trials_and_metrics),
        cmocka_unit_test(a_chart_says_what_it_shows),
        cmocka_unit_test(data_comes_in_blocks),
        cmocka_unit_test(percentiles_end_where_events_do),
        cmocka_unit_test(a_chart_is_drawn_when_it_applies),
        cmocka_unit_test(a_chart_says_where_it_stands),
        cmocka_unit_test(the_report_is_one_safe_file),
        cmocka_unit_test(without_a_trial_nothing_is_judged),
        cmocka_unit_test(an_unknown_experiment_is_said),
        cmocka_unit_test(predictions_stand_beside_measurements),
        cmocka_unit_test(without_twins_nothing_is_predicted),
        cmocka_unit_test(a_chart_is_asked_of_the_twins),
        cmocka_unit_test(a_chart_is_asked_of_guesses),
        cmocka_unit_test(without_twins_no_chart_is_asked),
        cmocka_unit_test(the_report_draws_predictions),
        cmocka_unit_test(what_is_simulated_says_so),
        cmocka_unit_test(the_report_explains_the_modes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Expectations against figures: cells, sets of cells, corners of intervals. See expect.h. */
#include "expect/expect.h"

#include "base/log.h"
#include "base/memory.h"
#include "expect/expectation.h"
#include "figures/role.h"
#include "scenario/lines.h"
#include "store/sql.h"
#include "system/human.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define INDENT 13      /* of what is printed below a name */
#define FIGURES_MAX 10 /* of a line: its corners are 2 to this power */

const char *const expect_words[] = {
    [HELD] = "held", [UNDECIDED] = "undecided", [REFUTED] = "refuted"};

/* --- cells and their figures ------------------------------------------------------------------ */

struct figure {
    char *name;
    double value, low, high;
    bool believed;
};

struct measured_cell {
    const struct strategy *strategy;
    json_t *parameters;
    char *label; /* "subscribers=100 interval_ms=500": what varies */
    struct figure *figures;
    int figure_count;
};

struct cells {
    struct measured_cell *cells;
    int count;
};

static void read_figures(struct measured_cell *cell, sqlite3 *db, int64_t experiment_id,
                         const char *parameters) {
    sqlite3_stmt *rows = sql_query(db,
                                   "SELECT metric, value, low, high, believed FROM summary WHERE"
                                   " experiment_id = ? AND strategy = ? AND parameters = ?",
                                   "itt", experiment_id, cell->strategy->key, parameters);
    while (sql_next(rows) == 1) {
        cell->figures = xgrow(cell->figures, (size_t)cell->figure_count, sizeof(*cell->figures));
        cell->figures[cell->figure_count++] = (struct figure){
            .name = sql_copy(rows, 0),
            .value = sql_number(rows, 1),
            .low = sql_number(rows, 2),
            .high = sql_number(rows, 3),
            .believed = sqlite3_column_int(rows, 4) > 0,
        };
    }
    sqlite3_finalize(rows);
}

/* Those of strategies that this program no longer has are left out. */
static int read_cells(struct cells *all, sqlite3 *db, int64_t experiment_id) {
    sqlite3_stmt *rows =
        sql_query(db,
                  "SELECT strategy, parameters, " SQL_SETTING(
                      "c") " FROM cell c WHERE experiment_id = ? ORDER BY position",
                  "i", experiment_id);
    int row;
    while ((row = sql_next(rows)) == 1) {
        const struct strategy *strategy = strategy_find(sql_column(rows, 0));
        if (strategy == NULL) continue;
        all->cells = xgrow(all->cells, (size_t)all->count, sizeof(*all->cells));
        struct measured_cell *cell = &all->cells[all->count++];
        *cell = (struct measured_cell){
            .strategy = strategy,
            .parameters = json_loads(sql_column(rows, 1), 0, NULL),
            .label = xstrdup(sql_column(rows, 2)),
        };
        read_figures(cell, db, experiment_id, sql_column(rows, 1));
    }
    sqlite3_finalize(rows);
    return row;
}

static void cells_free(struct cells *all) {
    for (int i = 0; i < all->count; i++) {
        struct measured_cell *cell = &all->cells[i];
        for (int k = 0; k < cell->figure_count; k++) free(cell->figures[k].name);
        free(cell->figures);
        free(cell->label);
        json_decref(cell->parameters);
    }
    free(all->cells);
}

static const struct figure *find_figure(const struct measured_cell *cell, const char *name) {
    for (int i = 0; i < cell->figure_count; i++)
        if (strcmp(cell->figures[i].name, name) == 0) return &cell->figures[i];
    return NULL;
}

/* --- one line --------------------------------------------------------------------------------- */

/* A line and the cells that it is evaluated for: one for each strategy that it names. */
struct evaluation {
    const struct expectation *expectation;
    const struct cells *all;
    const struct strategy *strategies[STRATEGIES_MAX];
    const struct measured_cell *chosen[STRATEGIES_MAX];
    int strategy_count;
    struct expect_line *line;
};

static const struct measured_cell *cell_of(const struct evaluation *v,
                                           const struct reference *reference) {
    for (int i = 0; i < v->strategy_count; i++)
        if (reference->strategy == v->chosen[i]->strategy) return v->chosen[i];
    for (int i = 0; i < v->strategy_count; i++)
        if (json_object_get(v->chosen[i]->parameters, reference->name) != NULL) return v->chosen[i];
    return v->chosen[0];
}

static const struct figure *figure_of(const struct evaluation *v,
                                      const struct reference *reference) {
    return reference->unit == NULL ? NULL : find_figure(cell_of(v, reference), reference->name);
}

static void bind_key(sqlite3_stmt *statement, int parameter, const json_t *value) {
    if (json_is_number(value))
        sqlite3_bind_double(statement, parameter, json_number_value(value));
    else if (json_is_string(value))
        sqlite3_bind_text(statement, parameter, json_string_value(value), -1, SQLITE_TRANSIENT);
    else
        sqlite3_bind_null(statement, parameter);
}

/* The sides with every figure at one end of its interval: bit i of `ends` is the i-th figure's, 1 high, 0 low;
 * -1: at the values themselves. Returns 1; 0 when the line is not meant for these cells; -1 when a side has
 * no value. */
static int evaluate_at(const struct evaluation *v, int ends, double sides[2]) {
    const struct expectation *e = v->expectation;
    sqlite3_stmt *statement = e->statement;
    int figures = 0, result = -1;
    sqlite3_reset(statement);
    for (int i = 0; i < e->reference_count; i++) {
        const struct reference *reference = &e->references[i];
        const struct figure *figure = figure_of(v, reference);
        if (reference->unit == NULL) {
            bind_key(statement, i + 1,
                     json_object_get(cell_of(v, reference)->parameters, reference->name));
            continue;
        }
        double value = figure == NULL ? NAN : figure->value;
        if (figure != NULL && ends >= 0 && !isnan(figure->low))
            value = ends >> figures & 1 ? figure->high : figure->low;
        figures++;
        sqlite3_bind_double(statement, i + 1, value);
    }
    if (sqlite3_step(statement) == SQLITE_ROW) {
        sides[0] = sql_number(statement, 0);
        sides[1] = sql_number(statement, 1);
        if (!sqlite3_column_int(statement, 2))
            result = 0;
        else
            result = isnan(sides[0]) || isnan(sides[1]) ? -1 : 1;
    }
    sqlite3_reset(statement);
    return result;
}

/* Why nothing can be said: a figure is missing, or may not be believed; NULL when all are good. */
static char *unusable(const struct evaluation *v) {
    const struct expectation *e = v->expectation;
    for (int i = 0; i < e->reference_count; i++) {
        const struct reference *reference = &e->references[i];
        if (reference->unit == NULL) continue;
        const struct figure *figure = figure_of(v, reference);
        const char *key = cell_of(v, reference)->strategy->key;
        if (figure == NULL || isnan(figure->value))
            return xasprintf("%s has no %s", key, reference->name);
        if (!figure->believed)
            return xasprintf("%s of %s may not be believed", reference->name, key);
    }
    return NULL;
}

static int count_figures(const struct expectation *e) {
    int count = 0;
    for (int i = 0; i < e->reference_count; i++) count += e->references[i].unit != NULL;
    return count;
}

/* The unit of all figures in the line, or NULL when they have several. */
static const char *unit_of(const struct expectation *e) {
    const char *unit = NULL;
    for (int i = 0; i < e->reference_count; i++) {
        const char *own = e->references[i].unit;
        if (own == NULL) continue;
        if (unit != NULL && strcmp(unit, own) != 0) return NULL;
        unit = own;
    }
    return unit;
}

/* What the figures between their ends agree with. */
struct range {
    double low[2], high[2]; /* of the sides */
    bool some_agree, some_do_not, below, above;
};

static void take(struct range *range, const struct expectation *e, const double sides[2]) {
    int compared = expectation_compare(e, sides[0], sides[1]);
    bool agrees = expectation_agrees(e, compared);
    range->some_agree |= agrees;
    range->some_do_not |= !agrees;
    range->below |= compared < 0;
    range->above |= compared > 0;
    for (int i = 0; i < 2; i++) {
        range->low[i] = fmin(range->low[i], sides[i]);
        range->high[i] = fmax(range->high[i], sides[i]);
    }
}

/* Between two corners on either side of an equality it holds somewhere. */
static enum expect_outcome decide(const struct expectation *e, const struct range *range) {
    bool equality = e->comparison == EQUAL || e->comparison == NOT_EQUAL;
    if (!range->some_do_not && e->comparison == EQUAL) return HELD; /* all are near enough */
    if (equality && range->below && range->above) return UNDECIDED;
    if (!range->some_do_not) return HELD;
    return range->some_agree ? UNDECIDED : REFUTED;
}

/* "25.3 ms (25.1 ms to 25.4 ms)" */
static void add_side(struct buffer *out, double value, double low, double high, const char *unit) {
    char text[HUMAN_SIZE];
    buffer_printf(out, "%s", human_metric(text, value, unit));
    if (!(low < high)) return;
    buffer_printf(out, " (%s", human_metric(text, low, unit));
    buffer_printf(out, " to %s)", human_metric(text, high, unit));
}

static char *in_words(const struct expectation *e, const double sides[2],
                      const struct range *range) {
    const char *unit = unit_of(e);
    struct buffer out = {0};
    add_side(&out, sides[0], range->low[0], range->high[0], unit == NULL ? "" : unit);
    buffer_printf(&out, " %s ", e->sign);
    add_side(&out, sides[1], range->low[1], range->high[1], unit == NULL ? "" : unit);
    return out.data;
}

/* "sse subscribers=10 interval_ms=500": what varies among the cells, each key once. */
static char *label_of(const struct evaluation *v) {
    struct buffer label = {0};
    buffer_printf(&label, "%s",
                  expectation_for_each(v->expectation) ? v->chosen[0]->strategy->key : "");
    for (int i = 0; i < v->strategy_count; i++) {
        char *words = xstrdup(v->chosen[i]->label), *rest = words, *word;
        while ((word = strsep(&rest, " ")) != NULL)
            if (*word != '\0' && strstr(label.data, word) == NULL)
                buffer_printf(&label, "%s%s", label.length > 0 ? " " : "", word);
        free(words);
    }
    return label.data;
}

static void add_case(struct expect_line *line, char *label, char *says,
                     enum expect_outcome outcome) {
    line->cases = xgrow(line->cases, (size_t)line->case_count, sizeof(*line->cases));
    line->cases[line->case_count++] =
        (struct expect_case){.label = label, .says = says, .outcome = outcome};
}

/* Evaluates the line for the cells that were chosen. */
static void evaluate_cells(const struct evaluation *v) {
    const struct expectation *e = v->expectation;
    double sides[2], corner[2];
    int state = evaluate_at(v, -1, sides);
    if (state == 0) return;
    char *why = unusable(v);
    if (why == NULL && state < 0) why = xstrdup("a side has no value");
    if (why != NULL) {
        add_case(v->line, label_of(v), why, UNDECIDED);
        return;
    }
    struct range range = {.low = {sides[0], sides[1]}, .high = {sides[0], sides[1]}};
    take(&range, e, sides);
    for (int ends = 0; ends < 1 << count_figures(e); ends++)
        if (evaluate_at(v, ends, corner) == 1) take(&range, e, corner);
    add_case(v->line, label_of(v), in_words(e, sides, &range), decide(e, &range));
}

/* Whether the cell has the same value as those chosen before, of each key that they share. */
static bool goes_with(const struct evaluation *v, int count, const struct measured_cell *cell) {
    const char *key;
    json_t *value;
    for (int i = 0; i < count; i++) json_object_foreach(v->chosen[i]->parameters, key, value) {
            const json_t *other = json_object_get(cell->parameters, key);
            if (other != NULL && !json_equal(value, other)) return false;
        }
    return true;
}

/* Chooses a cell for the strategy of this number, and so on: each set that goes together is evaluated. */
static void choose(struct evaluation *v, int number) {
    if (number == v->strategy_count) {
        evaluate_cells(v);
        return;
    }
    for (int i = 0; i < v->all->count; i++) {
        const struct measured_cell *cell = &v->all->cells[i];
        if (v->strategies[number] != NULL && cell->strategy != v->strategies[number]) continue;
        if (!goes_with(v, number, cell)) continue;
        v->chosen[number] = cell;
        choose(v, number + 1);
    }
}

static void name_strategy(struct evaluation *v, const struct strategy *strategy) {
    for (int i = 0; i < v->strategy_count; i++)
        if (v->strategies[i] == strategy) return;
    v->strategies[v->strategy_count++] = strategy;
}

static void evaluate_line(struct expect_line *line, const struct expectation *e,
                          const struct cells *all) {
    struct evaluation v = {.expectation = e, .all = all, .line = line};
    for (int i = 0; i < e->reference_count; i++)
        if (e->references[i].strategy != NULL) name_strategy(&v, e->references[i].strategy);
    if (v.strategy_count == 0) v.strategies[v.strategy_count++] = NULL; /* each */
    choose(&v, 0);
    line->outcome = UNDECIDED;
    for (int i = 0; i < line->case_count && line->outcome != REFUTED; i++)
        if (line->cases[i].outcome != UNDECIDED) line->outcome = line->cases[i].outcome;
}

/* --- the whole -------------------------------------------------------------------------------- */

/* Reads a line, for messages at `where`. Returns 0, or -1 after a line on stderr. */
static int read_line(struct expectation *e, sqlite3 *db, const struct scenario_line *line,
                     const struct expect_keys *keys, const char *where) {
    char *mistake;
    int status = expectation_read(e, db, line->key, line->value, keys, &mistake);
    if (status == 0 && count_figures(e) > FIGURES_MAX) {
        mistake = xasprintf("it names more than %d figures", FIGURES_MAX);
        status = -1;
    }
    if (status != 0 && line->line == 0)
        log_error("%s: %s", line->key, mistake);
    else if (status != 0)
        log_error("%s:%d: [expect] %s: %s", where, line->line, line->key, mistake);
    free(mistake);
    return status;
}

/* An empty database: an expression has nothing to read. */
static sqlite3 *nothing(void) {
    sqlite3 *db = NULL;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) die(1, "there is no memory left");
    return db;
}

/* The keys that a scenario's text sets, for whichever strategy: --only may have left its cells out, and what
 * is predicted of them is no mistake. The caller frees it. */
static json_t *keys_of(const char *scenario_text) {
    static const char *const sections[] = {"hold", "vary"};
    json_t *keys = json_object();
    for (int i = 0; i < 2; i++) {
        struct scenario_lines lines;
        scenario_lines_read(&lines, scenario_text, sections[i]);
        for (int k = 0; k < lines.count; k++) {
            size_t prefix;
            json_object_set_new(keys, scenario_bare_key(lines.lines[k].key, &prefix), json_null());
        }
        scenario_lines_free(&lines);
    }
    return keys;
}

/* The lines of [expect], then those of the command line, which are named and placed by it (line 0). */
static void read_lines(struct scenario_lines *lines, const char *text,
                       const struct expect_more *more) {
    scenario_lines_read(lines, text, "expect");
    for (int i = 0; more != NULL && i < more->count; i++) {
        lines->lines = xgrow(lines->lines, (size_t)lines->count, sizeof(*lines->lines));
        lines->lines[lines->count++] = (struct scenario_line){
            .key = xasprintf("--expect %d", i + 1), .value = xstrdup(more->lines[i]), .line = 0};
    }
}

int expectations_check(const struct plan *plan, const struct expect_more *more) {
    struct scenario_lines lines;
    read_lines(&lines, plan->scenario->text, more);
    const json_t **parameters = xcalloc((size_t)plan->cell_count + 1, sizeof(*parameters));
    struct expect_keys keys = {parameters, plan->cell_count + 1};
    sqlite3 *db = nothing();
    int status = 0;
    for (int i = 0; i < plan->cell_count; i++)
        parameters[i] = json_loads(plan->cells[i].parameters, 0, NULL);
    parameters[plan->cell_count] = keys_of(plan->scenario->text);
    for (int i = 0; status == 0 && i < lines.count; i++) {
        struct expectation e;
        if (read_line(&e, db, &lines.lines[i], &keys, plan->scenario->path) != 0)
            status = EXIT_USAGE;
        expectation_free(&e);
    }
    for (int i = 0; i < keys.count; i++) json_decref((json_t *)parameters[i]);
    free(parameters);
    sqlite3_close(db);
    scenario_lines_free(&lines);
    return status;
}

static int evaluate_lines(struct expect_result *result, const struct scenario_lines *lines,
                          const char *scenario_text, const struct cells *all) {
    const json_t **parameters = xcalloc((size_t)all->count + 1, sizeof(*parameters));
    struct expect_keys keys = {parameters, all->count + 1};
    json_t *own = keys_of(scenario_text);
    sqlite3 *db = nothing();
    int status = 0;
    for (int i = 0; i < all->count; i++) parameters[i] = all->cells[i].parameters;
    parameters[all->count] = own;
    for (int i = 0; status == 0 && i < lines->count; i++) {
        struct expectation e;
        status = read_line(&e, db, &lines->lines[i], &keys, "the stored scenario");
        if (status != 0 && lines->lines[i].line == 0) status = EXIT_USAGE;
        result->lines = xgrow(result->lines, (size_t)result->count, sizeof(*result->lines));
        struct expect_line *line = &result->lines[result->count++];
        *line = (struct expect_line){.name = xstrdup(e.name), .text = xstrdup(e.text)};
        if (status == 0) evaluate_line(line, &e, all);
        expectation_free(&e);
    }
    sqlite3_close(db);
    free(parameters);
    json_decref(own);
    return status;
}

int expectations_evaluate(struct expect_result *result, sqlite3 *db, int64_t experiment_id,
                          const struct expect_more *more) {
    struct scenario_lines lines;
    struct cells all = {0};
    *result = (struct expect_result){0};
    char *text = sql_one_text(db, "SELECT scenario_text FROM experiment WHERE id = :experiment",
                              experiment_id);
    if (text == NULL) return -1;
    read_lines(&lines, text, more);
    int status = lines.count == 0 ? 0 : read_cells(&all, db, experiment_id);
    if (status == 0 && lines.count > 0) status = evaluate_lines(result, &lines, text, &all);
    free(text);
    cells_free(&all);
    scenario_lines_free(&lines);
    return status;
}

void expectations_free(struct expect_result *result) {
    for (int i = 0; i < result->count; i++) {
        struct expect_line *line = &result->lines[i];
        for (int k = 0; k < line->case_count; k++) {
            free(line->cases[k].label);
            free(line->cases[k].says);
        }
        free(line->cases);
        free(line->name);
        free(line->text);
    }
    free(result->lines);
    *result = (struct expect_result){0};
}

int expectations_count(const struct expect_result *result, enum expect_outcome outcome) {
    int count = 0;
    for (int i = 0; i < result->count; i++) count += result->lines[i].outcome == outcome;
    return count;
}

int expectations_status(const struct expect_result *result) {
    int counts[REFUTED + 1] = {0};
    for (int i = 0; i < result->count; i++)
        for (int k = 0; k < result->lines[i].case_count; k++)
            counts[result->lines[i].cases[k].outcome]++;
    if (counts[REFUTED] > 0) return 1;
    return counts[HELD] > 0 && counts[UNDECIDED] == 0 ? 0 : EXIT_UNDECIDED;
}

const struct expect_case *expect_witness(const struct expect_line *line) {
    for (int i = 0; i < line->case_count; i++)
        if (line->cases[i].outcome == line->outcome) return &line->cases[i];
    return NULL;
}

char *expect_says(const struct expect_line *line) {
    const struct expect_case *witness = expect_witness(line);
    struct buffer says = {0};
    int same = 0;
    if (witness == NULL) return xstrdup("no cell that it is meant for has run");
    for (int i = 0; i < line->case_count; i++) same += line->cases[i].outcome == line->outcome;
    if (line->case_count > 1) buffer_printf(&says, "%d of %d; ", same, line->case_count);
    if (*witness->label != '\0') buffer_printf(&says, "%s: ", witness->label);
    buffer_printf(&says, "%s", witness->says);
    return says.data;
}

void expectations_print(const struct expect_result *result, FILE *out) {
    if (result->count == 0) return;
    fprintf(out, "\nExpected\n");
    for (int i = 0; i < result->count; i++) {
        const struct expect_line *line = &result->lines[i];
        char *says = expect_says(line);
        fprintf(out, "  %-9s  %s\n", expect_words[line->outcome], line->name);
        human_wrap(out, INDENT, line->text);
        human_wrap(out, INDENT, says);
        free(says);
    }
}

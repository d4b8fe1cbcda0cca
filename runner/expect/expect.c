/* Expectations against figures: cells, sets of cells, corners of intervals. See expect.h. */
#include "expect/expect.h"

#include "base/log.h"
#include "base/memory.h"
#include "expect/evaluate.h"
#include "figures/role.h"
#include "scenario/lines.h"
#include "store/sql.h"
#include "system/human.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define INDENT 13 /* of what is printed below a name */

const char *const expect_words[] = {
    [HELD] = "held", [UNDECIDED] = "undecided", [REFUTED] = "refuted"};

/* --- one line --------------------------------------------------------------------------------- */

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
    int state = evaluation_at(v, -1, sides);
    if (state == 0) return;
    char *why = evaluation_unusable(v);
    if (why == NULL && state < 0) why = xstrdup("a side has no value");
    if (why != NULL) {
        add_case(v->data, evaluation_label(v), why, UNDECIDED);
        return;
    }
    struct range range = {.low = {sides[0], sides[1]}, .high = {sides[0], sides[1]}};
    take(&range, e, sides);
    for (int ends = 0; ends < 1 << expectation_figures(e); ends++)
        if (evaluation_at(v, ends, corner) == 1) take(&range, e, corner);
    add_case(v->data, evaluation_label(v), in_words(e, sides, &range), decide(e, &range));
}

static void evaluate_line(struct expect_line *line, const struct expectation *e,
                          const struct cells *all) {
    struct evaluation v = {.expectation = e, .all = all, .visit = evaluate_cells, .data = line};
    evaluation_walk(&v);
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
    if (status == 0 && expectation_figures(e) > FIGURES_MAX) {
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
    sqlite3 *db = subject_nothing();
    int status = 0;
    for (int i = 0; i < plan->cell_count; i++)
        parameters[i] = json_loads(plan->cells[i].parameters, 0, NULL);
    parameters[plan->cell_count] = subject_keys_of(plan->scenario->text);
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
                          const struct subject *subject) {
    int status = 0;
    for (int i = 0; status == 0 && i < lines->count; i++) {
        struct expectation e;
        status = read_line(&e, subject->nothing, &lines->lines[i], &subject->keys,
                           "the stored scenario");
        if (status != 0 && lines->lines[i].line == 0) status = EXIT_USAGE;
        result->lines = xgrow(result->lines, (size_t)result->count, sizeof(*result->lines));
        struct expect_line *line = &result->lines[result->count++];
        *line = (struct expect_line){.name = xstrdup(e.name), .text = xstrdup(e.text)};
        if (status == 0) evaluate_line(line, &e, &subject->all);
        expectation_free(&e);
    }
    return status;
}

int expectations_evaluate(struct expect_result *result, sqlite3 *db, int64_t experiment_id,
                          const struct expect_more *more) {
    struct scenario_lines lines;
    struct subject subject;
    *result = (struct expect_result){0};
    char *text = sql_one_text(db, "SELECT scenario_text FROM experiment WHERE id = :experiment",
                              experiment_id);
    if (text == NULL) return -1;
    read_lines(&lines, text, more);
    int status = 0;
    if (lines.count > 0) {
        status = subject_open(&subject, db, experiment_id);
        if (status == 0) status = evaluate_lines(result, &lines, &subject);
        subject_close(&subject);
    }
    free(text);
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

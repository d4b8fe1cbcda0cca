/* The value of an expression. A line of [expect] has two sides: this is a line whose right side is 0. See figure.h. */
#include "expect/figure.h"

#include "base/memory.h"
#include "expect/evaluate.h"
#include "store/sql.h"

#include <math.h>
#include <stdlib.h>

/* What has been found. */
struct finding {
    struct expect_figure *figure;
    int sets; /* of cells that the condition has left over */
};

/* Whose figure it is, if it is one. */
static void take_owner(struct expect_figure *figure, const struct evaluation *v) {
    const struct expectation *e = v->expectation;
    if (expectation_figures(e) != 1) return;
    const struct reference *reference = e->references;
    while (reference->unit == NULL) reference++;
    const struct measured_cell *cell = evaluation_cell(v, reference);
    figure->strategy = xstrdup(cell->strategy->key);
    figure->parameters = xstrdup(cell->parameters_text);
    figure->metric = xstrdup(reference->name);
    figure->metric_value = cell_figure(cell, reference->name)->value;
}

static void take_value(const struct evaluation *v) {
    struct finding *finding = v->data;
    struct expect_figure *figure = finding->figure;
    double sides[2];
    int state = evaluation_at(v, -1, sides);
    if (state == 0 || finding->sets++ > 0) return;
    figure->why = evaluation_unusable(v);
    if (figure->why == NULL && state < 0) figure->why = xstrdup("it has no value");
    if (figure->why != NULL) return;
    figure->value = figure->low = figure->high = sides[0];
    for (int ends = 0; ends < 1 << expectation_figures(v->expectation); ends++) {
        if (evaluation_at(v, ends, sides) != 1) continue;
        figure->low = fmin(figure->low, sides[0]);
        figure->high = fmax(figure->high, sides[0]);
    }
    take_owner(figure, v);
}

static int evaluate(struct expect_figure *figure, const struct subject *subject, const char *text,
                    char **mistake) {
    struct expectation e;
    struct finding finding = {.figure = figure};
    int status = expectation_read(&e, subject->nothing, "", text, &subject->keys, mistake);
    if (status == 0 && expectation_figures(&e) > FIGURES_MAX) {
        *mistake = xasprintf("it names more than %d figures", FIGURES_MAX);
        status = -1;
    }
    if (status == 0) {
        struct evaluation v = {
            .expectation = &e, .all = &subject->all, .visit = take_value, .data = &finding};
        evaluation_walk(&v);
        if (e.reference_count == 0 && finding.sets > 1) finding.sets = 1; /* a plain number */
        if (finding.sets == 0) *mistake = xstrdup("no cell is left over");
        if (finding.sets > 1) *mistake = xasprintf("%d cells are left over, not one", finding.sets);
        if (finding.sets != 1) status = -1;
    }
    expectation_free(&e);
    return status;
}

int expect_figure(struct expect_figure *figure, sqlite3 *db, int64_t experiment_id,
                  const char *expression, const char *where, char **mistake) {
    struct subject subject;
    *figure = (struct expect_figure){0};
    *mistake = NULL;
    char *scenario = sql_one_text(db, "SELECT scenario_text FROM experiment WHERE id = :experiment",
                                  experiment_id);
    char *text = where == NULL ? xasprintf("%s = 0", expression)
                               : xasprintf("%s = 0 where %s", expression, where);
    int status = -1;
    if (scenario == NULL)
        *mistake = xstrdup("there is no such experiment");
    else {
        status = subject_open(&subject, db, experiment_id, scenario);
        if (status == 0) status = evaluate(figure, &subject, text, mistake);
        subject_close(&subject);
    }
    if (status != 0 && *mistake == NULL) *mistake = xstrdup("its cells cannot be read");
    free(scenario);
    free(text);
    return status;
}

void expect_figure_free(struct expect_figure *figure) {
    free(figure->why);
    free(figure->strategy);
    free(figure->parameters);
    free(figure->metric);
    *figure = (struct expect_figure){0};
}

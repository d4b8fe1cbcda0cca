/* The value of an expression. A line of [expect] has two sides: this is a line whose right side is 0. See figure.h. */
#include "expect/figure.h"

#include "base/memory.h"

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
    if (state < 0) return;
    figure->value = figure->low = figure->high = sides[0];
    for (int ends = 0; ends < 1 << expectation_figures(v->expectation); ends++) {
        if (evaluation_at(v, ends, sides) != 1) continue;
        figure->low = fmin(figure->low, sides[0]);
        figure->high = fmax(figure->high, sides[0]);
    }
    take_owner(figure, v);
}

/* Evaluates what was read. Returns 0, or -1 with a *mistake. */
static int evaluate(struct expect_figure *figure, const struct subject *subject,
                    const struct expectation *e, char **mistake) {
    struct finding finding = {.figure = figure};
    struct evaluation v = {
        .expectation = e, .all = &subject->all, .visit = take_value, .data = &finding};
    evaluation_walk(&v);
    if (e->reference_count == 0 && finding.sets > 1) finding.sets = 1; /* a plain number */
    if (finding.sets == 0) *mistake = xstrdup("no cell is left over");
    if (finding.sets > 1) *mistake = xasprintf("%d cells are left over, not one", finding.sets);
    return finding.sets == 1 ? 0 : -1;
}

int expect_figure(struct expect_figure *figure, const struct subject *subject,
                  const char *expression, const char *where, char **mistake) {
    struct expectation e;
    *figure = (struct expect_figure){0};
    *mistake = NULL;
    char *text = where == NULL ? xasprintf("%s = 0", expression)
                               : xasprintf("%s = 0 where %s", expression, where);
    int status = expectation_read(&e, subject->nothing, "", text, &subject->keys, mistake);
    if (status == 0 && expectation_figures(&e) > FIGURES_MAX) {
        *mistake = xasprintf("it names more than %d figures", FIGURES_MAX);
        status = -1;
    }
    if (status == 0) status = evaluate(figure, subject, &e, mistake);
    expectation_free(&e);
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

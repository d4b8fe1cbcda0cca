/* What came out of grading: for a terminal, and for Gradescope. */
#include "lab/grade.h"

#include "base/memory.h"
#include "system/human.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int longest_name(const struct grading *g) {
    int longest = 0;
    for (int i = 0; i < g->mark_count; i++) {
        int length = (int)strlen(g->marks[i].name);
        if (length > longest) longest = length;
    }
    return longest;
}

static void print_mark(const struct mark *mark, int width, FILE *out) {
    char points[24] = "", label[160];
    bool good = mark->points == mark->of;
    if (!mark->free_text) snprintf(points, sizeof(points), "%d/%d", mark->points, mark->of);
    snprintf(label, sizeof(label), "%-4s  %3s  %-*s",
             mark->free_text ? "TEXT"
             : good          ? "OK"
                             : "FAIL",
             points, width, mark->name);
    human_wrap_labelled(out, label, 4 + 2 + 3 + 2 + width + 2,
                        *mark->says == '\0' ? "(nothing)" : mark->says);
}

void grading_print(const struct grading *g, const struct lab *lab, FILE *out) {
    int width = longest_name(g);
    fprintf(out, "Lab %d: %s", lab->number, lab->title);
    if (*g->student != '\0') fprintf(out, " (%s)", g->student);
    fprintf(out, "\n\n");
    for (int i = 0; i < g->mark_count; i++) print_mark(&g->marks[i], width, out);
    if (g->remark != NULL) {
        char *remark = xasprintf("%s.", g->remark);
        fprintf(out, "\n");
        human_wrap_labelled(out, "Note:", 6, remark);
        free(remark);
    }
    if (g->points == g->of) {
        fprintf(out, "\n");
        human_wrap_labelled(out, "The idea:", 10, lab->idea);
    }
    fprintf(out, "\nScore: %d/%d\n", g->points, g->of);
}

void grading_print_guesses(const struct grading *g, const struct lab *lab, FILE *out) {
    char predicted[HUMAN_SIZE], measured[HUMAN_SIZE], times[HUMAN_SIZE];
    fprintf(out, "\nWhat you predicted, and what came out\n");
    for (int i = 0; i < g->guess_count; i++) {
        const struct guessed *guess = &g->guesses[i];
        const struct question *q = lab_question(lab, guess->name, true);
        fprintf(out, "  %-20s %8s  %8s %s", guess->name, human_number(predicted, guess->predicted),
                human_number(measured, guess->measured), q->unit);
        double ratio = guess->predicted / guess->measured;
        if (isfinite(ratio) && ratio > 0 && fabs(log(ratio)) > log(1.05))
            fprintf(out, "  (%s times too %s)", human_number(times, ratio > 1 ? ratio : 1 / ratio),
                    ratio > 1 ? "much" : "little");
        fprintf(out, "\n");
    }
}

void grading_print_obstacles(const struct grading *g, FILE *out) {
    struct buffer names = {0};
    const char *why = NULL;
    for (int i = 0; i < g->mark_count; i++) {
        if (g->marks[i].obstacle == NULL) continue;
        buffer_printf(&names, "%s%s", names.length > 0 ? ", " : "", g->marks[i].name);
        why = g->marks[i].obstacle;
    }
    if (why != NULL) {
        char *text = xasprintf("By this run some questions could not be graded: %s (%s). So do not"
                               " read on, but run it again first.",
                               names.data, why);
        fprintf(out, "\n");
        human_wrap(out, 0, text);
        free(text);
    }
    buffer_free(&names);
}

/* https://gradescope-autograders.readthedocs.io/en/latest/specs/ */
void grading_print_gradescope(const struct grading *g, const struct lab *lab, FILE *out) {
    json_t *tests = json_array();
    for (int i = 0; i < g->mark_count; i++) {
        const struct mark *mark = &g->marks[i];
        json_array_append_new(tests,
                              json_pack("{s:s, s:i, s:i, s:s, s:s}", "name", mark->name, "score",
                                        mark->points, "max_score", mark->of, "output", mark->says,
                                        "status", mark->points == mark->of ? "passed" : "failed"));
    }
    char *output =
        xasprintf("Lab %d: %s%s%s%s", lab->number, lab->title, *g->source == '\0' ? "" : ", ",
                  g->source, g->remark == NULL ? "" : ". To look at: ");
    char *whole = xasprintf("%s%s", output, g->remark == NULL ? "" : g->remark);
    json_t *all = json_pack("{s:i, s:s, s:o}", "score", g->points, "output", whole, "tests", tests);
    json_dumpf(all, out, JSON_INDENT(2));
    fprintf(out, "\n");
    json_decref(all);
    free(whole);
    free(output);
}

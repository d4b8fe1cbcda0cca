/* Grading one hand-in: first what it stands on, then question by question. See grade.h. */
#include "lab/grade.h"

#include "base/log.h"
#include "base/memory.h"
#include "expect/figure.h"
#include "lab/answers.h"
#include "lab/evidence.h"
#include "lab/notebook.h"
#include "store/copy.h"
#include "store/open.h"
#include "store/sql.h"
#include "system/human.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a hand-in has. */
struct hand_in {
    const struct lab *lab;
    sqlite3 *db; /* with the experiment of the run alone; NULL: there is none */
    struct answers answers;
    struct prediction prediction;
    struct lab_run run;
    struct evidence evidence;
    struct subject subject; /* what figures are read from, where there is an experiment */
    bool predicted, ran, legible;
};

static void add_mark(struct grading *g, const char *name, bool good, int of, char *says) {
    g->marks = xgrow(g->marks, (size_t)g->mark_count, sizeof(*g->marks));
    g->marks[g->mark_count++] = (struct mark){
        .name = xstrdup(name), .points = good ? of : 0, .of = of, .says = says, .right = NAN};
    g->points += good ? of : 0;
    g->of += of;
}

/* --- what it stands on ------------------------------------------------------------------------ */

/* What is wrong with the prediction, or NULL. */
static char *prediction_flaw(const struct hand_in *h) {
    const struct prediction *p = &h->prediction;
    if (!h->predicted) {
        char *command = lab_command(h->lab, "predict");
        char *flaw = xasprintf("there is none: `%s` comes before the run", command);
        free(command);
        return flaw;
    }
    if (!p->intact) return xstrdup("it was changed after it had been made");
    if (strcmp(p->lab, h->lab->name) != 0) return xasprintf("it is one of lab %s", p->lab);
    if (h->answers.student != NULL && strcmp(h->answers.student, p->student) != 0)
        return xasprintf("it is %s's, and %s says %s", p->student, LAB_ANSWERS, h->answers.student);
    for (int i = 0; i < h->lab->question_count; i++)
        if (h->lab->questions[i].kind == PREDICT &&
            !json_is_number(json_object_get(p->answers, h->lab->questions[i].name)))
            return xasprintf("%s is missing in it", h->lab->questions[i].name);
    bool before = !h->ran || strcmp(p->made_at, h->run.begun_at) <= 0;
    if (before && h->ran && !h->run.recorded && h->evidence.started_at != NULL)
        before = strcmp(p->made_at, h->evidence.started_at) <= 0;
    return before ? NULL : xstrdup("it was made after the run had begun");
}

static void mark_prediction(struct grading *g, const struct hand_in *h) {
    char *flaw = prediction_flaw(h);
    add_mark(g, "prediction", flaw == NULL, POINTS_BY_ITSELF,
             flaw != NULL ? flaw : xasprintf("made at %s, before the run", h->prediction.made_at));
}

static void mark_experiment(struct grading *g, const struct hand_in *h) {
    const struct evidence *e = &h->evidence;
    const char *flaw = e->foreign != NULL ? e->foreign : e->lack;
    char *says;
    char *command = lab_command(h->lab, "run");
    if (!h->ran)
        says = xasprintf("there is none: `%s` makes it", command);
    else if (flaw != NULL)
        says = xstrdup(flaw);
    else
        says =
            xasprintf("%s, of %s, programs of revision %s", e->source, e->started_at, e->revision);
    free(command);
    add_mark(g, "experiment", h->ran && flaw == NULL, POINTS_BY_ITSELF, says);
}

/* --- questions -------------------------------------------------------------------------------- */

/* "498 ms" */
static char *with_unit(double value, const char *unit) {
    char text[HUMAN_SIZE];
    if (fabs(value) >= 1e6) return xasprintf("%.7g %s", value, unit); /* "24.2 M MB" would be odd */
    return xasprintf("%s%s%s", human_number(text, value), *unit == '\0' ? "" : " ", unit);
}

/* What the right answer is, by the student's own run. Returns a sentence why it cannot be said, or NULL; the caller
 * frees it. */
static char *right_answer(const struct hand_in *h, const struct question *q,
                          struct expect_figure *figure) {
    char *mistake = NULL;
    char *end;
    *figure = (struct expect_figure){0};
    figure->value = figure->low = figure->high = strtod(q->answer, &end);
    if (*end == '\0') return NULL; /* a plain number takes no run */
    if (!h->ran) return xstrdup("there is no run that it could be read from");
    if (h->evidence.foreign != NULL)
        return xasprintf("it cannot be graded by this experiment: %s", h->evidence.foreign);
    if (expect_figure(figure, &h->subject, q->answer, q->where, &mistake) != 0) {
        char *why = xasprintf("it cannot be graded by this experiment: %s", mistake);
        free(mistake);
        return why;
    }
    if (figure->why == NULL) return NULL;
    return xasprintf("it cannot be graded: %s; run the lab again, or with --recorded", figure->why);
}

/* Near the value, or within the interval that the figure itself has. */
static bool is_right(const struct question *q, const struct expect_figure *figure, double number) {
    return fabs(number - figure->value) <= q->within * fabs(figure->value) ||
           (number >= figure->low && number <= figure->high);
}

/* What is said of a number; *good is whether it is right. */
static char *judge_number(const struct question *q, const struct expect_figure *figure,
                          const char *why, const char *text, bool *good) {
    const char *flaw = text == NULL ? NULL : answer_flaw(q, text);
    double number = text == NULL ? NAN : answer_number(q, text);
    *good = false;
    if (text == NULL) return xstrdup("no answer yet");
    if (flaw != NULL) return xasprintf("\"%s\" %s", text, flaw);
    if (why != NULL) return xstrdup(why);
    *good = is_right(q, figure, number);
    char *given = with_unit(number, q->unit), *own = with_unit(figure->value, q->unit);
    char *says = *good ? xasprintf("%s; by your run %s", given, own)
                       : xasprintf("%s is not it. %s", given, q->hint);
    free(given);
    free(own);
    return says;
}

static void mark_number(struct grading *g, const struct hand_in *h, const struct question *q,
                        const char *text) {
    struct expect_figure figure;
    bool good;
    char *why = right_answer(h, q, &figure);
    char *says = judge_number(q, &figure, why, text, &good);
    add_mark(g, q->name, good, q->points, says);
    if (why == NULL) g->marks[g->mark_count - 1].right = figure.value;
    g->marks[g->mark_count - 1].obstacle = why;
    expect_figure_free(&figure);
}

static void mark_choice(struct grading *g, const struct hand_in *h, const struct question *q,
                        const char *text) {
    const char *student = h->predicted                 ? h->prediction.student
                          : h->answers.student != NULL ? h->answers.student
                                                       : "";
    int choice = answer_choice(q, student, text);
    add_mark(g, q->name, choice == 0, q->points,
             choice == 0 ? xstrdup(q->choices[0])
                         : xasprintf("\"%s\" is not it. %s", q->choices[choice], q->hint));
}

static void mark_question(struct grading *g, const struct hand_in *h, const struct question *q,
                          const char *text) {
    const char *flaw = text == NULL ? NULL : answer_flaw(q, text);
    if (q->kind == FREE_TEXT) {
        add_mark(g, q->name, true, 0, xstrdup(text == NULL ? "" : text));
        g->marks[g->mark_count - 1].free_text = true;
    } else if (q->kind != CHOICE)
        mark_number(g, h, q, text);
    else if (text == NULL)
        add_mark(g, q->name, false, q->points, xstrdup("no answer yet"));
    else if (flaw != NULL)
        add_mark(g, q->name, false, q->points, xasprintf("\"%s\" %s", text, flaw));
    else
        mark_choice(g, h, q, text);
}

/* What was predicted beside what came out, where both are known. */
static void add_guess(struct grading *g, const struct hand_in *h, const struct question *q) {
    const json_t *number = json_object_get(h->prediction.answers, q->name);
    struct expect_figure figure = {0};
    char *mistake = NULL;
    bool known = h->ran && h->evidence.foreign == NULL && q->answer != NULL &&
                 expect_figure(&figure, &h->subject, q->answer, q->where, &mistake) == 0 &&
                 (figure.why == NULL || figure.metric != NULL);
    g->guesses = xgrow(g->guesses, (size_t)g->guess_count, sizeof(*g->guesses));
    g->guesses[g->guess_count++] = (struct guessed){
        .name = xstrdup(q->name),
        .predicted = json_is_number(number) ? json_number_value(number) : NAN,
        .measured = known ? figure.value : NAN,
    };
    expect_figure_free(&figure);
    free(mistake);
}

/* --- the whole -------------------------------------------------------------------------------- */

static char *file_in(const char *folder, const char *name) {
    char *path = xasprintf("%s/%s", folder, name);
    if (access(path, F_OK) == 0) return path;
    free(path);
    return NULL;
}

/* The experiment of the run, in a database of our own: views of the student's file could say anything. */
static int take_experiment(struct hand_in *h, sqlite3 *file) {
    h->db = store_open_in_memory();
    if (h->db == NULL) return 1;
    const char *question = "SELECT count(*) FROM experiment WHERE id = :experiment";
    if (sql_one_integer(file, question, h->run.experiment_id, 0) == 0)
        h->run.experiment_id = 0;
    else if (store_copy(file, h->run.experiment_id, h->db, COPY_METRICS, &h->run.experiment_id) !=
             0)
        return 1;
    if (evidence_examine(&h->evidence, h->db, h->lab, &h->run) != 0) return 1;
    h->legible = h->run.experiment_id != 0;
    return h->legible && subject_open(&h->subject, h->db, h->run.experiment_id) != 0 ? 1 : 0;
}

static int read_database(struct hand_in *h, const char *path) {
    sqlite3 *file = store_open_to_read(path);
    if (file == NULL) return 1;
    h->ran = notebook_run(file, &h->run);
    h->predicted = notebook_prediction(file, h->ran ? h->run.prediction_id : 0, &h->prediction);
    int status = h->ran ? take_experiment(h, file) : 0;
    return store_close(file) == 0 ? status : 1;
}

static int open_hand_in(struct hand_in *h, const char *folder) {
    char *database = file_in(folder, LAB_DATABASE), *file = file_in(folder, LAB_ANSWERS);
    int status = 0;
    if (database == NULL && file == NULL) {
        log_error("%s has neither %s nor %s: it is no folder of a lab", folder, LAB_DATABASE,
                  LAB_ANSWERS);
        status = EXIT_USAGE;
    }
    if (file != NULL) status = answers_read(&h->answers, h->lab, file, false);
    if (status == 0 && database != NULL) status = read_database(h, database);
    free(database);
    free(file);
    return status;
}

static void close_hand_in(struct hand_in *h) {
    answers_free(&h->answers);
    prediction_free(&h->prediction);
    lab_run_free(&h->run);
    evidence_free(&h->evidence);
    if (h->legible) subject_close(&h->subject);
    if (h->db != NULL) store_close(h->db);
}

/* A copy of the first text that is there. */
static char *first_of(const char *a, const char *b) {
    return xstrdup(a != NULL ? a : b != NULL ? b : "");
}

static void mark_all(struct grading *g, const struct hand_in *h) {
    const struct lab *lab = h->lab;
    g->student = first_of(h->prediction.student, h->answers.student);
    g->source = first_of(h->evidence.source, NULL);
    if (h->evidence.remark != NULL) g->remark = xstrdup(h->evidence.remark);
    if (h->run.seal != NULL) g->seal = xstrdup(h->run.seal);
    mark_prediction(g, h);
    mark_experiment(g, h);
    for (int i = 0; i < lab->question_count; i++) {
        if (lab->questions[i].kind == PREDICT)
            add_guess(g, h, &lab->questions[i]);
        else
            mark_question(g, h, &lab->questions[i],
                          h->answers.texts == NULL ? NULL : h->answers.texts[i]);
    }
}

int grade(struct grading *g, const struct lab *lab, const char *folder) {
    struct hand_in h = {.lab = lab};
    *g = (struct grading){.folder = xstrdup(folder)};
    int status = open_hand_in(&h, folder);
    if (status == 0) mark_all(g, &h);
    close_hand_in(&h);
    return status;
}

void grading_free(struct grading *g) {
    for (int i = 0; i < g->mark_count; i++) {
        free(g->marks[i].name);
        free(g->marks[i].says);
        free(g->marks[i].obstacle);
    }
    for (int i = 0; i < g->guess_count; i++) free(g->guesses[i].name);
    free(g->marks);
    free(g->guesses);
    free(g->folder);
    free(g->student);
    free(g->source);
    free(g->remark);
    free(g->seal);
    *g = (struct grading){0};
}

char *graded_lab(const char *folder) {
    char *database = file_in(folder, LAB_DATABASE), *name = NULL;
    struct prediction prediction = {0};
    sqlite3 *db = database == NULL ? NULL : store_open_to_read(database);
    if (db != NULL && notebook_prediction(db, 0, &prediction)) name = xstrdup(prediction.lab);
    prediction_free(&prediction);
    if (db != NULL) store_close(db);
    free(database);
    return name;
}

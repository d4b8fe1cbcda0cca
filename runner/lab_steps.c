/* Predict, run, explain; and record. See lab_steps.h. */
#include "lab_steps.h"

#include "base/log.h"
#include "base/memory.h"
#include "chart/draw.h"
#include "lab/answers.h"
#include "lab/grade.h"
#include "lab/notebook.h"
#include "page/page.h"
#include "report/prediction.h"
#include "report/table_print.h"
#include "run.h"
#include "store/copy.h"
#include "store/open.h"
#include "store/sql.h"
#include "system/hint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORDED "recorded.sqlite"
/* The programs' names are enough: where they lay is nobody's business. */
#define WITHOUT_PATHS                                                                              \
    "UPDATE report SET json = json_replace(json, '$.command[0]',"                                  \
    " replace(json_extract(json, '$.command[0]'), rtrim(json_extract(json, '$.command[0]'),"       \
    " replace(json_extract(json, '$.command[0]'), '/', '')), ''));"
#define RECORDED_MAX 300000 /* bytes: what a repository bears, eight times */

/* --- predict ---------------------------------------------------------------------------------- */

/* From the file, or from the terminal. Returns 0, or an exit status after a line on stderr. */
static int collect(const struct desk *desk, struct answers *answers, bool predict) {
    const struct lab_options *o = desk->options;
    if (o->answers != NULL) {
        int status = answers_read(answers, &desk->lab, o->answers, predict);
        if (status != 0) return status;
    } else if (!isatty(STDIN_FILENO)) {
        log_error("nobody is at the terminal to be asked: give --answers FILE");
        return EXIT_USAGE;
    }
    if (o->student != NULL) {
        free(answers->student);
        answers->student = xstrdup(o->student);
    }
    return 0;
}

/* What a prediction from a file lacks: there is nobody to be asked. */
static int check_predictions(const struct desk *desk, const struct answers *answers) {
    for (int i = 0; i < desk->lab.question_count; i++) {
        const struct question *q = &desk->lab.questions[i];
        if (q->kind != PREDICT) continue;
        const char *flaw =
            answers->texts[i] == NULL ? "is missing" : answer_flaw(q, answers->texts[i]);
        if (flaw == NULL) continue;
        if (answers->texts[i] == NULL)
            log_error("%s: %s is missing in [predict]", desk->options->answers, q->name);
        else
            log_error("%s: %s = %s %s", desk->options->answers, q->name, answers->texts[i], flaw);
        return EXIT_USAGE;
    }
    const char *flaw = answers->student == NULL ? "is missing" : student_flaw(answers->student);
    if (flaw == NULL) return 0;
    log_error("the student's id %s: write it into %s as [student] id = ..., or give --student",
              flaw, desk->options->answers);
    return EXIT_USAGE;
}

static int keep_predictions(const struct desk *desk, const struct answers *answers) {
    struct prediction kept;
    sqlite3 *db = store_open(desk->database);
    int status = db == NULL ? 1 : notebook_predict(db, &desk->lab, answers) == 0 ? 0 : 1;
    if (status == 0 && notebook_prediction(db, 0, &kept)) {
        printf("\nKept at %s, for %s; its digest is %.12s.\n", kept.made_at, kept.student,
               kept.sha256);
        prediction_free(&kept);
    }
    if (db != NULL && store_close(db) != 0) status = 1;
    if (status == 0) desk_say_next(desk);
    return status;
}

int lab_predict(const struct desk *desk) {
    struct answers answers = {0};
    sqlite3 *db = desk_look(desk);
    int runs = db == NULL ? 0 : desk_count(db, "experiment");
    if (db != NULL) store_close(db);
    if (runs > 0) {
        log_error(
            "lab %d has been run, and a prediction comes before the run: to begin anew, move the"
            " folder %s away",
            desk->lab.number, desk->folder);
        return 1;
    }
    int status = collect(desk, &answers, true);
    if (status == 0 && desk->options->answers == NULL) {
        printf("Lab %d: %s\n(nothing is kept before the last answer; Ctrl-D gives up)\n\n",
               desk->lab.number, desk->lab.title);
        if (answers_ask_student(&answers, stdin, stdout) != 0 ||
            answers_ask(&answers, &desk->lab, true, stdin, stdout) != 0) {
            printf("\n");
            log_error("the input ended before the last answer: nothing was kept");
            status = 1;
        }
    } else if (status == 0)
        status = check_predictions(desk, &answers);
    if (status == 0) status = keep_predictions(desk, &answers);
    answers_free(&answers);
    return status;
}

/* --- run -------------------------------------------------------------------------------------- */

static const char *mode_of(const struct desk *desk) {
    return desk->options->mode != NULL ? desk->options->mode : mode_names[desk->lab.mode];
}

static int measure(const struct desk *desk) {
    char *scenario = lab_file(&desk->lab, "scenario.ini");
    struct run_options options = {
        .scenario = scenario,
        .database = desk->database,
        .results = desk->folder,
        .programs = desk->options->programs,
        .other_programs = desk->options->other_programs,
        .charts = "off",
        .label = "",
    };
    while (strcmp(mode_names[options.mode], mode_of(desk)) != 0) options.mode++;
    int status = run_experiment(&options);
    free(scenario);
    return status;
}

static int take_recorded(const struct desk *desk) {
    char *path = lab_file(&desk->lab, RECORDED);
    sqlite3 *from = NULL, *to = NULL;
    int64_t id;
    if (access(path, R_OK) == 0)
        from = store_open_to_read(path);
    else
        log_error("lab %d brings no recorded run along: there is no %s", desk->lab.number, path);
    if (from != NULL) to = store_open(desk->database);
    int status =
        to != NULL && store_copy(from, sql_experiment(from, 0), to, COPY_DERIVING, &id) == 0 ? 0
                                                                                             : 1;
    if (to != NULL && store_close(to) != 0) status = 1;
    if (from != NULL) store_close(from);
    free(path);
    return status;
}

/* The newest experiment: whether its trials have all run. */
static bool newest_finished(sqlite3 *db, int64_t *id) {
    *id = sql_one_integer(db, "SELECT max(id) FROM experiment WHERE finished_at IS NOT NULL", 0, 0);
    return *id > 0 && *id == sql_one_integer(db, "SELECT max(id) FROM experiment", 0, 0);
}

/* Notes the run, and writes its report, in which the predictions stand. */
static int settle(const struct desk *desk, const struct prediction *prediction, int64_t before) {
    int64_t id;
    sqlite3 *db = store_open(desk->database);
    if (db == NULL) return 1;
    int status = newest_finished(db, &id) && id > before ? 0 : 1;
    if (status == 0 && notebook_ran(db, &desk->lab, id, prediction, desk->options->recorded) != 0)
        status = 1;
    if (status == 0 && desk->options->recorded) {
        printf("The recorded run is now yours:\n");
        if (table_print(db, id, stdout) != 0 || prediction_print(db, id, stdout) != 0) status = 1;
    }
    fflush(stdout);
    if (status == 0) page_write(db, id, desk->folder, CHART_SVG);
    if (store_close(db) != 0) status = 1;
    return status;
}

/* What the student wants to know first: how far off the predictions were, and whether the run will do. */
static void tell_outcome(const struct desk *desk) {
    struct grading grading = {0};
    if (grade(&grading, &desk->lab, desk->folder) == 0) {
        grading_print_guesses(&grading, &desk->lab, stdout);
        grading_print_obstacles(&grading, stdout);
    }
    grading_free(&grading);
}

/* The form that is to be filled in; one that is there stays. */
static int leave_form(const struct desk *desk, const char *student) {
    if (access(desk->answers, F_OK) == 0) return 0;
    return answers_write(&desk->lab, student, NULL, desk->answers) == 0 ? 0 : 1;
}

static int check_run(const struct desk *desk) {
    const struct lab_options *o = desk->options;
    if (o->recorded && o->mode != NULL) {
        log_error("--recorded takes a run that was made: leave out --mode or --recorded");
        return EXIT_USAGE;
    }
    if (!o->recorded && !desk->lab.models && strcmp(mode_of(desk), "live") != 0) {
        log_error("lab %d cannot be simulated: run it without --mode, or with --recorded",
                  desk->lab.number);
        return EXIT_USAGE;
    }
    return 0;
}

int lab_run(const struct desk *desk) {
    struct prediction prediction = {0};
    int64_t before = 0;
    int status = check_run(desk);
    if (status != 0) return status;
    sqlite3 *db = desk_look(desk);
    bool predicted = db != NULL && notebook_prediction(db, 0, &prediction);
    int runs = db == NULL ? 0 : desk_count(db, "lab_run");
    if (db != NULL) before = sql_one_integer(db, "SELECT max(id) FROM experiment", 0, 0);
    if (db != NULL) store_close(db);
    if (!predicted) {
        char *command = lab_command(&desk->lab, "predict");
        log_error("first say what you expect: `%s`", command);
        free(command);
        return 1;
    }
    const char *place = hint_results(desk->folder);
    status = desk->options->recorded ? take_recorded(desk) : measure(desk);
    int noted = status > 1 ? status : settle(desk, &prediction, before);
    if (status == 0) status = noted;
    if (noted == 0 && leave_form(desk, prediction.student) != 0) status = 1;
    hint_results(place);
    if (noted == 0 && runs > 0)
        printf("\nYou had run it before: from now on answers are graded by this run, so read its"
               " figures.\n");
    if (noted == 0) tell_outcome(desk);
    if (noted == 0) desk_say_next(desk);
    prediction_free(&prediction);
    return status;
}

/* --- explain ---------------------------------------------------------------------------------- */

/* Adds to what is already in the form. */
static void merge(struct answers *into, const struct answers *from) {
    for (int i = 0; i < into->count; i++) {
        if (from->texts[i] == NULL) continue;
        free(into->texts[i]);
        into->texts[i] = xstrdup(from->texts[i]);
    }
}

/* What is no answer is kept all the same: the student can mend it where it stands. */
static void warn_of_flaws(const struct desk *desk, const struct answers *answers) {
    for (int i = 0; i < desk->lab.question_count; i++) {
        const struct question *q = &desk->lab.questions[i];
        const char *flaw = answers->texts[i] == NULL ? NULL : answer_flaw(q, answers->texts[i]);
        if (flaw != NULL)
            log_warn("%s: %s = %s %s", desk->options->answers, q->name, answers->texts[i], flaw);
    }
}

static int explain_with(const struct desk *desk, const char *student) {
    struct answers kept = {0}, new = {0};
    int status = leave_form(desk, student);
    if (status == 0) status = answers_read(&kept, &desk->lab, desk->answers, false);
    if (status == 0) status = collect(desk, &new, false);
    if (status == 0 && new.texts != NULL) {
        warn_of_flaws(desk, &new);
        merge(&kept, &new);
    }
    if (status == 0 && desk->options->answers == NULL) {
        printf("Lab %d: %s\n(an empty line leaves a question as it is)\n", desk->lab.number,
               desk->lab.title);
        free(kept.student);
        kept.student = xstrdup(student);
        if (answers_ask(&kept, &desk->lab, false, stdin, stdout) != 0) printf("\n");
    }
    if (status == 0 && answers_write(&desk->lab, student, &kept, desk->answers) != 0) status = 1;
    if (status == 0) printf("\nKept in %s\n\nNext:\n", desk->answers);
    if (status == 0) desk_print_command(desk, "grade");
    answers_free(&kept);
    answers_free(&new);
    return status;
}

int lab_explain(const struct desk *desk) {
    struct prediction prediction = {0};
    sqlite3 *db = desk_look(desk);
    bool ran =
        db != NULL && desk_count(db, "lab_run") > 0 && notebook_prediction(db, 0, &prediction);
    if (db != NULL) store_close(db);
    char *first = lab_command(&desk->lab, desk_next(desk));
    if (!ran) log_error("there is nothing to explain yet: `%s` comes first", first);
    free(first);
    int status = ran ? explain_with(desk, prediction.student) : 1;
    prediction_free(&prediction);
    return status;
}

/* --- record ----------------------------------------------------------------------------------- */

static int tell_size(const char *path) {
    struct stat file;
    if (stat(path, &file) != 0 || file.st_size > RECORDED_MAX) {
        log_error("%s takes %lld bytes, more than %d: a lab needs fewer trials, or shorter ones",
                  path, (long long)file.st_size, RECORDED_MAX);
        return 1;
    }
    printf("%s: %lld bytes\n", path, (long long)file.st_size);
    return 0;
}

int lab_record(const struct desk *desk) {
    char *path = lab_file(&desk->lab, RECORDED);
    struct lab_run made = {0};
    int64_t id;
    sqlite3 *from = desk_look(desk), *to = NULL;
    int status = from != NULL && notebook_run(from, &made) && !made.recorded ? 0 : 1;
    if (status != 0)
        log_error("there is no run of one's own to record: `pushpull lab %d run`",
                  desk->lab.number);
    if (status == 0) unlink(path);
    if (status == 0) to = store_open(path);
    if (to == NULL || store_copy(from, made.experiment_id, to, COPY_REPORTS, &id) != 0 ||
        sql_execute(
            to, WITHOUT_PATHS
            "PRAGMA journal_mode = DELETE; DELETE FROM metric_kind; DELETE FROM interval_rank;"
            " PRAGMA page_size = 1024; VACUUM") != 0)
        status = 1;
    if (to != NULL && store_close(to) != 0) status = 1;
    if (from != NULL) store_close(from);
    if (status == 0) status = tell_size(path);
    lab_run_free(&made);
    free(path);
    return status;
}

/* `pushpull lab`: which labs there are, and the steps of one: predict, run, explain, grade. Everything of a lab lies in a
 * folder of its own, RESULTS/labs/NN-name, which is what a student hands in. */
#include "labs.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/options.h"
#include "chart/draw.h"
#include "lab/answers.h"
#include "lab/class.h"
#include "lab/grade.h"
#include "lab/lab.h"
#include "lab/notebook.h"
#include "page/page.h"
#include "report/table_print.h"
#include "run.h"
#include "scenario/strategies.h"
#include "store/copy.h"
#include "store/open.h"
#include "store/sql.h"
#include "system/directory.h"
#include "system/hint.h"
#include "system/human.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORDED "recorded.sqlite"
#define RECORDED_MAX 300000 /* bytes: what a repository bears, nine times */

/* A lab that is being done: what it is, and where its things lie. */
struct desk {
    const struct lab_options *options;
    struct lab lab;
    char *folder, *database, *answers;
};

static int count(sqlite3 *db, const char *table) {
    char *sql = xasprintf("SELECT count(*) FROM %s", table);
    int rows = sql_ask(db, sql);
    free(sql);
    return rows;
}

/* The lab's database as it is, or NULL where there is none yet. */
static sqlite3 *look(const struct desk *desk) {
    return access(desk->database, F_OK) == 0 ? store_open_to_read(desk->database) : NULL;
}

/* --- what there is, and what comes next ------------------------------------------------------- */

/* How far it is: the step that comes next. */
static const char *next_step(const struct desk *desk) {
    sqlite3 *db = look(desk);
    if (db == NULL) return "predict";
    const char *next = count(db, "lab_prediction") < 1 ? "predict"
                       : count(db, "lab_run") < 1      ? "run"
                                                       : "explain";
    store_close(db);
    return next;
}

static void print_command(const struct desk *desk, const char *step) {
    char number[12];
    struct buffer command = {0};
    snprintf(number, sizeof(number), "%d", desk->lab.number);
    hint_begin(&command, "lab");
    hint_argument(&command, number);
    hint_argument(&command, step);
    hint_end(&command);
    printf("  %s\n", command.data);
    buffer_free(&command);
}

static void say_next(const struct desk *desk) {
    const char *next = next_step(desk);
    printf("\nNext:\n");
    print_command(desk, next);
    if (strcmp(next, "run") == 0)
        printf("    (about %g minute%s; where it cannot be run: add %s--recorded)\n",
               desk->lab.minutes, plural(desk->lab.minutes),
               desk->lab.models ? "--mode simulated, or " : "");
    if (strcmp(next, "explain") != 0) return;
    printf("    (or write your answers into %s)\n", desk->answers);
    print_command(desk, "grade");
}

static int show_lab(const struct desk *desk) {
    printf("Lab %d: %s\n", desk->lab.number, desk->lab.title);
    human_wrap(stdout, 0, desk->lab.idea);
    printf("\nThe handout is %s/README.md\n", desk->lab.directory);
    say_next(desk);
    return 0;
}

static int open_desk(struct desk *desk, const char *directory, const char *word,
                     const struct lab_options *options) {
    *desk = (struct desk){.options = options};
    int status = lab_find(&desk->lab, directory, word);
    if (status != 0) return status;
    desk->folder = xasprintf("%s/labs/%s", options->results, desk->lab.name);
    desk->database = xasprintf("%s/" LAB_DATABASE, desk->folder);
    desk->answers = xasprintf("%s/" LAB_ANSWERS, desk->folder);
    return 0;
}

static void close_desk(struct desk *desk) {
    lab_free(&desk->lab);
    free(desk->folder);
    free(desk->database);
    free(desk->answers);
}

static int list_labs(const char *directory, const struct lab_options *options) {
    char **names = labs_list(directory);
    int status = 0;
    for (int i = 0; names[i] != NULL; i++) {
        struct desk desk;
        if (open_desk(&desk, directory, names[i], options) == 0)
            printf("%2d  %-32s next: %s\n", desk.lab.number, desk.lab.title, next_step(&desk));
        else
            status = 1;
        close_desk(&desk);
        free(names[i]);
    }
    free(names);
    printf("\n`%s` says more of lab 1; %s/README.md, of all.\n", hint("lab", "1"), directory);
    return status;
}

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
        printf(
            "\nKept at %s, for %s; its digest is %.12s. It stands in your charts as a diamond.\n",
            kept.made_at, kept.student, kept.sha256);
        prediction_free(&kept);
    }
    if (db != NULL && store_close(db) != 0) status = 1;
    if (status == 0) say_next(desk);
    return status;
}

static int predict(const struct desk *desk) {
    struct answers answers = {0};
    sqlite3 *db = look(desk);
    int runs = db == NULL ? 0 : count(db, "experiment");
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
        printf("Lab %d: %s\n\n", desk->lab.number, desk->lab.title);
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
        to != NULL && store_copy(from, sql_experiment(from, 0), to, true, &id) == 0 ? 0 : 1;
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
        if (table_print(db, id, stdout) != 0) status = 1;
    }
    fflush(stdout);
    if (status == 0) page_write(db, id, desk->folder, CHART_SVG);
    if (store_close(db) != 0) status = 1;
    return status;
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

static int run(const struct desk *desk) {
    struct prediction prediction = {0};
    int64_t before = 0;
    int status = check_run(desk);
    if (status != 0) return status;
    sqlite3 *db = look(desk);
    bool predicted = db != NULL && notebook_prediction(db, 0, &prediction);
    if (db != NULL) before = sql_one_integer(db, "SELECT max(id) FROM experiment", 0, 0);
    if (db != NULL) store_close(db);
    if (!predicted) {
        log_error("first say what you expect: `pushpull lab %d predict`", desk->lab.number);
        return 1;
    }
    const char *place = hint_results(desk->folder);
    status = desk->options->recorded ? take_recorded(desk) : measure(desk);
    int noted = status > 1 ? status : settle(desk, &prediction, before);
    if (status == 0) status = noted;
    if (noted == 0 && leave_form(desk, prediction.student) != 0) status = 1;
    hint_results(place);
    if (noted == 0) say_next(desk);
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

static int explain_with(const struct desk *desk, const char *student) {
    struct answers kept = {0}, new = {0};
    int status = leave_form(desk, student);
    if (status == 0) status = answers_read(&kept, &desk->lab, desk->answers, false);
    if (status == 0) status = collect(desk, &new, false);
    if (status == 0 && new.texts != NULL) merge(&kept, &new);
    if (status == 0 && desk->options->answers == NULL) {
        printf("Lab %d: %s\n(an empty line leaves a question as it is)\n", desk->lab.number,
               desk->lab.title);
        free(kept.student);
        kept.student = xstrdup(student);
        if (answers_ask(&kept, &desk->lab, false, stdin, stdout) != 0) printf("\n");
    }
    if (status == 0 && answers_write(&desk->lab, student, &kept, desk->answers) != 0) status = 1;
    if (status == 0) printf("\nKept in %s\n\nNext:\n", desk->answers);
    if (status == 0) print_command(desk, "grade");
    answers_free(&kept);
    answers_free(&new);
    return status;
}

static int explain(const struct desk *desk) {
    struct prediction prediction = {0};
    sqlite3 *db = look(desk);
    bool ran = db != NULL && count(db, "lab_run") > 0 && notebook_prediction(db, 0, &prediction);
    if (db != NULL) store_close(db);
    if (!ran)
        log_error("there is nothing to explain yet: `pushpull lab %d %s` comes first",
                  desk->lab.number, next_step(desk));
    int status = ran ? explain_with(desk, prediction.student) : 1;
    prediction_free(&prediction);
    return status;
}

/* --- grade ------------------------------------------------------------------------------------ */

static int grade_one(const struct desk *desk) {
    const struct lab_options *o = desk->options;
    struct grading grading;
    const char *folder = o->folder_count > 0 ? o->folders[0] : desk->folder;
    if (access(folder, F_OK) != 0) {
        log_error("there is no folder %s: `pushpull lab %d predict` begins it", folder,
                  desk->lab.number);
        return 1;
    }
    int status = grade(&grading, &desk->lab, folder);
    if (status == 0 && strcmp(o->format, "gradescope") == 0)
        grading_print_gradescope(&grading, &desk->lab, stdout);
    else if (status == 0)
        grading_print(&grading, &desk->lab, stdout);
    if (status == 0 && grading.points < grading.of) status = 1;
    grading_free(&grading);
    return status;
}

static int tell_class(const struct class *class, const struct lab_options *o) {
    int status = class->unreadable > 0 ? 1 : 0;
    if (o->csv != NULL) {
        size_t stem = strlen(o->csv);
        if (stem > 4 && strcmp(o->csv + stem - 4, ".csv") == 0) stem -= 4;
        char *chart = xasprintf("%.*s.svg", (int)stem, o->csv);
        if (class_write_csv(class, o->csv) != 0 || class_draw(class, chart) != 0) status = 1;
        free(chart);
    }
    class_print(class, stdout);
    return status;
}

static int grade_class(const struct desk *desk) {
    const struct lab_options *o = desk->options;
    struct class class;
    char **folders = class_folders(o->all);
    int status = class_grade(&class, &desk->lab, folders);
    if (status == 0)
        status = tell_class(&class, o);
    else
        log_error("%s has no hand-in: a folder per student, each with %s and %s", o->all,
                  LAB_DATABASE, LAB_ANSWERS);
    class_free(&class);
    for (int i = 0; folders[i] != NULL; i++) free(folders[i]);
    free(folders);
    return status;
}

static int grade_step(const struct desk *desk) {
    return desk->options->all != NULL ? grade_class(desk) : grade_one(desk);
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

/* Makes the lab's run the one that it brings along. For whoever writes labs. */
static int record(const struct desk *desk) {
    char *path = lab_file(&desk->lab, RECORDED);
    struct lab_run made = {0};
    int64_t id;
    sqlite3 *from = look(desk), *to = NULL;
    int status = from != NULL && notebook_run(from, &made) && !made.recorded ? 0 : 1;
    if (status != 0)
        log_error("there is no run of one's own to record: `pushpull lab %d run`",
                  desk->lab.number);
    if (status == 0) unlink(path);
    if (status == 0) to = store_open(path);
    if (to == NULL || store_copy(from, made.experiment_id, to, false, &id) != 0 ||
        sql_execute(to, "PRAGMA journal_mode = DELETE; PRAGMA page_size = 1024; VACUUM") != 0)
        status = 1;
    if (to != NULL && store_close(to) != 0) status = 1;
    if (from != NULL) store_close(from);
    if (status == 0) status = tell_size(path);
    lab_run_free(&made);
    free(path);
    return status;
}

/* --- the command ------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    int (*take)(const struct desk *);
} steps[] = {
    {"predict", predict},  {"run", run},       {"explain", explain},
    {"grade", grade_step}, {"record", record},
};
#define STEP_COUNT ((int)(sizeof(steps) / sizeof(steps[0])))

/* What was given, and to no step that takes it; NULL: nothing. */
static const char *misplaced(const struct lab_options *o) {
    const char *step = o->step == NULL ? "" : o->step;
    bool asks = strcmp(step, "predict") == 0 || strcmp(step, "explain") == 0;
    bool grades = strcmp(step, "grade") == 0, runs = strcmp(step, "run") == 0;
    if (o->answers != NULL && !asks) return "--answers is of predict and explain";
    if (o->student != NULL && strcmp(step, "predict") != 0) return "--student is of predict";
    if ((o->recorded || o->mode != NULL) && !runs) return "--recorded and --mode are of run";
    if ((o->all != NULL || strcmp(o->format, "text") != 0) && !grades)
        return "--all and --format are of grade";
    if (o->csv != NULL && o->all == NULL) return "--csv goes with --all";
    if (o->folder_count > 0 && (!grades || o->all != NULL))
        return "a folder is for grade alone, without --all";
    return NULL;
}

static int take_step(const struct desk *desk) {
    const char *names[STEP_COUNT], *step = desk->options->step;
    const char *wrong = misplaced(desk->options);
    if (wrong != NULL) {
        log_error("%s: see `pushpull help lab`", wrong);
        return EXIT_USAGE;
    }
    if (step == NULL) return show_lab(desk);
    for (int i = 0; i < STEP_COUNT; i++) {
        names[i] = steps[i].name;
        if (strcmp(step, steps[i].name) == 0) return steps[i].take(desk);
    }
    const char *near = options_nearest(step, names, STEP_COUNT);
    log_error("a lab has no step %s%s%s: it has predict, run, explain and grade", step,
              near == NULL ? "" : "; did you mean ", near == NULL ? "" : near);
    return EXIT_USAGE;
}

/* `lab grade --all DIR`: the hand-ins say which lab. The caller frees it. */
static char *lab_of_class(const struct lab_options *options) {
    char **folders = class_folders(options->all), *name = NULL;
    for (int i = 0; folders[i] != NULL; i++) {
        if (name == NULL) name = graded_lab(folders[i]);
        free(folders[i]);
    }
    free(folders);
    if (name == NULL)
        log_error("no hand-in in %s says which lab it is: `pushpull lab N grade --all %s`",
                  options->all, options->all);
    return name;
}

int labs_take(const struct lab_options *given) {
    struct lab_options options = *given;
    struct desk desk = {0};
    char *directory = labs_directory(), *word = NULL;
    if (directory == NULL) return 1;
    int status = 0;
    if (options.lab != NULL && strcmp(options.lab, "grade") == 0 && options.all != NULL) {
        word = lab_of_class(&options);
        options.step = options.lab;
        options.lab = word;
        status = word == NULL ? EXIT_USAGE : 0;
    }
    if (status == 0 && options.lab == NULL)
        status = list_labs(directory, &options);
    else if (status == 0) {
        status = open_desk(&desk, directory, options.lab, &options);
        if (status == 0) status = take_step(&desk);
        close_desk(&desk);
    }
    free(word);
    free(directory);
    return status;
}

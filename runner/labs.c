/* `pushpull lab`: which labs there are, the steps of one, grading. Everything of a lab lies in a folder of its own,
 * RESULTS/labs/NN-name, which is what a student hands in. */
#include "labs.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/options.h"
#include "desk.h"
#include "lab/class.h"
#include "lab/grade.h"
#include "lab_steps.h"
#include "system/hint.h"
#include "system/human.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- what there is, and what comes next ------------------------------------------------------- */

static int show_lab(const struct desk *desk) {
    printf("Lab %d: %s\n", desk->lab.number, desk->lab.title);
    printf("\nThe handout is %s/README.md\n", desk->lab.directory);
    desk_say_next(desk);
    return 0;
}

static int list_labs(const char *directory, const struct lab_options *options) {
    char **names = labs_list(directory);
    int status = 0;
    for (int i = 0; names[i] != NULL; i++) {
        struct desk desk;
        if (desk_open(&desk, directory, names[i], options) == 0)
            printf("%2d  %-32s next: %s\n", desk.lab.number, desk.lab.title, desk_next(&desk));
        else
            status = 1;
        desk_close(&desk);
        free(names[i]);
    }
    free(names);
    char *first = hint("lab", "1");
    printf("\n`%s` says more of lab 1; %s/README.md, of all.\n", first, directory);
    free(first);
    return status;
}

/* --- grade ------------------------------------------------------------------------------------ */

static int grade_one(const struct desk *desk) {
    const struct lab_options *o = desk->options;
    struct grading grading;
    const char *folder = o->folder_count > 0 ? o->folders[0] : desk->folder;
    if (access(folder, F_OK) != 0) {
        char *command = lab_command(&desk->lab, "predict");
        log_error("there is no folder %s: `%s` begins it", folder, command);
        free(command);
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

/* --- the command ------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    int (*take)(const struct desk *);
} steps[] = {
    {"predict", lab_predict}, {"run", lab_run},       {"explain", lab_explain},
    {"grade", grade_step},    {"record", lab_record},
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
    char **folders = class_folders(options->all), *name = NULL, *other = NULL;
    for (int i = 0; folders[i] != NULL; i++) {
        char *own = graded_lab(folders[i]);
        if (name == NULL)
            name = own;
        else if (own != NULL && other == NULL && strcmp(own, name) != 0)
            other = own;
        else
            free(own);
        free(folders[i]);
    }
    free(folders);
    if (name == NULL || other != NULL)
        log_error("%s %s: say which, `pushpull lab N grade --all %s`", options->all,
                  name == NULL ? "has no hand-in that says which lab it is"
                               : "has hand-ins of several labs",
                  options->all);
    if (other != NULL) {
        free(name);
        name = NULL;
    }
    free(other);
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
        status = desk_open(&desk, directory, options.lab, &options);
        if (status == 0) status = take_step(&desk);
        desk_close(&desk);
    }
    free(word);
    free(directory);
    return status;
}

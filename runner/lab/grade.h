/* Grading what a student hands in for a lab: a folder with the database of the lab and answers.ini. */
#ifndef PUSHPULL_GRADE_H
#define PUSHPULL_GRADE_H

#include "lab/lab.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#define LAB_DATABASE "pushpull.sqlite"
#define LAB_ANSWERS "answers.ini"

/* One line of what comes out. */
struct mark {
    char *name; /* of the question; "prediction", "experiment" */
    int points, of;
    char *says; /* to the student: what was right, or a hint */
    double
        right; /* of a number: what is right by the student's run; NAN: there is none, or it is not known */
    char *obstacle; /* why it cannot be graded by this run; NULL: it can */
    bool free_text; /* kept for a person: `says` is the answer */
};

/* What was predicted, beside what came out. */
struct guessed {
    char *name;
    double predicted, measured; /* in the question's unit; NAN: not known */
};

/* Zeroed is empty. */
struct grading {
    char *folder, *student; /* student: "" where nobody knows */
    char *source; /* of the run: "live", "simulated", "both", "recorded"; "" without one */
    char *remark; /* for a person to look at; NULL: nothing */
    char *seal;   /* of the run, or NULL */
    struct mark *marks;
    int mark_count;
    struct guessed *guesses;
    int guess_count;
    int points, of;
};

/* The points that grading adds by itself: for the prediction, for the experiment. */
#define POINTS_BY_ITSELF 1

/* Grades the folder. What is missing in it costs points and is told; returns 0, or an exit status after a line on
 * stderr when something cannot be read. Free it in either case. */
int grade(struct grading *, const struct lab *, const char *folder);
void grading_free(struct grading *);

/* Prints it for a terminal: OK and FAIL, hints, the score. */
void grading_print(const struct grading *, const struct lab *, FILE *);
/* Prints what was predicted beside what came out. */
void grading_print_guesses(const struct grading *, const struct lab *, FILE *);
/* Says which questions cannot be graded by this run, and why; nothing where all can. */
void grading_print_obstacles(const struct grading *, FILE *);
/* The same as Gradescope takes it (its "results.json"). */
void grading_print_gradescope(const struct grading *, const struct lab *, FILE *);

/* The lab whose notebook lies in a folder: its name, or NULL. The caller frees it. */
char *graded_lab(const char *folder);

#endif

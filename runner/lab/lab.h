/* A lab: a folder labs/NN-name/ with a scenario, a handout, and lab.ini, which has its questions and what is right.
 * labs/README.md says how that file is written. */
#ifndef PUSHPULL_LAB_H
#define PUSHPULL_LAB_H

#include "scenario/plan.h"

#include <stdbool.h>

enum question_kind { PREDICT, READ, WHAT_IF, CHOICE, FREE_TEXT, QUESTION_KIND_COUNT };
extern const char *const question_kinds[]; /* as sections begin: "predict", ... */

#define CHOICES_MAX 6

struct question {
    enum question_kind kind;
    char *name, *ask;
    char *unit; /* of a number; "": none */
    char *answer,
        *where; /* expressions (expect/figure.h). Of PREDICT: what it is a prediction of, or NULL */
    double within; /* a share: how far from it is right */
    int points;
    char *hint;
    char *choices[CHOICES_MAX]; /* of CHOICE: the right one first */
    int choice_count;
};

/* Zeroed is empty. */
struct lab {
    int number;
    char *name;      /* of the folder: "01-half-the-interval" */
    char *directory; /* where that is */
    char *title, *idea;
    double minutes; /* of machine time */
    enum mode mode; /* of its run, live or both */
    bool models;    /* it can be run in virtual time alone */
    struct question *questions;
    int question_count;
};

/* Where labs are, or NULL after a line on stderr. The caller frees it. */
char *labs_directory(void);
/* The folders of labs in it, in the order of their numbers; NULL ends the list. The caller frees all. */
char **labs_list(const char *directory);

/* Finds and reads the lab that a word names: its number ("2", "02") or its folder. Returns 0, or EXIT_USAGE after a line
 * on stderr. Free it in either case. */
int lab_find(struct lab *, const char *directory, const char *word);
/* Reads the text of a lab.ini, for messages at `path`. Returns the same. */
int lab_read(struct lab *, const char *path, const char *text);
void lab_free(struct lab *);

/* A step of it as a command to be pasted. The caller frees it. */
char *lab_command(const struct lab *, const char *step);
/* A file of the lab. The caller frees it. */
char *lab_file(const struct lab *, const char *name);
/* The question of this name that is asked before the run (`predict`) or after it, or NULL. */
const struct question *lab_question(const struct lab *, const char *name, bool predict);
/* How many are asked then. */
int lab_count(const struct lab *, bool predict);

/* The order in which a student sees the choices of a question: order[0] is what stands at the letter a. */
void question_order(const struct question *, const char *student, int order[CHOICES_MAX]);

#endif

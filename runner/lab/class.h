/* A class: what all of its students have handed in for one lab, a folder each. */
#ifndef PUSHPULL_CLASS_H
#define PUSHPULL_CLASS_H

#include "lab/grade.h"
#include "lab/lab.h"

#include <stdio.h>

/* Zeroed is empty. */
struct class {
    const struct lab *lab;
    struct grading *gradings;
    int count;
    int unreadable; /* hand-ins that could not be graded, each after a line on stderr */
};

/* The folders of hand-ins in a directory: those that hold a lab's database or answers.ini, at most four levels deep,
 * by name. NULL ends the list; the caller frees all. */
char **class_folders(const char *directory);

/* Grades those that are not of another lab. Returns 0, or an exit status after a line on stderr: none is there. Free it in either case. */
int class_grade(struct class *, const struct lab *, char *const *folders);
void class_free(struct class *);

/* A row per hand-in: who, what, the score, the points of each question, free words. Returns 0, or -1 after a line on
 * stderr. */
int class_write_csv(const struct class *, const char *path);
/* What an instructor wants to know before the next lecture: scores, where points were lost, where the predictions lay. */
void class_print(const struct class *, FILE *);
/* The same of the predictions as a chart. Returns 0, or -1 after a line on stderr; without gnuplot a line says so. */
int class_draw(const struct class *, const char *path);

#endif

/* What a student answers: asked on a terminal, or read from an INI file that he can edit as well.
 *
 *     [student]
 *     id = ann
 *     [predict]
 *     latency_1000 = 500
 *     [explain]
 *     whence = b
 */
#ifndef PUSHPULL_ANSWERS_H
#define PUSHPULL_ANSWERS_H

#include "lab/lab.h"
#include "system/ini_text.h"

#include <stdbool.h>
#include <stdio.h>

#define STUDENT_MAX 64 /* bytes of a student's id */

/* Zeroed is empty: a text per question, NULL where there is none. */
struct answers {
    char *student;
    char **texts; /* in the order of the lab's questions */
    int count;
};

/* Reads the file's [student], and its [predict] (`predict`) or [explain]. Returns 0, or EXIT_USAGE after a line on
 * stderr. Free it in either case. */
int answers_read(struct answers *, const struct lab *, const char *path, bool predict);
void answers_free(struct answers *);

/* Writes the file with all that is to be explained, and what is answered of it: as a form to be edited. `answers`:
 * NULL: none are. Returns 0, or -1 after a line on stderr. */
int answers_write(const struct lab *, const char *student, const struct answers *,
                  const char *path);

/* Asks on a terminal, one question after the other, until each answer is of use; an empty line keeps what is there
 * (predictions must be given). Returns 0, or -1 when the input has ended. */
int answers_ask(struct answers *, const struct lab *, bool predict, FILE *in, FILE *out);
/* Asks for the student's id. The same. */
int answers_ask_student(struct answers *, FILE *in, FILE *out);

/* What is wrong with an answer to this question, as half a sentence ("is not a number of ms, like 12.5"), valid until the
 * next call; or NULL. Whether it is right is
 * another matter. */
const char *answer_flaw(const struct question *, const char *text);
/* A number with the question's unit behind it, or without; NAN when it is none. */
double answer_number(const struct question *, const char *text);
/* The choice that a letter stands for, for this student: 0 is the right one; -1: there is no such letter. */
int answer_choice(const struct question *, const char *student, const char *text);

/* What is wrong with a student's id, or NULL. */
const char *student_flaw(const char *id);

#endif

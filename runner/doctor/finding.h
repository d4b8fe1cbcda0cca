/* What one check found: a grade, what was looked at with its figure, and where the grade is not `ok` what that
 * means and what to do. */
#ifndef PUSHPULL_FINDING_H
#define PUSHPULL_FINDING_H

enum grade {
    GRADE_OK,
    GRADE_NOTE, /* a run works, and a figure or a part of the report suffers */
    GRADE_BAD,  /* a run fails */
};

struct finding {
    enum grade grade;
    char *seen;   /* "20000 files"; NULL: there is nothing to tell */
    char *advice; /* one sentence for a beginner; NULL when all is well */
};

/* Each replaces what it says. */
void finding_saw(struct finding *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void finding_note(struct finding *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void finding_bad(struct finding *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A note: this file, which has the figure, cannot be read. */
void finding_unread(struct finding *, const char *path);

void finding_free(struct finding *);

#endif

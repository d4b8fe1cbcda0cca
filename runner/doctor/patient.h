/* What is examined: this machine, and where a run would find and put its things. */
#ifndef PUSHPULL_PATIENT_H
#define PUSHPULL_PATIENT_H

struct patient {
    const char *root;     /* where /proc and /sys are: "", but a directory in tests */
    const char *programs; /* the directory of servers and clients */
    const char *results, *database;
};

/* The first line of a file of /proc or /sys, or NULL. The caller frees it. */
char *patient_line(const struct patient *, const char *path);

#endif

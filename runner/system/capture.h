/* The output of a short command, for questions that are asked once. */
#ifndef PUSHPULL_CAPTURE_H
#define PUSHPULL_CAPTURE_H

#include <stdbool.h>

/* Runs argv (found along PATH unless it holds a slash), waits for it and returns what it wrote to
 * stdout, or NULL when it could not be run or did not exit with 0. After `seconds` it is killed: then
 * it is NULL after a line on stderr, and errno is ETIMEDOUT. Its stderr goes to ours, or nowhere when
 * `quietly`. The caller frees the text. */
char *capture(char *const argv[], bool quietly, int seconds);

/* The same for a command that says on stderr what is amiss: returns that, however it ended, and nothing of its
 * stdout. Sets *good: it exited with 0. The caller frees the text. */
char *capture_complaint(char *const argv[], int seconds, bool *good);

#endif

/* The desk of a lab: where a student's things of it lie, and how far he has come. For the files of this room alone. */
#ifndef PUSHPULL_DESK_H
#define PUSHPULL_DESK_H

#include "lab/lab.h"
#include "lab_options.h"

#include <sqlite3.h>

/* A lab that is being done: what it is, and where its things lie. */
struct desk {
    const struct lab_options *options;
    struct lab lab;
    char *folder, *database, *answers;
};

/* Opens the desk of the lab that a word names. Returns 0, or EXIT_USAGE after a line on stderr. Close it in either
 * case. */
int desk_open(struct desk *, const char *labs_directory, const char *word,
              const struct lab_options *);
void desk_close(struct desk *);

/* The lab's database, to read, or NULL where there is none yet. */
sqlite3 *desk_look(const struct desk *);
/* How many rows a table of it has. */
int desk_count(sqlite3 *, const char *table);

/* The step that comes next: "predict", "run", "explain" or "grade"; or "done". */
const char *desk_next(const struct desk *);
/* Prints it as a command, with what else one can do; and the command of one step. */
void desk_say_next(const struct desk *);
void desk_print_command(const struct desk *, const char *step);

#endif

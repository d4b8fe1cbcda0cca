/* What a scenario tells people: its title, the comment that opens it, and how to run it again. All
 * from the scenario's text and the command line's overrides (JSON, see schema.sql), which the database
 * keeps with every experiment. */
#ifndef PUSHPULL_STORY_H
#define PUSHPULL_STORY_H

#include "base/memory.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* What an experiment's [scenario] says of a key, or NULL. The caller frees it. */
char *story_setting(sqlite3 *, int64_t experiment_id, const char *key);

/* The title of an experiment, or NULL. The caller frees it. */
char *story_title(const char *scenario_text, const char *overrides);

/* A paragraph of the opening comment. In "; Question   Which way ..." the label is "Question"; a
 * paragraph without one has the label NULL. Lines are joined but for commands, which keep theirs. */
struct story_paragraph {
    char *label, *text;
    bool commands; /* the text is commands, one per line */
};

/* Reads the next paragraph; start with *cursor at the scenario's text. Returns 1, or 0 after the
 * last one. Free each. */
int story_next(const char **cursor, struct story_paragraph *);
void story_paragraph_free(struct story_paragraph *);

/* Adds the scenario as `pushpull run` takes it: a name in scenarios/, or a path ("./mine.ini"). */
void story_add_scenario(struct buffer *command, const char *argument);

/* Adds "--set subscribers=10 --only sse --mode both": the overrides as `pushpull run` takes them. */
void story_add_overrides(struct buffer *command, const char *overrides);

/* "build/pushpull run quick --set subscribers=10": runs the whole experiment again. */
char *story_command(sqlite3 *, int64_t experiment_id);

/* The same for one cell, once: `strategy` and `parameters` as in the table trial. */
char *story_trial_command(sqlite3 *, int64_t experiment_id, const char *strategy,
                          const char *parameters);

#endif

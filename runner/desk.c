/* Where the things of a lab lie. See desk.h. */
#include "desk.h"

#include "base/memory.h"
#include "lab/answers.h"
#include "lab/grade.h"
#include "store/open.h"
#include "store/sql.h"
#include "system/human.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int desk_open(struct desk *desk, const char *directory, const char *word,
              const struct lab_options *options) {
    *desk = (struct desk){.options = options};
    int status = lab_find(&desk->lab, directory, word);
    if (status != 0) return status;
    desk->folder = xasprintf("%s/labs/%s", options->results, desk->lab.name);
    desk->database = xasprintf("%s/" LAB_DATABASE, desk->folder);
    desk->answers = xasprintf("%s/" LAB_ANSWERS, desk->folder);
    return 0;
}

void desk_close(struct desk *desk) {
    lab_free(&desk->lab);
    free(desk->folder);
    free(desk->database);
    free(desk->answers);
}

int desk_count(sqlite3 *db, const char *table) {
    char *sql = xasprintf("SELECT count(*) FROM %s", table);
    int rows = sql_ask(db, sql);
    free(sql);
    return rows;
}

sqlite3 *desk_look(const struct desk *desk) {
    return access(desk->database, F_OK) == 0 ? store_open_to_read(desk->database) : NULL;
}

/* After the run: what is left of the explanation. */
static const char *next_after_run(const struct desk *desk) {
    struct answers answers = {0};
    struct grading grading = {0};
    const char *next = "grade";
    if (access(desk->answers, F_OK) != 0 ||
        answers_read(&answers, &desk->lab, desk->answers, false) != 0)
        next = "explain";
    for (int i = 0; i < answers.count; i++)
        if (desk->lab.questions[i].kind != PREDICT && answers.texts[i] == NULL) next = "explain";
    answers_free(&answers);
    if (strcmp(next, "grade") == 0 && grade(&grading, &desk->lab, desk->folder) == 0 &&
        grading.points == grading.of)
        next = "done";
    grading_free(&grading);
    return next;
}

const char *desk_next(const struct desk *desk) {
    sqlite3 *db = desk_look(desk);
    if (db == NULL) return "predict";
    bool predicted = desk_count(db, "lab_prediction") > 0, ran = desk_count(db, "lab_run") > 0;
    store_close(db);
    return ran ? next_after_run(desk) : predicted ? "run" : "predict";
}

void desk_print_command(const struct desk *desk, const char *step) {
    char *command = lab_command(&desk->lab, step);
    printf("  %s\n", command);
    free(command);
}

void desk_say_next(const struct desk *desk) {
    const char *next = desk_next(desk);
    if (strcmp(next, "done") == 0) {
        printf("\nIt is done, with the full score.\n");
        return;
    }
    printf("\nNext:\n");
    desk_print_command(desk, next);
    if (strcmp(next, "run") == 0)
        printf("    (about %g minute%s; where it cannot be run: add %s--recorded)\n",
               desk->lab.minutes, plural(desk->lab.minutes),
               desk->lab.models ? "--mode simulated, or " : "");
    if (strcmp(next, "explain") != 0) return;
    printf("    (or write your answers into %s)\n", desk->answers);
    desk_print_command(desk, "grade");
}

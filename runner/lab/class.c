/* A class's hand-ins: finding and grading them, and what comes out in rows and sentences. See class.h. */
#include "lab/class.h"

#include "base/log.h"
#include "base/median.h"
#include "base/memory.h"
#include "base/options.h"
#include "system/file.h"
#include "system/human.h"

#include <dirent.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEVELS 4 /* of folders: a student may hand in the whole of his results/ */

/* --- finding ---------------------------------------------------------------------------------- */

struct folders {
    char **paths;
    int count;
};

static bool has(const char *folder, const char *name) {
    char *path = xasprintf("%s/%s", folder, name);
    bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

/* Adds the folder when it is a hand-in, or those in it. */
static void look_into(struct folders *found, const char *folder, int levels) {
    if (has(folder, LAB_DATABASE) || has(folder, LAB_ANSWERS)) {
        found->paths = xgrow(found->paths, (size_t)found->count, sizeof(*found->paths));
        found->paths[found->count++] = xstrdup(folder);
        return;
    }
    DIR *directory = levels == 0 ? NULL : opendir(folder);
    if (directory == NULL) return;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char *path = xasprintf("%s/%s", folder, entry->d_name);
        struct stat status;
        if (entry->d_name[0] != '.' && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
            look_into(found, path, levels - 1);
        free(path);
    }
    closedir(directory);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char **class_folders(const char *directory) {
    struct folders found = {0};
    look_into(&found, directory, LEVELS);
    if (found.count > 0) qsort(found.paths, (size_t)found.count, sizeof(*found.paths), by_name);
    found.paths = xgrow(found.paths, (size_t)found.count, sizeof(*found.paths));
    found.paths[found.count] = NULL;
    return found.paths;
}

/* --- grading ---------------------------------------------------------------------------------- */

/* A student may hand in several labs. */
static bool is_of_another(const char *folder, const struct lab *lab) {
    char *name = graded_lab(folder);
    bool other = name != NULL && strcmp(name, lab->name) != 0;
    free(name);
    return other;
}

int class_grade(struct class *class, const struct lab *lab, char *const *folders) {
    *class = (struct class){.lab = lab};
    for (int i = 0; folders[i] != NULL; i++) {
        if (is_of_another(folders[i], lab)) continue;
        class->gradings = xgrow(class->gradings, (size_t) class->count, sizeof(*class->gradings));
        if (grade(&class->gradings[class->count], lab, folders[i]) == 0)
            class->count++;
        else {
            log_warn("%s could not be graded", folders[i]);
            grading_free(&class->gradings[class->count]);
            class->unreadable++;
        }
    }
    return class->count > 0 ? 0 : 1;
}

void class_free(struct class *class) {
    for (int i = 0; i < class->count; i++) grading_free(&class->gradings[i]);
    free(class->gradings);
    *class = (struct class){0};
}

/* Another hand-in with the same run; NULL: there is none. The recorded run is everybody's. */
static const struct grading *same_run(const struct class *class, const struct grading *g) {
    if (g->seal == NULL || strcmp(g->source, "recorded") == 0) return NULL;
    for (int i = 0; i < class->count; i++) {
        const struct grading *other = &class->gradings[i];
        if (other != g && other->seal != NULL && strcmp(other->seal, g->seal) == 0) return other;
    }
    return NULL;
}

/* --- rows ------------------------------------------------------------------------------------- */

static void add_cell(struct buffer *out, const char *text) {
    if (strpbrk(text, ",\"\n\r") == NULL && strchr("=+-@", *text) == NULL) {
        buffer_printf(out, "%s", text);
        return;
    }
    buffer_printf(out, "\"");
    if (*text != '\0' && strchr("=+-@", *text) != NULL)
        buffer_printf(out, "'"); /* to a spreadsheet it would be a formula */
    for (; *text != '\0'; text++) buffer_printf(out, *text == '"' ? "\"\"" : "%c", *text);
    buffer_printf(out, "\"");
}

static void add_row(struct buffer *out, const struct class *class, const struct grading *g) {
    const struct grading *same = same_run(class, g);
    char *remark =
        xasprintf("%s%s%s%s", g->remark == NULL ? "" : g->remark,
                  g->remark != NULL && same != NULL ? "; " : "",
                  same == NULL ? "" : "the same run as ", same == NULL ? "" : same->folder);
    const char *const cells[] = {g->folder, g->student, g->source};
    for (int i = 0; i < 3; i++) {
        add_cell(out, cells[i]);
        buffer_printf(out, ",");
    }
    buffer_printf(out, "%d,%d", g->points, g->of);
    for (int i = 0; i < g->mark_count; i++) {
        buffer_printf(out, ",");
        if (g->marks[i].free_text)
            add_cell(out, g->marks[i].says);
        else
            buffer_printf(out, "%d", g->marks[i].points);
    }
    buffer_printf(out, ",");
    add_cell(out, remark);
    buffer_printf(out, "\n");
    free(remark);
}

int class_write_csv(const struct class *class, const char *path) {
    struct buffer out = {0};
    buffer_printf(&out, "folder,student,run,score,of");
    for (int i = 0; i < class->gradings[0].mark_count; i++)
        buffer_printf(&out, ",%s", class->gradings[0].marks[i].name);
    buffer_printf(&out, ",remark\n");
    for (int i = 0; i < class->count; i++) add_row(&out, class, &class->gradings[i]);
    int status = file_write(path, out.data, out.length);
    buffer_free(&out);
    return status;
}

/* --- sentences -------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* "median 500 ms, 20 to 1000": of the values that there are. Returns how many. */
static int print_spread(FILE *out, double *values, int count, const char *unit) {
    char middle[HUMAN_SIZE], low[HUMAN_SIZE], high[HUMAN_SIZE];
    int known = 0;
    for (int i = 0; i < count; i++)
        if (!isnan(values[i])) values[known++] = values[i];
    if (known == 0) return 0;
    qsort(values, (size_t)known, sizeof(*values), by_value);
    fprintf(out, "%s%s%s (%s to %s)", human_number(middle, median(values, known)),
            *unit == '\0' ? "" : " ", unit, human_number(low, values[0]),
            human_number(high, values[known - 1]));
    return known;
}

static void print_scores(const struct class *class, FILE *out) {
    double *scores = xcalloc((size_t) class->count, sizeof(*scores));
    for (int i = 0; i < class->count; i++) scores[i] = class->gradings[i].points;
    fprintf(out, "Lab %d: %s\n%d handed in. Score: ", class->lab->number, class->lab->title,
            class->count);
    print_spread(out, scores, class->count, "");
    fprintf(out, " of %d.\n", class->gradings[0].of);
    free(scores);
}

/* What was right, by everybody's own run. */
static void print_right(const struct class *class, int m, FILE *out) {
    double *right = xcalloc((size_t) class->count, sizeof(*right));
    bool known = false;
    for (int i = 0; i < class->count; i++) {
        right[i] = class->gradings[i].marks[m].right;
        known |= !isnan(right[i]);
    }
    const struct question *q = lab_question(class->lab, class->gradings[0].marks[m].name, false);
    if (known) fprintf(out, ": ");
    if (known) print_spread(out, right, class->count, q->unit);
    free(right);
}

static void print_marks(const struct class *class, FILE *out) {
    fprintf(out, "\nright  of  question: by their own runs (median, least to most)\n");
    for (int m = 0; m < class->gradings[0].mark_count; m++) {
        const struct mark *first = &class->gradings[0].marks[m];
        int right = 0;
        if (first->free_text) continue;
        for (int i = 0; i < class->count; i++)
            right += class->gradings[i].marks[m].points == class->gradings[i].marks[m].of;
        fprintf(out, "%5d  %2d  %s", right, class->count, first->name);
        print_right(class, m, out);
        fprintf(out, "\n");
    }
}

static void print_guesses(const struct class *class, FILE *out) {
    double *predicted = xcalloc((size_t) class->count, sizeof(double));
    double *measured = xcalloc((size_t) class->count, sizeof(double));
    fprintf(out, "\nWhat was predicted, and what came out (median, least to most)\n");
    for (int q = 0; q < class->gradings[0].guess_count; q++) {
        const char *name = class->gradings[0].guesses[q].name;
        const char *unit = lab_question(class->lab, name, true)->unit;
        for (int i = 0; i < class->count; i++) {
            predicted[i] = class->gradings[i].guesses[q].predicted;
            measured[i] = class->gradings[i].guesses[q].measured;
        }
        fprintf(out, "  %s: ", name);
        if (print_spread(out, predicted, class->count, unit) == 0) fprintf(out, "nothing");
        fprintf(out, "; came out: ");
        if (print_spread(out, measured, class->count, unit) == 0) fprintf(out, "not known");
        fprintf(out, "\n");
    }
    free(predicted);
    free(measured);
}

void class_print(const struct class *class, FILE *out) {
    print_scores(class, out);
    print_marks(class, out);
    print_guesses(class, out);
    for (int i = 0; i < class->count; i++) {
        const struct grading *g = &class->gradings[i], *same = same_run(class, g);
        if (g->remark != NULL) fprintf(out, "\nLook at %s: %s.", g->folder, g->remark);
        if (same != NULL && same < g)
            fprintf(out, "\nLook at %s: the same run as %s.", g->folder, same->folder);
    }
    if (class->unreadable > 0)
        fprintf(out, "\n%d could not be graded: see above.", class->unreadable);
    fprintf(out, "\n");
}

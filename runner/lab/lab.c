/* Labs as they lie in labs/: finding one, and reading its lab.ini. See lab.h. */
#include "lab/lab.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/random.h"
#include "store/seal.h"
#include "system/directory.h"
#include "system/file.h"
#include "system/hint.h"
#include "system/ini_text.h"

#include <ctype.h>
#include <dirent.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "labs"
#define LABS_MAX 100

const char *const question_kinds[] = {[PREDICT] = "predict",
                                      [READ] = "read",
                                      [WHAT_IF] = "what_if",
                                      [CHOICE] = "choice",
                                      [FREE_TEXT] = "text"};

/* --- one line of lab.ini ---------------------------------------------------------------------- */

/* Where reading has come to. */
struct reading {
    struct lab *lab;
    const char *path;
    int line;
};

static int mistake(const struct reading *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static int mistake(const struct reading *r, const char *format, ...) {
    va_list values;
    va_start(values, format);
    char *sentence = xvasprintf(format, values);
    va_end(values);
    log_error("%s:%d: %s", r->path, r->line, sentence);
    free(sentence);
    return EXIT_USAGE;
}

/* A number with what may stand behind it; NAN when it is not so. */
static double number_before(const char *text, const char *unit) {
    char *end;
    double value = strtod(text, &end);
    end += strspn(end, " ");
    return end != text && strcmp(end, unit) == 0 ? value : NAN;
}

static int keep(const struct reading *r, char **place, const char *key, const char *value) {
    if (*place != NULL) return mistake(r, "%s was given before", key);
    *place = xstrdup(value);
    return 0;
}

static int take_lab(const struct reading *r, const char *key, const char *value) {
    struct lab *lab = r->lab;
    if (strcmp(key, "title") == 0) return keep(r, &lab->title, key, value);
    if (strcmp(key, "idea") == 0) return keep(r, &lab->idea, key, value);
    if (strcmp(key, "minutes") == 0) {
        lab->minutes = number_before(value, "");
        return lab->minutes > 0 ? 0 : mistake(r, "minutes is \"%s\", not a number above 0", value);
    }
    if (strcmp(key, "mode") == 0) {
        lab->mode = strcmp(value, "both") == 0 ? MODE_BOTH : MODE_LIVE;
        return lab->mode == MODE_BOTH || strcmp(value, "live") == 0
                   ? 0
                   : mistake(r, "mode is \"%s\", not live or both", value);
    }
    if (strcmp(key, "models") == 0) {
        lab->models = strcmp(value, "on") == 0;
        return lab->models || strcmp(value, "off") == 0
                   ? 0
                   : mistake(r, "models is \"%s\", not on or off", value);
    }
    return mistake(r, "[lab] has no key %s: it has title, idea, minutes, mode and models", key);
}

/* The text keys of a question, and of which kinds they are (a bit each). */
#define NUMBERS (1 << PREDICT | 1 << READ | 1 << WHAT_IF)
#define GRADED (1 << READ | 1 << WHAT_IF | 1 << CHOICE)
static const struct {
    const char *key;
    size_t offset;
    int kinds;
} texts[] = {
    {"ask", offsetof(struct question, ask), (1 << QUESTION_KIND_COUNT) - 1},
    {"unit", offsetof(struct question, unit), NUMBERS},
    {"figure", offsetof(struct question, answer), 1 << PREDICT},
    {"answer", offsetof(struct question, answer), 1 << READ | 1 << WHAT_IF},
    {"where", offsetof(struct question, where), NUMBERS},
    {"hint", offsetof(struct question, hint), GRADED},
};
#define TEXT_COUNT (sizeof(texts) / sizeof(texts[0]))

static int take_choice(const struct reading *r, struct question *q, const char *key,
                       const char *value) {
    bool right = strcmp(key, "right") == 0;
    int place = right ? 0 : key[strlen("wrong_")] - '0';
    if (!right && (place < 1 || place >= CHOICES_MAX || key[strlen("wrong_") + 1] != '\0'))
        return mistake(r, "%s is not wrong_1 to wrong_%d", key, CHOICES_MAX - 1);
    if (place != q->choice_count)
        return mistake(r, "right comes first, then wrong_1, wrong_2, ...");
    q->choices[q->choice_count++] = xstrdup(value);
    return 0;
}

static int take_question(const struct reading *r, struct question *q, const char *key,
                         const char *value) {
    for (size_t i = 0; i < TEXT_COUNT; i++)
        if (strcmp(texts[i].key, key) == 0 && (texts[i].kinds >> q->kind & 1))
            return keep(r, (char **)((char *)q + texts[i].offset), key, value);
    if (strcmp(key, "within") == 0 && (q->kind == READ || q->kind == WHAT_IF)) {
        q->within = number_before(value, "%") / 100;
        return q->within > 0 && q->within < 1
                   ? 0
                   : mistake(r, "within is \"%s\", not like 5 %%", value);
    }
    if (strcmp(key, "points") == 0 && (GRADED >> q->kind & 1)) {
        double points = number_before(value, "");
        q->points = (int)points;
        return points >= 1 && points <= 100 && points == q->points
                   ? 0
                   : mistake(r, "points is \"%s\", not a whole number from 1 to 100", value);
    }
    if (q->kind == CHOICE && (strcmp(key, "right") == 0 || strncmp(key, "wrong_", 6) == 0))
        return take_choice(r, q, key, value);
    return mistake(r, "a question of the kind %s has no key %s", question_kinds[q->kind], key);
}

/* "read mean_1000": the question of that section, a new one where it is not the last one's. */
static struct question *question_of(struct lab *lab, const char *section) {
    for (int kind = 0; kind < QUESTION_KIND_COUNT; kind++) {
        size_t length = strlen(question_kinds[kind]);
        if (strncmp(section, question_kinds[kind], length) != 0 || section[length] != ' ') continue;
        const char *name = section + length + 1;
        struct question *last =
            lab->question_count > 0 ? &lab->questions[lab->question_count - 1] : NULL;
        if (last != NULL && strcmp(last->name, name) == 0 && (int)last->kind == kind) return last;
        lab->questions =
            xgrow(lab->questions, (size_t)lab->question_count, sizeof(*lab->questions));
        lab->questions[lab->question_count] =
            (struct question){.kind = (enum question_kind)kind, .name = xstrdup(name)};
        return &lab->questions[lab->question_count++];
    }
    return NULL;
}

static int take_entry(const struct reading *r, const struct ini_entry *entry) {
    if (strcmp(entry->section, "lab") == 0) return take_lab(r, entry->key, entry->value);
    struct question *question = question_of(r->lab, entry->section);
    if (question != NULL) return take_question(r, question, entry->key, entry->value);
    return mistake(r,
                   "there is no section [%s]: it has [lab], and [KIND NAME] where KIND is predict,"
                   " read, what_if, choice or text",
                   entry->section);
}

/* --- the whole of it -------------------------------------------------------------------------- */

static bool is_name(const char *name) {
    if (*name == '\0') return false;
    for (; *name != '\0'; name++)
        if (!isalnum((unsigned char)*name) && *name != '_') return false;
    return true;
}

/* What a question lacks, or NULL. */
static const char *lacking(const struct question *q) {
    bool graded = GRADED >> q->kind & 1;
    if (!is_name(q->name)) return "a name of letters, digits and _";
    if (q->ask == NULL) return "ask";
    if (graded && q->points == 0) return "points";
    if (graded && q->hint == NULL) return "hint";
    if ((q->kind == READ || q->kind == WHAT_IF) && q->answer == NULL) return "answer";
    if ((q->kind == READ || q->kind == WHAT_IF) && q->within == 0) return "within";
    if (q->kind == CHOICE && q->choice_count < 2) return "right and wrong_1";
    return NULL;
}

static int check(const struct reading *r) {
    struct lab *lab = r->lab;
    for (int i = 0; i < lab->question_count; i++) {
        struct question *q = &lab->questions[i];
        const char *what = lacking(q);
        if (q->unit == NULL) q->unit = xstrdup("");
        if (what != NULL) {
            log_error("%s: [%s %s] lacks %s", r->path, question_kinds[q->kind], q->name, what);
            return EXIT_USAGE;
        }
        if (lab_question(lab, q->name, q->kind == PREDICT) != q) {
            log_error("%s: there are two questions %s", r->path, q->name);
            return EXIT_USAGE;
        }
    }
    if (lab->title != NULL && lab->idea != NULL && lab_count(lab, true) > 0) return 0;
    log_error("%s: it lacks %s", r->path,
              lab->title == NULL  ? "title in [lab]"
              : lab->idea == NULL ? "idea in [lab]"
                                  : "a question of the kind predict");
    return EXIT_USAGE;
}

int lab_read(struct lab *lab, const char *path, const char *text) {
    struct ini_text ini;
    struct reading r = {.lab = lab, .path = path};
    const char *why;
    int status = 0;
    lab->models = true;
    r.line = ini_text_read(&ini, text, false, &why);
    if (r.line != 0) status = mistake(&r, "%s", why);
    for (int i = 0; status == 0 && i < ini.count; i++) {
        r.line = ini.entries[i].line;
        status = take_entry(&r, &ini.entries[i]);
    }
    ini_text_free(&ini);
    return status != 0 ? status : check(&r);
}

void lab_free(struct lab *lab) {
    for (int i = 0; i < lab->question_count; i++) {
        struct question *q = &lab->questions[i];
        free(q->name);
        free(q->ask);
        free(q->unit);
        free(q->answer);
        free(q->where);
        free(q->hint);
        for (int k = 0; k < q->choice_count; k++) free(q->choices[k]);
    }
    free(lab->questions);
    free(lab->name);
    free(lab->directory);
    free(lab->title);
    free(lab->idea);
    *lab = (struct lab){0};
}

char *lab_command(const struct lab *lab, const char *step) {
    struct buffer command = {0};
    char number[12];
    snprintf(number, sizeof(number), "%d", lab->number);
    hint_begin(&command, "lab");
    hint_argument(&command, number);
    hint_argument(&command, step);
    hint_end(&command);
    return command.data;
}

char *lab_file(const struct lab *lab, const char *name) {
    return xasprintf("%s/%s", lab->directory, name);
}

const struct question *lab_question(const struct lab *lab, const char *name, bool predict) {
    for (int i = 0; i < lab->question_count; i++)
        if (strcmp(lab->questions[i].name, name) == 0 &&
            (lab->questions[i].kind == PREDICT) == predict)
            return &lab->questions[i];
    return NULL;
}

int lab_count(const struct lab *lab, bool predict) {
    int count = 0;
    for (int i = 0; i < lab->question_count; i++)
        count += (lab->questions[i].kind == PREDICT) == predict;
    return count;
}

/* The student and the question choose the order: the same each time, another one for a neighbour. */
void question_order(const struct question *q, const char *student, int order[CHOICES_MAX]) {
    char *text = xasprintf("%s\n%s", student, q->name), *digest = seal_text(text), first[17];
    struct random random;
    memcpy(first, digest, 16);
    first[16] = '\0';
    random_seed(&random, strtoull(first, NULL, 16));
    for (int i = 0; i < q->choice_count; i++) {
        int k = (int)random_below(&random, (uint64_t)i + 1);
        order[i] = order[k];
        order[k] = i;
    }
    free(digest);
    free(text);
}

/* --- finding ---------------------------------------------------------------------------------- */

char *labs_directory(void) {
    char *directory =
        project_file(FOLDER "/README.md"); /* results/ has a folder of this name, too */
    if (directory != NULL) *strrchr(directory, '/') = '\0';
    if (directory == NULL)
        log_error("there is no directory %s/: run this in the directory of pushpull's sources",
                  FOLDER);
    return directory;
}

/* A folder of a lab begins with its number: "01-half-the-interval". */
static int number_of(const char *name) {
    return isdigit((unsigned char)name[0]) && isdigit((unsigned char)name[1]) && name[2] == '-'
               ? 10 * (name[0] - '0') + name[1] - '0'
               : 0;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char **labs_list(const char *path) {
    char **names = xcalloc(LABS_MAX + 1, sizeof(*names));
    DIR *directory = opendir(path);
    int count = 0;
    for (struct dirent *entry;
         directory != NULL && count < LABS_MAX && (entry = readdir(directory)) != NULL;) {
        char *file = xasprintf("%s/%s/lab.ini", path, entry->d_name);
        if (number_of(entry->d_name) > 0 && access(file, R_OK) == 0)
            names[count++] = xstrdup(entry->d_name);
        free(file);
    }
    if (directory != NULL) closedir(directory);
    qsort(names, (size_t)count, sizeof(*names), by_name);
    return names;
}

/* Whether the word means this lab: its folder, or its number. */
static bool means(const char *word, const char *name) {
    if (strcmp(word, name) == 0) return true;
    char *end;
    long number = strtol(word, &end, 10);
    return end != word && *end == '\0' && number == number_of(name);
}

static int open_lab(struct lab *lab, const char *directory, const char *name) {
    lab->number = number_of(name);
    lab->name = xstrdup(name);
    lab->directory = xasprintf("%s/%s", directory, name);
    char *path = lab_file(lab, "lab.ini"), *text = file_read(path);
    int status = text == NULL ? EXIT_USAGE : lab_read(lab, path, text);
    free(text);
    free(path);
    return status;
}

/* There is no such lab: a project, which has no questions, or nothing at all. */
static void say_what_there_is(const char *directory, const char *word) {
    DIR *folder = opendir(directory);
    char *list = hint("lab", NULL), *project = NULL;
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
        if (number_of(entry->d_name) > 0 && means(word, entry->d_name) && project == NULL)
            project = xstrdup(entry->d_name);
    if (project != NULL)
        log_error("lab %s is a project, without questions: %s/%s/README.md says what to do", word,
                  directory, project);
    else
        log_error("there is no lab %s: `%s` lists them", word, list);
    if (folder != NULL) closedir(folder);
    free(project);
    free(list);
}

int lab_find(struct lab *lab, const char *directory, const char *word) {
    char **names = labs_list(directory);
    int found = -1, status = EXIT_USAGE;
    *lab = (struct lab){0};
    for (int i = 0; names[i] != NULL && found < 0; i++)
        if (means(word, names[i])) found = i;
    if (found >= 0) status = open_lab(lab, directory, names[found]);
    if (found < 0) say_what_there_is(directory, word);
    for (int i = 0; names[i] != NULL; i++) free(names[i]);
    free(names);
    return status;
}

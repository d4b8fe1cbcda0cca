/* Answers: files, the terminal, and what can be an answer at all. See answers.h. */
#include "lab/answers.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/utf8.h"
#include "system/file.h"
#include "system/human.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define INDENT 4

/* --- what can be one -------------------------------------------------------------------------- */

double answer_number(const struct question *q, const char *text) {
    char *end;
    double value = strtod(text, &end);
    if (end == text || !isfinite(value)) return NAN;
    end += strspn(end, " ");
    return *end == '\0' || strcmp(end, q->unit) == 0 ? value : NAN;
}

int answer_choice(const struct question *q, const char *student, const char *text) {
    int order[CHOICES_MAX], place = tolower((unsigned char)text[0]) - 'a';
    if (text[0] == '\0' || text[1] != '\0' || place < 0 || place >= q->choice_count) return -1;
    question_order(q, student, order);
    return order[place];
}

const char *answer_flaw(const struct question *q, const char *text) {
    if (q->kind == FREE_TEXT) return utf8_valid(text, strlen(text)) ? NULL : "is not UTF-8";
    if (q->kind == CHOICE)
        return answer_choice(q, "", text) >= 0 ? NULL : "is not one of the letters";
    if (strchr(text, ',') != NULL)
        return "has a comma: write 1000 for a thousand and 1.5 for one and a half";
    static char flaw[80];
    snprintf(flaw, sizeof(flaw), "is not a number%s%.20s, like 12.5",
             *q->unit == '\0' ? "" : " of ", q->unit);
    if (isnan(answer_number(q, text))) return flaw;
    return NULL;
}

const char *student_flaw(const char *id) {
    size_t length = strlen(id);
    if (length == 0) return "is empty";
    if (length > STUDENT_MAX) return "is longer than 64 bytes";
    if (!utf8_valid(id, length)) return "is not UTF-8";
    for (; *id != '\0'; id++)
        if ((unsigned char)*id < ' ' || *id == 0x7f || *id == ';')
            return "has a control character or a semicolon";
    return NULL;
}

/* --- the file --------------------------------------------------------------------------------- */

static void make(struct answers *answers, const struct lab *lab) {
    *answers = (struct answers){.texts = xcalloc((size_t)lab->question_count + 1, sizeof(char *)),
                                .count = lab->question_count};
}

void answers_free(struct answers *answers) {
    for (int i = 0; i < answers->count; i++) free(answers->texts[i]);
    free(answers->texts);
    free(answers->student);
    *answers = (struct answers){0};
}

/* The nearest name of a question, or NULL. */
static const char *nearest(const struct lab *lab, const char *name, bool predict) {
    const char **names = xcalloc((size_t)lab->question_count + 1, sizeof(*names));
    int count = 0;
    for (int i = 0; i < lab->question_count; i++)
        if ((lab->questions[i].kind == PREDICT) == predict) names[count++] = lab->questions[i].name;
    const char *near = options_nearest(name, names, count);
    free(names);
    return near;
}

/* An entry of the section that counts. Returns 0, or EXIT_USAGE after a line on stderr. */
static int take_answer(struct answers *answers, const struct lab *lab, const char *path,
                       const struct ini_entry *entry, bool predict) {
    const struct question *q = lab_question(lab, entry->key, predict);
    if (q == NULL) {
        const char *near = nearest(lab, entry->key, predict);
        log_error("%s:%d: lab %d has no question %s%s%s%s", path, entry->line, lab->number,
                  entry->key, near == NULL ? "" : ": did you mean ", near == NULL ? "" : near,
                  near == NULL ? "" : "?");
        return EXIT_USAGE;
    }
    char **place = &answers->texts[q - lab->questions];
    if (*place != NULL) {
        log_error("%s:%d: %s is answered twice: leave one answer", path, entry->line, entry->key);
        return EXIT_USAGE;
    }
    size_t length = strlen(entry->value); /* behind a number or a letter a comment is one */
    const char *comment = q->kind == FREE_TEXT ? NULL : strstr(entry->value, INI_BLANK ";");
    if (comment != NULL) length = (size_t)(comment - entry->value);
    while (length > 0 && entry->value[length - 1] == ' ') length--;
    if (length > 0) *place = xmemdup(entry->value, length);
    return 0;
}

static int take_entry(struct answers *answers, const struct lab *lab, const char *path,
                      const struct ini_entry *entry, bool predict) {
    if (strcmp(entry->section, predict ? "predict" : "explain") == 0)
        return take_answer(answers, lab, path, entry, predict);
    if (strcmp(entry->section, predict ? "explain" : "predict") == 0) return 0;
    if (strcmp(entry->section, "student") != 0 || strcmp(entry->key, "id") != 0) {
        log_error("%s:%d: [%s] %s is nothing that is asked for: a file of answers has [student] id,"
                  " [predict] and [explain]",
                  path, entry->line, entry->section, entry->key);
        return EXIT_USAGE;
    }
    const char *flaw = student_flaw(entry->value);
    if (flaw != NULL) log_error("%s:%d: the student's id %s", path, entry->line, flaw);
    free(answers->student);
    answers->student = xstrdup(entry->value);
    return flaw == NULL ? 0 : EXIT_USAGE;
}

int answers_read(struct answers *answers, const struct lab *lab, const char *path, bool predict) {
    struct ini_text ini = {0};
    const char *why;
    make(answers, lab);
    char *text = file_read(path);
    if (text == NULL) return EXIT_USAGE;
    int line = ini_text_read(&ini, text, true, &why), status = 0;
    if (line != 0) log_error("%s:%d: %s", path, line, why);
    if (line != 0) status = EXIT_USAGE;
    for (int i = 0; status == 0 && i < ini.count; i++)
        status = take_entry(answers, lab, path, &ini.entries[i], predict);
    ini_text_free(&ini);
    free(text);
    return status;
}

/* Words as comments, in lines that fit; the first after `first`, the others after `others`. */
static void add_comment(struct buffer *out, const char *first, const char *others,
                        const char *text) {
    const char *begin = first;
    do {
        size_t room = 90 - strlen(begin), length = strlen(text);
        if (length > room) {
            length = room;
            while (length > 0 && text[length] != ' ') length--;
            if (length == 0) length = strcspn(text, " ");
        }
        buffer_printf(out, "; %s%.*s\n", begin, (int)length, text);
        text += length + strspn(text + length, " ");
        begin = others;
    } while (*text != '\0');
}

static void add_question(struct buffer *out, const struct question *q, const char *student,
                         const char *answer) {
    buffer_printf(out, "\n");
    add_comment(out, "", "", q->ask);
    if (*q->unit != '\0') buffer_printf(out, "; (in %s)\n", q->unit);
    int order[CHOICES_MAX];
    if (q->kind == CHOICE) question_order(q, student, order);
    for (int i = 0; i < q->choice_count; i++) {
        char letter[] = {' ', ' ', (char)('a' + i), ' ', ' ', '\0'};
        add_comment(out, letter, "     ", q->choices[order[i]]);
    }
    buffer_printf(out, "%s =%s%s\n", q->name, answer == NULL ? "" : " ",
                  answer == NULL ? "" : answer);
}

int answers_write(const struct lab *lab, const char *student, const struct answers *answers,
                  const char *path) {
    struct buffer out = {0};
    char *head = xasprintf("Lab %d: %s. Write each answer behind its =, then run"
                           " `pushpull lab %d grade`. Words that do not fit go on in the next line,"
                           " which then begins with a blank.",
                           lab->number, lab->title, lab->number);
    add_comment(&out, "", "", head);
    free(head);
    buffer_printf(&out, "\n[student]\nid = %s\n\n[explain]\n", student);
    for (int i = 0; i < lab->question_count; i++)
        if (lab->questions[i].kind != PREDICT)
            add_question(&out, &lab->questions[i], student,
                         answers == NULL ? NULL : answers->texts[i]);
    int status = file_write(path, out.data, out.length);
    buffer_free(&out);
    return status;
}

/* --- the terminal ----------------------------------------------------------------------------- */

/* A line without its end and the blanks around it, or NULL at the end of the input. The caller frees it. */
static char *read_line(FILE *in) {
    char *line = NULL;
    size_t size = 0;
    ssize_t length = getline(&line, &size, in);
    if (length < 0) {
        free(line);
        return NULL;
    }
    while (length > 0 && isspace((unsigned char)line[length - 1])) length--;
    size_t begin = strspn(line, " \t");
    char *text =
        begin > (size_t)length ? xstrdup("") : xmemdup(line + begin, (size_t)length - begin);
    free(line);
    return text;
}

static void print_question(const struct question *q, const char *student, FILE *out) {
    int order[CHOICES_MAX];
    fprintf(out, "\n");
    human_wrap(out, 0, q->ask);
    if (q->kind == CHOICE) question_order(q, student, order);
    for (int i = 0; i < q->choice_count; i++) {
        char letter[] = {' ', ' ', (char)('a' + i), '\0'};
        human_wrap_labelled(out, letter, INDENT + 1, q->choices[order[i]]);
    }
}

static int ask(const struct question *q, char **answer, const char *student, FILE *in, FILE *out) {
    print_question(q, student, out);
    for (;;) {
        fprintf(out, "%s%s%s%s", q->name, *q->unit == '\0' ? "" : " in ", q->unit,
                q->kind == FREE_TEXT ? " (one line)" : "");
        if (*answer != NULL) fprintf(out, " [%s]", *answer);
        fprintf(out, ": ");
        fflush(out);
        char *text = read_line(in);
        if (text == NULL) return -1;
        bool empty = *text == '\0', keep = empty && (*answer != NULL || q->kind != PREDICT);
        const char *flaw = empty ? "is needed" : answer_flaw(q, text);
        if (keep || flaw == NULL) {
            if (!keep) free(*answer);
            if (!keep) *answer = xstrdup(text);
            free(text);
            return 0;
        }
        fprintf(out, "  %s%s%s %s\n", empty ? "an answer" : "\"", empty ? "" : text,
                empty ? "" : "\"", flaw);
        free(text);
    }
}

int answers_ask_student(struct answers *answers, FILE *in, FILE *out) {
    while (answers->student == NULL) {
        fprintf(out, "Your student id (or name): ");
        fflush(out);
        char *text = read_line(in);
        if (text == NULL) return -1;
        const char *flaw = student_flaw(text);
        if (flaw == NULL)
            answers->student = xstrdup(text);
        else
            fprintf(out, "  it %s\n", flaw);
        free(text);
    }
    return 0;
}

int answers_ask(struct answers *answers, const struct lab *lab, bool predict, FILE *in, FILE *out) {
    if (answers->texts == NULL) {
        char *student = answers->student;
        make(answers, lab);
        answers->student = student;
    }
    for (int i = 0; i < lab->question_count; i++) {
        if ((lab->questions[i].kind == PREDICT) != predict) continue;
        if (ask(&lab->questions[i], &answers->texts[i], answers->student, in, out) != 0) return -1;
    }
    return 0;
}

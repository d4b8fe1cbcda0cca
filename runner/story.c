/* What a scenario tells people. */
#include "story.h"

#include "hint.h"
#include "memory.h"
#include "sql.h"

#include <ctype.h>
#include <ini.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ============================== the title ============================== */

static int take_title(void *data, const char *section, const char *key, const char *value) {
    char **title = data;
    if (strcmp(section, "scenario") != 0 || strcmp(key, "title") != 0) return 1;
    free(*title);
    *title = xstrdup(value);
    return 1;
}

char *story_title(const char *scenario_text) {
    char *title = NULL;
    ini_parse_string(scenario_text, take_title, &title);
    for (char *c = title; c != NULL && *c != '\0'; c++) /* older pushpulls stored whatever came */
        if ((unsigned char)*c < ' ' || *c == 0x7f) *c = '?';
    return title;
}

/* ============================== the opening comment ============================== */

/* Cuts "Question   Which way ..." in two: a short label, at least two spaces, the text. Returns
 * the length of the label, 0 when there is none. */
static size_t label_length(const char *line, size_t length) {
    for (size_t i = 1; i + 2 < length && i < 16; i++)
        if (line[i] == ' ' && line[i + 1] == ' ') return i;
    return 0;
}

static bool is_command(const char *text, size_t length) {
    static const char *const starts[] = {"build/", "make ", "$ "};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++)
        if (length > strlen(starts[i]) && strncmp(text, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

/* What stands between the text so far and its next line: a command that goes on after a backslash
 * keeps its lines, prose does not. */
static const char *joint(const struct buffer *text, const char *line, size_t length) {
    if (text->length == 0) return "";
    if (text->data[text->length - 1] == '\\') return "\n    ";
    return is_command(line, length) ? "\n" : " ";
}

static void add_line(struct buffer *text, const char *line, size_t length) {
    while (length > 0 && isspace((unsigned char)*line)) line++, length--;
    while (length > 0 && isspace((unsigned char)line[length - 1])) length--;
    buffer_printf(text, "%s%.*s", joint(text, line, length), (int)length, line);
}

/* Takes a label off the start of a line: of a paragraph's first line, or of a later one that goes
 * on with it. Returns its length. */
static size_t take_label(struct story_paragraph *paragraph, bool first, const char *line,
                         size_t length) {
    size_t taken = first || paragraph->label != NULL ? label_length(line, length) : 0;
    if (taken == 0 || *line == ' ') return 0;
    char *before = paragraph->label;
    paragraph->label = xasprintf("%s%s%.*s", before == NULL ? "" : before,
                                 before == NULL ? "" : " ", (int)taken, line);
    free(before);
    return taken;
}

/* The next line of the comment, without its mark. Returns false where the comment ends. */
static bool comment_line(const char **cursor, const char **line, size_t *length) {
    const char *start = *cursor;
    if (*start != ';' && *start != '#') return false;
    *length = strcspn(start, "\n");
    *cursor = start + *length + (start[*length] == '\n');
    *line = start + 1;
    *length -= 1;
    if (*length > 0 && **line == ' ') *line += 1, *length -= 1;
    return true;
}

int story_next(const char **cursor, struct story_paragraph *paragraph) {
    struct buffer text = {0};
    const char *line;
    size_t length;
    *paragraph = (struct story_paragraph){0};
    while (comment_line(cursor, &line, &length)) {
        if (strspn(line, " \t\r") >= length && text.length > 0) break;
        if (strspn(line, " \t\r") >= length) continue;
        size_t label = take_label(paragraph, text.length == 0, line, length);
        add_line(&text, line + label, length - label);
    }
    paragraph->text = text.data;
    paragraph->commands = is_command(text.data == NULL ? "" : text.data, text.length);
    return text.length > 0;
}

void story_paragraph_free(struct story_paragraph *paragraph) {
    free(paragraph->label);
    free(paragraph->text);
    *paragraph = (struct story_paragraph){0};
}

/* ============================== running it again ============================== */

/* One override that the runner has put below the scenario: "; --set key=value" or "; --only words". */
struct override {
    const char *option; /* "--set" */
    char *value;
};

/* Reads the line at `text`; returns false when it is none. */
static bool read_override(const char *text, struct override *override) {
    static const char *const options[] = {"--set", "--only"};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        size_t length = strlen(options[i]);
        if (strncmp(text, "; ", 2) != 0 || strncmp(text + 2, options[i], length) != 0) continue;
        if (text[2 + length] != ' ') continue;
        const char *value = text + 2 + length + 1;
        *override = (struct override){options[i], xmemdup(value, strcspn(value, "\n"))};
        return true;
    }
    return false;
}

static const char *next_line(const char *text) {
    size_t length = strcspn(text, "\n");
    return text + length + (text[length] == '\n');
}

/* Where the overrides begin: they are the last lines, and a comment may look like one of them. */
static const char *first_override(const char *text) {
    const char *first = NULL;
    for (struct override override; *text != '\0'; text = next_line(text)) {
        bool is_one = read_override(text, &override);
        if (is_one) free(override.value);
        if (!is_one) first = NULL;
        if (is_one && first == NULL) first = text;
    }
    return first == NULL ? text : first;
}

/* Whether "--set a=1" is for the key that "a=2" sets. - and _ are the same. */
static bool same_key(const char *one, const char *other) {
    for (; *one != '\0' && *one != '='; one++, other++)
        if ((*one == '-' ? '_' : *one) != (*other == '-' ? '_' : *other)) return false;
    return *one == *other;
}

static bool is_replaced(const struct override *override, char *const *sets, int count) {
    for (int i = 0; i < count; i++)
        if (strcmp(override->option, "--set") == 0 && same_key(override->value, sets[i]))
            return true;
    return false;
}

/* Adds the stored overrides, but for those that `sets` ("key=value") and `only` replace: a setting may
 * be given once. */
static void add_overrides(struct buffer *command, const char *text, const char *only,
                          char *const *sets, int set_count) {
    struct override override;
    for (text = first_override(text); read_override(text, &override); text = next_line(text)) {
        bool replaced = strcmp(override.option, "--only") == 0
                            ? only != NULL
                            : is_replaced(&override, sets, set_count);
        if (!replaced) hint_argument(command, override.option);
        if (!replaced) hint_argument(command, override.value);
        free(override.value);
    }
    if (only != NULL) hint_argument(command, "--only");
    if (only != NULL) hint_argument(command, only);
    for (int i = 0; i < set_count; i++) {
        hint_argument(command, "--set");
        hint_argument(command, sets[i]);
    }
}

void story_add_scenario(struct buffer *command, const char *argument) {
    bool path = strchr(argument, '/') != NULL;
    size_t length = strlen(argument);
    bool file = length > 4 && strcmp(argument + length - 4, ".ini") == 0;
    char *text = xasprintf("%s%s", !path && file ? "./" : "", argument);
    hint_argument(command, text);
    free(text);
}

/* "build/pushpull run quick --set ..." with these changes. */
static char *whole_command(sqlite3 *db, int64_t experiment_id, const char *only, char *const *sets,
                           int set_count) {
    struct buffer command = {0};
    char *name = sql_one_text(db,
                              "SELECT coalesce(json_extract(environment, '$.scenario_argument'),"
                              " scenario) FROM experiment WHERE id = :experiment",
                              experiment_id);
    char *text = sql_one_text(db, "SELECT scenario_text FROM experiment WHERE id = :experiment",
                              experiment_id);
    hint_begin(&command, "run");
    story_add_scenario(&command, name == NULL ? "" : name);
    add_overrides(&command, text == NULL ? "" : text, only, sets, set_count);
    hint_end(&command);
    free(name);
    free(text);
    return command.data;
}

char *story_command(sqlite3 *db, int64_t experiment_id) {
    return whole_command(db, experiment_id, NULL, NULL, 0);
}

/* Whether the scenario sets a key for one strategy alone: "polling.interval_ms", and not as the end of
 * "long_polling.interval_ms". */
static bool names(const char *scenario_text, const char *prefixed) {
    for (const char *at = scenario_text; (at = strstr(at, prefixed)) != NULL; at++)
        if (at == scenario_text || (!isalnum((unsigned char)at[-1]) && at[-1] != '_')) return true;
    return false;
}

#define VARYING_MAX 64

/* "key=value" for what varies within the strategy, with the prefix that the scenario gives the key. */
static int varying_sets(sqlite3_stmt *statement, const char *strategy, const char *scenario_text,
                        char *sets[VARYING_MAX]) {
    int count = 0;
    while (count < VARYING_MAX - 1 && sql_next(statement) == 1) {
        const char *key = sql_column(statement, 0);
        char *prefixed = xasprintf("%s.%s", strategy, key);
        sets[count++] = xasprintf("%s=%s", names(scenario_text, prefixed) ? prefixed : key,
                                  sql_column(statement, 1));
        free(prefixed);
    }
    sets[count++] = xstrdup("repeats=1");
    return count;
}

char *story_trial_command(sqlite3 *db, int64_t experiment_id, const char *strategy,
                          const char *parameters) {
    char *sets[VARYING_MAX];
    char *text = sql_one_text(db, "SELECT scenario_text FROM experiment WHERE id = :experiment",
                              experiment_id);
    sqlite3_stmt *statement = sql_prepare(db,
                                          "SELECT p.name, p.value FROM parameter p"
                                          " JOIN varying v USING (experiment_id, strategy, name)"
                                          " WHERE experiment_id = :experiment AND strategy = ?2"
                                          " AND p.parameters = ?3 ORDER BY p.name",
                                          experiment_id);
    sqlite3_bind_text(statement, 2, strategy, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, parameters, -1, SQLITE_STATIC);
    int count = varying_sets(statement, strategy, text == NULL ? "" : text, sets);
    char *command = whole_command(db, experiment_id, strategy, sets, count);
    for (int i = 0; i < count; i++) free(sets[i]);
    sqlite3_finalize(statement);
    free(text);
    return command;
}

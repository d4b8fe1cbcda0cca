/* What a scenario tells people. */
#include "report/story.h"

#include "base/memory.h"
#include "store/sql.h"
#include "system/hint.h"

#include <ctype.h>
#include <ini.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* --- keys ------------------------------------------------------------------------------------- */

struct wanted {
    const char *key;
    char *value;
};

static int take_value(void *data, const char *section, const char *key, const char *value) {
    struct wanted *wanted = data;
    if (strcmp(section, "expect") == 0) return 1; /* else a key stands in one of them only */
    if (wanted->value == NULL && strcmp(key, wanted->key) == 0) wanted->value = xstrdup(value);
    return 1;
}

/* What a key was set to, by the overrides or else by the scenario; or NULL. The caller frees it. */
static char *value_of(const char *key, const char *scenario_text, const char *overrides) {
    struct wanted wanted = {key, NULL};
    json_t *all = json_loads(overrides, 0, NULL);
    const char *set = json_string_value(json_object_get(json_object_get(all, "set"), key));
    if (set != NULL)
        wanted.value = xstrdup(set);
    else
        ini_parse_string(scenario_text, take_value, &wanted);
    json_decref(all);
    return wanted.value;
}

char *story_setting(sqlite3 *db, int64_t experiment_id, const char *key) {
    char *text = sql_one_text(db, "SELECT scenario_text FROM experiment WHERE id = :experiment",
                              experiment_id);
    char *overrides =
        sql_one_text(db, "SELECT overrides FROM experiment WHERE id = :experiment", experiment_id);
    char *value = text == NULL || overrides == NULL ? NULL : value_of(key, text, overrides);
    free(overrides);
    free(text);
    return value;
}

char *story_title(const char *scenario_text, const char *overrides) {
    char *title = value_of("title", scenario_text, overrides);
    for (char *c = title; c != NULL && *c != '\0'; c++) /* older pushpulls stored whatever came */
        if ((unsigned char)*c < ' ' || *c == 0x7f) *c = '?';
    return title;
}

/* --- the opening comment ---------------------------------------------------------------------- */

/* Cuts "Question   Which way ..." in two: a short label, at least two spaces, the text. Returns
 * the length of the label, 0 when there is none. */
static size_t label_length(const char *line, size_t length) {
    for (size_t i = 1; i + 2 < length && i < 16; i++)
        if (line[i] == ' ' && line[i + 1] == ' ') return i;
    return 0;
}

static bool is_command(const char *text, size_t length) {
    static const char *const starts[] = {"build/", "make ", "$ "};
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
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

/* --- running it again ------------------------------------------------------------------------- */

static void add_overrides(struct buffer *command, json_t *overrides) {
    const char *key, *only = json_string_value(json_object_get(overrides, "only"));
    json_t *value;
    json_object_foreach(json_object_get(overrides, "set"), key, value) {
        char *set = xasprintf("%s=%s", key, json_string_value(value));
        hint_option(command, "--set", set);
        free(set);
    }
    const char *mode = json_string_value(json_object_get(overrides, "mode"));
    if (only != NULL) hint_option(command, "--only", only);
    if (mode != NULL) hint_option(command, "--mode", mode);
    const char *base = json_string_value(json_object_get(overrides, "base"));
    if (base == NULL) return;
    char *pairs = xasprintf("%.0f", json_number_value(json_object_get(overrides, "pairs")));
    hint_option(command, "--base", base);
    hint_option(command, "--pairs", pairs);
    free(pairs);
}

void story_add_overrides(struct buffer *command, const char *overrides) {
    json_t *all = json_loads(overrides, 0, NULL);
    add_overrides(command, all);
    json_decref(all);
}

void story_add_scenario(struct buffer *command, const char *argument) {
    bool path = strchr(argument, '/') != NULL;
    size_t length = strlen(argument);
    bool file = length > 4 && strcmp(argument + length - 4, ".ini") == 0;
    char *text = xasprintf("%s%s", !path && file ? "./" : "", argument);
    hint_argument(command, text);
    free(text);
}

/* "build/pushpull run quick --set ...", with these overrides. */
static char *whole_command(sqlite3 *db, int64_t experiment_id, json_t *overrides) {
    struct buffer command = {0};
    char *name = sql_one_text(db,
                              "SELECT coalesce(json_extract(environment, '$.scenario_argument'),"
                              " scenario) FROM experiment WHERE id = :experiment",
                              experiment_id);
    char *programs = sql_one_text(db,
                                  "SELECT json_extract(environment, '$.programs_argument')"
                                  " FROM experiment WHERE id = :experiment",
                                  experiment_id);
    hint_begin(&command, "run");
    story_add_scenario(&command, name == NULL ? "" : name);
    add_overrides(&command, overrides);
    if (programs != NULL) hint_option(&command, "--bin", programs);
    hint_end(&command);
    free(name);
    free(programs);
    return command.data;
}

/* One of an experiment's two texts. */
static char *text_of(sqlite3 *db, int64_t experiment_id, const char *column) {
    char *sql = xasprintf("SELECT %s FROM experiment WHERE id = :experiment", column);
    char *text = sql_one_text(db, sql, experiment_id);
    free(sql);
    return text == NULL ? xstrdup("") : text;
}

char *story_command(sqlite3 *db, int64_t experiment_id) {
    char *overrides = text_of(db, experiment_id, "overrides");
    json_t *all = json_loads(overrides, 0, NULL);
    char *command = whole_command(db, experiment_id, all);
    json_decref(all);
    free(overrides);
    return command;
}

/* Sets what varies within the strategy, with the prefix that the scenario gives the key. */
static void set_varying(json_t *sets, sqlite3_stmt *statement, const char *strategy,
                        const char *scenario_text, const char *overrides) {
    while (sql_next(statement) == 1) {
        const char *key = sql_column(statement, 0);
        char *prefixed = xasprintf("%s.%s", strategy, key);
        char *value = value_of(prefixed, scenario_text, overrides);
        json_object_set_new(sets, value != NULL ? prefixed : key,
                            json_string(sql_column(statement, 1)));
        free(value);
        free(prefixed);
    }
}

char *story_trial_command(sqlite3 *db, int64_t experiment_id, const char *strategy,
                          const char *parameters) {
    char *text = text_of(db, experiment_id, "scenario_text");
    char *overrides = text_of(db, experiment_id, "overrides");
    json_t *all = json_loads(overrides, 0, NULL);
    if (all == NULL) all = json_object();
    if (json_object_get(all, "set") == NULL) json_object_set_new(all, "set", json_object());
    json_t *sets = json_object_get(all, "set");
    sqlite3_stmt *statement = sql_prepare(db,
                                          "SELECT p.name, p.value FROM parameter p"
                                          " JOIN varying v USING (experiment_id, strategy, name)"
                                          " WHERE experiment_id = :experiment AND strategy = ?2"
                                          " AND p.parameters = ?3 ORDER BY p.name",
                                          experiment_id);
    sqlite3_bind_text(statement, 2, strategy, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, parameters, -1, SQLITE_STATIC);
    set_varying(sets, statement, strategy, text, overrides);
    json_object_set_new(sets, "repeats", json_string("1"));
    json_object_del(all, "base"); /* one trial has no pairs */
    json_object_set_new(all, "only", json_string(strategy));
    char *command = whole_command(db, experiment_id, all);
    sqlite3_finalize(statement);
    json_decref(all);
    free(text);
    free(overrides);
    return command;
}

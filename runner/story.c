/* What a scenario tells people. */
#include "story.h"

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

/* The overrides that the runner has put below the scenario: lines "; --set key=value". */
static void add_overrides(struct buffer *command, const char *text) {
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        if (strncmp(text, "; --", 4) == 0)
            buffer_printf(command, " %.*s", (int)length - 2, text + 2);
        text += length + (text[length] == '\n');
    }
}

char *story_command(sqlite3 *db, int64_t experiment_id) {
    struct buffer command = {0};
    char *name =
        sql_one_text(db, "SELECT scenario FROM experiment WHERE id = :experiment", experiment_id);
    char *text = sql_one_text(db, "SELECT scenario_text FROM experiment WHERE id = :experiment",
                              experiment_id);
    buffer_printf(&command, "build/pushpull run %s", name == NULL ? "" : name);
    if (text != NULL) add_overrides(&command, text);
    free(name);
    free(text);
    return command.data;
}

/* Adds " --set key=value" for what varies within the strategy, with the prefix that the scenario
 * gives the key. */
static void add_varying(struct buffer *command, sqlite3_stmt *statement, const char *strategy,
                        const char *scenario_text) {
    while (sql_next(statement) == 1) {
        const char *key = sql_column(statement, 0);
        char *prefixed = xasprintf("%s.%s", strategy, key);
        buffer_printf(command, " --set %s=%s", strstr(scenario_text, prefixed) ? prefixed : key,
                      sql_column(statement, 1));
        free(prefixed);
    }
}

char *story_trial_command(sqlite3 *db, int64_t experiment_id, const char *strategy,
                          const char *parameters) {
    struct buffer command = {0};
    char *text = sql_one_text(db, "SELECT scenario_text FROM experiment WHERE id = :experiment",
                              experiment_id);
    char *whole = story_command(db, experiment_id);
    buffer_printf(&command, "%s --only %s", whole, strategy);
    sqlite3_stmt *statement = sql_prepare(db,
                                          "SELECT p.name, p.value FROM parameter p"
                                          " JOIN varying v USING (experiment_id, strategy, name)"
                                          " WHERE experiment_id = :experiment AND strategy = ?2"
                                          " AND p.parameters = ?3 ORDER BY p.name",
                                          experiment_id);
    sqlite3_bind_text(statement, 2, strategy, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, parameters, -1, SQLITE_STATIC);
    add_varying(&command, statement, strategy, text == NULL ? "" : text);
    buffer_printf(&command, " --set repeats=1");
    sqlite3_finalize(statement);
    free(whole);
    free(text);
    return command.data;
}

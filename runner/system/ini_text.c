/* inih over a text in memory. See ini_text.h. */
#include "system/ini_text.h"

#include "base/memory.h"

#include <ini.h>
#include <stdlib.h>
#include <string.h>

/* inih's callback knows neither the line nor whether it goes on; the reader, called once per line, does. */
struct walk {
    struct ini_text *out;
    const char *rest;
    bool fold;
    bool within, comment; /* what follows is the rest of a long line; of a comment */
    bool goes_on;
    int line, too_long;
};

/* How much of a long line is read now: up to its last blank (no semicolon behind it), or all that fits. */
static size_t fold_at(const char *line, size_t room) {
    size_t at = room;
    while (at > room / 2 && (line[at] != ' ' || line[at + 1] == ';')) at--;
    return line[at] == ' ' ? at : room;
}

/* inih takes a semicolon behind a blank for a comment. Behind a blank that is none (U+00A0) it does not. Returns the
 * length, at most twice as long. */
static size_t copy_with_semicolons(char *out, const char *line, size_t length) {
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        bool hidden = line[i] == ' ' && i + 1 < length && line[i + 1] == ';';
        memcpy(out + used, hidden ? INI_BLANK : &line[i], hidden ? strlen(INI_BLANK) : 1);
        used += hidden ? strlen(INI_BLANK) : 1;
    }
    return used;
}

static bool is_comment(const char *line) {
    line += strspn(line, " \t");
    return *line == ';' || *line == '#';
}

static char *next_line(char *out, int room, void *data) {
    struct walk *walk = data;
    if (*walk->rest == '\0' || walk->too_long > 0) return NULL;
    size_t length = strcspn(walk->rest, "\n"), indent = walk->within ? 1 : 0;
    size_t most = ((size_t)room - 2 - indent) / (walk->fold ? 2 : 1);
    walk->line += !walk->within;
    if (!walk->within) walk->comment = is_comment(walk->rest);
    walk->goes_on = walk->within || *walk->rest == ' ' || *walk->rest == '\t';
    bool whole = length <= most;
    if (!whole && !walk->fold) walk->too_long = walk->line;
    if (!whole) length = fold_at(walk->rest, most);
    if (indent > 0) out[0] = walk->comment ? ';' : ' ';
    if (walk->fold && !walk->comment)
        indent += copy_with_semicolons(out + indent, walk->rest, length);
    else {
        memcpy(out + indent, walk->rest, length);
        indent += length;
    }
    strcpy(out + indent, "\n");
    walk->rest += length + (whole && walk->rest[length] == '\n');
    walk->within = !whole;
    return out;
}

static int take_entry(void *data, const char *section, const char *key, const char *value) {
    struct walk *walk = data;
    struct ini_text *out = walk->out;
    struct ini_entry *last = out->count > 0 ? &out->entries[out->count - 1] : NULL;
    if (walk->goes_on && last != NULL && strcmp(last->key, key) == 0 &&
        strcmp(last->section, section) == 0) {
        char *joined = xasprintf("%s%s%s", last->value, *last->value == '\0' ? "" : " ", value);
        free(last->value);
        last->value = joined;
        return 1;
    }
    out->entries = xgrow(out->entries, (size_t)out->count, sizeof(*out->entries));
    out->entries[out->count++] = (struct ini_entry){.section = xstrdup(section),
                                                    .key = xstrdup(key),
                                                    .value = xstrdup(value),
                                                    .line = walk->line};
    return 1;
}

int ini_text_read(struct ini_text *out, const char *text, bool fold, const char **why) {
    struct walk walk = {.out = out, .rest = text, .fold = fold};
    *out = (struct ini_text){0};
    int wrong = ini_parse_stream(next_line, &walk, take_entry, &walk);
    *why = walk.too_long > 0 ? "the line is too long: go on in a line that is indented further"
                             : "not a line of the form `key = value` or `[section]`";
    return walk.too_long > 0 ? walk.too_long : wrong;
}

void ini_text_free(struct ini_text *text) {
    for (int i = 0; i < text->count; i++) {
        free(text->entries[i].section);
        free(text->entries[i].key);
        free(text->entries[i].value);
    }
    free(text->entries);
    *text = (struct ini_text){0};
}

const char *ini_text_find(const struct ini_text *text, const char *section, const char *key) {
    for (int i = 0; i < text->count; i++)
        if (strcmp(text->entries[i].section, section) == 0 &&
            strcmp(text->entries[i].key, key) == 0)
            return text->entries[i].value;
    return NULL;
}

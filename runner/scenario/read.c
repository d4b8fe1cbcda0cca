/* Reading a scenario: from INI text and overrides to parameters. What the keys may be is the
 * business of check.c. */
#include "scenario/read.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/utf8.h"

#include <ctype.h>
#include <ini.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- parameters ------------------------------------------------------------------------------- */

/* A copy without the blanks around it. */
static char *trimmed(const char *start, size_t length) {
    while (length > 0 && isspace((unsigned char)*start)) start++, length--;
    while (length > 0 && isspace((unsigned char)start[length - 1])) length--;
    return xmemdup(start, length);
}

static void add_value(struct parameter *p, const char *start, size_t length) {
    p->values = xgrow(p->values, (size_t)p->count, sizeof(*p->values));
    p->values[p->count++] = trimmed(start, length);
}

/* Cuts "10, 100,1000" into values. */
static void split_values(struct parameter *p, const char *text) {
    for (;;) {
        size_t length = strcspn(text, ",");
        add_value(p, text, length);
        if (text[length] == '\0') return;
        text += length + 1;
    }
}

static int check_written(const struct parameter *p, const char *name) {
    for (int i = 0; i < p->count; i++) {
        if (*p->values[i] == '\0') {
            log_error("%s: %s has an empty value", p->where, name);
            return EXIT_USAGE;
        }
        for (int k = 0; k < i; k++)
            if (strcmp(p->values[k], p->values[i]) == 0) {
                log_error("%s: %s names %s twice", p->where, name, p->values[i]);
                return EXIT_USAGE;
            }
    }
    return 0;
}

/* Finds the strategy of a prefix and leaves the bare key in *key. */
static int split_prefix(const char *name, const char *where, const struct strategy **only,
                        const char **key) {
    size_t length;
    *only = NULL;
    *key = scenario_bare_key(name, &length);
    if (length == 0) return 0;
    char *prefix = xmemdup(name, length);
    *only = strategy_named(prefix, where);
    free(prefix);
    return *only == NULL ? EXIT_USAGE : 0;
}

/* Stores `name = text`; replaces what was there when `override`, else that is a mistake. */
static int add_parameter(struct scenario *scenario, const char *name, const char *text,
                         const char *where, bool override) {
    const struct strategy *only;
    const char *key;
    if (split_prefix(name, where, &only, &key) != 0) return EXIT_USAGE;
    struct parameter *p = scenario_parameter(scenario, key, only);
    if (p != NULL && !override) {
        log_error("%s: %s was given before, at %s", where, name, p->where);
        return EXIT_USAGE;
    }
    if (p == NULL) {
        scenario->parameters =
            xgrow(scenario->parameters, (size_t)scenario->parameter_count, sizeof(*p));
        p = &scenario->parameters[scenario->parameter_count++];
        *p = (struct parameter){.key = xstrdup(key), .only = only};
    }
    parameter_clear(p);
    p->where = xstrdup(where);
    split_values(p, text);
    return check_written(p, name);
}

/* --- once each -------------------------------------------------------------------------------- */

/* Keys that were given, and where. */
struct given {
    char **keys, **places;
    int count;
};

/* Where the key was given before, or NULL: it is noted now. */
static const char *given_before(struct given *given, const char *key, const char *where) {
    for (int i = 0; i < given->count; i++)
        if (strcmp(given->keys[i], key) == 0) return given->places[i];
    given->keys = xgrow(given->keys, (size_t)given->count, sizeof(*given->keys));
    given->places = xgrow(given->places, (size_t)given->count, sizeof(*given->places));
    given->keys[given->count] = xstrdup(key);
    given->places[given->count++] = xstrdup(where);
    return NULL;
}

static void given_free(struct given *given) {
    for (int i = 0; i < given->count; i++) {
        free(given->keys[i]);
        free(given->places[i]);
    }
    free(given->keys);
    free(given->places);
}

/* --- plain text ------------------------------------------------------------------------------- */

/* What is wrong with a line that terminals and reports are to show, or NULL. Tabs are good, and a
 * carriage return at the end. */
static const char *flaw(const char *line, size_t length) {
    if (length > 0 && line[length - 1] == '\r') length--;
    if (!utf8_valid(line, length)) return "is not UTF-8";
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)line[i], next = (unsigned char)line[i + 1];
        bool c1 = c == 0xc2 && i + 1 < length && next < 0xa0; /* U+0080 to U+009F */
        if ((c < ' ' && c != '\t') || c == 0x7f || c1) return "has a control character";
    }
    return NULL;
}

static int check_text(const char *path, const char *text) {
    for (int line = 1; *text != '\0'; line++) {
        size_t length = strcspn(text, "\n");
        const char *wrong = flaw(text, length);
        if (wrong != NULL) {
            log_error("%s:%d: the line %s", path, line, wrong);
            return EXIT_USAGE;
        }
        text += length + (text[length] == '\n');
    }
    return 0;
}

/* A word of the command line; it is not repeated in the sentence, where it would do its harm. */
static int check_word(const char *what, const char *word) {
    const char *wrong = word == NULL ? NULL : flaw(word, strlen(word));
    if (word != NULL && wrong == NULL && strpbrk(word, "\r\n") != NULL) wrong = "has a line break";
    if (wrong != NULL) log_error("%s %s", what, wrong);
    return wrong == NULL ? 0 : EXIT_USAGE;
}

static int check_words(const char *path, const struct scenario_overrides *overrides) {
    int status = check_word("the name of the scenario", path);
    for (int i = 0; status == 0 && i < overrides->set_count; i++) {
        char *what = xasprintf("the text of --set number %d", i + 1);
        status = check_word(what, overrides->sets[i]);
        free(what);
    }
    return status != 0 ? status : check_word("the text of --only", overrides->only);
}

/* --- the file --------------------------------------------------------------------------------- */

/* inih's callback does not know the line; the reader, called once a line, does. */
struct reading {
    struct scenario *scenario;
    const char *path;
    const char *rest; /* of the text */
    int line;
    struct given given; /* keys of [scenario], [expect] and [gate] */
    int status;         /* of the first mistake */
};

static int mistake(struct reading *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static int mistake(struct reading *r, const char *format, ...) {
    va_list values;
    va_start(values, format);
    char *sentence = xvasprintf(format, values);
    va_end(values);
    log_error("%s:%d: %s", r->path, r->line, sentence);
    free(sentence);
    r->status = EXIT_USAGE;
    return 0;
}

/* A line of [expect] or [gate]. What it says is checked when the plan is known. */
static int take_unread(struct reading *r, const char *section, const char *name, const char *text,
                       const char *where) {
    char *key = xasprintf("[%s] %s", section, name);
    const char *before = given_before(&r->given, key, where);
    if (before != NULL) mistake(r, "%s was given before, at %s", key, before);
    if (*text == '\0') mistake(r, "%s says nothing", key);
    free(key);
    return r->status;
}

static int take_setting(struct reading *r, const char *key, const char *value, const char *where) {
    const char *before = given_before(&r->given, key, where);
    if (before != NULL) {
        mistake(r, "%s was given before, at %s", key, before);
        return r->status;
    }
    int status = settings_set(&r->scenario->settings, key, value, where);
    if (status >= 0) return r->status = status;
    const char *near = settings_nearest(key);
    mistake(r, "[scenario] has no key %s%s%s%s", key, near == NULL ? "" : ": did you mean ",
            near == NULL ? "" : near, near == NULL ? "" : "?");
    return r->status;
}

static int take_line(void *data, const char *section, const char *key, const char *value) {
    struct reading *r = data;
    if (r->status != 0) return 0;
    bool hold = strcmp(section, "hold") == 0;
    char *where = xasprintf("%s:%d", r->path, r->line);
    if (strcmp(section, "scenario") == 0)
        take_setting(r, key, value, where);
    else if (strcmp(section, "expect") == 0 || strcmp(section, "gate") == 0)
        take_unread(r, section, key, value, where);
    else if (!hold && strcmp(section, "vary") != 0)
        mistake(r, "there is no section [%s]: use [scenario], [hold], [vary], [expect] or [gate]",
                section);
    else if (hold && strchr(value, ',') != NULL)
        mistake(r, "[hold] takes one value per key: move %s to [vary]", key);
    else
        r->status = add_parameter(r->scenario, key, value, where, false);
    free(where);
    return r->status == 0;
}

/* fgets over the text. A line that does not fit would be cut in two: a mistake. */
static char *next_line(char *out, int room, void *data) {
    struct reading *r = data;
    if (*r->rest == '\0' || r->status != 0) return NULL;
    size_t length = strcspn(r->rest, "\n");
    length += r->rest[length] == '\n';
    r->line++;
    if (length >= (size_t)room) {
        mistake(r, "the line is longer than %d characters", room - 2);
        return NULL;
    }
    memcpy(out, r->rest, length);
    out[length] = '\0';
    r->rest += length;
    return out;
}

static int read_text(struct scenario *scenario, const char *path, const char *text) {
    struct reading r = {.scenario = scenario, .path = path, .rest = text};
    int line = ini_parse_stream(next_line, &r, take_line, &r);
    if (line > 0 && r.status == 0) {
        r.line = line;
        mistake(&r, "not a line of the form `key = value` or `[section]`");
    }
    given_free(&r.given);
    return r.status;
}

/* --- overrides -------------------------------------------------------------------------------- */

/* Applies "key=value", and notes it in `sets`, with the key as a scenario spells it. */
static int override(struct scenario *scenario, struct given *given, json_t *sets,
                    const char *text) {
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text) {
        log_error("--set %s: expected key=value", text);
        return EXIT_USAGE;
    }
    char *key = trimmed(text, (size_t)(equals - text));
    char *value = trimmed(equals + 1, strlen(equals + 1));
    char *where = xasprintf("--set %s", text);
    for (char *c = key; *c != '\0'; c++)
        if (*c == '-') *c = '_';
    const char *before = given_before(given, key, where);
    if (before != NULL) log_error("%s: %s was set before, by %s: give it once", where, key, before);
    int status = before != NULL ? EXIT_USAGE : settings_set(&scenario->settings, key, value, where);
    if (status < 0) status = add_parameter(scenario, key, value, where, true);
    if (status == 0) json_object_set_new(sets, key, json_string(value));
    free(key);
    free(value);
    free(where);
    return status;
}

/* "sse, tcp" -> "sse,tcp" */
static char *without_blanks(const char *words) {
    struct buffer out = {0};
    for (;; words++) {
        size_t length = strcspn(words, ",");
        char *word = trimmed(words, length);
        buffer_printf(&out, "%s%s", word, words[length] == ',' ? "," : "");
        free(word);
        words += length;
        if (*words == '\0') return out.data;
    }
}

static int override_all(struct scenario *scenario, const struct scenario_overrides *overrides) {
    struct given given = {0};
    json_t *all = json_object(), *sets = json_object();
    int status = 0;
    for (int i = 0; status == 0 && i < overrides->set_count; i++)
        status = override(scenario, &given, sets, overrides->sets[i]);
    if (overrides->only != NULL) scenario->only = without_blanks(overrides->only);
    if (json_object_size(sets) > 0) json_object_set(all, "set", sets);
    if (scenario->only != NULL) json_object_set_new(all, "only", json_string(scenario->only));
    scenario->overrides = json_dumps(all, JSON_COMPACT);
    json_decref(sets);
    json_decref(all);
    given_free(&given);
    return status;
}

/* inih would take an indented line for more of the value above it. */
char *scenario_stored_text(const char *text) {
    struct buffer out = {0};
    buffer_append(&out, "", 0);
    while (*text != '\0') {
        text += strspn(text, " \t");
        size_t length = strcspn(text, "\n");
        length += text[length] == '\n';
        buffer_append(&out, text, length);
        text += length;
    }
    return out.data;
}

/* "scenarios/quick.ini" -> "quick" */
static char *stem(const char *path) {
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    const char *dot = strrchr(name, '.');
    return dot == NULL || dot == name ? xstrdup(name) : xmemdup(name, (size_t)(dot - name));
}

int scenario_read(struct scenario *scenario, const char *path, const char *text,
                  const struct scenario_overrides *overrides) {
    *scenario = (struct scenario){.path = xstrdup(path), .name = stem(path)};
    settings_defaults(&scenario->settings);
    scenario->text = scenario_stored_text(text);
    int status = check_words(path, overrides);
    if (status == 0) status = check_text(path, text);
    if (status == 0) status = read_text(scenario, path, scenario->text);
    return status != 0 ? status : override_all(scenario, overrides);
}

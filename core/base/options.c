/* Command-line options. Everything that can be said about an option stands in its table row;
 * parsing, --help, --options and the sentences about mistakes are made from it. */
#include "base/options.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/option_form.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- names: kebab-case and snake_case are the same -------------------------------------------- */

static char folded(char c) { return c == '-' ? '_' : c; }

/* Whether the first `length` characters of `word` are `name`. */
static bool same_name(const char *name, const char *word, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (name[i] == '\0' || folded(name[i]) != folded(word[i])) return false;
    }
    return name[length] == '\0';
}

/* As one types it: "--payload-bytes". The caller frees it. */
static char *typed_name(const struct option *option) {
    char *name = xasprintf("--%s", option->name);
    for (char *c = name; *c != '\0'; c++) {
        if (*c == '_') *c = '-';
    }
    return name;
}

/* Walks all rows of all tables: after NULL comes the first, after the last comes NULL. */
static const struct option *next_option(const struct option_set *set,
                                        const struct option *previous) {
    bool found = previous == NULL;
    for (int table = 0; table < OPTION_TABLES_MAX; table++) {
        const struct option *row = set->tables[table].rows;
        for (; row != NULL && row->name != NULL; row++) {
            if (found) return row;
            found = row == previous;
        }
    }
    return NULL;
}

static const struct option *find(const struct option_set *set, const char *word, size_t length) {
    for (const struct option *option = NULL; (option = next_option(set, option)) != NULL;) {
        if (same_name(option->name, word, length)) return option;
    }
    return NULL;
}

/* Where the value of an option goes. */
static void *target_of(const struct option_set *set, const struct option *option) {
    for (int table = 0; table < OPTION_TABLES_MAX; table++) {
        const struct option *row = set->tables[table].rows;
        for (; row != NULL && row->name != NULL; row++)
            if (row == option) return (char *)set->tables[table].into + option->offset;
    }
    return NULL;
}

const struct option *options_find(const struct option_set *set, const char *name) {
    return find(set, name, strlen(name));
}

/* --- the nearest name ------------------------------------------------------------------------- */

static size_t least(size_t a, size_t b, size_t c) {
    size_t smaller = a < b ? a : b;
    return smaller < c ? smaller : c;
}

/* Levenshtein: how many letters must be put in, taken out or exchanged. `row[j]` is the distance
 * of what was seen of `a` from the first j letters of `b`. */
static size_t distance(const char *a, const char *b) {
    size_t length = strlen(b);
    size_t *row = xcalloc(length + 1, sizeof(*row));
    for (size_t j = 0; j <= length; j++) row[j] = j;
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < length; j++) {
            size_t exchanged = diagonal + (folded(a[i]) != folded(b[j]));
            diagonal = row[j + 1];
            row[j + 1] = least(exchanged, row[j] + 1, row[j + 1] + 1);
        }
    }
    size_t result = row[length];
    free(row);
    return result;
}

const char *options_nearest(const char *word, const char *const *names, int count) {
    size_t limit = strlen(word) / 3;
    size_t best = limit < 2 ? 3 : limit + 1;
    const char *nearest = NULL;
    for (int i = 0; i < count; i++) {
        size_t d = distance(word, names[i]);
        if (d >= best) continue;
        best = d;
        nearest = names[i];
    }
    return nearest;
}

/* --- values ----------------------------------------------------------------------------------- */

static bool is_limited(const struct option *option) {
    return option->minimum != 0 || option->maximum != 0;
}

static bool in_range(const struct option *option, double value) {
    return !is_limited(option) || (value >= option->minimum && value <= option->maximum);
}

static bool read_switch(const char *text, bool *value) {
    *value = strcmp(text, "on") == 0;
    return *value || strcmp(text, "off") == 0;
}

/* Limits are doubles: exact up to 2^53, far beyond any that a table names. */
static bool read_integer(const struct option *option, const char *text, int64_t *value) {
    const char *digits = text[0] == '-' ? text + 1 : text;
    if (*digits == '\0' || digits[strspn(digits, "0123456789")] != '\0') return false;
    errno = 0;
    *value = strtoll(text, NULL, 10);
    return errno == 0 && in_range(option, (double)*value);
}

/* Decimal only: what strtod takes besides (spaces, hexadecimal, nan, inf) is no value here. */
static bool read_number(const struct option *option, const char *text, double *value) {
    if (*text == '\0' || text[strspn(text, "0123456789+-.eE")] != '\0') return false;
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*value) && in_range(option, *value);
}

static bool is_choice(const struct option *option, const char *text) {
    size_t length = strlen(text);
    for (const char *word = option->choices; word != NULL;) {
        size_t size = strcspn(word, "|");
        if (size == length && memcmp(word, text, size) == 0) return true;
        word = word[size] == '|' ? word + size + 1 : NULL;
    }
    return false;
}

/* The form of its text, or NULL. One that only a newer program knows is not checked here. */
static const struct option_form *form_of(const struct option *option) {
    return option->form == NULL ? NULL : option_form_find(option->form);
}

/* Reads `text` as a value of `option` into `target`, or nowhere when that is NULL. */
static bool read_value(const struct option *option, const char *text, void *target) {
    bool on;
    int64_t integer;
    double number;
    switch (option->kind) {
    case OPTION_FLAG:
    case OPTION_SWITCH:
        if (!read_switch(text, &on)) return false;
        if (target != NULL) *(bool *)target = on;
        return true;
    case OPTION_INTEGER:
        if (!read_integer(option, text, &integer)) return false;
        if (target != NULL) *(int64_t *)target = integer;
        return true;
    case OPTION_NUMBER:
        if (!read_number(option, text, &number)) return false;
        if (target != NULL) *(double *)target = number;
        return true;
    case OPTION_TEXT:
    case OPTION_CHOICE:
        if (option->kind == OPTION_CHOICE && !is_choice(option, text)) return false;
        if (form_of(option) != NULL && !form_of(option)->fits(text)) return false;
        if (target != NULL) *(const char **)target = text;
        return true;
    }
    return false;
}

/* --- what an option expects, in words --------------------------------------------------------- */

static void describe_choices(struct buffer *out, const char *choices) {
    for (const char *word = choices != NULL ? choices : ""; *word != '\0';) {
        size_t size = strcspn(word, "|");
        const char *next = word[size] == '|' ? word + size + 1 : word + size;
        if (word != choices) buffer_append(out, *next != '\0' ? ", " : " or ", *next ? 2 : 4);
        buffer_append(out, word, size);
        word = next;
    }
}

static void describe_range(struct buffer *out, const struct option *option) {
    if (!is_limited(option)) return;
    if (isinf(option->maximum)) {
        buffer_printf(out, " of at least %.15g", option->minimum);
    } else {
        buffer_printf(out, " from %.15g to %.15g", option->minimum, option->maximum);
    }
}

/* "a whole number from 1 to 1048576 (bytes)". */
static void describe(struct buffer *out, const struct option *option) {
    static const char *const nouns[] = {
        [OPTION_FLAG] = "on or off",
        [OPTION_SWITCH] = "on or off",
        [OPTION_INTEGER] = "a whole number",
        [OPTION_NUMBER] = "a number",
        [OPTION_TEXT] = "a text",
        [OPTION_CHOICE] = "",
    };
    const struct option_form *form = form_of(option);
    buffer_printf(out, "%s", form != NULL ? form->wanted : nouns[option->kind]);
    if (option->kind == OPTION_CHOICE) describe_choices(out, option->choices);
    if (option->kind == OPTION_INTEGER || option->kind == OPTION_NUMBER) {
        describe_range(out, option);
    }
    if (option->unit != NULL) buffer_printf(out, " (%s)", option->unit);
}

char *option_expectation(const struct option *option, const char *text) {
    if (read_value(option, text, NULL)) return NULL;
    struct buffer out = {0};
    describe(&out, option);
    return out.data;
}

/* --- --help ----------------------------------------------------------------------------------- */

#define HELP_WIDTH 90

/* "--payload-bytes N". The caller frees it. */
static char *help_heading(const struct option *option) {
    static const char *const placeholders[] = {
        [OPTION_FLAG] = "",          [OPTION_SWITCH] = " on|off", [OPTION_INTEGER] = " N",
        [OPTION_NUMBER] = " NUMBER", [OPTION_TEXT] = " TEXT",     [OPTION_CHOICE] = " WORD",
    };
    char *name = typed_name(option);
    char *heading = xasprintf("  %s%s", name, placeholders[option->kind]);
    free(name);
    return heading;
}

static int widest_heading(const struct option_set *set) {
    int widest = (int)strlen("  --options");
    for (const struct option *option = NULL; (option = next_option(set, option)) != NULL;) {
        char *heading = help_heading(option);
        int width = (int)strlen(heading);
        if (width > widest) widest = width;
        free(heading);
    }
    return widest;
}

/* Prints words behind a column that is `margin` wide, and goes on below where a line is full. */
static void print_wrapped(const char *text, int margin) {
    int column = margin;
    while (*text != '\0') {
        int length = (int)strcspn(text, " ");
        bool full = column > margin && column + 1 + length > HELP_WIDTH;
        if (full) {
            printf("\n%*s", margin, "");
            column = margin;
        } else if (column > margin) {
            putchar(' ');
            column++;
        }
        printf("%.*s", length, text);
        column += length;
        text += length + (text[length] == ' ');
    }
    putchar('\n');
}

/* "What it is for [a whole number from 1 to 10 (ms); default 5]". */
static char *help_text(const struct option *option) {
    struct buffer text = {0};
    buffer_printf(&text, "%s", option->help != NULL ? option->help : "");
    bool plain = option->kind == OPTION_FLAG ||
                 (option->kind == OPTION_TEXT && option->unit == NULL && option->form == NULL);
    const char *fallback = option->kind == OPTION_FLAG ? NULL : option->fallback;
    if (plain && fallback == NULL) return text.data;
    buffer_append(&text, " [", 2);
    if (!plain) describe(&text, option);
    if (!plain && fallback != NULL) buffer_append(&text, "; ", 2);
    if (fallback != NULL) buffer_printf(&text, "default %s", *fallback != '\0' ? fallback : "\"\"");
    buffer_append(&text, "]", 1);
    return text.data;
}

static void print_help(const struct option_set *set) {
    int margin = widest_heading(set) + 2;
    if (set->summary != NULL) {
        printf("%s: ", set->program);
        print_wrapped(set->summary, 0);
        putchar('\n');
    }
    printf("Usage: %s [--option value | --option=value]...\n\nOptions:\n", set->program);
    for (const struct option *option = NULL; (option = next_option(set, option)) != NULL;) {
        char *heading = help_heading(option);
        char *text = help_text(option);
        printf("%-*s", margin, heading);
        print_wrapped(text, margin);
        free(text);
        free(heading);
    }
    printf("%-*sprint this text and exit\n", margin, "  --help");
    printf("%-*sprint this table as JSON and exit\n", margin, "  --options");
}

/* --- --options -------------------------------------------------------------------------------- */

static json_t *choices_to_json(const char *choices) {
    json_t *array = json_array();
    for (const char *word = choices; word != NULL;) {
        size_t size = strcspn(word, "|");
        json_array_append_new(array, json_stringn(word, size));
        word = word[size] == '|' ? word + size + 1 : NULL;
    }
    return array;
}

/* Infinity has no place in JSON: that limit is left out. Whole limits are printed as such. */
static void set_limit(json_t *object, const char *key, double limit) {
    if (!isfinite(limit)) return;
    bool whole = fabs(limit) <= 0x1p53 && limit == trunc(limit);
    json_object_set_new(object, key, whole ? json_integer((json_int_t)limit) : json_real(limit));
}

static void set_text(json_t *object, const char *key, const char *text) {
    if (text != NULL) json_object_set_new(object, key, json_string(text));
}

static json_t *option_to_json(const struct option *option) {
    static const char *const kinds[] = {
        [OPTION_FLAG] = "flag",     [OPTION_SWITCH] = "switch", [OPTION_INTEGER] = "integer",
        [OPTION_NUMBER] = "number", [OPTION_TEXT] = "text",     [OPTION_CHOICE] = "choice",
    };
    json_t *object = json_object();
    set_text(object, "name", option->name);
    set_text(object, "kind", kinds[option->kind]);
    set_text(object, "default", option->fallback);
    if (is_limited(option)) {
        set_limit(object, "minimum", option->minimum);
        set_limit(object, "maximum", option->maximum);
    }
    set_text(object, "form", option->form);
    if (option->choices != NULL) {
        json_object_set_new(object, "choices", choices_to_json(option->choices));
    }
    set_text(object, "unit", option->unit);
    set_text(object, "help", option->help);
    return object;
}

static void print_json(const struct option_set *set) {
    json_t *array = json_array();
    for (const struct option *option = NULL; (option = next_option(set, option)) != NULL;) {
        json_array_append_new(array, option_to_json(option));
    }
    json_dumpf(array, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    putchar('\n');
    json_decref(array);
}

/* Ends the program after it has printed what was asked for. */
static void finish(const struct option_set *set, void (*print)(const struct option_set *)) {
    print(set);
    log_end_output(1);
    exit(0);
}

/* --- mistakes: one sentence, exit 2 ----------------------------------------------------------- */

__attribute__((noreturn)) static void unknown_option(const struct option_set *set,
                                                     const char *argument) {
    char *word = xmemdup(argument + 2, strcspn(argument + 2, "="));
    const char **names = NULL;
    int count = 0;
    for (const struct option *option = NULL; (option = next_option(set, option)) != NULL;) {
        names = xgrow(names, (size_t)count, sizeof(*names));
        names[count++] = option->name;
    }
    const char *nearest = options_nearest(word, names, count);
    free(names);
    if (nearest == NULL) die(2, "there is no option --%s (--help lists them all)", word);
    die(2, "there is no option --%s; did you mean %s? (--help lists them all)", word,
        typed_name(options_find(set, nearest)));
}

__attribute__((noreturn)) static void bad_value(const struct option *option, const char *text) {
    struct buffer wanted = {0};
    describe(&wanted, option);
    if (text == NULL)
        die(2, "%s wants %s, but nothing follows it", typed_name(option), wanted.data);
    die(2, "%s wants %s, not \"%s\"", typed_name(option), wanted.data, text);
}

/* --- parse ------------------------------------------------------------------------------------ */

static void set_defaults(const struct option_set *set) {
    for (const struct option *option = NULL; (option = next_option(set, option)) != NULL;) {
        if (option->fallback == NULL) continue;
        if (!read_value(option, option->fallback, target_of(set, option))) {
            bad_value(option, option->fallback); /* the table contradicts itself */
        }
    }
}

/* Reads the option at argv[*position], and its value, and steps past both. A value that begins
 * with "--" must be joined by "=": else a forgotten value would swallow the next option. */
static const struct option *parse_option(const struct option_set *set, int argc, char **argv,
                                         int *position) {
    const char *argument = argv[(*position)++];
    if (strncmp(argument, "--", 2) != 0 || argument[2] == '\0') {
        die(2, "\"%s\" is no option: options begin with -- (--help lists them all)", argument);
    }
    size_t length = strcspn(argument + 2, "=");
    const struct option *option = find(set, argument + 2, length);
    if (option == NULL) unknown_option(set, argument);

    const char *value = NULL;
    if (argument[2 + length] == '=') {
        value = argument + 2 + length + 1;
    } else if (option->kind == OPTION_FLAG) {
        value = "on";
    } else if (*position < argc && strncmp(argv[*position], "--", 2) != 0) {
        value = argv[(*position)++];
    }
    if (value == NULL || !read_value(option, value, target_of(set, option)))
        bad_value(option, value);
    return option;
}

void options_parse(const struct option_set *set, int argc, char **argv) {
    static const struct option **given; /* static: a mistake that ends the program leaks nothing */
    given = xcalloc((size_t)argc + 1, sizeof(*given));
    log_open(set->program);
    set_defaults(set);
    for (int position = 1, count = 0; position < argc; count++) {
        const char *argument = argv[position];
        if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0) finish(set, print_help);
        if (strcmp(argument, "--options") == 0) finish(set, print_json);
        given[count] = parse_option(set, argc, argv, &position);
        for (int i = 0; i < count; i++)
            if (given[i] == given[count])
                die(2, "%s is given twice: give it once", typed_name(given[count]));
    }
    free(given);
}

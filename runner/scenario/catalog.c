/* The catalog: asks each program once for its table of options. */
#include "scenario/catalog.h"

#include "base/log.h"
#include "base/memory.h"
#include "system/capture.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One program's options. The strings of `options` belong to `json`. */
struct listing {
    struct option *options;
    int count;
    json_t *json;
};

struct catalog {
    const char *directory;
    struct listing (*listings)[SIDE_COUNT]; /* one per strategy; json is NULL until loaded */
    struct listing link;
};

struct catalog *catalog_new(const char *directory) {
    struct catalog *catalog = xcalloc(1, sizeof(*catalog));
    catalog->directory = directory;
    catalog->listings = xcalloc((size_t)strategy_count, sizeof(*catalog->listings));
    return catalog;
}

static void listing_free(struct listing *listing) {
    free(listing->options);
    json_decref(listing->json);
}

void catalog_free(struct catalog *catalog) {
    for (int i = 0; i < strategy_count; i++)
        for (int role = 0; role < SIDE_COUNT; role++) listing_free(&catalog->listings[i][role]);
    listing_free(&catalog->link);
    free(catalog->listings);
    free(catalog);
}

char *catalog_program(const struct catalog *catalog, const struct strategy *strategy,
                      enum role role) {
    if (role == ROLE_LINK) return xasprintf("%s/%s", catalog->directory, role_names[role]);
    return xasprintf("%s/%s_%s", catalog->directory, strategy->key, role_names[role]);
}

char *catalog_enter(const struct catalog *catalog) {
    return xasprintf("%s/enter", catalog->directory);
}

/* --- reading a table -------------------------------------------------------------------------- */

static enum option_kind kind_of(const char *word) {
    static const struct {
        const char *word;
        enum option_kind kind;
    } kinds[] = {
        {"flag", OPTION_FLAG},     {"switch", OPTION_SWITCH}, {"integer", OPTION_INTEGER},
        {"number", OPTION_NUMBER}, {"choice", OPTION_CHOICE},
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].word, word) == 0) return kinds[i].kind;
    return OPTION_TEXT;
}

static const char *text_of(const json_t *row, const char *field) {
    const char *text = json_string_value(json_object_get(row, field));
    return text == NULL ? "" : text;
}

/* A limit; when only the other one is given, this side is open. */
static double limit_of(const json_t *row, const char *field, const char *other, double open) {
    const json_t *limit = json_object_get(row, field);
    if (limit == NULL && json_object_get(row, other) != NULL) return open;
    return json_number_value(limit);
}

/* Choices come as an array; a table has them as "constant|poisson". Kept in the row, as a text. */
static void join_choices(json_t *row) {
    struct buffer joined = {0};
    size_t index;
    json_t *word;
    json_array_foreach(json_object_get(row, "choices"), index, word)
        buffer_printf(&joined, "%s%s", index == 0 ? "" : "|", json_string_value(word));
    if (joined.length > 0) json_object_set_new(row, "choices", json_string(joined.data));
    buffer_free(&joined);
}

static struct option option_of(json_t *row) {
    const char *unit = text_of(row, "unit"), *form = text_of(row, "form");
    const char *fallback = json_string_value(json_object_get(row, "default"));
    join_choices(row);
    return (struct option){
        .name = text_of(row, "name"),
        .kind = kind_of(text_of(row, "kind")),
        .fallback = fallback,
        .minimum = limit_of(row, "minimum", "maximum", -INFINITY),
        .maximum = limit_of(row, "maximum", "minimum", INFINITY),
        .choices = text_of(row, "choices"),
        .unit = *unit == '\0' ? NULL : unit,
        .help = text_of(row, "help"),
        .form = *form == '\0' ? NULL : form,
    };
}

static void fill(struct listing *listing, json_t *rows) {
    listing->json = rows;
    listing->options = xcalloc(json_array_size(rows) + 1, sizeof(*listing->options));
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row) listing->options[listing->count++] = option_of(row);
}

#define OPTIONS_SECONDS 10

static int load(const struct catalog *catalog, const struct strategy *strategy, enum role role,
                struct listing *listing) {
    char *program = catalog_program(catalog, strategy, role);
    char *text = capture((char *[]){program, (char[]){"--options"}, NULL}, false, OPTIONS_SECONDS);
    json_t *rows = text == NULL ? NULL : json_loads(text, 0, NULL);
    if (json_is_array(rows))
        fill(listing, rows);
    else
        log_error(text == NULL ? "cannot run `%s --options`: build the programs with `make`"
                               : "`%s --options` printed no table of options",
                  program);
    if (!json_is_array(rows)) json_decref(rows);
    free(program);
    free(text);
    return listing->json == NULL ? -1 : 0;
}

int catalog_load(struct catalog *catalog, const struct strategy *strategy) {
    struct listing *listings = catalog->listings[strategy - strategies];
    for (int role = 0; role < SIDE_COUNT; role++)
        if (listings[role].json == NULL &&
            load(catalog, strategy, (enum role)role, &listings[role]) != 0)
            return -1;
    return 0;
}

int catalog_load_link(struct catalog *catalog) {
    if (catalog->link.json != NULL) return 0;
    return load(catalog, NULL, ROLE_LINK, &catalog->link);
}

/* --- asking ----------------------------------------------------------------------------------- */

static const struct option *find(const struct listing *listing, const char *key) {
    for (int i = 0; i < listing->count; i++)
        if (strcmp(listing->options[i].name, key) == 0) return &listing->options[i];
    return NULL;
}

const struct option *catalog_find(const struct catalog *catalog, const struct strategy *strategy,
                                  enum role role, const char *key) {
    return find(&catalog->listings[strategy - strategies][role], key);
}

const struct option *catalog_find_link(const struct catalog *catalog, const char *key) {
    return find(&catalog->link, key);
}

static int contains(const char *const *names, int count, const char *name) {
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0) return 1;
    return 0;
}

const char **catalog_names(const struct catalog *catalog, int *count) {
    int total = 0;
    for (int i = 0; i < strategy_count * SIDE_COUNT; i++)
        total += catalog->listings[i / SIDE_COUNT][i % SIDE_COUNT].count;
    const char **names = xcalloc((size_t)total + 1, sizeof(*names));
    *count = 0;
    for (int i = 0; i < strategy_count * SIDE_COUNT; i++) {
        const struct listing *listing = &catalog->listings[i / SIDE_COUNT][i % SIDE_COUNT];
        for (int k = 0; k < listing->count; k++)
            if (!contains(names, *count, listing->options[k].name))
                names[(*count)++] = listing->options[k].name;
    }
    return names;
}

const char **catalog_link_names(const struct catalog *catalog, int *count) {
    const char **names = xcalloc((size_t)catalog->link.count + 1, sizeof(*names));
    *count = catalog->link.count;
    for (int i = 0; i < catalog->link.count; i++) names[i] = catalog->link.options[i].name;
    return names;
}

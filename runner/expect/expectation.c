/* Reading a line of [expect]: cut at the comparison, what it names replaced by the statement's parameters,
 * the rest left to SQLite. See expectation.h. */
#include "expect/expectation.h"

#include "base/memory.h"
#include "base/options.h"
#include "figures/metric_kinds.h"
#include "scenario/scenario.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The longer first, where one begins as another. */
static const struct {
    const char *sign;
    enum comparison comparison;
} signs[] = {
    {"<=", AT_MOST}, {">=", AT_LEAST}, {"!=", NOT_EQUAL}, {"<>", NOT_EQUAL},
    {"==", EQUAL},   {"<", LESS_THAN}, {">", MORE_THAN},  {"=", EQUAL},
};
#define SIGN_COUNT (sizeof(signs) / sizeof(signs[0]))

/* --- tokens ----------------------------------------------------------------------------------- */

static bool begins_word(char c) { return isalpha((unsigned char)c) || c == '_'; }
static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_'; }

static size_t word_length(const char *text) {
    size_t length = 0;
    while (is_word(text[length])) length++;
    return length;
}

/* How long the token is that begins here: a text in quotes, a number, a word (with a prefix: "sse.lost"), a
 * comparison, or one character. 0 at the end; an open quote reaches to the end. */
static size_t token_length(const char *text) {
    if (*text == '\'' || *text == '"') {
        size_t length = 1 + strcspn(text + 1, (char[]){*text, '\0'});
        return text[length] == '\0' ? length : length + 1;
    }
    if (isdigit((unsigned char)*text)) {
        size_t length = word_length(text);
        return text[length] == '.' ? length + 1 + word_length(text + length + 1) : length;
    }
    if (begins_word(*text)) {
        size_t length = word_length(text);
        return text[length] == '.' && begins_word(text[length + 1])
                   ? length + 1 + word_length(text + length + 1)
                   : length;
    }
    for (size_t i = 0; i < SIGN_COUNT; i++)
        if (strncmp(text, signs[i].sign, strlen(signs[i].sign)) == 0) return strlen(signs[i].sign);
    return *text == '\0' ? 0 : 1;
}

static bool token_is(const char *token, size_t length, const char *word) {
    return strlen(word) == length && strncmp(token, word, length) == 0;
}

/* The next token outside of parentheses that `is` finds; NULL when there is none, or *mistake is set. */
static const char *find_outside(const char *text, bool (*is)(const char *, size_t)) {
    int depth = 0;
    for (size_t length; (length = token_length(text)) > 0; text += length) {
        if (*text == '(') depth++;
        if (*text == ')') depth--;
        if (depth == 0 && is(text, length)) return text;
    }
    return NULL;
}

static int sign_of(const char *token, size_t length) {
    for (size_t i = 0; i < SIGN_COUNT; i++)
        if (token_is(token, length, signs[i].sign)) return (int)i;
    return -1;
}

static bool is_comparison(const char *token, size_t length) { return sign_of(token, length) >= 0; }
static bool is_within(const char *token, size_t length) {
    return token_is(token, length, "within");
}
static bool is_where(const char *token, size_t length) { return token_is(token, length, "where"); }

/* What no expression has: a second statement, a comment, a question to the database, a bound value. */
static const char *forbidden(const char *text) {
    static const char *const words[] = {"select", "with", "values", ";", "?",
                                        ":",      "@",    "$",      "[", "]"};
    for (size_t length; (length = token_length(text)) > 0; text += length) {
        if (strncmp(text, "--", 2) == 0) return "--";
        if (strncmp(text, "/*", 2) == 0) return "/*";
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
            if (strlen(words[i]) == length && strncasecmp(text, words[i], length) == 0)
                return words[i];
    }
    return NULL;
}

static bool is_balanced(const char *text) {
    int depth = 0;
    for (size_t length; depth >= 0 && (length = token_length(text)) > 0; text += length) {
        if (*text == '(') depth++;
        if (*text == ')') depth--;
        if ((*text == '\'' || *text == '"') && (length < 2 || text[length - 1] != *text))
            return false;
    }
    return depth == 0;
}

/* --- what is named ---------------------------------------------------------------------------- */

static bool is_key(const struct expect_keys *keys, const char *name) {
    for (int i = 0; i < keys->count; i++)
        if (json_object_get(keys->parameters[i], name) != NULL) return true;
    return false;
}

/* The statement's parameter for this; the same name is the same one. */
static int refer(struct expectation *e, const char *name, const struct strategy *strategy,
                 const char *unit) {
    for (int i = 0; i < e->reference_count; i++)
        if (e->references[i].strategy == strategy && strcmp(e->references[i].name, name) == 0)
            return i + 1;
    e->references = xgrow(e->references, (size_t)e->reference_count, sizeof(*e->references));
    e->references[e->reference_count++] =
        (struct reference){.name = xstrdup(name), .strategy = strategy, .unit = unit};
    return e->reference_count;
}

/* The nearest metric or key, or NULL. */
static const char *nearest(const struct expect_keys *keys, const char *name, char *metric) {
    const char *best = NULL, *key;
    json_t *value;
    struct metric_id id = {0};
    while (metric_next(&id)) {
        char own[METRIC_NAME_SIZE];
        const char *candidate = metric_name(own, id);
        if (options_nearest(name, &candidate, 1) == NULL) continue;
        const char *const both[] = {best == NULL ? candidate : best, candidate};
        best = strcpy(metric, options_nearest(name, both, 2));
    }
    for (int i = 0; best == NULL && i < keys->count; i++)
        json_object_foreach((json_t *)keys->parameters[i], key,
                            value) if (best == NULL && options_nearest(name, &key, 1) != NULL)
            best = key;
    return best;
}

static char *unknown(const struct expect_keys *keys, const char *name) {
    char metric[METRIC_NAME_SIZE];
    const char *near = nearest(keys, name, metric);
    if (near == NULL)
        return xasprintf(
            "%s is neither a metric (`pushpull metrics` lists them) nor a key that this "
            "scenario sets",
            name);
    return xasprintf("%s is neither a metric nor a key that this scenario sets: did you mean %s?",
                     name, near);
}

/* Words of SQL that stand in expressions; what stands before a parenthesis is a function. */
static bool is_sql(const char *word, const char *behind) {
    static const char *const words[] = {"and",  "or",   "not",  "is",   "null", "between", "in",
                                        "case", "when", "then", "else", "end",  "true",    "false"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcasecmp(word, words[i]) == 0) return true;
    return behind[strspn(behind, " \t")] == '(';
}

/* Adds the word as SQL. Returns 0, or -1 with a *mistake. */
static int add_word(struct expectation *e, struct buffer *sql, const char *word, const char *behind,
                    const struct expect_keys *keys, char **mistake) {
    size_t length;
    const char *name = scenario_bare_key(word, &length);
    const struct strategy *strategy = NULL;
    struct metric_id id;
    if (length > 0) {
        char *prefix = xmemdup(word, length);
        strategy = strategy_find(prefix);
        if (strategy == NULL) *mistake = xasprintf("there is no strategy %s", prefix);
        free(prefix);
        if (strategy == NULL) return -1;
    }
    bool key = is_key(keys, name), metric = !key && metric_find(name, &id);
    if (key || metric) {
        buffer_printf(sql, "?%d", refer(e, name, strategy, metric ? id.kind->unit : NULL));
        return 0;
    }
    if (length == 0 && is_sql(word, behind)) {
        buffer_printf(sql, "%s", word);
        return 0;
    }
    *mistake = unknown(keys, name);
    return -1;
}

/* Adds the expression as SQL, in parentheses. */
static int add_expression(struct expectation *e, struct buffer *sql, const char *text,
                          const struct expect_keys *keys, char **mistake) {
    int status = 0;
    buffer_printf(sql, "(");
    for (size_t length; status == 0 && (length = token_length(text)) > 0; text += length) {
        if (!begins_word(*text)) {
            buffer_append(sql, text, length);
            continue;
        }
        char *word = xmemdup(text, length);
        status = add_word(e, sql, word, text + length, keys, mistake);
        free(word);
    }
    buffer_printf(sql, ")");
    return status;
}

/* --- the line --------------------------------------------------------------------------------- */

static char *trimmed(const char *from, const char *to) {
    while (from < to && isspace((unsigned char)*from)) from++;
    while (to > from && isspace((unsigned char)to[-1])) to--;
    return xmemdup(from, (size_t)(to - from));
}

/* "within 5 %": reads it; false when it is not so. */
static bool read_within(struct expectation *e, const char *from, const char *to) {
    char *text = trimmed(from + strlen("within"), to), *end;
    double share = strtod(text, &end);
    end += strspn(end, " \t");
    bool good = end != text && strcmp(end, "%") == 0 && share > 0 && share < 1000;
    e->within = share / 100;
    free(text);
    return good;
}

/* Cuts the line into its sides, `within` and `where`. */
static int cut(struct expectation *e, char **condition, char **mistake) {
    const char *end = e->text + strlen(e->text);
    const char *sign = find_outside(e->text, is_comparison);
    if (sign == NULL) {
        *mistake = xstrdup("there is no comparison: write LEFT < RIGHT, or one of <= > >= = !=");
        return -1;
    }
    int i = sign_of(sign, token_length(sign));
    const char *right = sign + strlen(signs[i].sign);
    const char *where = find_outside(right, is_where);
    const char *within = find_outside(right, is_within);
    const char *tail = where == NULL ? end : where;
    e->comparison = signs[i].comparison;
    e->sign = signs[i].sign;
    *condition = where == NULL ? xstrdup("1") : trimmed(where + strlen("where"), end);
    if (within != NULL && (within > tail || !read_within(e, within, tail))) {
        *mistake = xstrdup("within takes a share, and stands before where: within 5 %");
        return -1;
    }
    if (within != NULL && e->comparison != EQUAL) {
        *mistake = xstrdup("within belongs to =: how near is equal");
        return -1;
    }
    e->sides[0] = trimmed(e->text, sign);
    e->sides[1] = trimmed(right, within == NULL ? tail : within);
    const char *second = find_outside(e->sides[1], is_comparison);
    if (second != NULL) *mistake = xstrdup("there are two comparisons: make it two lines");
    return second == NULL ? 0 : -1;
}

/* A figure without a prefix is that of each strategy's cell; that cannot be when others are named. */
static int check_prefixes(const struct expectation *e, char **mistake) {
    const struct reference *bare = NULL;
    bool named = false;
    for (int i = 0; i < e->reference_count; i++) {
        if (e->references[i].strategy != NULL)
            named = true;
        else if (e->references[i].unit != NULL)
            bare = &e->references[i];
    }
    if (!named || bare == NULL) return 0;
    *mistake = xasprintf("%s is of which strategy? Others have a prefix: write sse.%s, or that of "
                         "another one",
                         bare->name, bare->name);
    return -1;
}

static int prepare(struct expectation *e, sqlite3 *db, const char *condition,
                   const struct expect_keys *keys, char **mistake) {
    struct buffer sql = {0};
    buffer_printf(&sql, "SELECT ");
    int status = add_expression(e, &sql, e->sides[0], keys, mistake);
    buffer_printf(&sql, ", ");
    if (status == 0) status = add_expression(e, &sql, e->sides[1], keys, mistake);
    buffer_printf(&sql, ", ");
    if (status == 0) status = add_expression(e, &sql, condition, keys, mistake);
    if (status == 0) status = check_prefixes(e, mistake);
    if (status == 0 && sqlite3_prepare_v2(db, sql.data, -1, &e->statement, NULL) != SQLITE_OK) {
        *mistake = xasprintf("it is no expression: %s", sqlite3_errmsg(db));
        status = -1;
    }
    buffer_free(&sql);
    return status;
}

int expectation_read(struct expectation *e, sqlite3 *db, const char *name, const char *text,
                     const struct expect_keys *keys, char **mistake) {
    char *condition = NULL;
    *e = (struct expectation){.name = xstrdup(name), .text = xstrdup(text)};
    *mistake = NULL;
    const char *never = forbidden(text);
    if (never != NULL)
        *mistake = xasprintf("%s is no part of an expression", never);
    else if (!is_balanced(text))
        *mistake = xstrdup("a parenthesis or a quote is not closed");
    else if (cut(e, &condition, mistake) == 0)
        prepare(e, db, condition, keys, mistake);
    free(condition);
    return *mistake == NULL ? 0 : -1;
}

void expectation_free(struct expectation *e) {
    for (int i = 0; i < e->reference_count; i++) free(e->references[i].name);
    free(e->references);
    sqlite3_finalize(e->statement);
    free(e->sides[0]);
    free(e->sides[1]);
    free(e->name);
    free(e->text);
    *e = (struct expectation){0};
}

bool expectation_for_each(const struct expectation *e) {
    for (int i = 0; i < e->reference_count; i++)
        if (e->references[i].strategy != NULL) return false;
    return true;
}

int expectation_compare(const struct expectation *e, double left, double right) {
    if (fabs(left - right) <= e->within * fabs(right)) return 0;
    return left < right ? -1 : 1;
}

bool expectation_agrees(const struct expectation *e, int compared) {
    static const bool good[COMPARISON_COUNT][3] = {
        [LESS_THAN] = {true, false, false}, [AT_MOST] = {true, true, false},
        [MORE_THAN] = {false, false, true}, [AT_LEAST] = {false, true, true},
        [EQUAL] = {false, true, false},     [NOT_EQUAL] = {true, false, true},
    };
    return good[e->comparison][compared + 1];
}

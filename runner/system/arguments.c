/* The command line of `pushpull COMMAND`. */
#include "system/arguments.h"

#include "base/memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The option that `word` names, as --name or --name=value, or NULL. */
static const struct option *named(const struct option_set *set, const char *word) {
    char *name = xmemdup(word + 2, strcspn(word + 2, "="));
    const struct option *option = options_find(set, name);
    free(name);
    return option;
}

static void push(const char ***list, int *count, const char *text) {
    *list = xgrow(*list, (size_t)*count, sizeof(**list));
    (*list)[(*count)++] = text;
}

/* The value of an option that may be given many times; its row in the table is there for --help. */
static bool take_many(const char *option, const char ***list, int *count, int argc, char **argv,
                      int *position) {
    const char *word = argv[*position], *value = NULL;
    size_t length = strlen(option);
    if (strncmp(word, option, length) != 0) return false;
    if (word[length] == '=')
        value = word + length + 1;
    else if (word[length] == '\0' && *position + 1 < argc)
        value = argv[++*position];
    if (value != NULL) push(list, count, value);
    return value != NULL;
}

static bool take_repeated(struct arguments *arguments, const struct option_set *set, int argc,
                          char **argv, int *position) {
    if (named(set, argv[*position]) == NULL) return false;
    return take_many("--set", &arguments->sets, &arguments->set_count, argc, argv, position) ||
           take_many("--expect", &arguments->expects, &arguments->expect_count, argc, argv,
                     position);
}

/* Whether the word after this option is its value. */
static bool takes_next(const struct option_set *set, const char *word) {
    const struct option *option = named(set, word);
    return option != NULL && option->kind != OPTION_FLAG && strchr(word, '=') == NULL;
}

void arguments_parse(struct arguments *arguments, const struct option_set *set, int argc,
                     char **argv) {
    char **rest = xcalloc((size_t)argc + 1, sizeof(*rest));
    int count = 1; /* rest[0] stands for the program */
    *arguments = (struct arguments){0};
    for (int i = 1; i < argc; i++) {
        bool option = strncmp(argv[i], "--", 2) == 0 || strcmp(argv[i], "-h") == 0;
        if (!option) {
            push(&arguments->operands, &arguments->operand_count, argv[i]);
        } else if (!take_repeated(arguments, set, argc, argv, &i)) {
            bool two = takes_next(set, argv[i]) && i + 1 < argc;
            rest[count++] = argv[i];
            if (two) rest[count++] = argv[++i];
        }
    }
    options_parse(set, count, rest);
    free(rest);
}

void arguments_free(struct arguments *arguments) {
    free(arguments->operands);
    free(arguments->sets);
    free(arguments->expects);
}

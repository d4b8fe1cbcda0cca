/* A whole INI text as a list of entries: what people write that is no scenario. */
#ifndef PUSHPULL_INI_TEXT_H
#define PUSHPULL_INI_TEXT_H

#include <stdbool.h>

#define INI_BLANK "\u00a0"
#define INI_LINE_MAX 198 /* characters; what inih takes, on Debian */

struct ini_entry {
    char *section, *key, *value;
    int line; /* 1, 2, ...: where the key stands */
};

/* Zeroed is empty. */
struct ini_text {
    struct ini_entry *entries;
    int count;
};

/* Reads it. A line that is indented further goes on with the value above it, after a blank. With `fold`, lines may be
 * longer than INI_LINE_MAX, and a semicolon within a value belongs to it (the blank before it becomes INI_BLANK); else
 * it begins a comment. Returns 0; or the number of the first line that is a mistake, and *why says what it is
 * (static text). Free it in either case. */
int ini_text_read(struct ini_text *, const char *text, bool fold, const char **why);
void ini_text_free(struct ini_text *);

/* The value, NULL when there is none. */
const char *ini_text_find(const struct ini_text *, const char *section, const char *key);

#endif

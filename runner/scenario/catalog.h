/* The catalog: which options each strategy's programs have, and the link. The programs say so themselves
 * (`sse_server --options`); there is no second list. */
#ifndef PUSHPULL_CATALOG_H
#define PUSHPULL_CATALOG_H

#include "base/options.h"
#include "figures/role.h"
#include "scenario/strategies.h"

struct catalog;

/* The programs are files in `directory`, which must outlive the catalog. */
struct catalog *catalog_new(const char *directory);
void catalog_free(struct catalog *);

/* Asks both programs of a strategy; once, later calls return at once. Returns 0, or -1 after a
 * line on stderr. */
int catalog_load(struct catalog *, const struct strategy *);

/* The same of the link, the program that stands between servers and clients where they are apart. */
int catalog_load_link(struct catalog *);

/* The option of a loaded strategy's program, with its default, or NULL. `key` is in snake_case. */
const struct option *catalog_find(const struct catalog *, const struct strategy *, enum role,
                                  const char *key);

/* The same of the link, once it is loaded; or NULL. */
const struct option *catalog_find_link(const struct catalog *, const char *key);

/* The names of all options of all loaded strategies, each once, for suggestions. The caller frees
 * the array, not the names. */
const char **catalog_names(const struct catalog *, int *count);
/* The same of the link. */
const char **catalog_link_names(const struct catalog *, int *count);

/* "build/release/bin/sse_server"; of the link, which has no strategy, "build/release/bin/link". The caller
 * frees it. */
char *catalog_program(const struct catalog *, const struct strategy *, enum role);
/* "build/release/bin/enter": starts a program at one end of a link. The caller frees it. */
char *catalog_enter(const struct catalog *);

#endif

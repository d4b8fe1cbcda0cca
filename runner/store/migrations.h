/* The versions that the store's tables have had, and the way to the present one. */
#ifndef PUSHPULL_MIGRATIONS_H
#define PUSHPULL_MIGRATIONS_H

#include <sqlite3.h>

/* PRAGMA user_version of schema.sql. Who changes schema.sql or views.sql raises it and adds a step to
 * migrations.c: views are made together with the tables, not whenever somebody looks. */
#define STORE_VERSION 9

/* runner/store/schema.sql and runner/store/views.sql, made into C by the Makefile. */
extern const char schema_sql[];
extern const char views_sql[];

/* The version of the tables, 0 when there are none; or -1 after a line on stderr. `path` is for
 * messages. */
int store_version(sqlite3 *, const char *path);
/* Makes the tables and views, or brings those of an older pushpull into the present shape: all of
 * it or nothing. Returns 0, or -1 after a line on stderr. */
int store_migrate(sqlite3 *, const char *path);

#endif

/* Opening and closing the database that experiments leave behind. */
#ifndef PUSHPULL_STORE_OPEN_H
#define PUSHPULL_STORE_OPEN_H

#include <sqlite3.h>

/* Opens the database to write into it, creating it and its directory when there is none. One of an
 * older pushpull is brought into the present shape. Returns NULL after one line on stderr when that
 * cannot be, or when a newer pushpull wrote it. */
sqlite3 *store_open(const char *path);
/* Opens what is there already, to read: writes nothing, neither into the file nor beside it. What an
 * older pushpull wrote is read as a copy in memory. Returns NULL after one line on stderr. */
sqlite3 *store_open_to_read(const char *path);
/* A new one in memory: for rows of somebody else's file, whose views need not be ours. NULL after a line on stderr. */
sqlite3 *store_open_in_memory(void);
/* Returns 0, or -1 after a line on stderr when what was read from it may not hang together. */
int store_close(sqlite3 *);

/* Whether this version of SQLite (as in sqlite3_libversion_number) will do: 0, or -1 after a line on
 * stderr. */
int store_sqlite_suffices(int version);

/* Keeps others from running experiments into the same database, which would disturb the figures of
 * both, until this process ends or closes the descriptor that it returns; -1 after a line on stderr. */
int store_lock(const char *path);

#endif

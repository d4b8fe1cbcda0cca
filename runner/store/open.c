/* Opening the store: to write, which makes or migrates its tables; or to read, which writes nothing.
 * Either goes by the file's real path, which SQLite takes for nothing else (":memory:"), and beside
 * which it keeps its log.
 *
 * Write-ahead logging lets people read while an experiment runs. synchronous=FULL syncs after each
 * transaction, between trials, where it disturbs no measurement: not even a power cut loses a trial
 * that was stored. */
#include "store/open.h"

#include "base/log.h"
#include "base/memory.h"
#include "store/migrations.h"
#include "store/reference.h"
#include "store/sql.h"
#include "system/directory.h"
#include "system/hint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS 10000        /* how long to wait for another process that writes */
#define SQLITE_LEAST 3037000 /* STRICT tables */

/* What files that are read in one go looked like when they were opened. */
static struct unlocked {
    sqlite3 *db; /* NULL: none is open */
    struct stat file;
} unlocked[2]; /* a comparison reads two */

/* The place of one that is open, or with NULL a free one; NULL when there is none. */
static struct unlocked *unlocked_of(sqlite3 *db) {
    for (int i = 0; i < 2; i++)
        if (unlocked[i].db == db) return &unlocked[i];
    return NULL;
}

static int complain(sqlite3 *db, const char *path, const char *what) {
    log_error("cannot %s in the database %s: %s", what, path, sqlite3_errmsg(db));
    return -1;
}

int store_sqlite_suffices(int version) {
    if (version >= SQLITE_LEAST) return 0;
    log_error("SQLite %d.%d is too old: pushpull needs 3.37 or newer, for STRICT tables",
              version / 1000000, version / 1000 % 1000);
    return -1;
}

/* --- to write --------------------------------------------------------------------------------- */

static int prepare(sqlite3 *db, const char *path) {
    sqlite3_busy_timeout(db, BUSY_MS);
    int version = store_version(db, path);
    if (version < 0) return -1;
    if (sql_execute(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL") != 0)
        return complain(db, path, "set up journalling");
    if (version < STORE_VERSION && store_migrate(db, path) != 0) return -1;
    if (store_keep_reference(db) != 0) return complain(db, path, "keep the table of metrics");
    if (sql_execute(db, "PRAGMA foreign_keys=ON") != 0)
        return complain(db, path, "watch references");
    return 0;
}

/* The real path of the file, which is made when it is not there: empty, as SQLite would make it.
 * NULL after a line on stderr. The caller frees it. */
static char *made(const char *path) {
    int error = directory_create_for(path);
    if (error != 0) log_error("cannot create the directory of %s: %s", path, strerror(error));
    if (error != 0) return NULL;
    char *real = realpath(path, NULL);
    int fd = real != NULL ? -1 : open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd >= 0) real = realpath(path, NULL);
    if (real == NULL) log_error("cannot make the database %s: %s", path, strerror(errno));
    if (fd >= 0) close(fd);
    return real;
}

sqlite3 *store_open(const char *path) {
    sqlite3 *db = NULL;
    if (store_sqlite_suffices(sqlite3_libversion_number()) != 0) return NULL;
    char *real = made(path);
    if (real == NULL) return NULL;
    bool good = sqlite3_open(real, &db) == SQLITE_OK;
    if (!good) complain(db, path, "open what is stored");
    good = good && prepare(db, path) == 0;
    free(real);
    if (good) return db;
    sqlite3_close(db);
    return NULL;
}

/* --- to read ---------------------------------------------------------------------------------- */

/* Whether what was stored last still waits in the log beside the file. */
static bool has_log(const char *path) {
    struct stat status;
    char *log = xasprintf("%s-wal", path);
    bool there = stat(log, &status) == 0 && status.st_size > 0;
    free(log);
    return there;
}

/* "file:/a%3fb?immutable=1": SQLite takes the path apart where it is not escaped. */
static char *uri(const char *path, bool immutable) {
    struct buffer out = {0};
    buffer_printf(&out, "file:");
    for (const char *c = path; *c != '\0'; c++)
        buffer_printf(&out, strchr("?#%", *c) != NULL ? "%%%02x" : "%c", *c);
    if (immutable) buffer_printf(&out, "?immutable=1");
    return out.data;
}

/* Reading by the log needs the files -wal and -shm. Without them SQLite would make them, and one
 * who may only read would leave files behind that bar the owner. So where there is no log, nobody
 * writes, and the file is read as it lies (`immutable`); store_close says when that was not true. */
static sqlite3 *open_to_read(const char *path) {
    sqlite3 *db = NULL;
    bool quiet = !has_log(path);
    char *name = uri(path, quiet);
    int code = sqlite3_open_v2(name, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    free(name);
    if (code == SQLITE_OK) {
        sqlite3_busy_timeout(db, BUSY_MS);
        sql_execute(db, "PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF");
        struct unlocked *place = unlocked_of(NULL);
        if (quiet && place != NULL && stat(path, &place->file) == 0) place->db = db;
        return db;
    }
    complain(db, path, "open what is stored");
    sqlite3_close(db);
    return NULL;
}

/* A copy in memory, of an older file that must not be changed. */
static sqlite3 *copy(sqlite3 *db, const char *path) {
    sqlite3 *memory = NULL;
    int code = sqlite3_open(":memory:", &memory);
    sqlite3_backup *backup =
        code == SQLITE_OK ? sqlite3_backup_init(memory, "main", db, "main") : NULL;
    if (backup != NULL) sqlite3_backup_step(backup, -1);
    if (backup != NULL && sqlite3_backup_finish(backup) == SQLITE_OK) return memory;
    complain(memory, path, "copy what is stored");
    sqlite3_close(memory);
    return NULL;
}

/* What an older pushpull left is read as a copy in the present shape. */
static sqlite3 *read_older(sqlite3 *db, const char *path) {
    sqlite3 *memory = copy(db, path);
    if (store_close(db) == 0 && memory != NULL && store_migrate(memory, path) == 0) return memory;
    sqlite3_close(memory);
    return NULL;
}

/* The database at its real path, in the present shape. */
static sqlite3 *open_version(const char *path) {
    sqlite3 *db = open_to_read(path);
    if (db == NULL) return NULL;
    if (has_log(path) && sql_ask(db, "PRAGMA user_version") < 0) {
        log_error(
            "cannot read the database %s: what was stored last is in %s-wal, which takes leave"
            " to write beside it: read it as its owner (%s)",
            path, path, sqlite3_errmsg(db));
        sqlite3_close(db);
        return NULL;
    }
    int version = store_version(db, path);
    if (version == STORE_VERSION) return db;
    if (version > 0) return read_older(db, path);
    if (version == 0) log_error("%s is not a database of pushpull: it is empty", path);
    store_close(db);
    return NULL;
}

sqlite3 *store_open_to_read(const char *path) {
    if (store_sqlite_suffices(sqlite3_libversion_number()) != 0) return NULL;
    char *real = access(path, R_OK) == 0 ? realpath(path, NULL) : NULL;
    if (real == NULL) {
        int error = errno;
        char *run = hint("run", "quick");
        log_error(error == ENOENT ? "cannot read the database %s: %s (`%s` makes one)"
                                  : "cannot read the database %s: %s",
                  path, strerror(error), run);
        free(run);
        return NULL;
    }
    sqlite3 *db = open_version(real);
    free(real);
    return db;
}

sqlite3 *store_open_in_memory(void) {
    sqlite3 *db = NULL;
    if (sqlite3_open(":memory:", &db) == SQLITE_OK && store_migrate(db, "in memory") == 0)
        return db;
    sqlite3_close(db);
    return NULL;
}

/* --- closing ---------------------------------------------------------------------------------- */

/* Whether the file that was read as it lies has changed meanwhile. */
static bool changed(const char *path, const struct stat *then) {
    struct stat now;
    return has_log(path) || stat(path, &now) != 0 || now.st_ino != then->st_ino ||
           now.st_size != then->st_size || now.st_mtim.tv_sec != then->st_mtim.tv_sec ||
           now.st_mtim.tv_nsec != then->st_mtim.tv_nsec;
}

int store_close(sqlite3 *db) {
    int status = 0;
    struct unlocked *place = db == NULL ? NULL : unlocked_of(db);
    if (place != NULL) {
        const char *path = sqlite3_db_filename(db, "main");
        status = changed(path, &place->file) ? -1 : 0;
        place->db = NULL;
        if (status != 0)
            log_error("the database %s was written to while it was read: ask once more", path);
    }
    if (sqlite3_close(db) != SQLITE_OK) log_error("the database was closed while in use");
    return status;
}

/* --- one at a time ---------------------------------------------------------------------------- */

/* The kernel lets go of the lock when its descriptor is closed, or the process ends, however it ends. */
int store_lock(const char *path) {
    char *real = made(path);
    if (real == NULL) return -1;
    char *file = xasprintf("%s.lock", real); /* the same under every name of the database */
    int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    int error = fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0 ? errno : 0;
    if (error == EWOULDBLOCK)
        log_error("another pushpull is running an experiment into %s: wait until it has ended",
                  path);
    else if (error != 0)
        log_error("cannot lock %s: %s", file, strerror(error));
    if (error != 0 && fd >= 0) close(fd);
    free(file);
    free(real);
    return error == 0 ? fd : -1;
}

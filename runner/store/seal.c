/* Digests of rows: each value with its length before it, so that none can pass for parts of two others. */
#include "store/seal.h"

#include "base/memory.h"
#include "store/sql.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *finish(EVP_MD_CTX *context) {
    unsigned char digest[32];
    char text[65];
    EVP_DigestFinal_ex(context, digest, NULL);
    EVP_MD_CTX_free(context);
    for (int i = 0; i < 32; i++) snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return xstrdup(text);
}

static EVP_MD_CTX *begin(void) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_DigestInit_ex(context, EVP_sha256(), NULL);
    return context;
}

char *seal_text(const char *text) {
    EVP_MD_CTX *context = begin();
    EVP_DigestUpdate(context, text, strlen(text));
    return finish(context);
}

static int add_rows(EVP_MD_CTX *context, sqlite3 *db, const char *sql, int64_t experiment_id) {
    sqlite3_stmt *rows = sql_prepare(db, sql, experiment_id);
    int row;
    while ((row = sql_next(rows)) == 1)
        for (int i = 0; i < sqlite3_column_count(rows); i++) {
            const char *value = sql_column(rows, i);
            char length[24];
            snprintf(length, sizeof(length), "%zu:", strlen(value));
            EVP_DigestUpdate(context, length, strlen(length));
            EVP_DigestUpdate(context, value, strlen(value));
        }
    sqlite3_finalize(rows);
    return row;
}

#define OF_TRIALS                                                                                  \
    " JOIN trial t ON t.id = trial_id WHERE experiment_id = :experiment ORDER BY t.position"

char *seal_experiment(sqlite3 *db, int64_t experiment_id) {
    static const char *const rows[] = {
        "SELECT scenario, scenario_text, overrides, mode, seed, started_at, finished_at,"
        " git_revision, environment FROM experiment WHERE id = :experiment",
        "SELECT strategy, parameters, repeat, position, seed, status, verdict, reason, started_at,"
        " seconds, variant, batch FROM trial WHERE experiment_id = :experiment ORDER BY position",
        "SELECT metric_group, d.verdict, d.reason FROM doubt d" OF_TRIALS
        ", metric_group, d.verdict, d.reason",
        "SELECT name, unit, value, low, high FROM metric" OF_TRIALS ", name",
        "SELECT role, process, json FROM report" OF_TRIALS ", role, process",
    };
    EVP_MD_CTX *context = begin();
    int status = 0;
    for (size_t i = 0; status == 0 && i < sizeof(rows) / sizeof(rows[0]); i++)
        status = add_rows(context, db, rows[i], experiment_id);
    char *seal = finish(context);
    if (status == 0) return seal;
    free(seal);
    return NULL;
}

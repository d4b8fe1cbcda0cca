/* Rows of lab_prediction, lab_run and guess. See notebook.h. */
#include "lab/notebook.h"

#include "base/log.h"
#include "base/memory.h"
#include "expect/figure.h"
#include "store/seal.h"
#include "store/sql.h"
#include "store/store.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int complain(sqlite3 *db, const char *what) {
    log_error("cannot %s in the database %s: %s", what, sqlite3_db_filename(db, "main"),
              sqlite3_errmsg(db));
    return -1;
}

/* --- predictions ------------------------------------------------------------------------------ */

/* The digest of a prediction: of its four texts, a line each. The caller frees it. */
static char *digest_of(const char *lab, const char *student, const char *made_at,
                       const char *answers) {
    char *text = xasprintf("%s\n%s\n%s\n%s\n", lab, student, made_at, answers);
    char *digest = seal_text(text);
    free(text);
    return digest;
}

int notebook_predict(sqlite3 *db, const struct lab *lab, const struct answers *answers) {
    json_t *numbers = json_object();
    for (int i = 0; i < lab->question_count; i++)
        if (lab->questions[i].kind == PREDICT)
            json_object_set_new(numbers, lab->questions[i].name,
                                json_real(answer_number(&lab->questions[i], answers->texts[i])));
    char now[STORE_TIME_SIZE];
    store_now(now);
    char *text = json_dumps(numbers, JSON_COMPACT | JSON_REAL_PRECISION(15));
    char *digest = digest_of(lab->name, answers->student, now, text);
    int status = sql_run(sql_bind(db,
                                  "INSERT INTO lab_prediction (lab, student, made_at, answers,"
                                  " sha256) VALUES (?, ?, ?, ?, ?)",
                                  "ttttt", lab->name, answers->student, now, text, digest));
    free(digest);
    free(text);
    json_decref(numbers);
    return status == 0 ? 0 : complain(db, "keep a prediction");
}

bool notebook_prediction(sqlite3 *db, int64_t id, struct prediction *prediction) {
    sqlite3_stmt *row = sql_query(db,
                                  "SELECT id, lab, student, made_at, sha256, answers"
                                  " FROM lab_prediction WHERE ?1 IN (0, id)"
                                  " ORDER BY id DESC LIMIT 1",
                                  "i", id);
    *prediction = (struct prediction){0};
    bool found = sql_next(row) == 1;
    if (found) {
        const char *answers = sql_column(row, 5);
        *prediction = (struct prediction){
            .id = sqlite3_column_int64(row, 0),
            .lab = sql_copy(row, 1),
            .student = sql_copy(row, 2),
            .made_at = sql_copy(row, 3),
            .sha256 = sql_copy(row, 4),
            .answers = json_loads(answers, 0, NULL),
        };
        char *digest =
            digest_of(prediction->lab, prediction->student, prediction->made_at, answers);
        prediction->intact = strcmp(digest, prediction->sha256) == 0;
        free(digest);
    }
    sqlite3_finalize(row);
    return found;
}

void prediction_free(struct prediction *prediction) {
    free(prediction->lab);
    free(prediction->student);
    free(prediction->made_at);
    free(prediction->sha256);
    json_decref(prediction->answers);
    *prediction = (struct prediction){0};
}

/* --- runs ------------------------------------------------------------------------------------- */

/* What was predicted, as a figure of a cell. What cannot be one is no guess: its cell failed, say. */
static int keep_guess(sqlite3 *db, int64_t experiment_id, const struct subject *subject,
                      const struct question *q, double number) {
    struct expect_figure figure;
    char *mistake;
    int status = 0;
    bool good = expect_figure(&figure, subject, q->answer, q->where, &mistake) == 0 &&
                figure.metric != NULL && figure.value != 0; /* whether it may be believed or not */
    if (good)
        status = sql_run(sql_bind(db, "INSERT OR REPLACE INTO guess VALUES (?, ?, ?, ?, ?)",
                                  "itttd", experiment_id, figure.strategy, figure.parameters,
                                  figure.metric, number * figure.metric_value / figure.value));
    expect_figure_free(&figure);
    free(mistake);
    return status;
}

/* A run of one's own began when its experiment did. */
static int note_run(sqlite3 *db, int64_t experiment_id, const struct prediction *prediction,
                    bool recorded) {
    char now[STORE_TIME_SIZE], *seal = seal_experiment(db, experiment_id);
    int status = seal == NULL
                     ? -1
                     : sql_run(sql_bind(db,
                                        "INSERT INTO lab_run SELECT id, ?, iif(?, ?, started_at),"
                                        " ?2, ? FROM experiment WHERE id = ?",
                                        "iitti", prediction->id, (int64_t)recorded, store_now(now),
                                        seal, experiment_id));
    free(seal);
    return status;
}

static int keep_guesses(sqlite3 *db, const struct lab *lab, int64_t experiment_id,
                        const json_t *answers) {
    struct subject subject;
    int status = subject_open(&subject, db, experiment_id);
    for (int i = 0; status == 0 && i < lab->question_count; i++) {
        const struct question *q = &lab->questions[i];
        const json_t *number = json_object_get(answers, q->name);
        if (q->kind == PREDICT && q->answer != NULL && number != NULL)
            status = keep_guess(db, experiment_id, &subject, q, json_number_value(number));
    }
    subject_close(&subject);
    return status;
}

int notebook_ran(sqlite3 *db, const struct lab *lab, int64_t experiment_id,
                 const struct prediction *prediction, bool recorded) {
    int status = note_run(db, experiment_id, prediction, recorded);
    if (status == 0) status = keep_guesses(db, lab, experiment_id, prediction->answers);
    return status == 0 ? 0 : complain(db, "note a lab's run");
}

bool notebook_run(sqlite3 *db, struct lab_run *run) {
    sqlite3_stmt *row = sql_query(db,
                                  "SELECT experiment_id, prediction_id, begun_at, seal, recorded"
                                  " FROM lab_run ORDER BY experiment_id DESC LIMIT 1",
                                  "");
    *run = (struct lab_run){0};
    bool found = sql_next(row) == 1;
    if (found)
        *run = (struct lab_run){
            .experiment_id = sqlite3_column_int64(row, 0),
            .prediction_id = sqlite3_column_int64(row, 1),
            .begun_at = sql_copy(row, 2),
            .seal = sql_copy(row, 3),
            .recorded = sqlite3_column_int(row, 4) != 0,
        };
    sqlite3_finalize(row);
    return found;
}

void lab_run_free(struct lab_run *run) {
    free(run->begun_at);
    free(run->seal);
    *run = (struct lab_run){0};
}

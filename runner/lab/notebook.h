/* The notebook of a lab: what was predicted, when, and which experiment came after it. It lies in the database of the
 * lab, results/labs/NN-name/pushpull.sqlite; nothing in it is ever changed. */
#ifndef PUSHPULL_NOTEBOOK_H
#define PUSHPULL_NOTEBOOK_H

#include "lab/answers.h"
#include "lab/lab.h"

#include <jansson.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* A row of lab_prediction. Zeroed is none. */
struct prediction {
    int64_t id;
    char *lab, *student, *made_at, *sha256;
    json_t *answers; /* NAME -> number */
    bool intact;     /* the digest is that of the rest */
};

/* A row of lab_run. Zeroed is none. */
struct lab_run {
    int64_t experiment_id;
    int64_t prediction_id;
    char *begun_at; /* of the recorded run: when it was taken */
    char *seal;     /* of its rows when it had ended (store/seal.h) */
    bool recorded;
};

/* Keeps the predictions of these answers, as they are now. Returns 0, or -1 after a line on stderr. */
int notebook_predict(sqlite3 *, const struct lab *, const struct answers *);
/* Notes that an experiment which has ended is the lab's run, after this prediction: seals it, and keeps what was
 * predicted of its cells for the charts. Returns the same. */
int notebook_ran(sqlite3 *, const struct lab *, int64_t experiment_id, const struct prediction *,
                 bool recorded);

/* The newest prediction (id 0), or that of an id. Returns whether there is one. Free it in either case. */
bool notebook_prediction(sqlite3 *, int64_t id, struct prediction *);
void prediction_free(struct prediction *);
/* The newest run. The same. */
bool notebook_run(sqlite3 *, struct lab_run *);
void lab_run_free(struct lab_run *);

#endif

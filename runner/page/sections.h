/* The sections of the report's page, in its order. A query that fails has said so on stderr; its section is
 * then short. */
#ifndef PUSHPULL_SECTIONS_H
#define PUSHPULL_SECTIONS_H

#include "base/memory.h"

#include <sqlite3.h>
#include <stdint.h>

void page_head(struct buffer *, sqlite3 *, int64_t experiment_id);       /* title, question */
void page_highlights(struct buffer *, sqlite3 *, int64_t experiment_id); /* in short */
void page_gate(struct buffer *, sqlite3 *,
               int64_t experiment_id); /* of a paired run: its verdict */
void page_table(struct buffer *, sqlite3 *, int64_t experiment_id); /* a row per cell */
/* What was predicted, where each trial has a simulated twin, and what that means; else nothing. */
void page_prediction(struct buffer *, sqlite3 *, int64_t experiment_id);
void page_all_metrics(struct buffer *, sqlite3 *, int64_t experiment_id); /* folded away */
/* What the scenario predicted, and whether it came true; nothing when it predicted nothing. */
void page_expectations(struct buffer *, sqlite3 *, int64_t experiment_id);
void page_verdicts(struct buffer *, sqlite3 *, int64_t experiment_id);
void page_environment(struct buffer *, sqlite3 *, int64_t experiment_id);
void page_repeat(struct buffer *, sqlite3 *, int64_t experiment_id); /* how to run it again */

#endif

/* Copying an experiment from one database into another. */
#ifndef PUSHPULL_COPY_H
#define PUSHPULL_COPY_H

#include <sqlite3.h>
#include <stdint.h>

/* What becomes of the figures, most of which follow from the reports. */
enum copy_figures {
    COPY_METRICS,  /* they are copied as they are; histograms are left behind */
    COPY_REPORTS,  /* what follows from the reports is left behind: the least room */
    COPY_DERIVING, /* what follows from the reports is derived anew, metrics and histograms */
};

/* Copies the experiment with its trials, doubts, figures and reports in one transaction, under new ids; series are left
 * behind. Sets *new_id. Returns 0, or -1 after a line on stderr: then nothing was copied. */
int store_copy(sqlite3 *from, int64_t experiment_id, sqlite3 *to, enum copy_figures,
               int64_t *new_id);

#endif

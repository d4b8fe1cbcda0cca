/* In short: what an experiment found, in sentences made from its figures. */
#ifndef PUSHPULL_HIGHLIGHTS_H
#define PUSHPULL_HIGHLIGHTS_H

#include <sqlite3.h>
#include <stdint.h>

struct highlight {
    char *about; /* "Median latency" */
    char *text;  /* "lowest with WebSocket, 196 µs (1.26 times the floor); ..." */
};

struct highlights {
    struct highlight *items;
    int count;
};

/* Compares the strategies where every varying parameter is held (view `baseline`), by figures that
 * may be believed alone. Returns 0, or -1 after a line on stderr; free it in either case. */
int highlights_read(struct highlights *, sqlite3 *, int64_t experiment_id);
void highlights_free(struct highlights *);

#endif

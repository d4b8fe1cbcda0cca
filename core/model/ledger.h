/* The ledger: which sequence numbers one subscriber has received. Nearly always they come in order, and
 * then a ledger is a number and needs no memory. Only a skip makes a gap. */
#ifndef PUSHPULL_LEDGER_H
#define PUSHPULL_LEDGER_H

#include <stdint.h>

/* A run of sequence numbers that were skipped, both ends included: they may still come, late. */
struct ledger_gap {
    uint64_t first, last;
};

/* Zeroed is empty. The first event that a ledger sees starts it: what came before is not missed. */
struct ledger {
    uint64_t highest;        /* newest sequence number received; 0 before the first */
    struct ledger_gap *gaps; /* in rising order; NULL while nothing is missing */
    uint32_t gap_count;
    uint32_t received; /* for whoever counts in it; the ledger does not */
};

enum ledger_entry {
    LEDGER_NEWER, /* newer than all before */
    LEDGER_LATE,  /* it was missing until now */
    LEDGER_AGAIN, /* a duplicate */
};

/* Books a sequence number, and says what it was. */
enum ledger_entry ledger_book(struct ledger *, uint64_t seq);
/* The server has begun another life: its numbers start anew. What is missing of the old one stays
 * missing. */
void ledger_new_life(struct ledger *);
void ledger_free(struct ledger *);

#endif

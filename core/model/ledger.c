/* The ledger: which sequence numbers have come. See ledger.h. */
#include "model/ledger.h"

#include "base/memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void ledger_free(struct ledger *ledger) {
    free(ledger->gaps);
    ledger->gaps = NULL;
    ledger->gap_count = 0;
}

void ledger_new_life(struct ledger *ledger) {
    ledger_free(ledger);
    ledger->highest = 0;
}

static void insert_gap(struct ledger *ledger, uint32_t position, struct ledger_gap gap) {
    ledger->gaps = xgrow(ledger->gaps, ledger->gap_count, sizeof(gap));
    struct ledger_gap *at = &ledger->gaps[position];
    memmove(at + 1, at, (ledger->gap_count - position) * sizeof(gap));
    *at = gap;
    ledger->gap_count++;
}

static void remove_gap(struct ledger *ledger, uint32_t position) {
    struct ledger_gap *at = &ledger->gaps[position];
    ledger->gap_count--;
    memmove(at, at + 1, (ledger->gap_count - position) * sizeof(*at));
    if (ledger->gap_count == 0) ledger_free(ledger);
}

/* The first gap that does not end before `seq`, by bisection. */
static uint32_t gap_position(const struct ledger *ledger, uint64_t seq) {
    uint32_t low = 0, high = ledger->gap_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (ledger->gaps[middle].last < seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* An event that is not newer than the newest came. Returns whether it was missing until now. */
static bool fill_gap(struct ledger *ledger, uint64_t seq) {
    uint32_t position = gap_position(ledger, seq);
    if (position == ledger->gap_count || ledger->gaps[position].first > seq) return false;
    struct ledger_gap *gap = &ledger->gaps[position];
    if (gap->first == gap->last) {
        remove_gap(ledger, position);
    } else if (gap->first == seq) {
        gap->first++;
    } else if (gap->last == seq) {
        gap->last--;
    } else {
        struct ledger_gap before = {gap->first, seq - 1};
        gap->first = seq + 1;
        insert_gap(ledger, position, before);
    }
    return true;
}

/* A newer event came. */
static void advance(struct ledger *ledger, uint64_t seq) {
    if (ledger->highest > 0 && seq > ledger->highest + 1) {
        insert_gap(ledger, ledger->gap_count, (struct ledger_gap){ledger->highest + 1, seq - 1});
    }
    ledger->highest = seq;
}

enum ledger_entry ledger_book(struct ledger *ledger, uint64_t seq) {
    if (seq <= ledger->highest) return fill_gap(ledger, seq) ? LEDGER_LATE : LEDGER_AGAIN;
    advance(ledger, seq);
    return LEDGER_NEWER;
}

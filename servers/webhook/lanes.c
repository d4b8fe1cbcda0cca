/* Which lane carries which event. All that is kept of the order is the newest event that was taken
 * (hook->taken): what no lane carries, up to there, is done. */
#include "lanes.h"

static void carry(struct lane *lane, uint64_t seq) {
    lane->carried = lane->hook->taken = seq;
    lane->attempts = 0;
}

static struct lane *free_lane(struct hook *hook) {
    for (int i = 0; i < hook->lane_count; i++)
        if (hook->lanes[i].carried == 0) return &hook->lanes[i];
    return NULL;
}

struct lane *lane_load(struct hook *hook, const struct feed *feed) {
    struct lane *lane = free_lane(hook);
    if (lane == NULL || hook->taken >= feed->newest) return NULL;
    carry(lane, hook->taken + 1);
    return lane;
}

struct event *lane_event(struct lane *lane, const struct feed *feed, uint64_t *missed) {
    struct hook *hook = lane->hook;
    struct event *event = feed_get(feed, lane->carried);
    uint64_t passed;
    if (event != NULL) return event;
    lane_clear(lane);
    event = feed_next(feed, hook->taken, &passed); /* the other lanes see to their own */
    if (event != NULL) carry(lane, event->seq);
    hook->gone += 1 + passed;
    *missed += 1 + passed;
    return event;
}

void lane_clear(struct lane *lane) { lane->carried = 0; }

bool lanes_have_room(const struct hook *hook) {
    for (int i = 0; i < hook->lane_count; i++)
        if (hook->lanes[i].carried == 0) return true;
    return false;
}

uint64_t lanes_cursor(const struct hook *hook) {
    uint64_t done = hook->taken;
    for (int i = 0; i < hook->lane_count; i++) {
        uint64_t carried = hook->lanes[i].carried;
        if (carried != 0 && carried <= done) done = carried - 1;
    }
    return done;
}

int64_t lanes_retry_ns(const struct hook *hook) {
    int64_t first = 0;
    for (int i = 0; i < hook->lane_count; i++) {
        int64_t at = hook->lanes[i].retry_ns;
        if (at != 0 && (first == 0 || at < first)) first = at;
    }
    return first;
}

bool lanes_stop(struct hook *hook) {
    bool under_way = false;
    for (int i = 0; i < hook->lane_count; i++) {
        list_remove(&hook->lanes[i].link);
        hook->lanes[i].retry_ns = 0;
        under_way |= hook->lanes[i].posting;
    }
    return under_way;
}

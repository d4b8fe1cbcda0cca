/* Two ends of a link, or of loopback, and what goes between them; links whose frames meet a luck that is chosen. For the
 * tests of simulator/network and simulator/stream. */
#ifndef PUSHPULL_PLACES_H
#define PUSHPULL_PLACES_H

#include "base/clock.h"
#include "simulator/network.h"
#include "test.h"

#define MS NS_PER_MS
#define SEGMENT INT64_C(1448)

/* Over a link of 50 ms. */
#define R (50 * MS)
#define WAY (R / 2)
#define RTO (R + 200 * MS)

/* A network, one connection and its books, in a window that never ends. */
struct place {
    struct network network;
    struct line line;
    struct traffic traffic;
};

static const struct window always = {0, INT64_MAX};

static inline struct link_settings settings_of(double rtt_ms) {
    return (struct link_settings){.rtt_ms = rtt_ms, .queue_ms = 100, .burst_text = "", .mtu = 1500};
}

static inline struct place place_of(const struct link_settings *settings, uint64_t seed,
                                    int64_t relay_ns) {
    struct place place = {0};
    network_make(&place.network, settings, seed, &always, relay_ns, 0);
    return place;
}

/* Over a link without loss, 100 ms there and back. */
static inline struct place far_away(void) {
    struct link_settings settings = settings_of(100);
    return place_of(&settings, 1, 0);
}

static inline struct place near_by(void) { return place_of(NULL, 1, 0); }

static inline int64_t say(struct place *place, enum link_direction direction, int64_t at_ns,
                          int64_t bytes) {
    return line_say(&place->network, &place->line, &place->traffic, direction, at_ns,
                    (uint64_t)bytes, "words");
}

static inline void assert_segments(const struct place *place, uint64_t up, uint64_t down,
                                   uint64_t data) {
    assert_int_equal(place->traffic.segments[LINK_UP], up);
    assert_int_equal(place->traffic.segments[LINK_DOWN], down);
    assert_int_equal(place->traffic.data_segments, data);
}

static inline bool fits(const struct link_settings *settings, enum link_direction direction,
                        uint64_t seed, const char *fates) {
    static const struct link_faults no_faults = {.loss_times = 1, .rate_times = 1};
    struct link_law law = link_law_make(settings, direction, &no_faults);
    struct link_way way;
    link_way_init(&way, &law, direction, seed);
    while (*fates != '\0' && (link_way_take(&way, 0, 100).fate == LINK_LOST) == (*fates == 'x'))
        fates++;
    return *fates == '\0';
}

/* A seed with which the frames that go down, and those that come back, meet this luck: x is lost, - passes. */
static inline uint64_t seed_of(const struct link_settings *settings, const char *down,
                               const char *up) {
    for (uint64_t seed = 1; seed < 1000000; seed++)
        if (fits(settings, LINK_DOWN, seed, down) && fits(settings, LINK_UP, seed, up)) return seed;
    fail_msg("no seed gives %s and %s", down, up);
    return 0;
}

static inline struct place unlucky_both_ways(double rtt_ms, const char *down, const char *up) {
    struct link_settings settings = settings_of(rtt_ms);
    settings.loss_percent = 40;
    return place_of(&settings, seed_of(&settings, down, up), 0);
}

/* What comes back is not lost. */
static inline struct place unlucky(double rtt_ms, const char *fates) {
    return unlucky_both_ways(rtt_ms, fates, "--------");
}

#endif

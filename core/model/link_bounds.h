/* What a link measures as if it is what was asked for: the figure that some probes of it should
 * give, and how far chance alone may take them from it. Pure; who sends probes: links/probe.h.
 *
 * For a loss that is a binomial interval. For times and rates nobody needs a formula: the law of
 * the link itself (link.h) is given the very frames that were sent, at the times at which they
 * were sent, a few hundred times over, each time with other luck. A sender that was held up, a
 * jitter that keeps the order, a queue that was full: all that is in it, because the law knows
 * it. Beyond what the luckiest and the unluckiest of those links do lies a tolerance. */
#ifndef PUSHPULL_LINK_BOUNDS_H
#define PUSHPULL_LINK_BOUNDS_H

#include "model/link.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a figure should be, and the least and most that pass for it. NAN: it cannot be measured
 * on such a link, through which nothing comes. */
struct link_range {
    double asked, least, most;
};
bool link_range_holds(const struct link_range *, double got); /* NAN is in no range */

/* --- loss ------------------------------------------------------------------------------------- */

/* What lies between the tails of 0.05 % of a binomial distribution, so 99.9 % or more of it:
 * counts. Exact. */
void binomial_interval(uint64_t trials, double chance, uint64_t *low, uint64_t *high);

/* How many times as much as that of independent losses the variance of a count of losses in
 * bursts is, for many frames: 1 where there are no bursts. For bursts in which all is lost and
 * between which nothing is, it is (1 + c) / (1 - c), where c = 1 - p - r is what one frame's
 * state says about that of the next. */
double link_loss_inflation(const struct link_settings *);

/* So many probes tell twice the loss from once, 99 times of 100. */
uint64_t link_loss_probes(const struct link_settings *);

/* The share that is lost of so many probes, in percent. Without a loss that was asked for, none
 * at all. */
struct link_range link_range_of_loss(const struct link_settings *, uint64_t probes);

/* --- times and rates -------------------------------------------------------------------------- */

struct link_probe {
    int64_t sent_ns, arrived_ns; /* 0: it did not arrive */
    size_t ip_bytes;
};

/* The median of their delays, in microseconds; and the rate at which they arrive, in Mbit/s, as
 * the median of that from each to the one that is half of all behind it, so that no single one
 * which is late matters. NAN where too few arrived. */
double link_probes_delay_us(const struct link_probe *, size_t count);
double link_probes_mbit(const struct link_probe *, size_t count);

/* What these figures of the probes should be. Of a probe only when it was sent and its length
 * count here; the probes are in the order of their sending. */
struct link_range link_range_of_delay(const struct link_settings *, enum link_direction,
                                      const struct link_probe *, size_t count, uint64_t seed);
struct link_range link_range_of_rate(const struct link_settings *, enum link_direction,
                                     const struct link_probe *, size_t count, uint64_t seed);
/* The same where each probe is a TCP handshake: sent is its SYN, arrived the answer to that. */
struct link_range link_range_of_handshake(const struct link_settings *, const struct link_probe *,
                                          size_t count, uint64_t seed);
#define LINK_SYN_BYTES 60 /* IP bytes of a SYN and of its answer, with Linux's options */
#define LINK_ACK_BYTES 52 /* and of what the client says to that */

#endif

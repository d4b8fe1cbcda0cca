/* A log-linear histogram (the HDR idea, Gil Tene): counts of values from 0 to one hour in
 * nanoseconds, each kept to at most 0.1 % error, in constant time and memory.
 *
 * Values below 2048 have a bucket each; above that every doubling of the value is divided into
 * 1024 buckets of equal width, so a bucket is at most 1/1024 of its value wide and its midpoint at
 * most 0.05 % away. Histograms of the same unit merge by adding counts; percentiles are never
 * averaged. */
#ifndef PUSHPULL_HISTOGRAM_H
#define PUSHPULL_HISTOGRAM_H

#include "base/memory.h"

#include <stdint.h>

#define HISTOGRAM_MAXIMUM INT64_C(3600000000000)

struct histogram; /* about 260 KB: one per process and metric, never one per connection */

struct histogram *histogram_new(void);
void histogram_free(struct histogram *);
void histogram_reset(struct histogram *);

/* Counts a value. Below 0 counts as 0, above the maximum as the maximum. */
void histogram_record(struct histogram *, int64_t value);

uint64_t histogram_count(const struct histogram *);
int64_t histogram_min(const struct histogram *); /* exact; 0 when empty */
int64_t histogram_max(const struct histogram *); /* exact; 0 when empty */
double histogram_mean(const struct histogram *); /* exact (from a running sum); 0 when empty */
/* The smallest recorded value that at least `quantile` (0 to 1) of all values do not exceed: the
 * midpoint of its bucket, clamped to [min, max]; where it is the largest value, that itself. 0 when
 * empty. */
int64_t histogram_quantile(const struct histogram *, double quantile);

/* How far two distributions are apart at most (Kolmogorov and Smirnov): the greatest difference between the shares of
 * their values that are not above a value, 0 to 1; NAN when one of them is empty. With a tolerance (0.05: 5 %) what is
 * not above a value in one is held against what is not above so much more in the other, both ways (a distance of
 * Levy's kind): two that are the same but for a shift within the tolerance are 0 apart. */
double histogram_distance(const struct histogram *, const struct histogram *, double tolerance);

/* Walks the occupied buckets in rising order. Start with *cursor = 0; returns 0 at the end. */
int histogram_next(const struct histogram *, uint32_t *cursor, int64_t *midpoint, uint64_t *count);

/* Compact form, for the database and the conversation: a version byte; then LEB128 of count,
 * minimum, maximum; the sum as an 8-byte little-endian double; then pairs of LEB128 (buckets
 * skipped since the last one, count) for the occupied buckets. */
void histogram_serialise(const struct histogram *, struct buffer *out);
/* Adds a serialised histogram to `into`: this is how those of several processes are merged. Returns 0, or UV_EINVAL on malformed bytes (and leaves
 * `into` as it was). */
int histogram_deserialise(struct histogram *into, const void *bytes, size_t length);

/* The compact form in base64, a new string; and back, like histogram_deserialise. For JSON lines. */
char *histogram_to_base64(const struct histogram *);
int histogram_from_base64(struct histogram *into, const char *text);

#endif

/* Buckets, and the walk over them.
 *
 *   value     0 .. 2047        one bucket each: 0 .. 2047
 *   value  2048 .. 4095        1024 buckets, 2 wide
 *   value  4096 .. 8191        1024 buckets, 4 wide, and so on
 *
 * So a bucket's number is the value's eleven leading bits, plus 1024 for every bit that was shifted
 * out. */
#include "model/histogram.h"

#include "base/base64.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define SUB_BUCKETS 1024 /* to a doubling */
#define BUCKETS 33421    /* index_of(HISTOGRAM_MAXIMUM) + 1 */

struct histogram {
    uint64_t count;
    int64_t min, max; /* of an empty one: the maximum and 0, so that the first value sets both */
    double sum;
    uint64_t buckets[BUCKETS];
};

static uint32_t index_of(int64_t value) {
    unsigned highest_bit = 63u - (unsigned)__builtin_clzll((uint64_t)value | SUB_BUCKETS);
    unsigned shift = highest_bit - 10;
    return shift * SUB_BUCKETS + (uint32_t)((uint64_t)value >> shift);
}

static int64_t midpoint_of(uint32_t index) {
    if (index < 2 * SUB_BUCKETS) return index;
    unsigned shift = index / SUB_BUCKETS - 1;
    uint64_t lowest = (uint64_t)(index - shift * SUB_BUCKETS) << shift;
    return (int64_t)(lowest + (UINT64_C(1) << shift) / 2);
}

static int64_t between(int64_t low, int64_t value, int64_t high) {
    return value < low ? low : value > high ? high : value;
}

/* --- filling ---------------------------------------------------------------------------------- */

struct histogram *histogram_new(void) {
    struct histogram *histogram = xmalloc(sizeof(*histogram));
    histogram_reset(histogram);
    return histogram;
}

void histogram_free(struct histogram *histogram) { free(histogram); }

void histogram_reset(struct histogram *histogram) {
    memset(histogram, 0, sizeof(*histogram));
    histogram->min = HISTOGRAM_MAXIMUM;
}

void histogram_record(struct histogram *histogram, int64_t value) {
    value = between(0, value, HISTOGRAM_MAXIMUM);
    histogram->buckets[index_of(value)]++;
    histogram->count++;
    histogram->sum += (double)value;
    if (value < histogram->min) histogram->min = value;
    if (value > histogram->max) histogram->max = value;
}

/* --- asking ----------------------------------------------------------------------------------- */

uint64_t histogram_count(const struct histogram *histogram) { return histogram->count; }

int64_t histogram_min(const struct histogram *histogram) {
    return histogram->count > 0 ? histogram->min : 0;
}

int64_t histogram_max(const struct histogram *histogram) { return histogram->max; }

double histogram_mean(const struct histogram *histogram) {
    return histogram->count > 0 ? histogram->sum / (double)histogram->count : 0;
}

/* Which value, counted from 1, is the quantile. The product is rounded down a little first: 0.07
 * of 100 must be the 7th value, although the nearest double to 0.07 times 100 is more than 7. */
static uint64_t rank_of(const struct histogram *histogram, double quantile) {
    double rank = ceil(quantile * (double)histogram->count * (1 - 4 * DBL_EPSILON));
    if (!(rank > 1)) return 1;
    return rank < (double)histogram->count ? (uint64_t)rank : histogram->count;
}

int64_t histogram_quantile(const struct histogram *histogram, double quantile) {
    if (histogram->count == 0) return 0;
    uint64_t rank = rank_of(histogram, quantile);
    if (rank == histogram->count) return histogram->max;
    uint32_t index = index_of(histogram->min);
    uint64_t seen = histogram->buckets[index];
    while (seen < rank && index < BUCKETS - 1) seen += histogram->buckets[++index];
    return between(histogram->min, midpoint_of(index), histogram->max);
}

/* The first occupied bucket from `index` on, or BUCKETS. */
static uint32_t occupied_from(const struct histogram *histogram, uint32_t index) {
    while (index < BUCKETS && histogram->buckets[index] == 0) index++;
    return index;
}

int histogram_next(const struct histogram *histogram, uint32_t *cursor, int64_t *midpoint,
                   uint64_t *count) {
    uint32_t index = occupied_from(histogram, *cursor);
    *cursor = index + (index < BUCKETS);
    if (index == BUCKETS) return 0;
    *midpoint = midpoint_of(index);
    *count = histogram->buckets[index];
    return 1;
}

/* The most by which the share of `a` up to a value is greater than the share of `b` up to `leeway` times the value. */
static double ahead(const struct histogram *a, const struct histogram *b, double leeway) {
    uint64_t below_a = 0, below_b = 0;
    uint32_t reached = 0; /* buckets of b that are counted */
    double most = 0;
    for (uint32_t i = 0; i < BUCKETS; i++) {
        uint32_t last = index_of((int64_t)fmin((double)midpoint_of(i) * leeway, HISTOGRAM_MAXIMUM));
        below_a += a->buckets[i];
        while (reached <= last) below_b += b->buckets[reached++];
        double apart = (double)below_a / (double)a->count - (double)below_b / (double)b->count;
        most = fmax(most, apart);
    }
    return most;
}

double histogram_distance(const struct histogram *a, const struct histogram *b, double tolerance) {
    if (a->count == 0 || b->count == 0) return NAN;
    return fmax(ahead(a, b, 1 + tolerance), ahead(b, a, 1 + tolerance));
}

/* --- the compact form ------------------------------------------------------------------------- */

#define FORM_VERSION 1

static void write_leb(struct buffer *out, uint64_t value) {
    char bytes[10];
    size_t length = 0;
    for (; value >= 0x80; value >>= 7) bytes[length++] = (char)(value | 0x80);
    bytes[length++] = (char)value;
    buffer_append(out, bytes, length);
}

static void write_double(struct buffer *out, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    for (int i = 0; i < 8; i++) buffer_append(out, (char[]){(char)(bits >> (8 * i))}, 1);
}

void histogram_serialise(const struct histogram *histogram, struct buffer *out) {
    buffer_append(out, (char[]){FORM_VERSION}, 1);
    write_leb(out, histogram->count);
    write_leb(out, (uint64_t)histogram_min(histogram));
    write_leb(out, (uint64_t)histogram_max(histogram));
    write_double(out, histogram->sum);
    uint32_t next = 0;
    for (uint32_t i = 0; (i = occupied_from(histogram, i)) < BUCKETS; i++) {
        write_leb(out, i - next);
        write_leb(out, histogram->buckets[i]);
        next = i + 1;
    }
}

struct reader {
    const unsigned char *at, *end;
};

static bool read_leb(struct reader *reader, uint64_t *value) {
    *value = 0;
    for (unsigned shift = 0; reader->at < reader->end && shift < 64; shift += 7) {
        unsigned char byte = *reader->at++;
        uint64_t bits = byte & 0x7F;
        if (bits << shift >> shift != bits) return false; /* beyond 64 bits */
        *value |= bits << shift;
        if (byte < 0x80) return true;
    }
    return false;
}

static bool read_double(struct reader *reader, double *value) {
    if (reader->end - reader->at < 8) return false;
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++) bits |= (uint64_t)*reader->at++ << (8 * i);
    memcpy(value, &bits, sizeof(bits));
    return true;
}

/* What stands before the buckets. */
struct header {
    uint64_t count, min, max;
    double sum;
};

/* Whether the sum can be that of `count` values from min to max, but for rounding. */
static bool sum_fits(const struct header *header) {
    double count = (double)header->count;
    double low = count * (double)header->min, high = count * (double)header->max;
    return header->sum >= low * (1 - 1e-6) && header->sum <= high * (1 + 1e-6);
}

static bool read_header(struct reader *reader, struct header *header) {
    if (reader->at == reader->end || *reader->at++ != FORM_VERSION) return false;
    return read_leb(reader, &header->count) && read_leb(reader, &header->min) &&
           read_leb(reader, &header->max) && read_double(reader, &header->sum) &&
           header->min <= header->max && header->max <= HISTOGRAM_MAXIMUM && sum_fits(header) &&
           (header->count > 0 || header->max == 0);
}

/* Reads one pair. `*next` is the bucket after the last one read, and moves on. */
static bool read_bucket(struct reader *reader, uint64_t *next, uint64_t *count) {
    uint64_t skipped;
    if (!read_leb(reader, &skipped) || !read_leb(reader, count)) return false;
    if (skipped >= BUCKETS - *next || *count == 0) return false;
    *next += skipped + 1;
    return true;
}

/* Whether the pairs are well-formed and agree with the header. */
static bool check_buckets(struct reader reader, const struct header *header) {
    uint64_t next = 0, total = 0, count, first = 0;
    while (reader.at < reader.end) {
        if (!read_bucket(&reader, &next, &count)) return false;
        if (__builtin_add_overflow(total, count, &total)) return false;
        if (total == count) first = next - 1;
    }
    if (total != header->count) return false;
    return total == 0 ||
           (first == index_of((int64_t)header->min) && next - 1 == index_of((int64_t)header->max));
}

/* Two passes: nothing is added before all has been checked. */
int histogram_deserialise(struct histogram *into, const void *bytes, size_t length) {
    struct reader reader = {bytes, (const unsigned char *)bytes + length};
    struct header header;
    uint64_t total, next = 0, count;
    if (!read_header(&reader, &header) || !check_buckets(reader, &header)) return UV_EINVAL;
    if (__builtin_add_overflow(into->count, header.count, &total)) return UV_EINVAL;
    if (header.count == 0) return 0;
    while (reader.at < reader.end && read_bucket(&reader, &next, &count)) {
        into->buckets[next - 1] += count;
    }
    into->count = total;
    into->sum += header.sum;
    if ((int64_t)header.min < into->min) into->min = (int64_t)header.min;
    if ((int64_t)header.max > into->max) into->max = (int64_t)header.max;
    return 0;
}

char *histogram_to_base64(const struct histogram *histogram) {
    struct buffer bytes = {0};
    histogram_serialise(histogram, &bytes);
    char *text = base64_encode(bytes.data, bytes.length);
    buffer_free(&bytes);
    return text;
}

int histogram_from_base64(struct histogram *into, const char *text) {
    struct buffer bytes = {0};
    int error = base64_decode(&bytes, text);
    if (error == 0) error = histogram_deserialise(into, bytes.data, bytes.length);
    buffer_free(&bytes);
    return error;
}

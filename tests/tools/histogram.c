/* Prints a histogram of a report as lines "NANOSECONDS COUNT", rising.
 *
 *     histogram <BASE64                  as it was recorded
 *     histogram EXPECTED_NS <BASE64      with what a closed loop left out put back in
 *
 * The second is Gil Tene's correction for coordinated omission. A user who means to ask every
 * EXPECTED_NS, but waits for each answer, does not ask while one answer takes long. For an answer that
 * took V, the questions that were not asked would have taken V - EXPECTED_NS, V - 2 EXPECTED_NS, and
 * so on. It is an estimate: it knows how long each answer took, not when the questions were due. */
#include "model/histogram.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char text[8 << 20];

/* `into` holds the same as `from` at first. */
static void fill(struct histogram *into, const struct histogram *from, int64_t expected_ns) {
    uint32_t cursor = 0;
    int64_t value;
    uint64_t count;
    while (histogram_next(from, &cursor, &value, &count))
        for (int64_t left = value - expected_ns; left >= expected_ns; left -= expected_ns)
            for (uint64_t i = 0; i < count; i++) histogram_record(into, left);
}

static void print(const struct histogram *histogram) {
    uint32_t cursor = 0;
    int64_t value;
    uint64_t count;
    while (histogram_next(histogram, &cursor, &value, &count))
        printf("%" PRId64 " %" PRIu64 "\n", value, count);
}

int main(int argc, char **argv) {
    struct histogram *histogram = histogram_new(), *corrected = histogram_new();
    int64_t expected_ns = argc > 1 ? strtoll(argv[1], NULL, 10) : 0;
    text[fread(text, 1, sizeof(text) - 1, stdin)] = '\0';
    text[strcspn(text, "\r\n")] = '\0';
    if (histogram_from_base64(histogram, text) != 0 ||
        histogram_from_base64(corrected, text) != 0) {
        fprintf(stderr, "histogram: stdin holds no histogram\n");
        return 1;
    }
    if (expected_ns > 0) fill(corrected, histogram, expected_ns);
    print(corrected);
    histogram_free(corrected);
    histogram_free(histogram);
    return 0;
}

/* A second opinion on latency that shares no code with pushpull's clients.
 *
 *     curl -sN http://127.0.0.1:PORT/events | stamp      says how late each event came
 *     stamp COUNT GAP_US | stamp                         says what the pipe itself adds
 *
 * As a reader it takes the time (CLOCK_MONOTONIC) whenever read(2) returns, and prints, at the end of
 * its input, for every line with a "due_ns" in it, "NANOSECONDS 1": that time less the due time. As a
 * writer it writes such lines, due at the moment of writing. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 65536
#define EVENTS_MAX 1000000

static int64_t latencies[EVENTS_MAX];
static size_t latency_count;

static int64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void take_line(const char *line, int64_t at_ns) {
    const char *due = strstr(line, "\"due_ns\":");
    if (due == NULL || latency_count == EVENTS_MAX) return;
    latencies[latency_count++] = at_ns - strtoll(due + strlen("\"due_ns\":"), NULL, 10);
}

/* Takes the complete lines out of the buffer; returns how many bytes are left over. */
static size_t take_lines(char *buffer, size_t length, int64_t at_ns) {
    char *start = buffer, *line_break;
    buffer[length] = '\0';
    while ((line_break = strchr(start, '\n')) != NULL) {
        *line_break = '\0';
        take_line(start, at_ns);
        start = line_break + 1;
    }
    size_t left = length - (size_t)(start - buffer);
    memmove(buffer, start, left);
    return left == LINE_MAX_BYTES ? 0 : left;
}

static int read_events(void) {
    static char buffer[LINE_MAX_BYTES + 1];
    size_t held = 0;
    ssize_t length;
    while ((length = read(STDIN_FILENO, buffer + held, LINE_MAX_BYTES - held)) > 0)
        held = take_lines(buffer, held + (size_t)length, now_ns());
    for (size_t i = 0; i < latency_count; i++) printf("%" PRId64 " 1\n", latencies[i]);
    return length == 0 ? 0 : 1;
}

static int write_events(long count, long gap_us) {
    struct timespec gap = {gap_us / 1000000, gap_us % 1000000 * 1000};
    for (long i = 0; i < count; i++) {
        nanosleep(&gap, NULL);
        dprintf(STDOUT_FILENO, "{\"seq\":%ld,\"due_ns\":%" PRId64 ",\"lag_ns\":0}\n", i + 1,
                now_ns());
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 1) return read_events();
    if (argc == 3) return write_events(atol(argv[1]), atol(argv[2]));
    fprintf(stderr, "usage: stamp | stamp COUNT GAP_US\n");
    return 2;
}

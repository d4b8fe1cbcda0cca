/* How late this machine lets a program be: any program, with nothing of pushpull's in it. On a busy
 * machine that is what a publisher's lag has to be compared with.
 *
 *     wake timer|spin PER_SECOND SECONDS
 *
 * Wants to wake up so often, asleep in between or looking at the clock, and prints for each time how
 * late it was: "NANOSECONDS 1". */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TIMES_MAX 100000

static int64_t late_ns[TIMES_MAX];

static int64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void sleep_until(int64_t at_ns) {
    struct timespec time = {at_ns / 1000000000, at_ns % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) != 0) continue;
}

static void spin_until(int64_t at_ns) {
    while (now_ns() < at_ns) continue;
}

int main(int argc, char **argv) {
    double per_second = argc == 4 ? atof(argv[2]) : 0, seconds = argc == 4 ? atof(argv[3]) : 0;
    double times = per_second * seconds;
    if (times < 1 || times > TIMES_MAX) {
        fprintf(stderr, "usage: wake timer|spin PER_SECOND SECONDS\n");
        return 2;
    }
    void (*wait_until)(int64_t) = strcmp(argv[1], "spin") == 0 ? spin_until : sleep_until;
    int64_t start_ns = now_ns();
    for (int i = 0; i < (int)times; i++) {
        int64_t due_ns = start_ns + (int64_t)((i + 1) * 1e9 / per_second);
        wait_until(due_ns);
        late_ns[i] = now_ns() - due_ns;
    }
    for (int i = 0; i < (int)times; i++) printf("%" PRId64 " 1\n", late_ns[i]);
    return 0;
}

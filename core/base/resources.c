/* What this process costs: see resources.h. */
#include "base/resources.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static int64_t timeval_ns(struct timeval time) {
    return (int64_t)time.tv_sec * NS_PER_SECOND + (int64_t)time.tv_usec * NS_PER_US;
}

/* The second number of schedstat (Documentation/scheduler/sched-stats.rst); 0 where there is none. */
static int64_t cpu_wait_ns(void) {
    long long running, waiting = 0;
    FILE *file = fopen("/proc/self/schedstat", "r");
    if (file == NULL) return 0;
    if (fscanf(file, "%lld %lld", &running, &waiting) != 2) waiting = 0;
    fclose(file);
    return waiting;
}

/* The eighth number of the first line (proc(5)), in ticks. */
static int64_t stolen_ns(void) {
    unsigned long long stolen = 0;
    FILE *file = fopen("/proc/stat", "r");
    if (file == NULL) return 0;
    if (fscanf(file, "cpu %*u %*u %*u %*u %*u %*u %*u %llu", &stolen) != 1) stolen = 0;
    fclose(file);
    return (int64_t)stolen * (NS_PER_SECOND / sysconf(_SC_CLK_TCK));
}

void resources_sample(struct resources *sample) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    sample->at_ns = clock_now_ns();
    sample->cpu_ns = clock_cpu_ns();
    sample->user_ns = timeval_ns(usage.ru_utime);
    sample->system_ns = timeval_ns(usage.ru_stime);
    sample->cpu_wait_ns = cpu_wait_ns();
    sample->voluntary_switches = usage.ru_nvcsw;
    sample->involuntary_switches = usage.ru_nivcsw;
    sample->stolen_ns = stolen_ns();
    sample->suspended_ns = clock_suspended_ns();
}

/* smaps_rollup walks the page tables and is exact; statm reads per-CPU counters that may be off by
 * a few hundred kilobytes. */
int64_t resources_resident_bytes(void) {
    char line[256];
    long long kilobytes = 0;
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    if (file == NULL) return 0;
    while (fgets(line, sizeof(line), file) != NULL)
        if (sscanf(line, "Rss: %lld kB", &kilobytes) == 1) break;
    fclose(file);
    return kilobytes * 1024;
}

int64_t resources_raise_file_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return (int64_t)limit.rlim_cur;
}

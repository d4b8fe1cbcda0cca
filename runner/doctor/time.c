/* The machine's time: how much of it programs get, and how well it is told. */
#include "doctor/checks.h"

#include "base/clock.h"
#include "base/memory.h"
#include "model/histogram.h"
#include "system/human.h"
#include "system/neighbour.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define PROCESSORS_WANTED 2 /* one for a server, one for its clients */
#define LOAD_QUIET 0.3      /* of the processors: what a desktop does of itself */
#define STEP_MOST_NS 1000   /* the shortest latencies are some ten microseconds */
#define WAKES 200
#define WAKE_LATE_MS 2 /* a pacer aims at a tenth of a millisecond */

/* --- processors ------------------------------------------------------------------------------- */

static int processors(void) {
    cpu_set_t own;
    return sched_getaffinity(0, sizeof(own), &own) == 0 ? CPU_COUNT(&own)
                                                        : (int)sysconf(_SC_NPROCESSORS_ONLN);
}

/* "150000 100000": so many microseconds of each so many; "max 100000": all. (Of cgroup v2: the older
 * one is not asked.) */
static double quota(const struct patient *patient) {
    char *line = patient_line(patient, "/sys/fs/cgroup/cpu.max");
    double granted, period, share = processors();
    if (line != NULL && sscanf(line, "%lf %lf", &granted, &period) == 2 && granted / period < share)
        share = granted / period;
    free(line);
    return share;
}

void check_processors(const struct patient *patient, struct finding *finding) {
    char figure[HUMAN_SIZE];
    int count = processors();
    double share = quota(patient);
    finding_saw(finding, "%d", count);
    if (share < count)
        finding_saw(finding, "%d, of which a quota grants %s", count, human_number(figure, share));
    if (share < PROCESSORS_WANTED)
        finding_note(finding, "Servers and clients wait for each other, and latencies are those of "
                              "a full machine: take one with two or more.");
}

void check_governor(const struct patient *patient, struct finding *finding) {
    char *line = patient_line(patient, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
    if (line == NULL) return;
    finding_saw(finding, "%s", line);
    if (strcmp(line, "powersave") == 0)
        finding_note(finding, "What happens seldom looks slow, because processors are slow to "
                              "start: cpupower frequency-set --governor performance, as root.");
    free(line);
}

void check_load(const struct patient *patient, struct finding *finding) {
    char *line = patient_line(patient, "/proc/loadavg");
    double load;
    if (line == NULL || sscanf(line, "%lf", &load) != 1) {
        finding_unread(finding, "/proc/loadavg");
    } else {
        int count = processors();
        finding_saw(finding, "%.2f in the last minute, on %d processor%s", load, count,
                    plural(count));
        if (load > LOAD_QUIET * count)
            finding_note(finding, "Something else is running here, and will be in the figures: "
                                  "wait until it has ended.");
    }
    free(line);
}

void check_other_runs(const struct patient *patient, struct finding *finding) {
    (void)patient;
    bool there = neighbour_is_there();
    finding_saw(finding, there ? "one is going on" : "none");
    if (there) finding_note(finding, "Two runs disturb each other: wait until it has ended.");
}

/* --- clock and timers ------------------------------------------------------------------------- */

/* Those that are read without a system call. */
static bool is_quick(const char *source) {
    static const char *const sources[] = {"tsc", "kvm-clock", "arch_sys_counter",
                                          "hyperv_clocksource_tsc_page"};
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
        if (strcmp(source, sources[i]) == 0) return true;
    return false;
}

void check_clock(const struct patient *patient, struct finding *finding) {
    static const char path[] = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    char *source = patient_line(patient, path);
    int64_t step = clock_resolution_ns();
    if (source == NULL) {
        finding_unread(finding, path);
        return;
    }
    finding_saw(finding, "%s, in steps of %" PRId64 " ns", source, step);
    if (step > STEP_MOST_NS)
        finding_note(
            finding,
            "Latencies are no finer than that: boot a kernel with high-resolution timers.");
    else if (!is_quick(source))
        finding_note(finding,
                     "Reading the time may take a microsecond each, which looks like the server's "
                     "CPU: available_clocksource beside %s may name a quicker one.",
                     path);
    free(source);
}

/* Waits for them; each is recorded, also those that one wake was too late for. Returns 0, or an errno. */
static int record_wakes(int timer, struct histogram *lateness) {
    int64_t due = clock_now_ns() + NS_PER_MS;
    struct itimerspec when = {
        .it_value = {due / NS_PER_SECOND, due % NS_PER_SECOND},
        .it_interval = {0, NS_PER_MS},
    };
    if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL) != 0) return errno;
    while (histogram_count(lateness) < WAKES) {
        uint64_t expired;
        if (read(timer, &expired, sizeof(expired)) < 0 && errno != EINTR) return errno;
        for (int64_t now = clock_now_ns(); due <= now; due += NS_PER_MS)
            histogram_record(lateness, now - due);
    }
    return 0;
}

void check_timers(const struct patient *patient, struct finding *finding) {
    char late[HUMAN_SIZE];
    struct histogram *lateness = histogram_new();
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    int error = timer < 0 ? errno : record_wakes(timer, lateness);
    (void)patient;
    if (timer >= 0) close(timer);
    double p99_us = (double)histogram_quantile(lateness, 0.99) / (double)NS_PER_US;
    histogram_free(lateness);
    if (error != 0) {
        finding_saw(finding, "none: %s", strerror(error));
        finding_bad(finding, "Servers cannot publish on time without timerfd, which this kernel or "
                             "a sandbox refuses.");
        return;
    }
    finding_saw(finding, "99 of 100 wakes at most %s late", human_time(late, p99_us));
    if (p99_us > WAKE_LATE_MS * 1e3)
        finding_note(finding,
                     "Events are published late, and rightly counted as such: give the machine "
                     "less to do, or take one that shares its processors with nobody.");
}

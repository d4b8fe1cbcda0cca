/* The machine's limits: how many subscribers it can have. The largest of the shipped scenarios, connections, has
 * 10,000; what is enough for it is well. */
#include "doctor/checks.h"

#include "base/memory.h"
#include "scenario/plan.h"
#include "system/human.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define SUBSCRIBERS_FEW 100    /* of quick, the first scenario that somebody runs */
#define SUBSCRIBERS_MANY 10000 /* of connections */
#define PORTS_WANTED 20000 /* subscribers that come from an address before the next one is used */
#define CONNECTION_BYTES 10240 /* in the kernel, both ends on loopback together */
#define MEMORY_LEAST 200e6     /* the programs, and a few hundred subscribers */
#define MEMORY_WANTED 1e9 /* 10,000 subscribers, and some room for the files that are written */

/* A program raises its soft limit to the hard one, so that only this one counts. */
void check_files(const struct patient *patient, struct finding *finding) {
    struct rlimit limit;
    (void)patient;
    getrlimit(RLIMIT_NOFILE, &limit); /* cannot fail: both are ours */
    if (limit.rlim_max == RLIM_INFINITY) {
        finding_saw(finding, "no limit");
        return;
    }
    int64_t hard = (int64_t)limit.rlim_max, left = hard - PLAN_SPARE_FILES;
    finding_saw(finding,
                "%" PRId64 " (soft limit %" PRIu64 "), for %" PRId64 " subscribers per process",
                hard, (uint64_t)limit.rlim_cur, left < 0 ? 0 : left);
    const char *cure =
        "raise the hard limit (ulimit -Hn, /etc/security/limits.conf, LimitNOFILE of a service)";
    if (left < SUBSCRIBERS_FEW)
        finding_bad(finding, "Not even the scenario quick has enough of them: %s.", cure);
    else if (left < SUBSCRIBERS_MANY)
        finding_note(finding, "For more subscribers give a scenario more processes, or %s.", cure);
}

#define WIDER "sysctl -w net.ipv4.ip_local_port_range='32768 60999', as root."

void check_ports(const struct patient *patient, struct finding *finding) {
    static const char path[] = "/proc/sys/net/ipv4/ip_local_port_range";
    char *line = patient_line(patient, path);
    int first, last;
    if (line == NULL || sscanf(line, "%d %d", &first, &last) != 2) {
        finding_unread(finding, path);
    } else {
        int count = last - first + 1;
        finding_saw(finding, "%d to %d, for %d connections per pair of addresses", first, last,
                    count);
        if (count < SUBSCRIBERS_FEW)
            finding_bad(finding, "Not even the scenario quick has enough of them: " WIDER);
        else if (count < PORTS_WANTED)
            finding_note(finding, "With more subscribers connecting fails: " WIDER);
    }
    free(line);
}

/* The second of three figures: above it the kernel spares memory, and connections wait. */
void check_tcp_memory(const struct patient *patient, struct finding *finding) {
    static const char path[] = "/proc/sys/net/ipv4/tcp_mem";
    char bytes[HUMAN_SIZE], *line = patient_line(patient, path);
    int64_t pages;
    if (line == NULL || sscanf(line, "%*d %" SCNd64, &pages) != 1) {
        finding_unread(finding, path);
    } else {
        int64_t size = pages * sysconf(_SC_PAGESIZE), connections = size / CONNECTION_BYTES;
        if (connections > 10000) connections -= connections % 1000;
        finding_saw(finding, "%s before it is scarce, for about %" PRId64 " connections",
                    human_bytes(bytes, (double)size), connections);
        if (connections < 2 * SUBSCRIBERS_MANY)
            finding_note(finding, "With more of them the kernel holds data back: raise the three "
                                  "figures of sysctl net.ipv4.tcp_mem, in pages.");
    }
    free(line);
}

/* MemAvailable of /proc/meminfo, in bytes, or -1. */
static double available_bytes(const struct patient *patient) {
    char line[256], *path = xasprintf("%s/proc/meminfo", patient->root);
    double kilobytes = -1;
    FILE *file = fopen(path, "re");
    while (file != NULL && kilobytes < 0 && fgets(line, sizeof(line), file) != NULL)
        if (sscanf(line, "MemAvailable: %lf", &kilobytes) != 1) kilobytes = -1;
    if (file != NULL) fclose(file);
    free(path);
    return kilobytes < 0 ? -1 : kilobytes * 1024;
}

/* In a container its own bound may be nearer. (Of cgroup v2: the older one is not asked.) */
void check_memory(const struct patient *patient, struct finding *finding) {
    char bytes[HUMAN_SIZE], *line = patient_line(patient, "/sys/fs/cgroup/memory.max");
    double available = available_bytes(patient), most;
    bool bounded = line != NULL && sscanf(line, "%lf", &most) == 1 && most < available;
    free(line);
    if (available < 0) {
        finding_unread(finding, "/proc/meminfo");
        return;
    }
    if (bounded) available = most;
    finding_saw(finding, "%s %s", human_bytes(bytes, available),
                bounded ? "at most, by the container's bound" : "available");
    if (available < MEMORY_LEAST)
        finding_bad(
            finding,
            "Programs will be ended for lack of it: end what else is running, or get more.");
    else if (available < MEMORY_WANTED)
        finding_note(finding,
                     "Stay below a few thousand subscribers, or end what else is running.");
}

void check_congestion_control(const struct patient *patient, struct finding *finding) {
    static const char path[] = "/proc/sys/net/ipv4/tcp_available_congestion_control";
    char *line = patient_line(patient, path);
    if (line == NULL) {
        finding_unread(finding, path);
        return;
    }
    char *words = xasprintf(" %s ", line);
    finding_saw(finding, "%s", line);
    if (strstr(words, " cubic ") == NULL)
        finding_note(finding, "A scenario with distance that wants cubic cannot have it: modprobe "
                              "tcp_cubic, as root.");
    free(words);
    free(line);
}

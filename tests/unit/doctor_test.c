/* runner/doctor: what the machine's figures are taken for. They are read in a directory of our own. */
#include "doctor/checks.h"

#include "base/memory.h"
#include "system/directory.h"
#include "test.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PORTS "/proc/sys/net/ipv4/ip_local_port_range"
#define TCP_MEM "/proc/sys/net/ipv4/tcp_mem"
#define CONGESTION "/proc/sys/net/ipv4/tcp_available_congestion_control"
#define MEMINFO "/proc/meminfo"
#define MEMORY_MAX "/sys/fs/cgroup/memory.max"
#define CPU_MAX "/sys/fs/cgroup/cpu.max"
#define GOVERNOR "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"
#define CLOCKSOURCE "/sys/devices/system/clocksource/clocksource0/current_clocksource"

static char root[] = "/tmp/pushpull-doctor.XXXXXX";

/* NULL: the file is not there. */
static void set(const char *name, const char *text) {
    char *path = xasprintf("%s%s", root, name);
    if (text == NULL) {
        unlink(path);
    } else {
        assert_int_equal(directory_create_for(path), 0);
        FILE *file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
    }
    free(path);
}

struct expected {
    const char *text; /* of the file */
    enum grade grade;
    const char *seen;   /* what is in it; NULL: nothing is told */
    const char *advice; /* the same; NULL: none */
};

static void expect(void (*check)(const struct patient *, struct finding *), const char *name,
                   const struct expected *cases, size_t count) {
    const struct patient patient = {.root = root};
    for (size_t i = 0; i < count; i++) {
        struct finding finding = {0};
        set(name, cases[i].text);
        check(&patient, &finding);
        assert_int_equal(finding.grade, cases[i].grade);
        assert_int_equal(finding.seen == NULL, cases[i].seen == NULL);
        assert_int_equal(finding.advice == NULL, cases[i].advice == NULL);
        if (cases[i].seen != NULL) assert_non_null(strstr(finding.seen, cases[i].seen));
        if (cases[i].advice != NULL) assert_non_null(strstr(finding.advice, cases[i].advice));
        finding_free(&finding);
    }
}
#define EXPECT(check, name, ...)                                                                   \
    do {                                                                                           \
        const struct expected cases[] = {__VA_ARGS__};                                             \
        expect(check, name, cases, sizeof(cases) / sizeof(cases[0]));                              \
    } while (0)

static void limits_of_the_kernel(void **state) {
    (void)state;
    EXPECT(check_ports, PORTS,
           {"32768\t60999\n", GRADE_OK, "32768 to 60999, for 28232 connections", NULL},
           {"50000 60999", GRADE_NOTE, "11000 connections", "With more subscribers"},
           {"60990 60999", GRADE_BAD, "10 connections", "ip_local_port_range="},
           {"none", GRADE_NOTE, "unknown", PORTS}, {NULL, GRADE_NOTE, "unknown", PORTS}, );
    EXPECT(check_tcp_memory, TCP_MEM, {"1 1000000000 2000000000", GRADE_OK, "GB", NULL},
           {"1 256 512", GRADE_NOTE, "connections", "net.ipv4.tcp_mem"},
           {"7", GRADE_NOTE, "unknown", TCP_MEM}, {NULL, GRADE_NOTE, "unknown", TCP_MEM}, );
    EXPECT(check_congestion_control, CONGESTION, {"reno cubic\n", GRADE_OK, "reno cubic", NULL},
           {"reno bbr cubicle", GRADE_NOTE, "reno bbr", "modprobe tcp_cubic"},
           {NULL, GRADE_NOTE, "unknown", CONGESTION}, );
}

static void memory_is_the_machines_or_the_containers(void **state) {
    (void)state;
    EXPECT(check_memory, MEMINFO,
           {"MemTotal: 9 kB\nMemAvailable:  8000000 kB\n", GRADE_OK, "8.19 GB available", NULL},
           {"MemAvailable: 500000 kB\n", GRADE_NOTE, "512 MB", "below a few thousand"},
           {"MemAvailable: 100000 kB\n", GRADE_BAD, "102 MB", "lack of it"},
           {"MemTotal: 9 kB\n", GRADE_NOTE, "unknown", MEMINFO},
           {NULL, GRADE_NOTE, "unknown", MEMINFO}, );
    set(MEMINFO, "MemAvailable: 8000000 kB\n");
    EXPECT(check_memory, MEMORY_MAX, {"max\n", GRADE_OK, "8.19 GB available", NULL},
           {"100000000\n", GRADE_BAD, "100 MB at most, by the container's", "lack of it"},
           {"9000000000000\n", GRADE_OK, "8.19 GB available", NULL},
           {NULL, GRADE_OK, "8.19 GB available", NULL}, );
}

static void processors_and_what_runs_on_them(void **state) {
    (void)state;
    EXPECT(check_processors, CPU_MAX,
           {"50000 100000", GRADE_NOTE, "of which a quota grants 0.5", "wait for each other"}, );
    EXPECT(check_governor, GOVERNOR, {"performance\n", GRADE_OK, "performance", NULL},
           {"powersave\n", GRADE_NOTE, "powersave", "governor performance"},
           {NULL, GRADE_OK, NULL, NULL}, );
    EXPECT(check_load, "/proc/loadavg", {"0.00 9.00 9.00 1/99 7\n", GRADE_OK, "0.00", NULL},
           {"99999.00 0.00 0.00 1/99 7\n", GRADE_NOTE, "99999.00", "wait until it has ended"},
           {NULL, GRADE_NOTE, "unknown", "/proc/loadavg"}, );
}

static void clocks(void **state) {
    (void)state;
    EXPECT(check_clock, CLOCKSOURCE, {"tsc\n", GRADE_OK, "tsc, in steps of ", NULL},
           {"kvm-clock\n", GRADE_OK, "kvm-clock", NULL},
           {"hpet\n", GRADE_NOTE, "hpet", "available_clocksource"},
           {NULL, GRADE_NOTE, "unknown", CLOCKSOURCE}, );
}

static int make_root(void **state) {
    (void)state;
    return mkdtemp(root) == NULL ? -1 : 0;
}

static int remove_root(void **state) {
    (void)state;
    char *command = xasprintf("rm -r '%s'", root);
    int status = system(command);
    free(command);
    return status;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_of_the_kernel),
        cmocka_unit_test(memory_is_the_machines_or_the_containers),
        cmocka_unit_test(processors_and_what_runs_on_them),
        cmocka_unit_test(clocks),
    };
    return cmocka_run_group_tests_name("doctor", tests, make_root, remove_root);
}

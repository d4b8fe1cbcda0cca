/* The parts that a run is made of: programs of ours and of others, and a place for the results. */
#include "doctor/checks.h"

#include "base/memory.h"
#include "chart/draw.h"
#include "scenario/catalog.h"
#include "system/capture.h"
#include "system/human.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SECONDS 10       /* what is asked here answers at once */
#define DISK_LEAST 100e6 /* an experiment takes some megabytes, its logs as much */

/* --- programs --------------------------------------------------------------------------------- */

/* Whether it is there and starts: it may want a library that is not installed. */
static bool starts(const char *program) {
    char *text = capture((char *[]){(char *)program, (char[]){"--options"}, NULL}, true, SECONDS);
    bool good = text != NULL;
    free(text);
    return good;
}

/* Adds the names of the strategies' programs that do not start. Returns how many those are. */
static int find_faults(const struct patient *patient, struct buffer *faults) {
    struct catalog *catalog = catalog_new(patient->programs);
    int count = 0;
    for (int i = 0; i < strategy_count * SIDE_COUNT; i++) {
        char *program =
            catalog_program(catalog, &strategies[i / SIDE_COUNT], (enum role)(i % SIDE_COUNT));
        bool good = starts(program);
        if (!good) buffer_printf(faults, " %s", strrchr(program, '/') + 1);
        count += !good;
        free(program);
    }
    catalog_free(catalog);
    return count;
}

static bool is_there(const struct patient *patient, const char *name) {
    char *path = xasprintf("%s/%s", patient->programs, name);
    bool there = access(path, X_OK) == 0;
    free(path);
    return there;
}

void check_programs(const struct patient *patient, struct finding *finding) {
    static const char *const of_the_link[] = {"link", "enter"};
    const int link_count = sizeof(of_the_link) / sizeof(of_the_link[0]);
    struct buffer faults = {0};
    int bad = find_faults(patient, &faults), faulty = bad,
        all = strategy_count * SIDE_COUNT + link_count;
    for (int i = 0; i < link_count; i++)
        if (!is_there(patient, of_the_link[i])) {
            buffer_printf(&faults, " %s", of_the_link[i]);
            faulty++;
        }
    finding_saw(finding, "%d of %d in %s%s%s", all - faulty, all, patient->programs,
                faulty > 0 ? "; missing, or they do not start:" : "",
                faulty > 0 ? faults.data : "");
    if (bad > 0)
        finding_bad(finding, "Scenarios that take them cannot run: `make` builds them, and --bin "
                             "says where they are.");
    else if (faulty > 0)
        finding_note(finding, "Scenarios with distance cannot run: `make` builds them.");
    buffer_free(&faults);
}

void check_sqlite(const struct patient *patient, struct finding *finding) {
    (void)patient;
    finding_saw(finding, "%s", sqlite3_libversion());
}

void check_gnuplot(const struct patient *patient, struct finding *finding) {
    char *version = chart_gnuplot_version();
    char *argv[] = {(char *)"gnuplot", (char *)"-d", (char *)"-e",
                    (char *)"set terminal svg; plot x", NULL};
    char *drawn = version == NULL ? NULL : capture(argv, true, SECONDS);
    bool draws = drawn != NULL && strstr(drawn, "<svg") != NULL;
    (void)patient;
    finding_saw(finding, "%s%s", version == NULL ? "not installed" : version,
                draws ? ", which draws SVG" : "");
    if (!draws)
        finding_note(finding,
                     "Reports will have no charts: install %s (Debian's gnuplot-nox; scripts/setup "
                     "does it).",
                     version == NULL ? "gnuplot" : "one that has the terminal svg");
    free(drawn);
    free(version);
}

/* --- a link ----------------------------------------------------------------------------------- */

void check_ip(const struct patient *patient, struct finding *finding) {
    char *version = capture((char *[]){(char[]){"ip"}, (char[]){"-Version"}, NULL}, true, SECONDS);
    (void)patient;
    if (version == NULL) {
        finding_saw(finding, "not installed, or not iproute2's");
        finding_note(finding, "Scenarios with distance cannot run: install the package iproute2.");
    } else
        finding_saw(finding, "%.*s", (int)strcspn(version, "\n"), version);
    free(version);
}

void check_link(const struct patient *patient, struct finding *finding) {
    if (!is_there(patient, "link")) {
        finding_saw(finding, "not tried");
        finding_note(
            finding,
            "Scenarios with distance cannot run: there is no program %s/link, which `make` builds.",
            patient->programs);
        return;
    }
    bool good;
    char *program = xasprintf("%s/link", patient->programs);
    char *complaint =
        capture_complaint((char *[]){program, (char[]){"--check"}, NULL}, SECONDS, &good);
    finding_saw(finding, good ? "can be made here" : "cannot be made here");
    const char *sentence = strncmp(complaint, "link: ", 6) == 0 ? complaint + 6 : complaint;
    complaint[strcspn(complaint, "\n")] = '\0';
    if (!good)
        finding_note(finding, "Scenarios with distance cannot run: %s.",
                     *sentence != '\0' ? sentence : "`link --check` failed and does not say why");
    free(complaint);
    free(program);
}

/* --- the results ------------------------------------------------------------------------------ */

/* What is there of a path: itself, or the directory above it that there is. The caller frees it. */
static char *nearest(const char *path) {
    char *place = xstrdup(path);
    while (access(place, F_OK) != 0 && errno == ENOENT) {
        char *slash = strrchr(place, '/');
        if (slash == NULL || slash == place) {
            strcpy(place, slash == NULL ? "." : "/"); /* a path is no shorter */
            break;
        }
        *slash = '\0';
    }
    return place;
}

/* Whether a run can make and write files in there; else it says why not. */
static bool takes_files(const char *directory, const char *option, struct finding *finding) {
    char *place = nearest(directory), *inside = xasprintf("%s/.", place);
    bool good = access(inside, W_OK | X_OK) == 0; /* of a file: ENOTDIR */
    if (!good)
        finding_bad(finding, "A run cannot write into %s (%s): name another place with %s.", place,
                    strerror(errno), option);
    free(inside);
    free(place);
    return good;
}

static double bytes_left(const char *directory) {
    char *place = nearest(directory);
    struct statvfs disk;
    double left = statvfs(place, &disk) == 0 ? (double)disk.f_bavail * (double)disk.f_frsize : 0;
    free(place);
    return left;
}

/* The database is a file, and beside it SQLite makes others. */
void check_results(const struct patient *patient, struct finding *finding) {
    const char *slash = strrchr(patient->database, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - patient->database) + 1; /* with it: "/" */
    char *beside = slash == NULL ? xstrdup(".") : xmemdup(patient->database, length);
    char bytes[HUMAN_SIZE];
    double left = bytes_left(patient->results);
    finding_saw(finding, "%s, %s left", patient->results, human_bytes(bytes, left));
    if (takes_files(patient->results, "--results", finding) &&
        takes_files(beside, "--database", finding)) {
        if (access(patient->database, F_OK) == 0 && access(patient->database, W_OK) != 0)
            finding_bad(finding,
                        "You may not write into the database %s: name another one with --database.",
                        patient->database);
        else if (left < DISK_LEAST)
            finding_note(
                finding,
                "The disk is nearly full: make room, or name another place with --results.");
    }
    free(beside);
}

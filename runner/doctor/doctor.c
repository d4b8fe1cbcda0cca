/* `pushpull doctor`: a table of checks, and a line for each. */
#include "doctor/doctor.h"

#include <stddef.h>

static const struct check {
    const char *what;
    void (*look)(const struct patient *, struct finding *);
} checks[] = {
    {"programs", check_programs},
    {"SQLite", check_sqlite},
    {"results", check_results},
    {"gnuplot", check_gnuplot},
    {"files per process", check_files},
    {"ports", check_ports},
    {"TCP's memory", check_tcp_memory},
    {"memory", check_memory},
    {"processors", check_processors},
    {"governor", check_governor},
    {"load", check_load},
    {"other runs", check_other_runs},
    {"clock", check_clock},
    {"timers", check_timers},
    {"congestion control", check_congestion_control},
    {"ip", check_ip},
    {"link", check_link},
};

static const char *const words[] = {
    [GRADE_OK] = "ok",
    [GRADE_NOTE] = "note",
    [GRADE_BAD] = "bad",
};

/* Each line comes when its check is done: one may take a moment. */
static enum grade tell(const struct check *check, const struct patient *patient, FILE *out) {
    struct finding finding = {0};
    check->look(patient, &finding);
    enum grade grade = finding.grade;
    if (finding.seen != NULL)
        fprintf(out, "%-4s  %-18s  %s%s%s\n", words[grade], check->what, finding.seen,
                finding.advice == NULL ? "" : ". ", finding.advice == NULL ? "" : finding.advice);
    fflush(out);
    finding_free(&finding);
    return grade;
}

int doctor_examine(const struct patient *patient, FILE *out) {
    enum grade worst = GRADE_OK;
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        enum grade grade = tell(&checks[i], patient, out);
        if (grade > worst) worst = grade;
    }
    return worst == GRADE_BAD ? 1 : 0;
}

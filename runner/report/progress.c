/* Telling how far a run is. */
#include "report/progress.h"

#include "base/clock.h"
#include "base/memory.h"
#include "figures/metric_kinds.h"
#include "report/told.h"
#include "system/human.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BAR_WIDTH 20
#define STRATEGY_WIDTH 13
#define NAME_SIZE 64
#define IN_VIRTUAL_TIME ", simulated" /* behind the strategy */
#define REASON_INDENT 8

struct progress {
    const struct plan *plan;
    int total, done;                   /* trials */
    const struct planned_trial *trial; /* under way */
    int round;                         /* of a paired run: the last that was told of */
    double planned_seconds;            /* of the trials that are over, as estimated */
    double taken_seconds;              /* as it was */
    double left_seconds;               /* of the others, as estimated */
    int64_t trial_began_ns;
    int name_width;   /* of the strategies */
    int label_width;  /* of the widest cell */
    struct told told; /* reasons */
    bool terminal;
};

struct progress *progress_new(const struct plan *plan, int done) {
    struct progress *progress = xcalloc(1, sizeof(*progress));
    progress->plan = plan;
    progress->total = plan->trial_count;
    progress->done = done;
    progress->left_seconds = plan_seconds(plan) * (plan->trial_count - done) / plan->trial_count;
    progress->terminal = isatty(STDERR_FILENO);
    progress->name_width =
        STRATEGY_WIDTH + (plan->mode == MODE_LIVE ? 0 : (int)strlen(IN_VIRTUAL_TIME));
    for (int i = 0; i < plan->cell_count; i++) {
        int width = (int)strlen(plan->cells[i].label);
        if (width > progress->label_width) progress->label_width = width;
    }
    return progress;
}

void progress_free(struct progress *progress) {
    told_free(&progress->told);
    free(progress);
}

/* "sse", "sse, simulated": what is under way, without its setting. Returns `out`. */
static const char *trial_name(const struct progress *progress, char out[NAME_SIZE]) {
    bool simulated = plan_simulates(progress->plan, progress->trial);
    snprintf(out, NAME_SIZE, "%s%s", progress->trial->cell->strategy->key,
             simulated ? IN_VIRTUAL_TIME : "");
    return out;
}

/* --- estimating ------------------------------------------------------------------------------- */

/* Estimates are corrected by how long the trials so far took against theirs. */
static double correction(const struct progress *progress) {
    if (progress->planned_seconds <= 0) return 1;
    return progress->taken_seconds / progress->planned_seconds;
}

static double seconds_left(const struct progress *progress) {
    double running = (double)(clock_now_ns() - progress->trial_began_ns) / NS_PER_SECOND;
    double left = progress->left_seconds * correction(progress) - running;
    return left > 0 ? left : 0;
}

/* --- the line on a terminal ------------------------------------------------------------------- */

static void clear_line(const struct progress *progress) {
    if (progress->terminal) fputs("\r\033[K", stderr);
}

void progress_beat(void *data) {
    const struct progress *progress = data;
    if (!progress->terminal) return;
    char bar[BAR_WIDTH + 1], line[512], name[NAME_SIZE];
    int filled = progress->done * BAR_WIDTH / progress->total;
    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', (size_t)filled);
    bar[BAR_WIDTH] = '\0';
    int left = (int)ceil(seconds_left(progress));
    snprintf(line, sizeof(line), "[%s] %d/%d  %d:%02d left  %s %s", bar, progress->done + 1,
             progress->total, left / 60, left % 60, trial_name(progress, name),
             progress->trial->cell->label);
    fprintf(stderr, "\r%.*s\033[K", human_columns(stderr) - 1, line);
    fflush(stderr);
}

/* --- trials ----------------------------------------------------------------------------------- */

void progress_trial(struct progress *progress, const struct planned_trial *trial) {
    progress->trial = trial;
    progress->trial_began_ns = clock_now_ns();
    progress_beat(progress);
}

/* printf counts bytes; "µs" has three in two columns. */
static void print_padded(const char *name, const char *text, int width) {
    printf("%s %s%*s  ", name, text, human_width(text) < width ? width - human_width(text) : 0, "");
}

/* "p50 212 µs    p99 480 µs    wire 180 B": what has a word for it in the table of metrics. */
static void print_figures(const struct result *result, int width) {
    struct metric_id id = {0};
    char name[METRIC_NAME_SIZE], text[HUMAN_SIZE];
    while (metric_next(&id)) {
        if (metric_shown(id)->progress == NULL) continue;
        double value = result_value(result, metric_name(name, id));
        print_padded(metric_shown(id)->progress, human_metric(text, value, id.kind->unit), width);
    }
}

static int digits(int number) {
    int count = 1;
    while ((number /= 10) > 0) count++;
    return count;
}

/* What a line takes besides the setting: "[ 1/18] long_polling  ", three figures, the longest verdict. */
#define FIGURES_WIDTH 43
#define VERDICT_WIDTH 15
static bool fits_a_line(const struct progress *progress) {
    int label = progress->label_width > 0 ? progress->label_width + 2 : 0;
    int head = 2 * digits(progress->total) + 4 + progress->name_width + 1;
    return head + label + FIGURES_WIDTH + VERDICT_WIDTH <= human_columns(stdout);
}

static void print_result(const struct progress *progress, const struct result *result) {
    char name[NAME_SIZE];
    const char *label = progress->trial->cell->label;
    bool one_line = fits_a_line(progress), failed = strcmp(result->verdict, "failed") == 0;
    trial_name(progress, name);
    printf("[%*d/%d] ", digits(progress->total), progress->done, progress->total);
    if (one_line)
        printf("%-*s %-*s%s", progress->name_width, name, progress->label_width, label,
               progress->label_width > 0 ? "  " : "");
    else
        printf("%s %s\n    ", name, label);
    if (!failed) print_figures(result, one_line ? 8 : 7);
    printf("%s\n", result->verdict);
}

/* Of a paired run only its rounds are told, and what failed: the figures are compared at its end. */
static void print_round(struct progress *progress, const struct result *result) {
    const struct planned_trial *trial = progress->trial;
    if (strcmp(result->verdict, "failed") == 0)
        printf("[%*d/%d] %s, the %s: failed\n", digits(progress->total), progress->done,
               progress->total, trial->cell->strategy->key, variant_names[trial->variant]);
    else if (trial->repeat != progress->round && !progress->terminal)
        printf("[%*d/%d] pair %d%s\n", digits(progress->total), progress->done, progress->total,
               trial->repeat, trial->batch > 1 ? " of the second batch" : "");
    progress->round = trial->repeat;
}

/* Prints the trial's line, or two where the terminal is narrow; on a terminal it scrolls up above the line that
 * is redrawn. */
void progress_result(struct progress *progress, const struct result *result) {
    enum variant variant = progress->trial->variant;
    bool paired = variant != ORDINARY && variant != SIMULATED;
    double estimate = plan_trial_seconds(progress->plan, progress->trial);
    progress->done++;
    progress->planned_seconds += estimate;
    progress->left_seconds -= estimate;
    progress->taken_seconds += result->seconds;
    clear_line(progress);
    fflush(stderr);
    if (paired)
        print_round(progress, result);
    else
        print_result(progress, result);
    bool tell = result->reason != NULL && (!paired || strcmp(result->verdict, "failed") == 0);
    if (tell && told_now(&progress->told, result->reason))
        human_wrap(stdout, REASON_INDENT, result->reason);
    fflush(stdout);
}

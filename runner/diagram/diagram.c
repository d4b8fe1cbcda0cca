/* `pushpull diagram`: see diagram.h. In order: what is looked at, when, one panel, the sheet, the whole. */
#include "diagram/diagram.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/resources.h"
#include "diagram/age.h"
#include "diagram/axis.h"
#include "diagram/label.h"
#include "diagram/lanes.h"
#include "diagram/legend.h"
#include "diagram/picture.h"
#include "diagram/subjects.h"
#include "scenario/find.h"
#include "scenario/load.h"
#include "scenario/plan.h"
#include "system/directory.h"
#include "system/file.h"
#include "system/human.h"
#include "system/neighbour.h"
#include "trial/simulated.h"
#include "trial/watch.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define WIDTH 900.0
#define MARGIN 16.0
#define AXIS_LEFT 74.0
#define AXIS_RIGHT 24.0

#define SECONDS_USUALLY 2.0
#define USER 0 /* the first: what is seen of one is seen of all, but for a fan-out's milliseconds */

struct panel {
    const struct planned_trial *trial;
    struct watch watch;
};

struct diagram {
    struct catalog *catalog;
    struct scenario scenario;
    struct plan plan;
    struct settings settings; /* the scenario's, with a window as long as it takes */
    bool live;
    double from, to;
    struct panel panels[STRATEGIES_MAX];
    int panel_count;
    struct axis axis;
    int64_t age_scale_ns;
    struct lanes_drawn drawn;
    bool unlabelled; /* messages in some panel */
};

/* --- what is looked at ---------------------------------------------------------------------------- */

static int load(struct diagram *diagram, const struct diagram_options *options) {
    char *own = directory_of_program();
    char *path = scenario_find(options->scenario, own);
    free(own);
    if (path == NULL) return EXIT_USAGE;
    int status = scenario_load(&diagram->scenario, path, &options->overrides, diagram->catalog);
    free(path);
    if (status != 0) return status;
    if (plan_make(&diagram->plan, &diagram->scenario) != 0 ||
        plan_set_mode(&diagram->plan, diagram->live ? MODE_LIVE : MODE_SIMULATED) != 0)
        return EXIT_USAGE;
    diagram->settings = diagram->scenario.settings;
    int64_t files = diagram->live ? resources_raise_file_limit() : INT64_MAX;
    return plan_fits(&diagram->plan, files) ? 0 : EXIT_USAGE;
}

/* The trial's setup, but for how long its window is: what is shown happens in it, and nothing else is simulated. */
static struct trial_setup setup_of(const struct diagram *diagram,
                                   const struct planned_trial *trial) {
    return (struct trial_setup){
        .cell = trial->cell,
        .seed = trial->seed,
        .settings = &diagram->settings,
        .catalog = diagram->catalog,
        .links = diagram->catalog,
        .simulated = !diagram->live,
    };
}

static int find_subjects(struct diagram *diagram) {
    const struct planned_trial *trials[STRATEGIES_MAX];
    diagram->panel_count = subjects_of(&diagram->plan, trials);
    for (int i = 0; i < diagram->panel_count; i++) {
        diagram->panels[i].trial = trials[i];
        if (!diagram->live && !simulated_fits(trials[i]->cell, diagram->catalog)) return EXIT_USAGE;
    }
    return 0;
}

/* One strategy after the other. Returns 0 or an exit status. */
static int look(struct diagram *diagram) {
    int status = 0;
    if (diagram->live) neighbour_announce();
    for (int i = 0; i < diagram->panel_count && status == 0; i++) {
        struct panel *panel = &diagram->panels[i];
        struct trial_setup setup = setup_of(diagram, panel->trial);
        if (diagram->live) {
            log_info("%d of %d: %s runs", i + 1, diagram->panel_count,
                     panel->trial->cell->strategy->title);
            status = trial_watch_live(&setup, &panel->watch);
        } else {
            trial_watch(&setup, USER, &panel->watch);
        }
    }
    return status;
}

/* --- when ----------------------------------------------------------------------------------------- */

/* The first tenth of a second at which all windows are open: polling's opens when each user has asked once. */
static double windows_begin(const struct diagram *diagram) {
    int64_t begin_ns = 0;
    for (int i = 0; i < diagram->panel_count; i++) {
        struct trial_setup setup = setup_of(diagram, diagram->panels[i].trial);
        struct simulated simulated;
        simulated_prepare(&simulated, &setup);
        int64_t ns = simulated.conditions.window.start_ns - simulated.conditions.publish_ns;
        if (ns > begin_ns) begin_ns = ns;
        simulated_release(&simulated);
    }
    return ceil((double)begin_ns / (NS_PER_SECOND / 10)) / 10;
}

/* What is shown, in seconds since publishing began. */
static int choose_times(struct diagram *diagram, const struct diagram_options *options) {
    bool given = options->from_seconds >= 0;
    diagram->from = given ? options->from_seconds : windows_begin(diagram);
    diagram->to = options->to_seconds >= 0 ? options->to_seconds : diagram->from + SECONDS_USUALLY;
    diagram->settings.measure_seconds = diagram->to;
    if (llround(diagram->from * NS_PER_SECOND) < llround(diagram->to * NS_PER_SECOND)) return 0;
    log_error("--from %g%s is not before --to %g: both are seconds since publishing began",
              diagram->from, given ? "" : ", when the window opens,", diagram->to);
    return EXIT_USAGE;
}

/* Live ones have been run one after the other: each has a zero of its own. */
static void turn_to(struct diagram *diagram, const struct watch *watch) {
    struct axis *axis = &diagram->axis;
    axis->zero_ns = watch->publish_ns;
    axis->from_ns = axis->zero_ns + llround(diagram->from * NS_PER_SECOND);
    axis->to_ns = axis->zero_ns + llround(diagram->to * NS_PER_SECOND);
}

static void make_axis(struct diagram *diagram) {
    diagram->axis = (struct axis){
        .left = AXIS_LEFT,
        .width = WIDTH - AXIS_LEFT - AXIS_RIGHT,
        .edge = WIDTH,
    };
}

/* --- one panel ------------------------------------------------------------------------------------ */

#define TITLE_HEIGHT 16.0
#define ABOVE_SERVER 34.0 /* for numbers, and for what waits */
#define WAITING_MOST 16.0 /* of these, pixels for what waits */
#define LANES_APART 104.0 /* with labels between them */
#define LANES_APART_BARE 60.0
#define ABOVE_AGE 14.0
#define PANEL_GAP 30.0

/* "12.3 ms"; or a dash when none of the events that are due there ever came. */
static const char *mean_latency(char out[HUMAN_SIZE], const struct watch *watch,
                                const struct axis *axis) {
    double sum_ns = 0;
    int count = 0;
    for (size_t i = 0; i < watch->event_count; i++) {
        const struct watched_event *event = &watch->events[i];
        if (event->received_ns == WATCH_NEVER || !axis_shows(axis, event->due_ns, event->due_ns))
            continue;
        sum_ns += (double)(event->received_ns - event->due_ns);
        count++;
    }
    return human_time(out, count == 0 ? NAN : sum_ns / count / NS_PER_US);
}

/* "8 messages, 2.30 kB; mean latency 274 ms, mean age 317 ms". The caller frees it. */
static char *figures_text(const struct diagram *diagram, const struct watch *watch, int left_out) {
    const struct axis *axis = &diagram->axis;
    struct age_figures age = age_figures(watch, axis);
    int messages = lanes_messages(watch, axis);
    char bytes[HUMAN_SIZE], latency[HUMAN_SIZE], mean[HUMAN_SIZE];
    const char *labels = left_out == 0          ? ""
                         : left_out == messages ? " (too many to label)"
                                                : " (not all labelled)";
    return xasprintf("%d message%s%s, %s; mean latency %s, mean age %s", messages, plural(messages),
                     labels, human_bytes(bytes, (double)lanes_bytes(watch, axis)),
                     mean_latency(latency, watch, axis),
                     human_time(mean, age.greatest_ns == 0 ? NAN : age.mean_ns / NS_PER_US));
}

/* The strategy, its own settings, and its figures. */
static void draw_title(struct buffer *out, const struct diagram *diagram, const struct panel *panel,
                       double y, int left_out) {
    const struct strategy *strategy = panel->trial->cell->strategy;
    char *own = subject_settings(panel->trial->cell, true);
    char *figures = figures_text(diagram, &panel->watch, left_out);
    char *square = xasprintf("fill='%s'", strategy->colour);
    picture_box(out, MARGIN, y - 10, 10, 10, square);
    picture_text(out, MARGIN + 16, y, "font-size='14' font-weight='bold' fill='" PICTURE_TEXT "'",
                 strategy->title);
    picture_text(out, MARGIN + 26 + picture_text_width(strategy->title, 17), y,
                 "fill='" PICTURE_FAINT "'", own);
    picture_text(out, WIDTH - MARGIN, y, "text-anchor='end' fill='" PICTURE_FAINT "'", figures);
    free(square);
    free(figures);
    free(own);
}

/* Returns where it ends. */
static double draw_panel(struct buffer *out, struct diagram *diagram, const struct panel *panel,
                         double top) {
    turn_to(diagram, &panel->watch);
    bool labels = lanes_messages(&panel->watch, &diagram->axis) <= LABELS_MOST;
    const char *colour = panel->trial->cell->strategy->colour;
    double server_y = top + TITLE_HEIGHT + ABOVE_SERVER;
    struct lanes lanes = {
        .watch = &panel->watch,
        .axis = &diagram->axis,
        .colour = colour,
        .server_y = server_y,
        .user_y = server_y + (labels ? LANES_APART : LANES_APART_BARE),
        .waiting_height = WAITING_MOST,
        .drawn = &diagram->drawn,
    };
    buffer_printf(out, "<g class='panel'>\n");
    int left_out = lanes_draw(out, &lanes);
    diagram->unlabelled |= left_out > 0;
    draw_title(out, diagram, panel, top + TITLE_HEIGHT - 2, left_out);
    age_draw(out, &panel->watch, &diagram->axis, lanes.user_y + ABOVE_AGE, diagram->age_scale_ns,
             colour);
    buffer_printf(out, "</g>\n");
    return lanes.user_y + ABOVE_AGE + AGE_HEIGHT;
}

/* --- the sheet ------------------------------------------------------------------------------------ */

/* The same in all panels: so they can be compared. */
static void make_age_scale(struct diagram *diagram) {
    int64_t oldest_ns = 1;
    for (int i = 0; i < diagram->panel_count; i++) {
        const struct watch *watch = &diagram->panels[i].watch;
        turn_to(diagram, watch);
        int64_t age_ns = age_figures(watch, &diagram->axis).greatest_ns;
        if (age_ns > oldest_ns) oldest_ns = age_ns;
    }
    diagram->age_scale_ns = age_scale_ns(oldest_ns);
}

static double draw_head(struct buffer *out, const struct diagram *diagram) {
    const struct panel *first = &diagram->panels[0];
    double width = WIDTH - 2 * MARGIN, y = 28;
    char *common = subject_settings(first->trial->cell, false);
    char *where = xasprintf("User %d of %" PRIu32 ": %s. %s, seed %" PRId64
                            "; 0 s is when publishing begins.",
                            USER + 1, first->watch.users, common,
                            !diagram->live             ? "Simulated"
                            : diagram->panel_count > 1 ? "Live, one after the other"
                                                       : "Live",
                            diagram->scenario.settings.seed);
    y = picture_paragraph(out, MARGIN, y, width, 16, "font-weight='bold' fill='" PICTURE_TEXT "'",
                          diagram->scenario.settings.title);
    y = picture_paragraph(out, MARGIN, y - 2, width, 11, "fill='" PICTURE_FAINT "'", where);
    free(where);
    free(common);
    return y;
}

static void draw_sheet(struct buffer *out, struct diagram *diagram) {
    struct buffer head = {0}, body = {0}, foot = {0};
    double top = draw_head(&head, diagram) + 14, y = top;
    make_age_scale(diagram);
    for (int i = 0; i < diagram->panel_count; i++)
        y = draw_panel(&body, diagram, &diagram->panels[i], y + (i == 0 ? 0 : PANEL_GAP));
    double bottom = y + 6;
    double end = legend_draw(&foot, &diagram->drawn, MARGIN, bottom + 36, WIDTH - MARGIN);
    if (diagram->unlabelled)
        end = picture_paragraph(&foot, MARGIN, end + 2, WIDTH - 2 * MARGIN, 11,
                                "fill='" PICTURE_FAINT "'",
                                "Where messages are too many to label, --from and --to show less of"
                                " them, and larger.");
    picture_open(out, WIDTH, end, diagram->scenario.settings.title);
    buffer_append(out, head.data, head.length);
    axis_draw(out, &diagram->axis, top, bottom);
    buffer_append(out, body.data, body.length);
    buffer_append(out, foot.data, foot.length);
    picture_close(out);
    buffer_free(&head);
    buffer_free(&body);
    buffer_free(&foot);
}

/* --- the whole ------------------------------------------------------------------------------------ */

static int hand_over(const struct buffer *out, const char *path) {
    if (path != NULL) return file_write(path, out->data, out->length) == 0 ? 0 : 1;
    fwrite(out->data, 1, out->length, stdout); /* main says when that failed */
    return 0;
}

int diagram_draw(const struct diagram_options *options) {
    struct diagram diagram = {.catalog = catalog_new(options->programs), .live = options->live};
    struct buffer out = {0};
    int status = load(&diagram, options);
    if (status == 0) status = find_subjects(&diagram);
    if (status == 0) status = choose_times(&diagram, options);
    if (status == 0) status = look(&diagram);
    if (status == 0) {
        make_axis(&diagram);
        draw_sheet(&out, &diagram);
        status = hand_over(&out, options->output);
    }
    buffer_free(&out);
    for (int i = 0; i < diagram.panel_count; i++) watch_free(&diagram.panels[i].watch);
    plan_free(&diagram.plan);
    scenario_free(&diagram.scenario);
    catalog_free(diagram.catalog);
    return status;
}

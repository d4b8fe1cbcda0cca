/* runner/scenario/plan: cells, trials, seeds, limits */
#include "scenario/plan.h"

#include "capture.h"
#include "fake_programs.h"

/* A scenario and its plan. */
struct planned {
    struct scenario scenario;
    struct plan plan;
};

static void make(struct planned *planned, const char *text) {
    assert_int_equal(fake_scenario(&planned->scenario, text, NULL, NULL), 0);
    assert_int_equal(plan_make(&planned->plan, &planned->scenario), 0);
}

static void drop(struct planned *planned) {
    plan_free(&planned->plan);
    scenario_free(&planned->scenario);
}

#define TWO_BY_TWO                                                                                 \
    "[scenario]\nrepeats = 2\n%s[vary]\nsubscribers = 10, 20\nstrategy = polling, sse\n"           \
    "polling.interval_ms = 5, 6\n"

static void make_two_by_two(struct planned *planned, const char *order) {
    char text[512];
    snprintf(text, sizeof(text), TWO_BY_TWO, order);
    make(planned, text);
}

static void strategies_alternate_fastest(void **state) {
    static const char *const labels[] = {
        "polling subscribers=10 interval_ms=5",
        "polling subscribers=10 interval_ms=6",
        "sse subscribers=10",
        "polling subscribers=20 interval_ms=5",
        "polling subscribers=20 interval_ms=6",
        "sse subscribers=20",
    };
    struct planned p;
    (void)state;
    make_two_by_two(&p, "");
    assert_int_equal(p.plan.cell_count, 6);
    for (int i = 0; i < 6; i++) {
        char label[128];
        snprintf(label, sizeof(label), "%s %s", p.plan.cells[i].strategy->key,
                 p.plan.cells[i].label);
        assert_string_equal(label, labels[i]);
    }
    drop(&p);
}

static void parameters_are_json(void **state) {
    struct planned p;
    (void)state;
    make(&p, "[hold]\nstrategy = sse\npayload_bytes = 7\nevents_per_second = 0.5\n"
             "arrivals = poisson\nclient_processes = 2\n");
    assert_string_equal(p.plan.cells[0].parameters,
                        "{\"arrivals\":\"poisson\",\"client_processes\":2,"
                        "\"events_per_second\":0.5,\"payload_bytes\":7,\"server_processes\":1,"
                        "\"subscribers\":100}");
    drop(&p);
}

static void orders(void **state) {
    struct planned interleaved, fixed, shuffled;
    (void)state;
    make_two_by_two(&interleaved, "");
    make_two_by_two(&fixed, "order = fixed\n");
    make_two_by_two(&shuffled, "order = shuffled\n");
    bool in_order = true;
    for (int i = 0; i < 12; i++) {
        assert_ptr_equal(interleaved.plan.trials[i].cell, &interleaved.plan.cells[i % 6]);
        assert_int_equal(interleaved.plan.trials[i].repeat, 1 + i / 6);
        assert_ptr_equal(fixed.plan.trials[i].cell, &fixed.plan.cells[i / 2]);
        assert_int_equal(fixed.plan.trials[i].repeat, 1 + i % 2);
        in_order = in_order && shuffled.plan.trials[i].cell == &shuffled.plan.cells[i % 6];
        assert_int_equal(shuffled.plan.trials[i].repeat, 1 + i / 6); /* within a repeat only */
    }
    assert_false(in_order);
    drop(&interleaved);
    drop(&fixed);
    drop(&shuffled);
}

static void shuffling_loses_no_cell(void **state) {
    struct planned p;
    int seen[6] = {0};
    (void)state;
    make_two_by_two(&p, "order = shuffled\n");
    for (int i = 0; i < 12; i++) seen[p.plan.trials[i].cell - p.plan.cells]++;
    for (int i = 0; i < 6; i++) assert_int_equal(seen[i], 2);
    drop(&p);
}

/* The same schedule for all strategies of a combination and repeat; another one for each other. */
static void seeds_are_shared_by_strategies_alone(void **state) {
    struct planned p;
    (void)state;
    make_two_by_two(&p, "order = shuffled\n");
    for (int i = 0; i < 12; i++)
        for (int k = 0; k < 12; k++) {
            const struct planned_trial *a = &p.plan.trials[i], *b = &p.plan.trials[k];
            bool same = a->cell->combination == b->cell->combination && a->repeat == b->repeat;
            assert_int_equal(a->seed == b->seed, same);
            assert_true(a->seed > 0 && a->seed < (INT64_C(1) << 53));
        }
    drop(&p);
}

static void another_seed_another_schedule(void **state) {
    struct planned a, b, c;
    (void)state;
    make_two_by_two(&a, "seed = 1\n");
    make_two_by_two(&b, "seed = 1\n");
    make_two_by_two(&c, "seed = 2\n");
    assert_int_equal(a.plan.trials[0].seed, b.plan.trials[0].seed);
    assert_int_not_equal(a.plan.trials[0].seed, c.plan.trials[0].seed);
    drop(&a);
    drop(&b);
    drop(&c);
}

/* --- links ------------------------------------------------------------------------------------ */

/* "rtt_ms=50 jitter_ms=2" of the first cell, or "" where it has no link. */
static void assert_link(const char *text, const char *expected) {
    struct planned p;
    struct buffer found = {0};
    buffer_append(&found, "", 0);
    make(&p, text);
    const struct cell *cell = &p.plan.cells[0];
    for (int i = 0; cell->processes[ROLE_LINK] > 0 && i < cell->link.count; i++)
        buffer_printf(&found, "%s%s=%s", i > 0 ? " " : "", cell->link.settings[i].key,
                      cell->link.settings[i].value);
    assert_string_equal(found.data, expected);
    buffer_free(&found);
    drop(&p);
}

static void a_link_is_a_key_like_any(void **state) {
    (void)state;
    assert_link("[hold]\nstrategy = sse\n", "");
    assert_link("[hold]\nstrategy = sse\nlink.rtt_ms = 50\nlink.jitter_ms = 2\n",
                "rtt_ms=50 jitter_ms=2");
    assert_link("[hold]\nstrategy = sse\nlink.burst_loss = 0.1 0.5 0 1\n",
                "burst_loss=0.1 0.5 0 1");
}

/* What neither delays nor limits nor loses is none: such a cell is measured on loopback. */
static void a_link_that_does_nothing_is_none(void **state) {
    (void)state;
    assert_link("[hold]\nstrategy = sse\nlink.rtt_ms = 0\nlink.loss_percent = 0.0\n", "");
    assert_link("[hold]\nstrategy = sse\npath = loopback\n", "");
    assert_link("[hold]\nstrategy = sse\nlink.queue_ms = 50\n", "");
}

static void a_path_stands_for_keys(void **state) {
    (void)state;
    assert_link("[hold]\nstrategy = sse\npath = lte\n", "rtt_ms=70 down_mbit=12 up_mbit=12");
    assert_link("[hold]\nlink.rtt_ms = 5\nstrategy = sse\npath = lte\nlink.loss_percent = 1\n",
                "rtt_ms=5 down_mbit=12 up_mbit=12 loss_percent=1");
}

/* They are stored as they were written, and cross like any. */
static void links_make_cells(void **state) {
    struct planned p;
    (void)state;
    make(&p,
         "[vary]\nlink.rtt_ms = 0, 50\nstrategy = polling, sse\nsse.link.loss_percent = 1, 5\n");
    assert_int_equal(p.plan.cell_count, 6);
    assert_string_equal(p.plan.cells[4].label, "link.rtt_ms=50 link.loss_percent=1");
    assert_string_equal(p.plan.cells[4].parameters,
                        "{\"client_processes\":1,\"link.loss_percent\":1,\"link.rtt_ms\":50,"
                        "\"server_processes\":1,\"subscribers\":100}");
    assert_int_equal(p.plan.cells[0].processes[ROLE_LINK], 0);
    assert_int_equal(p.plan.cells[1].processes[ROLE_LINK], 1);
    assert_true(plan_has_links(&p.plan));
    drop(&p);
}

static void fits(void *data) {
    const struct planned *p = data;
    _exit(plan_fits(&p->plan, 1024) ? 0 : EXIT_USAGE);
}

static void assert_fits(const char *text, const char *sentence) {
    struct planned p;
    struct captured captured;
    make(&p, text);
    capture(&captured, fits, &p);
    assert_int_equal(captured.status, *sentence == '\0' ? 0 : EXIT_USAGE);
    if (strstr(captured.err, sentence) == NULL) fail_msg("%s", captured.err);
    drop(&p);
}

static void two_kinds_of_loss_exclude_each_other(void **state) {
    (void)state;
    assert_fits("[hold]\nstrategy = sse\nlink.loss_percent = 1\nlink.burst_loss = 0.1:0.5:0:1\n",
                "sse: link.loss_percent and link.burst_loss cannot be together: set one of them");
    assert_fits("[hold]\nstrategy = sse\nlink.loss_percent = 0\nlink.burst_loss = 0.1:0.5:0:1\n",
                "");
}

static void limits_of_the_machine(void **state) {
    (void)state;
    assert_fits("[hold]\nstrategy = sse\nsubscribers = 924\n", "");
    assert_fits(
        "[hold]\nstrategy = sse\nsubscribers = 925\n",
        "925 subscribers need 1025 files in each of 1 server process, and 1024 is the limit "
        "here (ulimit -Hn): set server_processes to 2 or more");
    assert_fits("[hold]\nstrategy = sse\nsubscribers = 2000\nserver_processes = 3\n"
                "client_processes = 2\n",
                "need 1100 files in each of 2 client processes, and 1024 is the limit here "
                "(ulimit -Hn): set client_processes to 3 or more");
    assert_fits("[hold]\nstrategy = sse\nsubscribers = 2\nclient_processes = 3\n",
                "3 client processes cannot share 2 subscribers");
}

static void make_too_many(void *data) {
    struct planned p;
    (void)data;
    assert_int_equal(fake_scenario(&p.scenario,
                                   "[scenario]\nrepeats = 1000\n[vary]\nsubscribers = "
                                   "1,2,3,4,5,6\nstrategy = sse, tcp\n",
                                   NULL, NULL),
                     0);
    int status = plan_make(&p.plan, &p.scenario);
    drop(&p);
    _exit(status == -1 ? 0 : 1);
}

static void there_is_an_end_to_it(void **state) {
    struct captured captured;
    (void)state;
    capture(&captured, make_too_many, NULL);
    assert_int_equal(captured.status, 0);
    assert_non_null(strstr(captured.err, "12000 trials"));
}

static void times_add_up(void **state) {
    struct planned p;
    (void)state;
    make(&p, "[scenario]\nrepeats = 3\nwarmup_seconds = 1\nmeasure_seconds = 2\n[hold]\n"
             "subscribers = 1\n[vary]\nstrategy = sse, tcp\n");
    assert_float_equal(plan_seconds(&p.plan), 18, 3);
    drop(&p);
}

/* --- pairs ------------------------------------------------------------------------------------ */

#define TWO_AND_A_FLOOR "[scenario]\n%s[vary]\nstrategy = polling, sse, tcp\n"

static void make_pairs(struct planned *planned, const char *order, int pairs) {
    char text[256];
    snprintf(text, sizeof(text), TWO_AND_A_FLOOR, order);
    assert_int_equal(fake_scenario(&planned->scenario, text, NULL, NULL), 0);
    assert_int_equal(plan_make_pairs(&planned->plan, &planned->scenario, pairs), 0);
}

/* The two of a pair run one after the other, with the same seed; which comes first is drawn. */
static void pairs_run_together(void **state) {
    struct planned p;
    int base_first = 0;
    (void)state;
    make_pairs(&p, "", 40);
    assert_int_equal(p.plan.trial_count, 2 * 3 * 40);
    for (int i = 0; i < p.plan.trial_count; i += 2) {
        const struct planned_trial *one = &p.plan.trials[i], *other = one + 1;
        assert_ptr_equal(one->cell, other->cell);
        assert_int_equal(one->repeat, other->repeat);
        assert_int_equal(one->repeat, i / 6 + 1);
        assert_true(one->seed == other->seed);
        assert_true((one->variant == BASE) != (other->variant == BASE));
        enum variant second = one->variant == BASE ? other->variant : one->variant;
        assert_int_equal(second, one->cell->strategy->floor ? CONTROL : CANDIDATE);
        base_first += one->variant == BASE;
    }
    assert_in_range(base_first, 40, 80); /* of 120 */
    drop(&p);
}

static void rounds_have_orders_of_their_own(void **state) {
    struct planned shuffled, fixed;
    int same = 0;
    (void)state;
    make_pairs(&shuffled, "", 40);
    for (int i = 6; i < shuffled.plan.trial_count; i += 6)
        same += shuffled.plan.trials[i].cell == shuffled.plan.trials[0].cell;
    assert_in_range(same, 4, 25); /* of 39, a third */
    make_pairs(&fixed, "order = fixed\n", 5);
    for (int i = 0; i < fixed.plan.trial_count; i++)
        assert_ptr_equal(fixed.plan.trials[i].cell, &fixed.plan.cells[i % 6 / 2]);
    drop(&shuffled);
    drop(&fixed);
}

/* A second batch repeats no schedule of the first, and only for those that are wanted. */
static void more_pairs(void **state) {
    struct planned p;
    (void)state;
    make_pairs(&p, "", 3);
    bool wanted[] = {false, true, false};
    assert_int_equal(plan_add_pairs(&p.plan, wanted, 2, 1, 3), 0);
    assert_int_equal(p.plan.trial_count, 18 + 6);
    for (int i = 18; i < 24; i++) {
        const struct planned_trial *trial = &p.plan.trials[i];
        assert_ptr_equal(trial->cell, &p.plan.cells[1]);
        assert_int_equal(trial->batch, 2);
        assert_int_equal(trial->repeat, (i - 18) / 2 + 1);
        for (int k = 0; k < 18; k++) assert_true(p.plan.trials[k].seed != trial->seed);
    }
    drop(&p);
}

/* What was stored makes the same plan again. */
static void a_stored_plan_is_the_same(void **state) {
    struct planned one, other;
    (void)state;
    make_pairs(&one, "", 2);
    bool wanted[] = {true, false, true};
    plan_add_pairs(&one.plan, wanted, 2, 1, 2);
    make_pairs(&other, "", 2);
    for (int i = other.plan.trial_count; i < one.plan.trial_count; i++) {
        const struct planned_trial *trial = &one.plan.trials[i];
        assert_true(plan_add_stored(&other.plan, trial->cell->strategy->key,
                                    trial->cell->parameters, variant_names[trial->variant],
                                    trial->batch, trial->repeat));
    }
    assert_int_equal(other.plan.trial_count, one.plan.trial_count);
    for (int i = 0; i < one.plan.trial_count; i++) {
        assert_true(other.plan.trials[i].seed == one.plan.trials[i].seed);
        assert_int_equal(other.plan.trials[i].variant, one.plan.trials[i].variant);
    }
    assert_false(plan_add_stored(&other.plan, "sse", "{}", "base", 1, 1));
    assert_false(
        plan_add_stored(&other.plan, "sse", other.plan.cells[1].parameters, "neither", 1, 1));
    drop(&one);
    drop(&other);
}

/* --- simulated -------------------------------------------------------------------------------- */

static void a_twin_follows_its_trial(void **state) {
    struct planned live, both;
    (void)state;
    make_two_by_two(&live, "order = shuffled\n");
    make_two_by_two(&both, "order = shuffled\n");
    assert_int_equal(plan_set_mode(&both.plan, MODE_BOTH), 0);
    assert_int_equal(both.plan.trial_count, 2 * live.plan.trial_count);
    for (int i = 0; i < both.plan.trial_count; i++) {
        const struct planned_trial *trial = &both.plan.trials[i], *like = &live.plan.trials[i / 2];
        assert_int_equal(trial->cell - both.plan.cells, like->cell - live.plan.cells);
        assert_int_equal(trial->repeat, like->repeat);
        assert_int_equal(trial->batch, like->batch);
        assert_true(trial->seed == like->seed);
        assert_string_equal(variant_names[trial->variant], i % 2 == 0 ? "" : "simulated");
        assert_int_equal(plan_simulates(&both.plan, trial), i % 2 == 1);
    }
    assert_float_equal(plan_seconds(&both.plan), plan_seconds(&live.plan), 2);
    drop(&live);
    drop(&both);
}

static void a_simulated_plan_has_no_twins(void **state) {
    struct planned p;
    (void)state;
    make_two_by_two(&p, "");
    assert_int_equal(plan_set_mode(&p.plan, MODE_SIMULATED), 0);
    assert_int_equal(p.plan.trial_count, 12);
    for (int i = 0; i < 12; i++) {
        assert_int_equal(p.plan.trials[i].variant, ORDINARY);
        assert_true(plan_simulates(&p.plan, &p.plan.trials[i]));
    }
    assert_true(plan_seconds(&p.plan) < 3);
    drop(&p);
}

/* No process is made; but what two processes cannot share, two models cannot either. */
static void models_open_no_files(void **state) {
    struct planned p;
    struct captured captured;
    (void)state;
    make(&p, "[hold]\nstrategy = sse\nsubscribers = 5000\n");
    plan_set_mode(&p.plan, MODE_SIMULATED);
    assert_true(plan_fits(&p.plan, 1024));
    plan_set_mode(&p.plan, MODE_BOTH);
    capture(&captured, fits, &p);
    assert_int_equal(captured.status, EXIT_USAGE);
    drop(&p);
    make(&p, "[hold]\nstrategy = sse\nsubscribers = 2\nclient_processes = 3\n");
    plan_set_mode(&p.plan, MODE_SIMULATED);
    capture(&captured, fits, &p);
    assert_int_equal(captured.status, EXIT_USAGE);
    drop(&p);
}

static void make_too_many_twins(void *data) {
    struct planned p;
    (void)data;
    make(&p, "[scenario]\nrepeats = 1000\n[vary]\nsubscribers = 1,2,3,4,5,6\nstrategy = sse\n");
    int status = plan_set_mode(&p.plan, MODE_BOTH);
    drop(&p);
    _exit(status == -1 ? 0 : 1);
}

static void twins_count(void **state) {
    struct captured captured;
    (void)state;
    capture(&captured, make_too_many_twins, NULL);
    assert_int_equal(captured.status, 0);
    assert_non_null(strstr(captured.err, "12000 trials"));
}

/* What is printed of a plan, behind its cells. */
static void assert_printed(enum mode mode, const char *expected) {
    struct planned p;
    char *text = NULL;
    size_t length;
    make_two_by_two(&p, "warmup_seconds = 1\nmeasure_seconds = 2\n");
    plan_set_mode(&p.plan, mode);
    FILE *file = open_memstream(&text, &length);
    plan_print(&p.plan, file);
    fclose(file);
    if (strstr(text, expected) == NULL) fail_msg("%s", text);
    free(text);
    drop(&p);
}

static void a_plan_says_its_mode(void **state) {
    (void)state;
    assert_printed(MODE_LIVE, "\n6 cells x 2 repeats = 12 trials of 2 s after 1 s of warm-up: ");
    assert_printed(MODE_SIMULATED, "\n6 cells x 2 repeats = 12 trials of 2 s after 1 s of warm-up,"
                                   " in virtual time: about 1 second\n");
    assert_printed(MODE_BOTH,
                   "\n6 cells x 2 repeats, each once more in virtual time, = 24 trials ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strategies_alternate_fastest),
        cmocka_unit_test(parameters_are_json),
        cmocka_unit_test(orders),
        cmocka_unit_test(shuffling_loses_no_cell),
        cmocka_unit_test(seeds_are_shared_by_strategies_alone),
        cmocka_unit_test(another_seed_another_schedule),
        cmocka_unit_test(a_link_is_a_key_like_any),
        cmocka_unit_test(a_link_that_does_nothing_is_none),
        cmocka_unit_test(a_path_stands_for_keys),
        cmocka_unit_test(links_make_cells),
        cmocka_unit_test(two_kinds_of_loss_exclude_each_other),
        cmocka_unit_test(limits_of_the_machine),
        cmocka_unit_test(there_is_an_end_to_it),
        cmocka_unit_test(times_add_up),
        cmocka_unit_test(pairs_run_together),
        cmocka_unit_test(rounds_have_orders_of_their_own),
        cmocka_unit_test(more_pairs),
        cmocka_unit_test(a_stored_plan_is_the_same),
        cmocka_unit_test(a_twin_follows_its_trial),
        cmocka_unit_test(a_simulated_plan_has_no_twins),
        cmocka_unit_test(models_open_no_files),
        cmocka_unit_test(twins_count),
        cmocka_unit_test(a_plan_says_its_mode),
    };
    return cmocka_run_group_tests_name("plan", tests, fake_programs_make, fake_programs_remove);
}

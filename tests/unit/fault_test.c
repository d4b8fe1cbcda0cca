/* core/harness/fault: known disturbances must be exactly known. */
#include "harness/fault.h"

#include "base/clock.h"
#include "base/option_form.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

static struct fault fault;

static void set(const char *stall, const char *delay, int64_t drop, int64_t duplicate,
                int64_t swap) {
    fault = (struct fault){
        .stall_text = stall,
        .cut_text = "",
        .delay_text = delay,
        .drop_every = drop,
        .duplicate_every = duplicate,
        .swap_every = swap,
    };
    fault_init(&fault);
}

static void without_options_nothing_happens(void **state) {
    int64_t at, span;
    (void)state;
    set("", "", 0, 0, 0);
    assert_false(fault_stall(&fault, &at, &span));
    assert_false(fault_cut(&fault, &at, &span));
    assert_int_equal(fault_delay_ns(&fault, 123456789), 0);
    for (uint64_t n = 1; n < 100; n++) assert_int_equal(fault_fate(&fault, n), FATE_PUBLISH);
}

static void a_cut_has_a_place_and_a_length(void **state) {
    int64_t at, span;
    (void)state;
    fault = (struct fault){.stall_text = "", .delay_text = "", .cut_text = "1500:0.5"};
    fault_init(&fault);
    assert_false(fault_stall(&fault, &at, &span));
    assert_true(fault_cut(&fault, &at, &span));
    assert_int_equal(at, 1500 * NS_PER_MS);
    assert_int_equal(span, 500 * NS_PER_US);
    char *text = fault_description(&fault);
    assert_string_equal(text, "cut=1500:0.5");
    free(text);
}

static void a_stall_has_a_place_and_a_length(void **state) {
    int64_t at, span;
    (void)state;
    set("1000:2.5", "", 0, 0, 0);
    assert_true(fault_stall(&fault, &at, &span));
    assert_int_equal(at, NS_PER_SECOND);
    assert_int_equal(span, 2500 * NS_PER_US);
}

/* Over a whole period the wave takes every value between its ends equally often. */
static void delays_are_uniform_and_keep_the_order(void **state) {
    enum { STEPS = 10000, TENTHS = 10 };
    int64_t last = -1, tenths[TENTHS] = {0};
    (void)state;
    set("", "100:300:1000", 0, 0, 0);
    for (int64_t i = 0; i < STEPS; i++) {
        int64_t due = i * (NS_PER_SECOND / STEPS), delay = fault_delay_ns(&fault, due);
        assert_in_range(delay, 100 * NS_PER_MS, 300 * NS_PER_MS);
        assert_true(due + delay > last);
        last = due + delay;
        int64_t tenth = (delay - 100 * NS_PER_MS) / (20 * NS_PER_MS);
        tenths[tenth < TENTHS ? tenth : TENTHS - 1]++;
    }
    for (int i = 0; i < TENTHS; i++)
        assert_in_range(tenths[i], STEPS / TENTHS - 2, STEPS / TENTHS + 2);
}

static void every_nth_has_its_fate(void **state) {
    (void)state;
    set("", "", 10, 7, 13);
    assert_int_equal(fault_fate(&fault, 10), FATE_DROP);
    assert_int_equal(fault_fate(&fault, 70), FATE_DROP); /* the first that applies */
    assert_int_equal(fault_fate(&fault, 7), FATE_DUPLICATE);
    assert_int_equal(fault_fate(&fault, 26), FATE_SWAP_WITH_NEXT);
    assert_int_equal(fault_fate(&fault, 27), FATE_PUBLISH);
}

static void faults_are_named(void **state) {
    (void)state;
    set("", "", 0, 0, 0);
    assert_null(fault_description(&fault));
    set("1000:500", "100:300:2000", 10, 0, 13);
    char *text = fault_description(&fault);
    assert_string_equal(text, "drop_every=10 swap_every=13 stall=1000:500 delay=100:300:2000");
    free(text);
}

static bool stall_fits(const char *text) { return option_form_stall(text, (double[2]){0}); }
static bool delay_fits(const char *text) { return option_form_delay(text, (double[3]){0}); }

static void nonsense_is_refused(void **state) {
    static const char *const stalls[] = {
        "1000",  "1000:500x", "0:61000", "1:2:3", "-1:5",  "1:0",     ":",     "nan:5",    "1:nan",
        "0x1:5", " 1:5",      "1:5 ",    "1:5:",  "inf:5", "1e400:5", "1,5:5", "nonsense",
    };
    static const char *const delays[] = {
        "100:50:1000",   "100:300:400",   "100:300",  "1:2:3:4", "nan:nan:nan",
        "0:inf:inf",     "0:0:0",         "-5:0:10",  "::",      "1:2:-8",
        "1e300:1e300:1", "0:3600001:1e9", "0:0:1e-9",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(stalls) / sizeof(stalls[0]); i++)
        if (stall_fits(stalls[i])) fail_msg("--stall %s was taken", stalls[i]);
    for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++)
        if (delay_fits(delays[i])) fail_msg("--delay %s was taken", delays[i]);
    assert_true(stall_fits("") && stall_fits("0:60000") && stall_fits("1.5:2e3"));
    assert_true(delay_fits("") && delay_fits("100:300:2000") && delay_fits("5:5:1"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_options_nothing_happens),
        cmocka_unit_test(a_stall_has_a_place_and_a_length),
        cmocka_unit_test(a_cut_has_a_place_and_a_length),
        cmocka_unit_test(delays_are_uniform_and_keep_the_order),
        cmocka_unit_test(every_nth_has_its_fate),
        cmocka_unit_test(faults_are_named),
        cmocka_unit_test(nonsense_is_refused),
    };
    return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}

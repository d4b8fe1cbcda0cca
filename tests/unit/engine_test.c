/* simulator/engine, and queues on it whose laws are known */
#include "simulator/engine.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/memory.h"
#include "base/random.h"
#include "model/age.h"
#include "test.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define assert_near(got, wanted, margin) assert_true(fabs((double)(got) - (wanted)) <= (margin))

/* --- order ------------------------------------------------------------------------------------ */

/* Sources that note their letters. */
struct letter {
    struct source source;
    struct engine *engine;
    char name;
};

static char fired[64];
static size_t fired_count;
static int64_t fired_ns; /* when the last of them did */

static void note(struct source *source) {
    struct letter *letter = list_entry(source, struct letter, source);
    assert_int_equal(source->place, 0);
    assert_true(fired_count + 1 < sizeof(fired));
    fired[fired_count++] = letter->name;
    fired[fired_count] = '\0';
    fired_ns = letter->engine->now_ns;
}

/* Letters from a on, none of them armed. */
static void init_letters(struct engine *engine, struct letter *letters, int count) {
    fired_count = 0;
    fired[0] = '\0';
    engine_init(engine, 0);
    for (int i = 0; i < count; i++)
        letters[i] =
            (struct letter){.source.fire = note, .engine = engine, .name = (char)('a' + i)};
}

static void the_next_is_the_earliest(void **state) {
    (void)state;
    struct engine engine;
    struct letter letters[5];
    const int64_t at_ns[] = {30, 10, 50, 20, 40};
    init_letters(&engine, letters, 5);
    for (int i = 0; i < 5; i++) engine_arm(&engine, &letters[i].source, at_ns[i]);
    engine_run(&engine, 100);
    assert_string_equal(fired, "bdaec");
    assert_int_equal(fired_ns, 50);
    assert_int_equal(engine.fired, 5);
    engine_free(&engine);
}

static void at_the_same_instant_the_first_armed_is_first(void **state) {
    (void)state;
    struct engine engine;
    struct letter letters[20];
    init_letters(&engine, letters, 20);
    for (int i = 19; i >= 0; i--) engine_arm(&engine, &letters[i].source, 7);
    engine_run(&engine, 8);
    assert_string_equal(fired, "tsrqponmlkjihgfedcba");
    engine_free(&engine);
}

static void arming_again_moves(void **state) {
    (void)state;
    struct engine engine;
    struct letter letters[4];
    init_letters(&engine, letters, 4);
    for (int i = 0; i < 4; i++) engine_arm(&engine, &letters[i].source, 10 * (i + 1));
    engine_arm(&engine, &letters[3].source, 5);  /* earlier */
    engine_arm(&engine, &letters[0].source, 35); /* later */
    engine_arm(&engine, &letters[1].source, 20); /* as it was */
    assert_int_equal(engine.count, 4);
    engine_run(&engine, 100);
    assert_string_equal(fired, "dbca");
    assert_int_equal(engine.fired, 4);
    engine_free(&engine);
}

/* Whoever is moved within an instant is behind all that were there. */
static void arming_again_counts_as_the_last_arming(void **state) {
    (void)state;
    struct engine engine;
    struct letter letters[3];
    init_letters(&engine, letters, 3);
    for (int i = 0; i < 3; i++) engine_arm(&engine, &letters[i].source, 10);
    engine_arm(&engine, &letters[0].source, 10);
    engine_run(&engine, 100);
    assert_string_equal(fired, "bca");
    engine_free(&engine);
}

static void what_is_disarmed_does_not_fire(void **state) {
    (void)state;
    struct engine engine;
    struct letter letters[5];
    init_letters(&engine, letters, 5);
    engine_disarm(&engine, &letters[0].source); /* it was not armed */
    for (int i = 0; i < 5; i++) engine_arm(&engine, &letters[i].source, 10 * (i + 1));
    engine_disarm(&engine, &letters[0].source);
    engine_disarm(&engine, &letters[2].source);
    engine_disarm(&engine, &letters[4].source);
    engine_disarm(&engine, &letters[4].source);
    assert_int_equal(letters[4].source.place, 0);
    engine_run(&engine, 100);
    assert_string_equal(fired, "bd");
    engine_arm(&engine, &letters[4].source, 200);
    engine_run(&engine, 300);
    assert_string_equal(fired, "bde");
    engine_free(&engine);
}

static void the_end_of_time_is_never(void **state) {
    (void)state;
    struct engine engine;
    struct letter letters[2];
    init_letters(&engine, letters, 2);
    engine_arm(&engine, &letters[0].source, INT64_MAX);
    assert_int_equal(engine.count, 0);
    assert_int_equal(letters[0].source.place, 0);
    engine_arm(&engine, &letters[0].source, 10);
    engine_arm(&engine, &letters[1].source, 20);
    engine_arm(&engine, &letters[0].source, INT64_MAX); /* now it is not armed any more */
    assert_int_equal(engine.count, 1);
    engine_run(&engine, INT64_MAX);
    assert_string_equal(fired, "b");
    engine_free(&engine);
}

/* --- time ------------------------------------------------------------------------------------- */

static void the_bound_is_not_run(void **state) {
    (void)state;
    struct engine engine;
    struct letter letters[2];
    init_letters(&engine, letters, 2);
    engine_arm(&engine, &letters[0].source, 99);
    engine_arm(&engine, &letters[1].source, 100);
    engine_run(&engine, 100);
    assert_string_equal(fired, "a");
    assert_int_equal(engine.now_ns, 100);
    engine_run(&engine, 101);
    assert_string_equal(fired, "ab");
    assert_int_equal(fired_ns, 100);
    engine_free(&engine);
}

static void time_passes_when_nothing_happens(void **state) {
    (void)state;
    struct engine engine;
    engine_init(&engine, 1000);
    assert_int_equal(engine.now_ns, 1000);
    engine_run(&engine, 5000);
    assert_int_equal(engine.now_ns, 5000);
    engine_run(&engine, 3000); /* that is over */
    assert_int_equal(engine.now_ns, 5000);
    assert_int_equal(engine.fired, 0);
    engine_free(&engine);
}

static void what_is_late_fires_now(void **state) {
    (void)state;
    struct engine engine;
    struct letter letters[1];
    init_letters(&engine, letters, 1);
    engine_run(&engine, 50);
    engine_arm(&engine, &letters[0].source, 20);
    assert_int_equal(letters[0].source.at_ns, 50);
    engine_run(&engine, 51);
    assert_string_equal(fired, "a");
    assert_int_equal(fired_ns, 50);
    engine_free(&engine);
}

/* Arms itself every ten nanoseconds, and another one for the same instant. */
struct ticker {
    struct source source;
    struct engine *engine;
    struct source *other;
    int ticks;
};

static void tick(struct source *source) {
    struct ticker *ticker = list_entry(source, struct ticker, source);
    assert_int_equal(ticker->engine->now_ns, 10 * ++ticker->ticks);
    engine_arm(ticker->engine, source, ticker->engine->now_ns + 10);
    if (ticker->ticks == 3) engine_arm(ticker->engine, ticker->other, ticker->engine->now_ns);
}

static void a_source_may_arm_itself_and_others(void **state) {
    (void)state;
    struct engine engine;
    struct letter letters[2];
    init_letters(&engine, letters, 2);
    struct ticker ticker = {.source.fire = tick, .engine = &engine, .other = &letters[0].source};
    engine_arm(&engine, &ticker.source, 10);
    engine_arm(&engine, &letters[1].source, 30);
    engine_run(&engine, 1000);
    assert_int_equal(ticker.ticks, 99);
    assert_string_equal(fired, "ba"); /* both at 30: b was armed before it */
    assert_int_equal(fired_ns, 30);
    assert_int_equal(engine.count, 1);
    engine_free(&engine);
}

/* --- against a list that is searched ---------------------------------------------------------- */

#define SOURCES 50

struct crew {
    struct engine engine;
    struct random random;
    struct member {
        struct source source;
        struct crew *crew;
        bool armed;
        int64_t at_ns;
        uint64_t order;
    } members[SOURCES];
    uint64_t orders, fired;
};

static const struct member *earliest(const struct crew *crew) {
    const struct member *first = NULL;
    for (size_t i = 0; i < SOURCES; i++) {
        const struct member *member = &crew->members[i];
        if (!member->armed) continue;
        bool earlier = first == NULL || member->at_ns < first->at_ns ||
                       (member->at_ns == first->at_ns && member->order < first->order);
        if (earlier) first = member;
    }
    return first;
}

/* One of them is armed, soon or never, or disarmed. Few times, so that many are the same. */
static void do_something(struct crew *crew) {
    struct member *member = &crew->members[random_below(&crew->random, SOURCES)];
    int64_t now_ns = crew->engine.now_ns;
    int64_t at_ns = now_ns - 3 + (int64_t)random_below(&crew->random, 30);
    uint64_t what = random_below(&crew->random, 10);
    if (what == 0) at_ns = INT64_MAX;
    member->armed = what > 1;
    member->at_ns = at_ns > now_ns ? at_ns : now_ns;
    if (what == 1) {
        engine_disarm(&crew->engine, &member->source);
    } else {
        engine_arm(&crew->engine, &member->source, at_ns);
        member->order = crew->orders++;
    }
}

static void fire_member(struct source *source) {
    struct member *member = list_entry(source, struct member, source);
    struct crew *crew = member->crew;
    assert_ptr_equal(member, earliest(crew));
    assert_int_equal(crew->engine.now_ns, member->at_ns);
    member->armed = false;
    crew->fired++;
    if (random_below(&crew->random, 2) == 0) do_something(crew);
}

static void the_heap_agrees_with_a_list_that_is_searched(void **state) {
    (void)state;
    struct crew *crew = xcalloc(1, sizeof(*crew));
    random_seed(&crew->random, 11);
    engine_init(&crew->engine, 0);
    for (size_t i = 0; i < SOURCES; i++) {
        crew->members[i].source.fire = fire_member;
        crew->members[i].crew = crew;
    }
    for (int step = 0; step < 20000; step++) {
        for (uint64_t left = random_below(&crew->random, 8); left > 0; left--) do_something(crew);
        int64_t until_ns = crew->engine.now_ns + (int64_t)random_below(&crew->random, 6);
        engine_run(&crew->engine, until_ns);
        const struct member *next = earliest(crew);
        size_t armed = 0;
        for (size_t i = 0; i < SOURCES; i++) {
            armed += crew->members[i].armed;
            assert_int_equal(crew->members[i].armed, crew->members[i].source.place != 0);
        }
        assert_int_equal(crew->engine.count, armed);
        assert_int_equal(crew->engine.now_ns, until_ns);
        if (next != NULL) assert_true(next->at_ns >= until_ns);
    }
    assert_true(crew->fired > 20000);
    assert_int_equal(crew->engine.fired, crew->fired);
    engine_free(&crew->engine);
    free(crew);
}

/* --- queues with known laws ------------------------------------------------------------------- */

#define MEAN_SERVICE_NS (10.0 * NS_PER_MS)
#define CUSTOMERS 1000000

/* Customers come by chance, wait in the order in which they came, and are served one after the other. */
struct queue {
    struct engine engine;
    struct source arrival, departure;
    struct random arrivals, services;
    double mean_gap_ns;
    bool constant;     /* each is served for as long */
    int64_t *came_ns;  /* of all so far */
    size_t came, gone; /* so many */
    double waited_ns;
    struct window window;
    struct age age;
    struct age_total total;
};

static int64_t service_ns(struct queue *queue) {
    return queue->constant ? (int64_t)MEAN_SERVICE_NS
                           : llround(random_exponential(&queue->services, MEAN_SERVICE_NS));
}

static void serve(struct queue *queue) {
    int64_t now_ns = queue->engine.now_ns;
    queue->waited_ns += (double)(now_ns - queue->came_ns[queue->gone]);
    engine_arm(&queue->engine, &queue->departure, now_ns + service_ns(queue));
}

static void arrive(struct source *source) {
    struct queue *queue = list_entry(source, struct queue, arrival);
    int64_t now_ns = queue->engine.now_ns;
    queue->came_ns[queue->came++] = now_ns;
    if (queue->departure.place == 0) serve(queue);
    if (queue->came == CUSTOMERS) return;
    int64_t gap_ns = llround(random_exponential(&queue->arrivals, queue->mean_gap_ns));
    engine_arm(&queue->engine, source, now_ns + gap_ns);
}

static void depart(struct source *source) {
    struct queue *queue = list_entry(source, struct queue, departure);
    age_renew(&queue->age, &queue->total, &queue->window, queue->came_ns[queue->gone],
              queue->engine.now_ns);
    queue->gone++;
    if (queue->gone < queue->came) serve(queue);
}

/* Runs it at this load. Sets the mean wait, and the mean age of what the last customer that has left knows, both
 * in units of the mean service. */
static void run_queue(double load, bool constant, double *wait, double *age) {
    struct queue queue = {.arrival.fire = arrive, .departure.fire = depart, .constant = constant};
    queue.window = (struct window){1, INT64_MAX};
    queue.mean_gap_ns = MEAN_SERVICE_NS / load;
    queue.came_ns = xcalloc(CUSTOMERS, sizeof(*queue.came_ns));
    random_seed(&queue.arrivals, 1);
    random_seed(&queue.services, 2);
    engine_init(&queue.engine, 0);
    engine_arm(&queue.engine, &queue.arrival, 1);
    engine_run(&queue.engine, INT64_MAX);
    assert_int_equal(queue.gone, CUSTOMERS);
    assert_true(queue.engine.armed == 2 * CUSTOMERS);
    *wait = queue.waited_ns / CUSTOMERS / MEAN_SERVICE_NS;
    *age = queue.total.integral / queue.total.seconds * NS_PER_SECOND / MEAN_SERVICE_NS;
    engine_free(&queue.engine);
    free(queue.came_ns);
}

/* rho / (mu - lambda). */
static void an_exponential_server_keeps_its_law(void **state) {
    (void)state;
    for (double load = 0.2; load < 0.9; load += 0.3) {
        double wait, age, wanted = load / (1 - load);
        run_queue(load, false, &wait, &age);
        print_message("# M/M/1 at %.1f: a wait of %.4f, predicted %.4f\n", load, wait, wanted);
        assert_near(wait / wanted, 1, 0.03);
    }
}

/* Half of that (Pollaczek and Khinchin). */
static void a_constant_server_keeps_its_law(void **state) {
    (void)state;
    for (double load = 0.2; load < 0.9; load += 0.3) {
        double wait, age, wanted = load / (2 * (1 - load));
        run_queue(load, true, &wait, &age);
        print_message("# M/D/1 at %.1f: a wait of %.4f, predicted %.4f\n", load, wait, wanted);
        assert_near(wait / wanted, 1, 0.03);
    }
}

/* 1 + 1 / rho + rho^2 / (1 - rho) services: Kaul, Yates and Gruteser 2012. */
static void the_age_behind_a_queue_keeps_its_law(void **state) {
    (void)state;
    for (double load = 0.2; load < 0.9; load += 0.3) {
        double wait, age, wanted = 1 + 1 / load + load * load / (1 - load);
        run_queue(load, false, &wait, &age);
        print_message("# age behind M/M/1 at %.1f: %.4f, predicted %.4f\n", load, age, wanted);
        assert_near(age / wanted, 1, 0.03);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_is_the_earliest),
        cmocka_unit_test(at_the_same_instant_the_first_armed_is_first),
        cmocka_unit_test(arming_again_moves),
        cmocka_unit_test(arming_again_counts_as_the_last_arming),
        cmocka_unit_test(what_is_disarmed_does_not_fire),
        cmocka_unit_test(the_end_of_time_is_never),
        cmocka_unit_test(the_bound_is_not_run),
        cmocka_unit_test(time_passes_when_nothing_happens),
        cmocka_unit_test(what_is_late_fires_now),
        cmocka_unit_test(a_source_may_arm_itself_and_others),
        cmocka_unit_test(the_heap_agrees_with_a_list_that_is_searched),
        cmocka_unit_test(an_exponential_server_keeps_its_law),
        cmocka_unit_test(a_constant_server_keeps_its_law),
        cmocka_unit_test(the_age_behind_a_queue_keeps_its_law),
    };
    return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}

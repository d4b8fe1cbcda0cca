/* runner/lab: what a lab.ini says, what can be an answer, in which order choices stand */
#include "lab/lab.h"

#include "base/memory.h"
#include "base/random.h"
#include "lab/answers.h"
#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "[lab]\ntitle = T\nidea = I\n[predict p]\nask = P?\nunit = ms\n"

static const char good[] = HEAD "figure = sse.delivery_latency_mean_us / 1000\n"
                                "[read r]\nask = R?\nunit = B\nanswer = sse.lost\nwithin = 5 %\n"
                                "points = 2\nhint = H\n"
                                "[choice c]\nask = C?\nright = yes\nwrong_1 = no\nwrong_2 = never\n"
                                "points = 1\nhint = H\n"
                                "[text t]\nask = Why,\n  and why not?\n";

static void a_lab_is_read(void **state) {
    struct lab lab = {0};
    (void)state;
    assert_int_equal(lab_read(&lab, "lab.ini", good), 0);
    assert_int_equal(lab.question_count, 4);
    assert_int_equal(lab_count(&lab, true), 1);
    assert_int_equal(lab_count(&lab, false), 3);
    assert_true(lab.models);
    assert_int_equal(lab.mode, MODE_LIVE);
    assert_int_equal(lab.questions[1].points, 2);
    assert_true(fabs(lab.questions[1].within - 0.05) < 1e-9);
    assert_int_equal(lab.questions[2].choice_count, 3);
    assert_string_equal(lab.questions[2].choices[0], "yes");
    assert_string_equal(lab.questions[3].ask, "Why, and why not?");
    assert_string_equal(lab.questions[3].unit, "");
    assert_null(lab_question(&lab, "p", false));
    assert_ptr_equal(lab_question(&lab, "p", true), &lab.questions[0]);
    lab_free(&lab);
}

static void mistakes_are_refused(void **state) {
    static const char *const bad[] = {
        "[lab]\ntitle = T\nidea = I\n", /* no question */
        "[predict p]\nask = P?\n",      /* no title */
        HEAD "[lab]\nminutes = soon\n", /* no number */
        HEAD "[lab]\nmode = dead\n",    /* no mode */
        HEAD "[lab]\ntitle = again\n",  /* twice */
        HEAD "[lab]\ncolour = red\n",   /* no key */
        HEAD "[guess g]\nask = G?\n",   /* no kind */
        HEAD "points = 3\n",            /* a prediction is not graded */
        HEAD "[read r]\nask = R?\n",    /* nothing to grade by */
        HEAD "[read r]\nask = R?\nanswer = 1\nwithin = 5\npoints = 1\nhint = H\n",
        HEAD "[read r]\nask = R?\nanswer = 1\nwithin = 5 %\npoints = 0\nhint = H\n",
        HEAD "[read r]\nask = R?\nanswer = 1\nwithin = 5 %\npoints = 1\n", /* no hint */
        HEAD "[choice c]\nask = C?\nwrong_1 = no\n", /* the right one comes first */
        HEAD "[choice c]\nask = C?\nright = a\nwrong_2 = b\n",
        HEAD "[choice c]\nask = C?\nright = a\npoints = 1\nhint = H\n", /* no choice */
        HEAD "[text p p]\nask = T?\n",                                  /* no name */
        HEAD "[text t]\nask = T?\n[text t2]\nask = T?\n[text t]\nask = T?\n",
        HEAD "nothing\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct lab lab = {0};
        if (lab_read(&lab, "lab.ini", bad[i]) == 0) fail_msg("this was taken:\n%s", bad[i]);
        lab_free(&lab);
    }
}

static void answers_are_numbers_with_their_unit(void **state) {
    struct question q = {.kind = READ, .unit = (char *)"ms"};
    (void)state;
    assert_true(answer_number(&q, "12.5") == 12.5);
    assert_true(answer_number(&q, "12.5 ms") == 12.5);
    assert_true(answer_number(&q, "1.2e3ms") == 1200);
    assert_true(isnan(answer_number(&q, "12 s")));
    assert_true(isnan(answer_number(&q, "")));
    assert_true(isnan(answer_number(&q, "inf")));
    assert_null(answer_flaw(&q, "500"));
    assert_non_null(strstr(answer_flaw(&q, "1,000"), "comma"));
    assert_string_equal(answer_flaw(&q, "12 s"), "is not a number of ms, like 12.5");
    q.unit = (char *)"";
    assert_string_equal(answer_flaw(&q, "many"), "is not a number, like 12.5");
}

/* Each student has an order of his own, the same each time; every choice stands at every place for somebody; and the
 * letter leads back. */
static void choices_are_shuffled_by_student(void **state) {
    struct lab lab = {0};
    int seen[3][3] = {{0}};
    (void)state;
    assert_int_equal(lab_read(&lab, "lab.ini", good), 0);
    const struct question *q = &lab.questions[2];
    for (int i = 0; i < 300; i++) {
        char *student = xasprintf("student %d", i);
        int order[CHOICES_MAX], again[CHOICES_MAX];
        question_order(q, student, order);
        question_order(q, student, again);
        for (int k = 0; k < 3; k++) {
            char letter[] = {(char)('a' + k), '\0'};
            assert_int_equal(order[k], again[k]);
            seen[k][order[k]]++;
            assert_int_equal(answer_choice(q, student, letter), order[k]);
            letter[0] = (char)('A' + k);
            assert_int_equal(answer_choice(q, student, letter), order[k]);
        }
        free(student);
    }
    for (int k = 0; k < 9; k++) assert_in_range(seen[k / 3][k % 3], 60, 140); /* of 100 */
    assert_int_equal(answer_choice(q, "x", "d"), -1);
    assert_int_equal(answer_choice(q, "x", "ab"), -1);
    assert_int_equal(answer_choice(q, "x", ""), -1);
    lab_free(&lab);
}

static void students_have_a_name(void **state) {
    (void)state;
    assert_null(student_flaw("ann"));
    assert_null(student_flaw("s1234567, Ärmel"));
    assert_non_null(student_flaw(""));
    assert_non_null(student_flaw("a\nb"));
    assert_non_null(student_flaw("a;b"));
    assert_non_null(student_flaw("\xff"));
    char longest[80];
    memset(longest, 'a', sizeof(longest));
    longest[65] = '\0';
    assert_non_null(student_flaw(longest));
    longest[64] = '\0';
    assert_null(student_flaw(longest));
}

/* --- the terminal ----------------------------------------------------------------------------- */

/* What is asked and answered, as a person would type it. */
static int ask(struct answers *answers, const struct lab *lab, bool predict, const char *typed,
               char **printed) {
    char *said = NULL;
    size_t size;
    FILE *in = fmemopen((char *)typed, strlen(typed), "r"), *out = open_memstream(&said, &size);
    int status = answers_ask_student(answers, in, out);
    if (status == 0) status = answers_ask(answers, lab, predict, in, out);
    fclose(in);
    fclose(out);
    *printed = said;
    return status;
}

static void a_person_is_asked_until_it_is_an_answer(void **state) {
    struct lab lab = {0};
    struct answers answers = {0};
    char *printed;
    (void)state;
    assert_int_equal(lab_read(&lab, "lab.ini", good), 0);
    assert_int_equal(ask(&answers, &lab, true, "\n ann \n\nsoon\n12 s\n 12 ms\n", &printed), 0);
    assert_string_equal(answers.student, "ann");
    assert_string_equal(answers.texts[0], "12 ms");
    assert_non_null(strstr(printed, "it is empty"));
    assert_non_null(strstr(printed, "an answer is needed"));
    assert_non_null(strstr(printed, "\"soon\" is not a number of ms, like 12.5"));
    free(printed);
    assert_int_equal(ask(&answers, &lab, false, "7\nd\nb\n\n", &printed), 0);
    assert_string_equal(answers.texts[1], "7");
    assert_string_equal(answers.texts[2], "b");
    assert_null(answers.texts[3]); /* an empty line leaves it open */
    assert_non_null(strstr(printed, "\"d\" is not one of the letters"));
    free(printed);
    assert_int_equal(ask(&answers, &lab, false, "\n\nwords\n", &printed), 0);
    assert_string_equal(answers.texts[1], "7"); /* or as it was */
    assert_string_equal(answers.texts[3], "words");
    assert_non_null(strstr(printed, "r in B [7]: "));
    free(printed);
    assert_int_equal(ask(&answers, &lab, false, "8\n", &printed), -1);
    free(printed);
    answers_free(&answers);
    lab_free(&lab);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lab_is_read),
        cmocka_unit_test(mistakes_are_refused),
        cmocka_unit_test(answers_are_numbers_with_their_unit),
        cmocka_unit_test(choices_are_shuffled_by_student),
        cmocka_unit_test(students_have_a_name),
        cmocka_unit_test(a_person_is_asked_until_it_is_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

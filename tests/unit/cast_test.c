/* runner/trial/cast: who takes part in a trial */
#include "trial/cast.h"

#include "test.h"

#include <stdlib.h>

static const int counts[ROLE_COUNT] = {[ROLE_SERVER] = 2, [ROLE_CLIENT] = 3};

static void start_all(struct cast *cast) {
    for (int i = 0; i < cast->count; i++) {
        cast->members[i].started = true;
        cast->members[i].port = 1000 + i;
    }
}

static struct member *server(const struct cast *cast, int index) {
    struct member *member = NULL;
    for (int i = 0; i <= index; i++) member = cast_next(cast, ROLE_SERVER, member);
    return member;
}

static void members_stand_by_role(void **state) {
    struct cast cast;
    struct member *member = NULL;
    int clients = 0;
    (void)state;
    cast_init(&cast, counts);
    assert_int_equal(cast.count, 5);
    assert_int_equal(server(&cast, 1)->index, 1);
    assert_null(server(&cast, 2));
    while ((member = cast_next(&cast, ROLE_CLIENT, member)) != NULL)
        assert_int_equal(member->index, clients++);
    assert_int_equal(clients, 3);
    assert_ptr_equal(cast_member(&cast.members[3].program), &cast.members[3]);
    cast_free(&cast);
}

static void who_has_not_answered_is_awaited(void **state) {
    struct cast cast;
    (void)state;
    cast_init(&cast, counts);
    start_all(&cast);
    cast_await(&cast, ROLE_SERVER);
    assert_ptr_equal(cast_awaited(&cast, ROLE_SERVER), server(&cast, 0));
    server(&cast, 0)->answered = true;
    assert_ptr_equal(cast_awaited(&cast, ROLE_SERVER), server(&cast, 1));
    server(&cast, 1)->answered = true;
    assert_null(cast_awaited(&cast, ROLE_SERVER));
    server(&cast, 1)->ended = true;
    cast_await(&cast, ROLE_SERVER); /* once more: who has ended is not waited for */
    server(&cast, 0)->answered = true;
    assert_null(cast_awaited(&cast, ROLE_SERVER));
    cast_free(&cast);
}

static void who_has_ended_has_no_address(void **state) {
    struct cast cast;
    (void)state;
    cast_init(&cast, counts);
    start_all(&cast);
    char *both = cast_addresses(&cast, ROLE_SERVER);
    assert_string_equal(both, "127.0.0.1:1000,127.0.0.1:1001");
    server(&cast, 0)->ended = true;
    char *one = cast_addresses(&cast, ROLE_SERVER);
    assert_string_equal(one, "127.0.0.1:1001");
    free(both);
    free(one);
    cast_free(&cast);
}

static void the_last_to_end_ends_the_trial(void **state) {
    struct cast cast;
    (void)state;
    cast_init(&cast, counts);
    assert_true(cast_is_over(&cast)); /* nobody was started */
    start_all(&cast);
    server(&cast, 0)->ended = true;
    assert_true(cast_is_left(&cast, ROLE_SERVER));
    server(&cast, 1)->ended = true;
    assert_false(cast_is_left(&cast, ROLE_SERVER));
    assert_false(cast_is_over(&cast));
    for (int i = 0; i < cast.count; i++) cast.members[i].ended = true;
    assert_true(cast_is_over(&cast));
    cast_free(&cast);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_stand_by_role),
        cmocka_unit_test(who_has_not_answered_is_awaited),
        cmocka_unit_test(who_has_ended_has_no_address),
        cmocka_unit_test(the_last_to_end_ends_the_trial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

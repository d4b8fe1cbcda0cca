/* POSTs to addresses that strangers chose. This program has a getaddrinfo of its own, which libcurl
 * calls in the place of the system's: one name is not answered until the test says so. */
#include "test.h"

#include "net/url_post.h"

#include <curl/curlver.h>
#include <netdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PATIENCE_SECONDS 20

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool asked, may_answer, answered;

/* Both of these with the lock held. */
static void set(bool *flag) {
    *flag = true;
    pthread_cond_broadcast(&changed);
}

static void wait_for(const bool *flag) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_SECONDS;
    while (!*flag && pthread_cond_timedwait(&changed, &lock, &until) == 0) continue;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
    (void)name, (void)service, (void)hints;
    *found = NULL;
    pthread_mutex_lock(&lock);
    set(&asked);
    wait_for(&may_answer);
    set(&answered);
    pthread_mutex_unlock(&lock);
    return EAI_NONAME;
}

static struct {
    bool done, loop_was_free;
    char error[128];
} outcome;

static void on_done(void *data, const struct url_post_result *result) {
    (void)data;
    outcome.done = true;
    snprintf(outcome.error, sizeof(outcome.error), "%s", result->error);
    pthread_mutex_lock(&lock);
    outcome.loop_was_free = asked && !answered;
    pthread_mutex_unlock(&lock);
}

static void a_name_that_does_not_resolve_does_not_hold_the_loop(void **state) {
#if LIBCURL_VERSION_NUM < 0x075700
    skip();
#endif
    uv_loop_t loop;
    (void)state;
    uv_loop_init(&loop);
    struct url_poster *poster =
        url_poster_new(&loop, &(struct url_post_settings){.in_flight = 1, .attempt_seconds = 1});
    assert_int_equal(url_post(poster, "http://slow.test/", "", "x", 1, on_done, NULL), 0);
    while (!outcome.done) uv_run(&loop, UV_RUN_ONCE);
    assert_true(outcome.loop_was_free);
    assert_non_null(strstr(outcome.error, "timed out"));
    url_poster_close(poster);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    pthread_mutex_lock(&lock);
    set(&may_answer);
    wait_for(&answered);
    pthread_mutex_unlock(&lock);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_that_does_not_resolve_does_not_hold_the_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

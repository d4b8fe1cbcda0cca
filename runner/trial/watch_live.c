/* Watching the first user of a live trial: see watch.h. The programs trace it (core/net/trace.h), and joined.c lays
 * their traces together. */
#include "base/log.h"
#include "base/memory.h"
#include "model/conversation.h"
#include "trial/joined.h"
#include "trial/stages.h"
#include "trial/trial.h"
#include "trial/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the programs write for people is read when one of them fails, and not kept. */
static void remove_logs(const struct trial_setup *setup) {
    for (int role = 0; role < ROLE_COUNT; role++)
        for (int i = 0; i < setup->cell->processes[role]; i++) {
            char *path = trial_log_path(setup, (enum role)role, i);
            unlink(path);
            free(path);
        }
}

static int run(struct trial_setup *setup, struct result *result) {
    const char *place = getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp";
    char *directory = xasprintf("%s/pushpull.XXXXXX", place);
    if (mkdtemp(directory) == NULL) {
        log_error("cannot make a directory in %s: %s", place, strerror(errno));
        free(directory);
        return 1;
    }
    char *prefix = xasprintf("%s/trial", directory);
    setup->log_prefix = prefix;
    bool interrupted = trial_run(setup, result) == TRIAL_INTERRUPTED;
    remove_logs(setup);
    rmdir(directory);
    free(prefix);
    free(directory);
    if (interrupted) return EXIT_INTERRUPTED;
    if (strcmp(result->status, "failed") != 0) return 0;
    log_error("the trial of %s failed: %s", setup->cell->strategy->title, result->reason);
    return 1;
}

static void say_left_out(const json_t *traces) {
    size_t i;
    json_int_t count = 0;
    const json_t *trace;
    json_array_foreach(traces, i, trace) count +=
        json_integer_value(json_object_get(trace, FIELD_LEFT_OUT));
    if (count > 0)
        log_warn("more was said than a trace keeps: the last %lld pieces are not in it",
                 (long long)count);
}

int trial_watch_live(const struct trial_setup *asked, struct watch *watch) {
    struct trial_setup setup = *asked;
    struct result result = {0};
    setup.traces = json_array();
    int status = run(&setup, &result);
    *watch = (struct watch){.users = (uint32_t)setup.cell->subscribers, .words = setup.traces};
    if (status == 0) {
        say_left_out(setup.traces);
        watch->publish_ns = result_told_ns(&result, ROLE_SERVER, 0, FIELD_PUBLISHED_FROM_NS);
        watch->window.start_ns = result_told_ns(&result, ROLE_CLIENT, 0, FIELD_START_NS);
        watch->window.end_ns = result_told_ns(&result, ROLE_CLIENT, 0, FIELD_END_NS);
        watch_join(watch, setup.traces);
    }
    result_free(&result);
    return status;
}

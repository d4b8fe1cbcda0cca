/* A directory of scripts that answer --options, for tests of scenarios and plans. Every strategy's
 * server knows payload_bytes, events_per_second and arrivals; polling's client interval_ms too. */
#ifndef PUSHPULL_FAKE_PROGRAMS_H
#define PUSHPULL_FAKE_PROGRAMS_H

#include "test.h"

#include "base/memory.h"
#include "scenario/catalog.h"
#include "scenario/check.h"
#include "scenario/read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FAKE_SERVER_OPTIONS                                                                        \
    "[{\"name\":\"payload_bytes\",\"kind\":\"integer\",\"minimum\":0,\"maximum\":1000},"           \
    "{\"name\":\"events_per_second\",\"kind\":\"number\",\"minimum\":0},"                          \
    "{\"name\":\"arrivals\",\"kind\":\"choice\",\"choices\":[\"constant\",\"poisson\"]},"          \
    "{\"name\":\"stall\",\"kind\":\"text\",\"form\":\"stall\"},"                                   \
    "{\"name\":\"address_of\",\"kind\":\"text\",\"form\":\"address\"},"                            \
    "{\"name\":\"port\",\"kind\":\"integer\"}]"
#define FAKE_INTERVAL                                                                              \
    "{\"name\":\"interval_ms\",\"kind\":\"integer\",\"minimum\":1,\"maximum\":9999}"

static char fake_directory[] = "/tmp/pushpull-fakes.XXXXXX";

static inline char *fake_path(const struct strategy *strategy, const char *role) {
    return xasprintf("%s/%s_%s", fake_directory, strategy->key, role);
}

static inline void fake_write(const struct strategy *strategy, const char *role, const char *json) {
    char *path = fake_path(strategy, role);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\necho '%s'\n", json);
    fclose(file);
    assert_int_equal(chmod(path, 0700), 0);
    free(path);
}

static inline int fake_programs_make(void **state) {
    (void)state;
    assert_non_null(mkdtemp(fake_directory));
    for (const struct strategy *s = strategies; s->key != NULL; s++) {
        fake_write(s, "server", FAKE_SERVER_OPTIONS);
        fake_write(s, "client", strcmp(s->key, "polling") == 0 ? "[" FAKE_INTERVAL "]" : "[]");
    }
    return 0;
}

static inline int fake_programs_remove(void **state) {
    (void)state;
    for (const struct strategy *s = strategies; s->key != NULL; s++) {
        char *server = fake_path(s, "server"), *client = fake_path(s, "client");
        unlink(server);
        unlink(client);
        free(server);
        free(client);
    }
    return rmdir(fake_directory);
}

/* Reads and checks a scenario's text. `only` and `set` may be NULL; `set` may be two, divided by a
 * semicolon. Returns the status. */
static inline int fake_scenario(struct scenario *scenario, const char *text, const char *set,
                                const char *only) {
    char *copy = xstrdup(set == NULL ? "" : set), *second = strchr(copy, ';');
    const char *sets[2] = {copy, second};
    if (second != NULL) *second = '\0', sets[1] = second + 1;
    int count = set == NULL ? 0 : second == NULL ? 1 : 2;
    struct scenario_overrides overrides = {sets, count, only};
    struct catalog *catalog = catalog_new(fake_directory);
    int status = scenario_read(scenario, "some/where.ini", text, &overrides);
    if (status == 0) status = scenario_check(scenario, catalog);
    catalog_free(catalog);
    free(copy);
    return status;
}

#endif

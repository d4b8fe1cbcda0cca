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
    "{\"name\":\"events_per_second\",\"kind\":\"number\",\"default\":\"1\",\"minimum\":0},"        \
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

static inline char *fake_link_path(void) { return xasprintf("%s/link", fake_directory); }

/* Takes the path over. */
static inline void fake_write(char *path, const char *json) {
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\necho '%s'\n", json);
    fclose(file);
    assert_int_equal(chmod(path, 0700), 0);
    free(path);
}

/* Its numbers are from 0 to 60,000. */
static inline void fake_write_link(void) {
    static const char *const numbers[] = {"rtt_ms",    "jitter_ms", "loss_percent",
                                          "down_mbit", "up_mbit",   "queue_ms"};
    struct buffer options = {0};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        buffer_printf(&options,
                      "%s{\"name\":\"%s\",\"kind\":\"number\",\"minimum\":0,\"maximum\":60000}",
                      i == 0 ? "[" : ",", numbers[i]);
    buffer_printf(&options, ",{\"name\":\"burst_loss\",\"kind\":\"text\"},"
                            "{\"name\":\"seed\",\"kind\":\"integer\"}]");
    fake_write(fake_link_path(), options.data);
    buffer_free(&options);
}

static inline int fake_programs_make(void **state) {
    (void)state;
    assert_non_null(mkdtemp(fake_directory));
    for (const struct strategy *s = strategies; s->key != NULL; s++) {
        fake_write(fake_path(s, "server"), FAKE_SERVER_OPTIONS);
        fake_write(fake_path(s, "client"),
                   strcmp(s->key, "polling") == 0 ? "[" FAKE_INTERVAL "]" : "[]");
    }
    fake_write_link();
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
    char *link = fake_link_path();
    unlink(link);
    free(link);
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

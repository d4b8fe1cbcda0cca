/* Two servers and their clients on one loop: nothing that makes a program is the process's. The events
 * come when the test publishes them, the loop runs until they have come, and nobody waits for a clock. */
#include "harness/client.h"
#include "harness/server.h"

#include "base/memory.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As servers/ and clients/ have them: the Makefile links those files without their main(). */
extern const struct server_strategy sse_server, polling_server;
extern const struct client_strategy sse_client, polling_client;

#define SUBSCRIBERS 3
#define EVENTS 20

/* A server and its client, their command lines (which they keep), and what the two say. */
struct pair {
    struct server *server;
    struct client *client;
    char *servers, *client_arguments[5];
    char *server_said, *client_said;
    size_t server_length, client_length;
};

static uv_loop_t loop;

static char *server_arguments[] = {
    (char[]){"server"},
    (char[]){"--events-per-second=0"},
    (char[]){"--feed-events=64"},
    NULL,
};

static void open_server(struct pair *pair, const struct server_strategy *strategy) {
    pair->server = server_new(strategy, &loop, 3, server_arguments);
    pair->server->program.output = open_memstream(&pair->server_said, &pair->server_length);
    server_start(pair->server);
}

static void open_client(struct pair *pair, const struct client_strategy *strategy, char *option) {
    char **argv = pair->client_arguments;
    pair->servers = xasprintf("--servers=127.0.0.1:%d", pair->server->port);
    argv[0] = (char *)(uintptr_t)strategy->name;
    argv[1] = pair->servers;
    argv[2] = (char *)(uintptr_t) "--subscribers=3";
    argv[3] = option;
    pair->client = client_new(strategy, &loop, option == NULL ? 3 : 4, argv);
    pair->client->program.output = open_memstream(&pair->client_said, &pair->client_length);
    client_start(pair->client);
}

/* All events up to this one, with none left out. */
static bool everyone_has(const struct pair *pair, uint64_t seq) {
    const struct subscribers *all = &pair->client->subscribers;
    for (uint32_t i = 0; i < all->count; i++) {
        const struct ledger *ledger = &subscriber_find(all, i)->account.ledger;
        if (ledger->highest < seq || ledger->gap_count > 0) return false;
    }
    return true;
}

static void close_pair(struct pair *pair) {
    program_stop(&pair->client->program);
    program_stop(&pair->server->program);
}

static void assert_said(const char *said, const char *type, const char *strategy) {
    char *line = xasprintf("{\"type\":\"%s\",", type), *name = xasprintf("\"%s\"", strategy);
    const char *found = strstr(said, line);
    if (found == NULL || strstr(found, name) == NULL)
        fail_msg("no %s of %s: %s", type, strategy, said);
    free(name);
    free(line);
}

static void free_pair(struct pair *pair, const char *strategy) {
    FILE *server_output = pair->server->program.output,
         *client_output = pair->client->program.output;
    assert_int_equal(client_free(pair->client), 0);
    assert_int_equal(server_free(pair->server), 0);
    fclose(server_output);
    fclose(client_output);
    assert_said(pair->server_said, "ready", strategy);
    assert_said(pair->server_said, "report", strategy);
    assert_said(pair->client_said, "connected", strategy);
    assert_said(pair->client_said, "report", strategy);
    free(pair->server_said);
    free(pair->client_said);
    free(pair->servers);
}

static bool all_up(const struct pair *pair) {
    return pair->client->subscribers.first_up == SUBSCRIBERS;
}

/* Each server's events reach its own subscribers, each once, and nobody else's. */
static void two_servers_and_their_clients_share_a_loop(void **state) {
    static const char payload[] = "hello";
    struct pair sse = {NULL}, polling = {NULL};
    (void)state;
    uv_loop_init(&loop);
    open_server(&sse, &sse_server);
    open_server(&polling, &polling_server);
    assert_int_not_equal(sse.server->port, polling.server->port);
    open_client(&sse, &sse_client, NULL);
    open_client(&polling, &polling_client, (char[]){"--interval-ms=1"});
    while (!all_up(&sse) || !all_up(&polling)) uv_run(&loop, UV_RUN_ONCE);

    for (int64_t i = 1; i <= EVENTS; i++) {
        assert_int_equal(server_publish(sse.server, payload, strlen(payload)), i);
        assert_int_equal(server_publish(polling.server, payload, strlen(payload)), i);
    }
    assert_int_equal(server_publish(polling.server, payload, strlen(payload)), EVENTS + 1);
    while (!everyone_has(&sse, EVENTS) || !everyone_has(&polling, EVENTS + 1))
        uv_run(&loop, UV_RUN_ONCE);
    assert_false(everyone_has(&sse, EVENTS + 1));
    assert_int_equal(sse.client->subscribers.recorder.duplicates, 0);
    assert_int_equal(polling.client->subscribers.recorder.duplicates, 0);

    close_pair(&sse);
    close_pair(&polling);
    uv_run(&loop, UV_RUN_DEFAULT);
    free_pair(&sse, "sse");
    free_pair(&polling, "polling");
    assert_int_equal(program_end_loop(&loop, 0), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_servers_and_their_clients_share_a_loop),
    };
    return cmocka_run_group_tests_name("one process", tests, NULL, NULL);
}

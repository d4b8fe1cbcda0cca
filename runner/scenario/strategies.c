/* The strategy table, and the only place that lists them. */
#include "scenario/strategies.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/options.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

const struct strategy strategies[] = {
    /* key            title           colour     marker floor */
    {"polling", "Polling", "#D55E00", 7, false},
    {"long_polling", "Long polling", "#E69F00", 5, false},
    {"sse", "SSE", "#009E73", 9, false},
    {"websocket", "WebSocket", "#0072B2", 11, false},
    {"webhook", "Webhook", "#CC79A7", 13, false},
    {"tcp", "TCP (floor)", "#808080", 2, true},
    {NULL, NULL, NULL, 0, false},
};

const int strategy_count = (int)(sizeof(strategies) / sizeof(strategies[0])) - 1;

const struct strategy *strategy_find(const char *key) {
    for (const struct strategy *s = strategies; s->key != NULL; s++)
        if (strcmp(s->key, key) == 0) return s;
    return NULL;
}

static const char *nearest_strategy(const char *word) {
    const char **names = xcalloc((size_t)strategy_count, sizeof(*names));
    for (int i = 0; i < strategy_count; i++) names[i] = strategies[i].key;
    const char *near = options_nearest(word, names, strategy_count);
    free(names);
    return near;
}

const struct strategy *strategy_named(const char *word, const char *where) {
    const struct strategy *strategy = strategy_find(word);
    if (strategy != NULL) return strategy;
    struct buffer all = {0};
    for (int i = 0; i < strategy_count; i++)
        buffer_printf(&all, "%s%s", i == 0 ? "" : ", ", strategies[i].key);
    const char *near = nearest_strategy(word);
    if (near != NULL)
        log_error("%s: %s is no strategy: did you mean %s?", where, word, near);
    else
        log_error("%s: %s is no strategy: expected %s", where, word, all.data);
    buffer_free(&all);
    return NULL;
}

/* The strategy table, and the only place that lists them. */
#include "scenario/strategies.h"

#include <stddef.h>
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

const int strategy_count = (int)(sizeof strategies / sizeof strategies[0]) - 1;

const struct strategy *strategy_find(const char *key) {
    for (const struct strategy *s = strategies; s->key != NULL; s++)
        if (strcmp(s->key, key) == 0) return s;
    return NULL;
}

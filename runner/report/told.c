/* Sentences that were told: see told.h. */
#include "report/told.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

bool told_now(struct told *told, const char *sentence) {
    for (int i = 0; i < told->count; i++)
        if (strcmp(told->sentences[i], sentence) == 0) return false;
    told->sentences = xgrow(told->sentences, (size_t)told->count, sizeof(*told->sentences));
    told->sentences[told->count++] = xstrdup(sentence);
    return true;
}

void told_free(struct told *told) {
    for (int i = 0; i < told->count; i++) free(told->sentences[i]);
    free(told->sentences);
    *told = (struct told){0};
}

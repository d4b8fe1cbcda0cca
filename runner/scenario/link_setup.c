/* What the link of a cell is set to. See link_setup.h. */
#include "scenario/link_setup.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static struct link_setting *find(const struct link_setup *setup, const char *key) {
    for (int i = 0; i < setup->count; i++)
        if (strcmp(setup->settings[i].key, key) == 0) return &setup->settings[i];
    return NULL;
}

void link_setup_set(struct link_setup *setup, const char *key, const char *value) {
    struct link_setting *setting = find(setup, key);
    if (setting == NULL) {
        setup->settings = xgrow(setup->settings, (size_t)setup->count, sizeof(*setting));
        setting = &setup->settings[setup->count++];
        *setting = (struct link_setting){.key = xstrdup(key)};
    }
    free(setting->value);
    setting->value = xstrdup(value);
}

void link_setup_free(struct link_setup *setup) {
    for (int i = 0; i < setup->count; i++) {
        free(setup->settings[i].key);
        free(setup->settings[i].value);
    }
    free(setup->settings);
    *setup = (struct link_setup){0};
}

double link_setup_number(const struct link_setup *setup, const char *key) {
    const struct link_setting *setting = find(setup, key);
    return setting == NULL ? 0 : strtod(setting->value, NULL);
}

bool link_setup_loses_twice(const struct link_setup *setup) {
    const struct link_setting *bursts = find(setup, "burst_loss");
    return bursts != NULL && *bursts->value != '\0' && link_setup_number(setup, "loss_percent") > 0;
}

/* Numbers that are 0 set nothing; how long the queue is says nothing without a rate. */
bool link_setup_is_any(const struct link_setup *setup) {
    for (int i = 0; i < setup->count; i++) {
        const struct link_setting *setting = &setup->settings[i];
        char *end;
        double number = strtod(setting->value, &end);
        bool is_text = *setting->value != '\0' && *end != '\0';
        if ((is_text || number != 0) && strcmp(setting->key, "queue_ms") != 0) return true;
    }
    return false;
}

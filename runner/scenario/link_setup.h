/* What the link of a cell is set to. */
#ifndef PUSHPULL_LINK_SETUP_H
#define PUSHPULL_LINK_SETUP_H

#include <stdbool.h>

struct link_setting {
    char *key, *value; /* an option of the link's program, without prefix: "rtt_ms", "50" */
};

/* Zeroed is empty. */
struct link_setup {
    struct link_setting *settings;
    int count;
};

/* Sets an option; a later value takes the place of an earlier one. Both texts are copied. */
void link_setup_set(struct link_setup *, const char *key, const char *value);
void link_setup_free(struct link_setup *);
/* The value of an option as a number; 0 where it is not set. */
double link_setup_number(const struct link_setup *, const char *key);
/* Whether both kinds of loss are asked for, which exclude each other. */
bool link_setup_loses_twice(const struct link_setup *);
/* Whether servers and clients are apart at all: a link that neither delays, limits nor loses is none. */
bool link_setup_is_any(const struct link_setup *);

#endif

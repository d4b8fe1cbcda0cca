/* What the programs of a trial say, and what it makes of it. */
#ifndef PUSHPULL_MESSAGES_H
#define PUSHPULL_MESSAGES_H

#include "trial/stages.h"

/* A program of the trial said something. */
void trial_said(struct program *, const char *type, json_t *message);

#endif

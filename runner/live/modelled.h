/* The lanes of a session without programs: what the models of simulator/ say of the first user is simulated two minutes
 * ahead, and becomes news when its time has come. For networks that this machine cannot make. */
#ifndef PUSHPULL_MODELLED_H
#define PUSHPULL_MODELLED_H

#include "live/lane.h"
#include "trial/setup.h"

struct modelled;

/* Whether there is a model of each cell. Returns false after one sentence on stderr. */
bool modelled_fits(const struct plan *, const struct catalog *);
/* Of each lane its setup; what that names must stay. */
struct modelled *modelled_new(const struct trial_setup *, int count);
void modelled_free(struct modelled *); /* NULL is allowed */
/* What has happened by now becomes news of the lanes. */
void modelled_pour(struct modelled *, struct lane *lanes, int count, int64_t now_ns);

#endif

/* Is the link what was asked for? Measured from the outside: by packets between its two places. */
#ifndef PUSHPULL_CALIBRATE_H
#define PUSHPULL_CALIBRATE_H

#include "model/link.h"
#include "namespaces.h"

#include <jansson.h>
#include <stdint.h>
#include <uv.h>

/* Starts to measure the link between the two places. `done` comes once, on the loop, with a JSON list (see docs/protocol.md); it owns the list. */
struct calibration;
struct calibration *calibration_start(uv_loop_t *, const struct namespaces *,
                                      const struct link_settings *asked, uint64_t seed,
                                      void (*done)(void *data, json_t *list), void *data);
void calibration_stop(struct calibration *); /* kills and reaps the child if it still runs; frees */

#endif

/* The measuring of a link, for a process of its own that does nothing else: it sends probes
 * (probe.h), makes figures of what arrives, and holds them against what a link of these settings
 * gives (model/link_bounds.h). */
#ifndef PUSHPULL_MEASURE_H
#define PUSHPULL_MEASURE_H

#include "model/link.h"
#include "namespaces.h"

#include <jansson.h>
#include <stdint.h>

/* Returns a new list of figures, each an object: name, asked, got, least, most, off, sentence.
 * What is off is measured again, twice at most, as long as that can be over before `until_ns`;
 * it is off only if it stays so. NULL, and *error set to a libuv error, when the places cannot
 * be entered. */
json_t *measure_link(const struct namespaces *, const struct link_settings *asked, uint64_t seed,
                     int64_t until_ns, int *error);

#endif

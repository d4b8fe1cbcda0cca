/* Pieces of the JSON that servers and clients report alike: docs/protocol.md, "The report". */
#ifndef PUSHPULL_REPORT_H
#define PUSHPULL_REPORT_H

#include "base/resources.h"
#include "model/histogram.h"
#include "net/trace.h"

#include <jansson.h>
#include <stdint.h>

void report_number(json_t *, const char *key, uint64_t value);
/* A time in seconds. */
void report_seconds(json_t *, const char *key, int64_t ns);
/* Adds to the number that stands there; none is 0. */
void report_add(json_t *, const char *key, uint64_t by);
/* Adds `command`: the program's own command line, so that a trial can be repeated by hand. */
void report_command(json_t *, int argc, char **argv);
/* Adds what the process used between two samples: cpu_ns, user_ns, ..., and `seconds`. */
void report_resources(json_t *, const struct resources *from, const struct resources *to);
/* Adds a histogram to the object of histograms, unless it is empty. */
void report_histogram(json_t *histograms, const char *name, const struct histogram *);
/* Adds all that was traced. */
void report_trace(json_t *, const struct trace *);
/* CPU used per time passed, in cores. */
double report_utilisation(const struct resources *from, const struct resources *to);

#endif

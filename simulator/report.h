/* The reports of a simulated trial: what the live programs would say (docs/protocol.md), so that nobody who reads
 * reports needs a second way. */
#ifndef PUSHPULL_SIMULATOR_REPORT_H
#define PUSHPULL_SIMULATOR_REPORT_H

#include "model.h"

void report_make(struct simulation *, struct simulation_reports *);

#endif

/* Processors for a program. See processors.h. */
#include "launch/processors.h"

void processors_keep_to(int part, int parts, cpu_set_t *before) {
    cpu_set_t own;
    CPU_ZERO(before);
    CPU_ZERO(&own);
    if (sched_getaffinity(0, sizeof(*before), before) != 0 || CPU_COUNT(before) < parts) return;
    int count = CPU_COUNT(before), number = 0;
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, before)) continue;
        if (number * parts / count == part) CPU_SET(cpu, &own);
        number++;
    }
    sched_setaffinity(0, sizeof(own), &own);
}

void processors_restore(const cpu_set_t *before) {
    if (CPU_COUNT(before) > 0) sched_setaffinity(0, sizeof(*before), before);
}

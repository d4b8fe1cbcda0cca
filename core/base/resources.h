/* What this process costs: CPU time, waiting for the CPU, context switches, resident memory. */
#ifndef PUSHPULL_RESOURCES_H
#define PUSHPULL_RESOURCES_H

#include <stdint.h>

struct resources {
    int64_t at_ns;
    int64_t cpu_ns;             /* user + system, to the nanosecond */
    int64_t user_ns, system_ns; /* the kernel's split of it */
    int64_t cpu_wait_ns;        /* ready to run, but waiting for a processor (the main thread) */
    int64_t voluntary_switches, involuntary_switches;
    int64_t stolen_ns; /* from this machine by the one that it is a guest of: over all processors */
    int64_t suspended_ns; /* the machine slept so long, since it was started */
};

/* CPU and switches of this process since its start, and what the machine lost. Some ten microseconds. */
void resources_sample(struct resources *);

/* Memory that is really there (Rss, exact). Takes a millisecond or more: not while measuring. */
int64_t resources_resident_bytes(void);

/* Raises the soft limit of open files to the hard one; returns the limit now in force. */
int64_t resources_raise_file_limit(void);

#endif

/* What a process costs: CPU, resident memory, context switches. */
#ifndef PUSHPULL_RESOURCES_H
#define PUSHPULL_RESOURCES_H

#include <stdint.h>

struct resources {
    int64_t at_ns;
    int64_t cpu_ns; /* user + system */
    int64_t user_ns, system_ns;
    int64_t resident_bytes;
    int64_t voluntary_switches, involuntary_switches;
};

/* This process, now. */
void resources_sample(struct resources *);

/* Raises this process's soft limit of open files to the hard one; returns the limit now in force. */
int64_t resources_raise_file_limit(void);

#endif

/* The only place that asks for the time.
 *
 * CLOCK_MONOTONIC, in nanoseconds: one clock for every process of a host, so a time taken in a
 * server can be subtracted from one taken in a client. Never wall-clock time: it can step. */
#ifndef PUSHPULL_CLOCK_H
#define PUSHPULL_CLOCK_H

#include <stdint.h>

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_SECOND INT64_C(1000000000)

/* Nanoseconds on CLOCK_MONOTONIC. */
int64_t clock_now_ns(void);

/* The steps that it moves in, in nanoseconds, as the kernel says. */
int64_t clock_resolution_ns(void);

/* From tick to tick of the kernel, in nanoseconds: what its own timers are counted in. */
int64_t clock_tick_ns(void);

/* CPU time this process has used so far, user and system, in nanoseconds. */
int64_t clock_cpu_ns(void);

/* CLOCK_REALTIME - CLOCK_MONOTONIC, in nanoseconds: to translate stamps of the kernel's, which are
 * on the wall clock. It changes when the wall clock is set or slewed: ask again every second. */
int64_t clock_realtime_offset_ns(void);

/* So long the machine has slept since it was started, in nanoseconds: CLOCK_MONOTONIC stood meanwhile. */
int64_t clock_suspended_ns(void);

/* The wall clock, for people and for the protocols that must name a date: never for latency.
 * Seconds since 1970. */
int64_t clock_unix_seconds(void);

#endif

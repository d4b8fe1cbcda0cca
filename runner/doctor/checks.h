/* What `pushpull doctor` looks at: each looks at one thing and says what it found. None leaves anything behind. */
#ifndef PUSHPULL_CHECKS_H
#define PUSHPULL_CHECKS_H

#include "doctor/finding.h"
#include "doctor/patient.h"

/* --- the machine's limits (limits.c) ----------------------------------------------------------- */

/* Open files, of which each connection takes one at either end. */
void check_files(const struct patient *, struct finding *);
/* Ports that clients get, which end where a server's address has none left. */
void check_ports(const struct patient *, struct finding *);
/* Pages that TCP may take for all connections together. */
void check_tcp_memory(const struct patient *, struct finding *);
void check_memory(const struct patient *, struct finding *);
/* Congestion control by CUBIC, which most servers on the Internet have. */
void check_congestion_control(const struct patient *, struct finding *);

/* --- the machine's time (time.c) --------------------------------------------------------------- */

/* Processors of this process, and what a container's quota leaves of them. */
void check_processors(const struct patient *, struct finding *);
/* Their governor of frequency. Says nothing where there is none, as in most virtual machines. */
void check_governor(const struct patient *, struct finding *);
/* What else is running: by the load average, and other runs of pushpull. */
void check_load(const struct patient *, struct finding *);
void check_other_runs(const struct patient *, struct finding *);
void check_clock(const struct patient *, struct finding *);
/* How late a timer is: takes a fifth of a second. */
void check_timers(const struct patient *, struct finding *);

/* --- programs and files (parts.c) -------------------------------------------------------------- */

/* The programs of each strategy, and those of the link. */
void check_programs(const struct patient *, struct finding *);
void check_sqlite(const struct patient *, struct finding *);
void check_gnuplot(const struct patient *, struct finding *);
/* The directory and the database that a run writes into. */
void check_results(const struct patient *, struct finding *);
/* iproute2's ip, which makes links; and whether one could be made here. */
void check_ip(const struct patient *, struct finding *);
void check_link(const struct patient *, struct finding *);

#endif

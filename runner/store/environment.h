/* The environment an experiment ran in: without it, figures cannot be compared. */
#ifndef PUSHPULL_ENVIRONMENT_H
#define PUSHPULL_ENVIRONMENT_H

/* A JSON object: kernel, cpu_model, cores, governor, memory_bytes, load_average, files_soft,
 * files_hard, clocksource, sysctl (an object), compiler, cflags, build_libraries (what was compiled
 * against), libraries (what runs: an object), programs_sha256 (see environment_digest), base_revision (of a
 * paired run; NULL: none), simulator (JSON: what simulated trials know of this machine; NULL: there are none), and
 * what `pushpull run` was given: scenario_argument and programs_argument (of --bin; NULL: none). What the machine
 * does not say is left out. The caller frees the text. */
char *environment_describe(const char *programs_sha256, const char *scenario_argument,
                           const char *programs_argument, const char *base_revision,
                           const char *simulator);

/* The SHA-256 of these files' contents, one after the other, as 64 digits; or NULL after a line on
 * stderr when one cannot be read. The caller frees it. */
char *environment_digest(const char *const *paths, int count);

/* The revision of the source tree that `directory` lies in ("6568bd87e2a1", with "-dirty" when files
 * were changed), or "unknown". The caller frees it. */
char *environment_revision(const char *directory);

/* Forgets the user's settings that would reach the programs which the runner starts: those of gnuplot
 * and of git, whose hooks name another repository. The scripts' preamble does the same. */
void environment_clean(void);

#endif

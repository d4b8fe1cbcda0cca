/* Lines for people, on stderr. stdout belongs to the conversation with the runner. */
#ifndef PUSHPULL_LOG_H
#define PUSHPULL_LOG_H

/* Name that opens each line, e.g. "sse_server". The string is kept, not copied. */
void log_open(const char *program);
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* At most three lines per second of the same kind (the same format): ten thousand subscribers that
 * cannot connect are one piece of news. How many were left out is told with the next, or at the end. */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* From now on log_error leaves out nothing. */
void log_all(void);
/* Called with the sentence when die() ends the program with status 1: whoever is in charge hears it
 * too. NULL: nobody. */
void log_on_failure(void (*heard)(void *data, const char *sentence), void *data);
/* Ends what was printed on stdout: a program that could not say all of it has failed, and dies with this status. */
void log_end_output(int status);
/* Says what was wrong and ends the program: 1 a failure, 2 wrong usage. */
void die(int status, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));

#endif

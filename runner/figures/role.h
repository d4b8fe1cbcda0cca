/* The roles that a program can have in a trial. */
#ifndef PUSHPULL_ROLE_H
#define PUSHPULL_ROLE_H

enum role { ROLE_SERVER, ROLE_CLIENT };
#define ROLE_COUNT 2

/* "server", "client": in the names of programs, in reports and in the database. */
extern const char *const role_names[ROLE_COUNT];

#endif

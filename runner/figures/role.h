/* The roles that a program can have in a trial. */
#ifndef PUSHPULL_ROLE_H
#define PUSHPULL_ROLE_H

enum role { ROLE_SERVER, ROLE_CLIENT, ROLE_LINK };
#define SIDE_COUNT 2 /* servers and clients: the roles in which each strategy has a program */
#define ROLE_COUNT 3

/* "server", "client", "link": in the names of programs, in reports and in the database. */
extern const char *const role_names[ROLE_COUNT];

#endif

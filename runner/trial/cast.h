/* The cast of a trial: its programs, each with its role, its number within it, and where it is reached.
 * What the roles have to do in which stage is the table of stages.c. */
#ifndef PUSHPULL_CAST_H
#define PUSHPULL_CAST_H

#include "figures/role.h"
#include "launch/program.h"

#include <stdbool.h>
#include <stdint.h>

struct member {
    enum role role;
    int index;           /* 0, 1, ... within its role */
    const char *address; /* where others reach it; kept by who sets it */
    int64_t port;        /* of a server, once it is ready */
    bool started, answered, reported;
    bool ended; /* its process has, and all it had said was read */
    struct program program;
};

struct cast {
    struct member *members; /* by role, in the order in which they start */
    int count;
};

/* `counts` says how many members each role has. */
void cast_init(struct cast *, const int counts[ROLE_COUNT]);
void cast_free(struct cast *);

/* From now on the servers, which are at one end of a link, are reached there. */
void cast_servers_at(struct cast *, const char *address);

/* The member that a program is. */
struct member *cast_member(struct program *);
/* The next member of the role after `last` (NULL: the first), or NULL. */
struct member *cast_next(const struct cast *, enum role, const struct member *last);
/* Whether one that was started is still there: of the role; of any. */
bool cast_is_left(const struct cast *, enum role);
bool cast_is_over(const struct cast *);

/* From now on the members of the role must each answer once more; one that has ended has answered. */
void cast_await(struct cast *, enum role);
/* The first of the role that has not answered, or NULL. */
struct member *cast_awaited(const struct cast *, enum role);

/* "127.0.0.1:40001,127.0.0.1:40002": where the members of a role that are there are reached. The caller
 * frees it. */
char *cast_addresses(const struct cast *, enum role);

#endif

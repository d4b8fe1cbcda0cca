/* The names of the roles. */
#include "figures/role.h"

const char *const role_names[ROLE_COUNT] = {
    [ROLE_SERVER] = "server",
    [ROLE_CLIENT] = "client",
    [ROLE_LINK] = "link",
};

/* Where a receiver listens: an address of its own, as a number and as it stands in a URL. */
#ifndef PUSHPULL_WEBHOOK_ADDRESS_H
#define PUSHPULL_WEBHOOK_ADDRESS_H

#include "harness/subscriber.h"

#include <netinet/in.h>
#include <stdbool.h>

struct own_address {
    char number[INET6_ADDRSTRLEN];     /* "127.0.0.1", "::1" */
    char in_url[INET6_ADDRSTRLEN + 2]; /* "127.0.0.1", "[::1]" */
    bool is_ipv6;
};

/* What `given` stands for, an address or a name; where it is "", the address that this host has toward the
 * server: where that server would see it, unless a host between them translates addresses. Dies with a
 * sentence when there is none. */
void own_address_find(struct own_address *, const char *given, const struct server_address *server);

#endif

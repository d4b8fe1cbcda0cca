/* Where a receiver listens: an address of its own, as a number and as it stands in a URL. */
#ifndef PUSHPULL_WEBHOOK_ADDRESS_H
#define PUSHPULL_WEBHOOK_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>

struct own_address {
    char number[INET6_ADDRSTRLEN];     /* "127.0.0.1", "::1" */
    char in_url[INET6_ADDRSTRLEN + 2]; /* "127.0.0.1", "[::1]" */
    bool is_ipv6;
};

/* What an address or a name stands for. Returns 0, or getaddrinfo's error. */
int own_address_find(struct own_address *, const char *text);

#endif

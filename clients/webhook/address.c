/* A name is looked up once, at the start, and what it stands for is registered: the server is to send
 * to the address that is listened on, whatever else the name may mean over there. */
#include "address.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <uv.h>

/* No scope (fe80::1%eth0): which interface that is depends on who asks. */
int own_address_find(struct own_address *own, const char *text) {
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found;
    if (strcmp(text, "localhost") == 0)
        text = "127.0.0.1"; /* everywhere the same, as in --servers */
    if (text[0] == '\0' || strchr(text, '%') != NULL) return EAI_NONAME;
    int error = getaddrinfo(text, NULL, &hints, &found);
    if (error != 0) return error;
    own->is_ipv6 = found->ai_family == AF_INET6;
    uv_ip_name(found->ai_addr, own->number, sizeof(own->number));
    freeaddrinfo(found);
    snprintf(own->in_url, sizeof(own->in_url), own->is_ipv6 ? "[%s]" : "%s", own->number);
    return 0;
}

/* A name is looked up once, at the start, and what it stands for is registered: the server is to send
 * to the address that is listened on, whatever else the name may mean over there. */
#include "address.h"

#include "base/log.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

static void set(struct own_address *own, const struct sockaddr *name) {
    own->is_ipv6 = name->sa_family == AF_INET6;
    uv_ip_name(name, own->number, sizeof(own->number));
    snprintf(own->in_url, sizeof(own->in_url), own->is_ipv6 ? "[%s]" : "%s", own->number);
}

/* Returns getaddrinfo's error. No scope (fe80::1%eth0): which interface that is depends on who asks. */
static int look_up(struct own_address *own, const char *text) {
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found;
    if (strcmp(text, "localhost") == 0)
        text = "127.0.0.1"; /* everywhere the same, as in --servers */
    if (strchr(text, '%') != NULL) return EAI_NONAME;
    int error = getaddrinfo(text, NULL, &hints, &found);
    if (error != 0) return error;
    set(own, found->ai_addr);
    freeaddrinfo(found);
    return 0;
}

/* A datagram socket that is connected has sent nothing, but has an address of its own. Returns 0 or errno's
 * number. */
static int look_toward(struct own_address *own, const struct sockaddr_storage *server) {
    struct sockaddr_storage name = {0};
    const struct sockaddr *there = (const struct sockaddr *)server;
    struct sockaddr *here = (struct sockaddr *)&name;
    socklen_t length = sizeof(name);
    int fd = socket(server->ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return errno;
    bool found = connect(fd, there, length) == 0 && getsockname(fd, here, &length) == 0;
    int error = found ? 0 : errno;
    close(fd);
    if (found) set(own, here);
    return error;
}

void own_address_find(struct own_address *own, const char *given,
                      const struct server_address *server) {
    int error = *given != '\0' ? look_up(own, given) : look_toward(own, &server->name);
    if (error == 0) return;
    if (*given != '\0')
        die(2, "--receive-address wants an address of this machine or its name, not \"%s\": %s",
            given, gai_strerror(error));
    die(1, "no way leads from here to %s (%s): --receive-address names an own address",
        server->host, strerror(error));
}

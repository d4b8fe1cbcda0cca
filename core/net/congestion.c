/* TCP_CONGESTION: see congestion.h. */
#include "net/congestion.h"

#include "base/log.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

int congestion_set(int fd, const char *name) {
    if (name == NULL || strcmp(name, "host") == 0) return 0;
    int result = setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, (socklen_t)strlen(name));
    return result == 0 ? 0 : uv_translate_sys_error(errno);
}

static int try_it(const char *name) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) die(1, "cannot make a socket: %s", strerror(errno));
    int error = congestion_set(fd, name);
    close(fd);
    return error;
}

const char *congestion_choose(const char *name) {
    if (strcmp(name, "auto") == 0) return try_it("cubic") == 0 ? "cubic" : "host";
    int error = try_it(name);
    if (error == 0) return name;
    if (error == UV_EPERM)
        die(1,
            "congestion_control = %s is not for this user: let root add it to the sysctl "
            "net.ipv4.tcp_allowed_congestion_control, or choose one that stands there, or host",
            name);
    die(1,
        "congestion_control = %s: this kernel does not have it (%s): choose one of those in the "
        "sysctl net.ipv4.tcp_available_congestion_control, or host, which is the kernel's own",
        name, uv_strerror(error));
}

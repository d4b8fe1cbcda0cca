/* The places of a link: see namespaces.h. The order of this file is that in which they are made: this
 * process moves, the holders move further, `ip` lays the lines, and each end is told to make whole
 * frames itself. */
#include "namespaces.h"

#include "base/limits.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_FOUND 127 /* the exit status of who cannot start `ip`, as shells have it */
#define SIDE_END "eth0"

/* The two sides, by enum place. Link-layer addresses are fixed, so that nobody has to ask for one: a
 * question would cross the slow line. The first byte says "locally administered". */
static const struct side {
    const char *name, *relay_end, *relay_end_mac, *mac;
    const char *network, *first_address;
    int addresses;
} sides[] = {
    {"link_server", "s0", "02:00:c6:12:00:fe", "02:00:c6:12:00:01", "198.18.0", LINK_SERVER_ADDRESS,
     1},
    {"link_client", "c0", "02:00:c6:12:01:fe", "02:00:c6:12:01:01", "198.18.1", LINK_CLIENT_ADDRESS,
     LINK_SOURCES_MAX},
};

/* --- settings of the kernel's ----------------------------------------------------------------- */

/* A whole number, or -1 where the kernel has no such setting. */
static long setting(const char *path) {
    char text[32] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    ssize_t length = read(fd, text, sizeof(text) - 1);
    close(fd);
    return length > 0 ? strtol(text, NULL, 10) : -1;
}

static bool write_file(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool written = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    close(fd);
    return written;
}

/* IPv6 would say hello on each line. */
static void no_ipv6(void) {
    write_file("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
    write_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
}

/* Room for what is on its way over a fast and long line, for many connections, and for all that come at
 * once. A kernel that does not let us has its own values, which do for most links. */
static void make_room(void) {
    write_file("/proc/sys/net/ipv4/tcp_rmem", "4096 131072 33554432");
    write_file("/proc/sys/net/ipv4/tcp_wmem", "4096 16384 33554432");
    write_file("/proc/sys/net/ipv4/ip_local_port_range", "1024 65535");
    write_file("/proc/sys/net/core/somaxconn", "4096");
}

/* --- this process moves ----------------------------------------------------------------------- */

/* Which setting keeps an ordinary user, or a container, from making namespaces. */
static char *forbidden(int error) {
    if (setting("/proc/sys/user/max_user_namespaces") == 0)
        return xstrdup("the kernel makes no user namespaces: set user.max_user_namespaces to 1000 "
                       "or so (sysctl -w), or run as root");
    if (setting("/proc/sys/user/max_net_namespaces") == 0)
        return xstrdup("the kernel makes no network namespaces: set user.max_net_namespaces to "
                       "1000 or so (sysctl -w)");
    if (setting("/proc/sys/kernel/unprivileged_userns_clone") == 0)
        return xstrdup("ordinary users may make no namespaces here: set "
                       "kernel.unprivileged_userns_clone to 1 (sysctl -w), or run as root");
    if (setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") > 0)
        return xstrdup("AppArmor keeps ordinary users from using namespaces here: set "
                       "kernel.apparmor_restrict_unprivileged_userns to 0 (sysctl -w), or run as "
                       "root");
    return xasprintf("cannot make a network namespace: %s (in a container, its seccomp filter or a "
                     "missing CAP_SYS_ADMIN forbids it; docker run takes --privileged)",
                     strerror(error));
}

/* This user is root in there. */
static bool map_ids(uid_t uid, gid_t gid) {
    char users[64], groups[64];
    snprintf(users, sizeof(users), "0 %u 1", uid);
    snprintf(groups, sizeof(groups), "0 %u 1", gid);
    return write_file("/proc/self/setgroups", "deny") && write_file("/proc/self/uid_map", users) &&
           write_file("/proc/self/gid_map", groups);
}

static char *move_in(struct namespaces *namespaces) {
    uid_t uid = geteuid();
    gid_t gid = getegid();
    if (unshare(CLONE_NEWNET) != 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0 || !map_ids(uid, gid))
            return forbidden(errno);
        namespaces->user_fd = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
        if (namespaces->user_fd < 0) return forbidden(errno);
    }
    no_ipv6();
    return NULL;
}

/* --- the holders ------------------------------------------------------------------------------ */

/* A holder has nothing of its parent's open but the lifeline, or it would keep a runner's pipe open.
 * Interrupts from a terminal are for its parent, which has yet to report. */
static void hold(const char *name, int lifeline, pid_t parent) {
    int error = 0;
    char byte;
    prctl(PR_SET_NAME, name);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    dup2(lifeline, STDIN_FILENO);
    close_range(STDOUT_FILENO, ~0U, 0);
    if (unshare(CLONE_NEWNET) != 0) error = errno;
    no_ipv6();
    make_room();
    if (write(STDIN_FILENO, &error, sizeof(error)) != sizeof(error) || error != 0) _exit(1);
    while (read(STDIN_FILENO, &byte, 1) < 0 && errno == EINTR) continue;
    _exit(0);
}

static char *start_holder(struct namespaces *namespaces, enum place place) {
    int ends[2], error = 0;
    char path[64];
    pid_t parent = getpid();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return xasprintf("cannot make a pair of sockets: %s", strerror(errno));
    pid_t pid = fork();
    if (pid == 0) hold(sides[place].name, ends[1], parent);
    close(ends[1]);
    namespaces->lifeline[place] = ends[0];
    if (pid < 0) return xasprintf("cannot start a process: %s", strerror(errno));
    namespaces->holder[place] = pid;
    if (read(ends[0], &error, sizeof(error)) != sizeof(error)) error = ECHILD;
    if (error != 0) return forbidden(error);
    snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
    namespaces->net_fd[place] = open(path, O_RDONLY | O_CLOEXEC);
    if (namespaces->net_fd[place] < 0)
        return xasprintf("cannot open %s: %s", path, strerror(errno));
    return NULL;
}

/* --- the ends of a line ----------------------------------------------------------------------- */

/* Else the kernel hands over segments of 64 KB without a checksum: veth saves that work, for it takes
 * them for a matter between two sockets of one host. The relay's frames are those of a wire. */
static int whole_frames(const char *end) {
    const uint32_t commands[] = {ETHTOOL_STXCSUM, ETHTOOL_SSG, ETHTOOL_STSO, ETHTOOL_SGSO,
                                 ETHTOOL_SGRO};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = fd < 0 ? errno : 0;
    for (size_t i = 0; error == 0 && i < sizeof(commands) / sizeof(commands[0]); i++) {
        struct ethtool_value value = {.cmd = commands[i]};
        struct ifreq request = {.ifr_data = (void *)&value};
        strcpy(request.ifr_name, end);
        if (ioctl(fd, SIOCETHTOOL, &request) != 0 && errno != EOPNOTSUPP) error = errno;
    }
    if (fd >= 0) close(fd);
    return error;
}

/* --- ip --------------------------------------------------------------------------------------- */

/* In a child: becomes `ip`, which does what `script` says. It is looked for where only root looks, too. */
static void become_ip(int script, int complaints) {
    const char *path = getenv("PATH");
    char *wider = xasprintf("%s:/usr/sbin:/sbin", path != NULL ? path : "/usr/bin:/bin");
    dup2(script, STDIN_FILENO);
    dup2(complaints, STDOUT_FILENO);
    dup2(complaints, STDERR_FILENO);
    setenv("PATH", wider, 1);
    execlp("ip", "ip", "-batch", "-", (char *)NULL);
    _exit(NOT_FOUND);
}

/* In the namespace of `net_fd`, where that is not this one (-1). There the line's end is told to make whole
 * frames, too, before it is used. */
static void work_there(int net_fd, int script, int complaints) {
    int error = 0;
    if (net_fd >= 0) error = setns(net_fd, CLONE_NEWNET) != 0 ? errno : whole_frames(SIDE_END);
    if (error != 0) {
        dprintf(complaints, "%s: %s", SIDE_END, strerror(error));
        _exit(1);
    }
    become_ip(script, complaints);
}

/* The first line of what `ip` said; a new sentence. */
static char *complaint(int status, int complaints) {
    char text[256] = "";
    if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_FOUND)
        return xstrdup("cannot find the program `ip`: install the package iproute2");
    if (pread(complaints, text, sizeof(text) - 1, 0) < 0) text[0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    if (strstr(text, "Unknown device type") != NULL)
        return xstrdup("this kernel has no virtual Ethernet: `modprobe veth`, as root");
    return xasprintf("`ip` cannot lay the line: %s", text[0] != '\0' ? text : "it says nothing");
}

/* Runs the script there, which it frees. Returns NULL or a new sentence. */
static char *run_ip(int net_fd, struct buffer *text) {
    int script = memfd_create("script", MFD_CLOEXEC), said = memfd_create("said", MFD_CLOEXEC);
    int status = 0;
    bool whole = script >= 0 && said >= 0 &&
                 pwrite(script, text->data, text->length, 0) == (ssize_t)text->length;
    pid_t pid = whole ? fork() : -1;
    if (pid == 0) work_there(net_fd, script, said);
    if (pid > 0)
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    char *sentence = pid < 0       ? xasprintf("cannot start `ip`: %s", strerror(errno))
                     : status == 0 ? NULL
                                   : complaint(status, said);
    if (script >= 0) close(script);
    if (said >= 0) close(said);
    buffer_free(text);
    return sentence;
}

static char *lay_lines(const struct namespaces *namespaces, int64_t mtu) {
    struct buffer script = {0};
    buffer_printf(&script, "link set lo up\n");
    for (enum place place = PLACE_SERVER; place <= PLACE_CLIENT; place++) {
        const struct side *side = &sides[place];
        buffer_printf(&script,
                      "link add %s address %s mtu %" PRId64 " type veth"
                      " peer name " SIDE_END " address %s mtu %" PRId64 " netns %d\n"
                      "link set %s up\n",
                      side->relay_end, side->relay_end_mac, mtu, side->mac, mtu,
                      (int)namespaces->holder[place], side->relay_end);
    }
    return run_ip(-1, &script);
}

static char *furnish(const struct namespaces *namespaces, enum place place) {
    const struct side *here = &sides[place], *there = &sides[1 - place];
    struct buffer script = {0};
    buffer_printf(&script, "link set lo up\n");
    for (int i = 1; i <= here->addresses; i++)
        buffer_printf(&script, "address add %s.%d/32 dev " SIDE_END "\n", here->network, i);
    buffer_printf(&script, "link set " SIDE_END " up\nroute add %s.0/24 dev " SIDE_END " src %s\n",
                  there->network, here->first_address);
    for (int i = 1; i <= there->addresses; i++)
        buffer_printf(&script, "neighbour add %s.%d lladdr %s dev " SIDE_END " nud permanent\n",
                      there->network, i, there->mac);
    return run_ip(namespaces->net_fd[place], &script);
}

/* --- what the lines drop ----------------------------------------------------------------------- */

/* A line of /proc/net/dev: a name, eight numbers of what came, and eight of what was sent, of which the
 * fourth is what was dropped. */
static uint64_t dropped_in(const char *path) {
    char line[512], name[32];
    uint64_t sum = 0, dropped;
    FILE *file = fopen(path, "re");
    if (file == NULL) return 0;
    while (fgets(line, sizeof(line), file) != NULL)
        if (sscanf(line, " %31[^:]: %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %" SCNu64, name,
                   &dropped) == 2)
            sum += dropped;
    fclose(file);
    return sum;
}

uint64_t namespaces_dropped(const struct namespaces *namespaces) {
    uint64_t sum = dropped_in("/proc/self/net/dev");
    for (enum place place = PLACE_SERVER; place <= PLACE_CLIENT; place++) {
        char path[64];
        snprintf(path, sizeof(path), "/proc/%d/net/dev", (int)namespaces->holder[place]);
        sum += dropped_in(path);
    }
    return sum;
}

/* --- all of it -------------------------------------------------------------------------------- */

static char *make_relay_ends(struct namespaces *namespaces) {
    for (enum place place = PLACE_SERVER; place <= PLACE_CLIENT; place++) {
        const char *end = sides[place].relay_end;
        int error = whole_frames(end);
        if (error != 0) return xasprintf("cannot set up %s: %s", end, strerror(error));
        namespaces->relay_packet_ifindex[place] = (int)if_nametoindex(end);
    }
    return NULL;
}

char *namespaces_make(struct namespaces *namespaces, int64_t mtu) {
    *namespaces = (struct namespaces){.net_fd = {-1, -1}, .user_fd = -1, .lifeline = {-1, -1}};
    char *sentence = move_in(namespaces);
    if (sentence == NULL) sentence = start_holder(namespaces, PLACE_SERVER);
    if (sentence == NULL) sentence = start_holder(namespaces, PLACE_CLIENT);
    if (sentence == NULL) sentence = lay_lines(namespaces, mtu);
    if (sentence == NULL) sentence = make_relay_ends(namespaces);
    if (sentence == NULL) sentence = furnish(namespaces, PLACE_SERVER);
    if (sentence == NULL) sentence = furnish(namespaces, PLACE_CLIENT);
    if (sentence != NULL) namespaces_free(namespaces);
    return sentence;
}

static void close_fd(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

void namespaces_free(struct namespaces *namespaces) {
    for (enum place place = PLACE_SERVER; place <= PLACE_CLIENT; place++) {
        close_fd(&namespaces->lifeline[place]);
        close_fd(&namespaces->net_fd[place]);
        if (namespaces->holder[place] > 0)
            while (waitpid(namespaces->holder[place], NULL, 0) < 0 && errno == EINTR) continue;
        namespaces->holder[place] = 0;
    }
    close_fd(&namespaces->user_fd);
}

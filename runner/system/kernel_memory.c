/* What open connections cost in the kernel: see the header for the method. */
#include "system/kernel_memory.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define READINGS 5
#define READING_GAP_NS 10000000

/* The caches of a socket, its file and its place in an epoll set. kmalloc caches are left out:
 * everybody uses them. A kernel may merge caches of like size under one of their names. */
static bool is_socket_cache(const char *name) {
    static const char *const caches[] = {
        "TCP",    "TCPv6",         "sock_inode_cache", "filp",
        "dentry", "eventpoll_epi", "eventpoll_pwq",    "request_sock_TCP",
    };
    for (size_t i = 0; i < sizeof(caches) / sizeof(caches[0]); i++)
        if (strcmp(name, caches[i]) == 0) return true;
    return strncmp(name, "skbuff", strlen("skbuff")) == 0;
}

static int64_t from_slabinfo(void) {
    FILE *file = fopen("/proc/slabinfo", "re");
    char line[512], name[128];
    int64_t active, total, size, bytes = 0;
    if (file == NULL) return -1;
    while (fgets(line, sizeof(line), file) != NULL)
        if (sscanf(line, "%127s %" SCNd64 " %" SCNd64 " %" SCNd64, name, &active, &total, &size) ==
                4 &&
            is_socket_cache(name))
            bytes += active * size;
    fclose(file);
    return bytes > 0 ? bytes : -1;
}

static int64_t from_meminfo(void) {
    FILE *file = fopen("/proc/meminfo", "re");
    char line[256];
    int64_t kilobytes = -1;
    if (file == NULL) return -1;
    while (kilobytes < 0 && fgets(line, sizeof(line), file) != NULL)
        if (sscanf(line, "Slab: %" SCNd64, &kilobytes) != 1) kilobytes = -1;
    fclose(file);
    return kilobytes < 0 ? -1 : kilobytes * 1024;
}

/* Since Linux 6.0 each processor keeps up to a megabyte of what sockets gave back, and `mem` has it as taken. */
static int64_t reserve_bytes(void) { return sysconf(_SC_NPROCESSORS_CONF) * (INT64_C(1) << 20); }

/* Buffers that surely hold data now: the `mem` of the line "TCP: inuse 6 orphan 0 tw 0 alloc 8 mem 1". */
static int64_t buffer_bytes(void) {
    FILE *file = fopen("/proc/net/sockstat", "re");
    char line[256];
    int64_t pages = 0;
    if (file == NULL) return 0;
    while (fgets(line, sizeof(line), file) != NULL) {
        const char *mem = strncmp(line, "TCP:", 4) == 0 ? strstr(line, " mem ") : NULL;
        if (mem != NULL && sscanf(mem, " mem %" SCNd64, &pages) != 1) pages = 0;
    }
    fclose(file);
    int64_t bytes = pages * sysconf(_SC_PAGESIZE) - reserve_bytes();
    return bytes > 0 ? bytes : 0;
}

static int64_t bytes_now(void) {
    int64_t slabs = from_slabinfo();
    if (slabs < 0) slabs = from_meminfo();
    return slabs < 0 ? -1 : slabs + buffer_bytes();
}

int64_t kernel_memory_bytes(void) {
    int64_t least = bytes_now();
    for (int i = 1; i < READINGS; i++) {
        nanosleep(&(struct timespec){.tv_nsec = READING_GAP_NS}, NULL);
        int64_t bytes = bytes_now();
        if (bytes < least) least = bytes;
    }
    return least;
}

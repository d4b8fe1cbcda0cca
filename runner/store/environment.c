/* The environment an experiment ran in, mostly from /proc and /sys. */
#include "store/environment.h"

#include "base/log.h"
#include "base/memory.h"
#include "system/capture.h"
#include "system/file.h"

#include <errno.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <uv.h>

extern char **environ;

/* What the build was made with; the Makefile says. */
#ifndef PUSHPULL_CFLAGS
#define PUSHPULL_CFLAGS ""
#endif
#ifndef PUSHPULL_COMPILER
#define PUSHPULL_COMPILER ""
#endif
#ifndef PUSHPULL_LIBRARIES
#define PUSHPULL_LIBRARIES ""
#endif

/* The kernel's settings that delivery over TCP depends on. */
static const char *const sysctls[] = {
    "kernel/sched_autogroup_enabled",
    "fs/file-max",
    "fs/nr_open",
    "net/core/somaxconn",
    "net/core/rmem_max",
    "net/core/wmem_max",
    "net/core/default_qdisc",
    "net/core/busy_poll",
    "net/core/busy_read",
    "net/ipv4/ip_local_port_range",
    "net/ipv4/tcp_autocorking",
    "net/ipv4/tcp_congestion_control",
    "net/ipv4/tcp_fastopen",
    "net/ipv4/tcp_limit_output_bytes",
    "net/ipv4/tcp_max_syn_backlog",
    "net/ipv4/tcp_mem",
    "net/ipv4/tcp_no_metrics_save",
    "net/ipv4/tcp_notsent_lowat",
    "net/ipv4/tcp_rmem",
    "net/ipv4/tcp_sack",
    "net/ipv4/tcp_slow_start_after_idle",
    "net/ipv4/tcp_timestamps",
    "net/ipv4/tcp_tw_reuse",
    "net/ipv4/tcp_wmem",
};

/* Adds a text and frees it; NULL is left out. */
static void set_text(json_t *object, const char *key, char *text) {
    if (text != NULL) json_object_set_new(object, key, json_string(text));
    free(text);
}

static void set_integer(json_t *object, const char *key, int64_t value) {
    json_object_set_new(object, key, json_integer(value));
}

static json_t *sysctl_object(void) {
    json_t *object = json_object();
    for (size_t i = 0; i < sizeof(sysctls) / sizeof(sysctls[0]); i++) {
        char *path = xasprintf("/proc/sys/%s", sysctls[i]);
        char *name = xstrdup(sysctls[i]);
        for (char *c = name; *c != '\0'; c++)
            if (*c == '/') *c = '.';
        set_text(object, name, file_first_line(path));
        free(name);
        free(path);
    }
    return object;
}

/* The value of the first line "key : value" of /proc/cpuinfo, or NULL. */
static char *cpuinfo(const char *key) {
    FILE *file = fopen("/proc/cpuinfo", "re");
    char line[512], *found = NULL;
    if (file == NULL) return NULL;
    while (found == NULL && fgets(line, sizeof(line), file) != NULL) {
        const char *colon = strchr(line, ':');
        if (colon == NULL || strncmp(line, key, strlen(key)) != 0) continue;
        while (*++colon == ' ') continue;
        found = xmemdup(colon, strcspn(colon, "\n"));
    }
    fclose(file);
    return found;
}

static void describe_machine(json_t *object) {
    struct utsname name;
    struct sysinfo info;
    uname(&name);
    set_text(object, "kernel", xasprintf("%s %s %s", name.sysname, name.release, name.machine));
    char *model = cpuinfo("model name");
    set_text(object, "cpu_model", model != NULL ? model : cpuinfo("CPU implementer"));
    set_integer(object, "cores", sysconf(_SC_NPROCESSORS_ONLN));
    set_text(object, "governor",
             file_first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"));
    set_text(object, "clocksource",
             file_first_line("/sys/devices/system/clocksource/clocksource0/current_clocksource"));
    set_text(object, "load_average", file_first_line("/proc/loadavg"));
    if (sysinfo(&info) == 0)
        set_integer(object, "memory_bytes", (int64_t)info.totalram * info.mem_unit);
}

static void describe_limits(json_t *object) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    set_integer(object, "files_soft", (int64_t)files.rlim_cur);
    set_integer(object, "files_hard", (int64_t)files.rlim_max);
}

/* What is loaded now: it may be newer than what the build saw. */
static void describe_libraries(json_t *object) {
    json_t *libraries = json_pack("{s:s, s:s, s:s, s:s}", "libuv", uv_version_string(), "sqlite3",
                                  sqlite3_libversion(), "jansson", jansson_version_str(), "openssl",
                                  OpenSSL_version(OPENSSL_VERSION));
    json_object_set_new(object, "libraries", libraries);
    json_object_set_new(object, "build_libraries", json_string(PUSHPULL_LIBRARIES));
    json_object_set_new(object, "compiler", json_string(PUSHPULL_COMPILER));
    json_object_set_new(object, "cflags", json_string(PUSHPULL_CFLAGS));
}

char *environment_describe(const char *programs_sha256, const char *scenario_argument,
                           const char *programs_argument, const char *base_revision,
                           const char *simulator) {
    json_t *object = json_object();
    json_object_set_new(object, "programs_sha256", json_string(programs_sha256));
    json_object_set_new(object, "scenario_argument", json_string(scenario_argument));
    if (programs_argument != NULL)
        json_object_set_new(object, "programs_argument", json_string(programs_argument));
    if (base_revision != NULL)
        json_object_set_new(object, "base_revision", json_string(base_revision));
    if (simulator != NULL)
        json_object_set_new(object, "simulator", json_loads(simulator, JSON_DECODE_ANY, NULL));
    describe_machine(object);
    describe_limits(object);
    json_object_set_new(object, "sysctl", sysctl_object());
    describe_libraries(object);
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return text;
}

#define GIT_SECONDS 10 /* a checkout on a distant disk; without an answer it is unknown */

char *environment_revision(const char *directory) {
    char *where = xstrdup(directory);
    char *text = capture((char *[]){(char[]){"git"}, (char[]){"-C"}, where, (char[]){"describe"},
                                    (char[]){"--always"}, (char[]){"--dirty"},
                                    (char[]){"--exclude=*"}, (char[]){"--abbrev=12"}, NULL},
                         true, GIT_SECONDS);
    free(where);
    if (text == NULL || *text == '\0') {
        free(text);
        return xstrdup("unknown");
    }
    text[strcspn(text, "\n")] = '\0';
    return text;
}

/* --- the programs ----------------------------------------------------------------------------- */

/* Adds a file's digest: digests have one length, so no file can pass for parts of two others. */
static bool add_file(EVP_MD_CTX *all, const char *path) {
    unsigned char bytes[65536], digest[32];
    FILE *file = fopen(path, "re");
    EVP_MD_CTX *one = EVP_MD_CTX_new();
    EVP_DigestInit_ex(one, EVP_sha256(), NULL);
    for (size_t got; file != NULL && (got = fread(bytes, 1, sizeof(bytes), file)) > 0;)
        EVP_DigestUpdate(one, bytes, got);
    bool good = file != NULL && !ferror(file);
    if (!good) log_error("cannot read the program %s: %s", path, strerror(errno));
    EVP_DigestFinal_ex(one, digest, NULL);
    EVP_DigestUpdate(all, digest, sizeof(digest));
    EVP_MD_CTX_free(one);
    if (file != NULL) fclose(file);
    return good;
}

char *environment_digest(const char *const *paths, int count) {
    unsigned char digest[32];
    char text[65];
    EVP_MD_CTX *all = EVP_MD_CTX_new();
    bool good = true;
    EVP_DigestInit_ex(all, EVP_sha256(), NULL);
    for (int i = 0; good && i < count; i++) good = add_file(all, paths[i]);
    EVP_DigestFinal_ex(all, digest, NULL);
    EVP_MD_CTX_free(all);
    for (int i = 0; i < 32; i++) snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return good ? xstrdup(text) : NULL;
}

/* --- the user's settings ---------------------------------------------------------------------- */

static bool is_unwanted(const char *variable) {
    static const char *const prefixes[] = {"GNUTERM=", "FIT_", "GNUPLOT_", "GIT_"};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (strncmp(variable, prefixes[i], strlen(prefixes[i])) == 0) return true;
    return false;
}

void environment_clean(void) {
    for (char **variable = environ; variable != NULL && *variable != NULL;) {
        char *name = xmemdup(*variable, strcspn(*variable, "="));
        if (!is_unwanted(*variable) || unsetenv(name) != 0)
            variable++; /* else the next is here now */
        free(name);
    }
}

/* What a model cannot know of a machine, and `pushpull calibrate` measures: what its processors take for a piece of
 * work. Everything else is predicted. */
#ifndef PUSHPULL_MACHINE_H
#define PUSHPULL_MACHINE_H

#include <stdint.h>

struct machine {
    int64_t
        wake_ns; /* from what a sleeping process waits for until it runs: a timer, bytes in its socket */
    int64_t
        write_ns; /* one event written to one open connection, the way through loopback included */
    int64_t request_ns; /* a server reads a request and answers it */
    int64_t ask_ns;     /* a client sends a request */
    int64_t
        post_ns; /* a webhook's server signs and sends a request by libcurl, and reads the answer */
    int64_t read_ns;  /* a client reads one event */
    int64_t relay_ns; /* what the relay and two more wake-ups add to one way over a link */
    int64_t byte_ps;  /* picoseconds per byte that is written, besides */
};

/* X(name, default, what it is): the fields above as they are stored and told. The defaults are round figures of
 * a virtual machine of 2025 with two shared processors. */
#define MACHINE_FIGURES(X)                                                                         \
    X(wake_ns, 60000, "until a sleeping process runs")                                             \
    X(write_ns, 4500, "to write one event to one connection")                                      \
    X(request_ns, 14000, "to read a request and answer it")                                        \
    X(ask_ns, 9000, "to send a request")                                                           \
    X(post_ns, 60000, "to send a webhook and read the answer")                                     \
    X(read_ns, 4000, "to read one event")                                                          \
    X(relay_ns, 150000, "that the relay adds to one way over a link")                              \
    X(byte_ps, 200, "(picoseconds) per byte that is written")

#endif

/* What a model cannot know of a machine, and `pushpull calibrate` measures: what its processors take for a piece of
 * work. Everything else is predicted. */
#ifndef PUSHPULL_MACHINE_H
#define PUSHPULL_MACHINE_H

#include <stdint.h>

/* X(name, default, what it is): as they are stored and told. All are of a machine that has worked a moment ago; one
 * that has slept for long sleeps deeper, and begins with cold caches: cold_percent and start_ns. The defaults are round figures of a virtual machine of
 * 2025 with two shared processors. A write of loopback includes the way: the sender's processor does it all. */
#define MACHINE_FIGURES(X)                                                                         \
    X(wake_ns, 60000, "until a sleeping process runs that a timer or a socket wakes")              \
    X(turn_ns, 20000, "processor time of falling asleep and waking")                               \
    X(write_ns, 4500, "to write one event to one connection")                                      \
    X(answer_ns, 8000, "to answer a request that is parked")                                       \
    X(request_ns, 14000, "to read a request and answer it")                                        \
    X(ask_ns, 9000, "to send a request")                                                           \
    X(sign_ns, 6000, "to sign a webhook and hand it to libcurl")                                   \
    X(post_ns, 40000, "libcurl sends it")                                                          \
    X(confirm_ns, 5000, "and reads its answer")                                                    \
    X(receive_ns, 20000, "a receiver checks a webhook and answers it")                             \
    X(read_ns, 4000, "to read one event")                                                          \
    X(relay_ns, 150000, "that the relay adds to one way over a link")                              \
    X(cold_percent, 45, "longer, waking takes after a sleep of 40 ms")                             \
    X(start_ns, 90000, "that the first piece of work takes longer then")                           \
    X(byte_ps, 200, "per byte that is written, in picoseconds")                                    \
    X(tick_ns, 4000000, "from tick to tick of the kernel, which its timers wait for")

#define MACHINE_FIELD(name, usual, what) int64_t name;
struct machine {
    MACHINE_FIGURES(MACHINE_FIELD)
};
#undef MACHINE_FIELD

#endif

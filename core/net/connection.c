/* One TCP connection on libuv: see connection.h. */
#include "net/connection.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "net/congestion.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define READ_BUFFER_BYTES 65536
#define LISTEN_BACKLOG 4096

/* Bytes that did not fit into the socket, and the request that will send them. */
struct queued_write {
    uv_write_t request;
    size_t length;
    char bytes[];
};

const struct option network_options[] = {
    {"congestion_control", OPTION_CHOICE, offsetof(struct network, congestion_control), "auto",
     .choices = CONGESTION_CHOICES,
     .help = "how TCP finds out how fast it may send; auto: cubic where this user may have "
             "it, else as host; host: as this machine does by default"},
    {"trace", OPTION_TEXT, offsetof(struct network, trace_address), "",
     .help = "tell at the end what went to and came from this IPv4 address, which one user has to "
             "itself"},
    {"trace_ms", OPTION_INTEGER, offsetof(struct network, trace_ms), "0", 0, 10000, .unit = "ms",
     .help = "tell that so often, as it happens; 0: at the end"},
    {NULL},
};

void network_init(struct network *network, uv_loop_t *loop, struct wire_meter *meter) {
    network->loop = loop;
    network->meter = meter;
    network->congestion_control = NULL;
    network->stamps = false;
    network->stamping_fd = -1;
    network->trace_address = "";
    network->trace_ms = 0;
    network->trace = NULL;
    network->paused_until_ns = 0;
    list_init(&network->paused);
    network->arrived_ns = 0;
    network->held_up = false;
    list_init(&network->waiting);
    list_init(&network->refusing);
    network->read_buffer = xmalloc(READ_BUFFER_BYTES);
}

void network_start(struct network *network) {
    network->congestion_control = congestion_choose(network->congestion_control);
    if (*network->trace_address == '\0') return;
    network->trace = trace_new(network->trace_address);
    if (network->trace == NULL)
        die(2, "--trace wants an IPv4 address, e.g. 127.0.0.65, not \"%s\"",
            network->trace_address);
}

void network_free(struct network *network) {
    trace_free(network->trace);
    if (network->stamping_fd >= 0) close(network->stamping_fd);
    free(network->read_buffer);
    network->read_buffer = NULL;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* All connections of a loop read into the same buffer: what is read is used before the next read. */
static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    struct connection *c = handle->data;
    (void)suggested;
    *buffer = uv_buf_init(c->network->read_buffer, READ_BUFFER_BYTES);
}

/* libuv reads without the kernel's stamps. It is given no room, so it does not read, and on_read is told
 * so (UV_ENOBUFS, as libuv's documentation promises): then it is our turn. */
static void no_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    (void)handle;
    (void)suggested;
    *buffer = uv_buf_init(NULL, 0);
}

/* When the last of the bytes that a message brought came to this host, or 0. */
static int64_t stamp_ns(const struct network *network, struct msghdr *message) {
    struct timespec stamp;
    const struct cmsghdr *header = CMSG_FIRSTHDR(message);
    if (header == NULL || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_TIMESTAMPNS)
        return 0;
    memcpy(&stamp, CMSG_DATA(header), sizeof(stamp));
    return (int64_t)stamp.tv_sec * NS_PER_SECOND + stamp.tv_nsec - network->realtime_offset_ns;
}

/* Reads once, stamp included. Returns how many bytes, 0 for none, or a libuv error. */
static ssize_t read_stamped(struct connection *c) {
    int fd;
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct timespec))];
    struct iovec whole = {c->network->read_buffer, READ_BUFFER_BYTES};
    struct msghdr message = {
        .msg_iov = &whole,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof(control),
    };
    uv_fileno((const uv_handle_t *)&c->tcp, &fd);
    ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT);
    if (length > 0) {
        c->network->arrived_ns = stamp_ns(c->network, &message);
        c->network->held_up = hold_up_seen(&c->hold_up, fd);
        return length;
    }
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return 0; /* libuv calls again */
    uv_read_stop((uv_stream_t *)&c->tcp); /* as libuv does at the end of a stream */
    return length == 0 ? UV_EOF : uv_translate_sys_error(errno);
}

static void on_closed(uv_handle_t *handle) {
    struct connection *c = handle->data;
    free(c->wire);
    c->wire = NULL;
    if (c->handler->closed != NULL) c->handler->closed(c);
}

/* A connection that is not read until its time has come. */
struct reading_pause {
    uv_timer_t timer;
    struct list link;
    struct connection *connection;
};

static void free_reading_pause(uv_handle_t *timer) {
    free(list_entry(timer, struct reading_pause, timer));
}

static void end_pause(struct connection *c) {
    struct list *position, *following;
    list_each (position, following, &c->network->paused) {
        struct reading_pause *pause = list_entry(position, struct reading_pause, link);
        if (pause->connection != c) continue;
        list_remove(&pause->link);
        uv_close((uv_handle_t *)&pause->timer, free_reading_pause);
    }
    c->paused = false;
}

static void end(struct connection *c, int error) {
    if (c->closing_called) return;
    c->closing_called = true;
    if (c->paused) end_pause(c);
    c->error = error;
    if (c->wire != NULL) wire_detach(c->network->meter, c->wire);
    if (c->handler->closing != NULL) c->handler->closing(c, error);
    uv_close((uv_handle_t *)&c->tcp, on_closed);
}

void connection_close(struct connection *c) { end(c, 0); }

static int start_reading(struct connection *c);

static void read_again(uv_timer_t *timer) {
    struct connection *c = list_entry(timer, struct reading_pause, timer)->connection;
    end_pause(c);
    c->resumed = true;
    start_reading(c);
}

/* Whether it is one that shall not be read now. */
static bool pauses(struct connection *c) {
    struct network *network = c->network;
    int64_t left_ns = network->paused_until_ns - clock_now_ns();
    if (c->line == 0 || left_ns <= 0) return false;
    struct reading_pause *pause = xcalloc(1, sizeof(*pause));
    pause->connection = c;
    c->paused = true;
    list_append(&network->paused, &pause->link);
    uv_timer_init(network->loop, &pause->timer);
    uv_timer_start(&pause->timer, read_again, (uint64_t)(left_ns / NS_PER_MS) + 1, 0);
    uv_read_stop((uv_stream_t *)&c->tcp);
    return true;
}

void network_pause(struct network *network, int64_t for_ns) {
    network->paused_until_ns = clock_now_ns() + for_ns;
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer) {
    struct connection *c = stream->data;
    struct network *network = c->network;
    (void)buffer;
    if (length == UV_ENOBUFS && network->paused_until_ns != 0 && pauses(c)) return;
    if (length == UV_ENOBUFS) length = read_stamped(c);
    if (c->resumed && length > 0) network->held_up = true; /* it waited for us */
    c->resumed = false;
    if (length > 0 && c->line != 0)
        trace_heard(network->trace, c->line, (size_t)length, network->arrived_ns, network->held_up);
    if (length > 0) c->handler->data(c, network->read_buffer, (size_t)length);
    network->arrived_ns = 0;
    network->held_up = false;
    if (length == UV_EOF && c->handler->ended != NULL)
        c->handler->ended(c);
    else if (length < 0)
        end(c, (int)length);
}

static int start_reading(struct connection *c) {
    return uv_read_start((uv_stream_t *)&c->tcp, c->network->stamps ? no_room : on_alloc, on_read);
}

void connection_listen(struct connection *c, bool on) {
    if (c->closing_called) return;
    if (c->paused) end_pause(c);
    if (on)
        start_reading(c);
    else
        uv_read_stop((uv_stream_t *)&c->tcp);
}

/* --- opening ---------------------------------------------------------------------------------- */

static int init(struct connection *c, struct network *network,
                const struct connection_handler *handler, unsigned int family) {
    memset(c, 0, sizeof(*c));
    c->network = network;
    c->handler = handler;
    int error = uv_tcp_init_ex(network->loop, &c->tcp, family);
    if (error != 0) uv_tcp_init(network->loop, &c->tcp); /* so that it can be closed like any */
    c->tcp.data = c;
    return error;
}

static void ask_for_stamps_of(int fd) {
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &(int){1}, sizeof(int));
}

/* The kernel stamps what comes while any socket asks for it, and begins only a while after the first one asked. So one
 * that nobody sends to asks all the time: when all connections broke at once, the next ones have stamps from the first
 * byte on. */
static void keep_stamping(struct network *network) {
    if (network->stamping_fd >= 0) return;
    network->stamping_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (network->stamping_fd >= 0) ask_for_stamps_of(network->stamping_fd);
}

/* The connections of a listener inherit it, with what comes before they are accepted. */
static void ask_for_stamps(struct network *network, uv_tcp_t *tcp) {
    int fd;
    if (!network->stamps || uv_fileno((uv_handle_t *)tcp, &fd) != 0) return;
    keep_stamping(network);
    ask_for_stamps_of(fd);
}

/* The connection stands: count it, send small writes at once, and listen to the other side. */
static int established(struct connection *c, bool accepted) {
    int fd;
    uv_fileno((uv_handle_t *)&c->tcp, &fd);
    if (c->network->meter != NULL) {
        c->wire = xcalloc(1, sizeof(*c->wire));
        (accepted ? wire_attach_accepted : wire_attach)(c->network->meter, c->wire, fd);
    }
    ask_for_stamps(c->network, &c->tcp);
    if (c->network->stamps) hold_up_watch(&c->hold_up, fd);
    if (c->network->trace != NULL) c->line = trace_open(c->network->trace, fd);
    uv_tcp_nodelay(&c->tcp, 1);
    return start_reading(c);
}

/* Fails before anyone was told of the connection: only `closed` follows. */
static int fail(struct connection *c, int error) {
    c->closing_called = true;
    c->error = error;
    if (c->wire != NULL) wire_detach(c->network->meter, c->wire);
    uv_close((uv_handle_t *)&c->tcp, on_closed);
    return error;
}

/* libuv has taken the connection already. While nobody takes it from libuv, it takes no further one;
 * if it tried with no descriptor left, it would throw away all that wait, without a word. */
static bool descriptors_left(void) {
    int spare = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
    if (spare >= 0) close(spare);
    return spare >= 0 || errno != EMFILE;
}

/* A listener that calls again in a while. */
struct pause {
    uv_timer_t timer;
    struct list link;
    uv_stream_t *listener; /* NULL: it was closed */
};

static void free_pause(uv_handle_t *timer) { free(list_entry(timer, struct pause, timer)); }

static void pause_over(uv_timer_t *timer) {
    struct pause *pause = list_entry(timer, struct pause, timer);
    uv_stream_t *listener = pause->listener;
    list_remove(&pause->link);
    uv_close((uv_handle_t *)timer, free_pause);
    if (listener == NULL || uv_is_closing((uv_handle_t *)listener)) return;
    listener->connection_cb(listener, 0);
}

static void pause_listener(struct network *network, uv_stream_t *listener) {
    struct pause *pause = xcalloc(1, sizeof(*pause));
    pause->listener = listener;
    list_append(&network->waiting, &pause->link);
    uv_timer_init(network->loop, &pause->timer);
    uv_timer_start(&pause->timer, pause_over, ACCEPT_PAUSE_MS, 0);
    log_error("out of file descriptors (ulimit -n): new connections have to wait");
}

/* It is closed: nobody shall call it again. */
static void stop_waiting(struct network *network, const uv_tcp_t *listener) {
    struct list *position, *following;
    list_each (position, following, &network->waiting) {
        struct pause *pause = list_entry(position, struct pause, link);
        if (pause->listener == (const uv_stream_t *)listener) pause->listener = NULL;
    }
}

int connection_accept(struct connection *c, struct network *network, uv_stream_t *listener,
                      const struct connection_handler *handler) {
    init(c, network, handler, AF_UNSPEC);
    if (!descriptors_left()) {
        pause_listener(network, listener);
        return fail(c, UV_EMFILE);
    }
    int error = uv_accept(listener, (uv_stream_t *)&c->tcp);
    if (error == 0) error = established(c, true);
    return error == 0 ? 0 : fail(c, error);
}

static void on_connected(uv_connect_t *request, int status) {
    struct connection *c = request->data;
    free(request);
    if (c->closing_called) return;
    if (status == 0) status = established(c, false);
    if (status != 0) {
        end(c, status);
        return;
    }
    if (c->handler->connected != NULL) c->handler->connected(c);
}

static int set_congestion(const struct network *network, const uv_tcp_t *tcp) {
    int fd;
    int error = uv_fileno((const uv_handle_t *)tcp, &fd);
    return error != 0 ? error : congestion_set(fd, network->congestion_control);
}

/* Binds the address alone: the kernel chooses the port when it knows both ends, so that each
 * source address gives its own 28,000 ports. */
static int bind_source(struct connection *c, const struct sockaddr *source) {
    int fd, on = 1;
    socklen_t length =
        source->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    uv_fileno((uv_handle_t *)&c->tcp, &fd);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    return bind(fd, source, length) == 0 ? 0 : uv_translate_sys_error(errno);
}

int connection_connect(struct connection *c, struct network *network, const struct sockaddr *to,
                       const struct sockaddr *source, const struct connection_handler *handler) {
    int error = init(c, network, handler, to->sa_family);
    if (error == 0) error = set_congestion(network, &c->tcp);
    if (error == 0 && source != NULL) error = bind_source(c, source);
    if (error != 0) return fail(c, error);
    uv_connect_t *request = xmalloc(sizeof(*request));
    request->data = c;
    error = uv_tcp_connect(request, &c->tcp, to, on_connected);
    if (error == 0) return 0;
    free(request);
    return fail(c, error);
}

/* --- writing ---------------------------------------------------------------------------------- */

static void on_written(uv_write_t *request, int status) {
    struct queued_write *write = list_entry(request, struct queued_write, request);
    struct connection *c = request->data;
    c->queued -= write->length;
    free(write);
    if (c->closing_called) return;
    if (status < 0)
        end(c, status);
    else if (c->queued == 0 && c->handler->drained != NULL)
        c->handler->drained(c);
}

static int enqueue(struct connection *c, const char *bytes, size_t length) {
    struct queued_write *write = xmalloc(sizeof(*write) + length);
    write->length = length;
    write->request.data = c;
    memcpy(write->bytes, bytes, length);
    uv_buf_t buffer = {.base = write->bytes, .len = length}; /* uv_buf_init takes 32 bits */
    int error = uv_write(&write->request, (uv_stream_t *)&c->tcp, &buffer, 1, on_written);
    if (error != 0) {
        free(write);
        end(c, error);
        return error;
    }
    c->queued += length;
    return 1;
}

int connection_write(struct connection *c, const char *bytes, size_t length) {
    if (c->closing_called) return UV_ECANCELED;
    if (c->line != 0) trace_said(c->network->trace, c->line, clock_now_ns(), bytes, length, 0);
    if (c->queued == 0) {
        size_t part = length < INT_MAX ? length : INT_MAX; /* so much fits what libuv returns */
        uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)bytes, (unsigned int)part);
        int written = uv_try_write((uv_stream_t *)&c->tcp, &buffer, 1);
        if (written >= 0 && (size_t)written == length) return 0;
        if (written < 0 && written != UV_EAGAIN) {
            end(c, written);
            return written;
        }
        if (written > 0) {
            bytes += written;
            length -= (size_t)written;
        }
    }
    return enqueue(c, bytes, length);
}

void connection_finish(struct connection *c) {
    int fd;
    if (!c->closing_called && uv_fileno((uv_handle_t *)&c->tcp, &fd) == 0) shutdown(fd, SHUT_WR);
}

/* --- listening -------------------------------------------------------------------------------- */

static int parse_address(const char *address, int port, struct sockaddr_storage *out) {
    if (uv_ip4_addr(address, port, (struct sockaddr_in *)out) == 0) return 0;
    return uv_ip6_addr(address, port, (struct sockaddr_in6 *)out);
}

static int open_listener(struct network *network, uv_tcp_t *listener, const struct sockaddr *name,
                         uv_connection_cb on_connection) {
    uv_tcp_init(network->loop, listener);
    int error = uv_tcp_bind(listener, name, 0);
    if (error == 0) error = set_congestion(network, listener);
    if (error == 0) ask_for_stamps(network, listener);
    if (error == 0) error = uv_listen((uv_stream_t *)listener, LISTEN_BACKLOG, on_connection);
    return error;
}

int network_listen(struct network *network, uv_tcp_t *listener, const char *address, int port,
                   uv_connection_cb on_connection) {
    struct sockaddr_storage storage;
    struct sockaddr *name = (struct sockaddr *)&storage;
    int length = sizeof(storage);
    int error = parse_address(address, port, &storage);
    if (error != 0) {
        uv_tcp_init(network->loop, listener); /* so that it can be closed like any */
        return error;
    }
    error = open_listener(network, listener, name, on_connection);
    if (error == 0) error = uv_tcp_getsockname(listener, name, &length);
    if (error != 0) return error;
    return ntohs(storage.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)name)->sin6_port
                                               : ((struct sockaddr_in *)name)->sin_port);
}

/* --- a listener that is closed for a while ---------------------------------------------------- */

struct refusal {
    struct list link;
    uv_tcp_t *listener;
    void *data; /* the listener's, which points here until it is closed */
    uv_connection_cb connection_cb;
    struct sockaddr_storage name; /* where it listened */
    int port_fd;   /* bound to that, so that nobody else gets it; -1: not to be had */
    bool closed;   /* by the loop */
    bool unwanted; /* its owner has closed it meanwhile, and waits for this call: */
    uv_close_cb unlistened;
};

static void forget_refusal(struct refusal *refusal) {
    list_remove(&refusal->link);
    if (refusal->port_fd >= 0) close(refusal->port_fd);
    free(refusal);
}

static void refusal_closed(uv_handle_t *listener) {
    struct refusal *refusal = listener->data;
    uv_close_cb unlistened = refusal->unlistened;
    listener->data = refusal->data;
    refusal->closed = true;
    if (refusal->unwanted) forget_refusal(refusal);
    if (unlistened != NULL) unlistened(listener);
}

/* A socket that is bound there and does not listen: who connects is refused. Two sockets may share a port as long
 * as neither listens and both say so (SO_REUSEADDR). */
static int keep_port(const struct sockaddr_storage *name) {
    socklen_t length =
        name->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    int fd = socket(name->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, (const struct sockaddr *)name, length) == 0) return fd;
    close(fd);
    return -1;
}

void network_refuse(struct network *network, uv_tcp_t *listener) {
    struct refusal *refusal = xcalloc(1, sizeof(*refusal));
    int length = sizeof(refusal->name);
    refusal->listener = listener;
    refusal->data = listener->data;
    refusal->connection_cb = listener->connection_cb;
    uv_tcp_getsockname(listener, (struct sockaddr *)&refusal->name, &length);
    stop_waiting(network, listener);
    list_append(&network->refusing, &refusal->link);
    listener->data = refusal;
    uv_close((uv_handle_t *)listener, refusal_closed); /* the descriptor at once */
    refusal->port_fd = keep_port(&refusal->name);
}

static struct refusal *refusal_of(const struct network *network, const uv_tcp_t *listener) {
    struct list *position, *following;
    list_each (position, following, &network->refusing) {
        struct refusal *refusal = list_entry(position, struct refusal, link);
        if (refusal->listener == listener) return refusal;
    }
    return NULL;
}

int network_listen_again(struct network *network, uv_tcp_t *listener) {
    struct refusal *refusal = refusal_of(network, listener);
    if (refusal == NULL) return 0;
    if (!refusal->closed) return UV_EBUSY;
    int error = open_listener(network, listener, (const struct sockaddr *)&refusal->name,
                              refusal->connection_cb);
    listener->data = refusal->data;
    forget_refusal(refusal);
    return error;
}

void network_unlisten(struct network *network, uv_tcp_t *listener, uv_close_cb closed) {
    struct refusal *refusal = refusal_of(network, listener);
    stop_waiting(network, listener);
    if (refusal != NULL && !refusal->closed) {
        refusal->unwanted = true;
        refusal->unlistened = closed;
        return;
    }
    if (refusal != NULL) {
        uv_tcp_init(network->loop, listener); /* so that it can be closed like any */
        listener->data = refusal->data;
        forget_refusal(refusal);
    }
    uv_close((uv_handle_t *)listener, closed);
}

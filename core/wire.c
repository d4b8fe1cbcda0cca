/* What the TCP connections of a process carried: see wire.h. The figures are the kernel's own
 * (TCP_INFO), so they include what no program sees: acknowledgements, retransmissions. */
#include "wire.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* IPv4 20 + TCP 20 + the time-stamp option that Linux negotiates on every connection, padded: 12. */
#define HEADER_BYTES 52
/* A SYN carries 20 bytes of options instead of 12. */
#define SYN_EXTRA_BYTES 8

void wire_meter_init(struct wire_meter *meter) {
    memset(meter, 0, sizeof *meter);
    list_init(&meter->sockets);
    meter->next = &meter->sockets;
}

/* Asks the kernel what the socket carried so far. */
static void read_count(int fd, struct wire_count *count) {
    struct tcp_info info;
    socklen_t length = sizeof info;
    memset(&info, 0, sizeof info);
    memset(count, 0, sizeof *count);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return;
    count->bytes_out = info.tcpi_bytes_sent;
    count->bytes_in = info.tcpi_bytes_received;
    count->segments_out = info.tcpi_segs_out;
    count->segments_in = info.tcpi_segs_in;
}

static void add_since_base(struct wire_meter *meter, const struct wire_socket *socket) {
    struct wire_count now;
    read_count(socket->fd, &now);
    meter->total.bytes_out += now.bytes_out - socket->base.bytes_out;
    meter->total.bytes_in += now.bytes_in - socket->base.bytes_in;
    meter->total.segments_out += now.segments_out - socket->base.segments_out;
    meter->total.segments_in += now.segments_in - socket->base.segments_in;
}

void wire_attach(struct wire_meter *meter, struct wire_socket *socket, int fd) {
    memset(&socket->base, 0, sizeof socket->base);
    socket->fd = fd;
    socket->stage = meter->stage;
    list_append(&meter->sockets, &socket->link);
    meter->socket_count++;
    if (meter->stage == WIRE_INSIDE) meter->opened++;
}

void wire_detach(struct wire_meter *meter, struct wire_socket *socket) {
    if (!list_linked(&socket->link)) return;
    if (socket->stage == WIRE_INSIDE) {
        add_since_base(meter, socket);
        meter->closed++;
    }
    if (meter->next == &socket->link) meter->next = socket->link.next;
    list_remove(&socket->link);
    meter->socket_count--;
}

bool wire_step(struct wire_meter *meter, enum wire_stage stage, int limit) {
    if (meter->stage != stage) {
        meter->stage = (uint8_t)stage;
        meter->next = meter->sockets.next;
    }
    for (; limit > 0 && meter->next != &meter->sockets; meter->next = meter->next->next) {
        struct wire_socket *socket = list_entry(meter->next, struct wire_socket, link);
        if (socket->stage >= stage) continue;
        if (stage == WIRE_INSIDE) read_count(socket->fd, &socket->base);
        if (stage == WIRE_AFTER) add_since_base(meter, socket);
        socket->stage = (uint8_t)stage;
        limit--;
    }
    return meter->next != &meter->sockets;
}

uint64_t wire_bytes_out(const struct wire_meter *meter) {
    return meter->total.bytes_out + meter->total.segments_out * HEADER_BYTES +
           meter->opened * SYN_EXTRA_BYTES;
}

uint64_t wire_bytes_in(const struct wire_meter *meter) {
    return meter->total.bytes_in + meter->total.segments_in * HEADER_BYTES +
           meter->opened * SYN_EXTRA_BYTES;
}

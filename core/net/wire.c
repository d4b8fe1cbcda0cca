/* What the TCP connections of a process carried: see wire.h. The figures are the kernel's own
 * (TCP_INFO), so they include what no program sees: acknowledgements, retransmissions. */
#include "net/wire.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

/* TCP 20 + the time-stamp option that Linux negotiates on every connection, padded: 12. */
#define TCP_HEADER_BYTES 32
/* tcpi_state, as in <netinet/tcp.h>, which cannot be had together with <linux/tcp.h>. */
#define STATE_ESTABLISHED 1
#define STATE_CLOSE_WAIT 8
/* A SYN carries 20 bytes of options instead of 12. */
#define SYN_EXTRA_BYTES 8

void wire_meter_init(struct wire_meter *meter) {
    memset(meter, 0, sizeof(*meter));
    meter->ip_header_bytes = WIRE_IPV4_BYTES;
    list_init(&meter->sockets);
    meter->next = &meter->sockets;
}

/* Asks the kernel what the socket carried so far. Returns the connection's state, or 0 when there is no telling. */
static int read_count(int fd, struct wire_count *count) {
    struct tcp_info info;
    socklen_t length = sizeof(info);
    memset(&info, 0, sizeof(info));
    memset(count, 0, sizeof(*count));
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return 0;
    count->bytes_out = info.tcpi_bytes_sent;
    count->bytes_in = info.tcpi_bytes_received;
    count->segments_out = info.tcpi_segs_out;
    count->segments_in = info.tcpi_segs_in;
    count->data_segments = (uint64_t)info.tcpi_data_segs_out + info.tcpi_data_segs_in;
    return info.tcpi_state;
}

/* What closing the socket will add, which nobody can ask for afterwards. When the other side has
 * closed (its FIN counts as a byte received): our FIN out, its acknowledgement in. Else: our FIN
 * out, its FIN in, our acknowledgement out. */
static void add_end(struct wire_count *count, int state) {
    if (state == STATE_CLOSE_WAIT) {
        count->bytes_in -= 1;
        count->segments_out += 1;
        count->segments_in += 1;
    } else if (state == STATE_ESTABLISHED) {
        count->segments_out += 2;
        count->segments_in += 1;
    }
}

static void add_since_base(struct wire_meter *meter, const struct wire_socket *socket,
                           bool at_its_end) {
    struct wire_count now;
    int state = read_count(socket->fd, &now);
    if (at_its_end) add_end(&now, state);
    meter->total.bytes_out += now.bytes_out - socket->base.bytes_out;
    meter->total.bytes_in += now.bytes_in - socket->base.bytes_in;
    meter->total.segments_out += now.segments_out - socket->base.segments_out;
    meter->total.segments_in += now.segments_in - socket->base.segments_in;
    meter->total.data_segments += now.data_segments - socket->base.data_segments;
}

void wire_attach(struct wire_meter *meter, struct wire_socket *socket, int fd) {
    memset(&socket->base, 0, sizeof(socket->base));
    socket->fd = fd;
    socket->stage = meter->stage;
    list_append(&meter->sockets, &socket->link);
    meter->socket_count++;
    if (meter->stage == WIRE_INSIDE) meter->opened++;
}

void wire_attach_accepted(struct wire_meter *meter, struct wire_socket *socket, int fd) {
    wire_attach(meter, socket, fd);
    socket->base.segments_out--; /* one below nothing, so that one more is counted */
}

/* The walk had not come to it: what it carried in the first moments of the window is not known, but
 * that it closes inside it is. */
static void begin_late(struct wire_meter *meter, struct wire_socket *socket) {
    read_count(socket->fd, &socket->base);
    socket->stage = WIRE_INSIDE;
    meter->missed++;
}

void wire_detach(struct wire_meter *meter, struct wire_socket *socket) {
    if (!list_linked(&socket->link)) return;
    if (meter->stage == WIRE_INSIDE) {
        if (socket->stage == WIRE_BEFORE) begin_late(meter, socket);
        add_since_base(meter, socket, true);
        meter->closed++;
    } else if (socket->stage == WIRE_INSIDE) {
        add_since_base(meter, socket, false); /* the window is over: its end is not in it */
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
        if (stage == WIRE_AFTER && socket->stage == WIRE_BEFORE)
            meter->missed++; /* what it carried before the window was never read */
        else if (stage == WIRE_AFTER)
            add_since_base(meter, socket, false);
        socket->stage = (uint8_t)stage;
        limit--;
    }
    return meter->next != &meter->sockets;
}

struct wire_meter wire_so_far(const struct wire_meter *meter) {
    struct wire_meter copy = *meter;
    const struct list *link = meter->sockets.next;
    for (; link != &meter->sockets; link = link->next) {
        const struct wire_socket *socket = list_entry(link, struct wire_socket, link);
        if (socket->stage == WIRE_INSIDE) add_since_base(&copy, socket, false);
    }
    return copy;
}

static uint64_t header_bytes(const struct wire_meter *meter, uint64_t segments) {
    return segments * (TCP_HEADER_BYTES + meter->ip_header_bytes);
}

static uint64_t on_wire(const struct wire_meter *meter, uint64_t bytes, uint64_t segments) {
    return bytes + header_bytes(meter, segments) + meter->opened * SYN_EXTRA_BYTES;
}

uint64_t wire_bytes_out(const struct wire_meter *meter) {
    return on_wire(meter, meter->total.bytes_out, meter->total.segments_out);
}

uint64_t wire_bytes_in(const struct wire_meter *meter) {
    return on_wire(meter, meter->total.bytes_in, meter->total.segments_in);
}

uint64_t wire_data_header_bytes(const struct wire_meter *meter) {
    return header_bytes(meter, meter->total.data_segments);
}

bool wire_takes(int fd, uint64_t *mark) {
    struct tcp_info info = {0};
    socklen_t length = sizeof(info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return false;
    bool takes = info.tcpi_bytes_acked > *mark;
    bool waits = info.tcpi_unacked > 0 || info.tcpi_notsent_bytes > 0;
    *mark = waits ? info.tcpi_bytes_acked : UINT64_MAX;
    return takes;
}

uint64_t wire_written(int fd) {
    struct tcp_info info = {0};
    socklen_t length = sizeof(info);
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return 0;
    return info.tcpi_bytes_sent - info.tcpi_bytes_retrans + info.tcpi_notsent_bytes;
}

/* Counts packets and bytes of TCP connections to and from one port, inside a window of time, in a
 * capture made by tcpdump: an account of what was on the wire that owes nothing to pushpull.
 *
 *     pcap_count FILE PORT START_NS END_NS
 *
 * START and END are nanoseconds on CLOCK_MONOTONIC, as pushpull reports them; a capture's times are
 * on the wall clock, and the difference of the two is taken now: count soon after capturing, before
 * the wall clock is set. Prints seven numbers: packets and bytes to the port, packets and bytes from
 * it (PORT 0: all are "to" it), where bytes are those of IP datagrams, IP and TCP headers and all options
 * included, the link layer's header left out; and of both ways together the packets that carried data, the
 * bytes of that data, and how many of these packets carried only what had been sent before: retransmissions,
 * where the capture was made before the loss. Formats: pcap in this machine's byte order, micro- or
 * nanoseconds; Ethernet or raw IP; IPv4 and IPv6. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAGIC_MICROSECONDS 0xa1b2c3d4u
#define MAGIC_NANOSECONDS 0xa1b23c4du
#define LINK_ETHERNET 1
#define LINK_RAW 101
#define IP_PROTOCOL_TCP 6

struct file_header {
    uint32_t magic;
    uint16_t major, minor;
    uint32_t zone, accuracy, snapshot_bytes, link_type;
};

struct packet_header {
    uint32_t seconds, fraction, captured, length;
};

struct counts {
    uint64_t packets, bytes;
};

/* What is counted: START <= time < END on the wall clock, to and from one port. */
struct account {
    int port;
    int64_t start_ns, end_ns;
    struct counts to, from, data;
    uint64_t again;
};

/* One direction of a connection: how far its data has come. */
struct flow {
    uint32_t ports; /* from << 16 | to; 0: a free place */
    uint32_t end;   /* of the furthest segment so far */
};
#define FLOWS (1 << 18) /* more than there are ports, twice */
static struct flow flows[FLOWS];

static _Noreturn void fail(const char *what, const char *file) {
    fprintf(stderr, "pcap_count: %s: %s\n", file, what);
    exit(1);
}

static uint16_t read16(const unsigned char *bytes) { return (uint16_t)(bytes[0] << 8 | bytes[1]); }

struct datagram {
    uint16_t from, to;    /* ports */
    uint64_t bytes, data; /* its size, and that of TCP's payload */
    uint32_t seq;
};

/* Returns 0 for what is not TCP over IP. */
static int read_datagram(const unsigned char *ip, size_t captured, struct datagram *datagram) {
    size_t header;
    if (captured < 20) return 0;
    if (ip[0] >> 4 == 4) {
        if (ip[9] != IP_PROTOCOL_TCP) return 0;
        header = (size_t)(ip[0] & 15) * 4;
        datagram->bytes = read16(ip + 2);
    } else if (ip[0] >> 4 == 6 && captured >= 40) {
        if (ip[6] != IP_PROTOCOL_TCP) return 0;
        header = 40;
        datagram->bytes = 40u + read16(ip + 4);
    } else {
        return 0;
    }
    if (captured < header + 13) return 0;
    size_t headers = header + (size_t)(ip[header + 12] >> 4) * 4;
    datagram->from = read16(ip + header);
    datagram->to = read16(ip + header + 2);
    datagram->seq = (uint32_t)read16(ip + header + 4) << 16 | read16(ip + header + 6);
    datagram->data = datagram->bytes > headers ? datagram->bytes - headers : 0;
    return 1;
}

static int64_t clock_ns(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static struct flow *flow_of(uint32_t ports) {
    uint32_t place = ports * 2654435761u % FLOWS;
    while (flows[place].ports != 0 && flows[place].ports != ports) place = (place + 1) % FLOWS;
    return &flows[place];
}

/* Whether all of its data had been sent before; notes how far it goes. */
static int is_again(const struct datagram *datagram) {
    struct flow *flow = flow_of((uint32_t)datagram->from << 16 | datagram->to);
    uint32_t end = datagram->seq + (uint32_t)datagram->data;
    if (datagram->data == 0) return 0;
    int again = flow->ports != 0 && (int32_t)(end - flow->end) <= 0;
    if (!again) *flow = (struct flow){(uint32_t)datagram->from << 16 | datagram->to, end};
    return again;
}

static void take(struct account *account, const unsigned char *ip, size_t captured, int64_t at_ns) {
    struct datagram datagram;
    if (at_ns >= account->end_ns || !read_datagram(ip, captured, &datagram)) return;
    int again = is_again(&datagram);
    if (at_ns < account->start_ns) return;
    struct counts *counts = datagram.to == account->port || account->port == 0 ? &account->to
                            : datagram.from == account->port                   ? &account->from
                                                                               : NULL;
    if (counts == NULL) return;
    counts->packets++;
    counts->bytes += datagram.bytes;
    account->data.packets += datagram.data > 0;
    account->data.bytes += datagram.data;
    account->again += (uint64_t)again;
}

static void read_capture(FILE *file, const char *name, struct account *account) {
    static unsigned char packet[262144];
    struct file_header head;
    struct packet_header record;
    if (fread(&head, sizeof(head), 1, file) != 1) fail("cannot read it", name);
    if (head.magic != MAGIC_MICROSECONDS && head.magic != MAGIC_NANOSECONDS)
        fail("not a pcap file of this machine's byte order", name);
    if (head.link_type != LINK_ETHERNET && head.link_type != LINK_RAW)
        fail("neither Ethernet nor raw IP", name);
    size_t skip = head.link_type == LINK_ETHERNET ? 14 : 0;
    int64_t unit_ns = head.magic == MAGIC_NANOSECONDS ? 1 : 1000;
    while (fread(&record, sizeof(record), 1, file) == 1) {
        if (record.captured > sizeof(packet) ||
            fread(packet, 1, record.captured, file) != record.captured)
            fail("a packet is cut short", name);
        if (record.captured < skip) continue;
        take(account, packet + skip, record.captured - skip,
             (int64_t)record.seconds * 1000000000 + (int64_t)record.fraction * unit_ns);
    }
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: pcap_count FILE PORT START_NS END_NS\n");
        return 2;
    }
    int64_t offset_ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_MONOTONIC);
    struct account account = {
        .port = atoi(argv[2]),
        .start_ns = strtoll(argv[3], NULL, 10) + offset_ns,
        .end_ns = strtoll(argv[4], NULL, 10) + offset_ns,
    };
    FILE *file = fopen(argv[1], "rb");
    if (file == NULL) fail("cannot open it", argv[1]);
    read_capture(file, argv[1], &account);
    fclose(file);
    printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
           account.to.packets, account.to.bytes, account.from.packets, account.from.bytes,
           account.data.packets, account.data.bytes, account.again);
    return 0;
}

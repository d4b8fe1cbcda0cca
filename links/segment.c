/* The TCP segment in an IP packet: see segment.h. */
#include "segment.h"

#include <arpa/inet.h>
#include <string.h>

#define IP_HEADER 20
#define TCP_HEADER 20
#define PROTOCOL_TCP 6
#define FLAG_FIN 0x01
#define FLAG_SYN 0x02
#define FLAG_ACK 0x10

static uint32_t read32(const unsigned char *at) {
    uint32_t value;
    memcpy(&value, at, sizeof(value));
    return value;
}

static uint16_t read16(const unsigned char *at) {
    uint16_t value;
    memcpy(&value, at, sizeof(value));
    return value;
}

bool segment_read(const unsigned char *packet, size_t length, enum link_direction direction,
                  struct segment *segment) {
    if (length < IP_HEADER + TCP_HEADER || packet[0] >> 4 != 4 || packet[9] != PROTOCOL_TCP)
        return false;
    size_t ip = (size_t)(packet[0] & 15) * 4, total = ntohs(read16(packet + 2));
    if (ip < IP_HEADER || total > length || total < ip + TCP_HEADER) return false;
    const unsigned char *tcp = packet + ip;
    size_t header = (size_t)(tcp[12] >> 4) * 4;
    if (header < TCP_HEADER || total < ip + header) return false;
    int client = direction == LINK_DOWN ? 1 : 0; /* where the client's end stands in the headers */
    for (int i = 0; i < 2; i++) {
        segment->ends.addresses[i] = read32(packet + 12 + 4 * (client ^ i));
        segment->ends.ports[i] = read16(tcp + 2 * (client ^ i));
    }
    segment->sequence = ntohl(read32(tcp + 4));
    segment->data_bytes = (uint32_t)(total - ip - header);
    segment->syn = (tcp[13] & FLAG_SYN) != 0;
    segment->fin = (tcp[13] & FLAG_FIN) != 0;
    segment->ack = (tcp[13] & FLAG_ACK) != 0;
    return true;
}

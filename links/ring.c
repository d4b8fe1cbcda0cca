/* One end of the relay: see ring.h. */
#include "ring.h"

#include "base/clock.h"
#include "base/limits.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#define HEADROOM 128 /* the kernel's own head of a slot, the Ethernet header and what aligns them */
#define DOUBT_NS (2 * NS_PER_MS) /* so long the kernel may be about one frame */
#define BLOCK_BYTES ((size_t)1 << 18)

static bool set_option(int fd, int name, int value) {
    return setsockopt(fd, SOL_PACKET, name, &value, sizeof(value)) == 0;
}

static bool make_ring(struct ring *ring, int64_t mtu) {
    size_t slot = 2048;
    while (slot < (size_t)mtu + HEADROOM) slot *= 2;
    struct tpacket_req request = {
        .tp_block_size = BLOCK_BYTES,
        .tp_block_nr = (unsigned int)(LINK_RING_FRAMES * slot / BLOCK_BYTES),
        .tp_frame_size = (unsigned int)slot,
        .tp_frame_nr = LINK_RING_FRAMES,
    };
    if (setsockopt(ring->fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof(request)) != 0)
        return false;
    ring->count = LINK_RING_FRAMES;
    ring->slot_bytes = slot;
    void *memory =
        mmap(NULL, slot * LINK_RING_FRAMES, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
    if (memory == MAP_FAILED) return false;
    ring->memory = memory;
    return true;
}

/* Bound last: before it receives nothing, which would have gone past the ring. */
static bool set_up(struct ring *ring, int index, int64_t mtu) {
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = index};
    return set_option(ring->fd, PACKET_VERSION, TPACKET_V2) &&
           set_option(ring->fd, PACKET_IGNORE_OUTGOING, 1) &&
           set_option(ring->fd, PACKET_QDISC_BYPASS, 1) && make_ring(ring, mtu) &&
           bind(ring->fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

int ring_open(struct ring *ring, int index, int64_t mtu) {
    *ring = (struct ring){0};
    ring->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (ring->fd >= 0 && set_up(ring, index, mtu)) return 0;
    int error = uv_translate_sys_error(errno);
    ring_close(ring);
    return error;
}

void ring_close(struct ring *ring) {
    if (ring->memory != NULL) munmap(ring->memory, ring->count * ring->slot_bytes);
    if (ring->fd >= 0) close(ring->fd);
    *ring = (struct ring){.fd = -1};
}

/* --- what came -------------------------------------------------------------------------------- */

static struct tpacket2_hdr *head_of(const struct ring *ring) {
    return (struct tpacket2_hdr *)(void *)(ring->memory + ring->next * ring->slot_bytes);
}

/* The kernel writes the status last, and we read it first. */
bool ring_peek(const struct ring *ring, struct ring_frame *frame) {
    const struct tpacket2_hdr *head = head_of(ring);
    if ((__atomic_load_n(&head->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) == 0) return false;
    frame->bytes = (const unsigned char *)head + head->tp_mac;
    frame->length = head->tp_snaplen;
    frame->cut = head->tp_len > head->tp_snaplen || head->tp_snaplen < ETH_HLEN;
    frame->stamp_ns = (int64_t)head->tp_sec * NS_PER_SECOND + head->tp_nsec;
    return true;
}

bool ring_stamp_fits(int64_t came_ns, int64_t empty_ns, int64_t now_ns) {
    return came_ns <= now_ns && came_ns >= empty_ns - DOUBT_NS;
}

void ring_release(struct ring *ring) {
    __atomic_store_n(&head_of(ring)->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
    ring->next = (ring->next + 1) % ring->count;
}

uint64_t ring_overrun(const struct ring *ring) {
    struct tpacket_stats counts = {0};
    socklen_t size = sizeof(counts);
    if (getsockopt(ring->fd, SOL_PACKET, PACKET_STATISTICS, &counts, &size) != 0) return 0;
    return counts.tp_drops;
}

/* --- what goes -------------------------------------------------------------------------------- */

/* ENOBUFS is how packet sockets are told of what an interface has dropped. */
static int send_all(int fd, struct mmsghdr *messages, int count) {
    int failed = 0;
    while (count > 0) {
        int done = sendmmsg(fd, messages, (unsigned int)count, MSG_DONTWAIT);
        if (done <= 0) {
            failed += errno != ENOBUFS;
            done = 1;
        }
        messages += done;
        count -= done;
    }
    return failed;
}

int ring_send(const struct ring *ring, const struct ring_batch *batch) {
    struct iovec parts[RING_BATCH];
    struct mmsghdr messages[RING_BATCH];
    memset(messages, 0, (size_t)batch->count * sizeof(messages[0]));
    for (int i = 0; i < batch->count; i++) {
        parts[i] = (struct iovec){(void *)(uintptr_t)batch->bytes[i], batch->lengths[i]};
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    return send_all(ring->fd, messages, batch->count);
}

/* The relay: see relay.h. The order of this file is a frame's way: it comes, the law is asked, it waits, it
 * goes; then the turns of the relay, the window, its life. */
#include "relay.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/memory.h"
#include "flows.h"
#include "net/pacer.h"
#include "queue.h"
#include "ring.h"

#include <linux/if_ether.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TAKEN_AT_ONCE 64           /* frames from one end before the others get their turn */
#define WATCH_NS (100 * NS_PER_US) /* so long before a frame is due the relay is awake */
#define TURN_NS (2 * NS_PER_MS)    /* then the rest of the loop gets its turn */
#define OFFSET_NS (10 * NS_PER_MS) /* so old the wall clock's offset may be */
#define SLICE_NS (100 * NS_PER_US) /* the shortest that the kernel grants */
#define RESET_ON_FORK 1            /* SCHED_FLAG_RESET_ON_FORK */

/* One way through the relay: in at one place, out at the other. */
struct way {
    struct relay *relay;
    enum link_direction direction;
    struct link_way law;
    struct frame_queue queue;
    struct ring *in;
    const struct ring *out;
    int64_t empty_ns; /* when there was last nothing that had come */
    uv_poll_t poll;
};

struct relay {
    const struct namespaces *namespaces;
    struct ring rings[2]; /* by enum place */
    struct way ways[2];   /* by enum link_direction */
    struct pacer pacer;
    struct flows flows;
    struct frames *traced; /* NULL: none are */
    struct window window;
    struct relay_counts counts;
    struct histogram *lateness;
    uint64_t frames, on_their_way;
    uint64_t dropped;                /* by the interfaces, ever */
    int64_t late_ns;                 /* the fault */
    int64_t offset_ns, offset_at_ns; /* of the wall clock, and when it was asked for */
    bool closed;
};

/* --- it comes --------------------------------------------------------------------------------- */

/* Asked anew all the time: the wall clock may be set, and is slewed. */
static int64_t offset_ns(struct relay *relay, int64_t now_ns) {
    if (now_ns - relay->offset_at_ns < OFFSET_NS) return relay->offset_ns;
    relay->offset_at_ns = now_ns;
    return relay->offset_ns = clock_realtime_offset_ns();
}

static int64_t arrival_ns(struct way *way, const struct ring_frame *frame, int64_t now_ns) {
    struct relay *relay = way->relay;
    int64_t came_ns = frame->stamp_ns - offset_ns(relay, now_ns);
    if (came_ns > now_ns) now_ns = clock_now_ns(); /* it came while others were looked at */
    if (ring_stamp_fits(came_ns, way->empty_ns, now_ns)) return came_ns;
    if (window_has(&relay->window, now_ns)) relay->counts.stamps_dropped++;
    relay->offset_at_ns = 0;
    return now_ns;
}

static void count_arrival(struct way *way, size_t ip_bytes) {
    struct relay_counts *counts = &way->relay->counts;
    counts->link_frames++;
    counts->link_bytes += ip_bytes;
    counts->frames[way->direction]++;
    counts->bytes[way->direction] += ip_bytes;
}

/* --- the law is asked ------------------------------------------------------------------------- */

static void judge(struct way *way, const struct ring_frame *frame, int64_t at_ns) {
    struct relay *relay = way->relay;
    size_t ip_bytes = frame->length - ETH_HLEN;
    uint64_t counts = window_has(&relay->window, at_ns);
    relay->frames++;
    if (counts) count_arrival(way, ip_bytes);
    flows_see(&relay->flows, frame->bytes + ETH_HLEN, ip_bytes, at_ns, way->direction);
    struct link_verdict verdict = link_way_take(&way->law, at_ns, ip_bytes);
    relay->counts.link_lost += verdict.fate == LINK_LOST ? counts : 0;
    relay->counts.link_dropped += verdict.fate == LINK_DROPPED ? counts : 0;
    bool passes =
        verdict.fate == LINK_PASSES &&
        frame_queue_add(&way->queue, frame->bytes, frame->length, verdict.pass_ns, verdict.held);
    relay->on_their_way += passes;
    relay->counts.link_overrun += verdict.fate == LINK_PASSES && !passes ? counts : 0;
    if (relay->traced != NULL)
        frames_see(relay->traced, frame->bytes + ETH_HLEN, ip_bytes, way->direction, at_ns,
                   passes ? verdict.pass_ns : -1);
}

/* Takes what has come at one end. Returns how many frames. */
static int take(struct way *way) {
    struct ring_frame frame;
    int taken = 0;
    int64_t now_ns = clock_now_ns();
    for (; taken < TAKEN_AT_ONCE && ring_peek(way->in, &frame); taken++) {
        int64_t at_ns = arrival_ns(way, &frame, now_ns);
        if (!frame.cut)
            judge(way, &frame, at_ns);
        else if (window_has(&way->relay->window, at_ns))
            way->relay->counts.link_overrun++;
        ring_release(way->in);
    }
    if (taken < TAKEN_AT_ONCE) way->empty_ns = now_ns;
    return taken;
}

/* --- it goes ---------------------------------------------------------------------------------- */

static int64_t due_ns(const struct way *way) {
    const struct frame *frame = frame_queue_first(&way->queue);
    return frame == NULL ? INT64_MAX : frame->pass_ns + way->relay->late_ns;
}

/* Takes the frames that are due out of the queue, as many as a batch holds. */
static void collect(struct way *way, int64_t now_ns, struct frame **frames,
                    struct ring_batch *batch) {
    for (batch->count = 0; batch->count < RING_BATCH && due_ns(way) <= now_ns; batch->count++) {
        struct frame *frame = frame_queue_first(&way->queue);
        frame_queue_remove(&way->queue, frame);
        frames[batch->count] = frame;
        batch->bytes[batch->count] = frame->bytes;
        batch->lengths[batch->count] = frame->length;
    }
}

/* All of a batch are as late as its last one. What cannot be sent is lost: by then it is late already. */
static void account(struct relay *relay, struct frame **frames, int count, int failed) {
    int64_t now_ns = clock_now_ns();
    for (int i = 0; i < count; i++) {
        if (window_has(&relay->window, frames[i]->pass_ns))
            histogram_record(relay->lateness, now_ns - frames[i]->pass_ns);
        free(frames[i]);
    }
    if (window_has(&relay->window, now_ns)) relay->counts.link_overrun += (uint64_t)failed;
    relay->on_their_way -= (uint64_t)count;
}

/* Sends what is due, a batch of it. Returns how many frames. */
static int give(struct way *way) {
    struct frame *frames[RING_BATCH];
    struct ring_batch batch;
    collect(way, clock_now_ns(), frames, &batch);
    if (batch.count == 0) return 0;
    account(way->relay, frames, batch.count, ring_send(way->out, &batch));
    return batch.count;
}

/* --- its turns -------------------------------------------------------------------------------- */

static int64_t next_ns(const struct relay *relay) {
    int64_t down_ns = due_ns(&relay->ways[LINK_DOWN]), up_ns = due_ns(&relay->ways[LINK_UP]);
    return down_ns < up_ns ? down_ns : up_ns;
}

/* Works as long as there is something to do, or will be in a moment. */
static void turn(struct relay *relay) {
    int64_t began_ns = clock_now_ns(), now_ns, due;
    do {
        int done = 0;
        for (int i = 0; i < 2; i++) done += take(&relay->ways[i]) + give(&relay->ways[i]);
        now_ns = clock_now_ns();
        due = next_ns(relay);
        if (done == 0 && due > now_ns + WATCH_NS) break;
    } while (now_ns - began_ns < TURN_NS);
    if (due != INT64_MAX) pacer_arm(&relay->pacer, due - WATCH_NS);
}

static void at_time(struct pacer *pacer) { turn(list_entry(pacer, struct relay, pacer)); }

static void on_arrival(uv_poll_t *poll, int status, int events) {
    (void)status;
    (void)events;
    turn(list_entry(poll, struct way, poll)->relay);
}

/* --- the window ------------------------------------------------------------------------------- */

void relay_trace(struct relay *relay, struct frames *frames) { relay->traced = frames; }

void relay_measure(struct relay *relay, struct window window) {
    relay->window = window;
    flows_measure(&relay->flows, window);
}

void relay_settle(struct relay *relay, bool counts) {
    uint64_t dropped = namespaces_dropped(relay->namespaces);
    uint64_t overrun =
        dropped > relay->dropped ? dropped - relay->dropped : 0; /* an end may be gone */
    relay->dropped = dropped;
    for (int i = 0; i < 2; i++) overrun += ring_overrun(&relay->rings[i]);
    if (!counts) return;
    relay->counts.link_overrun += overrun;
    flows_end(&relay->flows, clock_now_ns());
}

struct relay_counts relay_counts(const struct relay *relay) {
    struct relay_counts counts = relay->counts;
    counts.retransmissions = relay->flows.retransmissions;
    counts.radio_wakeups = relay->flows.wakeups;
    counts.radio_users = relay->flows.users;
    counts.radio_awake_seconds = (double)relay->flows.awake_ns / NS_PER_SECOND;
    counts.flows_untold = relay->flows.untold;
    return counts;
}

const struct histogram *relay_lateness(const struct relay *relay) { return relay->lateness; }
uint64_t relay_frames(const struct relay *relay) { return relay->frames; }
uint64_t relay_on_their_way(const struct relay *relay) { return relay->on_their_way; }

/* --- its life --------------------------------------------------------------------------------- */

/* struct sched_attr, which not every C library declares. */
struct sched_wish {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t slice_ns, deadline_ns, period_ns;
};

static bool wish(int nice) {
    struct sched_wish wish = {
        .size = sizeof(wish), .flags = RESET_ON_FORK, .nice = nice, .slice_ns = SLICE_NS};
    return syscall(SYS_sched_setattr, 0, &wish, 0) == 0;
}

/* On a busy machine the relay comes before those whom it delays, where it may (root). Whoever asks for
 * short slices gets them sooner (Linux 6.12 and later). If neither is granted, it is late more often, and
 * says so. */
static void be_prompt(void) {
    if (!wish(-20)) wish(getpriority(PRIO_PROCESS, 0));
}

static void make_way(struct relay *relay, enum link_direction direction, const struct link_law *law,
                     uint64_t seed) {
    struct way *way = &relay->ways[direction];
    enum place from = direction == LINK_DOWN ? PLACE_SERVER : PLACE_CLIENT;
    way->relay = relay;
    way->direction = direction;
    way->in = &relay->rings[from];
    way->out = &relay->rings[1 - from];
    way->empty_ns = clock_now_ns();
    link_way_init(&way->law, law, direction, seed);
    frame_queue_init(&way->queue);
}

static int start(struct relay *relay, uv_loop_t *loop) {
    int error = pacer_init(&relay->pacer, loop, at_time);
    be_prompt();
    for (int i = 0; i < 2 && error == 0; i++) {
        struct way *way = &relay->ways[i];
        error = uv_poll_init(loop, &way->poll, way->in->fd);
        if (error == 0) error = uv_poll_start(&way->poll, UV_READABLE, on_arrival);
    }
    return error;
}

struct relay *relay_new(uv_loop_t *loop, const struct namespaces *namespaces,
                        const struct link_settings *settings, const struct link_faults *faults,
                        uint64_t seed, int *error) {
    struct relay *relay = xcalloc(1, sizeof(*relay));
    relay->namespaces = namespaces;
    relay->lateness = histogram_new();
    relay->late_ns = (int64_t)(faults->late_ms * NS_PER_MS);
    relay->rings[0].fd = relay->rings[1].fd = -1;
    *error = 0;
    for (int i = 0; i < 2 && *error == 0; i++) {
        struct link_law law = link_law_make(settings, (enum link_direction)i, faults);
        make_way(relay, (enum link_direction)i, &law, seed);
        *error = ring_open(&relay->rings[i], namespaces->relay_packet_ifindex[i], settings->mtu);
    }
    if (*error == 0) *error = start(relay, loop);
    if (*error == 0) return relay;
    return NULL; /* its program ends now, and the kernel clears up */
}

void relay_begin(struct relay *relay, uint64_t seed) {
    flows_free(&relay->flows);
    for (int i = 0; i < 2; i++) {
        struct link_law law = relay->ways[i].law.law;
        link_way_init(&relay->ways[i].law, &law, (enum link_direction)i, seed);
    }
}

void relay_close(struct relay *relay) {
    if (relay->closed) return;
    relay->closed = true;
    pacer_close(&relay->pacer);
    for (int i = 0; i < 2; i++) uv_close((uv_handle_t *)&relay->ways[i].poll, NULL);
}

void relay_free(struct relay *relay) {
    for (int i = 0; i < 2; i++) {
        frame_queue_clear(&relay->ways[i].queue);
        ring_close(&relay->rings[i]);
    }
    flows_free(&relay->flows);
    histogram_free(relay->lateness);
    free(relay);
}

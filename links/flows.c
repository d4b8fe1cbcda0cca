/* What goes over a link, by connection: see flows.h. */
#include "flows.h"

#include "base/limits.h"
#include "base/memory.h"
#include "base/random.h"
#include "segment.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 1024

struct flow {
    struct ends ends;
    bool used, counted;  /* in the table; among the users of the window */
    bool known[2];       /* whether there is a highest number, by direction */
    uint32_t highest[2]; /* the sequence number behind the last byte that was sent */
    int64_t last_ns;     /* when its last packet came; 0: none yet */
};

/* --- the table -------------------------------------------------------------------------------- */

static size_t slot_of(const struct ends *ends, size_t size) {
    uint64_t addresses = (uint64_t)ends->addresses[0] << 32 | ends->addresses[1];
    uint64_t ports = (uint64_t)ends->ports[0] << 16 | ends->ports[1];
    return (size_t)random_derive(addresses, ports) & (size - 1);
}

/* Where it is, or would be. */
static struct flow *find(struct flow *table, size_t size, const struct ends *ends) {
    size_t slot = slot_of(ends, size);
    while (table[slot].used && memcmp(&table[slot].ends, ends, sizeof(*ends)) != 0)
        slot = (slot + 1) & (size - 1);
    return &table[slot];
}

static void grow(struct flows *flows) {
    size_t size = flows->size == 0 ? FIRST_SIZE : 2 * flows->size;
    struct flow *table = xcalloc(size, sizeof(*table));
    for (size_t i = 0; i < flows->size; i++)
        if (flows->table[i].used) *find(table, size, &flows->table[i].ends) = flows->table[i];
    free(flows->table);
    flows->table = table;
    flows->size = size;
}

/* NULL when there are too many. Connections that have ended keep their place: their radio may be awake
 * still, and ports are used again. */
static struct flow *flow_of(struct flows *flows, const struct ends *ends) {
    if (2 * flows->count >= flows->size) grow(flows);
    struct flow *flow = find(flows->table, flows->size, ends);
    if (flow->used) return flow;
    if (flows->count >= LINK_FLOWS_MAX) return NULL;
    flows->count++;
    *flow = (struct flow){.ends = *ends, .used = true};
    return flow;
}

void flows_free(struct flows *flows) {
    free(flows->table);
    *flows = (struct flows){0};
}

/* --- what was sent again ---------------------------------------------------------------------- */

/* A SYN begins a new connection of the same ports, unless it is the old one's, sent again: then nothing
 * has been sent yet, and the numbers are the same. Sequence numbers go round; RFC 9293, section 3.4. */
static bool is_sent_again(struct flow *flow, const struct segment *segment, int direction) {
    uint32_t end = segment->sequence + segment->data_bytes + segment->syn;
    if (segment->syn) flow->known[direction] = false;
    int32_t beyond = (int32_t)(end - flow->highest[direction]);
    bool again = flow->known[direction] && segment->data_bytes > 0 && beyond <= 0;
    if (!flow->known[direction] || beyond > 0) flow->highest[direction] = end;
    flow->known[direction] = true;
    return again;
}

/* --- the radio -------------------------------------------------------------------------------- */

/* So much of the time from here to there lies in the window. */
static int64_t overlap_ns(const struct window *window, int64_t from_ns, int64_t to_ns) {
    if (from_ns < window->start_ns) from_ns = window->start_ns;
    if (to_ns > window->end_ns) to_ns = window->end_ns;
    return to_ns > from_ns ? to_ns - from_ns : 0;
}

/* It would have stayed awake until `until_ns` anyway. */
static void stay_awake(struct flows *flows, struct flow *flow, int64_t at_ns) {
    int64_t until_ns = flow->last_ns == 0 ? INT64_MIN : flow->last_ns + RADIO_TAIL_NS;
    bool asleep = at_ns > until_ns, counts = window_has(&flows->window, at_ns);
    if (asleep && counts) flows->wakeups++;
    flows->awake_ns += overlap_ns(&flows->window, asleep ? at_ns : until_ns, at_ns + RADIO_TAIL_NS);
    if (at_ns > flow->last_ns) flow->last_ns = at_ns;
    if (!counts || flow->counted) return;
    flow->counted = true;
    flows->users++;
}

/* --- all together ----------------------------------------------------------------------------- */

void flows_measure(struct flows *flows, struct window window) {
    flows->window = window;
    for (size_t i = 0; i < flows->size; i++) {
        const struct flow *flow = &flows->table[i];
        if (!flow->used) continue;
        flows->awake_ns += overlap_ns(&window, flow->last_ns, flow->last_ns + RADIO_TAIL_NS);
    }
}

void flows_end(struct flows *flows, int64_t at_ns) {
    struct window rest = {at_ns, flows->window.end_ns};
    for (size_t i = 0; i < flows->size; i++) {
        const struct flow *flow = &flows->table[i];
        if (!flow->used) continue;
        flows->awake_ns -= overlap_ns(&rest, flow->last_ns, flow->last_ns + RADIO_TAIL_NS);
    }
    if (at_ns < flows->window.end_ns) flows->window.end_ns = at_ns;
}

void flows_see(struct flows *flows, const unsigned char *packet, size_t length, int64_t at_ns,
               enum link_direction direction) {
    struct segment segment;
    memset(&segment, 0, sizeof(segment)); /* its ends are compared byte by byte */
    if (!segment_read(packet, length, direction, &segment)) return;
    bool counts = window_has(&flows->window, at_ns);
    struct flow *flow = flow_of(flows, &segment.ends);
    if (flow == NULL) {
        flows->untold += counts;
        return;
    }
    if (is_sent_again(flow, &segment, (int)direction) && counts) flows->retransmissions++;
    stay_awake(flows, flow, at_ns);
}

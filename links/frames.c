/* The frames of one address: see frames.h. */
#include "frames.h"

#include "base/memory.h"
#include "net/trace.h"

#include <stdlib.h>

void frames_free(struct frames *frames) { free(frames->list); }

void frames_see(struct frames *frames, const unsigned char *packet, size_t length,
                enum link_direction direction, int64_t at_ns, int64_t pass_ns) {
    struct traced_frame frame = {.direction = direction, .at_ns = at_ns, .pass_ns = pass_ns};
    if (!segment_read(packet, length, direction, &frame.segment) ||
        frame.segment.ends.addresses[0] != frames->address.s_addr)
        return;
    if (frames->count == TRACE_MOST) {
        frames->left_out++;
        return;
    }
    frames->list = xgrow(frames->list, frames->count, sizeof(frame));
    frames->list[frames->count++] = frame;
}

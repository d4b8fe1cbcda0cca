/* Who is still there. A peer whose host has vanished says nothing at all. */
#include "pulse.h"

#include "lws_loop.h"
#include "net/wire.h"

/* Waits for a sign of life: an answer, or that it took some of what was before the question, as a ping
 * may be queued behind megabytes. Of a full socket these are the question: that it can be written to is the answer. */
void pulse_feel(struct pulse *pulse, struct lws *wsi, bool quiet, bool full, int64_t now_ns,
                int64_t ping_ns) {
    bool asked = pulse->asked_ns != 0;
    if (asked ? now_ns - pulse->asked_ns < ping_ns : !quiet && !full) return;
    bool takes = wire_takes(lws_get_socket_fd(wsi), &pulse->taken);
    if (asked && !takes) {
        lws_loop_hang_up(wsi);
        return;
    }
    if (full)
        lws_callback_on_writable(wsi);
    else if (!asked)
        lws_loop_ping(wsi);
    pulse->asked_ns = now_ns;
}

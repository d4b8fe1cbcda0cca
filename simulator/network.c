/* TCP between servers and clients: see network.h. */
#include "network.h"

#include "base/clock.h"
#include "model/link_bounds.h"
#include "timer.h"

#include <stddef.h>

#define LOOPBACK_SEGMENT 65483            /* bytes: 64 KiB less its headers */
#define FIRST_WINDOW 10                   /* segments (RFC 6928) */
#define RADIO_TAIL_NS INT64_C(5000000000) /* as links/flows.h has it */
#define QUICK_ACKS 16    /* segments that are acknowledged at once, after a silence */
#define TRIES_MOST 16    /* of one segment: tcp_retries2 */
#define WINDOW_MOST 4096 /* of a socket's buffer */

static const struct link_faults no_faults = {.loss_times = 1, .rate_times = 1};

void network_make(struct network *network, const struct link_settings *settings, uint64_t seed,
                  const struct window *window, int64_t relay_ns, int64_t tick_ns) {
    *network =
        (struct network){.segment_bytes = LOOPBACK_SEGMENT, .window = *window, .tick_ns = tick_ns};
    if (settings == NULL) return;
    network->far = true;
    network->relay_ns = relay_ns;
    network->segment_bytes = (uint64_t)settings->mtu - HEADER_BYTES;
    for (int direction = LINK_DOWN; direction <= LINK_UP; direction++) {
        struct link_law law = link_law_make(settings, (enum link_direction)direction, &no_faults);
        link_way_init(&network->ways[direction], &law, (enum link_direction)direction, seed);
        bool plain = law.jitter_ns == 0 && law.bits_per_second == 0 && law.reorder == 0;
        network->plain[direction] = plain;
        network->sure[direction] = plain && link_loss_share(settings) == 0;
    }
    network->lossy = link_loss_share(settings) > 0;
    network->way_ns = network->ways[LINK_DOWN].law.delay_ns;
    network->round_ns = 2 * (network->way_ns + relay_ns);
}

void network_show(const struct network *network, const struct line *line,
                  const struct sighting *sighting) {
    if (network->watched != NULL && network->watched == line) network->saw(network->data, sighting);
}

static enum link_direction other(enum link_direction direction) {
    return direction == LINK_DOWN ? LINK_UP : LINK_DOWN;
}

/* --- the books -------------------------------------------------------------------------------- */

/* The kernel of a client counts what it sends when it does, and what comes when it arrives. */
static bool count_segment(const struct network *network, struct traffic *traffic,
                          enum link_direction direction, int64_t sent_ns, int64_t arrived_ns,
                          bool with_data) {
    bool counts = window_has(&network->window, direction == LINK_UP ? sent_ns : arrived_ns);
    traffic->segments[direction] += counts;
    traffic->data_segments += counts && with_data;
    return counts;
}

static void count(const struct network *network, struct traffic *traffic,
                  enum link_direction direction, int64_t sent_ns, int64_t arrived_ns,
                  uint64_t bytes) {
    if (count_segment(network, traffic, direction, sent_ns, arrived_ns, bytes > 0))
        traffic->bytes[direction] += bytes;
}

/* So much of the time from here to there lies in the window. */
static int64_t overlap_ns(const struct window *window, int64_t from_ns, int64_t to_ns) {
    if (from_ns < window->start_ns) from_ns = window->start_ns;
    if (to_ns > window->end_ns) to_ns = window->end_ns;
    return to_ns > from_ns ? to_ns - from_ns : 0;
}

/* The radio of whoever's line it is wakes up for a frame, and stays awake for some seconds. */
static void wake_radio(struct network *network, struct line *line, int64_t at_ns) {
    bool asleep = at_ns >= line->awake_until_ns;
    network->radio_wakeups += asleep && window_has(&network->window, at_ns);
    network->radio_awake_ns +=
        overlap_ns(&network->window, asleep ? at_ns : line->awake_until_ns, at_ns + RADIO_TAIL_NS);
    if (at_ns + RADIO_TAIL_NS > line->awake_until_ns) line->awake_until_ns = at_ns + RADIO_TAIL_NS;
}

static void count_frame(struct network *network, struct line *line, enum link_direction direction,
                        int64_t at_ns, uint64_t bytes) {
    if (!network->far) return;
    wake_radio(network, line, at_ns);
    if (!window_has(&network->window, at_ns)) return;
    network->frames[direction]++;
    network->frame_bytes[direction] += bytes + HEADER_BYTES;
}

static uint64_t segments_of(const struct network *network, uint64_t bytes) {
    return (bytes + network->segment_bytes - 1) / network->segment_bytes;
}

/* --- one segment ------------------------------------------------------------------------------ */

/* When it arrives, or -1. */
static int64_t pass(struct network *network, struct line *line, enum link_direction direction,
                    int64_t at_ns, uint64_t bytes) {
    struct link_way *way = &network->ways[direction];
    bool seen = window_has(&network->window, at_ns);
    count_frame(network, line, direction, at_ns, bytes);
    if (network->sure[direction]) return at_ns + network->way_ns + network->relay_ns;
    if (network->plain[direction]) way->last_ns = INT64_MIN; /* hosts work ahead of each other */
    struct link_verdict verdict = link_way_take(way, at_ns, bytes + HEADER_BYTES);
    if (verdict.fate == LINK_PASSES) return verdict.pass_ns + network->relay_ns;
    network->lost += seen && verdict.fate == LINK_LOST;
    network->dropped += seen && verdict.fate == LINK_DROPPED;
    return -1;
}

/* The same for one that goes out later than what others will have sent by then: it may not hold these up, so it
 * finds the narrow line as it was, and takes its time on it from them. */
static int64_t pass_ahead(struct network *network, struct line *line, enum link_direction direction,
                          int64_t at_ns, uint64_t bytes) {
    struct link_way *way = &network->ways[direction];
    int64_t free_ns = way->free_ns, last_ns = way->last_ns;
    way->last_ns = INT64_MIN;
    int64_t arrived_ns = pass(network, line, direction, at_ns, bytes);
    int64_t line_ns = link_line_ns(&way->law, bytes + HEADER_BYTES);
    way->free_ns = free_ns == INT64_MIN ? free_ns : free_ns + (arrived_ns < 0 ? 0 : line_ns);
    way->last_ns = last_ns;
    return arrived_ns;
}

int64_t line_try_again(struct network *network, struct line *line, struct traffic *traffic,
                       enum link_direction direction, int64_t at_ns, uint64_t *bytes) {
    int64_t last_ns = -1;
    uint64_t lost = 0;
    for (uint64_t left = *bytes, part; left > 0; left -= part) {
        part = left < network->segment_bytes ? left : network->segment_bytes;
        int64_t arrived_ns = pass_ahead(network, line, direction, at_ns, part);
        network->again += window_has(&network->window, at_ns);
        if (direction == LINK_UP || arrived_ns >= 0)
            count(network, traffic, direction, at_ns, arrived_ns, part);
        if (arrived_ns < 0) lost += part;
        if (arrived_ns > last_ns) last_ns = arrived_ns;
    }
    *bytes = lost;
    return lost > 0 ? -1 : last_ns;
}

/* --- a message -------------------------------------------------------------------------------- */

/* The timer waits for as long as acknowledgements took so far (RFC 6298), which may have waited themselves. */
static int64_t rto_ns(const struct network *network, const struct line *line,
                      enum link_direction direction) {
    int64_t smoothed_ns = line->smoothed_ns[direction];
    return (smoothed_ns == 0 ? network->round_ns : smoothed_ns) + RTO_LEAST_NS;
}

/* What was said last in this direction is acknowledged then. (Of what was sent again the time counts since then: that is
 * what time stamps are for.) */
static void learn(struct line *line, enum link_direction direction, int64_t said_ns,
                  int64_t acknowledged_ns) {
    int64_t took_ns = acknowledged_ns - said_ns;
    int64_t *smoothed_ns = &line->smoothed_ns[direction];
    *smoothed_ns = *smoothed_ns == 0 ? took_ns : *smoothed_ns + (took_ns - *smoothed_ns) / 8;
}

static int64_t acknowledge_once(struct network *network, struct line *line, struct traffic *traffic,
                                enum link_direction direction, int64_t at_ns) {
    int64_t arrived_ns = at_ns + network->way_ns;
    if (network->lossy)
        arrived_ns = pass_ahead(network, line, direction, at_ns, 0);
    else
        count_frame(network, line, direction, at_ns, 0);
    if (direction == LINK_UP || arrived_ns >= 0)
        count(network, traffic, direction, at_ns, arrived_ns, 0);
    return arrived_ns;
}

int64_t line_repeat(struct network *network, struct line *line, struct traffic *traffic,
                    enum link_direction direction, int64_t at_ns) {
    uint64_t bytes = line->said_bytes[direction];
    int64_t arrived_ns = pass_ahead(network, line, direction, at_ns, bytes);
    network->again += window_has(&network->window, at_ns);
    /* The client's kernel counts what comes twice as a segment, but not what is in it. */
    if (direction == LINK_UP)
        count(network, traffic, direction, at_ns, arrived_ns, bytes);
    else if (arrived_ns >= 0)
        count_segment(network, traffic, direction, at_ns, arrived_ns, true);
    if (arrived_ns >= 0) acknowledge_once(network, line, traffic, other(direction), arrived_ns);
    network_show(network, line,
                 &(struct sighting){direction, at_ns, arrived_ns, bytes, 0, NULL, 0});
    return at_ns + network->round_ns;
}

/* What was said in this direction is acknowledged then. If the timer has fired by then, because an acknowledgement was
 * lost, or what it rode on, it went out again for nothing; and the time stamp that comes back is the first one's, which
 * the timer learns from. */
static void acknowledged(struct network *network, struct line *line, struct traffic *traffic,
                         enum link_direction direction, int64_t at_ns) {
    int64_t since_ns = line->unheard_ns[direction];
    if (since_ns == 0) since_ns = line->used_ns[direction];
    int64_t timer_ns = timer_fires_ns(network->tick_ns, since_ns, rto_ns(network, line, direction));
    line->unheard_ns[direction] = 0;
    if (network->lossy && at_ns > timer_ns + network->round_ns / 2)
        at_ns = line_repeat(network, line, traffic, direction, timer_ns);
    learn(line, direction, since_ns, at_ns);
}

void line_acknowledge(struct network *network, struct line *line, struct traffic *traffic,
                      enum link_direction direction, int64_t at_ns, uint64_t bytes) {
    uint64_t segments = network->far ? segments_of(network, bytes) : 1;
    uint64_t acknowledgements =
        segments <= QUICK_ACKS ? segments : QUICK_ACKS + (segments - QUICK_ACKS) / 2;
    int64_t arrived_ns = -1;
    for (uint64_t i = 0; i < acknowledgements; i++)
        arrived_ns = acknowledge_once(network, line, traffic, direction, at_ns);
    enum link_direction said = other(direction);
    if (arrived_ns >= 0)
        acknowledged(network, line, traffic, said, at_ns + network->round_ns / 2);
    else if (line->unheard_ns[said] == 0)
        line->unheard_ns[said] = line->used_ns[said];
}

/* A window that was idle for long begins anew, by half per timer. */
static uint64_t window_of(const struct network *network, const struct line *line,
                          enum link_direction direction, int64_t at_ns) {
    uint64_t window = line->window[direction] == 0 ? FIRST_WINDOW : line->window[direction];
    int64_t timer_ns = rto_ns(network, line, direction);
    for (int64_t idle_ns = at_ns - line->used_ns[direction];
         idle_ns > timer_ns && window > FIRST_WINDOW; idle_ns -= timer_ns)
        window /= 2;
    return window > FIRST_WINDOW ? window : FIRST_WINDOW;
}

/* Its segments, window by window: the next one opens a round trip later, twice as wide. */
struct rounds {
    int64_t at_ns;      /* when this window opens */
    int64_t first_ns;   /* when the first of this window arrives */
    int64_t arrived_ns; /* the last of all that arrived */
    uint64_t window, in_window;
    int round;
};

static int64_t send_segment(struct network *network, struct line *line, struct traffic *traffic,
                            enum link_direction direction, struct rounds *rounds, uint64_t bytes) {
    if (rounds->in_window == rounds->window) {
        rounds->at_ns = rounds->first_ns + network->way_ns + network->relay_ns;
        rounds->window *= 2;
        rounds->in_window = 0;
        rounds->round++;
    }
    int64_t arrived_ns = rounds->round == 0
                             ? pass(network, line, direction, rounds->at_ns, bytes)
                             : pass_ahead(network, line, direction, rounds->at_ns, bytes);
    if (direction == LINK_UP || arrived_ns >= 0)
        count(network, traffic, direction, rounds->at_ns, arrived_ns, bytes);
    if (rounds->in_window++ == 0)
        rounds->first_ns = arrived_ns >= 0 ? arrived_ns : rounds->at_ns + network->way_ns;
    if (arrived_ns > rounds->arrived_ns) rounds->arrived_ns = arrived_ns;
    return arrived_ns;
}

#define BY_TIMER (-1)

/* What was lost goes out again after so long, or when the timer fires; should it be lost once more, by the timer, which
 * doubles from then on: what goes out first is only a probe (TLP, RFC 8985), or was asked for. (TCP gives up after as
 * many tries, half an hour. Here it arrives then: no trial lasts so long.) */
static int64_t send_again(struct network *network, struct line *line, struct traffic *traffic,
                          enum link_direction direction, int64_t sent_ns, int64_t wait_ns,
                          uint64_t bytes) {
    int64_t timer_ns = rto_ns(network, line, direction), arrived_ns = -1;
    for (int tries = 0; arrived_ns < 0 && tries < TRIES_MOST; tries++) {
        uint64_t tried = bytes;
        bool told = tries == 0 && wait_ns != BY_TIMER;
        sent_ns = told ? sent_ns + wait_ns : timer_fires_ns(network->tick_ns, sent_ns, timer_ns);
        if (tries > 0) timer_ns = rto_doubled_ns(timer_ns);
        arrived_ns = line_try_again(network, line, traffic, direction, sent_ns, &bytes);
        network_show(network, line,
                     &(struct sighting){direction, sent_ns, arrived_ns, tried, 0, NULL, 0});
    }
    return arrived_ns >= 0 ? arrived_ns : sent_ns + timer_ns;
}

/* Each segment that is acknowledged lets one more go, if the window was full. */
static void remember_window(struct line *line, enum link_direction direction,
                            const struct rounds *rounds) {
    bool filled = rounds->round > 0 || rounds->in_window == rounds->window;
    uint64_t window = rounds->window + (filled ? rounds->in_window : 0);
    line->window[direction] = (uint16_t)(window < WINDOW_MOST ? window : WINDOW_MOST);
    line->used_ns[direction] = rounds->at_ns;
}

/* What was lost while others behind it came: these say so (RACK), and it comes a round trip and a quarter later. */
static int64_t try_far(struct network *network, struct line *line, struct traffic *traffic,
                       enum link_direction direction, int64_t at_ns, uint64_t bytes,
                       struct tail *tail) {
    struct rounds rounds = {at_ns, 0, -1, window_of(network, line, direction, at_ns), 0, 0};
    int64_t noticed_ns = network->round_ns * 5 / 4;
    for (uint64_t left = bytes, part; left > 0; left -= part) {
        part = left < network->segment_bytes ? left : network->segment_bytes;
        if (send_segment(network, line, traffic, direction, &rounds, part) < 0) {
            tail->losses++;
            tail->bytes += part;
        } else if (tail->bytes > 0) {
            int64_t again_ns = send_again(network, line, traffic, direction, rounds.at_ns,
                                          noticed_ns, tail->bytes);
            if (again_ns > rounds.arrived_ns) rounds.arrived_ns = again_ns;
            tail->bytes = 0;
        }
    }
    remember_window(line, direction, &rounds);
    line->said_bytes[direction] =
        (uint32_t)(bytes < network->segment_bytes ? bytes : network->segment_bytes);
    return tail->bytes > 0 ? -1 : rounds.arrived_ns;
}

int64_t line_try(struct network *network, struct line *line, struct traffic *traffic,
                 enum link_direction direction, int64_t at_ns, uint64_t bytes, struct tail *tail) {
    *tail = (struct tail){0};
    if (network->far) return try_far(network, line, traffic, direction, at_ns, bytes, tail);
    for (uint64_t left = bytes, part; left > 0; left -= part) {
        part = left < network->segment_bytes ? left : network->segment_bytes;
        count(network, traffic, direction, at_ns, at_ns, part);
    }
    return at_ns;
}

/* What nobody notices the timer does: first one segment, and when that is acknowledged the others. */
static int64_t send_tail(struct network *network, struct line *line, struct traffic *traffic,
                         enum link_direction direction, int64_t sent_ns, uint64_t bytes) {
    uint64_t first = bytes < network->segment_bytes ? bytes : network->segment_bytes;
    int64_t back_ns = network->round_ns / 2;
    int64_t at_ns = send_again(network, line, traffic, direction, sent_ns, BY_TIMER, first);
    return bytes == first
               ? at_ns
               : send_again(network, line, traffic, direction, at_ns, back_ns, bytes - first);
}

static int64_t send(struct network *network, struct line *line, struct traffic *traffic,
                    enum link_direction direction, int64_t at_ns, uint64_t bytes,
                    const char *what) {
    struct tail tail;
    int64_t arrived_ns = line_try(network, line, traffic, direction, at_ns, bytes, &tail);
    network_show(network, line,
                 &(struct sighting){direction, at_ns, arrived_ns, bytes, tail.losses, what, 0});
    if (arrived_ns < 0) {
        arrived_ns =
            send_tail(network, line, traffic, direction, line->used_ns[direction], tail.bytes);
        line->used_ns[direction] = arrived_ns - network->round_ns / 2; /* it spoke last then */
    }
    if (arrived_ns < line->clear_ns[direction]) arrived_ns = line->clear_ns[direction];
    return line->clear_ns[direction] = arrived_ns;
}

/* --- taking turns ----------------------------------------------------------------------------- */

/* Who let the time pass will not wait the next time. */
void line_settle(struct network *network, struct line *line, struct traffic *traffic,
                 int64_t now_ns) {
    if (line->owed_ns == 0 || line->owed_ns > now_ns) return;
    enum link_direction by = (enum link_direction)line->owed_by;
    line_acknowledge(network, line, traffic, by, line->owed_ns, 1);
    line->prompt[line->owed_by] = false;
    line->owed_ns = 0;
}

void line_hear(struct network *network, struct line *line, struct traffic *traffic,
               enum link_direction direction, int64_t at_ns, uint64_t bytes) {
    line_settle(network, line, traffic, at_ns);
    line->heard_ns[direction] = at_ns;
    if (!line->prompt[direction]) {
        line_acknowledge(network, line, traffic, direction, at_ns, bytes);
        return;
    }
    bool owes = line->owed_ns != 0 && line->owed_by == direction;
    uint64_t segments = (network->far ? segments_of(network, bytes) : 1) + owes;
    for (uint64_t i = 0; i < segments / 2; i++)
        acknowledge_once(network, line, traffic, direction, at_ns);
    line->owed_by = (uint8_t)direction;
    line->owed_ns = segments % 2 == 1 ? at_ns + DELAYED_ACK_NS : 0;
}

int64_t line_say(struct network *network, struct line *line, struct traffic *traffic,
                 enum link_direction direction, int64_t at_ns, uint64_t bytes, const char *what) {
    line_settle(network, line, traffic, at_ns);
    bool owes = line->owed_ns != 0 && line->owed_by == direction;
    bool rides = owes || line->unheard_ns[other(direction)] != 0;
    if (owes) line->owed_ns = 0;
    int64_t heard_ns = line->heard_ns[direction];
    if (heard_ns != 0 && at_ns - heard_ns < DELAYED_ACK_NS) line->prompt[direction] = true;
    int64_t arrived_ns = send(network, line, traffic, direction, at_ns, bytes, what);
    if (rides) /* where nothing is lost, the first segment of a long message says so */
        acknowledged(network, line, traffic, other(direction),
                     network->lossy ? arrived_ns : at_ns + network->round_ns / 2);
    line_hear(network, line, traffic, other(direction), arrived_ns, bytes);
    return arrived_ns;
}

/* --- beginning and end ------------------------------------------------------------------------ */

/* SYN, its answer, and what the one who asked says to that. */
int64_t line_open(struct network *network, struct line *line, struct traffic *traffic,
                  enum link_direction direction, int64_t at_ns) {
    *line = (struct line){0};
    traffic->opened += window_has(&network->window, at_ns);
    int64_t way_ns = network->way_ns + network->relay_ns;
    int64_t there_ns = at_ns + way_ns, back_ns = there_ns + way_ns;
    count(network, traffic, direction, at_ns, there_ns, 0);
    count(network, traffic, other(direction), there_ns, back_ns, 0);
    count(network, traffic, direction, back_ns, back_ns + way_ns, 0);
    count_frame(network, line, direction, at_ns, LINK_SYN_BYTES - HEADER_BYTES);
    count_frame(network, line, other(direction), there_ns, LINK_SYN_BYTES - HEADER_BYTES);
    count_frame(network, line, direction, back_ns, 0);
    network_show(network, line, &(struct sighting){direction, at_ns, there_ns, 0, 0, "SYN", 0});
    network_show(network, line,
                 &(struct sighting){other(direction), there_ns, back_ns, 0, 0, "SYN, ACK", 0});
    return back_ns;
}

/* FIN, a FIN that acknowledges it, and the acknowledgement of that. */
void line_close(struct network *network, struct line *line, struct traffic *traffic,
                enum link_direction direction, int64_t at_ns) {
    int64_t way_ns = network->way_ns + network->relay_ns;
    line_settle(network, line, traffic, at_ns);
    line->owed_ns = 0; /* the FIN bears it */
    traffic->closed += window_has(&network->window, at_ns);
    acknowledge_once(network, line, traffic, direction, at_ns);
    acknowledge_once(network, line, traffic, other(direction), at_ns + way_ns);
    acknowledge_once(network, line, traffic, direction, at_ns + 2 * way_ns);
    network_show(network, line,
                 &(struct sighting){direction, at_ns, at_ns + way_ns, 0, 0, "FIN", 0});
    network_show(network, line,
                 &(struct sighting){other(direction), at_ns + way_ns, at_ns + 2 * way_ns, 0, 0,
                                    "FIN, ACK", 0});
}

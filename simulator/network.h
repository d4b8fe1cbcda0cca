/* TCP between servers and clients, as far as an event feels it: segments, rounds of slow start, what is lost and sent
 * again, acknowledgements that ride and those that go alone; and the books of what travelled.
 *
 * Near (loopback) a write is there when it returns. Far, each segment obeys the law of the link (core/model/link.h),
 * the same that the relay of a live run obeys.
 *
 * Left out: the congestion window after a loss (but see stream.h); acknowledgements that wait before a narrow line; the
 * pacing of BBR; Nagle's algorithm, which all programs here switch off. */
#ifndef PUSHPULL_NETWORK_H
#define PUSHPULL_NETWORK_H

#include "host.h"
#include "model/link.h"

#include <stdbool.h>
#include <stdint.h>

#define HEADER_BYTES 52 /* of TCP with its time stamps, and of IP */
#define DELAYED_ACK_NS                                                                             \
    INT64_C(40000000) /* so long an acknowledgement waits for something to ride on */
#define RTO_MOST_NS INT64_C(120000000000) /* it does not wait longer than that */
#define RTO_LEAST_NS INT64_C(200000000)   /* Linux's timer: a round trip and this */
/* Each time that it has fired in vain. */
static inline int64_t rto_doubled_ns(int64_t timer_ns) {
    return timer_ns < RTO_MOST_NS / 2 ? 2 * timer_ns : RTO_MOST_NS;
}

/* One connection. Zeroed is established, and silent so far. */
struct line {
    int64_t clear_ns[2];    /* per direction: nothing arrives before what was sent before it */
    int64_t used_ns[2];     /* when it last spoke: a window that was idle shrinks */
    int64_t heard_ns[2];    /* when the one who speaks in it last heard something; 0: never */
    int64_t awake_until_ns; /* the radio of its user, over a link */
    int64_t
        smoothed_ns[2]; /* how long what is said in it took to be acknowledged; 0: nobody knows */
    int64_t unheard_ns[2];  /* since when its acknowledgements were lost; 0: the last one was not */
    uint32_t said_bytes[2]; /* of its last message, a segment at most */
    int64_t owed_ns; /* when the acknowledgement that one side owes goes alone; 0: none is owed */
    uint16_t window[2]; /* segments that may be under way; 0: as at the beginning */
    bool prompt[2];     /* who speaks in it answered within 40 ms the last time */
    uint8_t owed_by;    /* the direction in which that acknowledgement travels */
};

/* What travelled inside the window, as the clients' kernels count it. */
struct traffic {
    uint64_t bytes[2], segments[2]; /* per direction: payload of TCP; segments with and without */
    uint64_t data_segments;
    uint64_t opened, closed; /* connections */
};

/* What one watched user's line carries: a message, or what was lost of one and goes out again. */
struct sighting {
    enum link_direction direction;
    int64_t sent_ns, arrived_ns; /* the arrival of its last byte; -1: that was lost */
    uint64_t bytes;
    int losses;       /* so many of its segments were lost */
    const char *what; /* "GET", "200", "event"; NULL: it goes out again */
    uint64_t number;  /* of the event that it is; 0: the line does not know */
};

struct network {
    bool far;
    struct link_way ways[2];
    bool plain[2], sure[2];   /* frames keep their order by themselves; and none is lost */
    bool lossy;               /* some are lost by chance, acknowledgements among them */
    int64_t way_ns, round_ns; /* delays alone; and what the relay adds is in neither */
    int64_t relay_ns;         /* what it adds to each way */
    int64_t tick_ns;          /* of the kernel's timers (timer.h) */
    uint64_t segment_bytes;   /* of payload, at most */
    struct window window;
    /* What the link saw in the window, as the relay counts it. */
    uint64_t frames[2], frame_bytes[2], lost, dropped, again;
    uint64_t radio_wakeups;
    int64_t radio_awake_ns;
    const struct line *watched; /* NULL: none */
    void (*saw)(void *data, const struct sighting *);
    void *data;
};

/* Near without settings; else over this link. Ways of the same seed lose the same. */
void network_make(struct network *, const struct link_settings *, uint64_t seed,
                  const struct window *, int64_t relay_ns, int64_t tick_ns);

/* One side says something, and the other answers sooner or later. Who answered within 40 ms the last time waits with
 * the acknowledgement for so long, that it may ride on the answer; who did not sends it at once (Linux's "ping-pong
 * mode"). Returns when the last byte arrives. `what` is for whoever watches. */
int64_t line_say(struct network *, struct line *, struct traffic *, enum link_direction,
                 int64_t at_ns, uint64_t bytes, const char *what);
/* What is still owed goes alone: at the end, when its time has come. */
void line_settle(struct network *, struct line *, struct traffic *, int64_t now_ns);

/* A handshake, asked for in this direction. Returns when the one who asks may speak. */
int64_t line_open(struct network *, struct line *, struct traffic *, enum link_direction,
                  int64_t at_ns);
/* The one who speaks in this direction ends it, and so does the other. */
void line_close(struct network *, struct line *, struct traffic *, enum link_direction,
                int64_t at_ns);

/* --- the parts, for streams that lose segments (stream.h) --------------------------------------- */

/* What was lost at the end of a message, so that nobody notices before something else comes or a timer fires. */
struct tail {
    uint64_t bytes;
    int losses; /* segments of the message that were lost at first */
};

/* One message goes out, whatever becomes of it: returns when its last byte arrives, or -1 when there is a tail. */
int64_t line_try(struct network *, struct line *, struct traffic *, enum link_direction,
                 int64_t at_ns, uint64_t bytes, struct tail *);
/* What was lost goes out again: the same; what of it is lost once more is then in `bytes`. */
int64_t line_try_again(struct network *, struct line *, struct traffic *, enum link_direction,
                       int64_t at_ns, uint64_t *bytes);
/* Its timer fires, and what was said last in this direction goes out again, though it had come: its acknowledgement was
 * lost. Returns when that of the second one comes, be it lost as well. */
int64_t line_repeat(struct network *, struct line *, struct traffic *, enum link_direction,
                    int64_t at_ns);
/* The other side has read so many bytes, and says so at once: of the first segments after a silence each is
 * acknowledged, of more than that every second one. */
void line_acknowledge(struct network *, struct line *, struct traffic *, enum link_direction,
                      int64_t at_ns, uint64_t bytes);
/* Whoever speaks in this direction has heard so much: it acknowledges at once, or when another segment comes, or waits
 * for something to ride on: see line_say. */
void line_hear(struct network *, struct line *, struct traffic *, enum link_direction,
               int64_t at_ns, uint64_t bytes);
void network_show(const struct network *, const struct line *, const struct sighting *);

#endif

/* The law of a link: what becomes of a frame that goes one way between two places. Pure: it is told when
 * a frame came and how long it is, and says whether and when the frame leaves at the other end.
 *
 * In this order: the frame is lost (each for itself, or in bursts), or dropped because it would wait too
 * long before the narrow line, or it goes over that line, bit after bit, and is then on its way for half
 * the round trip; jitter delays it further, yet not past the next one; and a share of the frames is held
 * back so long that later ones overtake them. The relay obeys this law, and so can a simulation. */
#ifndef PUSHPULL_LINK_H
#define PUSHPULL_LINK_H

#include "base/random.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Down is from servers to clients. */
enum link_direction { LINK_DOWN, LINK_UP };

/* What a link is asked to be; each is an option of its name, and the same both ways but for the rates. */
struct link_settings {
    double rtt_ms;    /* both ways together */
    double jitter_ms; /* on top of each way: evenly between 0 and this */
    double loss_percent, reorder_percent;
    double down_mbit, up_mbit; /* 0: as fast as it goes */
    double queue_ms;           /* so long a frame may wait before a narrow line */
    const char *burst_text;    /* "P:R:H:K", or "" */
    int64_t mtu;               /* bytes of an IP packet */
    double burst[4];           /* what burst_text means: link_settings_read */
    bool bursts;
};

/* Faults on purpose, which an instrument must find. Zeroed they are none, but for the factors: 1. */
struct link_faults {
    double late_ms;    /* everything is sent so much later than the law says */
    double loss_times; /* the loss is so many times what was asked for */
    double rate_times; /* and so is the rate */
};

/* Reads burst_text. Returns NULL, or a sentence about settings that cannot be together. */
const char *link_settings_read(struct link_settings *);
/* The share of frames that are lost in the long run, 0 to 1. */
double link_loss_share(const struct link_settings *);

/* One way of a link, in the units of the arithmetic. */
struct link_law {
    int64_t delay_ns, jitter_ns;
    /* Loss by Gilbert and Elliott: a chain of two states that moves once per frame, each with its own
     * share of frames that pass. Independent loss is the chain that stays in the good state. */
    double to_bad, to_good, pass_bad, pass_good;
    double reorder;         /* share of frames that are held back */
    int64_t hold_ns;        /* for so much longer */
    double bits_per_second; /* 0: no limit */
    int64_t queue_ns;
};

/* The law of one way under these settings. Of the faults the first is not its affair: who sends, is late. */
struct link_law link_law_make(const struct link_settings *, enum link_direction,
                              const struct link_faults *);

/* What so many bytes take on the narrow line; 0 where it is not narrow. */
int64_t link_line_ns(const struct link_law *, size_t ip_bytes);

/* The state of one way. */
struct link_way {
    struct link_law law;
    struct random loss, jitter, reorder; /* each purpose has numbers of its own */
    bool bad;                            /* the state of the chain */
    int64_t free_ns;                     /* when the narrow line has nothing more to send */
    int64_t last_ns;                     /* when the last frame that was not held back leaves */
};

enum link_fate { LINK_PASSES, LINK_LOST, LINK_DROPPED };
struct link_verdict {
    enum link_fate fate;
    bool held;       /* back, and may be overtaken */
    int64_t pass_ns; /* when it leaves at the other end */
};

/* Ways of the same seed and direction do the same. */
void link_way_init(struct link_way *, const struct link_law *, enum link_direction, uint64_t seed);
/* A frame comes at this time; its length is that of the IP packet, without what Ethernet adds. */
struct link_verdict link_way_take(struct link_way *, int64_t at_ns, size_t ip_bytes);

#endif

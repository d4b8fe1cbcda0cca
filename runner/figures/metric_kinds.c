/* The table of metrics, in the order in which people see them. */
#include "figures/metric_kinds.h"

#include "model/conversation.h"

#include <stdio.h>
#include <string.h>

#define CLIENTS "client"
#define LINKS "link"

const struct metric_kind metric_kinds[] = {
    /* --- latency: along an event's way -------------------------------------------------------- */
    {
        .name = HISTOGRAM_DELIVERY_LATENCY,
        .unit = "us",
        .group = "latency",
        .title = "delivery latency",
        .samples = PER_EVENT,
        .gated = {[P50] = true, [P90] = true, [P99] = true},
        .what = "arrival − due time, over all deliveries. An event has arrived when its last byte "
                "is in the subscriber's socket, whether the load generator has come to it or not",
        .how = "the kernel's receive stamp (SO_TIMESTAMPNS), which the read brings along; a "
               "histogram in every client process, at most 0.1 % off; merged by adding counts",
        .shown =
            {
                [P50] = {"p50", "latency", "Median latency", "p50",
                         "from the moment an event was due to its arrival: half of all deliveries "
                         "were faster than p50, 99 of 100 faster than p99"},
                [P99] = {"p99", "latency", "The slowest hundredth (p99 latency)", "p99", NULL},
            },
    },
    {
        .name = HISTOGRAM_SERVICE_LATENCY,
        .unit = "us",
        .group = "latency",
        .title = "service latency",
        .samples = PER_EVENT,
        .what = "arrival − publish time: what a tool would report that starts its clock when "
                "it sends",
        .how = "the same, beside it",
    },
    {
        .name = HISTOGRAM_SCHEDULE_LAG,
        .unit = "us",
        .group = "parts",
        .title = "schedule lag",
        .samples = PER_VALUE,
        .what = "publish time − due time: the publisher's own fault",
        .how = "a histogram in every server process",
    },
    {
        .name = HISTOGRAM_ASK_WAIT,
        .unit = "us",
        .group = "parts",
        .title = "wait for a question",
        .samples = PER_EVENT,
        .what = "from publication until the client sent the request that fetched the event (0 when "
                "it was asked for before). Polling and long polling only",
        .how = "the client, which knows when it asked and reads in the event when it was published",
    },
    {
        .name = HISTOGRAM_SERVER_WORK,
        .unit = "us",
        .group = "parts",
        .title = "server work",
        .samples = PER_EVENT,
        .what = "from publication (or from the request that asked for it) until the server begins "
                "to write it to this subscriber: mostly waiting for one's turn among the others",
        .how = "the server, for each delivery",
    },
    {
        .name = "transit_mean_us",
        .unit = "us",
        .group = "parts",
        .title = "mean transit",
        .what = "what is left: the write, the kernel, and whatever lies between",
        .how = "the mean latency − the other parts",
    },

    /* --- the load generator ------------------------------------------------------------------- */
    {
        .name = HISTOGRAM_HANDLED_LATENCY,
        .unit = "us",
        .group = "generator",
        .title = "handled latency",
        .samples = PER_EVENT,
        .what = "the moment at which the load generator has the event − due time: "
                "`delivery_latency` and `client_queue` together",
        .how = "the client's clock, beside the stamp",
    },
    {
        .name = HISTOGRAM_CLIENT_QUEUE,
        .unit = "us",
        .group = "generator",
        .title = "queue of the client",
        .samples = PER_EVENT,
        .what = "from the arrival in the subscriber's socket until the client came to it: the load "
                "generator's own doing",
        .how = "the client's clock − the kernel's stamp",
    },
    {
        .name = HISTOGRAM_REQUEST_LAG,
        .unit = "us",
        .group = "generator",
        .title = "request lag",
        .samples = PER_VALUE,
        .what = "polling: sent − due, of the client's own schedule. What could not be sent at all, "
                "because the poll before it had not even been sent, is in `polls_skipped`",
        .how = "the client",
    },
    {
        .name = HISTOGRAM_ROUND_TRIP,
        .unit = "us",
        .group = "generator",
        .title = "round trip",
        .samples = PER_VALUE,
        .what = "polling: from sending a request to its complete answer",
        .how = "the client",
    },
    {
        .name = HISTOGRAM_LOOP_LAG,
        .unit = "us",
        .group = "generator",
        .title = "lag of the client's loop",
        .samples = PER_VALUE,
        .what = "how late the client's loop comes to something that is due, asked a hundred times "
                "a second",
        .how = "the client",
    },
    {
        .name = "stamps_dropped",
        .unit = "count",
        .group = "generator",
        .sum_over = CLIENTS,
        .title = "dropped stamps",
        .what = "deliveries without a kernel stamp that can be true (the wall clock was set "
                "meanwhile): they count as arrived when they were handled",
        .how = "the client",
    },
    {
        .name = "stamps_shared",
        .unit = "count",
        .group = "generator",
        .sum_over = CLIENTS,
        .title = "shared stamps",
        .what =
            "deliveries by push that were read together with later ones, so that the kernel "
            "kept the stamp of the last: they arrived earlier than they seem, by up to the time "
            "between the two; counted where that is, for the first of them, more than a twentieth "
            "of the latency, and the client came more than 0.5 ms late to them or to what else was "
            "due: else TCP brought them together",
        .how = "the client",
    },
    {
        .name = "held_up",
        .unit = "count",
        .group = "generator",
        .sum_over = CLIENTS,
        .title = "held up deliveries",
        .what = "deliveries that came behind a lost segment, or before their turn, and could not "
                "be read "
                "before that one had come: they count as arrived when they were handled",
        .how = "the client: the kernel's count of segments out of order (TCP_INFO), asked at each "
               "read of a connection to another host",
    },

    /* --- freshness ---------------------------------------------------------------------------- */
    {
        .name = "age_mean_us",
        .unit = "us",
        .group = "freshness",
        .title = "mean age",
        .what = "how old the newest event that a subscriber holds is: averaged over the window and "
                "over all subscribers",
        .how = "the integral of the age, kept by each subscriber's ledger",
        .shown = {{"age", NULL, "Age of what subscribers know", NULL,
                   "how old the newest event that a subscriber holds is, on average over time"}},
    },
    {
        .name = "age_least_us",
        .unit = "us",
        .group = "freshness",
        .title = "unavoidable age",
        .better = NEITHER,
        .what =
            "of the mean age, what no strategy can avoid, for the next event is not there yet: "
            "the mean age if each arrived when it was due (half the gap between events that come "
            "evenly)",
        .how = "the same integral over the server's schedule",
    },
    {
        .name = "age_peak_us",
        .unit = "us",
        .group = "freshness",
        .title = "mean age before a delivery",
        .what = "the age just before a delivery, averaged",
        .how = "the same ledger",
    },

    /* --- bytes -------------------------------------------------------------------------------- */
    {
        .name = "wire_bytes_per_delivery",
        .gated = {true},
        .unit = "bytes",
        .group = "bytes",
        .title = "bytes on the wire per delivery",
        .what = "bytes in both directions / arrivals",
        .how = "`wire_bytes_up` + `wire_bytes_down`",
        .shown = {{"bytes", "per delivery", "Traffic per delivery", "wire",
                   "on the wire in both directions, TCP and IP headers included; a delivery is one "
                   "event to one subscriber"}},
    },
    {
        .name = "payload_bytes_per_delivery",
        .unit = "bytes",
        .group = "bytes",
        .title = "payload per delivery",
        .better = NEITHER,
        .what = "bytes of an event's payload, as they travelled",
        .how = "counted by the client",
    },
    {
        .name = "framing_bytes_per_delivery",
        .unit = "bytes",
        .group = "bytes",
        .title = "framing per delivery",
        .what = "of these, what stands around the payload inside TCP: the event's own JSON, HTTP "
                "requests and headers, chunks, frames; retransmitted bytes too",
        .how = "bytes that TCP carried (TCP_INFO) − the payload that arrived meanwhile",
    },
    {
        .name = "header_bytes_per_delivery",
        .unit = "bytes",
        .group = "bytes",
        .title = "TCP and IP headers of data per delivery",
        .what = "of these, the TCP and IP headers of the segments that carried data",
        .how = "segments with data (TCP_INFO) × 52 bytes (IPv6: 72)",
    },
    {
        .name = "acknowledgement_bytes_per_delivery",
        .unit = "bytes",
        .group = "bytes",
        .title = "acknowledgements per delivery",
        .what = "of these, segments without data: acknowledgements, and the beginnings and ends of "
                "connections",
        .how = "what is left",
    },
    {
        .name = "overhead_bytes_per_delivery",
        .unit = "bytes",
        .group = "bytes",
        .title = "bytes besides the payload per delivery",
        .what = "what the way of delivering adds: framing, headers and acknowledgements together",
        .how = "bytes in both directions − the payload that arrived meanwhile",
    },
    {
        .name = "wire_bytes_up",
        .unit = "bytes",
        .group = "bytes",
        .title = "bytes from clients to servers",
        .what = "bytes from clients to servers, in the window",
        .how = "TCP_INFO of every socket of the clients",
    },
    {
        .name = "wire_bytes_down",
        .unit = "bytes",
        .group = "bytes",
        .title = "bytes from servers to clients",
        .what = "bytes from servers to clients, in the window",
        .how = "the same",
    },
    {
        .name = "wire_bytes_per_subscriber_second",
        .unit = "bytes",
        .group = "bytes",
        .title = "bytes per subscriber and second",
        .what = "bytes in both directions / (subscribers × seconds): the price of being subscribed",
        .how = "the same",
    },
    {
        .name = "segments",
        .gated = {true},
        .unit = "count",
        .group = "bytes",
        .title = "TCP segments",
        .better = LESS,
        .what = "TCP segments, both directions, pure acknowledgements and retransmissions included",
        .how = "TCP_INFO",
    },

    /* --- work --------------------------------------------------------------------------------- */
    {
        .name = "requests_per_delivery",
        .gated = {true},
        .unit = "ratio",
        .group = "work",
        .title = "requests per delivery",
        .what = "requests / arrivals",
        .how = "counted by the client",
        .shown = {{"requests", "per delivery", NULL, NULL, NULL}},
    },
    {
        .name = "requests",
        .unit = "count",
        .group = "work",
        .sum_over = CLIENTS,
        .title = "requests",
        .what = "HTTP requests in the window: polls, long polls, webhook POSTs. 0 where a "
                "connection stays open",
        .how = "counted by the client",
    },
    {
        .name = "empty_responses",
        .unit = "count",
        .group = "work",
        .sum_over = CLIENTS,
        .title = "empty responses",
        .what = "answers that brought no event",
        .how = "counted by the client",
    },

    /* --- cpu ---------------------------------------------------------------------------------- */
    {
        .name = "server_cpu_us_per_delivery",
        .gated = {true},
        .unit = "us",
        .group = "server_cpu",
        .title = "server CPU per delivery",
        .what = "CPU time of the servers, user and system, over the window / arrivals",
        .how = "the process's own clock, read at both ends of the window",
        .shown = {{"CPU", "per delivery", "Server CPU per delivery", NULL,
                   "of the server, user and system"}},
    },
    {
        .name = "server_cpu_utilisation",
        .unit = "cores",
        .group = "server_cpu",
        .title = "server CPU",
        .what = "CPU time of the servers / length of the window; 1 is one core busy all the time",
        .how = "the same",
    },
    {
        .name = "server_cpu_wait",
        .unit = "cores",
        .group = "server_cpu",
        .title = "server's wait for a CPU",
        .what = "time in which the servers were ready to run but got no processor / length of the "
                "window",
        .how = "`/proc/self/schedstat`",
    },
    {
        .name = HISTOGRAM_SERVER_LOOP_LAG,
        .unit = "us",
        .group = "server_cpu",
        .title = "lag of the server's loop",
        .samples = PER_VALUE,
        .what = "how late the server's loop comes to something that is due, asked a hundred times "
                "a second",
        .how = "the server",
    },
    {
        .name = "client_cpu_us_per_delivery",
        .unit = "us",
        .group = "client_cpu",
        .title = "client CPU per delivery",
        .what = "CPU time of the clients, user and system, over the window / arrivals",
        .how = "as of the servers",
    },
    {
        .name = "client_cpu_utilisation",
        .unit = "cores",
        .group = "client_cpu",
        .title = "client CPU",
        .what = "CPU time of the clients / length of the window",
        .how = "the same",
    },
    {
        .name = "client_cpu_wait",
        .unit = "cores",
        .group = "client_cpu",
        .title = "client's wait for a CPU",
        .what = "time in which the clients were ready to run but got no processor / length of the "
                "window",
        .how = "the same",
    },

    /* --- memory ------------------------------------------------------------------------------- */
    {
        .name = "server_memory_bytes_per_connection",
        .gated = {true},
        .unit = "bytes",
        .group = "memory",
        .title = "server memory per connection",
        .what = "resident memory of the servers when the window opens − before the first "
                "connection, / connections",
        .how = "`/proc/self`",
        .shown = {{"memory", "per connection", "Memory per connection (the server's own)", NULL,
                   "of the server process"}},
    },
    {
        .name = "client_memory_bytes_per_connection",
        .unit = "bytes",
        .group = "memory",
        .title = "client memory per connection",
        .what = "resident memory of the clients when the window opens − before the first "
                "connection, / connections",
        .how = "the same",
    },
    {
        .name = "kernel_memory_bytes_per_connection",
        .unit = "bytes",
        .group = "memory",
        .title = "kernel memory per connection",
        .shown = {{"kernel", "per connection", "Memory per connection (the kernel's)", NULL,
                   "memory of the kernel for a connection, both of its ends"}},
        .what = "socket memory in the kernel for both ends",
        .how = "the host's own figures, before and after",
    },

    /* --- connections -------------------------------------------------------------------------- */
    {
        .name = HISTOGRAM_CONNECT,
        .unit = "us",
        .group = "connections",
        .samples = PER_VALUE,
        .title = "time to connect",
        .what = "from the first attempt until a subscriber is subscribed",
        .how = "the client",
    },
    {
        .name = "connect_seconds",
        .unit = "s",
        .group = "connections",
        .title = "time to connect all",
        .what = "from the first attempt of the first until the last one is subscribed",
        .how = "the client; the slowest of several",
    },
    {
        .name = "reconnects",
        .unit = "count",
        .group = "connections",
        .sum_over = CLIENTS,
        .title = "reconnects",
        .what = "subscriptions that had to be made again in the window",
        .how = "counted by the client",
    },
    {
        .name = "errors",
        .unit = "count",
        .group = "connections",
        .sum_over = CLIENTS,
        .title = "errors",
        .what = "what went wrong in the window: refused connections, broken answers",
        .how = "counted by the client",
    },
    {
        .name = "refusals",
        .unit = "count",
        .group = "connections",
        .sum_over = CLIENTS,
        .title = "refusals",
        .what = "of these, answers that said no: a status that is no success",
        .how = "counted by the client",
    },

    /* --- ledger ------------------------------------------------------------------------------- */
    {
        .name = "events",
        .unit = "count",
        .group = "ledger",
        .better = NEITHER,
        .title = "events",
        .what = "events due in the window",
        .how = "counted by the server",
    },
    {
        .name = "subscribers",
        .unit = "count",
        .group = "ledger",
        .better = NEITHER,
        .title = "subscribers",
        .what = "simulated users",
        .how = "the scenario",
    },
    {
        .name = "expected",
        .unit = "count",
        .group = "ledger",
        .better = NEITHER,
        .title = "expected deliveries",
        .what = "events × subscribers",
        .how = "",
    },
    {
        .name = "deliveries",
        .unit = "count",
        .group = "ledger",
        .better = MORE,
        .sum_over = CLIENTS,
        .title = "deliveries",
        .what = "events received, each once per subscriber",
        .how = "every subscriber's own ledger of sequence numbers; nothing is sampled",
    },
    {
        .name = "arrivals",
        .unit = "count",
        .group = "ledger",
        .better = NEITHER,
        .sum_over = CLIENTS,
        .title = "arrivals",
        .what =
            "events that arrived between the two readings of CPU time and of the sockets' figures, "
            "each once per subscriber and whenever it was due: what bytes, requests and CPU time "
            "are divided by. Of a strategy that falls behind fewer arrive than are due",
        .how = "every subscriber's own ledger; the kernel's stamps",
    },
    {
        .name = "lost",
        .gated = {true},
        .unit = "count",
        .group = "ledger",
        .title = "lost deliveries",
        .what = "expected − deliveries",
        .how = "",
        .shown = {{"lost", NULL, NULL, NULL, NULL}},
    },
    {
        .name = "duplicates",
        .gated = {true},
        .unit = "count",
        .group = "ledger",
        .sum_over = CLIENTS,
        .title = "duplicates",
        .what = "received again",
        .how = "the same ledger",
    },
    {
        .name = "reordered",
        .unit = "count",
        .group = "ledger",
        .sum_over = CLIENTS,
        .title = "reordered deliveries",
        .what = "received after a newer one",
        .how = "the same ledger",
    },
    {
        .name = "malformed",
        .unit = "count",
        .group = "ledger",
        .sum_over = CLIENTS,
        .title = "malformed events",
        .what = "texts that came as an event and were none",
        .how = "counted by the client",
    },
    {
        .name = "missed",
        .unit = "count",
        .group = "ledger",
        .sum_over = CLIENTS,
        .title = "missed events",
        .what = "events that the server said the subscriber would not get: they had fallen out of "
                "its feed, or, with webhook, ten attempts had failed",
        .how = "counted by the client",
    },
    {
        .name = "resets",
        .unit = "count",
        .group = "ledger",
        .sum_over = CLIENTS,
        .title = "resets",
        .what = "times that a subscriber was told that the server had begun another life",
        .how = "counted by the client",
    },
    {
        .name = "deliveries_per_second",
        .unit = "1/s",
        .group = "ledger",
        .better = MORE,
        .title = "deliveries per second",
        .what = "deliveries / length of the window",
        .how = "",
    },

    /* --- the link, where servers and clients are apart ---------------------------------------- */
    {
        .name = "link_round_trip_us",
        .unit = "us",
        .group = "link",
        .better = NEITHER,
        .title = "round trip of the link",
        .what = "the time of a TCP handshake: there and back, with empty queues",
        .how = "measured before the servers start, over the link as it then is; what was asked"
               " for stands beside it in the trial's report of the link",
    },
    {
        .name = "link_delay_down_us",
        .unit = "us",
        .group = "link",
        .better = NEITHER,
        .title = "delay from servers to clients",
        .what = "one way, with an empty queue: the median of some datagrams",
        .how = "the kernel's receive stamp − the moment of sending, before the servers start",
    },
    {
        .name = "link_delay_up_us",
        .unit = "us",
        .group = "link",
        .better = NEITHER,
        .title = "delay from clients to servers",
        .what = "the same the other way",
        .how = "the same",
    },
    {
        .name = "link_down_mbit",
        .unit = "mbit",
        .group = "link",
        .better = NEITHER,
        .title = "rate from servers to clients",
        .what = "megabits per second, of IP packets, where the link limits it",
        .how = "a train of full packets before the servers start",
    },
    {
        .name = "link_up_mbit",
        .unit = "mbit",
        .group = "link",
        .better = NEITHER,
        .title = "rate from clients to servers",
        .what = "the same the other way",
        .how = "the same",
    },
    {
        .name = "link_loss_down_percent",
        .unit = "percent",
        .group = "link",
        .better = NEITHER,
        .title = "loss from servers to clients",
        .what = "of a hundred packets, how many did not come",
        .how = "some hundreds or thousands of datagrams before the servers start, counted at "
               "both ends",
    },
    {
        .name = "link_loss_up_percent",
        .unit = "percent",
        .group = "link",
        .better = NEITHER,
        .title = "loss from clients to servers",
        .what = "the same the other way",
        .how = "the same",
    },
    {
        .name = HISTOGRAM_LINK_LATENESS,
        .unit = "us",
        .group = "link",
        .samples = PER_VALUE,
        .title = "lateness of the relay",
        .what = "how much later than the link's law says the relay passed a frame on: its own "
                "fault",
        .how = "the relay, for each frame",
    },
    {
        .name = "link_frames",
        .unit = "count",
        .group = "link",
        .better = NEITHER,
        .sum_over = LINKS,
        .title = "frames on the link",
        .what = "frames that came to the link in the window, from both sides",
        .how = "counted by the relay",
    },
    {
        .name = "link_bytes",
        .unit = "bytes",
        .group = "link",
        .better = NEITHER,
        .sum_over = LINKS,
        .title = "bytes on the link",
        .what = "their bytes, IP headers included: also of what the link then lost",
        .how = "counted by the relay",
    },
    {
        .name = "link_bytes_per_delivery",
        .unit = "bytes",
        .group = "link",
        .title = "bytes on the link per delivery",
        .what = "bytes that were sent in both directions / arrivals. "
                "`wire_bytes_per_delivery` counts at the clients, where what was lost on its "
                "way down never came",
        .how = "`link_bytes` / `arrivals`",
    },
    {
        .name = "link_lost",
        .unit = "count",
        .group = "link",
        .better = NEITHER,
        .sum_over = LINKS,
        .title = "frames that were lost",
        .what = "by the loss that was asked for",
        .how = "counted by the relay",
    },
    {
        .name = "link_dropped",
        .unit = "count",
        .group = "link",
        .sum_over = LINKS,
        .title = "frames that were dropped",
        .what = "because the queue before a narrow line was full",
        .how = "counted by the relay",
    },
    {
        .name = "link_overrun",
        .unit = "count",
        .group = "link",
        .sum_over = LINKS,
        .title = "frames that the relay lost",
        .what = "because the relay itself was too slow",
        .how = "counted by the relay",
    },
    {
        .name = "retransmissions",
        .unit = "count",
        .group = "link",
        .sum_over = LINKS,
        .title = "retransmissions",
        .what = "segments with data that had been sent before, both directions",
        .how = "the relay, which knows the sequence numbers of every connection",
    },
    {
        .name = "radio_wakeups",
        .unit = "count",
        .group = "link",
        .sum_over = LINKS,
        .title = "wake-ups of radios",
        .what = "times that a connection was used after more than five seconds of silence",
        .how = "counted by the relay",
    },
    {
        .name = "radio_wakeups_per_hour",
        .unit = "1/h",
        .group = "link",
        .title = "wake-ups of a radio per hour",
        .what = "what that comes to per subscriber and hour: a telephone's radio falls asleep "
                "after some seconds of silence, and waking it costs energy and time",
        .how = "`radio_wakeups` / (subscribers × hours)",
    },
    {
        .name = "radio_awake",
        .unit = "ratio",
        .group = "link",
        .title = "time that a radio is awake",
        .what = "of the window, the share that lies within five seconds after a packet of the "
                "subscriber's connection",
        .how = "the relay",
    },
    {.name = NULL},
};

/* What a statistic is called in a metric's name and in its title. */
static const struct {
    const char *suffix, *title;
    double quantile;
} statistics[STATISTIC_COUNT] = {
    [MEAN] = {"mean", "mean", 0}, [P50] = {"p50", "median", 0.5},    [P90] = {"p90", "p90", 0.9},
    [P99] = {"p99", "p99", 0.99}, [P999] = {"p999", "p99.9", 0.999}, [MAX] = {"max", "greatest", 0},
};

bool metric_next(struct metric_id *id) {
    if (id->kind == NULL)
        *id = (struct metric_id){metric_kinds, MEAN};
    else if (id->kind->samples != SINGLE && id->statistic + 1 < STATISTIC_COUNT)
        id->statistic++;
    else
        *id = (struct metric_id){id->kind + 1, MEAN};
    return id->kind->name != NULL;
}

const char *metric_name(char out[METRIC_NAME_SIZE], struct metric_id id) {
    if (id.kind->samples == SINGLE)
        snprintf(out, METRIC_NAME_SIZE, "%s", id.kind->name);
    else
        snprintf(out, METRIC_NAME_SIZE, "%s_%s_us", id.kind->name, statistics[id.statistic].suffix);
    return out;
}

const char *metric_title(char out[METRIC_NAME_SIZE], struct metric_id id) {
    if (id.kind->samples == SINGLE)
        snprintf(out, METRIC_NAME_SIZE, "%s", id.kind->title);
    else
        snprintf(out, METRIC_NAME_SIZE, "%s %s", statistics[id.statistic].title, id.kind->title);
    return out;
}

double metric_fraction(struct metric_id id) {
    return id.kind->samples == SINGLE ? 0 : statistics[id.statistic].quantile;
}

const struct metric_shown *metric_shown(struct metric_id id) {
    return &id.kind->shown[id.statistic];
}

/* --- between two builds ----------------------------------------------------------------------- */

/* Latencies below a hundred microseconds differ by some of them between two layouts of the same code. */
static const struct {
    const char *group;
    struct tolerance tolerance;
    bool count;
} groups[] = {
    {"latency", {0.05, 10}, false},   {"parts", {0.05, 10}, false},
    {"generator", {0.05, 10}, false}, {"freshness", {0.05, 10}, false},
    {"bytes", {0.01, 0}, true},       {"work", {0.01, 0}, true},
    {"server_cpu", {0.05, 0}, false}, {"client_cpu", {0.05, 0}, false},
    {"memory", {0.05, 0}, false},     {"connections", {0.05, 0}, false},
    {"ledger", {0, 0}, true},         {"link", {0.05, 10}, false},
};

static int group_of(struct metric_id id) {
    int i = 0;
    while (strcmp(groups[i].group, id.kind->group) != 0) i++;
    return i;
}

struct tolerance metric_tolerance(struct metric_id id) {
    return groups[group_of(id)].tolerance;
}

bool metric_is_mishap(struct metric_id id) {
    bool counts = strcmp(id.kind->unit, "count") == 0 && id.kind->better == LESS;
    return counts &&
           (strcmp(id.kind->group, "ledger") == 0 || strcmp(id.kind->group, "connections") == 0);
}

bool metric_is_count(struct metric_id id) {
    return groups[group_of(id)].count || metric_is_mishap(id);
}

bool metric_find(const char *name, struct metric_id *id) {
    char own[METRIC_NAME_SIZE];
    *id = (struct metric_id){0};
    while (metric_next(id))
        if (strcmp(metric_name(own, *id), name) == 0) return true;
    return false;
}

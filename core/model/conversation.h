/* The words that a program and whoever supervises it have in common, written down once for the side that
 * says them and the side that reads them. What each means: docs/protocol.md. */
#ifndef PUSHPULL_CONVERSATION_H
#define PUSHPULL_CONVERSATION_H

/* --- commands, on stdin ----------------------------------------------------------------------- */

#define COMMAND_PUBLISH "publish"
#define COMMAND_MEASURE "measure"
#define COMMAND_DRAIN "drain"
#define COMMAND_STOP "stop"
/* While the programs run, for somebody who looks on. */
#define COMMAND_EMIT "emit"
#define COMMAND_RATE "rate"
#define COMMAND_PAYLOAD "payload"
#define COMMAND_STALL "stall"
#define COMMAND_CUT "cut"
#define COMMAND_PAUSE "pause"

/* --- options that belong to whoever supervises: no scenario sets them ------------------------- */

#define KEY_SUPERVISED "supervised"
#define KEY_SEED "seed"
#define KEY_ADDRESS "address"
#define KEY_PORT "port"
#define KEY_SERVERS "servers"
#define KEY_SUBSCRIBERS                                                                            \
    "subscribers" /* of one client; a scenario's are dealt out over all of them */
#define KEY_FIRST_SUBSCRIBER "first_subscriber"
#define KEY_SECONDS "seconds"
#define KEY_JSON "json"
#define KEY_TRACE "trace"
#define KEY_TRACE_MS "trace_ms"
#define KEYS_OF_THE_SUPERVISOR                                                                     \
    KEY_SUPERVISED, KEY_SEED, KEY_ADDRESS, KEY_PORT, KEY_SERVERS, KEY_FIRST_SUBSCRIBER,            \
        KEY_SECONDS, KEY_JSON, KEY_TRACE, KEY_TRACE_MS

/* Addresses that a traced user has to itself: on loopback, and over a link. */
#define TRACE_ADDRESS "127.0.0.65"
#define TRACE_ADDRESS_FAR "198.18.1.20"

/* --- types of messages, on stdout ------------------------------------------------------------- */

#define MESSAGE_READY "ready"
#define MESSAGE_CONNECTED "connected"
#define MESSAGE_TICK "tick"
#define MESSAGE_WINDOW "window"
#define MESSAGE_DRAINED "drained"
#define MESSAGE_REPORT "report"
#define MESSAGE_TRACE "trace"
#define MESSAGE_FAILED "failed"

/* --- their fields ----------------------------------------------------------------------------- */

#define FIELD_TYPE "type" /* of each */
#define FIELD_ROLE "role"
#define FIELD_PORT "port"
#define FIELD_PLACES "places" /* of a link: which process stands at which of its ends */
#define FIELD_SERVER_ADDRESS "server_address"
#define FIELD_CALIBRATION "calibration"
#define FIELD_SETTLE_SECONDS "settle_seconds"
#define FIELD_FIRST "first"
#define FIELD_LAST "last"
#define FIELD_T_MS "t_ms"
#define FIELD_SENTENCE "message" /* of `failed` */

/* The report of both. */
#define FIELD_COMMAND "command"
#define FIELD_SECONDS "seconds"
#define FIELD_CPU_NS "cpu_ns"
#define FIELD_CPU_WAIT_NS "cpu_wait_ns"
#define FIELD_STOLEN_NS "stolen_ns"
#define FIELD_SUSPENDED_NS "suspended_ns"
#define FIELD_STOOD_NS "stood_still_ns"
#define FIELD_LONGEST_STANDSTILL_NS "longest_standstill_ns"
#define FIELD_RESIDENT_BYTES_READY "resident_bytes_ready"
#define FIELD_RESIDENT_BYTES_CONNECTED "resident_bytes_connected"
#define FIELD_TROUBLES "troubles"
#define FIELD_COUNTERS "counters"
#define FIELD_SIMULATED "simulated" /* true: a model says it (simulator/report.c) */
#define FIELD_HISTOGRAMS "histograms"
#define FIELD_HISTOGRAM_DATA "data"

/* A server's. */
#define FIELD_EVENTS "events"
#define FIELD_PUBLISHED_FROM_NS                                                                    \
    "published_from_ns" /* the first event of the schedule was due then */
#define FIELD_LEAST_AGE_INTEGRAL "least_age_integral"
#define FIELD_LEAST_AGE_SECONDS "least_age_seconds"
#define FIELD_FAULTS "faults"
#define FIELD_SPINS "spins"

/* A client's. */
#define FIELD_PAYLOAD_BYTES "payload_bytes"
#define FIELD_CARRIED_PAYLOAD_BYTES "carried_payload_bytes"
#define FIELD_AGE_INTEGRAL "age_integral"
#define FIELD_AGE_SECONDS "age_seconds"
#define FIELD_AGE_PEAK_SUM "age_peak_sum"
#define FIELD_AGE_PEAKS "age_peaks"
#define FIELD_CONNECT_SECONDS "connect_seconds"
#define FIELD_CONNECTED_NS "connected_ns" /* since when all are; polls are due from then on */
#define FIELD_START_NS "start_ns"         /* the window */
#define FIELD_END_NS "end_ns"
#define FIELD_SLOTS "slots"
#define FIELD_WIRE "wire"
#define FIELD_WIRE_BYTES_UP "bytes_up"
#define FIELD_WIRE_BYTES_DOWN "bytes_down"
#define FIELD_WIRE_DATA_UP "data_up"
#define FIELD_WIRE_DATA_DOWN "data_down"
#define FIELD_WIRE_DATA_HEADERS "data_headers"
#define FIELD_WIRE_SEGMENTS_UP "segments_up"
#define FIELD_WIRE_SEGMENTS_DOWN "segments_down"

/* A trace: lists of lists, each in this order. A line is named by its ports, first that at the traced address. */
#define TRACE_LINE "%u-%u"
#define FIELD_PIECES "pieces"        /* line, said, at_ns, bytes, held up, what, first, last */
#define FIELD_TRACED_EVENTS "events" /* number, due_ns, at_ns */
#define FIELD_NOTES "notes"          /* what, at_ns */
#define FIELD_FRAMES                                                                               \
    "frames" /* a link's: line, down, sent_ns, arrived_ns, sequence, bytes, SYN, FIN, ACK */
#define FIELD_LEFT_OUT "left_out" /* what there was no room for */
#define FIELD_PROCESS "process"   /* the runner's: which of its role */
#define NOTE_PARKED "parked"
#define NOTE_DUE "due"
#define NOTE_SKIPPED "skipped"

/* A link's calibration: a list of these. */
#define FIELD_NAME "name"
#define FIELD_ASKED "asked"
#define FIELD_GOT "got"
#define FIELD_LEAST "least" /* and most: what passes for what was asked for */
#define FIELD_MOST "most"
#define FIELD_OFF "off"
#define FIELD_IN_WORDS "sentence" /* all of it for people */

/* What a link counts inside the window: each is a field of its report, and a metric of that name. */
#define COUNTS_OF_THE_LINK(COUNT)                                                                  \
    COUNT(link_frames)     /* that came to it, from both sides */                                  \
    COUNT(link_bytes)      /* of these, IP headers included */                                     \
    COUNT(link_lost)       /* of the frames, by the loss that was asked for */                     \
    COUNT(link_dropped)    /* because the queue before a narrow line was full */                   \
    COUNT(link_overrun)    /* because the relay itself was too slow */                             \
    COUNT(retransmissions) /* segments with data that had been sent before */                      \
    COUNT(radio_wakeups)   /* times that a user's line spoke after some seconds of silence */
#define FIELD_RADIO_AWAKE_SECONDS "radio_awake_seconds"
#define FIELD_RADIO_USERS "radio_users"

/* What a client counts inside the window: each is a field of its report, and the sum over all clients a
 * metric of that name. The recorder counts the first ones, whoever talks to servers the others. */
#define COUNTS_OF_THE_RECORDER(COUNT)                                                              \
    COUNT(deliveries)     /* distinct events, due in the window */                                 \
    COUNT(arrivals)       /* distinct events that arrived while the sockets' books were open */    \
    COUNT(duplicates)     /* received again */                                                     \
    COUNT(reordered)      /* came after a newer one */                                             \
    COUNT(malformed)      /* texts that were no event */                                           \
    COUNT(stamps_dropped) /* deliveries without a kernel stamp that can be true */                 \
    COUNT(stamps_shared)  /* deliveries that bear the stamp of a later one */                      \
    COUNT(held_up)        /* deliveries that waited on this host for a lost segment */
#define COUNTS_OF_THE_CLIENT(COUNT)                                                                \
    COUNT(requests)        /* sent (webhook: received) */                                          \
    COUNT(empty_responses) /* answers that brought no event */                                     \
    COUNT(reconnects)                                                                              \
    COUNT(errors)                                                                                  \
    COUNT(refusals) /* the server answered, and the answer was no */                               \
    COUNT(missed)   /* events that the server said are gone */                                     \
    COUNT(resets)   /* times that the server had begun another life */

/* The trouble that is judged apart: told by the server, or counted by it. */
#define TROUBLE_MISSED "missed"

/* --- histograms, in nanoseconds --------------------------------------------------------------- */

#define HISTOGRAM_DELIVERY_LATENCY "delivery_latency"
#define HISTOGRAM_HANDLED_LATENCY "handled_latency"
#define HISTOGRAM_SERVICE_LATENCY "service_latency"
#define HISTOGRAM_ASK_WAIT "ask_wait"
#define HISTOGRAM_CLIENT_QUEUE "client_queue"
#define HISTOGRAM_CONNECT "connect"
#define HISTOGRAM_LOOP_LAG "loop_lag"
#define HISTOGRAM_ROUND_TRIP "round_trip"
#define HISTOGRAM_REQUEST_LAG "request_lag"
#define HISTOGRAM_SCHEDULE_LAG "schedule_lag"
#define HISTOGRAM_SERVER_LOOP_LAG "server_loop_lag"
#define HISTOGRAM_SERVER_WORK "server_work"
#define HISTOGRAM_LINK_LATENESS "link_lateness"

#endif

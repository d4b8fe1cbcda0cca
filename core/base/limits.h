/* The limits that somebody who uses pushpull can meet, each with its reason. (A strategy's own, such as how
 * many hooks a webhook server takes, stand with the strategy.) */
#ifndef PUSHPULL_LIMITS_H
#define PUSHPULL_LIMITS_H

/* --- events, in bytes ------------------------------------------------------------------------- */

/* A payload: a mebibyte. What is larger is not an event but a download. */
#define EVENT_PAYLOAD_MAX 1048576
/* Its text, when JSON must escape every byte as \u00XX, and the numbers around it. */
#define EVENT_TEXT_MAX (6 * EVENT_PAYLOAD_MAX + 128)
/* An event on a stream of others' making, which has more fields than ours. */
#define EVENT_STREAM_MAX ((size_t)16 * 1024 * 1024)
/* An answer of several events is cut after so much: the rest comes with the next request. Several such
 * answers fit into what may wait for all clients (HTTP_UNSENT_MAX). */
#define SERVER_ANSWER_BYTES ((size_t)8 * 1024 * 1024)

/* --- the HTTP server -------------------------------------------------------------------------- */

/* Bytes of a request's target: RFC 9112, section 3, asks for at least 8,000. More is answered with 414. */
#define HTTP_TARGET_MAX 8192
/* Bytes of its whole head, and the number of its fields: common servers take about as much. More is 431. */
#define HTTP_HEAD_MAX 16384
#define HTTP_FIELDS_MAX 100
/* Bytes of its trailers and chunk extensions, which nobody reads. */
#define HTTP_BESIDE_MAX 16384
/* Bytes of its body: what an event's payload may have. More is 413. */
#define HTTP_BODY_MAX 1048576
/* Bytes that are kept of what comes behind a request that is not answered yet: about one read. Then no
 * more is read from this client. */
#define HTTP_PENDING_MAX 65536
/* A request must be complete within this time, or slow senders would hold a descriptor each: else 408. */
#define HTTP_READ_SECONDS 15
/* A client must take what waits for it within this time, or at least so many bytes of it in each such
 * time: slow is no reason to cut it off, as long as it lives. */
#define HTTP_WRITE_SECONDS 30
#define HTTP_WRITE_BYTES 16384
/* Bytes that wait for all clients together, who could fill the memory: a further long answer is 503. */
#define HTTP_UNSENT_MAX 67108864
/* A keep-alive connection without a request is closed after this time. */
#define HTTP_IDLE_SECONDS 75
/* After the last answer the client has this long to hang up. */
#define HTTP_LINGER_SECONDS 2

/* --- clients ---------------------------------------------------------------------------------- */

/* Bytes of an answer that are collected. */
#define HTTP_CLIENT_BODY_MAX (64 * 1024 * 1024)
/* Servers that one client deals its subscribers out over, and addresses of this host that they come from
 * (127.0.0.1, .2, ...; over a link 198.18.1.1, .2, ...), each of which has 28,000 ports to one server. */
#define SERVERS_MAX 64
#define SOURCES_MAX 64
#define LINK_SOURCES_MAX 20
/* The pause before a subscriber comes back: at first, and after many failures. */
#define BACKOFF_FIRST_MS 100
#define BACKOFF_MOST_MS 10000
/* A server may ask for a longer one (Retry-After), up to an hour. */
#define RETRY_AFTER_MOST_SECONDS 3600
/* How long everybody may take to be subscribed: this, and so many a second. */
#define CONNECT_SECONDS 30
#define CONNECTS_PER_SECOND 200

/* --- webhooks' addresses and keys ------------------------------------------------------------- */

/* Bytes of an address: older proxies take no more. */
#define URL_MAX 2048
/* Bytes of a receiver's answer that are read before it is cut off: only its status counts. */
#define URL_ANSWER_MAX 65536
/* A receiver may put the next attempt off by this many seconds: a day. */
#define URL_RETRY_AFTER_MAX 86400
/* Bytes of a key, by the Standard Webhooks specification. */
#define SIGNATURE_KEY_MIN 24
#define SIGNATURE_KEY_MAX 64

/* --- links (links/) --------------------------------------------------------------------------- */

/* Bytes of memory for the frames that are on their way in one direction: a gigabit per second for two
 * seconds. Beyond it the relay loses frames, and says so. */
#define LINK_QUEUE_BYTES ((size_t)256 * 1024 * 1024)
/* Frames that wait for the relay on each side: at 100,000 per second it may be away for 80 ms. */
#define LINK_RING_FRAMES 8192
/* Connections that are told apart: sockets of so many would not fit into the memory of most machines. */
#define LINK_FLOWS_MAX 1048576
/* A link's round trip: a minute, beyond which TCP gives a connection up. Its rate: a gigabit, more than the
 * relay can carry in small frames. */
#define LINK_RTT_MAX_MS 60000
#define LINK_MBIT_MAX 1000

/* --- faults on purpose (core/harness/fault.h) ------------------------------------------------- */

/* A stall, or a cut, of a minute: for a longer one the runner would give the server up. */
#define STALL_MAX_MS 60000
/* A delay of an hour. */
#define DELAY_MAX_MS 3600000

/* --- experiments ------------------------------------------------------------------------------ */

/* Trials of a scenario: at six seconds each, the best part of a day. */
#define TRIALS_MAX 10000
/* Bytes of a command to a program, and of a message from it: a report has some 100,000. */
#define CONTROL_LINE_BYTES 256
#define PROGRAM_LINE_MAX (64 * 1024 * 1024)

#endif

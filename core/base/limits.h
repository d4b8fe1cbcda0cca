/* The limits that somebody who uses pushpull can meet, each with its reason. (A strategy's own, such as how
 * many hooks a webhook server takes, stand with the strategy.) */
#ifndef PUSHPULL_LIMITS_H
#define PUSHPULL_LIMITS_H

/* --- events ----------------------------------------------------------------------------------------- */

/* A payload: a mebibyte. What is larger is not an event but a download. */
#define EVENT_PAYLOAD_MAX 1048576
/* Its text, when JSON must escape every byte as \u00XX, and the numbers around it. */
#define EVENT_TEXT_MAX (6 * EVENT_PAYLOAD_MAX + 128)
/* An event on a stream of others' making, which has more fields than ours. */
#define EVENT_STREAM_MAX ((size_t)16 * 1024 * 1024)
/* An answer of several events is cut after so many bytes: the rest comes with the next request. One such
 * answer fits into what may wait for all clients (HTTP_UNSENT_MAX) several times. */
#define SERVER_ANSWER_BYTES ((size_t)8 * 1024 * 1024)

/* --- the HTTP server -------------------------------------------------------------------------------- */

#define HTTP_TARGET_MAX 8192 /* bytes: RFC 9112, section 3, asks for at least 8,000; more is 414 */
#define HTTP_HEAD_MAX                                                                              \
    16384 /* bytes of all fields together, as other servers have it; more is 431 */
#define HTTP_FIELDS_MAX 100   /* of them */
#define HTTP_BESIDE_MAX 16384 /* bytes of all trailers and chunk extensions: nobody reads them */
#define HTTP_BODY_MAX 1048576 /* bytes: an event's payload; more is answered with 413 */
#define HTTP_PENDING_MAX                                                                           \
    65536 /* pipelined bytes behind an answer: one read; then no more is read */
#define HTTP_READ_SECONDS                                                                          \
    15 /* a request must be complete within this time, else 408: or slow senders
                                  would hold a descriptor each */
#define HTTP_WRITE_SECONDS 30 /* a client must take what waits for it within this time */
#define HTTP_WRITE_BYTES                                                                           \
    16384 /* ... or at least so much of it in each such time: slow, but it lives */
#define HTTP_UNSENT_MAX                                                                            \
    67108864 /* bytes that wait for all clients, so that they cannot fill the memory
                                    together: beyond, a long answer is 503 */
#define HTTP_IDLE_SECONDS                                                                          \
    75 /* a keep-alive connection without a request is closed, as nginx does */
#define HTTP_LINGER_SECONDS 2 /* after the last answer the client has this long to hang up */

/* --- clients ---------------------------------------------------------------------------------------- */

#define HTTP_CLIENT_BODY_MAX (64 * 1024 * 1024) /* bytes of an answer that are collected */
#define SERVERS_MAX 64                          /* that one client deals its subscribers out over */
#define SOURCES_MAX 64 /* addresses of this host that subscribers come from: 127.0.0.1, .2, ... */
/* The pause before a subscriber comes back: at first, and after many failures. */
#define BACKOFF_FIRST_MS 100
#define BACKOFF_MOST_MS 10000
#define RETRY_AFTER_MOST_SECONDS 3600 /* a server may ask for more; an hour is as long as a lab */
#define CONNECT_SECONDS 30            /* until somebody is subscribed at all */
#define CONNECTS_PER_SECOND 200 /* slower than that is a failure, for client and runner alike */

/* --- webhooks' addresses and keys ------------------------------------------------------------------- */

#define URL_MAX 2048              /* bytes: older proxies take no more */
#define URL_ANSWER_MAX 65536      /* bytes of an answer's body that are read before it is cut off */
#define URL_RETRY_AFTER_MAX 86400 /* a day: a receiver may ask for no more */
/* Bytes of a key, by the Standard Webhooks specification. */
#define SIGNATURE_KEY_MIN 24
#define SIGNATURE_KEY_MAX 64

/* --- faults on purpose (core/harness/fault.h) ------------------------------------------------------- */

#define STALL_MAX_MS 60000   /* a minute: the runner would give the server up */
#define DELAY_MAX_MS 3600000 /* an hour */

/* --- experiments ------------------------------------------------------------------------------------ */

#define TRIALS_MAX 10000       /* of a scenario: at six seconds each, the best part of a day */
#define CONTROL_LINE_BYTES 256 /* of a command to a program */
#define PROGRAM_LINE_MAX                                                                           \
    (64 * 1024 * 1024) /* bytes of a program's message: reports have some 100,000 */

#endif

/* POSTs to addresses that strangers chose, by libcurl on a libuv loop. Names, certificates, proxies
 * and the rest of the web are libcurl's business; that is why this is not core/http_client.
 *
 * A fixed number of easy handles is the bound on requests in flight: libcurl's rate falls from
 * 17,000 requests per second with 100 handles to 3,600 with 4,000, so the queue belongs before it. */
#ifndef PUSHPULL_URL_POST_H
#define PUSHPULL_URL_POST_H

#include "net/trace.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct url_poster;

struct url_post_settings {
    int64_t in_flight;              /* most requests outstanding at once */
    bool keep_alive;                /* use connections again; false: a new one each time */
    int64_t attempt_seconds;        /* an answer must be complete within this time */
    const char *congestion_control; /* of its connections: see congestion.h; NULL: the host's */
    struct trace *trace;            /* NULL: nothing is traced */
};

struct url_post_result {
    int status;                  /* of the answer; 0: there was none */
    int64_t retry_after_seconds; /* what the answer asked for, at most a day; 0: nothing */
    const char *error;           /* why there was no answer, in words; "" otherwise */
    bool cut;                    /* the reason is url_poster_away: whether it came nobody knows */
};

/* The request is over. Called from the loop, never from url_post itself. */
typedef void (*url_post_done)(void *data, const struct url_post_result *);

struct url_poster *url_poster_new(uv_loop_t *, const struct url_post_settings *);
/* Drops what is outstanding without calling `done`; frees it when the loop has closed its handles.
 * NULL is allowed. */
void url_poster_close(struct url_poster *);

/* Gone (true): closes all connections, ends what is outstanding (`done` is called for each, with status 0), and
 * is not ready until it is back. */
void url_poster_away(struct url_poster *, bool away);

/* Whether another request can be sent now. */
bool url_poster_ready(const struct url_poster *);

/* Sends a POST. `headers` is a run of "Name: value\r\n" lines; headers and body are copied. No
 * redirect is followed, no proxy used; of the answer's body at most 64 KB is read, and dropped.
 * Returns 0, or UV_EBUSY when in_flight requests are outstanding. */
int url_post(struct url_poster *, const char *url, const char *headers, const void *body,
             size_t length, url_post_done done, void *data);

/* What is wrong with an address that events shall go to, in a sentence; NULL when nothing is: an
 * absolute http or https address of at most URL_MAX printable characters, with a host and without
 * a fragment, which no server ever sees. A user and a password may stand in it. */
const char *url_complaint(const char *url);

/* A copy for people to read, with *** where a user and a password stand. The caller frees it. */
char *url_without_password(const char *url);

#endif

/* The simulated users of a client: see subscriber.h. */
#include "harness/subscriber.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/lines.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/random.h"
#include "model/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SUBSCRIBERS_A_SOURCE 20000 /* below the 28,000 ports an address has to one server */

void subscribers_make(struct subscribers *all, uint32_t count, size_t size, uint32_t first_index,
                      uint32_t concurrency) {
    all->count = count;
    all->size = size;
    all->concurrency = concurrency;
    all->connect_time = histogram_new();
    recorder_init(&all->recorder);
    random_seed(&all->jitter, random_derive((uint64_t)all->program->config.seed, first_index));
    all->structures = xcalloc(count, size);
    list_init(&all->queue);
    list_init(&all->retrying);
    for (uint32_t i = 0; i < count; i++) {
        struct subscriber *s = subscriber_find(all, i);
        s->all = all;
        s->index = first_index + i;
        list_append(&all->queue, &s->link);
    }
}

void subscribers_free(struct subscribers *all) {
    for (uint32_t i = 0; i < all->count; i++) ledger_free(&subscriber_find(all, i)->account.ledger);
    for (int i = 0; i < all->server_count; i++) free(all->servers[i].host);
    free(all->structures);
    recorder_free(&all->recorder);
    histogram_free(all->connect_time);
}

struct subscriber *subscriber_find(const struct subscribers *all, uint32_t position) {
    return (struct subscriber *)(void *)(all->structures + (size_t)position * all->size);
}

static const struct server_address *server_of(const struct subscriber *s) {
    return &s->all->servers[subscriber_server_index(s)];
}

const struct sockaddr *subscriber_server(const struct subscriber *s) {
    return (const struct sockaddr *)&server_of(s)->name;
}

const char *subscriber_host(const struct subscriber *s) { return server_of(s)->host; }

/* Where this host is known to have further addresses of its own: of loopback all are, and a link (links/) gives
 * its client side some in the network that is set apart for benchmarks (RFC 2544). */
static const struct range {
    uint32_t network, mask, first; /* `first` is the one that is used anyhow */
    uint32_t count;
} ranges[] = {
    {0x7f000000, 0xff000000, INADDR_LOOPBACK, SOURCES_MAX}, /* 127.0.0.0/8: 127.0.0.1 */
    {0xc6120000, 0xfffe0000, 0xc6120101, LINK_SOURCES_MAX}, /* 198.18.0.0/15: 198.18.1.1 */
};

static const struct range *range_of(const struct sockaddr_storage *name) {
    const struct sockaddr_in *ip4 = (const struct sockaddr_in *)name;
    if (name->ss_family != AF_INET) return NULL;
    for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
        if ((ntohl(ip4->sin_addr.s_addr) & ranges[i].mask) == ranges[i].network) return &ranges[i];
    return NULL;
}

/* One source address has 28,000 ports to one server: the next subscribers use 127.0.0.2, .3, ... */
const struct sockaddr *subscriber_source(const struct subscriber *s) {
    if (subscriber_is_traced(s)) return (const struct sockaddr *)&s->all->network->trace->address;
    uint32_t group = s->index / (uint32_t)s->all->server_count / SUBSCRIBERS_A_SOURCE;
    const struct range *range = range_of(&server_of(s)->name);
    if (group == 0 || range == NULL || group >= range->count) return NULL;
    struct sockaddr_in *source = &s->all->sources[group];
    source->sin_family = AF_INET;
    source->sin_addr.s_addr = htonl(range->first + group);
    return (const struct sockaddr *)source;
}

/* --- connecting ------------------------------------------------------------------------------- */

/* So many at a time that no listener's backlog overflows. */
void subscribers_connect(struct subscribers *all) {
    while (!all->program->stopping && !list_empty(&all->queue) &&
           all->attempting < all->concurrency) {
        struct subscriber *s = list_entry(all->queue.next, struct subscriber, link);
        list_remove(&s->link);
        s->attempting = true;
        s->attempt_ns = clock_now_ns();
        all->attempting++;
        if (s->ever_up) subscriber_count(s, &all->counters.reconnects);
        int error = all->handler.subscribe(s);
        if (error != 0) subscriber_down(s, error);
    }
}

static void end_attempt(struct subscriber *s) {
    if (s->attempting) s->all->attempting--;
    s->attempting = false;
    s->deadline_ns = 0;
}

void subscriber_up(struct subscriber *s) {
    struct subscribers *all = s->all;
    if (s->up) return;
    end_attempt(s);
    s->up = true;
    s->up_ns = clock_now_ns();
    if (!s->ever_up) {
        s->ever_up = true;
        histogram_record(all->connect_time, s->up_ns - s->attempt_ns);
        if (++all->first_up == all->count) all->handler.all_up(all);
    }
    subscribers_connect(all);
}

/* Twice as long after each failure, between half and all of it: so that subscribers which went
 * down together do not come back together. */
static int64_t backoff_ns(struct subscriber *s) {
    int64_t milliseconds = BACKOFF_FIRST_MS;
    for (int i = 1; i < s->failures && milliseconds < BACKOFF_MOST_MS; i++) milliseconds *= 2;
    if (milliseconds > BACKOFF_MOST_MS) milliseconds = BACKOFF_MOST_MS;
    return (int64_t)((double)milliseconds * (0.5 + 0.5 * random_unit(&s->all->jitter)) * NS_PER_MS);
}

/* A connection that is taken is no success yet: a server that says yes and hangs up would be asked
 * ten times per second for ever. What is one: an event, or to have stayed for as long as the longest
 * pause. */
static void count_failure(struct subscriber *s, int64_t now_ns) {
    if (s->up && now_ns - s->up_ns > BACKOFF_MOST_MS * NS_PER_MS) s->failures = 0;
    if (s->failures < UINT16_MAX) s->failures++;
}

/* What the server asked for is the least; up to half of it again, at random, keeps those apart that
 * were all told the same. */
static void wait_and_retry(struct subscriber *s, int64_t now_ns) {
    int64_t asked_ns = s->pause_ns, refused_ns = s->refused_until_ns - now_ns;
    if (asked_ns < refused_ns) asked_ns = refused_ns;
    double spread_ns = 0.5 * random_unit(&s->all->jitter) * (double)asked_ns;
    s->attempt_ns = now_ns + asked_ns + (int64_t)spread_ns + backoff_ns(s);
    s->refused_until_ns = 0;
    list_append(&s->all->retrying, &s->link);
}

/* What can cost deliveries for another reason than speed: see program_trouble. */
static void trouble(const struct subscriber *s, const char *name, uint64_t *counter,
                    uint64_t times) {
    program_trouble(s->all->program, name, counter, times);
}

static void count_error(const struct subscriber *s, int error) {
    bool refused = error == UV_ECONNREFUSED && s->complaint == NULL;
    trouble(s, "errors", &s->all->counters.errors, 1);
    log_error("subscriber %u at %s: %s%s", s->index, subscriber_host(s),
              s->complaint != NULL ? s->complaint : uv_strerror(error),
              refused ? " (is a server running there? trying again)" : "");
}

void subscriber_down(struct subscriber *s, int error) {
    int64_t now_ns = clock_now_ns();
    end_attempt(s);
    if (!subscriber_stopping(s) && !list_linked(&s->link)) {
        if (s->complaint != NULL || (error != 0 && error != UV_EOF)) count_error(s, error);
        count_failure(s, now_ns);
        if (!s->ended) wait_and_retry(s, now_ns);
    }
    s->complaint = NULL;
    s->up = false;
}

void subscriber_fail(struct subscriber *s, const char *complaint) {
    s->complaint = complaint;
    s->all->handler.unsubscribe(s);
}

/* --- refused ---------------------------------------------------------------------------------- */

/* Seconds until a date in one of the three forms of RFC 9110, 5.6.7; 0 when it is none, or past. (Two
 * digits of a year are what strptime takes them for: right for dates within the hour that counts.) */
static uint64_t seconds_until(const char *text) {
    static const char *const forms[] = {
        "%a, %d %b %Y %H:%M:%S GMT",
        "%A, %d-%b-%y %H:%M:%S GMT",
        "%a %b %e %H:%M:%S %Y",
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        struct tm date = {0};
        const char *end = strptime(text, forms[i], &date);
        if (end == NULL || *end != '\0') continue;
        int64_t left = timegm(&date) - clock_unix_seconds();
        return left > 0 ? (uint64_t)left : 0;
    }
    return 0;
}

/* Seconds from now, as the field says: digits, or a date (RFC 9110, 10.2.3). At most an hour, so that
 * a mistake over there does not put a user to sleep for ever. */
static int64_t retry_after_ns(const char *text) {
    uint64_t seconds = 0;
    if (text == NULL) return 0;
    size_t digits = strspn(text, "0123456789");
    if (digits > 0 && text[digits] == '\0') {
        if (!cursor_number(text, digits, &seconds)) seconds = RETRY_AFTER_MOST_SECONDS;
    } else {
        seconds = seconds_until(text);
    }
    if (seconds > RETRY_AFTER_MOST_SECONDS) seconds = RETRY_AFTER_MOST_SECONDS;
    return (int64_t)seconds * NS_PER_SECOND;
}

/* Nobody is left who could still be served; or not even all could begin. */
static void consider_giving_up(const struct subscriber *s, int status) {
    char reason[200];
    struct subscribers *all = s->all;
    bool began = all->first_up == all->count;
    all->ended++;
    if (began && all->ended < all->count) return;
    snprintf(reason, sizeof(reason),
             "%s answered subscriber %u with status %d, which tells it not to come back",
             subscriber_host(s), s->index, status);
    all->handler.give_up(all, reason);
}

void subscriber_refused(struct subscriber *s, int status, const char *retry_after, bool for_good) {
    int64_t wait_ns = retry_after_ns(retry_after);
    trouble(s, "refusals", &s->all->counters.refusals, 1);
    trouble(s, "errors", &s->all->counters.errors, 1);
    log_error("subscriber %u at %s: the server answered with status %d%s", s->index,
              subscriber_host(s), status, for_good ? ": it will not come back" : "");
    if (wait_ns > 0) s->refused_until_ns = clock_now_ns() + wait_ns;
    if (!for_good || s->ended) return;
    s->ended = true;
    consider_giving_up(s, status);
}

void subscribers_retry(struct subscribers *all, int64_t now_ns) {
    struct list *position, *following;
    list_each (position, following, &all->retrying) {
        struct subscriber *s = list_entry(position, struct subscriber, link);
        if (s->attempt_ns > now_ns) continue;
        list_remove(&s->link);
        list_append(&all->queue, &s->link);
    }
    subscribers_connect(all);
}

void subscriber_expect(struct subscriber *s, int64_t within_ns) {
    s->deadline_ns = within_ns > 0 ? clock_now_ns() + within_ns : 0;
    s->ending = false;
}

void subscriber_expect_end(struct subscriber *s, int64_t within_ns) {
    subscriber_expect(s, within_ns);
    s->ending = true;
}

static void count_silence(const struct subscriber *s) {
    trouble(s, "errors", &s->all->counters.errors, 1);
    log_error("subscriber %u: no sign of life in time", s->index);
}

void subscribers_check_deadlines(struct subscribers *all, int64_t now_ns) {
    for (uint32_t i = 0; i < all->count; i++) {
        struct subscriber *s = subscriber_find(all, i);
        if (s->deadline_ns == 0 || s->deadline_ns > now_ns) continue;
        s->deadline_ns = 0;
        if (!s->ending) count_silence(s);
        s->all->handler.unsubscribe(s);
    }
}

void subscribers_stop(struct subscribers *all) {
    for (uint32_t i = 0; i < all->count; i++) {
        struct subscriber *s = subscriber_find(all, i);
        if (s->up || s->attempting) s->all->handler.unsubscribe(s);
    }
}

/* --- where it is ------------------------------------------------------------------------------ */

/* Another life: its numbers begin anew, and none of its events is a duplicate of an old one. */
static void subscriber_place(struct subscriber *s, struct cursor cursor) {
    if (s->placed && s->cursor.epoch != cursor.epoch) {
        ledger_new_life(&s->account.ledger);
        trouble(s, "resets", &s->all->counters.resets, 1);
        log_error("subscriber %u at %s: the server has begun anew; what it had before is gone",
                  s->index, subscriber_host(s));
    }
    s->cursor = cursor;
    s->placed = true;
}

void subscriber_at(struct subscriber *s, const char *text, size_t length) {
    struct cursor cursor;
    if (length >= 2 && text[0] == '"' && text[length - 1] == '"') text++, length -= 2;
    if (cursor_parse(text, length, &cursor) != 0) return;
    subscriber_place(s, cursor);
}

void subscriber_missed(struct subscriber *s, uint64_t events) {
    trouble(s, "missed", &s->all->counters.missed, events);
    s->cursor.number += events;
}

/* --- receiving -------------------------------------------------------------------------------- */

static bool take_notice(struct subscriber *s, const char *text, size_t length) {
    struct notice notice;
    if (notice_parse(text, length, &notice) != 0) return false;
    if (notice.placed) subscriber_place(s, notice.after);
    if (notice.missed > 0) subscriber_missed(s, notice.missed);
    return true;
}

void subscribers_count_arrived(const struct subscribers *all, uint64_t *counter) {
    int64_t stamp_ns = all->network->held_up ? 0 : all->network->arrived_ns;
    *counter += window_has(&all->recorder.books, stamp_ns != 0 ? stamp_ns : clock_now_ns());
}

bool subscriber_receive(struct subscriber *s, const char *text, size_t length) {
    struct event_view event;
    if (event_parse(text, length, &event) != 0) {
        if (take_notice(s, text, length)) return false;
        trouble(s, "malformed", &s->all->recorder.malformed, 1);
        log_error("subscriber %u: not an event: %.*s", s->index, (int)(length > 60 ? 60 : length),
                  text);
        return false;
    }
    struct subscribers *all = s->all;
    int64_t now_ns = clock_now_ns();
    struct receipt receipt = {
        .handled_ns = now_ns,
        .late_ns = loop_watch_lateness(&all->program->watch, now_ns),
        .arrived_ns = all->network->arrived_ns,
        .held_up = all->network->held_up,
        .asked_ns = s->asked_ns,
        .since_ns = s->attempt_ns,
    };
    bool new = recorder_receive(&all->recorder, &s->account, &event, &receipt);
    if (subscriber_is_traced(s))
        trace_event(all->network->trace, event.seq, event.due_ns,
                    recorder_arrival_ns(&event, &receipt));
    if (new) {
        s->failures = 0;
        s->news = true;
    }
    s->cursor.number++;
    all->handler.delivered(all);
    return new;
}

static void receive_line(void *data, const char *line, size_t length) {
    if (length > 0) subscriber_receive(data, line, length);
}

size_t subscriber_receive_lines(struct subscriber *s, const char *text, size_t length) {
    return lines_in(text, length, receive_line, s);
}

int subscriber_receive_stream(struct subscriber *s, struct buffer *rest, const char *bytes,
                              size_t length) {
    int error = lines_take(rest, EVENT_TEXT_MAX, bytes, length, receive_line, s);
    return error == 0 ? 0 : UV_EMSGSIZE;
}

/* --- answers on HTTP -------------------------------------------------------------------------- */

/* Returns whether the answer said where the subscriber is. */
static bool take_place(struct subscriber *s, const struct http_response *response) {
    const char *etag = http_response_header(response, "etag");
    if (etag != NULL) subscriber_at(s, etag, strlen(etag));
    return etag != NULL;
}

static void take_missed(struct subscriber *s, const struct http_response *response) {
    const char *text = http_response_header(response, "events-missed");
    uint64_t missed;
    if (text != NULL && cursor_number(text, strlen(text), &missed)) subscriber_missed(s, missed);
}

bool subscriber_answered(struct subscriber *s, const struct http_response *response) {
    struct cursor before = s->cursor;
    s->news = false;
    /* After a reset the events are of the new life: it is made known before they come. */
    if (http_response_header(response, "events-reset") != NULL) take_place(s, response);
    take_missed(s, response);
    size_t used = subscriber_receive_lines(s, response->body, response->body_length);
    if (used < response->body_length) /* the answer is whole: so is its last line */
        subscriber_receive(s, response->body + used, response->body_length - used);
    if (response->body_length == 0) subscriber_count(s, &s->all->counters.empty_responses);
    bool placed = take_place(s, response);
    bool moved = s->cursor.epoch != before.epoch || s->cursor.number != before.number;
    return s->news || (placed && moved);
}

/* The simulated users of a client: how they connect, come back after a break, and receive: what is
 * the same for every strategy. How to subscribe is the strategy's own. See client.h. */
#include "client_internal.h"

#include "clock.h"
#include "log.h"
#include "memory.h"
#include "random.h"

#include <stdlib.h>
#include <string.h>

#define BACKOFF_FIRST_MS 100
#define BACKOFF_MOST_MS 10000
#define SUBSCRIBERS_A_SOURCE 20000 /* below the 28,000 ports an address has to one server */
#define SOURCES_MAX 64

static struct client *client;
static struct random jitter;
static uint32_t concurrency; /* how many may connect at the same time */
static struct list queue;    /* subscribers that may connect now, in order */
static struct list retrying; /* subscribers that wait for attempt_ns */
static uint32_t attempting, first_time_up;
static struct histogram *connect_time;

void subscribers_make(struct client *c, uint32_t first_index, uint32_t connect_concurrency) {
    client = c;
    concurrency = connect_concurrency;
    connect_time = histogram_new();
    random_seed(&jitter, random_derive(client->seed, first_index));
    client->subscribers = xcalloc(client->subscriber_count, client->strategy->subscriber_size);
    list_init(&queue);
    list_init(&retrying);
    for (uint32_t i = 0; i < client->subscriber_count; i++) {
        struct subscriber *s = client_subscriber(client, i);
        s->client = client;
        s->index = first_index + i;
        list_append(&queue, &s->link);
    }
}

void subscribers_free(void) {
    for (uint32_t i = 0; i < client->subscriber_count; i++)
        ledger_free(&client_subscriber(client, i)->ledger);
    free(client->subscribers);
    histogram_free(connect_time);
}

const struct histogram *subscribers_connect_time(void) { return connect_time; }

struct subscriber *client_subscriber(struct client *c, uint32_t position) {
    size_t offset = (size_t)position * c->strategy->subscriber_size;
    return (struct subscriber *)(void *)(c->subscribers + offset);
}

static const struct sockaddr_in *server_of(const struct subscriber *s) {
    return &client->servers[s->index % (uint32_t)client->server_count];
}

const struct sockaddr *subscriber_server(const struct subscriber *s) {
    return (const struct sockaddr *)server_of(s);
}

/* One source address has 28,000 ports to one server: the next subscribers use 127.0.0.2, .3, ... */
const struct sockaddr *subscriber_source(const struct subscriber *s) {
    static struct sockaddr_in sources[SOURCES_MAX];
    uint32_t group = s->index / (uint32_t)client->server_count / SUBSCRIBERS_A_SOURCE;
    bool loopback = ntohl(server_of(s)->sin_addr.s_addr) >> 24 == 127;
    if (group == 0 || group >= SOURCES_MAX || !loopback) return NULL;
    sources[group].sin_family = AF_INET;
    sources[group].sin_addr.s_addr = htonl(INADDR_LOOPBACK + group);
    return (const struct sockaddr *)&sources[group];
}

/* --- connecting -------------------------------------------------------------------------------- */

/* So many at a time that no listener's backlog overflows. */
void subscribers_connect(void) {
    while (!client->stopping && !list_empty(&queue) && attempting < concurrency) {
        struct subscriber *s = list_entry(queue.next, struct subscriber, link);
        list_remove(&s->link);
        s->attempting = true;
        s->attempt_ns = clock_now_ns();
        attempting++;
        if (s->ever_up) client_count(client, &client->counters.reconnects);
        int error = client->strategy->subscribe(s);
        if (error != 0) subscriber_down(s, error);
    }
}

static void end_attempt(struct subscriber *s) {
    if (s->attempting) attempting--;
    s->attempting = false;
    s->deadline_ns = 0;
}

void subscriber_up(struct subscriber *s) {
    if (s->up) return;
    end_attempt(s);
    s->up = true;
    s->failures = 0;
    if (!s->ever_up) {
        s->ever_up = true;
        histogram_record(connect_time, clock_now_ns() - s->attempt_ns);
        if (++first_time_up == client->subscriber_count) client_everyone_is_up();
    }
    subscribers_connect();
}

/* Twice as long after each failure, between half and all of it: so that subscribers which went
 * down together do not come back together. */
static int64_t backoff_ns(const struct subscriber *s) {
    int64_t milliseconds = BACKOFF_FIRST_MS;
    for (int i = 1; i < s->failures && milliseconds < BACKOFF_MOST_MS; i++) milliseconds *= 2;
    if (milliseconds > BACKOFF_MOST_MS) milliseconds = BACKOFF_MOST_MS;
    return (int64_t)((double)milliseconds * (0.5 + 0.5 * random_unit(&jitter)) * NS_PER_MS);
}

void subscriber_down(struct subscriber *s, int error) {
    end_attempt(s);
    s->up = false;
    if (client->stopping || list_linked(&s->link)) return;
    if (error != 0 && error != UV_EOF) {
        client_count(client, &client->counters.errors);
        log_error("subscriber %u at %s:%d: %s%s", s->index, client->host,
                  ntohs(server_of(s)->sin_port), uv_strerror(error),
                  error == UV_ECONNREFUSED ? " (is a server running there? trying again)" : "");
    }
    if (s->ended) return;
    if (s->failures < UINT16_MAX) s->failures++;
    int64_t pause_ns = backoff_ns(s);
    s->attempt_ns = clock_now_ns() + (pause_ns > s->pause_ns ? pause_ns : s->pause_ns);
    list_append(&retrying, &s->link);
}

void subscribers_retry(int64_t now_ns) {
    struct list *position, *following;
    list_each (position, following, &retrying) {
        struct subscriber *s = list_entry(position, struct subscriber, link);
        if (s->attempt_ns > now_ns) continue;
        list_remove(&s->link);
        list_append(&queue, &s->link);
    }
    subscribers_connect();
}

void subscriber_expect(struct subscriber *s, int64_t within_ns) {
    s->deadline_ns = within_ns > 0 ? clock_now_ns() + within_ns : 0;
}

void subscribers_check_deadlines(int64_t now_ns) {
    for (uint32_t i = 0; i < client->subscriber_count; i++) {
        struct subscriber *s = client_subscriber(client, i);
        if (s->deadline_ns == 0 || s->deadline_ns > now_ns) continue;
        s->deadline_ns = 0;
        client_count(client, &client->counters.errors);
        log_error("subscriber %u: no sign of life in time", s->index);
        client->strategy->unsubscribe(s);
    }
}

void subscribers_stop(void) {
    for (uint32_t i = 0; i < client->subscriber_count; i++) {
        struct subscriber *s = client_subscriber(client, i);
        if (s->up || s->attempting) client->strategy->unsubscribe(s);
    }
}

/* --- receiving --------------------------------------------------------------------------------- */

void subscriber_receive(struct subscriber *s, const char *text, size_t length) {
    struct event_view event;
    if (event_parse(text, length, &event) != 0) {
        client->recorder.malformed++;
        log_error("subscriber %u: not an event: %.*s", s->index, (int)(length > 60 ? 60 : length),
                  text);
        return;
    }
    int64_t now = clock_now_ns();
    if (recorder_receive(&client->recorder, &s->ledger, &event, now))
        recorder_split(&client->recorder, &event, s->asked_ns, client->network.arrived_ns, now);
    client_delivered();
}

size_t subscriber_receive_lines(struct subscriber *s, const char *text, size_t length) {
    const char *start = text, *end = text + length, *line_break;
    while (start < end && (line_break = memchr(start, '\n', (size_t)(end - start))) != NULL) {
        subscriber_receive(s, start, (size_t)(line_break - start));
        start = line_break + 1;
    }
    return (size_t)(start - text);
}

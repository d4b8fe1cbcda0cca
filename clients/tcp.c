/* Many users of the floor: a bare connection each, one event per line. See servers/tcp.c.
 *
 * Read next: core/harness/client.h (what is the same for all clients), clients/sse.c. */
#include "harness/client.h"

#include "base/clock.h"
#include "base/memory.h"

#define CONNECT_NS (10 * (int64_t)NS_PER_SECOND)

struct tcp_subscriber {
    struct subscriber base; /* first */
    struct connection connection;
    struct buffer rest; /* the beginning of a line whose end has not come yet */
};

static struct tcp_subscriber *own_of(struct subscriber *base) {
    return list_entry(base, struct tcp_subscriber, base);
}

static struct tcp_subscriber *subscriber_of(struct connection *c) {
    return list_entry(c, struct tcp_subscriber, connection);
}

/* The kernel takes connections for a server that does not accept any: its first word is the yes. */
static void on_data(struct connection *c, const char *bytes, size_t length) {
    struct tcp_subscriber *s = subscriber_of(c);
    subscriber_up(&s->base);
    if (subscriber_receive_stream(&s->base, &s->rest, bytes, length) != 0)
        subscriber_fail(&s->base, "it sent a line that is longer than any event");
}

static void on_closed(struct connection *c) {
    struct tcp_subscriber *s = subscriber_of(c);
    buffer_free(&s->rest);
    subscriber_down(&s->base, c->error);
}

static const struct connection_handler handler = {.data = on_data, .closed = on_closed};

static int subscribe(struct subscriber *base) {
    struct tcp_subscriber *s = own_of(base);
    subscriber_expect(base, CONNECT_NS);
    connection_connect(&s->connection, base->all->network, subscriber_server(base),
                       subscriber_source(base), &handler);
    return 0; /* a failure ends in on_closed, as every end does */
}

static void unsubscribe(struct subscriber *base) { connection_close(&own_of(base)->connection); }

const struct client_strategy tcp_client = {
    .name = "tcp",
    .subscriber_size = sizeof(struct tcp_subscriber),
    .subscribe = subscribe,
    .unsubscribe = unsubscribe,
};

int main(int argc, char **argv) { return client_main(argc, argv, &tcp_client); }

/* The streams of a server that pushes: see stream_set.h. */
#include "harness/stream_set.h"

void stream_set_init(struct stream_set *set, struct server *server,
                     const struct stream_handler *handler) {
    set->server = server;
    set->handler = handler;
    list_init(&set->streams);
}

void stream_join(struct stream_set *set, struct stream *stream, uint64_t after) {
    stream->cursor = after;
    list_append(&set->streams, &stream->link);
}

void stream_leave(struct stream *stream) { list_remove(&stream->link); }

/* What is missing is told alone: it may fill the socket. */
void stream_catch_up(struct stream_set *set, struct stream *stream) {
    struct event *event;
    uint64_t missed;
    while (list_linked(&stream->link) && !set->handler->full(stream) &&
           (event = feed_next(&set->server->feed, stream->cursor, &missed)) != NULL) {
        if (missed > 0) {
            stream->cursor += missed;
            server_missed(set->server, missed);
            set->handler->tell_missed(stream, missed);
            continue;
        }
        stream->cursor = event->seq;
        server_sends(set->server, event, event->published_ns);
        if (!set->handler->give(stream, event)) return;
    }
}

void stream_set_publish(struct stream_set *set) {
    struct list *position, *following;
    list_each (position, following, &set->streams)
        stream_catch_up(set, list_entry(position, struct stream, link));
}

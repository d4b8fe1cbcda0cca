/* Two ends of a line, laid together as they speak: see paired.h. */
#include "live/paired.h"

#include "base/clock.h"
#include "base/list.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define LINE_SIZE 24
#define WAITING_MOST 10000 /* pieces: the other end is dead, or says nothing for an hour */
#define QUIET_NS (60 * NS_PER_SECOND)

/* One write or one read, which ends at this byte of its stream. */
struct piece {
    uint64_t end;
    int64_t at_ns;
    uint64_t bytes, first, last;
    char what[12];
};

/* Pieces that wait for the other end. */
struct queue {
    struct piece *pieces;
    size_t count;
    uint64_t total; /* bytes of all that ever came */
};

/* One direction of a connection. */
struct stream {
    struct list link;
    char line[LINE_SIZE];
    bool down;
    int64_t newest_ns;
    struct queue said, heard;
};

struct paired {
    struct list streams;
    void (*tell)(void *data, const struct paired_message *);
    void *data;
};

struct paired *paired_new(void (*tell)(void *data, const struct paired_message *), void *data) {
    struct paired *paired = xcalloc(1, sizeof(*paired));
    list_init(&paired->streams);
    paired->tell = tell;
    paired->data = data;
    return paired;
}

static void free_stream(struct stream *stream) {
    list_remove(&stream->link);
    free(stream->said.pieces);
    free(stream->heard.pieces);
    free(stream);
}

static void forget_before(struct paired *paired, int64_t then_ns) {
    struct list *position, *following;
    list_each (position, following, &paired->streams) {
        struct stream *stream = list_entry(position, struct stream, link);
        if (stream->newest_ns < then_ns) free_stream(stream);
    }
}

void paired_free(struct paired *paired) {
    if (paired == NULL) return;
    forget_before(paired, INT64_MAX);
    free(paired);
}

/* Connections that nothing went over for long are over: a program without keep-alive opens a new one for each request.
 * (One that was quiet for longer and is used again goes on as a new one, in which both ends count from 0.) */
static struct stream *stream_of(struct paired *paired, const char *line, bool down, int64_t at_ns) {
    struct list *position, *following;
    list_each (position, following, &paired->streams) {
        struct stream *stream = list_entry(position, struct stream, link);
        if (stream->down == down && strcmp(stream->line, line) == 0) return stream;
    }
    forget_before(paired, at_ns - QUIET_NS);
    struct stream *stream = xcalloc(1, sizeof(*stream));
    strncpy(stream->line, line, LINE_SIZE - 1);
    stream->down = down;
    list_append(&paired->streams, &stream->link);
    return stream;
}

static void drop_first(struct queue *queue, size_t count) {
    memmove(queue->pieces, queue->pieces + count, (queue->count - count) * sizeof(*queue->pieces));
    queue->count -= count;
}

static void add(struct queue *queue, const struct piece *piece) {
    if (queue->count == WAITING_MOST) drop_first(queue, WAITING_MOST / 2);
    queue->pieces = xgrow(queue->pieces, queue->count, sizeof(*piece));
    queue->total += piece->bytes;
    queue->pieces[queue->count] = *piece;
    queue->pieces[queue->count++].end = queue->total;
}

static void tell(struct paired *paired, const struct stream *stream, const struct piece *said,
                 int64_t came_ns) {
    struct paired_message message = {
        .down = stream->down,
        .sent_ns = said->at_ns,
        .came_ns = came_ns < said->at_ns ? said->at_ns : came_ns,
        .bytes = said->bytes,
        .what = said->what,
        .first = said->first,
        .last = said->last,
    };
    paired->tell(paired->data, &message);
}

/* Tells every write whose last byte was read, and forgets both. */
static void match(struct paired *paired, struct stream *stream) {
    struct queue *said = &stream->said, *heard = &stream->heard;
    size_t told = 0, used = 0;
    while (told < said->count) {
        while (used < heard->count && heard->pieces[used].end < said->pieces[told].end) used++;
        if (used == heard->count) break;
        tell(paired, stream, &said->pieces[told], heard->pieces[used].at_ns);
        told++;
    }
    if (told > 0) drop_first(said, told);
    if (used > 0) drop_first(heard, used);
}

/* "line, said, at_ns, bytes, held up, what, first, last" */
static void take_row(struct paired *paired, const json_t *row, bool of_server) {
    const char *line, *what;
    int said, held_up;
    json_int_t at_ns, bytes, first, last;
    if (json_unpack((json_t *)(uintptr_t)row, "[s, b, I, I, b, s, I, I]", &line, &said, &at_ns,
                    &bytes, &held_up, &what, &first, &last) != 0 ||
        bytes <= 0)
        return;
    struct stream *stream = stream_of(paired, line, (said != 0) == of_server, at_ns);
    struct piece piece = {
        .at_ns = at_ns,
        .bytes = (uint64_t)bytes,
        .first = (uint64_t)first,
        .last = (uint64_t)last,
    };
    strncpy(piece.what, what, sizeof(piece.what) - 1);
    add(said ? &stream->said : &stream->heard, &piece);
    stream->newest_ns = at_ns;
    match(paired, stream);
}

void paired_take(struct paired *paired, const json_t *pieces, bool of_server) {
    size_t i;
    const json_t *row;
    json_array_foreach(pieces, i, row) take_row(paired, row, of_server);
}

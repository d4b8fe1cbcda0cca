/* The two sides of a line, laid together: see joined.h. In order: streams and what belongs to them, frames, messages,
 * events and moments, the whole. */
#include "trial/joined.h"

#include "base/clock.h"
#include "base/memory.h"
#include "figures/role.h"
#include "model/conversation.h"

#include <stdlib.h>
#include <string.h>

#define NO_EVENT "no event" /* a sign of life, say */

/* --- streams ------------------------------------------------------------------------------------ */

/* One write or one read: bytes [begin, end) of a stream. */
struct piece {
    uint64_t begin, end;
    int64_t at_ns;
    bool held_up;
    const char *what;
    uint64_t first, last;
};

/* A segment with data that the relay saw. */
struct frame {
    uint64_t begin, end;
    int64_t at_ns, pass_ns; /* WATCH_NEVER: it was lost */
    bool again;             /* nothing in it is new */
};

/* One direction of a connection. */
struct stream {
    const char *line;
    enum link_direction direction;
    struct piece *said, *heard;
    struct frame *frames;
    size_t said_count, heard_count, frame_count;
    bool began;        /* a SYN was seen */
    const char *ended; /* NULL, or what its FIN is called */
    uint32_t begin;    /* the first sequence number behind the last SYN */
    uint32_t base;     /* of the first byte: another than `begin` where ports were used again */
    uint64_t highest;  /* that the relay has seen */
    int64_t clear_ns;  /* all that was said so far has come */
};

struct join {
    struct watch *watch;
    struct stream *streams;
    size_t stream_count, found; /* the last one that was asked for */
};

static struct stream *stream_of(struct join *join, const char *line,
                                enum link_direction direction) {
    for (size_t i = 0; i < join->stream_count; i++) { /* it is often the next */
        size_t at = (join->found + i) % join->stream_count;
        struct stream *stream = &join->streams[at];
        if (stream->direction != direction || strcmp(stream->line, line) != 0) continue;
        join->found = at;
        return stream;
    }
    join->found = join->stream_count;
    join->streams = xgrow(join->streams, join->stream_count, sizeof(struct stream));
    join->streams[join->stream_count] = (struct stream){.line = line, .direction = direction};
    return &join->streams[join->stream_count++];
}

static int64_t integer(const json_t *row, size_t index) {
    return json_integer_value(json_array_get(row, index));
}

static bool truth(const json_t *row, size_t index) {
    return json_is_true(json_array_get(row, index));
}

static const char *text(const json_t *row, size_t index) {
    const char *value = json_string_value(json_array_get(row, index));
    return value == NULL ? "" : value;
}

/* "line, said, at_ns, bytes, held up, what, first, last". Of events that were not told it says nothing. */
static void take_piece(struct join *join, const json_t *row, bool of_server) {
    bool said = truth(row, 1);
    if (integer(row, 3) <= 0) return;
    struct stream *stream = stream_of(join, text(row, 0), said == of_server ? LINK_DOWN : LINK_UP);
    struct piece **list = said ? &stream->said : &stream->heard;
    size_t *count = said ? &stream->said_count : &stream->heard_count;
    uint64_t begin = *count == 0 ? 0 : (*list)[*count - 1].end;
    *list = xgrow(*list, *count, sizeof(struct piece));
    uint64_t first = (uint64_t)integer(row, 6), last = (uint64_t)integer(row, 7);
    if (last > join->watch->event_count) last = join->watch->event_count;
    (*list)[(*count)++] = (struct piece){
        .begin = begin,
        .end = begin + (uint64_t)integer(row, 3),
        .at_ns = integer(row, 2),
        .held_up = truth(row, 4),
        .what = *text(row, 5) == '\0' ? NO_EVENT : text(row, 5),
        .first = first <= last ? first : 0,
        .last = first <= last ? last : 0,
    };
}

/* --- frames ------------------------------------------------------------------------------------- */

static void add_message(struct watch *watch, struct watched_message message) {
    message.order = watch->message_count;
    watch->messages = xgrow(watch->messages, watch->message_count, sizeof(message));
    watch->messages[watch->message_count++] = message;
}

/* How a connection begins and ends. */
static void add_bare(struct watch *watch, const struct stream *stream, int64_t at_ns,
                     int64_t pass_ns, const char *what) {
    add_message(watch, (struct watched_message){.direction = stream->direction,
                                                .sent_ns = at_ns,
                                                .arrived_ns = pass_ns,
                                                .what = what,
                                                .losses = pass_ns == WATCH_NEVER});
}

/* Sequence numbers go round; the first byte is the one behind the SYN. */
static void add_frame(struct stream *stream, uint32_t sequence, uint64_t bytes, int64_t at_ns,
                      int64_t pass_ns) {
    uint64_t rounds = stream->highest & ~(uint64_t)UINT32_MAX;
    uint64_t begin = rounds + (uint32_t)(sequence - stream->base);
    if (begin > stream->highest + INT32_MAX && begin > UINT32_MAX) begin -= (uint64_t)1 << 32;
    uint64_t end = begin + bytes;
    stream->frames = xgrow(stream->frames, stream->frame_count, sizeof(struct frame));
    stream->frames[stream->frame_count++] =
        (struct frame){begin, end, at_ns, pass_ns, end <= stream->highest};
    if (end > stream->highest) stream->highest = end;
}

/* Where ports are used again the bytes are counted on; a SYN that goes out again begins nothing. */
static void begin_stream(struct stream *stream, uint32_t begin) {
    if (stream->began && stream->begin == begin) return;
    stream->began = true;
    stream->begin = begin;
    stream->base = begin - (uint32_t)stream->highest;
    stream->ended = NULL;
}

/* "line, down, sent_ns, arrived_ns, sequence, bytes, SYN, FIN, ACK" */
static void take_frame(struct join *join, const json_t *row) {
    bool down = truth(row, 1);
    bool answers = stream_of(join, text(row, 0), down ? LINK_UP : LINK_DOWN)->ended != NULL;
    struct stream *stream = stream_of(join, text(row, 0), down ? LINK_DOWN : LINK_UP);
    int64_t at_ns = integer(row, 2), pass_ns = integer(row, 3);
    bool syn = truth(row, 6), fin = truth(row, 7), ack = truth(row, 8);
    uint64_t bytes = (uint64_t)integer(row, 5);
    if (pass_ns < 0) pass_ns = WATCH_NEVER;
    if (syn) {
        begin_stream(stream, (uint32_t)integer(row, 4) + 1);
        add_bare(join->watch, stream, at_ns, pass_ns, ack ? "SYN, ACK" : "SYN");
    } else if (stream->began && bytes > 0) {
        add_frame(stream, (uint32_t)integer(row, 4), bytes, at_ns, pass_ns);
    }
    if (fin && stream->ended == NULL) stream->ended = answers ? "FIN, ACK" : "FIN";
    if (fin && bytes == 0) add_bare(join->watch, stream, at_ns, pass_ns, stream->ended);
}

/* The frames that can have to do with a message: from the first that carried some of it until a while after it came. */
struct frames {
    const struct frame *first, *behind;
};

#define AGAIN_NS NS_PER_SECOND /* so long after it has come it may be sent again for nothing */

static struct frames frames_of(const struct stream *stream, size_t from, const struct piece *read) {
    struct frames frames = {stream->frames + from, stream->frames + stream->frame_count};
    const struct frame *frame = frames.first;
    while (frame < frames.behind && (read == NULL || frame->at_ns < read->at_ns + AGAIN_NS))
        frame++;
    frames.behind = frame;
    return frames;
}

/* When the last byte of it came, whichever frame brought it first. */
static int64_t covered_ns(const struct frames *frames, const struct piece *said) {
    int64_t covered = 0;
    for (uint64_t at = said->begin; at < said->end;) {
        const struct frame *first = NULL;
        for (const struct frame *frame = frames->first; frame < frames->behind; frame++)
            if (frame->begin <= at && at < frame->end && frame->pass_ns != WATCH_NEVER &&
                (first == NULL || frame->pass_ns < first->pass_ns))
                first = frame;
        if (first == NULL) return WATCH_NEVER;
        if (first->pass_ns > covered) covered = first->pass_ns;
        at = first->end;
    }
    return covered;
}

/* Of the segments that carried it first, how many were lost; and whether the last one was. */
static int losses_of(const struct frames *frames, const struct piece *said, bool *tail) {
    int losses = 0;
    *tail = false;
    for (const struct frame *frame = frames->first; frame < frames->behind; frame++) {
        if (frame->again || frame->pass_ns != WATCH_NEVER || frame->end <= said->begin ||
            frame->begin >= said->end)
            continue;
        losses++;
        *tail |= frame->end >= said->end;
    }
    return losses;
}

/* What the other side did not get the first time goes out again, or what it was thought not to have got. */
static void add_again(struct watch *watch, const struct stream *stream, const struct frames *frames,
                      const struct piece *said) {
    for (const struct frame *frame = frames->first; frame < frames->behind; frame++) {
        if (!frame->again || frame->begin < said->begin || frame->begin >= said->end) continue;
        uint64_t first = 0, last = 0;
        for (const struct piece *piece = said;
             piece < stream->said + stream->said_count && piece->begin < frame->end; piece++) {
            if (first == 0) first = piece->first;
            if (piece->last > 0) last = piece->last;
        }
        add_message(watch, (struct watched_message){.direction = stream->direction,
                                                    .sent_ns = frame->at_ns,
                                                    .arrived_ns = frame->pass_ns,
                                                    .bytes = frame->end - frame->begin,
                                                    .first = first,
                                                    .last = last});
    }
}

/* --- messages ----------------------------------------------------------------------------------- */

/* An event's first message; and when it came, if it had to wait then for what was before it. */
static void carries(struct watch *watch, const struct piece *said, int64_t sent_ns,
                    int64_t came_ns) {
    for (uint64_t number = said->first; number > 0 && number <= said->last; number++) {
        struct watched_event *event = &watch->events[number - 1];
        if (sent_ns < event->sent_ns) event->sent_ns = sent_ns;
        if (came_ns < event->arrived_ns) event->arrived_ns = came_ns;
    }
}

/* When its first segment left, where that was seen: TCP may have kept it for a while. */
static int64_t left_ns(const struct frames *frames, const struct piece *said) {
    for (const struct frame *frame = frames->first; frame < frames->behind; frame++)
        if (!frame->again && frame->end > said->begin)
            return frame->begin < said->end && frame->at_ns > said->at_ns ? frame->at_ns
                                                                          : said->at_ns;
    return said->at_ns;
}

/* `read` brought its last byte; NULL: nothing did. What was held up had come before. */
static void join_message(struct watch *watch, struct stream *stream, size_t from,
                         const struct piece *said, const struct piece *read) {
    struct frames frames = frames_of(stream, from, read);
    bool tail_lost, seen = frames.first < frames.behind, in_order = read != NULL && !read->held_up;
    int losses = losses_of(&frames, said, &tail_lost);
    int64_t came_ns = seen && !in_order ? covered_ns(&frames, said)
                      : read == NULL    ? WATCH_NEVER
                                        : read->at_ns;
    int64_t sent_ns = left_ns(&frames, said);
    if (came_ns == WATCH_NEVER && read != NULL) came_ns = read->at_ns; /* not all was seen */
    if (came_ns < sent_ns) came_ns = sent_ns; /* by less than two clocks differ */
    add_message(watch, (struct watched_message){.direction = stream->direction,
                                                .sent_ns = sent_ns,
                                                .arrived_ns = tail_lost ? WATCH_NEVER : came_ns,
                                                .bytes = said->end - said->begin,
                                                .what = said->what,
                                                .losses = losses,
                                                .first = said->first,
                                                .last = said->last});
    bool waits = read == NULL || (read->held_up && came_ns < stream->clear_ns);
    if (came_ns > stream->clear_ns) stream->clear_ns = came_ns;
    if (stream->direction == LINK_DOWN)
        carries(watch, said, sent_ns, waits ? came_ns : WATCH_NEVER);
    add_again(watch, stream, &frames, said);
}

static void join_stream(struct watch *watch, struct stream *stream) {
    size_t next = 0, from = 0;
    for (size_t i = 0; i < stream->said_count; i++) {
        const struct piece *said = &stream->said[i];
        while (next < stream->heard_count && stream->heard[next].end < said->end) next++;
        while (from < stream->frame_count && stream->frames[from].end <= said->begin) from++;
        join_message(watch, stream, from, said,
                     next < stream->heard_count ? &stream->heard[next] : NULL);
    }
}

/* --- events and moments ------------------------------------------------------------------------- */

/* "number, due_ns, at_ns" */
static void take_published(struct watch *watch, const json_t *row) {
    uint64_t number = (uint64_t)integer(row, 0);
    if (number < 1 || number > INT32_MAX) return;
    static const struct watched_event none = {WATCH_NEVER, WATCH_NEVER, WATCH_NEVER, WATCH_NEVER,
                                              WATCH_NEVER};
    while (watch->event_count < number) {
        watch->events = xgrow(watch->events, watch->event_count, sizeof(none));
        watch->events[watch->event_count++] = none;
    }
    watch->events[number - 1].due_ns = integer(row, 1);
    watch->events[number - 1].published_ns = integer(row, 2);
}

static void take_received(struct watch *watch, const json_t *row) {
    uint64_t number = (uint64_t)integer(row, 0);
    if (number == 0 || number > watch->event_count) return;
    struct watched_event *event = &watch->events[number - 1];
    int64_t at_ns = integer(row, 2);
    if (at_ns < event->received_ns) event->received_ns = at_ns;
}

static const struct {
    const char *word;
    enum moment moment;
} moments[] = {
    {NOTE_PARKED, MOMENT_PARKED},
    {NOTE_DUE, MOMENT_DUE},
    {NOTE_SKIPPED, MOMENT_SKIPPED},
};

/* "what, at_ns" */
static void take_note(struct watch *watch, const json_t *row) {
    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
        if (strcmp(moments[i].word, text(row, 0)) != 0) continue;
        watch->moments = xgrow(watch->moments, watch->moment_count, sizeof(*watch->moments));
        watch->moments[watch->moment_count++] =
            (struct watched_moment){moments[i].moment, integer(row, 1)};
    }
}

/* Unless it is known to have waited, it came when it was received. */
static void settle_events(struct watch *watch) {
    for (size_t i = 0; i < watch->event_count; i++)
        if (watch->events[i].arrived_ns > watch->events[i].received_ns)
            watch->events[i].arrived_ns = watch->events[i].received_ns;
}

/* --- the whole ---------------------------------------------------------------------------------- */

static bool is_of(const json_t *trace, enum role role) {
    const char *name = json_string_value(json_object_get(trace, FIELD_ROLE));
    return name != NULL && strcmp(name, role_names[role]) == 0;
}

/* Those of the first process of the role: the first user is there. */
static void take_events(struct join *join, const json_t *traces, enum role role,
                        void (*take)(struct watch *, const json_t *)) {
    size_t i, j;
    const json_t *trace, *row;
    json_array_foreach(traces, i, trace) {
        if (!is_of(trace, role) || json_integer_value(json_object_get(trace, FIELD_PROCESS)) != 0)
            continue;
        json_array_foreach(json_object_get(trace, FIELD_TRACED_EVENTS), j, row)
            take(join->watch, row);
    }
}

static void take_lines(struct join *join, const json_t *trace) {
    size_t i;
    const json_t *row;
    json_array_foreach(json_object_get(trace, FIELD_PIECES), i, row)
        take_piece(join, row, is_of(trace, ROLE_SERVER));
    json_array_foreach(json_object_get(trace, FIELD_FRAMES), i, row) take_frame(join, row);
    json_array_foreach(json_object_get(trace, FIELD_NOTES), i, row) take_note(join->watch, row);
}

void watch_join(struct watch *watch, const json_t *traces) {
    struct join join = {.watch = watch};
    size_t i;
    const json_t *trace;
    take_events(&join, traces, ROLE_SERVER, take_published);
    take_events(&join, traces, ROLE_CLIENT, take_received);
    json_array_foreach(traces, i, trace) take_lines(&join, trace);
    for (size_t s = 0; s < join.stream_count; s++) join_stream(watch, &join.streams[s]);
    settle_events(watch);
    watch_sort(watch);
    for (size_t s = 0; s < join.stream_count; s++) {
        free(join.streams[s].said);
        free(join.streams[s].heard);
        free(join.streams[s].frames);
    }
    free(join.streams);
}

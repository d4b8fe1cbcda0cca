/* text/event-stream, after the WHATWG HTML standard, "Server-sent events", "Parsing an event
 * stream" and "Interpreting an event stream".
 *
 * A stream is lines; a line is "field: value"; an empty line ends an event:
 *
 *     event: price          The parser works where the bytes lie: a line that is complete in one
 *     id: 12                read is never copied, and neither is the data of an event that is one
 *     data: 3.14            line long and complete. Only what a read cuts in two is kept.
 *                           Bytes are passed on as they came: malformed UTF-8 is not replaced.
 */
#include "net/event_stream.h"

#include "base/limits.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

/* --- encode ----------------------------------------------------------------------------------- */

/* Where the line at `at` ends: at its CR or LF, or at `end`. */
static const char *line_end(const char *at, const char *end) {
    const char *lf = memchr(at, '\n', (size_t)(end - at));
    if (lf != NULL) end = lf;
    const char *cr = memchr(at, '\r', (size_t)(end - at));
    return cr != NULL ? cr : end;
}

static void append_field(struct buffer *out, const char *name, const char *value, size_t length) {
    buffer_append(out, name, strlen(name));
    buffer_append(out, ": ", 2);
    buffer_append(out, value, length);
    buffer_append(out, "\n", 1);
}

/* Empty data is one empty "data:" line: without any, receivers drop the event. */
static void append_data(struct buffer *out, const char *data, size_t length) {
    const char *end = data + length;
    for (;;) {
        const char *stop = line_end(data, end);
        append_field(out, "data", data, (size_t)(stop - data));
        if (stop == end) return;
        bool pair = stop[0] == '\r' && stop + 1 < end && stop[1] == '\n';
        data = stop + (pair ? 2 : 1);
    }
}

void event_stream_encode(struct buffer *out, const char *event, const char *id, const char *data,
                         size_t data_length) {
    if (event != NULL) append_field(out, "event", event, strlen(event));
    if (id != NULL) append_field(out, "id", id, strlen(id));
    append_data(out, data, data_length);
    buffer_append(out, "\n", 1);
}

void event_stream_comment(struct buffer *out, const char *text) {
    buffer_printf(out, ": %s\n\n", text);
}

void event_stream_id(struct buffer *out, const char *id) { buffer_printf(out, "id: %s\n\n", id); }

void event_stream_retry(struct buffer *out, uint64_t milliseconds) {
    buffer_printf(out, "retry: %llu\n\n", (unsigned long long)milliseconds);
}

/* --- parser ----------------------------------------------------------------------------------- */

static const char BYTE_ORDER_MARK[3] = "\xEF\xBB\xBF";

struct event_stream_parser {
    struct event_stream_handler handler;
    struct buffer line;    /* the beginning of a line that the last read cut */
    struct buffer type;    /* the event's, "" for "message" */
    struct buffer data;    /* the event's lines so far, each with an LF */
    struct buffer id;      /* of the event under way, if `id_given` */
    struct buffer last_id; /* of the last event that ended */
    const char *only_data; /* the event's first data line, where it lies in the bytes given */
    size_t
        only_data_length; /* ... while it is the only one; only_data is NULL when there is none */
    unsigned mark_length; /* bytes of a byte order mark seen; 3: the stream's start is past */
    bool id_given;
    bool after_cr; /* the last read ended in CR: an LF that follows belongs to it */
    bool too_large;
};

struct event_stream_parser *event_stream_parser_new(const struct event_stream_handler *handler) {
    struct event_stream_parser *parser = xcalloc(1, sizeof(*parser));
    parser->handler = *handler;
    return parser;
}

void event_stream_parser_reset(struct event_stream_parser *parser) {
    buffer_free(&parser->line);
    buffer_free(&parser->type);
    buffer_free(&parser->data);
    parser->only_data = NULL;
    parser->mark_length = 0;
    parser->id_given = parser->after_cr = parser->too_large = false;
}

void event_stream_parser_free(struct event_stream_parser *parser) {
    if (parser == NULL) return;
    event_stream_parser_reset(parser);
    buffer_free(&parser->id);
    buffer_free(&parser->last_id);
    free(parser);
}

const char *event_stream_last_id(const struct event_stream_parser *parser) {
    return parser->last_id.length > 0 ? parser->last_id.data : "";
}

/* --- fields ----------------------------------------------------------------------------------- */

static void set_text(struct buffer *buffer, const char *text, size_t length) {
    buffer_clear(buffer);
    buffer_append(buffer, text, length);
}

/* Moves a first line that was left where it lay into the parser's own memory. */
static void keep_data(struct event_stream_parser *parser) {
    if (parser->only_data == NULL) return;
    buffer_append(&parser->data, parser->only_data, parser->only_data_length);
    buffer_append(&parser->data, "\n", 1);
    parser->only_data = NULL;
}

static void take_data(struct event_stream_parser *parser, const char *value, size_t length,
                      bool lasting) {
    bool first = parser->only_data == NULL && parser->data.length == 0;
    keep_data(parser);
    if (parser->data.length + length > EVENT_STREAM_MAX) {
        parser->too_large = true;
        return;
    }
    parser->only_data = value;
    parser->only_data_length = length;
    if (!first || !lasting) keep_data(parser);
}

static void take_id(struct event_stream_parser *parser, const char *value, size_t length) {
    if (memchr(value, '\0', length) != NULL) return;
    set_text(&parser->id, value, length);
    parser->id_given = true;
}

/* Digits only; more than 64 bits of them mean "as long as can be". */
static void take_retry(struct event_stream_parser *parser, const char *value, size_t length) {
    uint64_t milliseconds = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned digit = (unsigned)(value[i] - '0');
        if (digit > 9) return;
        if (__builtin_mul_overflow(milliseconds, 10, &milliseconds) ||
            __builtin_add_overflow(milliseconds, digit, &milliseconds)) {
            milliseconds = UINT64_MAX; /* each further digit overflows again */
        }
    }
    if (length > 0 && parser->handler.retry != NULL) {
        parser->handler.retry(parser->handler.context, milliseconds);
    }
}

static bool is_named(const char *line, size_t length, const char *name) {
    return strlen(name) == length && memcmp(line, name, length) == 0;
}

/* `lasting`: the line stays where it lies until the whole read is parsed. */
static void take_field(struct event_stream_parser *parser, const char *line, size_t length,
                       bool lasting) {
    const char *colon = memchr(line, ':', length);
    size_t name_length = colon != NULL ? (size_t)(colon - line) : length;
    const char *value = colon != NULL ? colon + 1 : line + length;
    const char *end = line + length;
    if (value < end && *value == ' ') value++;
    size_t value_length = (size_t)(end - value);
    if (is_named(line, name_length, "data")) {
        take_data(parser, value, value_length, lasting);
    } else if (is_named(line, name_length, "id")) {
        take_id(parser, value, value_length);
    } else if (is_named(line, name_length, "event")) {
        set_text(&parser->type, value, value_length);
    } else if (is_named(line, name_length, "retry")) {
        take_retry(parser, value, value_length);
    } /* comments have an empty name; others are for a later standard to use */
}

/* --- events ----------------------------------------------------------------------------------- */

static void hand_over(struct event_stream_parser *parser) {
    bool in_place = parser->only_data != NULL;
    const char *data = in_place ? parser->only_data : parser->data.data;
    size_t length = in_place ? parser->only_data_length : parser->data.length - 1; /* its last LF */
    const char *type = parser->type.length > 0 ? parser->type.data : "message";
    const char *id = event_stream_last_id(parser);
    parser->handler.event(parser->handler.context, type, id, data, length);
}

/* An empty line came. The id is settled even when there is no data and so no event. */
static void dispatch(struct event_stream_parser *parser) {
    if (parser->id_given) {
        struct buffer settled = parser->id;
        parser->id = parser->last_id;
        parser->last_id = settled;
        parser->id_given = false;
    }
    if (parser->only_data != NULL || parser->data.length > 0) hand_over(parser);
    parser->only_data = NULL;
    buffer_clear(&parser->data);
    buffer_clear(&parser->type);
}

static void take_line(struct event_stream_parser *parser, const char *line, size_t length,
                      bool lasting) {
    if (length > EVENT_STREAM_MAX) {
        parser->too_large = true;
    } else if (length == 0) {
        dispatch(parser);
    } else {
        take_field(parser, line, length, lasting);
    }
}

/* --- lines ------------------------------------------------------------------------------------ */

/* A line's end was found at `stop`: the line begins there or in an earlier read. */
static void end_line(struct event_stream_parser *parser, const char *start, const char *stop) {
    size_t length = (size_t)(stop - start);
    if (parser->line.length == 0) {
        take_line(parser, start, length, true);
    } else {
        buffer_append(&parser->line, start, length);
        take_line(parser, parser->line.data, parser->line.length, false);
        buffer_clear(&parser->line);
    }
}

/* Skips a byte order mark at the very start of the stream; returns how many bytes it took. What
 * only began like one is the beginning of the first line. */
static size_t skip_mark(struct event_stream_parser *parser, const char *bytes, size_t length) {
    size_t taken = 0;
    while (parser->mark_length < 3 && taken < length) {
        if (bytes[taken] != BYTE_ORDER_MARK[parser->mark_length]) {
            buffer_append(&parser->line, BYTE_ORDER_MARK, parser->mark_length);
            parser->mark_length = 3;
            break;
        }
        parser->mark_length++;
        taken++;
    }
    return taken;
}

/* Steps over the line's end at `stop`. A CR that is the read's last byte may have its LF to come. */
static const char *skip_line_end(struct event_stream_parser *parser, const char *stop,
                                 const char *end) {
    if (*stop == '\n') return stop + 1;
    parser->after_cr = stop + 1 == end;
    return stop + 1 < end && stop[1] == '\n' ? stop + 2 : stop + 1;
}

/* What the read leaves over is copied: its bytes are the caller's again. */
static void keep_rest(struct event_stream_parser *parser, const char *start, const char *end) {
    if (parser->line.length + (size_t)(end - start) > EVENT_STREAM_MAX) parser->too_large = true;
    if (parser->too_large) return;
    if (start < end) buffer_append(&parser->line, start, (size_t)(end - start));
    keep_data(parser);
}

/* Memory that holds nothing is given back: there may be ten thousand parsers, nearly all idle. */
static void release_idle(struct event_stream_parser *parser) {
    if (parser->line.length == 0) buffer_free(&parser->line);
    if (parser->data.length == 0) buffer_free(&parser->data);
    if (parser->type.length == 0) buffer_free(&parser->type);
}

/* The next LF from `at` on, or `end`; `known` is the last answer. Looking again only when it is
 * passed keeps a stream of bare CRs linear. */
static const char *next_lf(const char *known, const char *at, const char *end) {
    if (known != NULL && known >= at) return known;
    const char *lf = memchr(at, '\n', (size_t)(end - at));
    return lf != NULL ? lf : end;
}

static void parse_lines(struct event_stream_parser *parser, const char *at, const char *end) {
    const char *lf = NULL;
    while (at < end && !parser->too_large) {
        lf = next_lf(lf, at, end);
        const char *cr = memchr(at, '\r', (size_t)(lf - at));
        const char *stop = cr != NULL ? cr : lf;
        if (stop == end) break;
        end_line(parser, at, stop);
        at = skip_line_end(parser, stop, end);
    }
    keep_rest(parser, at, end);
}

int event_stream_parse(struct event_stream_parser *parser, const char *bytes, size_t length) {
    if (parser->too_large) return UV_E2BIG;
    const char *end = bytes + length;
    bytes += skip_mark(parser, bytes, length);
    if (parser->after_cr && bytes < end) {
        if (*bytes == '\n') bytes++;
        parser->after_cr = false;
    }
    parse_lines(parser, bytes, end);
    if (!parser->too_large) {
        release_idle(parser);
        return 0;
    }
    event_stream_parser_reset(parser);
    parser->too_large = true;
    return UV_E2BIG;
}

/* core/net/event_stream */
#include "net/event_stream.h"

#include "base/random.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define LARGEST ((size_t)16 * 1024 * 1024)

/* --- what a stream tells, written down: "type|id|data;" for an event, "retry N;" -------------- */

static void note_event(void *context, const char *type, const char *id, const char *data,
                       size_t length) {
    struct buffer *notes = context;
    buffer_printf(notes, "%s|%s|", type, id);
    buffer_append(notes, data, length);
    buffer_append(notes, ";", 1);
}

static void note_retry(void *context, uint64_t milliseconds) {
    buffer_printf(context, "retry %llu;", (unsigned long long)milliseconds);
}

static struct event_stream_parser *noting_parser(struct buffer *notes) {
    struct event_stream_handler handler = {note_event, note_retry, notes};
    buffer_append(notes, "", 0);
    return event_stream_parser_new(&handler);
}

/* Gives the parser an exact copy that is gone afterwards: a sanitizer sees what it should not
 * have read or kept. */
static int parse_copy(struct event_stream_parser *parser, const char *bytes, size_t length) {
    char *copy = malloc(length > 0 ? length : 1);
    memcpy(copy, bytes, length);
    int error = event_stream_parse(parser, copy, length);
    free(copy);
    return error;
}

/* What a stream tells when it comes in reads that end at these places. */
static struct buffer tell(const char *stream, size_t length, const size_t *cuts, size_t count) {
    struct buffer notes = {0};
    struct event_stream_parser *parser = noting_parser(&notes);
    size_t from = 0;
    for (size_t i = 0; i <= count; i++) {
        size_t to = i < count ? cuts[i] : length;
        assert_int_equal(parse_copy(parser, stream + from, to - from), 0);
        from = to;
    }
    event_stream_parser_free(parser);
    return notes;
}

static void assert_tells(const char *stream, size_t length, const size_t *cuts, size_t count,
                         const char *expected) {
    struct buffer notes = tell(stream, length, cuts, count);
    if (strcmp(notes.data, expected) != 0) {
        fail_msg("%s\ntells %s\nnot   %s\n(cut at %zu)", stream, notes.data, expected,
                 count > 0 ? cuts[0] : 0);
    }
    buffer_free(&notes);
}

/* Whole, byte by byte, in two reads and in three, cut anywhere. */
static void assert_tells_however_cut(const char *stream, size_t length, const char *expected) {
    assert_tells(stream, length, NULL, 0, expected);
    size_t *cuts = calloc(length + 2, sizeof(*cuts));
    for (size_t i = 0; i < length; i++) cuts[i] = i;
    assert_tells(stream, length, cuts, length, expected);
    for (cuts[0] = 0; cuts[0] <= length; cuts[0]++) {
        assert_tells(stream, length, cuts, 1, expected);
        for (cuts[1] = cuts[0]; cuts[1] <= length; cuts[1]++) {
            assert_tells(stream, length, cuts, 2, expected);
        }
    }
    free(cuts);
}

/* --- the standard's rules, one by one --------------------------------------------------------- */

struct example {
    const char *stream;
    size_t length;
    const char *told;
};
#define EXAMPLE(stream, told)                                                                      \
    { stream, sizeof(stream) - 1, told }

static const struct example examples[] = {
    EXAMPLE("", ""),
    EXAMPLE("data: hello\n\n", "message||hello;"),
    /* from the standard */
    EXAMPLE("data: YHOO\ndata: +2\ndata: 10\n\n", "message||YHOO\n+2\n10;"),
    EXAMPLE(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third "
            "event\n\n",
            "message|1|first event;message||second event;message|| third event;"),
    EXAMPLE("data\n\ndata\ndata\n\ndata:", "message||;message||\n;"),
    EXAMPLE("data:test\n\ndata: test\n\n", "message||test;message||test;"),
    EXAMPLE("event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\n",
            "add||73857293;remove||2153;"),
    /* line ends */
    EXAMPLE("data: a\r\rdata: b\r\n\r\ndata: c\n\n", "message||a;message||b;message||c;"),
    EXAMPLE("data: a\r\ndata: b\rdata: c\n\r\ndata: d\n\r", "message||a\nb\nc;message||d;"),
    EXAMPLE("\r\r\n\n\rdata: a\n\n\n\n", "message||a;"),
    EXAMPLE("data: a\r\n\n", "message||a;"),
    EXAMPLE("data: a\xc2\x85\xe2\x80\xa8z\x0b\x0c\n\n", "message||a\xc2\x85\xe2\x80\xa8z\x0b\x0c;"),
    /* a byte order mark: one, at the start */
    EXAMPLE("\xef\xbb\xbf"
            "data: a\n\n",
            "message||a;"),
    EXAMPLE("\xef\xbb\xbf\xef\xbb\xbf"
            "data: a\n\ndata: b\n\n",
            "message||b;"),
    EXAMPLE("\n\xef\xbb\xbf"
            "data: a\n\n",
            ""),
    EXAMPLE("\xef\xbb"
            "data: a\n\ndata: b\n\n",
            "message||b;"),
    EXAMPLE("\xef\xbb\xbf", ""),
    EXAMPLE("\xef", ""),
    EXAMPLE("\xef\ndata: a\n\n", "message||a;"),
    EXAMPLE("\xef\xbb\xbf\n\ndata: a\n\n", "message||a;"),
    /* fields: one space goes, colons after the first stay, names are exact */
    EXAMPLE("data:  a \n\n", "message|| a ;"),
    EXAMPLE("data:\ta\n\n", "message||\ta;"),
    EXAMPLE("data: a: b:c\n\n", "message||a: b:c;"),
    EXAMPLE("data:::\n\n", "message||::;"),
    EXAMPLE("Data: a\n data: b\ndata : c\nDATA: d\ndat: e\ndata2: f\n\n", ""),
    EXAMPLE("foo: a\nfoo\n: comment\n:\n:data: no\ndata: b\n\n", "message||b;"),
    EXAMPLE("data: a\n: in between\ndata: b\n\n", "message||a\nb;"),
    /* no data, no event; but the type is forgotten */
    EXAMPLE("event: add\n\ndata: a\n\n", "message||a;"),
    EXAMPLE("event: add\n\n\n\n", ""),
    EXAMPLE("data:\n\n", "message||;"),
    EXAMPLE("data\n\n", "message||;"),
    EXAMPLE("data\ndata: a\ndata\n\n", "message||\na\n;"),
    EXAMPLE("event: a\nevent: b\ndata: c\n\ndata: d\n\n", "b||c;message||d;"),
    EXAMPLE("event: a\nevent\ndata: c\n\n", "message||c;"),
    EXAMPLE("event:  a\ndata: c\n\n", " a||c;"),
    /* ids stay */
    EXAMPLE("id: 1\ndata: a\n\ndata: b\n\n", "message|1|a;message|1|b;"),
    EXAMPLE("id: 1\n\ndata: b\n\n", "message|1|b;"),
    EXAMPLE("id: 1\nid: 2\ndata: b\n\n", "message|2|b;"),
    EXAMPLE("id: 1\ndata: a\n\nid:\ndata: b\n\ndata: c\n\n", "message|1|a;message||b;message||c;"),
    EXAMPLE("id: 1\ndata: a\n\nid: 2\0003\ndata: b\n\n", "message|1|a;message|1|b;"),
    EXAMPLE("id: 1\nid: \0\ndata: b\n\n", "message|1|b;"),
    EXAMPLE("id:  x y \ndata: b\n\n", "message| x y |b;"),
    /* retry: digits only */
    EXAMPLE("retry: 1000\n", "retry 1000;"),
    EXAMPLE("retry:0\nretry: 007\n", "retry 0;retry 7;"),
    EXAMPLE("retry\nretry:\nretry: \nretry: -1\nretry: 1.5\nretry: 1s\nretry:  1\nretry: 1 \n", ""),
    EXAMPLE("retry: 18446744073709551615\n", "retry 18446744073709551615;"),
    EXAMPLE("retry: 18446744073709551616\n", "retry 18446744073709551615;"),
    EXAMPLE("retry: 999999999999999999999999\n", "retry 18446744073709551615;"),
    EXAMPLE("data: a\nretry: 5\ndata: b\n\n", "retry 5;message||a\nb;"),
    /* what is not ended by an empty line is no event */
    EXAMPLE("data: a", ""),
    EXAMPLE("data: a\n", ""),
    EXAMPLE("data: a\r", ""),
    EXAMPLE("data: a\n\ndata: b\n", "message||a;"),
    EXAMPLE("retry: 10", ""),
};

static void the_standards_rules_hold_however_cut(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
        assert_tells_however_cut(examples[i].stream, examples[i].length, examples[i].told);
    }
}

static void data_may_hold_nul(void **state) {
    (void)state;
    static const char stream[] = "data: a\0b\ndata: \0\n\n";
    for (size_t cut = 0; cut < sizeof(stream); cut++) {
        struct buffer notes = tell(stream, sizeof(stream) - 1, &cut, 1);
        assert_int_equal(notes.length, 15);
        assert_memory_equal(notes.data, "message||a\0b\n\0;", 15);
        buffer_free(&notes);
    }
}

static void retry_may_be_ignored(void **state) {
    (void)state;
    struct buffer notes = {0};
    struct event_stream_handler handler = {note_event, NULL, &notes};
    struct event_stream_parser *parser = event_stream_parser_new(&handler);
    const char *stream = "retry: 5\ndata: a\n\n";
    assert_int_equal(parse_copy(parser, stream, strlen(stream)), 0);
    assert_string_equal(notes.data, "message||a;");
    event_stream_parser_free(parser);
    event_stream_parser_free(NULL);
    buffer_free(&notes);
}

/* --- the standard's algorithm in its own order, slow and plain -------------------------------- */

struct model {
    struct buffer notes, data, type, id, last_id;
};

static void model_field(struct model *model, const char *name, const char *value, size_t length) {
    if (strcmp(name, "event") == 0) {
        buffer_clear(&model->type);
        buffer_append(&model->type, value, length);
    } else if (strcmp(name, "data") == 0) {
        buffer_append(&model->data, value, length);
        buffer_append(&model->data, "\n", 1);
    } else if (strcmp(name, "id") == 0 && memchr(value, 0, length) == NULL) {
        buffer_clear(&model->id);
        buffer_append(&model->id, value, length);
    } else if (strcmp(name, "retry") == 0 && length > 0 && length < 18 &&
               strspn(value, "0123456789") == length) {
        note_retry(&model->notes, strtoull(value, NULL, 10));
    }
}

static void model_dispatch(struct model *model) {
    buffer_clear(&model->last_id);
    buffer_append(&model->last_id, model->id.data, model->id.length);
    if (model->data.length > 0) {
        const char *type = model->type.length > 0 ? model->type.data : "message";
        note_event(&model->notes, type, model->last_id.data, model->data.data,
                   model->data.length - 1);
    }
    buffer_clear(&model->data);
    buffer_clear(&model->type);
}

static void model_line(struct model *model, const char *line, size_t length) {
    const char *colon = memchr(line, ':', length);
    if (length == 0) {
        model_dispatch(model);
    } else if (colon != line) {
        size_t name_length = colon != NULL ? (size_t)(colon - line) : length;
        size_t skip = colon == NULL ? 0 : colon + 1 < line + length && colon[1] == ' ' ? 2 : 1;
        char *name = xmemdup(line, name_length); /* a NUL in it makes it unknown */
        if (memchr(name, '\0', name_length) != NULL) name[0] = '\0';
        char *value = xmemdup(line + name_length + skip, length - name_length - skip);
        model_field(model, name, value, length - name_length - skip);
        free(name);
        free(value);
    }
}

static struct buffer model_tell(const char *stream, size_t length) {
    struct model model = {0};
    buffer_append(&model.notes, "", 0);
    size_t at = length >= 3 && memcmp(stream, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    for (size_t start = at; at < length; at++) {
        if (stream[at] != '\r' && stream[at] != '\n') continue;
        model_line(&model, stream + start, at - start);
        if (stream[at] == '\r' && at + 1 < length && stream[at + 1] == '\n') at++;
        start = at + 1;
    }
    buffer_free(&model.data);
    buffer_free(&model.type);
    buffer_free(&model.id);
    buffer_free(&model.last_id);
    return model.notes;
}

static struct buffer random_stream(struct random *random) {
    static const struct {
        const char *bytes;
        size_t length;
    } pieces[] = {
#define PIECE(bytes) {bytes, sizeof(bytes) - 1}
        PIECE("data"),     PIECE("data: "),  PIECE("data:x"),  PIECE("id: "),
        PIECE("id"),       PIECE("event: "), PIECE("retry: "), PIECE("retry:7"),
        PIECE(":"),        PIECE(": "),      PIECE(" "),       PIECE("\n"),
        PIECE("\n"),       PIECE("\n\n"),    PIECE("\r"),      PIECE("\r\n"),
        PIECE("\r\n\r\n"), PIECE("\0"),      PIECE("42"),      PIECE("\xef\xbb\xbf"),
        PIECE("\xef\xbb"), PIECE("word"),    PIECE("\n\r"),    PIECE("=|;"),
    };
    struct buffer stream = {0};
    for (uint64_t count = random_below(random, 60); count > 0; count--) {
        uint64_t i = random_below(random, sizeof(pieces) / sizeof(*pieces));
        buffer_append(&stream, pieces[i].bytes, pieces[i].length);
    }
    buffer_append(&stream, "", 0);
    return stream;
}

static void assert_equal_notes(const struct buffer *a, const struct buffer *b, uint64_t round) {
    if (a->length != b->length || memcmp(a->data, b->data, a->length) != 0) {
        fail_msg("round %llu: %s, not %s", (unsigned long long)round, a->data, b->data);
    }
}

static size_t random_cuts(struct random *random, size_t length, size_t *cuts, size_t most) {
    size_t count = 0, at = 0;
    uint64_t step = 1 + random_below(random, 20);
    while (count < most && (at += random_below(random, step + 1)) <= length) cuts[count++] = at;
    return count;
}

static void random_streams_agree_with_the_standards_algorithm(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 1);
    size_t cuts[1000];
    for (uint64_t round = 0; round < 30000; round++) {
        struct buffer stream = random_stream(&random);
        struct buffer expected = model_tell(stream.data, stream.length);
        struct buffer whole = tell(stream.data, stream.length, NULL, 0);
        size_t count = random_cuts(&random, stream.length, cuts, 1000);
        struct buffer cut = tell(stream.data, stream.length, cuts, count);
        assert_equal_notes(&whole, &expected, round);
        assert_equal_notes(&cut, &expected, round);
        buffer_free(&stream);
        buffer_free(&expected);
        buffer_free(&whole);
        buffer_free(&cut);
    }
}

/* --- connections end and begin ---------------------------------------------------------------- */

static void a_new_connection_keeps_only_the_last_id(void **state) {
    (void)state;
    static const char *const unfinished[] = {
        "",
        "\xef",
        "\xef\xbb\xbf",
        "dat",
        "data: lost\n",
        "data: lost\r",
        "data: lost\nevent: lost\n",
        "id: lost",
        "id: lost\n",
        "id: lost\ndata: lost\n",
        "data: lo\ndata: st\ndat",
    };
    for (size_t i = 0; i < sizeof(unfinished) / sizeof(*unfinished); i++) {
        struct buffer notes = {0};
        struct event_stream_parser *parser = noting_parser(&notes);
        const char *first = "id: 7\ndata: a\n\n", *second = "\xef\xbb\xbf"
                                                            "data: b\n\n";
        assert_int_equal(parse_copy(parser, first, strlen(first)), 0);
        assert_int_equal(parse_copy(parser, unfinished[i], strlen(unfinished[i])), 0);
        event_stream_parser_reset(parser);
        assert_int_equal(parse_copy(parser, second, strlen(second)), 0);
        assert_string_equal(notes.data, "message|7|a;message|7|b;");
        event_stream_parser_free(parser);
        buffer_free(&notes);
    }
}

/* --- limits ----------------------------------------------------------------------------------- */

static char *long_text(size_t length) {
    char *text = malloc(length);
    memset(text, 'x', length);
    return text;
}

/* Gives `total` bytes in reads of `piece`. Returns the first error. */
static int parse_long(struct event_stream_parser *parser, size_t total, size_t piece) {
    char *text = long_text(piece);
    int error = 0;
    for (size_t given = 0; given < total && error == 0; given += piece) {
        size_t rest = total - given;
        error = event_stream_parse(parser, text, rest < piece ? rest : piece);
    }
    free(text);
    return error;
}

static void a_long_line_is_taken_up_to_the_limit(void **state) {
    (void)state;
    static const size_t pieces[] = {65536, 1000003, LARGEST + 1};
    for (size_t i = 0; i < 3; i++) {
        struct buffer notes = {0};
        struct event_stream_parser *parser = noting_parser(&notes);
        assert_int_equal(event_stream_parse(parser, "data:", 5), 0);
        assert_int_equal(parse_long(parser, LARGEST - 5, pieces[i]), 0);
        assert_int_equal(event_stream_parse(parser, "\n\n", 2), 0);
        assert_int_equal(notes.length, 9 + LARGEST - 5 + 1);

        assert_int_equal(event_stream_parse(parser, "data:", 5), 0);
        assert_int_equal(parse_long(parser, LARGEST - 4, pieces[i]), UV_E2BIG);
        assert_int_equal(event_stream_parse(parser, "\n\ndata: a\n\n", 11), UV_E2BIG);
        event_stream_parser_reset(parser);
        buffer_clear(&notes);
        assert_int_equal(event_stream_parse(parser, "data: a\n\n", 9), 0);
        assert_string_equal(notes.data, "message||a;");
        event_stream_parser_free(parser);
        buffer_free(&notes);
    }
}

static void a_complete_line_obeys_the_limit_too(void **state) {
    (void)state;
    struct buffer notes = {0};
    struct event_stream_parser *parser = noting_parser(&notes);
    char *text = long_text(LARGEST + 3);
    memcpy(text, ":", 1);
    memcpy(text + LARGEST + 1, "\n\n", 2);
    assert_int_equal(event_stream_parse(parser, text, LARGEST + 3), UV_E2BIG);
    free(text);
    event_stream_parser_free(parser);
    buffer_free(&notes);
}

static void many_lines_obey_the_limit_too(void **state) {
    (void)state;
    struct buffer notes = {0}, line = {0};
    struct event_stream_parser *parser = noting_parser(&notes);
    buffer_printf(&line, "data: %01000000d\n", 0);
    int error = 0, lines = 0;
    while (error == 0) {
        error = event_stream_parse(parser, line.data, line.length);
        lines++;
    }
    assert_int_equal(error, UV_E2BIG);
    assert_int_equal(lines, 17); /* 16 million and a little fit into 16 MiB */
    assert_string_equal(notes.data, "");
    event_stream_parser_free(parser);
    buffer_free(&notes);
    buffer_free(&line);
}

/* --- encode ----------------------------------------------------------------------------------- */

static void encoded_events_look_as_documented(void **state) {
    (void)state;
    struct buffer out = {0};
    event_stream_retry(&out, 2500);
    event_stream_comment(&out, "still here");
    event_stream_encode(&out, NULL, NULL, "a", 1);
    event_stream_encode(&out, "gap", "12", "a\nb\rc\r\nd", 8);
    event_stream_encode(&out, NULL, "13", "", 0);
    assert_string_equal(out.data, "retry: 2500\n\n"
                                  ": still here\n\n"
                                  "data: a\n\n"
                                  "event: gap\nid: 12\ndata: a\ndata: b\ndata: c\ndata: d\n\n"
                                  "id: 13\ndata: \n\n");
    buffer_free(&out);
}

/* What arrives is what was sent, each line end become LF. */
static void encoded_events_are_parsed_again(void **state) {
    (void)state;
    static const char letters[] = "ab :\r\n\0";
    struct random random;
    random_seed(&random, 3);
    for (int round = 0; round < 5000; round++) {
        char data[40];
        size_t length = random_below(&random, sizeof(data));
        for (size_t i = 0; i < length; i++) data[i] = letters[random_below(&random, 7)];
        struct buffer stream = {0}, expected = {0};
        event_stream_encode(&stream, "type", " id", data, length);
        buffer_printf(&expected, "type| id|");
        for (size_t i = 0; i < length; i++) {
            bool pair = data[i] == '\n' && i > 0 && data[i - 1] == '\r';
            if (!pair) buffer_append(&expected, data[i] == '\r' ? "\n" : &data[i], 1);
        }
        buffer_append(&expected, ";", 1);
        struct buffer notes = tell(stream.data, stream.length, NULL, 0);
        assert_equal_notes(&notes, &expected, (uint64_t)round);
        buffer_free(&stream);
        buffer_free(&expected);
        buffer_free(&notes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_standards_rules_hold_however_cut),
        cmocka_unit_test(data_may_hold_nul),
        cmocka_unit_test(retry_may_be_ignored),
        cmocka_unit_test(random_streams_agree_with_the_standards_algorithm),
        cmocka_unit_test(a_new_connection_keeps_only_the_last_id),
        cmocka_unit_test(a_long_line_is_taken_up_to_the_limit),
        cmocka_unit_test(a_complete_line_obeys_the_limit_too),
        cmocka_unit_test(many_lines_obey_the_limit_too),
        cmocka_unit_test(encoded_events_look_as_documented),
        cmocka_unit_test(encoded_events_are_parsed_again),
    };
    return cmocka_run_group_tests_name("event_stream", tests, NULL, NULL);
}

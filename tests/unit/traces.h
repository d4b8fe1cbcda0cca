/* Traces of one user's line, made up: for the tests of runner/trial/joined. */
#ifndef PUSHPULL_TRACES_H
#define PUSHPULL_TRACES_H

#include "base/memory.h"
#include "test.h"
#include "trial/joined.h"

#include <stdlib.h>
#include <string.h>

/* One connection, of port 7 at the user's address. JSON with single quotes: `parse` turns them. */
#define ROW(line, said, at, bytes, held, what, first, last)                                        \
    "['" line "'," said "," #at "," #bytes "," held ",'" what "'," #first "," #last "]"
#define SAID(at, bytes, what, first, last)                                                         \
    ROW("7-80", "true", at, bytes, "false", what, first, last)
#define HEARD(at, bytes) ROW("7-80", "false", at, bytes, "false", "", 0, 0)
#define HELD_UP(at, bytes) ROW("7-80", "false", at, bytes, "true", "", 0, 0)

/* What the relay saw. -1: it was lost. The first byte of data on the way down is number 1000. */
#define DOWN(at, pass, sequence, bytes)                                                            \
    "['7-80',true," #at "," #pass "," #sequence "," #bytes ",false,false,true]"
#define BARE(down, at, pass, sequence, syn, fin, ack)                                              \
    "['7-80'," down "," #at "," #pass "," #sequence ",0," syn "," fin "," ack "]"
#define OPENS(sequence)                                                                            \
    BARE("false", 10, 20, 499, "true", "false", "false")                                           \
    "," BARE("true", 30, 40, sequence, "true", "false", "true")
#define FIN(down, at, pass, sequence) BARE(down, at, pass, sequence, "false", "true", "true")

#define ROWS_MOST 12

struct sides {
    const char *server[ROWS_MOST], *client[ROWS_MOST], *frames[ROWS_MOST];
    const char *published, *received; /* any number of rows */
};

static inline json_t *parse(const char *text) {
    char *copy = xstrdup(text);
    for (char *at = copy; *at != '\0'; at++)
        if (*at == '\'') *at = '"';
    json_error_t error;
    json_t *value = json_loads(copy, 0, &error);
    if (value == NULL) fail_msg("%s in %s", error.text, copy);
    free(copy);
    return value;
}

static inline void join_text(struct watch *watch, const char *text) {
    memset(watch, 0, sizeof(*watch));
    watch->words = parse(text);
    watch_join(watch, watch->words);
}

static inline void append_rows(struct buffer *text, const char *begin, const char *const *rows) {
    buffer_printf(text, "%s", begin);
    for (int i = 0; i < ROWS_MOST && rows[i] != NULL; i++)
        buffer_printf(text, "%s%s", i == 0 ? "" : ",", rows[i]);
}

static inline const char *or_none(const char *rows) { return rows == NULL ? "" : rows; }

static inline void join(struct watch *watch, const struct sides *sides) {
    struct buffer text = {0};
    append_rows(&text, "[{'role':'server','process':0,'pieces':[", sides->server);
    buffer_printf(&text, "],'events':[%s]},", or_none(sides->published));
    append_rows(&text, "{'role':'client','process':0,'pieces':[", sides->client);
    buffer_printf(&text, "],'events':[%s]},", or_none(sides->received));
    append_rows(&text, "{'role':'link','process':0,'frames':[", sides->frames);
    buffer_printf(&text, "]}]");
    join_text(watch, text.data);
    buffer_free(&text);
}

/* The one message that was sent this way then. */
static inline const struct watched_message *sent_at(const struct watch *watch,
                                                    enum link_direction direction, int64_t at_ns) {
    const struct watched_message *found = NULL;
    for (size_t i = 0; i < watch->message_count; i++) {
        const struct watched_message *message = &watch->messages[i];
        if (message->direction != direction || message->sent_ns != at_ns) continue;
        assert_null(found);
        found = message;
    }
    if (found == NULL) fail_msg("nothing was sent at %lld", (long long)at_ns);
    return found;
}

static inline void check(const struct watched_message *message, int64_t arrived_ns, uint64_t bytes,
                         const char *what, int losses) {
    assert_int_equal(message->arrived_ns, arrived_ns);
    assert_int_equal(message->bytes, bytes);
    assert_int_equal(message->losses, losses);
    if (what == NULL)
        assert_null(message->what);
    else
        assert_string_equal(message->what, what);
}

static inline void check_events(const struct watched_message *message, uint64_t first,
                                uint64_t last) {
    assert_int_equal(message->first, first);
    assert_int_equal(message->last, last);
}

static inline void check_event(const struct watch *watch, size_t number, int64_t sent_ns,
                               int64_t arrived_ns, int64_t received_ns) {
    assert_in_range(number, 1, watch->event_count);
    const struct watched_event *event = &watch->events[number - 1];
    assert_int_equal(event->sent_ns, sent_ns);
    assert_int_equal(event->arrived_ns, arrived_ns);
    assert_int_equal(event->received_ns, received_ns);
}

#endif

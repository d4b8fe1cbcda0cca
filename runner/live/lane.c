/* A lane of the live page: see lane.h. */
#include "live/lane.h"

#include "base/clock.h"
#include "model/conversation.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- what is seen ------------------------------------------------------------------------------- */

/* Milliseconds since zero. */
static double ms(const struct lane *lane, int64_t at_ns) {
    return (double)(at_ns - lane->zero_ns) / NS_PER_MS;
}

static const char *comma(const struct buffer *list) { return list->length > 0 ? "," : ""; }

void lane_published(struct lane *lane, uint64_t number, int64_t due_ns, int64_t at_ns) {
    struct buffer *list = &lane->news.published;
    buffer_printf(list, "%s[%" PRIu64 ",%.3f,%.3f]", comma(list), number, ms(lane, due_ns),
                  ms(lane, at_ns));
}

void lane_received(struct lane *lane, uint64_t number, int64_t due_ns, int64_t at_ns) {
    struct buffer *list = &lane->news.received;
    buffer_printf(list, "%s[%" PRIu64 ",%.3f,%.3f]", comma(list), number, ms(lane, due_ns),
                  ms(lane, at_ns));
}

/* Of a write only the words of core/net/trace.c are in `what`: nothing that JSON would escape. */
void lane_message(struct lane *lane, const struct paired_message *message) {
    struct buffer *list = &lane->news.messages;
    buffer_printf(list, "%s[%d,%.3f,%.3f,%" PRIu64 ",\"%s\",%" PRIu64 ",%" PRIu64 "]", comma(list),
                  message->down, ms(lane, message->sent_ns), ms(lane, message->came_ns),
                  message->bytes, message->what, message->first, message->last);
}

void lane_note(struct lane *lane, const char *what, int64_t at_ns) {
    struct buffer *list = &lane->news.notes;
    buffer_printf(list, "%s[\"%s\",%.3f]", comma(list), what, ms(lane, at_ns));
}

static void tell_message(void *data, const struct paired_message *message) {
    lane_message(data, message);
}

static int64_t integer(const json_t *row, size_t index) {
    return json_integer_value(json_array_get(row, index));
}

void lane_take_trace(struct lane *lane, enum role role, const json_t *message) {
    size_t i;
    const json_t *row;
    paired_take(lane->paired, json_object_get(message, FIELD_PIECES), role == ROLE_SERVER);
    json_array_foreach(json_object_get(message, FIELD_TRACED_EVENTS), i, row) {
        if (role == ROLE_SERVER)
            lane_published(lane, (uint64_t)integer(row, 0), integer(row, 1), integer(row, 2));
        else
            lane_received(lane, (uint64_t)integer(row, 0), integer(row, 1), integer(row, 2));
    }
    json_array_foreach(json_object_get(message, FIELD_NOTES), i, row) {
        const char *what = json_string_value(json_array_get(row, 0));
        if (what != NULL) lane_note(lane, what, integer(row, 1));
    }
}

/* The client's; of the server's only what it costs is of interest. */
void lane_take_tick(struct lane *lane, enum role role, const json_t *message) {
    const char *field;
    const json_t *value;
    struct buffer *counts = &lane->news.counts;
    json_object_foreach((json_t *)(uintptr_t)message, field, value) {
        bool cost = strcmp(field, "cpu_utilisation") == 0;
        if (!json_is_number(value) || (role == ROLE_SERVER && !cost)) continue;
        buffer_printf(counts, "%s\"%s%s\":%.6g", comma(counts), cost ? role_names[role] : "",
                      cost ? "_cpu" : field, json_number_value(value));
    }
}

/* --- telling it --------------------------------------------------------------------------------- */

static bool add(struct buffer *out, const char *name, const struct buffer *list, const char *open,
                const char *close) {
    if (list->length == 0) return false;
    buffer_printf(out, "%s\"%s\":%s%s%s", out->data[out->length - 1] == '{' ? "" : ",", name, open,
                  list->data, close);
    return true;
}

void lane_forget(struct lane *lane) {
    buffer_clear(&lane->news.published);
    buffer_clear(&lane->news.received);
    buffer_clear(&lane->news.messages);
    buffer_clear(&lane->news.notes);
    buffer_clear(&lane->news.counts);
}

bool lane_tell(struct lane *lane, struct buffer *out) {
    const struct lane_news *news = &lane->news;
    buffer_printf(out, "{");
    bool any = add(out, "published", &news->published, "[", "]");
    any |= add(out, "received", &news->received, "[", "]");
    any |= add(out, "messages", &news->messages, "[", "]");
    any |= add(out, "notes", &news->notes, "[", "]");
    any |= add(out, "counts", &news->counts, "{", "}");
    buffer_printf(out, "}");
    lane_forget(lane);
    return any;
}

/* --- its life ----------------------------------------------------------------------------------- */

void lane_init(struct lane *lane, const struct planned_trial *trial, int64_t zero_ns) {
    static const int counts[ROLE_COUNT] = {[ROLE_SERVER] = 1, [ROLE_CLIENT] = 1};
    *lane = (struct lane){.trial = trial, .zero_ns = zero_ns};
    cast_init(&lane->cast, counts);
    lane->paired = paired_new(tell_message, lane);
}

void lane_free(struct lane *lane) {
    cast_free(&lane->cast);
    paired_free(lane->paired);
    buffer_free(&lane->news.published);
    buffer_free(&lane->news.received);
    buffer_free(&lane->news.messages);
    buffer_free(&lane->news.notes);
    buffer_free(&lane->news.counts);
    free(lane->complaint);
}

struct member *lane_member(const struct lane *lane, enum role role) {
    return cast_next(&lane->cast, role, NULL);
}

/* What the programs of a trial say, and what it makes of it (docs/protocol.md). */
#include "trial/messages.h"

#include "base/log.h"
#include "model/conversation.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int64_t integer(const json_t *message, const char *field) {
    return json_integer_value(json_object_get(message, field));
}

static void on_link_ready(struct trial *trial, struct member *member, const json_t *message) {
    const json_t *places = json_object_get(message, FIELD_PLACES);
    const char *address = json_string_value(json_object_get(message, FIELD_SERVER_ADDRESS));
    for (int side = 0; side < SIDE_COUNT; side++)
        trial->places[side] = integer(places, role_names[side]);
    snprintf(trial->server_address, sizeof(trial->server_address), "%s",
             address == NULL ? "" : address);
    if (trial->places[ROLE_SERVER] <= 0 || trial->places[ROLE_CLIENT] <= 0 || address == NULL)
        trial_fail_member(trial, member, "did not say where its ends are");
}

static void on_ready(struct trial *trial, struct member *member, json_t *message) {
    if (member->role == ROLE_LINK)
        on_link_ready(trial, member, message);
    else
        member->port = integer(message, FIELD_PORT);
}

static void on_connected(struct trial *trial, struct member *member, json_t *message) {
    double settle = json_number_value(json_object_get(message, FIELD_SETTLE_SECONDS));
    (void)member;
    if (settle > trial->settle_seconds) trial->settle_seconds = settle;
}

/* Same seed, same start: all servers have the same events in the window. */
static void on_window(struct trial *trial, struct member *member, json_t *message) {
    int64_t first = integer(message, FIELD_FIRST), last = integer(message, FIELD_LAST);
    if (trial->stage != MEASURING) return;
    if (trial->window_told && (trial->first != first || trial->last != last))
        trial_fail(trial,
                   "%s published events %" PRId64 " to %" PRId64 ", another server %" PRId64
                   " to %" PRId64,
                   member->program.name, first, last, trial->first, trial->last);
    trial->window_told = true;
    trial->first = first;
    trial->last = last;
}

static void on_tick(struct trial *trial, struct member *member, json_t *message) {
    int64_t t_ms = integer(message, FIELD_T_MS);
    const char *field;
    json_t *value;
    json_object_foreach(message, field, value) {
        if (!json_is_number(value) || strcmp(field, FIELD_T_MS) == 0) continue;
        result_point(trial->result, t_ms, role_names[member->role], member->index, field,
                     json_number_value(value));
    }
}

static void on_report(struct trial *trial, struct member *member, json_t *message) {
    if (member->reported) return;
    member->reported = true;
    result_report(trial->result, role_names[member->role], member->index, json_incref(message));
}

static void on_trace(struct trial *trial, struct member *member, json_t *message) {
    if (trial->setup->traces == NULL) return;
    json_object_set_new(message, FIELD_PROCESS, json_integer(member->index));
    json_array_append(trial->setup->traces, message);
}

static void on_failed(struct trial *trial, struct member *member, json_t *message) {
    const char *sentence = json_string_value(json_object_get(message, FIELD_SENTENCE));
    trial_fail(trial, "%s: %s", member->program.name, sentence == NULL ? "failed" : sentence);
}

static void nothing(struct trial *trial, struct member *member, json_t *message) {
    (void)trial;
    (void)member;
    (void)message;
}

static const struct {
    const char *type;
    void (*take)(struct trial *, struct member *, json_t *);
} kinds[] = {
    {MESSAGE_READY, on_ready},  {MESSAGE_CONNECTED, on_connected}, {MESSAGE_WINDOW, on_window},
    {MESSAGE_DRAINED, nothing}, {MESSAGE_TICK, on_tick},           {MESSAGE_REPORT, on_report},
    {MESSAGE_TRACE, on_trace},  {MESSAGE_FAILED, on_failed},
};

/* Takes what it says first, then looks whether it was what the stage waits for. */
void trial_said(struct program *program, const char *type, json_t *message) {
    struct member *member = cast_member(program);
    struct trial *trial = program->data;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].type, type) != 0) continue;
        kinds[i].take(trial, member, message);
        if (trial_answered(trial, member, type)) trial_advance(trial);
        return;
    }
    log_warn("%s sent a message of the unknown type %s", program->name, type);
}

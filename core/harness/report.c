/* Pieces of the reports: see report.h. */
#include "harness/report.h"

#include "base/clock.h"
#include "base/memory.h"
#include "model/conversation.h"

#include <stdlib.h>

void report_number(json_t *object, const char *key, uint64_t value) {
    json_object_set_new(object, key, json_integer((json_int_t)value));
}

void report_seconds(json_t *object, const char *key, int64_t ns) {
    json_object_set_new(object, key, json_real((double)ns / NS_PER_SECOND));
}

void report_add(json_t *object, const char *key, uint64_t by) {
    json_int_t before = json_integer_value(json_object_get(object, key));
    json_object_set_new(object, key, json_integer(before + (json_int_t)by));
}

void report_command(json_t *object, int argc, char **argv) {
    json_t *command = json_array();
    for (int i = 0; i < argc; i++) json_array_append_new(command, json_string(argv[i]));
    json_object_set_new(object, FIELD_COMMAND, command);
}

void report_resources(json_t *object, const struct resources *from, const struct resources *to) {
    report_seconds(object, FIELD_SECONDS, to->at_ns - from->at_ns);
    report_number(object, FIELD_CPU_NS, (uint64_t)(to->cpu_ns - from->cpu_ns));
    report_number(object, "user_ns", (uint64_t)(to->user_ns - from->user_ns));
    report_number(object, "system_ns", (uint64_t)(to->system_ns - from->system_ns));
    report_number(object, FIELD_CPU_WAIT_NS, (uint64_t)(to->cpu_wait_ns - from->cpu_wait_ns));
    report_number(object, FIELD_STOLEN_NS, (uint64_t)(to->stolen_ns - from->stolen_ns));
    report_number(object, FIELD_SUSPENDED_NS, (uint64_t)(to->suspended_ns - from->suspended_ns));
    report_number(object, "voluntary_switches",
                  (uint64_t)(to->voluntary_switches - from->voluntary_switches));
    report_number(object, "involuntary_switches",
                  (uint64_t)(to->involuntary_switches - from->involuntary_switches));
}

void report_histogram(json_t *histograms, const char *name, const struct histogram *histogram) {
    if (histogram_count(histogram) == 0) return;
    char *data = histogram_to_base64(histogram);
    json_object_set_new(histograms, name,
                        json_pack("{s:s, s:s}", "unit", "ns", FIELD_HISTOGRAM_DATA, data));
    free(data);
}

/* --- a trace ---------------------------------------------------------------------------------- */

static json_t *piece_report(const struct trace *trace, const struct trace_piece *piece) {
    const struct trace_line *line = &trace->lines[piece->line - 1];
    char *name = xasprintf(TRACE_LINE, line->own_port, line->other_port);
    json_t *row = json_pack("[s, b, I, I, b, s, I, I]", name, piece->said, (json_int_t)piece->at_ns,
                            (json_int_t)piece->bytes, piece->held_up, piece->what,
                            (json_int_t)piece->first, (json_int_t)piece->last);
    free(name);
    return row;
}

static const char *const moments[] = {
    [TRACE_PARKED] = NOTE_PARKED,
    [TRACE_DUE] = NOTE_DUE,
    [TRACE_SKIPPED] = NOTE_SKIPPED,
};

void report_trace(json_t *object, const struct trace *trace) {
    json_t *pieces = json_array(), *events = json_array(), *notes = json_array();
    for (size_t i = 0; i < trace->piece_count; i++)
        json_array_append_new(pieces, piece_report(trace, &trace->pieces[i]));
    for (size_t i = 0; i < trace->event_count; i++) {
        const struct trace_event *event = &trace->events[i];
        json_array_append_new(events,
                              json_pack("[I, I, I]", (json_int_t)event->number,
                                        (json_int_t)event->due_ns, (json_int_t)event->at_ns));
    }
    for (size_t i = 0; i < trace->note_count; i++)
        json_array_append_new(notes, json_pack("[s, I]", moments[trace->notes[i].what],
                                               (json_int_t)trace->notes[i].at_ns));
    json_object_set_new(object, FIELD_PIECES, pieces);
    json_object_set_new(object, FIELD_TRACED_EVENTS, events);
    json_object_set_new(object, FIELD_NOTES, notes);
    report_number(object, FIELD_LEFT_OUT, trace->left_out);
}

double report_utilisation(const struct resources *from, const struct resources *to) {
    int64_t passed = to->at_ns - from->at_ns;
    return passed > 0 ? (double)(to->cpu_ns - from->cpu_ns) / (double)passed : 0;
}

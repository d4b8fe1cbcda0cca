/* What goes over one address's connections: see trace.h. In order: lines, pieces, the rest. */
#include "net/trace.h"

#include "base/clock.h"
#include "base/memory.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct trace *trace_new(const char *address) {
    struct in_addr number;
    if (inet_pton(AF_INET, address, &number) != 1) return NULL;
    struct trace *trace = xcalloc(1, sizeof(*trace));
    trace->address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = number};
    inet_ntop(AF_INET, &number, trace->text, sizeof(trace->text));
    return trace;
}

void trace_free(struct trace *trace) {
    if (trace == NULL) return;
    free(trace->lines);
    free(trace->pieces);
    free(trace->events);
    free(trace->notes);
    free(trace);
}

/* Whether there is room for one more of them. */
static bool has_room(struct trace *trace, size_t count) {
    trace->left_out += count >= TRACE_MOST;
    return count < TRACE_MOST;
}

bool trace_has_news(const struct trace *trace) {
    return trace->piece_count + trace->event_count + trace->note_count > 0;
}

/* The lines stay: a connection goes on. */
void trace_told(struct trace *trace) {
    trace->piece_count = trace->event_count = trace->note_count = 0;
    for (size_t i = 0; i < trace->line_count; i++) trace->lines[i].saying = 0;
}

/* --- lines ------------------------------------------------------------------------------------ */

static bool is_at(const struct trace *trace, const struct sockaddr_in *end) {
    return end->sin_family == AF_INET && end->sin_addr.s_addr == trace->address.sin_addr.s_addr;
}

/* Returns false where neither end is at the address, or both are. */
static bool find_ports(const struct trace *trace, int fd, struct trace_line *line) {
    struct sockaddr_in here, there;
    socklen_t here_length = sizeof(here), there_length = sizeof(there);
    if (getsockname(fd, (struct sockaddr *)&here, &here_length) != 0 ||
        getpeername(fd, (struct sockaddr *)&there, &there_length) != 0 ||
        is_at(trace, &here) == is_at(trace, &there))
        return false;
    const struct sockaddr_in *own = is_at(trace, &here) ? &here : &there;
    const struct sockaddr_in *other = own == &here ? &there : &here;
    *line = (struct trace_line){ntohs(own->sin_port), ntohs(other->sin_port), fd};
    return true;
}

uint32_t trace_line_of(const struct trace *trace, int fd) {
    if (fd < 0) return 0;
    for (size_t i = trace->line_count; i > 0; i--)
        if (trace->lines[i - 1].fd == fd) return (uint32_t)i;
    return 0;
}

static uint32_t add_line(struct trace *trace, const struct trace_line *line) {
    if (!has_room(trace, trace->line_count)) return 0;
    trace->lines = xgrow(trace->lines, trace->line_count, sizeof(*line));
    trace->lines[trace->line_count++] = *line;
    return (uint32_t)trace->line_count;
}

uint32_t trace_open_ports(struct trace *trace, uint16_t own_port, uint16_t other_port) {
    for (size_t i = trace->line_count; i > 0; i--)
        if (trace->lines[i - 1].own_port == own_port &&
            trace->lines[i - 1].other_port == other_port)
            return (uint32_t)i;
    return add_line(trace, &(struct trace_line){own_port, other_port, -1});
}

/* A connection may go on under another descriptor, and a descriptor be another connection's. */
uint32_t trace_open(struct trace *trace, int fd) {
    struct trace_line line;
    uint32_t old = trace_line_of(trace, fd);
    if (old != 0) trace->lines[old - 1].fd = -1;
    if (!find_ports(trace, fd, &line)) return 0;
    uint32_t number = trace_open_ports(trace, line.own_port, line.other_port);
    if (number != 0) trace->lines[number - 1].fd = fd;
    return number;
}

/* --- pieces ----------------------------------------------------------------------------------- */

static struct trace_piece *add_piece(struct trace *trace, uint32_t line, bool said, size_t bytes) {
    if (line == 0 || !has_room(trace, trace->piece_count)) return NULL;
    trace->pieces = xgrow(trace->pieces, trace->piece_count, sizeof(*trace->pieces));
    struct trace_piece *piece = &trace->pieces[trace->piece_count++];
    *piece = (struct trace_piece){.line = line, .said = said, .bytes = bytes};
    trace->lines[line - 1].said += said ? bytes : 0;
    return piece;
}

/* The events whose text is in this one: {"seq":42, as model/event.h writes it; a payload's quotes are escaped. */
static void find_events(struct trace_piece *piece, const char *text, size_t length) {
    static const char begin[] = "{\"seq\":";
    const char *end = text + length, *found;
    while ((found = memmem(text, (size_t)(end - text), begin, sizeof(begin) - 1)) != NULL) {
        uint64_t number = 0;
        for (text = found + sizeof(begin) - 1; text < end && isdigit((unsigned char)*text); text++)
            number = number * 10 + (uint64_t)(*text - '0');
        if (piece->first == 0) piece->first = number;
        piece->last = number;
    }
}

static size_t letters_at(const char *text, size_t length) {
    size_t count = 0;
    while (count < length && isupper((unsigned char)text[count])) count++;
    return count;
}

/* The method of a request, the status of an answer, or "event". */
static void name_piece(struct trace_piece *piece, const char *text, size_t length) {
    static const char http[] = "HTTP/1.1 ";
    size_t skip = sizeof(http) - 1, letters = letters_at(text, length);
    if (length >= skip + 3 && memcmp(text, http, skip) == 0)
        memcpy(piece->what, text + skip, 3);
    else if (letters > 0 && letters < TRACE_WORD_SIZE && letters + 1 < length &&
             text[letters] == ' ' && text[letters + 1] == '/')
        memcpy(piece->what, text, letters);
    else if (piece->first > 0)
        memcpy(piece->what, "event", sizeof("event"));
}

void trace_said(struct trace *trace, uint32_t line, int64_t at_ns, const char *text, size_t length,
                size_t framing) {
    struct trace_piece *piece = add_piece(trace, line, true, length + framing);
    if (line != 0) trace->lines[line - 1].saying = piece == NULL ? 0 : trace->piece_count;
    if (piece == NULL) return;
    piece->at_ns = at_ns;
    find_events(piece, text, length);
    name_piece(piece, text, length);
}

void trace_said_more(struct trace *trace, uint32_t line, const char *text, size_t length) {
    if (line == 0 || trace->lines[line - 1].saying == 0) return;
    struct trace_piece *piece = &trace->pieces[trace->lines[line - 1].saying - 1];
    piece->bytes += length;
    trace->lines[line - 1].said += length;
    find_events(piece, text, length);
}

void trace_written(struct trace *trace, uint32_t line, uint64_t bytes) {
    if (line == 0 || bytes <= trace->lines[line - 1].said) return;
    trace_said(trace, line, clock_now_ns(), "", 0, bytes - trace->lines[line - 1].said);
}

void trace_heard(struct trace *trace, uint32_t line, size_t bytes, int64_t arrived_ns,
                 bool held_up) {
    int64_t now_ns = clock_now_ns();
    struct trace_piece *piece = add_piece(trace, line, false, bytes);
    if (piece == NULL) return;
    piece->held_up = held_up;
    piece->at_ns = arrived_ns == 0 || arrived_ns > now_ns || held_up ? now_ns : arrived_ns;
}

/* --- the rest --------------------------------------------------------------------------------- */

void trace_event(struct trace *trace, uint64_t number, int64_t due_ns, int64_t at_ns) {
    if (!has_room(trace, trace->event_count)) return;
    trace->events = xgrow(trace->events, trace->event_count, sizeof(*trace->events));
    trace->events[trace->event_count++] = (struct trace_event){number, due_ns, at_ns};
}

void trace_note(struct trace *trace, enum trace_moment what) {
    if (!has_room(trace, trace->note_count)) return;
    trace->notes = xgrow(trace->notes, trace->note_count, sizeof(*trace->notes));
    trace->notes[trace->note_count++] = (struct trace_note){what, clock_now_ns()};
}

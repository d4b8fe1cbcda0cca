/* What goes over the connections of one address, as this process says and hears it: so that the two sides of one user's
 * line can be laid together (runner/trial/joined.h). The user has that address to itself. Where nothing is traced there is
 * no struct trace, and nothing of this is called. */
#ifndef PUSHPULL_TRACE_H
#define PUSHPULL_TRACE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of each kind so many are kept; what comes later is counted. */
#define TRACE_MOST 100000
#define TRACE_WORD_SIZE 12

/* A connection: its port at the address, and the one at the other end. */
struct trace_line {
    uint16_t own_port, other_port;
    int fd;        /* -1: it is another's by now, or was never known */
    uint64_t said; /* bytes */
    size_t saying; /* its last write is this piece: 1, 2, ...; 0: there is none */
};

/* What one write said, or one read brought. */
struct trace_piece {
    bool said;
    bool held_up;  /* of a read: it may have waited behind what was lost (hold_up.h) */
    uint32_t line; /* 1, 2, ... */
    /* When a write began; when the last byte of a read came, or where it was held up, when it was read. */
    int64_t at_ns;
    size_t bytes;
    /* Of a write. "GET", "200", "event"; "" where it is none of these. And the events in it; 0: none. */
    char what[TRACE_WORD_SIZE];
    uint64_t first, last;
};

/* An event: published by this process, or received by the user. */
struct trace_event {
    uint64_t number;
    int64_t due_ns, at_ns;
};

/* What else was done for the user, or by it: its request is parked, its poll is due, or due and left out. */
enum trace_moment { TRACE_PARKED, TRACE_DUE, TRACE_SKIPPED };

struct trace_note {
    enum trace_moment what;
    int64_t at_ns;
};

struct trace {
    struct sockaddr_in address; /* the port means nothing */
    char text[INET_ADDRSTRLEN];
    struct trace_line *lines;
    struct trace_piece *pieces;
    struct trace_event *events;
    struct trace_note *notes;
    size_t line_count, piece_count, event_count, note_count;
    uint64_t left_out;
};

/* Returns NULL when this is no IPv4 address, or is "". */
struct trace *trace_new(const char *address);
void trace_free(struct trace *);

/* The line that a connected socket is, new or known; 0 where neither of its ends is at the address, or both are. What is
 * told of line 0 is forgotten. (A pair of ports that is used again goes on as the same line.) */
uint32_t trace_open(struct trace *, int fd);
/* The same for one of which only the ports are known. */
uint32_t trace_open_ports(struct trace *, uint16_t own_port, uint16_t other_port);
/* The line of a socket that was opened. */
uint32_t trace_line_of(const struct trace *, int fd);

/* Is written from then on: `text`, and `framing` bytes around it. */
void trace_said(struct trace *, uint32_t line, int64_t at_ns, const char *text, size_t length,
                size_t framing);
/* The same write goes on. */
void trace_said_more(struct trace *, uint32_t line, const char *text, size_t length);
/* So much was written so far, what a library has written by itself among it. */
void trace_written(struct trace *, uint32_t line, uint64_t bytes);
/* Was read: `arrived_ns` is the kernel's stamp, or 0. */
void trace_heard(struct trace *, uint32_t line, size_t bytes, int64_t arrived_ns, bool held_up);

/* Whether there is something that was not told yet; and it has been: room for what comes next. */
bool trace_has_news(const struct trace *);
void trace_told(struct trace *);

void trace_event(struct trace *, uint64_t number, int64_t due_ns, int64_t at_ns);
/* Happens now. */
void trace_note(struct trace *, enum trace_moment);

#endif

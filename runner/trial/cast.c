/* The cast of a trial. */
#include "trial/cast.h"

#include "base/list.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>

/* Where there is no link. */
#define LOOPBACK "127.0.0.1"

void cast_init(struct cast *cast, const int counts[ROLE_COUNT]) {
    int count = 0;
    for (int role = 0; role < ROLE_COUNT; role++) count += counts[role];
    cast->members = xcalloc((size_t)count, sizeof(*cast->members));
    cast->count = 0;
    for (int role = 0; role < ROLE_COUNT; role++)
        for (int i = 0; i < counts[role]; i++)
            cast->members[cast->count++] = (struct member){
                .role = (enum role)role,
                .index = i,
                .address = LOOPBACK,
            };
}

void cast_servers_at(struct cast *cast, const char *address) {
    for (struct member *m = NULL; (m = cast_next(cast, ROLE_SERVER, m)) != NULL;)
        m->address = address;
}

void cast_free(struct cast *cast) {
    for (int i = 0; i < cast->count; i++) program_free(&cast->members[i].program);
    free(cast->members);
}

struct member *cast_member(struct program *program) {
    return list_entry(program, struct member, program);
}

struct member *cast_next(const struct cast *cast, enum role role, const struct member *last) {
    int from = last == NULL ? 0 : (int)(last - cast->members) + 1;
    for (int i = from; i < cast->count; i++)
        if (cast->members[i].role == role) return &cast->members[i];
    return NULL;
}

static bool is_there(const struct member *member) { return member->started && !member->ended; }

bool cast_is_left(const struct cast *cast, enum role role) {
    for (int i = 0; i < cast->count; i++)
        if (cast->members[i].role == role && is_there(&cast->members[i])) return true;
    return false;
}

bool cast_is_over(const struct cast *cast) {
    for (int i = 0; i < cast->count; i++)
        if (is_there(&cast->members[i])) return false;
    return true;
}

void cast_await(struct cast *cast, enum role role) {
    for (struct member *m = NULL; (m = cast_next(cast, role, m)) != NULL;) m->answered = m->ended;
}

struct member *cast_awaited(const struct cast *cast, enum role role) {
    for (struct member *m = NULL; (m = cast_next(cast, role, m)) != NULL;)
        if (!m->answered) return m;
    return NULL;
}

char *cast_addresses(const struct cast *cast, enum role role) {
    struct buffer text = {0};
    for (const struct member *m = NULL; (m = cast_next(cast, role, m)) != NULL;)
        if (is_there(m))
            buffer_printf(&text, "%s%s:%" PRId64, text.length == 0 ? "" : ",", m->address, m->port);
    return text.data;
}

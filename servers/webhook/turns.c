/* Receivers that hang hold a place each until their time is over. So those of which that is to be
 * feared have a line of their own, and get half of the places (at least one): the others wait for
 * each other only.
 *
 * Trust is earned by prompt answers, in less than half of the time: one from a hook that is new,
 * three in a row after one that was late or did not come. */
#include "turns.h"

#include "base/clock.h"

#define PROBATION 3 /* prompt answers; one alone would let a receiver hang every other time */

void turns_init(struct turns *turns, int places, int64_t attempt_seconds) {
    list_init(&turns->trusted);
    list_init(&turns->suspected);
    list_init(&turns->pausing);
    turns->places = places;
    turns->suspects_out = 0;
    turns->prompt_ns = attempt_seconds * NS_PER_SECOND / 2;
}

void turn_wait(struct turns *turns, struct lane *lane) {
    lane->retry_ns = 0;
    list_append(lane->hook->owes > 0 ? &turns->suspected : &turns->trusted, &lane->link);
}

void turn_pause(struct turns *turns, struct lane *lane, int64_t until_ns) {
    lane->retry_ns = until_ns;
    list_append(&turns->pausing, &lane->link);
}

void turns_wake(struct turns *turns, int64_t now_ns) {
    struct list *link, *next;
    list_each (link, next, &turns->pausing) {
        struct lane *lane = list_entry(link, struct lane, link);
        if (lane->retry_ns > now_ns) continue;
        list_remove(link);
        turn_wait(turns, lane);
    }
}

struct lane *turn_next(struct turns *turns) {
    bool room = turns->suspects_out == 0 || turns->suspects_out < turns->places / 2;
    struct list *line =
        room && !list_empty(&turns->suspected) ? &turns->suspected : &turns->trusted;
    if (list_empty(line)) return NULL;
    struct lane *lane = list_entry(line->next, struct lane, link);
    list_remove(&lane->link);
    return lane;
}

void turn_begin(struct turns *turns, struct lane *lane) {
    lane->posting = true;
    lane->turn_ns = clock_now_ns();
    lane->suspected = lane->hook->owes > 0;
    turns->suspects_out += lane->suspected;
}

/* A hook is trusted, or is not any more: its other lanes that wait change lines. */
static void change_lines(struct turns *turns, struct hook *hook) {
    for (int i = 0; i < hook->lane_count; i++) {
        struct lane *lane = &hook->lanes[i];
        bool waits = list_linked(&lane->link) && lane->retry_ns == 0;
        if (!waits) continue;
        list_remove(&lane->link);
        turn_wait(turns, lane);
    }
}

void turn_end(struct turns *turns, struct lane *lane, bool answered) {
    struct hook *hook = lane->hook;
    bool suspect = hook->owes > 0;
    lane->posting = false;
    turns->suspects_out -= lane->suspected;
    if (!answered || clock_now_ns() - lane->turn_ns > turns->prompt_ns)
        hook->owes = PROBATION;
    else if (suspect)
        hook->owes--;
    if (suspect != (hook->owes > 0)) change_lines(turns, hook);
}

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
    turns->places = places;
    turns->suspects_out = 0;
    turns->prompt_ns = attempt_seconds * NS_PER_SECOND / 2;
}

void turn_wait(struct turns *turns, struct hook *hook) {
    list_append(hook->owes > 0 ? &turns->suspected : &turns->trusted, &hook->link);
}

struct hook *turn_next(struct turns *turns) {
    bool room = turns->suspects_out == 0 || turns->suspects_out < turns->places / 2;
    struct list *line =
        room && !list_empty(&turns->suspected) ? &turns->suspected : &turns->trusted;
    if (list_empty(line)) return NULL;
    struct hook *hook = list_entry(line->next, struct hook, link);
    list_remove(&hook->link);
    hook->turn_ns = clock_now_ns();
    if (hook->owes > 0) turns->suspects_out++;
    return hook;
}

void turn_end(struct turns *turns, struct hook *hook, bool answered) {
    if (hook->owes > 0) turns->suspects_out--;
    if (!answered || clock_now_ns() - hook->turn_ns > turns->prompt_ns)
        hook->owes = PROBATION;
    else if (hook->owes > 0)
        hook->owes--;
}

/* An intrusive doubly linked list: the links live in the things that are listed, so adding and
 * removing never allocate and never fail. A list is a ring that starts and ends at its head. */
#ifndef PUSHPULL_LIST_H
#define PUSHPULL_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *next, *previous;
};

/* The structure that holds this link as its member `member`. */
#define list_entry(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

/* Walks `head`; the current entry may be removed or freed in the body. */
#define list_each(position, following, head)                                                       \
    for ((position) = (head)->next, (following) = (position)->next; (position) != (head);          \
         (position) = (following), (following) = (position)->next)

static inline void list_init(struct list *head) { head->next = head->previous = head; }

static inline bool list_empty(const struct list *head) { return head->next == head; }

/* Whether a zeroed or removed link is in some list. */
static inline bool list_linked(const struct list *link) { return link->next != NULL; }

static inline void list_append(struct list *head, struct list *link) {
    link->next = head;
    link->previous = head->previous;
    head->previous->next = link;
    head->previous = link;
}

/* Does nothing to a link that is in no list. */
static inline void list_remove(struct list *link) {
    if (link->next == NULL) return;
    link->previous->next = link->next;
    link->next->previous = link->previous;
    link->next = link->previous = NULL;
}

/* Moves all of `from` to the end of `to`. */
static inline void list_take(struct list *to, struct list *from) {
    if (list_empty(from)) return;
    from->next->previous = to->previous;
    to->previous->next = from->next;
    from->previous->next = to;
    to->previous = from->previous;
    list_init(from);
}

#endif

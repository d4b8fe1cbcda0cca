/* An id that is the same over all attempts, the time of this one, and a signature by each key. */
#include "message.h"

#include "base/clock.h"

#include <stdio.h>

static void add_signature(struct buffer *text, const struct signature_key *key, const char *id,
                          int64_t now, const struct event *event) {
    char signature[SIGNATURE_TEXT_SIZE];
    signature_sign(key, id, now, event->text, event->text_length, signature);
    buffer_printf(text, " %s", signature);
}

void message_headers(struct buffer *text, const struct hook *hook, const struct event *event,
                     const struct feed *feed) {
    char id[96], cursor[CURSOR_SIZE];
    int64_t now = clock_unix_seconds();
    snprintf(id, sizeof(id), "msg_%s_%s", hook->id,
             cursor_print(cursor, feed_cursor(feed, event->seq)));
    buffer_clear(text);
    buffer_printf(text,
                  "content-type: application/json\r\nwebhook-id: %s\r\n"
                  "webhook-timestamp: %lld\r\nwebhook-signature:",
                  id, (long long)now);
    add_signature(text, &hook->key, id, now, event);
    if (hook->old_key_until_ns > clock_now_ns())
        add_signature(text, &hook->old_key, id, now, event);
    buffer_printf(text, "\r\n");
    if (hook_missed(hook) > 0)
        buffer_printf(text, "pushpull-missed: %llu\r\n", (unsigned long long)hook_missed(hook));
}

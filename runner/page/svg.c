/* Making gnuplot's pictures fit for a page: a pass over the text with a few replacements, enough
 * for what gnuplot writes; this is no parser of XML. */
#include "page/svg.h"

#include "page/html.h"

#include <string.h>

/* What is replaced, by what; where `prefixed`, the prefix follows. */
static const struct replacement {
    const char *from, *to;
    int prefixed;
} replacements[] = {
    {" id=\"", " id=\"", 1},
    {" id='", " id='", 1},
    {"href='#", "href='#", 1},
    {"href=\"#", "href=\"#", 1},
    {"url(#", "url(#", 1},
    {"\"black\"", "\"currentColor\"", 0},
    {"'black'", "'currentColor'", 0},
    {"rgb(  0,   0,   0)", "currentColor", 0},
};
#define REPLACEMENT_COUNT (sizeof(replacements) / sizeof(replacements[0]))

/* The replacement that begins here, or NULL. */
static const struct replacement *find(const char *text) {
    for (size_t i = 0; i < REPLACEMENT_COUNT; i++)
        if (strncmp(text, replacements[i].from, strlen(replacements[i].from)) == 0)
            return &replacements[i];
    return NULL;
}

/* The end of an element that is left out, or NULL: what a pointer that rests would see. */
static const char *skip(const char *text) {
    static const char *const tags[] = {"title>", "desc>"};
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        size_t length = strlen(tags[i]);
        if (*text != '<' || strncmp(text + 1, tags[i], length) != 0) continue;
        for (const char *end = strstr(text, "</"); end != NULL; end = strstr(end + 2, "</"))
            if (strncmp(end + 2, tags[i], length) == 0) return end + 2 + length;
    }
    return NULL;
}

void svg_inline(struct buffer *out, const char *picture, const char *prefix, const char *label) {
    const char *text = strstr(picture, "<svg");
    if (text == NULL) return;
    buffer_printf(out, "<svg role=\"img\" aria-label=\"");
    html_text(out, label);
    buffer_printf(out, "\"");
    text += strlen("<svg");
    while (*text != '\0') {
        const struct replacement *replacement = find(text);
        const char *after = skip(text);
        if (after != NULL) {
            text = after;
        } else if (replacement != NULL) {
            buffer_printf(out, "%s%s", replacement->to, replacement->prefixed ? prefix : "");
            text += strlen(replacement->from);
        } else {
            buffer_append(out, text++, 1);
        }
    }
}

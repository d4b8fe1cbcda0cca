/* The pieces of the report's HTML. Whatever comes from the database goes through html_text. */
#ifndef PUSHPULL_HTML_H
#define PUSHPULL_HTML_H

#include "base/memory.h"

/* Appends text with <, >, &, " and ' escaped: safe in elements and in quoted attributes. */
void html_text(struct buffer *, const char *text);

/* Appends <tag>text</tag>. `tag` may carry attributes: "td class=figure". */
void html_element(struct buffer *, const char *tag, const char *text);

/* Appends a heading of the page that can be pointed to: "In short" is #in-short. */
void html_heading(struct buffer *, const char *text);

/* Everything up to and with <body>: title, style sheet. And the end of the page. */
void html_open(struct buffer *, const char *title);
void html_close(struct buffer *);

#endif

/* The pieces of the report's HTML, and its style sheet. */
#include "page/html.h"

#include <ctype.h>
#include <string.h>

void html_text(struct buffer *out, const char *text) {
    for (; *text != '\0'; text++) switch (*text) {
        case '<': buffer_append(out, "&lt;", 4); break;
        case '>': buffer_append(out, "&gt;", 4); break;
        case '&': buffer_append(out, "&amp;", 5); break;
        case '"': buffer_append(out, "&quot;", 6); break;
        case '\'': buffer_append(out, "&#39;", 5); break;
        default: buffer_append(out, text, 1);
        }
}

void html_element(struct buffer *out, const char *tag, const char *text) {
    buffer_printf(out, "<%s>", tag);
    html_text(out, text);
    buffer_printf(out, "</%.*s>", (int)strcspn(tag, " "), tag);
}

static const char style[] =
    ":root { color-scheme: light dark; --text: #1b1f24; --quiet: #5b6570; --page: #fff;"
    " --line: #d8dde3; --shade: #f4f6f8; }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "  :root { --text: #e3e7eb; --quiet: #9aa4ae; --page: #15181c; --line: #343b43;"
    " --shade: #1e2329; }\n"
    "}\n"
    "* { box-sizing: border-box; }\n"
    "body { margin: 0 auto; max-width: 74rem; padding: 1.5rem 1.25rem 4rem; color: var(--text);"
    " background: var(--page); font: 1rem/1.55 system-ui, sans-serif; }\n"
    "h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .4rem; }\n"
    "h2 { font-size: 1.25rem; margin: 2.6rem 0 .6rem; }\n"
    "h2 a { color: inherit; text-decoration: none; }\n"
    "h3 { font-size: 1.02rem; margin: 0 0 .4rem; }\n"
    "p, ul, dl { max-width: 46rem; margin: .5rem 0; }\n"
    "ul { padding-left: 1.2rem; }\n"
    "li { margin: .25rem 0; }\n"
    ".quiet { color: var(--quiet); font-size: .9rem; }\n"
    ".story pre { margin: .3rem 0; max-width: 46rem; }\n"
    ".scroll { overflow-x: auto; margin: .6rem 0; }\n"
    ".tall { max-height: 75vh; overflow-y: auto; }\n"
    ".tall thead { position: sticky; top: 0; background: var(--page); }\n"
    "table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }\n"
    "th, td { padding: .32rem .75rem; text-align: left; vertical-align: top;"
    " border-bottom: 1px solid var(--line); }\n"
    "th { font-weight: 600; }\n"
    "thead th { border-bottom: 2px solid var(--line); white-space: nowrap; }\n"
    "thead .group { text-align: center; border-bottom-width: 1px; }\n"
    "thead .empty { border-bottom: 0; padding: 0; }\n"
    ".figure { text-align: right; white-space: nowrap; }\n"
    "tr.group th { background: var(--shade); padding-top: .7rem; }\n"
    ".label { font-size: 1.1rem; margin-top: 0; }\n"
    "tr.floor td { color: var(--quiet); }\n"
    ".interval { display: block; color: var(--quiet); font-size: .8rem; }\n"
    "td.name { white-space: nowrap; }\n"
    "figure { margin: 0; padding: 1.4rem 0; border-top: 1px solid var(--line); display: grid;"
    " grid-template-columns: minmax(0, 46rem) minmax(14rem, 1fr); gap: .5rem 2rem; }\n"
    "figure svg { display: block; width: 100%; min-width: 34rem; height: auto; }\n"
    "figcaption p { margin: .3rem 0; }\n"
    "@media (max-width: 60rem) { figure { grid-template-columns: minmax(0, 1fr); }\n"
    "  figcaption { order: -1; } }\n"
    "pre { background: var(--shade); padding: .8rem 1rem; overflow-x: auto; font-size: .85rem;"
    " line-height: 1.45; border-radius: 4px; }\n"
    "code { font-family: ui-monospace, monospace; font-size: .88em; }\n"
    "details { margin: .6rem 0; }\n"
    "summary { cursor: pointer; }\n"
    ".words { overflow-wrap: anywhere; }\n"
    "@media print {\n"
    "  body { max-width: none; padding: 0; }\n"
    "  figure { break-inside: avoid; grid-template-columns: minmax(0, 1fr); padding: .7rem 0; }\n"
    "  figure svg { min-width: 0; max-height: 8.6cm; }\n"
    "  figcaption { order: -1; }\n"
    "  .scroll, .tall { overflow: visible; max-height: none; }\n"
    "  .tall thead { position: static; }\n"
    "  pre { white-space: pre-wrap; }\n"
    "  table { font-size: .75rem; }\n"
    "  th, td { padding: .2rem .4rem; }\n"
    "  details::details-content { content-visibility: visible; height: auto; }\n"
    "}\n";

void html_heading(struct buffer *out, const char *text) {
    struct buffer id = {0};
    for (const char *c = text; *c != '\0'; c++)
        buffer_printf(&id, "%c", *c == ' ' ? '-' : tolower((unsigned char)*c));
    buffer_printf(out, "<h2 id=\"%s\"><a href=\"#%s\">", id.data, id.data);
    html_text(out, text);
    buffer_printf(out, "</a></h2>\n");
    buffer_free(&id);
}

void html_open(struct buffer *out, const char *title) {
    buffer_printf(out,
                  "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html_element(out, "title", title);
    buffer_printf(out, "\n<style>\n%s</style>\n</head>\n<body>\n", style);
}

void html_close(struct buffer *out) { buffer_printf(out, "</body>\n</html>\n"); }

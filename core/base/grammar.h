/* Small pieces of the grammar of RFC 9110, RFC 9112 and RFC 3986, on text alone: what llhttp leaves
 * to its user. No function here allocates. */
#ifndef PUSHPULL_HTTP_GRAMMAR_H
#define PUSHPULL_HTTP_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>

/* A character of a token: a method, a field's name (RFC 9110, 5.6.2). */
bool http_token_character(char c);
/* The next element of a comma-separated list (RFC 9110, 5.6.1), without the blanks around it; empty
 * ones are skipped. *position moves on; returns NULL at the end. Knows no quoted strings: the lists
 * that we read have none. */
const char *http_list_next(const char **position, size_t *length);
/* Whether a list has this element, in any case of letters. */
bool http_list_has(const char *list, const char *element);

/* Whether this is a host with or without a port, as in Host (RFC 9110, 7.2), and not empty. */
bool http_host_valid(const char *host);
/* Whether a name or address of this very machine is meant: localhost and what is below it,
 * 127.0.0.0/8, [::1]. */
bool http_host_loopback(const char *host);
/* Whether this is an origin as browsers send it: scheme, host, perhaps a port, nothing else. */
bool http_origin_valid(const char *origin);
/* Whether it is one, or "*" for all, or "" for none. */
bool http_origin_choice_valid(const char *text);

/* Whether path and query are spelt with the characters that RFC 3986 allows there, %XX whole. */
bool http_path_valid(const char *path);
/* Replaces %XX by the character where both mean the same: letters, digits, - . _ ~ (RFC 3986,
 * 6.2.2.2). In place. */
void http_path_normalise(char *path);

#endif

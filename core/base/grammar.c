/* Small pieces of HTTP's grammar: see grammar.h. */
#include "base/grammar.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <uv.h>

/* What a character may be part of. A table, for it is asked of every byte of a head. */
enum { TOKEN = 1, UNRESERVED = 2, DELIMITER = 4, PATH = 8 };

static const unsigned char kinds[256] = {
    ['0' ... '9'] = TOKEN | UNRESERVED,
    ['a' ... 'z'] = TOKEN | UNRESERVED,
    ['A' ... 'Z'] = TOKEN | UNRESERVED,
    ['-'] = TOKEN | UNRESERVED,
    ['.'] = TOKEN | UNRESERVED,
    ['_'] = TOKEN | UNRESERVED,
    ['~'] = TOKEN | UNRESERVED,
    ['!'] = TOKEN | DELIMITER,
    ['$'] = TOKEN | DELIMITER,
    ['&'] = TOKEN | DELIMITER,
    ['\''] = TOKEN | DELIMITER,
    ['*'] = TOKEN | DELIMITER,
    ['+'] = TOKEN | DELIMITER,
    ['#'] = TOKEN,
    ['%'] = TOKEN,
    ['^'] = TOKEN,
    ['`'] = TOKEN,
    ['|'] = TOKEN,
    ['('] = DELIMITER,
    [')'] = DELIMITER,
    [','] = DELIMITER,
    [';'] = DELIMITER,
    ['='] = DELIMITER,
    ['/'] = PATH,
    ['?'] = PATH,
    [':'] = PATH,
    ['@'] = PATH,
};

static bool is(char c, int kind) { return (kinds[(unsigned char)c] & kind) != 0; }

bool http_token_character(char c) { return is(c, TOKEN); }

/* --- lists ------------------------------------------------------------------------------------ */

const char *http_list_next(const char **position, size_t *length) {
    const char *start = *position + strspn(*position, ", \t");
    const char *end = start + strcspn(start, ",");
    *position = end;
    while (end > start && (end[-1] == ' ' || end[-1] == '\t')) end--;
    *length = (size_t)(end - start);
    return *length > 0 ? start : NULL;
}

bool http_list_has(const char *list, const char *element) {
    const char *found;
    size_t length, wanted = strlen(element);
    while ((found = http_list_next(&list, &length)) != NULL)
        if (length == wanted && strncasecmp(found, element, length) == 0) return true;
    return false;
}

/* --- targets ---------------------------------------------------------------------------------- */

/* A character of one of these kinds, or a whole %XX. Returns how long it is, 0: neither. */
static size_t piece(const char *text, int kind) {
    if (is(*text, kind)) return 1;
    return *text == '%' && isxdigit((unsigned char)text[1]) && isxdigit((unsigned char)text[2]) ? 3
                                                                                                : 0;
}

bool http_path_valid(const char *path) {
    size_t length;
    while ((length = piece(path, UNRESERVED | DELIMITER | PATH)) > 0) path += length;
    return *path == '\0';
}

void http_path_normalise(char *path) {
    char *to = path;
    for (const char *from = path; *from != '\0';) {
        char digits[3] = {0}, c = *from;
        if (c == '%') {
            memcpy(digits, from + 1, 2);
            c = (char)strtol(digits, NULL, 16);
        }
        bool decoded = *from == '%' && is(c, UNRESERVED);
        *to++ = decoded ? c : *from;
        from += decoded ? 3 : 1;
    }
    *to = '\0';
}

/* --- hosts and origins ------------------------------------------------------------------------ */

/* The host without its port, as text, brackets and all. False when there is no such host. */
static bool split_host(const char *host, char *name, size_t size, const char **port) {
    size_t length = 0, one;
    if (*host == '[') {
        length = strcspn(host, "]") + 1;
    } else {
        while ((one = piece(host + length, UNRESERVED | DELIMITER)) > 0) length += one;
    }
    if (length == 0 || length >= size || strnlen(host, length) < length) return false;
    memcpy(name, host, length);
    name[length] = '\0';
    *port = host + length;
    return true;
}

/* Nothing, or a colon and a number, which may be missing. */
static bool port_valid(const char *port) {
    if (*port == '\0') return true;
    size_t digits = strspn(port + 1, "0123456789");
    return *port == ':' && port[1 + digits] == '\0' && digits <= 5 && atol(port + 1) <= 65535;
}

#define HOST_BYTES 256 /* a name is no longer than 253 (RFC 1035) */

/* An address in brackets becomes the bare address. */
static bool bare_address(char *name) {
    unsigned char address[16];
    size_t length = strlen(name);
    if (name[length - 1] != ']') return false;
    name[length - 1] = '\0';
    memmove(name, name + 1, length - 1);
    return uv_inet_pton(AF_INET6, name, address) == 0 && strchr(name, '%') == NULL;
}

bool http_host_valid(const char *host) {
    char name[HOST_BYTES];
    const char *port;
    if (!split_host(host, name, sizeof(name), &port) || !port_valid(port)) return false;
    return *name != '[' || bare_address(name);
}

bool http_host_loopback(const char *host) {
    static const char localhost[] = "localhost";
    char name[HOST_BYTES];
    unsigned char address[16];
    const char *port;
    if (!split_host(host, name, sizeof(name), &port)) return false;
    if (*name == '[') {
        static const unsigned char one[16] = {[15] = 1};
        return bare_address(name) && uv_inet_pton(AF_INET6, name, address) == 0 &&
               memcmp(address, one, sizeof(one)) == 0;
    }
    if (uv_inet_pton(AF_INET, name, address) == 0) return address[0] == 127;
    size_t length = strlen(name), wanted = sizeof(localhost) - 1;
    if (name[length - 1] == '.') name[--length] = '\0';
    if (length < wanted || strcasecmp(name + length - wanted, localhost) != 0) return false;
    return length == wanted || (length > wanted + 1 && name[length - wanted - 1] == '.');
}

bool http_origin_valid(const char *origin) {
    size_t scheme = strspn(origin, "abcdefghijklmnopqrstuvwxyz0123456789+-.");
    if (scheme == 0 || strncmp(origin + scheme, "://", 3) != 0) return false;
    return http_host_valid(origin + scheme + 3);
}

bool http_origin_choice_valid(const char *text) {
    return *text == '\0' || strcmp(text, "*") == 0 || http_origin_valid(text);
}

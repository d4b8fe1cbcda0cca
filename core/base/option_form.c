/* Forms of texts: see option_form.h. */
#include "base/option_form.h"

#include "base/grammar.h"
#include "base/limits.h"
#include "base/utf8.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define NUMBER_MAX_BYTES 64
#define HOST_NAME_BYTES 253
#define LABEL_BYTES 80

/* strtod alone would take blanks, hexadecimal, nan and inf as well. */
static bool read_number(const char *text, size_t length, double *number) {
    char copy[NUMBER_MAX_BYTES], *end;
    if (length == 0 || length >= sizeof(copy)) return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    if (copy[strspn(copy, "0123456789+-.eE")] != '\0') return false;
    *number = strtod(copy, &end);
    return *end == '\0' && isfinite(*number);
}

bool option_form_numbers(const char *text, double *numbers, int count) {
    for (int i = 0; i < count; i++) {
        size_t length = strcspn(text, ":");
        if (!read_number(text, length, &numbers[i])) return false;
        text += length;
        if ((*text == ':') != (i + 1 < count)) return false;
        text += *text == ':';
    }
    return true;
}

static bool is_host_label(const char *text, size_t length) {
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    return length >= 1 && length <= 63 && text[0] != '-' && text[length - 1] != '-' &&
           strspn(text, allowed) >= length;
}

/* Labels between single dots (RFC 1123, 2.1), the last of which is no number: 127.0.0.300 and 127.1
 * are no names. Taken as well is what name servers and containers take: a dot at the end, and "_". */
static bool is_host_name(const char *text) {
    if (strlen(text) > HOST_NAME_BYTES) return false;
    size_t length = strcspn(text, ".");
    for (; text[length] == '.' && text[length + 1] != '\0'; length = strcspn(text, ".")) {
        if (!is_host_label(text, length)) return false;
        text += length + 1;
    }
    return is_host_label(text, length) && strspn(text, "0123456789") < length;
}

/* Whether a name is anybody's, the program finds out: not here, where nothing is to be asked of a name
 * server yet. An address has no scope (fe80::1%eth0), which means nothing to others. Without any, the
 * program finds one. */
static bool is_address(const char *text) {
    struct in_addr four;
    struct in6_addr six;
    if (*text == '\0') return true;
    if (strchr(text, '%') != NULL) return false;
    return uv_inet_pton(AF_INET, text, &four) == 0 || uv_inet_pton(AF_INET6, text, &six) == 0 ||
           is_host_name(text);
}

/* One line that a terminal can be given: no control characters. */
static bool is_label(const char *text) {
    char clean[LABEL_BYTES + 1];
    if (strlen(text) > LABEL_BYTES) return false;
    strcpy(clean, text);
    utf8_clean(clean);
    return strcmp(clean, text) == 0 && strpbrk(text, "\n\t") == NULL;
}

static bool is_path(const char *text) { return *text != '\0'; }

/* --- faults on purpose (core/harness/fault.h) ------------------------------------------------- */

bool option_form_stall(const char *text, double numbers[2]) {
    numbers[0] = numbers[1] = 0;
    if (*text == '\0') return true;
    return option_form_numbers(text, numbers, 2) && numbers[0] >= 0 && numbers[0] < 1e12 &&
           numbers[1] > 0 && numbers[1] <= STALL_MAX_MS;
}

/* Events keep their order as long as the delay falls more slowly than time passes. */
bool option_form_delay(const char *text, double numbers[3]) {
    numbers[0] = numbers[1] = numbers[2] = 0;
    if (*text == '\0') return true;
    return option_form_numbers(text, numbers, 3) && numbers[0] >= 0 && numbers[1] >= numbers[0] &&
           numbers[1] <= DELAY_MAX_MS && numbers[2] > 2 * (numbers[1] - numbers[0]) &&
           numbers[2] >= 1 && numbers[2] < 1e12;
}

/* --- loss in bursts (core/model/link.h) ------------------------------------------------------- */

/* By commas too, as papers write it; a scenario takes those for several values. */
bool option_form_burst(const char *text, double numbers[4]) {
    char copy[4 * NUMBER_MAX_BYTES];
    memset(numbers, 0, 4 * sizeof(*numbers));
    if (*text == '\0') return true;
    if (strlen(text) >= sizeof(copy)) return false;
    strcpy(copy, text);
    for (char *at = copy; (at = strchr(at, ',')) != NULL;) *at = ':';
    if (!option_form_numbers(copy, numbers, 4)) return false;
    for (int i = 0; i < 4; i++)
        if (!(numbers[i] >= 0 && numbers[i] <= 1)) return false;
    return true;
}

static bool is_burst(const char *text) { return option_form_burst(text, (double[4]){0}); }
static bool is_stall(const char *text) { return option_form_stall(text, (double[2]){0}); }
static bool is_delay(const char *text) { return option_form_delay(text, (double[3]){0}); }

/* --- the forms -------------------------------------------------------------------------------- */

static const struct option_form forms[] = {
    {"path", "a path", is_path},
    {"label", "a line of at most 80 bytes of text", is_label},
    {"address", "an IPv4 or IPv6 address or a host's name, e.g. 127.0.0.1", is_address},
    {"stall", "AT_MS:FOR_MS, e.g. 1000:500, for at most 60000 ms", is_stall},
    {"burst",
     "P:R:H:K, four numbers from 0 to 1, e.g. 0.01:0.3:0.5:1: how likely a frame is the first of a"
     " burst, and one of a burst its end; which share passes in bursts, and which otherwise",
     is_burst},
    {"origin", "an origin, e.g. https://example.org, or *", http_origin_choice_valid},
    {"delay",
     "LEAST_MS:MOST_MS:PERIOD_MS, e.g. 100:300:2000, for at most 3600000 ms, with a period of at"
     " least 1 ms and more than twice the difference, lest events be swapped",
     is_delay},
};

const struct option_form *option_form_find(const char *name) {
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (strcmp(forms[i].name, name) == 0) return &forms[i];
    return NULL;
}

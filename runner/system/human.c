/* Figures for people. */
#include "system/human.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

struct scale {
    double factor;
    const char *unit;
};

/* Three digits that count: 0.304, 3.04, 30.4, 304. More digits before the point are kept. */
static int decimals(double value) {
    double size = fabs(value);
    if (size >= 99.95) return 0;
    if (size >= 9.995) return 1;
    return size >= 0.9995 || size == 0 ? 2 : 3;
}

/* Uses the last scale whose figure is at least 1. 999.6 rounds to the next scale's 1.00. */
static const char *scaled(char *out, double value, const struct scale *scales, int count) {
    if (isnan(value)) return strcpy(out, "–");
    if (value == 0) {
        snprintf(out, HUMAN_SIZE, "0 %s", scales[0].unit);
        return out;
    }
    int i = 0;
    while (i + 1 < count && fabs(value) / scales[i + 1].factor >= 0.9995) i++;
    double figure = value / scales[i].factor;
    snprintf(out, HUMAN_SIZE, "%.*f %s", decimals(figure), figure, scales[i].unit);
    return out;
}

const char *human_time(char out[HUMAN_SIZE], double microseconds) {
    static const struct scale scales[] = {{1, "µs"}, {1e3, "ms"}, {1e6, "s"}};
    return scaled(out, microseconds, scales, 3);
}

const char *human_bytes(char out[HUMAN_SIZE], double bytes) {
    static const struct scale scales[] = {{1, "B"}, {1e3, "kB"}, {1e6, "MB"}, {1e9, "GB"}};
    return scaled(out, bytes, scales, 4);
}

const char *human_number(char out[HUMAN_SIZE], double value) {
    if (isnan(value)) return strcpy(out, "–");
    if (fabs(value) >= 1e6)
        snprintf(out, HUMAN_SIZE, "%.*f M", decimals(value / 1e6), value / 1e6);
    else
        snprintf(out, HUMAN_SIZE, "%.*f", value == rint(value) ? 0 : decimals(value), value);
    return out;
}

struct human_base human_base(const char *unit) {
    static const struct {
        const char *unit;
        struct human_base base;
    } units[] = {
        {"us", {1e-6, "s"}},   {"ms", {1e-3, "s"}}, {"s", {1, "s"}},
        {"seconds", {1, "s"}}, {"bytes", {1, "B"}},
    };
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(units[i].unit, unit) == 0) return units[i].base;
    return (struct human_base){1, ""};
}

const char *human_metric(char out[HUMAN_SIZE], double value, const char *unit) {
    struct human_base base = human_base(unit);
    if (*base.symbol == 's') return human_time(out, value * base.factor * 1e6);
    if (*base.symbol == 'B') return human_bytes(out, value);
    return human_number(out, value);
}

int human_width(const char *text) {
    int width = 0;
    for (; *text != '\0'; text++) width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

#define COLUMNS 80       /* also of text on a wider terminal: longer lines are hard to read */
#define COLUMNS_LEAST 20 /* on a narrower one lines break anyway */

int human_columns(FILE *out) {
    const char *told = getenv("COLUMNS");
    struct winsize size = {0};
    int columns = told == NULL ? 0 : (int)strtol(told, NULL, 10);
    if (columns <= 0 && ioctl(fileno(out), TIOCGWINSZ, &size) == 0) columns = size.ws_col;
    if (columns <= 0) columns = COLUMNS;
    return columns < COLUMNS_LEAST ? COLUMNS_LEAST : columns;
}

void human_wrap(FILE *out, int indent, const char *text) {
    human_wrap_labelled(out, "", indent, text);
}

void human_wrap_labelled(FILE *out, const char *label, int indent, const char *text) {
    int column = 0, columns = human_columns(out) < COLUMNS ? human_columns(out) : COLUMNS;
    while (*(text += strspn(text, " ")) != '\0') {
        int length = (int)strcspn(text, " ");
        char *word = xmemdup(text, (size_t)length);
        int width = human_width(word);
        if (column > 0 && column + 1 + width > columns) {
            fputc('\n', out);
            column = 0;
        }
        if (column == 0)
            fprintf(out, "%-*s%s", indent, label, word);
        else
            fprintf(out, " %s", word);
        label = "";
        column += (column == 0 ? indent : 1) + width;
        free(word);
        text += length;
    }
    if (column > 0) fputc('\n', out);
}

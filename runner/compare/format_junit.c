/* A verdict as JUnit's XML. See formats.h. */
#include "compare/formats.h"

#include "base/memory.h"
#include "system/human.h"

#include <stdlib.h>
#include <string.h>

static void print_escaped(FILE *out, const char *text) {
    for (; *text != '\0'; text++) switch (*text) {
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '&': fputs("&amp;", out); break;
        case '"': fputs("&quot;", out); break;
        default: fputc(*text, out);
        }
}

static void print_case(FILE *out, const struct gate *gate, const struct gate_item *item) {
    char name[METRIC_NAME_SIZE], change[64], base[HUMAN_SIZE], candidate[HUMAN_SIZE];
    const char *unit = item->metric.kind == NULL ? "count" : item->metric.kind->unit;
    fprintf(out, "  <testcase classname=\"");
    print_escaped(out, gate->scenario);
    fputc('.', out);
    print_escaped(out, item->strategy->key);
    fprintf(out, "\" name=\"");
    print_escaped(out, format_figure(name, item));
    if (*item->label != '\0') fputc(' ', out);
    print_escaped(out, item->label);
    fprintf(out, "\" time=\"0\"");
    bool red = gate_is_regression(gate, item);
    if (!red && !gate_is_open(gate, item)) {
        fprintf(out, "/>\n");
        return;
    }
    fprintf(out, ">\n    <%s message=\"%s: %s, was %s", red ? "failure" : "skipped",
            gate_word(gate, item), human_metric(candidate, item->candidate, unit),
            human_metric(base, item->base, unit));
    format_change(change, item);
    fprintf(out, "%s%s\"/>\n  </testcase>\n", *change == '\0' ? "" : ", ", change);
}

/* The last case is the verdict itself: a control that moved makes no figure wrong, but the whole unsure. */
void format_junit(FILE *out, const struct gate *gate, sqlite3 *db) {
    int failures = 0, skipped = gate->verdict == INCONCLUSIVE;
    char *sentence = gate_sentence(gate);
    (void)db;
    for (int i = 0; i < gate->gated; i++) {
        bool red = gate_is_regression(gate, &gate->items[i]);
        failures += red;
        skipped += !red && gate_is_open(gate, &gate->items[i]);
    }
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites>\n <testsuite name=\"pushpull\" tests=\"%d\" failures=\"%d\" errors=\"0\""
            " skipped=\"%d\" time=\"0\">\n",
            gate->gated + 1, failures, skipped);
    for (int i = 0; i < gate->gated; i++) print_case(out, gate, &gate->items[i]);
    fprintf(out, "  <testcase classname=\"");
    print_escaped(out, gate->scenario);
    fprintf(out, "\" name=\"verdict\" time=\"0\">");
    if (gate->verdict == INCONCLUSIVE) {
        fprintf(out, "<skipped message=\"");
        print_escaped(out, sentence);
        fprintf(out, "\"/>");
    }
    fprintf(out, "<system-out>");
    print_escaped(out, sentence);
    fprintf(out, "</system-out></testcase>\n </testsuite>\n</testsuites>\n");
    free(sentence);
}

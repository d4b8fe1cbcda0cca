/* A verdict for people: on a terminal and as Markdown. See formats.h. */
#include "compare/formats.h"

#include "base/memory.h"
#include "model/conversation.h"
#include "report/table_print.h"
#include "system/human.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SOUGHT 0.10 /* the rise of a median that is spoken of */

/* --- figures ---------------------------------------------------------------------------------- */

/* A latency's own figures go by their statistic; else by the heading of the final table, or the whole title. */
const char *format_figure(char out[METRIC_NAME_SIZE], const struct gate_item *item) {
    const struct metric_kind *kind = item->metric.kind;
    if (kind == NULL) return strcpy(out, "failed trials");
    const char *heading = metric_shown(item->metric)->heading;
    if (strcmp(kind->name, HISTOGRAM_DELIVERY_LATENCY) == 0) {
        static const char *const words[] = {"mean", "p50", "p90", "p99", "p99.9", "greatest"};
        return strcpy(out, words[item->metric.statistic]);
    }
    return heading != NULL ? strcpy(out, heading) : metric_title(out, item->metric);
}

static const char *figure(char out[HUMAN_SIZE], const struct gate_item *item, double value) {
    return human_metric(out, value, item->metric.kind == NULL ? "count" : item->metric.kind->unit);
}

/* "+1.2"; what rounds to nothing has no sign. */
static const char *percent(char out[16], double share) {
    if (fabs(share) < 0.0005)
        snprintf(out, 16, "0.0");
    else
        snprintf(out, 16, "%+.1f", 100 * share);
    return out;
}

const char *format_change(char out[64], const struct gate_item *item) {
    struct shift changes = gate_changes(item, gate_batch(item));
    bool from_nothing = !(item->base > 0) && item->candidate > 0;
    char value[16], low[16], high[16];
    if (isnan(changes.value) || item->decided->mishap || from_nothing)
        snprintf(out, 64, "%s", from_nothing ? "new" : "");
    else if (isnan(changes.low))
        snprintf(out, 64, "%s %%", percent(value, changes.value));
    else
        snprintf(out, 64, "%s %% (%s to %s)", percent(value, changes.value),
                 percent(low, changes.low), percent(high, changes.high));
    return out;
}

double format_finds(const struct gate *gate, const struct gate_item *item) {
    const struct decide_batch *first = &item->decided->batches[0];
    if (item->decided->mishap || first->count == 0) return NAN;
    return expm1(
        decide_finds(item->decided, decide_tests(gate->decided, gate->gated), first->count));
}

static const char *finds(char out[16], const struct gate *gate, const struct gate_item *item) {
    double share = format_finds(gate, item);
    if (isnan(share))
        snprintf(out, 16, "%s", item->decided->mishap ? "any" : "–");
    else if (isinf(share) || share > 9.99)
        snprintf(out, 16, "nothing");
    else
        snprintf(out, 16, "%.*f %%", share < 0.0995 ? 1 : 0, 100 * share);
    return out;
}

static bool is_shown(const struct gate_item *item) {
    return !item->silent && item->decided->batches[0].count > 0;
}

/* --- the table -------------------------------------------------------------------------------- */

/* Who it is about. */
static char *who(const struct gate_item *item) {
    return xasprintf("%s%s%s", item->strategy->title, *item->label == '\0' ? "" : " ", item->label);
}

static const char *word_of(const struct gate *gate, const struct gate_item *item) {
    if (item->advisory) return "advisory";
    return item->strategy->floor ? "control" : gate_word(gate, item);
}

/* The terminal has no room for the whole of the most frequent word. */
static void add_row(struct table *table, const struct gate *gate, const struct gate_item *item) {
    char name[METRIC_NAME_SIZE], base[HUMAN_SIZE], candidate[HUMAN_SIZE], change[64];
    const char *word = word_of(gate, item);
    *table_add_row(table) = (struct table_row){
        .cells = {who(item), xstrdup(format_figure(name, item)),
                  xstrdup(figure(base, item, item->base)),
                  xstrdup(figure(candidate, item, item->candidate)),
                  xstrdup(format_change(change, item)),
                  xstrdup(strcmp(word, "no measurable difference") == 0 ? "the same" : word)},
        .floor = item->strategy->floor || item->advisory,
    };
}

void format_table(struct table *table, const struct gate *gate) {
    *table = (struct table){.key_count = 2};
    table_add_column(table, "strategy", true);
    table_add_column(table, "figure", true);
    table_add_column(table, "base", false);
    table_add_column(table, "candidate", false);
    table_add_column(table, "change (95 %)", false);
    table_add_column(table, "", true);
    for (int i = 0; i < gate->count; i++)
        if (is_shown(&gate->items[i])) add_row(table, gate, &gate->items[i]);
}

/* --- how much would have been found ----------------------------------------------------------- */

static bool is_median_latency(const struct gate_item *item) {
    return item->metric.kind != NULL && strcmp(item->metric.kind->group, "latency") == 0 &&
           item->metric.statistic == P50 && item->metric.kind->samples != SINGLE;
}

/* "30 pairs find a median latency that rises by 10 % with 97 % (SSE), ...". */
static char *sample_size(const struct gate *gate) {
    struct buffer text = {0};
    int pairs = 0;
    for (int i = 0; i < gate->gated; i++) {
        const struct gate_item *item = &gate->items[i];
        int own = item->decided->batches[0].count;
        if (!is_median_latency(item) || item->decided->batches[0].run < gate->rules.pairs) continue;
        if (own < gate->rules.pairs / 2) continue;
        if (pairs == 0)
            buffer_printf(&text, "%d pairs find a median latency that rises by %.0f %% with", own,
                          100 * SOUGHT);
        char *name = who(&gate->items[i]);
        buffer_printf(&text, "%s %.0f %% (%s)", pairs == 0 ? "" : ",",
                      100 * decide_power(item->decided, decide_tests(gate->decided, gate->gated),
                                         own, log1p(SOUGHT)),
                      name);
        free(name);
        pairs = own;
    }
    if (pairs > 0)
        buffer_printf(&text,
                      ", by how much the pairs differ; the least change that would be found with"
                      " %.0f %%:",
                      100 * GATE_POWER);
    for (int i = 0, count = 0; i < gate->gated && pairs > 0; i++) {
        char share[16];
        if (!is_median_latency(&gate->items[i])) continue;
        char *name = who(&gate->items[i]);
        buffer_printf(&text, "%s %s of %s", count++ == 0 ? "" : ",",
                      finds(share, gate, &gate->items[i]), name);
        free(name);
    }
    if (pairs > 0) buffer_printf(&text, ".");
    return text.data;
}

static char *compared(const struct gate *gate) {
    char *visited =
        gate->visited == 0 || gate->crowded
            ? xstrdup("")
            : xasprintf(" (beside %d of them another run measured on this machine)", gate->visited);
    char *text = xasprintf("base %s, candidate %s, scenario %s, experiment %lld: %d pairs%s",
                           gate->base_revision == NULL ? "unknown" : gate->base_revision,
                           gate->candidate_revision, gate->scenario, (long long)gate->experiment,
                           gate->pairs, visited);
    free(visited);
    return text;
}

static const char no_control[] =
    "There was no control: a scenario with tcp, the floor, has one, which tells a machine that"
    " favours one of two from a change.";

/* What stands below the figures. */
static const char how_to_read[] = "Each figure is the median over all trials of a build; the "
                                  "change is estimated from pairs of trials that ran"
                                  " one after the other. It is called slower or worse when it is "
                                  "significant, beyond what the gate allows,"
                                  " and confirmed by pairs of its own.";

void format_text(FILE *out, const struct gate *gate, sqlite3 *db) {
    struct table table;
    char *sentence = gate_sentence(gate), *size = sample_size(gate), *what = compared(gate);
    (void)db;
    human_wrap(out, 0, sentence);
    human_wrap(out, 0, what);
    fprintf(out, "\n");
    format_table(&table, gate);
    table_lay_out(out, &table);
    human_wrap(out, 0, how_to_read);
    if (size != NULL) human_wrap(out, 0, size);
    if (gate->controls == 0) human_wrap(out, 0, no_control);
    table_free(&table);
    free(sentence);
    free(size);
    free(what);
}

/* --- Markdown --------------------------------------------------------------------------------- */

static const char *const signs[] = {[NO_REGRESSION] = "✅ No regression",
                                    [REGRESSION] = "❌ Regression",
                                    [INCONCLUSIVE] = "⚠️ Inconclusive"};

/* Cells are our own words and numbers, but for revisions and labels: a bar would end a cell. */
static void print_cell(FILE *out, const char *text) {
    fputs("| ", out);
    for (; *text != '\0'; text++) {
        if (strchr("|\\`*_<>[]", *text) != NULL) fputc('\\', out);
        fputc(*text, out);
    }
    fputc(' ', out);
}

static void print_markdown_row(FILE *out, const struct gate *gate, const struct gate_item *item) {
    char name[METRIC_NAME_SIZE], text[HUMAN_SIZE], change[64], share[16];
    char *strategy = who(item);
    bool red = gate_is_regression(gate, item);
    print_cell(out, strategy);
    print_cell(out, format_figure(name, item));
    print_cell(out, figure(text, item, item->base));
    print_cell(out, figure(text, item, item->candidate));
    print_cell(out, format_change(change, item));
    print_cell(out, finds(share, gate, item));
    fprintf(out, "| %s%s%s |\n", red ? "**" : "", word_of(gate, item), red ? "**" : "");
    free(strategy);
}

void format_markdown(FILE *out, const struct gate *gate, sqlite3 *db) {
    char *sentence = gate_sentence(gate), *size = sample_size(gate), *what = compared(gate);
    const char *rest =
        sentence + strcspn(sentence, ":") + 2; /* the verdict stands in the heading */
    (void)db;
    fprintf(out, "### pushpull: %s\n\n%c%s\n\n", signs[gate->verdict],
            toupper((unsigned char)*rest), rest + 1);
    fprintf(out, "%s.\n\n", what);
    fprintf(out, "| strategy | figure | base | candidate | change (95 %%) | would be found | |\n"
                 "|---|---|--:|--:|--:|--:|---|\n");
    for (int i = 0; i < gate->count; i++)
        if (is_shown(&gate->items[i])) print_markdown_row(out, gate, &gate->items[i]);
    fprintf(out, "\n%s%s%s\n", how_to_read, size == NULL ? "" : " ", size == NULL ? "" : size);
    if (gate->controls == 0) fprintf(out, "\n%s\n", no_control);
    free(sentence);
    free(size);
    free(what);
}

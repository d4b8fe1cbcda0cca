/* In short. The metrics with a question in the table of metrics, each answered in a sentence: which
 * strategy has least of it, which others cannot be told from that one, which has most. */
#include "report/highlights.h"

#include "base/memory.h"
#include "figures/metric_kinds.h"
#include "figures/statistics.h"
#include "report/story.h"
#include "scenario/strategies.h"
#include "store/sql.h"
#include "system/human.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* One strategy's answer. */
struct answer {
    char title[32], text[HUMAN_SIZE];
    double value, low, high;
    double requests; /* per delivery; NAN unknown, as the others below */
    double rate;     /* events/s, where it does not change */
    double event;    /* bytes that TCP carried per delivery: of the floor, the event's text */
    bool floor;
};

/* --- reading ---------------------------------------------------------------------------------- */

/* A figure and its unit stay on one line: the space becomes one that does not break. */
static void keep_together(char text[HUMAN_SIZE]) {
    char *space = strchr(text, ' ');
    if (space == NULL || strlen(text) + 2 > HUMAN_SIZE) return;
    memmove(space + 2, space + 1, strlen(space + 1) + 1);
    memcpy(space, "\u00a0", 2);
}

static void read_answer(struct answer *answer, sqlite3_stmt *statement) {
    strncpy(answer->title, sql_column(statement, 0), sizeof(answer->title) - 1);
    answer->title[sizeof(answer->title) - 1] = '\0';
    answer->floor = sqlite3_column_int(statement, 1) != 0;
    answer->value = sql_number(statement, 2);
    answer->low = sql_number(statement, 3);
    answer->high = sql_number(statement, 4);
    answer->requests = sql_number(statement, 6);
    answer->rate = sql_number(statement, 7);
    answer->event = sql_number(statement, 8);
    human_metric(answer->text, answer->value, sql_column(statement, 5));
    keep_together(answer->text);
}

/* The answers, least first. Returns how many, or -1. */
static int read_answers(sqlite3 *db, int64_t experiment_id, struct metric_id id,
                        struct answer answers[STRATEGIES_MAX]) {
    char name[METRIC_NAME_SIZE];
    sqlite3_stmt *statement = sql_query(db,
                                        "SELECT title, floor, value, low, high, unit,"
                                        " (SELECT value FROM baseline r WHERE metric ="
                                        "  'requests_per_delivery' AND r.strategy = b.strategy"
                                        "  AND r.experiment_id = b.experiment_id),"
                                        " iif(json_extract(parameters, '$.ramp_to') > 0, NULL,"
                                        "     json_extract(parameters, '$.events_per_second')),"
                                        " (SELECT iif(count(*) = 2, sum(value), NULL)"
                                        "  FROM baseline e WHERE metric IN"
                                        "   ('payload_bytes_per_delivery',"
                                        "    'framing_bytes_per_delivery')"
                                        "  AND e.strategy = b.strategy"
                                        "  AND e.experiment_id = b.experiment_id)"
                                        " FROM baseline b JOIN temp.strategy ON key = strategy"
                                        " WHERE experiment_id = ? AND metric = ?"
                                        " AND believed > 0 ORDER BY value, rank",
                                        "it", experiment_id, metric_name(name, id));
    int count = 0, row;
    while ((row = sql_next(statement)) == 1)
        if (count < STRATEGIES_MAX) read_answer(&answers[count++], statement);
    sqlite3_finalize(statement);
    return row < 0 ? -1 : count;
}

/* --- saying ----------------------------------------------------------------------------------- */

static void add_highlight(struct highlights *highlights, const char *about, char *text) {
    highlights->items =
        xgrow(highlights->items, (size_t)highlights->count, sizeof(*highlights->items));
    highlights->items[highlights->count++] = (struct highlight){xstrdup(about), text};
}

/* Takes the floor out; its value is NAN when there is none. Returns how many are left. */
static int split_floor(struct answer *answers, int count, struct answer *floor) {
    int kept = 0;
    *floor = (struct answer){.value = NAN, .low = NAN, .high = NAN};
    for (int i = 0; i < count; i++)
        if (answers[i].floor)
            *floor = answers[i];
        else
            answers[kept++] = answers[i];
    return kept;
}

/* The intervals of two overlap: the data cannot tell them apart. */
static bool level(const struct answer *one, const struct answer *other) {
    return intervals_overlap(one->low, one->high, other->low, other->high);
}

/* Of a single repeat most figures have no interval: a ratio of two would claim more than is known. */
static bool sure(const struct answer *answer) { return !isnan(answer->low); }

static bool shares_answers(const struct answer *answer) {
    return answer->requests > 0 && answer->requests < 0.75;
}

/* When events come more slowly, fewer share an answer: what an exchange costs besides their text is then
 * divided among fewer. At some rate the strategy that comes next costs the same, which is told; not where one
 * costs the same already, nor where a whole exchange for each event would still be cheaper. */
static void add_turning_rate(struct buffer *text, const struct answer *answers, int count,
                             const struct answer *floor) {
    int next = 1;
    while (next < count && shares_answers(&answers[next])) next++;
    if (next == count || level(&answers[0], &answers[next])) return;
    double shared = answers[0].value - floor->event, whole = shared / answers[0].requests;
    double room = answers[next].value - floor->event;
    if (!(answers[0].rate > 0 && shared > 0 && room > shared && room < whole)) return;
    double rate = answers[0].rate * shared / room;
    buffer_printf(text, " (at fewer than about %.*g events/s it turns round: %s is lower then)",
                  rate < 100 ? 2 : 3, rate, answers[next].title);
}

/* Why traffic and work per delivery are small: several events come in one answer. */
static void add_cause(struct buffer *text, const struct answer *answer, const char *group) {
    char events[HUMAN_SIZE];
    bool cost = strcmp(group, "bytes") == 0 || strcmp(group, "server_cpu") == 0;
    if (!cost || !shares_answers(answer)) return;
    buffer_printf(text, ", because %s events share an answer",
                  human_number(events, 1 / answer->requests));
}

static void add_level(struct buffer *text, const struct answer *answers, int count) {
    int found = 0;
    for (int i = 1; i < count; i++)
        if (level(&answers[0], &answers[i]))
            buffer_printf(text, "%s%s",
                          found++ > 0 ? ", " : "; not to be told from it: ", answers[i].title);
    if (found > 0) buffer_printf(text, " (the intervals overlap)");
}

static void add_floor(struct buffer *text, const struct answer *least, const struct answer *floor) {
    char factor[HUMAN_SIZE];
    if (level(least, floor))
        buffer_printf(text, ", level with the floor");
    else if (floor->value > 0 && sure(least) && sure(floor))
        buffer_printf(text, ", %s times the floor",
                      human_number(factor, least->value / floor->value));
}

static char *compare(const struct answer *answers, int count, const struct answer *floor,
                     const char *group) {
    struct buffer text = {0};
    char factor[HUMAN_SIZE];
    const struct answer *least = &answers[0], *most = &answers[count - 1];
    if (level(least, most)) {
        buffer_printf(&text,
                      "no measurable difference: %s with %s, %s with %s, and the intervals overlap",
                      least->text, least->title, most->text, most->title);
    } else {
        buffer_printf(&text, "lowest with %s, %s", least->title, least->text);
        add_floor(&text, least, floor);
        add_cause(&text, least, group);
        if (strcmp(group, "bytes") == 0 && shares_answers(least))
            add_turning_rate(&text, answers, count, floor);
        add_level(&text, answers, count);
        buffer_printf(&text, "; highest with %s, %s", most->title, most->text);
        if (least->value > 0 && sure(least) && sure(most))
            buffer_printf(&text, ", %s times as much",
                          human_number(factor, most->value / least->value));
    }
    buffer_printf(&text, ".");
    return text.data;
}

static int answer_question(struct highlights *highlights, sqlite3 *db, int64_t experiment_id,
                           struct metric_id id) {
    struct answer answers[STRATEGIES_MAX];
    struct answer floor;
    int count = read_answers(db, experiment_id, id, answers);
    if (count < 0) return -1;
    count = split_floor(answers, count, &floor);
    if (count > 1)
        add_highlight(highlights, metric_shown(id)->question,
                      compare(answers, count, &floor, id.kind->group));
    return 0;
}

/* Losses over all trials that ended, not only where parameters are held. */
static int answer_losses(struct highlights *highlights, sqlite3 *db, int64_t experiment_id) {
    sqlite3_stmt *statement =
        sql_prepare(db,
                    "SELECT title, sum(l.value), sum(e.value) FROM outcome o"
                    " JOIN metric l ON l.trial_id = o.trial_id AND l.name = 'lost'"
                    " JOIN metric e ON e.trial_id = o.trial_id AND e.name = 'expected'"
                    " JOIN temp.strategy ON key = o.strategy"
                    " WHERE experiment_id = :experiment GROUP BY o.strategy ORDER BY rank",
                    experiment_id);
    struct buffer text = {0};
    int row, count = 0;
    for (; (row = sql_next(statement)) == 1; count++)
        if (sql_number(statement, 1) > 0)
            buffer_printf(&text, "%s%s lost %.0f of %.0f", text.length > 0 ? "; " : "",
                          sql_column(statement, 0), sql_number(statement, 1),
                          sql_number(statement, 2));
    sqlite3_finalize(statement);
    if (text.length == 0) buffer_printf(&text, "none: every subscriber received every event");
    buffer_printf(&text, ".");
    if (count > 0)
        add_highlight(highlights, "Lost deliveries", text.data);
    else
        buffer_free(&text);
    return row;
}

/* The questions about this group of metrics, or about all others. */
static int answer_group(struct highlights *highlights, sqlite3 *db, int64_t experiment_id,
                        const char *group, bool others) {
    struct metric_id id = {0};
    while (metric_next(&id))
        if (metric_shown(id)->question != NULL && (strcmp(id.kind->group, group) == 0) != others &&
            answer_question(highlights, db, experiment_id, id) != 0)
            return -1;
    return 0;
}

/* The scenario's own question first. */
int highlights_read(struct highlights *highlights, sqlite3 *db, int64_t experiment_id) {
    memset(highlights, 0, sizeof(*highlights));
    if (sql_extend(db) != 0) return -1;
    char *group = story_setting(db, experiment_id, "question");
    const char *first = group == NULL ? "latency" : group;
    int status = answer_group(highlights, db, experiment_id, first, false);
    if (status == 0) status = answer_group(highlights, db, experiment_id, first, true);
    free(group);
    return status == 0 ? answer_losses(highlights, db, experiment_id) : -1;
}

void highlights_free(struct highlights *highlights) {
    for (int i = 0; i < highlights->count; i++) {
        free(highlights->items[i].about);
        free(highlights->items[i].text);
    }
    free(highlights->items);
    memset(highlights, 0, sizeof(*highlights));
}

/* Lines over cells. See evaluate.h. */
#include "expect/evaluate.h"

#include "base/log.h"
#include "base/memory.h"
#include "scenario/lines.h"
#include "scenario/scenario.h"
#include "store/sql.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- one set of cells ------------------------------------------------------------------------- */

const struct measured_cell *evaluation_cell(const struct evaluation *v,
                                            const struct reference *reference) {
    for (int i = 0; i < v->strategy_count; i++)
        if (reference->strategy == v->chosen[i]->strategy) return v->chosen[i];
    for (int i = 0; i < v->strategy_count; i++)
        if (json_object_get(v->chosen[i]->parameters, reference->name) != NULL) return v->chosen[i];
    return v->chosen[0];
}

static const struct figure *figure_of(const struct evaluation *v,
                                      const struct reference *reference) {
    return reference->unit == NULL ? NULL
                                   : cell_figure(evaluation_cell(v, reference), reference->name);
}

static void bind_key(sqlite3_stmt *statement, int parameter, const json_t *value) {
    if (json_is_number(value))
        sqlite3_bind_double(statement, parameter, json_number_value(value));
    else if (json_is_string(value))
        sqlite3_bind_text(statement, parameter, json_string_value(value), -1, SQLITE_TRANSIENT);
    else
        sqlite3_bind_null(statement, parameter);
}

int evaluation_at(const struct evaluation *v, int ends, double sides[2]) {
    const struct expectation *e = v->expectation;
    sqlite3_stmt *statement = e->statement;
    int figures = 0, result = -1;
    sqlite3_reset(statement);
    for (int i = 0; i < e->reference_count; i++) {
        const struct reference *reference = &e->references[i];
        const struct figure *figure = figure_of(v, reference);
        if (reference->unit == NULL) {
            bind_key(statement, i + 1,
                     json_object_get(evaluation_cell(v, reference)->parameters, reference->name));
            continue;
        }
        double value = figure == NULL ? NAN : figure->value;
        if (figure != NULL && ends >= 0 && !isnan(figure->low))
            value = ends >> figures & 1 ? figure->high : figure->low;
        figures++;
        sqlite3_bind_double(statement, i + 1, value);
    }
    if (sqlite3_step(statement) == SQLITE_ROW) {
        sides[0] = sql_number(statement, 0);
        sides[1] = sql_number(statement, 1);
        if (!sqlite3_column_int(statement, 2))
            result = 0;
        else
            result = isnan(sides[0]) || isnan(sides[1]) ? -1 : 1;
    }
    sqlite3_reset(statement);
    return result;
}

char *evaluation_unusable(const struct evaluation *v) {
    const struct expectation *e = v->expectation;
    for (int i = 0; i < e->reference_count; i++) {
        const struct reference *reference = &e->references[i];
        if (reference->unit == NULL) continue;
        const struct figure *figure = figure_of(v, reference);
        const char *key = evaluation_cell(v, reference)->strategy->key;
        if (figure == NULL || isnan(figure->value))
            return xasprintf("%s has no %s", key, reference->name);
        if (!figure->believed)
            return xasprintf("%s of %s may not be believed", reference->name, key);
    }
    return NULL;
}

int expectation_figures(const struct expectation *e) {
    int count = 0;
    for (int i = 0; i < e->reference_count; i++) count += e->references[i].unit != NULL;
    return count;
}

char *evaluation_label(const struct evaluation *v) {
    struct buffer label = {0};
    buffer_printf(&label, "%s",
                  expectation_for_each(v->expectation) ? v->chosen[0]->strategy->key : "");
    for (int i = 0; i < v->strategy_count; i++) {
        char *words = xstrdup(v->chosen[i]->label), *rest = words, *word;
        while ((word = strsep(&rest, " ")) != NULL)
            if (*word != '\0' && strstr(label.data, word) == NULL)
                buffer_printf(&label, "%s%s", label.length > 0 ? " " : "", word);
        free(words);
    }
    return label.data;
}

/* --- all of them ------------------------------------------------------------------------------ */

/* Whether the cell has the same value as those chosen before, of each key that they share. */
static bool goes_with(const struct evaluation *v, int count, const struct measured_cell *cell) {
    const char *key;
    json_t *value;
    for (int i = 0; i < count; i++) json_object_foreach(v->chosen[i]->parameters, key, value) {
            const json_t *other = json_object_get(cell->parameters, key);
            if (other != NULL && !json_equal(value, other)) return false;
        }
    return true;
}

/* Chooses a cell for the strategy of this number, and so on: each set that goes together is evaluated. */
static void choose(struct evaluation *v, int number) {
    if (number == v->strategy_count) {
        v->visit(v);
        return;
    }
    for (int i = 0; i < v->all->count; i++) {
        const struct measured_cell *cell = &v->all->cells[i];
        if (v->strategies[number] != NULL && cell->strategy != v->strategies[number]) continue;
        if (!goes_with(v, number, cell)) continue;
        v->chosen[number] = cell;
        choose(v, number + 1);
    }
}

static void name_strategy(struct evaluation *v, const struct strategy *strategy) {
    for (int i = 0; i < v->strategy_count; i++)
        if (v->strategies[i] == strategy) return;
    v->strategies[v->strategy_count++] = strategy;
}

void evaluation_walk(struct evaluation *v) {
    const struct expectation *e = v->expectation;
    for (int i = 0; i < e->reference_count; i++)
        if (e->references[i].strategy != NULL) name_strategy(v, e->references[i].strategy);
    if (v->strategy_count == 0) v->strategies[v->strategy_count++] = NULL; /* each */
    choose(v, 0);
}

/* --- the experiment --------------------------------------------------------------------------- */

sqlite3 *subject_nothing(void) {
    sqlite3 *db = NULL;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) die(1, "there is no memory left");
    return db;
}

json_t *subject_keys_of(const char *scenario_text) {
    static const char *const sections[] = {"hold", "vary"};
    json_t *keys = json_object();
    for (int i = 0; i < 2; i++) {
        struct scenario_lines lines;
        scenario_lines_read(&lines, scenario_text, sections[i]);
        for (int k = 0; k < lines.count; k++) {
            size_t prefix;
            json_object_set_new(keys, scenario_bare_key(lines.lines[k].key, &prefix), json_null());
        }
        scenario_lines_free(&lines);
    }
    return keys;
}

int subject_open(struct subject *subject, sqlite3 *db, int64_t experiment_id) {
    char *text = sql_one_text(db, "SELECT scenario_text FROM experiment WHERE id = :experiment",
                              experiment_id);
    *subject = (struct subject){.nothing = subject_nothing(),
                                .own = subject_keys_of(text == NULL ? "" : text)};
    int status = text == NULL ? -1 : cells_read(&subject->all, db, experiment_id);
    const json_t **parameters = xcalloc((size_t)subject->all.count + 1, sizeof(*parameters));
    for (int i = 0; i < subject->all.count; i++) parameters[i] = subject->all.cells[i].parameters;
    parameters[subject->all.count] = subject->own;
    subject->keys = (struct expect_keys){parameters, subject->all.count + 1};
    free(text);
    return status;
}

void subject_close(struct subject *subject) {
    sqlite3_close(subject->nothing);
    free((void *)subject->keys.parameters);
    json_decref(subject->own);
    cells_free(&subject->all);
}

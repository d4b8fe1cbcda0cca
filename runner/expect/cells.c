/* Reading the cells of an experiment, and what `summary` has of them. See cells.h. */
#include "expect/cells.h"

#include "base/memory.h"
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

static void read_figures(struct measured_cell *cell, sqlite3 *db, int64_t experiment_id,
                         const char *parameters) {
    sqlite3_stmt *rows = sql_query(db,
                                   "SELECT metric, value, low, high, believed FROM summary WHERE"
                                   " experiment_id = ? AND strategy = ? AND parameters = ?",
                                   "itt", experiment_id, cell->strategy->key, parameters);
    while (sql_next(rows) == 1) {
        cell->figures = xgrow(cell->figures, (size_t)cell->figure_count, sizeof(*cell->figures));
        cell->figures[cell->figure_count++] = (struct figure){
            .name = sql_copy(rows, 0),
            .value = sql_number(rows, 1),
            .low = sql_number(rows, 2),
            .high = sql_number(rows, 3),
            .believed = sqlite3_column_int(rows, 4) > 0,
        };
    }
    sqlite3_finalize(rows);
}

int cells_read(struct cells *all, sqlite3 *db, int64_t experiment_id) {
    sqlite3_stmt *rows =
        sql_query(db,
                  "SELECT strategy, parameters, " SQL_SETTING(
                      "c") " FROM cell c WHERE experiment_id = ? ORDER BY position",
                  "i", experiment_id);
    int row;
    while ((row = sql_next(rows)) == 1) {
        const struct strategy *strategy = strategy_find(sql_column(rows, 0));
        if (strategy == NULL) continue;
        all->cells = xgrow(all->cells, (size_t)all->count, sizeof(*all->cells));
        struct measured_cell *cell = &all->cells[all->count++];
        *cell = (struct measured_cell){
            .strategy = strategy,
            .parameters = json_loads(sql_column(rows, 1), 0, NULL),
            .parameters_text = sql_copy(rows, 1),
            .label = xstrdup(sql_column(rows, 2)),
        };
        read_figures(cell, db, experiment_id, sql_column(rows, 1));
    }
    sqlite3_finalize(rows);
    return row;
}

void cells_free(struct cells *all) {
    for (int i = 0; i < all->count; i++) {
        struct measured_cell *cell = &all->cells[i];
        for (int k = 0; k < cell->figure_count; k++) free(cell->figures[k].name);
        free(cell->figures);
        free(cell->label);
        free(cell->parameters_text);
        json_decref(cell->parameters);
    }
    free(all->cells);
}

const struct figure *cell_figure(const struct measured_cell *cell, const char *name) {
    for (int i = 0; i < cell->figure_count; i++)
        if (strcmp(cell->figures[i].name, name) == 0) return &cell->figures[i];
    return NULL;
}

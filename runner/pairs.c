/* The pairs of a paired run: more of them as long as the gate asks. See compare/decide.h. */
#include "experiment.h"

#include "base/memory.h"
#include "compare/gate.h"
#include "system/human.h"

#include <stdio.h>
#include <stdlib.h>

/* The number of the last pair of a batch, of any cell. */
static int last_pair(const struct plan *plan, int batch) {
    int last = 0;
    for (int i = 0; i < plan->trial_count; i++)
        if (plan->trials[i].batch == batch && plan->trials[i].repeat > last)
            last = plan->trials[i].repeat;
    return last;
}

/* Plans the pairs that the gate asks for in a batch, round by round, as far as there may be more trials. Returns how
 * many. */
static int plan_more(struct run *run, const struct gate *gate, int batch) {
    struct plan *plan = &run->plan;
    bool *wanted = xcalloc((size_t)plan->cell_count, sizeof(*wanted));
    int first = last_pair(plan, batch) + 1, added = 0, cells = 1;
    for (int round = 0; cells > 0; round++) {
        cells = 0;
        for (int i = 0; i < plan->cell_count; i++) {
            const struct cell *cell = &plan->cells[i];
            wanted[i] = gate_asks(gate, cell->strategy, cell->parameters, batch) > round;
            cells += wanted[i];
        }
        if (plan_add_pairs(plan, wanted, batch, first + round, 1) != 0) break;
        added += cells;
    }
    free(wanted);
    return added;
}

/* Stores what the gate asks for as planned. Returns how many pairs it is, or -1. */
static int extend(struct run *run, const struct gate *gate) {
    int before = run->plan.trial_count, more[GATE_BATCHES];
    for (int b = 0; b < GATE_BATCHES; b++) more[b] = plan_more(run, gate, b + 1);
    struct store_trial *rows = experiment_rows(&run->plan, before);
    int count = run->plan.trial_count - before;
    int status = count == 0 ? 0 : store_extend(run->db, run->experiment_id, rows, count);
    free(rows);
    if (status == 0 && more[1] > 0)
        printf("%d more pair%s to confirm what looks worse\n", more[1], plural(more[1]));
    else if (status == 0 && more[0] > 0)
        printf("%d more pair%s\n", more[0], plural(more[0]));
    return status == 0 ? more[0] + more[1] : -1;
}

/* Runs pairs until the gate asks for no more. */
int experiment_run_pairs(struct run *run) {
    int status = 0, more = 1;
    while (status == 0 && more > 0) {
        struct gate gate;
        status = experiment_run_trials(run);
        if (status != 0) break;
        more = gate_read(&gate, run->db, run->experiment_id) == 0 ? extend(run, &gate) : -1;
        gate_free(&gate);
        if (more < 0 || experiment_find_pending(run) != 0) status = 1;
    }
    return status;
}

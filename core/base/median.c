/* The middle of some values: see median.h. */
#include "base/median.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void sort_values(double *values, int count) {
    qsort(values, (size_t)count, sizeof(*values), compare_doubles);
}

double median(const double *values, int count) {
    double *sorted = xcalloc((size_t)count + 1, sizeof(*sorted));
    for (int i = 0; i < count; i++) sorted[i] = values[i];
    sort_values(sorted, count);
    double middle = count == 0 ? NAN : (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
    free(sorted);
    return middle;
}

/* Change points. See change_points.h. */
#include "figures/change_points.h"

#include "base/memory.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* --- Student's t ------------------------------------------------------------------------------ */

/* The continued fraction of the incomplete beta function, by Lentz's method (DLMF 8.17.22). */
static double beta_fraction(double x, double a, double b) {
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double f = d;
    for (int m = 1; m <= 300; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        double before = f;
        for (int i = 0; i < 2; i++) {
            double term = i == 0 ? even : odd;
            d = 1 + term * d;
            c = 1 + term / c;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            if (fabs(c) < tiny) c = tiny;
            f *= c * d;
        }
        if (fabs(f - before) < 1e-14 * fabs(f)) break;
    }
    return f;
}

/* The regularized incomplete beta function. */
static double beta(double x, double a, double b) {
    if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
    if (x > (a + 1) / (a + b + 2)) return 1 - beta(1 - x, b, a);
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    return front * beta_fraction(x, a, b) / a;
}

double student_p(double t, double freedom) {
    return beta(freedom / (freedom + t * t), freedom / 2, 0.5);
}

/* --- two sides -------------------------------------------------------------------------------- */

static double mean(const double *values, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) sum += values[i];
    return sum / count;
}

static double squares(const double *values, int count, double middle) {
    double sum = 0;
    for (int i = 0; i < count; i++) sum += (values[i] - middle) * (values[i] - middle);
    return sum;
}

/* Judges the cut between `from` and `to`, which is known to be at `point->at`. */
static void judge(const double *values, int from, int to, struct change_point *point) {
    int left = point->at - from, right = to - point->at;
    point->before = mean(values + from, left);
    point->after = mean(values + point->at, right);
    double spread = (squares(values + from, left, point->before) +
                     squares(values + point->at, right, point->after)) /
                    (left + right - 2);
    double error = sqrt(spread * (1.0 / left + 1.0 / right));
    double apart = point->after - point->before;
    if (error <= 0)
        point->p = apart == 0 ? 1 : 0;
    else
        point->p = student_p(apart / error, left + right - 2);
}

static bool stays(const struct change_point *point) {
    return point->p <= CHANGE_P &&
           fabs(point->after - point->before) >= CHANGE_LEAST * fabs(point->before);
}

/* The sum of distances between each of some values and each of some others. */
static double distances(const double *a, int count, const double *b, int others) {
    double sum = 0;
    for (int i = 0; i < count; i++)
        for (int k = 0; k < others; k++) sum += fabs(a[i] - b[k]);
    return sum;
}

/* How different two sides are: the energy distance, scaled by their sizes. */
static double divergence(const double *values, int left, int right) {
    const double *other = values + left;
    double between = 2 * distances(values, left, other, right) / left / right;
    double within = distances(values, left, values, left) / left / left +
                    distances(other, right, other, right) / right / right;
    return (between - within) * left * right / (left + right);
}

/* The cut after which both sides of [from, to) differ most; 0 when it is too short for one. */
static int best_cut(const double *values, int from, int to) {
    int best = 0;
    double most = 0;
    for (int at = from + CHANGE_SIDE; at <= to - CHANGE_SIDE; at++) {
        double own = divergence(values + from, at - from, to - at);
        if (own <= most) continue;
        most = own;
        best = at;
    }
    return best;
}

/* --- all cuts --------------------------------------------------------------------------------- */

/* Cuts [from, to) and then its parts, in order. A cut that does not stay is tried no further. */
static void cut(const double *values, int from, int to, struct change_point *points, int *count) {
    struct change_point point = {.at = best_cut(values, from, to)};
    if (point.at == 0) return;
    judge(values, from, to, &point);
    if (!stays(&point)) return;
    cut(values, from, point.at, points, count);
    points[(*count)++] = point;
    cut(values, point.at, to, points, count);
}

/* Judges each cut by the values between its neighbours, and takes away the weakest that does not stay, until
 * all do. */
int change_points(const double *values, int count, struct change_point *points) {
    int found = 0;
    cut(values, 0, count, points, &found);
    for (int weakest = 0; weakest >= 0;) {
        weakest = -1;
        for (int i = 0; i < found; i++) {
            judge(values, i == 0 ? 0 : points[i - 1].at, i + 1 == found ? count : points[i + 1].at,
                  &points[i]);
            if (!stays(&points[i]) && (weakest < 0 || points[i].p > points[weakest].p)) weakest = i;
        }
        if (weakest < 0) break;
        for (int i = weakest; i + 1 < found; i++) points[i] = points[i + 1];
        found--;
    }
    return found;
}

/* Where a series of figures changed: E-divisive with means, tested by Student's t, as Apache Otava (formerly Hunter)
 * does. The series is cut where the energy distance between both sides is greatest, and each side again; a cut stays
 * when the means on its two sides, up to the next cuts, differ significantly and by enough.
 *
 * Sources: D. S. Matteson and N. A. James, A nonparametric approach for multiple change point analysis of
 * multivariate data (2014); M. Fleming et al., Hunter: using change point detection to hunt for performance
 * regressions (2023). */
#ifndef PUSHPULL_CHANGE_POINTS_H
#define PUSHPULL_CHANGE_POINTS_H

#define CHANGE_P 0.001    /* a cut whose means differ as much by chance more often is none */
#define CHANGE_LEAST 0.01 /* nor is one between means that differ by less than this share */
#define CHANGE_SIDE 3     /* values on either side that a cut takes */

struct change_point {
    int at;               /* the first value after the change */
    double before, after; /* the means up to the neighbouring cuts */
    double p;
};

/* Finds them in `count` values, in order. `points` has room for `count`. Returns how many there are. */
int change_points(const double *values, int count, struct change_point *points);

/* The chance, two-sided, of a Student's t as far from 0 as this or further, with so many degrees of freedom. */
double student_p(double t, double freedom);

#endif

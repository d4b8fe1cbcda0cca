# Range and tick labels of a logarithmic axis, from its smallest and largest value:
#   call CHARTS."/decades.gp" "y" SECONDS smallest largest
# Labels at 1, 2 and 5 of a decade; over a wide range at 1 alone.
eval sprintf("set %srange [%g:%g]", ARG1, ARG3 / 1.4, ARG4 * 1.4)
eval sprintf("set %stics () scale 0.5", ARG1)
digits = ARG4 / ARG3 < 500 ? "1 2 5" : "1"
do for [e = floor(log10(ARG3 / 1.4)):ceil(log10(ARG4 * 1.4))] {
    do for [d in digits] {
        eval sprintf("set %stics add ('%s' %g)", ARG1, gprintf("%.0s %c", d * 10.0**e).ARG2, d * 10.0**e)
    }
}

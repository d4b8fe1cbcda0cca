# Tick labels of a linear axis from 0, all with the prefix that suits the largest value:
#   call CHARTS."/linear.gp" "x" "s" largest
raw = ARG3 / 5
power = 10.0 ** floor(log10(raw))
step = raw / power > 5 ? 10 * power : raw / power > 2 ? 5 * power : raw / power > 1 ? 2 * power : power
scale = ARG3 < 1e-3 ? 1e-6 : ARG3 < 1 ? 1e-3 : ARG3 < 1e3 ? 1 : ARG3 < 1e6 ? 1e3 : 1e6
prefix = scale == 1e-6 ? "µ" : scale == 1e-3 ? "m" : scale == 1 ? "" : scale == 1e3 ? "k" : "M"
eval sprintf("set %srange [0:%g]", ARG1, ARG3 * 1.16)
eval sprintf("set %stics ('0' 0)", ARG1)
do for [i = 1:5] {
    eval sprintf("set %stics add ('%g %s%s' %g)", ARG1, i * step / scale, prefix, ARG2, i * step)
}

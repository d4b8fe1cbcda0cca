# The legend of a picture of several panels, as a panel of its own above them. In a multiplot, after the margins of the
# legend: `load CHARTS."/legend.gp"`, then `plot` of nothing but titles, then `load CHARTS."/panels.gp"`.
unset border
unset tics
unset grid
unset title
set xrange [0:1]
set yrange [0:1]
set key center horizontal Left reverse samplen 2.5 width 1

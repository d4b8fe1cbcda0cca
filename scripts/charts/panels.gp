# After the legend (legend.gp): axes again for the panels, which have no legend, and the load only once.
unset key
unset label 99
set border 3 linewidth 0.8
set xtics nomirror scale 0.5
set ytics nomirror scale 0.5
set grid linecolor rgb "#a0808080" linewidth 0.5 dashtype solid

# Where a class's predictions lay. A row per question; a diamond per student, moved a little so that equal ones are
# seen side by side. Columns: question, how many times too much, student.
count = words(QUESTIONS)
eval picture(720, 120 + 60 * count)
set logscale x
stats DATA using 2 nooutput
low = STATS_min < 0.5 ? STATS_min : 0.5
high = STATS_max > 2 ? STATS_max : 2
set xrange [low / 1.5 : high * 1.5]
set format x "%g"
set xlabel "predicted / came out   (1: it came true)"
set yrange [-count - 0.6 : -0.4]
set border 1
set ytics () scale 0 noenhanced
do for [i = 1:count] { set ytics add (word(QUESTIONS, i) -i) }
set arrow from 1, graph 0 to 1, graph 1 nohead linecolor rgb "black" linewidth 1.5 dashtype 2
set title TITLE.": what ".HANDED_IN." predicted" noenhanced
plot DATA using 2:(-$1 + 0.24 * sin(2.4 * $3)) with points pointtype 12 pointsize 1.2 linewidth 1.5 linecolor rgb "#0072b2" notitle

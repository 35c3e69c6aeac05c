# optimum-coverage.gp -- In how many samples the interval of C2.9 holds the
# optimum of the law, three columns of each, against the rows of a sample; bars
# of two standard errors, dashed the nominal .95. Light tails arrive there; for
# heavy ones the estimated fourth moment converges slowly; Student's t of 3
# degrees has none, and its share tends to .805 (dashed), that of a sum of a
# stable law of index 3/2 over its own size.
width = 640; height = 440
load 'plots/style.gp'

file = out.'/optimum-coverage.csv'
laws = '"normal" "uniform" "exponential" "t 10" "t 5" "t 3"'
set datafile missing NaN
set logscale x
set xrange [40:5200]
set xtics (50, 200, 1000, 4000)
set yrange [0.5:1]
set xlabel 'rows n of a sample'
set ylabel 'share of intervals that hold'
set key bottom right maxrows 4 samplen 2
set ytics add ('0.95' 0.95)
set label 1 'limit of t 3' at 42, 0.822 font ',11'
of(i) = stringcolumn('rows_of') eq word(laws, i) ? column('n') * (1 + 0.03 * (i - 3.5)) : NaN
plot 0.95 with lines ls theory notitle, 0.805 with lines ls theory notitle, \
     for [i = 1:6] file using (of(i)):'share_held' with lines ls i notitle, \
     for [i = 1:6] file using (of(i)):'share_held':(2 * column('se_share_held')) \
         with yerrorbars ls i dt 1 lw 1 title word(laws, i)

# stability-full.gp -- Descent of the linear flow on a whole table, $d = 3$,
# second moments of condition 10, from a start that is far off: $beta - 1$,
# $beta$ the largest of the eigenvalues of $W R W'$ and their inverses, is 0 at
# the optimum. It stays below what the contraction by $1 - 2 min a (1 - a)$ a
# step allows (dashed), $a = eta lambda_i$; a line for each rate.
width = 620; height = 420
load 'plots/style.gp'

file = out.'/stability-full.csv'
shares = '0.2 0.5 0.9'
of(s, y) = column('share') == s && y > 0 ? y : NaN
set datafile missing NaN
set format y '10^{%T}'
set yrange [1e-7:300]
set xrange [0:60]
set xlabel 'steps'
set ylabel 'β - 1'
set key bottom left
set rmargin 14
stats file using (column('step') == 60 ? of(word(shares, 1) + 0, column('predicted_beta_less_1')) : NaN) name 'A' nooutput
stats file using (column('step') == 60 ? of(word(shares, 2) + 0, column('predicted_beta_less_1')) : NaN) name 'B' nooutput
stats file using (column('step') == 60 ? of(word(shares, 3) + 0, column('predicted_beta_less_1')) : NaN) name 'C' nooutput
set label 1 'bound at 0.2' at 61, A_max font ',11'
set label 2 'bound at 0.5' at 61, B_max font ',11'
set label 3 'bound at 0.9' at 61, C_max font ',11'
set logscale y
plot for [i = 1:3] file using 'step':(of(word(shares, i) + 0, column('predicted_beta_less_1'))) with lines ls theory lw 0.8 notitle, \
     for [i = 1:3] file using 'step':(of(word(shares, i) + 0, column('beta_less_1'))) with linespoints ls i pi 6 title 'rate '.word(shares, i).' / λ_1'
